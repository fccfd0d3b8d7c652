//! Membership of a user in a group. Built on AdminAddUserToGroup, AdminListGroupsForUser, AdminRemoveUserFromGroup.
//!
//! Nothing of it changes in place: it is there or not. Must exist first: the user and the group.

use poolform_model::Object;
use serde_json::Value as Json;

use super::{Kind, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Simple, string};
use crate::plan::{self, Draft, Drafting, Phase};
use crate::setting;

/// One membership.
pub static ARGUMENTS: &[Argument] = &[
    string("group_name").only_in_resource().api("GroupName").required().doc("Name of the group."),
    string("username").only_in_resource().api("Username").required().doc("Name of the user."),
];

/// Membership.
pub static KIND: Kind = Kind {
    name: "UserInGroup",
    noun: "membership in a group",
    segment: "user_in_group",
    key: "GroupName",
    arguments: ARGUMENTS,
    create: "AdminAddUserToGroup",
    update: "AdminAddUserToGroup",
    delete: "AdminRemoveUserFromGroup",
    look: &[("AdminListGroupsForUser", "", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("GroupName", "GroupName"), ("Username", "Username")],
    terraform: Terraform {
        aws_type: "aws_cognito_user_in_group",
        offered: false,
        id: Some('/'),
        import: Some('/'),
        computed: &[("id", Simple::String, false, "POOL/GROUP/USERNAME.")],
        own: &[],
        example: "",
        example_id: "",
    },
    rules: &UserInGroup,
    ..PLAIN
};

struct UserInGroup;

impl Rules for UserInGroup {
    /// Of all groups of the user, the one.
    fn found(&self, identity: &Object, answer: Object) -> Option<Object> {
        let groups = setting::get(&answer, "Groups").as_array()?;
        let is_member = groups.iter().any(|group| Some(&group["GroupName"]) == identity.get("GroupName"));
        is_member.then(|| identity.clone())
    }

    fn settle(&self, answer: &Object) -> Object {
        answer.clone()
    }

    fn same(&self, path: &str, _desired: &Json, _observed: &Json) -> Option<bool> {
        (path == "UserPoolId").then_some(true)
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        plan::part(drafting, Phase::Membership, Phase::MembershipRemoval)
    }
}
