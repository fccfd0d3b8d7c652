//! Group. Built on CreateGroup, UpdateGroup, GetGroup, DeleteGroup.
//!
//! Cannot change in place: the name. Cannot be unset by leaving out (the API page is silent): description and role are
//! sent empty. Must exist first: the pool.

use super::{Kind, Listed, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Reset, Rule, Simple, number, string};
use crate::fold::Fold;

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
    listed: Some(Listed { operation: "ListGroups", member: "Groups", limit: "Limit", most: 60, name: "GroupName" }),
    advice: super::advice::GROUP,
    terraform: Terraform {
        aws_type: "aws_cognito_user_group",
        offered: true,
        id: Some('/'),
        import: Some('/'),
        computed: &[("id", Simple::String, false, "POOL/NAME.")],
        own: &[],
        example: "  user_pool_id = poolform_user_pool.pool.id\n  name         = \"admins\"\n",
        example_id: "us-east-1_AbCdEfGhI/admins",
    },
    rules: &Group,
    ..PLAIN
};

struct Group;

impl Rules for Group {
    /// Cognito tells groups apart by letters alone, not by their case.
    fn alike(&self) -> Fold {
        Fold::Case
    }

    fn why_same_name(&self, list: &str, name: &str, exactly: bool) -> String {
        if exactly {
            return format!("Two elements of \"{list}\" are called \"{name}\". Rename or remove one of them.");
        }
        format!(
            "Another element of \"{list}\" is called like \"{name}\" but for letter case, which is the same to Cognito. \
             Rename or remove one of them."
        )
    }

    fn lost_by_renaming(&self) -> Option<String> {
        Some("a group of another name is another group, without the members of this one".to_owned())
    }
}
