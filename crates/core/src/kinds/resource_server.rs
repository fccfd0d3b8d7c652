//! Resource server. Built on CreateResourceServer, UpdateResourceServer, DescribeResourceServer, DeleteResourceServer.
//!
//! Cannot change in place: the identifier. Cannot be unset: nothing. Must exist first: the pool. Cognito lets go a
//! scope that clients still name and refuses their next write, so clients are moved before a resource server goes.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use super::Kind;
use crate::argument::{Argument, Rule, records, string};
use crate::plan::{self, Draft, Drafting};
use crate::setting;

static SCOPES: &[Argument] = &[
    string("scope_name")
        .api("ScopeName")
        .required()
        .doc("Name of the scope, without a slash: IDENTIFIER/NAME is what clients ask for."),
    string("scope_description").api("ScopeDescription").required().doc("What the scope allows."),
];

/// One resource server of `resource_servers`.
pub static ARGUMENTS: &[Argument] = &[
    string("identifier")
        .api("Identifier")
        .required()
        .doc("What tells the resource server apart, mostly the API's URL."),
    string("name").api("Name").required().doc("Its name."),
    records("scopes", SCOPES)
        .alias("scope")
        .resource("scope")
        .api("Scopes")
        .rule(Rule::AtMost(100))
        .doc("Its scopes, 100 at most; order does not matter."),
];

/// Resource server.
pub static KIND: Kind = Kind {
    name: "ResourceServer",
    noun: "resource server",
    segment: "resource_server",
    key: "Identifier",
    arguments: ARGUMENTS,
    create: "CreateResourceServer",
    update: "UpdateResourceServer",
    delete: "DeleteResourceServer",
    look: &[("DescribeResourceServer", "ResourceServer", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("Identifier", "Identifier")],
    never_echoed: &[],
    settle: super::as_answered,
    same,
    draft,
};

fn same(path: &str, desired: &Json, observed: &Json) -> Option<bool> {
    (path == "Scopes").then(|| {
        setting::sorted(desired) == setting::sorted(observed)
            || setting::is_empty(desired) && setting::is_empty(observed)
    })
}

fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
    plan::part(drafting, plan::Phase::Part, plan::Phase::PartRemoval)
}

/// The rules between a resource server's settings.
pub(crate) fn check(desired: &crate::Desired, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<&str> = Vec::new();
    let scopes = setting::get(&desired.settings, "Scopes").as_array();
    for name in scopes.into_iter().flatten().filter_map(|scope| scope["ScopeName"].as_str()) {
        if seen.contains(&name) {
            let name = desired.shown("Scopes", format_args!("\"{name}\""));
            diagnostics.push(
                Diagnostic::error(
                    "Scope given twice",
                    format!("The resource server has the scope {name} twice. Rename or remove one of them."),
                )
                .about(&desired.call, &desired.place("Scopes")),
            );
        }
        seen.push(name);
    }
}

/// The scopes that clients can ask for, `IDENTIFIER/SCOPE`.
pub(crate) fn scopes(settings: &Object) -> Vec<String> {
    let identifier = setting::get(settings, "Identifier").as_str().unwrap_or_default();
    setting::get(settings, "Scopes")
        .as_array()
        .map(|scopes| {
            scopes
                .iter()
                .filter_map(|scope| scope["ScopeName"].as_str().map(|name| format!("{identifier}/{name}")))
                .collect()
        })
        .unwrap_or_default()
}
