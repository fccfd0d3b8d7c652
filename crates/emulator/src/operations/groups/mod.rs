//! Groups and who is in them.

pub(crate) mod group;
pub(crate) mod membership;

use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateGroup", Write(group::create)),
    ("GetGroup", Read(group::get)),
    ("UpdateGroup", Write(group::update)),
    ("DeleteGroup", Write(group::delete)),
    ("ListGroups", Read(group::list)),
    ("AdminAddUserToGroup", Write(membership::add)),
    ("AdminRemoveUserFromGroup", Write(membership::remove)),
    ("AdminListGroupsForUser", Read(membership::groups_of_user)),
    ("ListUsersInGroup", Read(membership::users_in_group)),
];
