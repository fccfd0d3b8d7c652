//! Group. Built on CreateGroup, UpdateGroup, GetGroup, DeleteGroup.
//!
//! Cannot change in place: the name. Cannot be unset by leaving out (the API page is silent): description and role are
//! sent empty. Must exist first: the pool.

use super::Kind;
use crate::argument::{Argument, Reset, Rule, number, string};
use crate::plan::{self, Draft, Drafting};

/// One group of `user_groups`.
pub static ARGUMENTS: &[Argument] = &[
    string("name").api("GroupName").required().doc("Name of the group."),
    string("description").api("Description").reset(Reset::Json("\"\"")).doc("What the group is for."),
    number("precedence")
        .api("Precedence")
        .rule(Rule::Between(0, 2_147_483_647))
        .reset(Reset::Never("UpdateGroup has no way to take a precedence away"))
        .doc("Which group's role wins: the lowest; 0 is a value."),
    string("role_arn")
        .api("RoleArn")
        .rule(Rule::Arn)
        .reset(Reset::Never("UpdateGroup has no way to take a role away"))
        .doc("Role that members may take."),
];

/// Group.
pub static KIND: Kind = Kind {
    name: "Group",
    noun: "group",
    segment: "group",
    key: "GroupName",
    arguments: ARGUMENTS,
    create: "CreateGroup",
    update: "UpdateGroup",
    delete: "DeleteGroup",
    look: &[("GetGroup", "Group", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("GroupName", "GroupName")],
    never_echoed: &[],
    settle: super::as_answered,
    same: super::plainly,
    draft,
};

fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
    plan::part(drafting, plan::Phase::Part, plan::Phase::PartRemoval)
}
