//! User pools, their factors, attributes and tags.

pub(crate) mod attributes;
pub(crate) mod mfa;
pub(crate) mod pool;
pub(crate) mod tags;

use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Steps, Write};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateUserPool", Write(pool::create)),
    ("DescribeUserPool", Read(pool::describe)),
    ("UpdateUserPool", Write(pool::update)),
    ("DeleteUserPool", Steps(pool::delete)),
    ("ListUserPools", Read(pool::list)),
    ("AddCustomAttributes", Write(attributes::add)),
    ("GetUserPoolMfaConfig", Read(mfa::get)),
    ("SetUserPoolMfaConfig", Write(mfa::set)),
    ("TagResource", Write(tags::tag)),
    ("UntagResource", Write(tags::untag)),
    ("ListTagsForResource", Read(tags::list)),
];
