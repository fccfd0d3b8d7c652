//! Resource server. Built on CreateResourceServer, UpdateResourceServer, DescribeResourceServer, DeleteResourceServer.
//!
//! Cannot change in place: the identifier. Cannot be unset: nothing. Must exist first: the pool. Cognito lets go a
//! scope that clients still name and refuses their next write, so clients are moved before a resource server goes.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

use super::rules::shown_attributes;
use super::{Kind, Listed, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Rule, Simple, records, string};
use crate::decode::Decoded;
use crate::output::Endpoints;
use crate::plan::{self, Draft, Drafting};
use crate::resource::{Desired, Observed};
use crate::setting;

/// Scopes of one resource server (quotas page).
const SCOPES_AT_MOST: usize = 100;

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
        .rule(Rule::AtMost(SCOPES_AT_MOST))
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
    listed: Some(Listed {
        operation: "ListResourceServers",
        member: "ResourceServers",
        limit: "MaxResults",
        most: 50,
        name: "Identifier",
    }),
    advice: super::advice::RESOURCE_SERVER,
    terraform: Terraform {
        aws_type: "aws_cognito_resource_server",
        offered: true,
        id: Some('|'),
        import: Some('|'),
        computed: &[
            ("id", Simple::String, false, "POOL|IDENTIFIER."),
            ("scope_identifiers", Simple::List, false, "IDENTIFIER/SCOPE of each scope, as clients name them."),
        ],
        own: &[],
        example: "  user_pool_id = poolform_user_pool.pool.id\n  identifier   = \"https://api.example.com\"\n  name         = \"API\"\n  scope        = [{ scope_name = \"read\", scope_description = \"Reads\" }]\n",
        example_id: "us-east-1_AbCdEfGhI|https://api.example.com",
    },
    rules: &ResourceServer,
    ..PLAIN
};

struct ResourceServer;

impl Rules for ResourceServer {
    fn check(&self, _decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        check(desired, diagnostics);
    }

    fn same(&self, path: &str, desired: &Json, observed: &Json) -> Option<bool> {
        (path == "Scopes").then(|| {
            setting::sorted(desired) == setting::sorted(observed)
                || setting::is_empty(desired) && setting::is_empty(observed)
        })
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        draft(drafting)
    }

    fn foretold(&self, settings: &Object) -> Object {
        Object::from_iter([("scope_identifiers".to_owned(), json!(scopes(settings)))])
    }

    fn attributes(&self, kind: &Kind, observed: &Observed, _: &Json, _: &Json, _: &Endpoints<'_>) -> Object {
        let mut attributes = shown_attributes(kind, observed);
        attributes.insert("scope_identifiers".to_owned(), json!(scopes(&observed.settings)));
        attributes
    }
}

/// Scopes come before the clients that name them, and go once no client names them any more.
fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
    let mut drafts = plan::part(drafting, plan::Phase::Part, plan::Phase::PartRemoval);
    let (Some(_), Some(observed), [update]) = (drafting.desired, drafting.observed, drafts.as_mut_slice()) else {
        return drafts;
    };
    if update.operation != KIND.update {
        return drafts;
    }
    let named = |tree: &Object| -> Vec<Json> {
        setting::get(tree, "Scopes").as_array().into_iter().flatten().map(|scope| scope["ScopeName"].clone()).collect()
    };
    let (before, after) = (named(&observed.settings), named(&update.body));
    let goes = |scope: &&Json| !after.contains(&scope["ScopeName"]);
    let going: Vec<Json> =
        setting::get(&observed.settings, "Scopes").as_array().into_iter().flatten().filter(goes).cloned().collect();
    if going.is_empty() {
        return drafts;
    }
    update.phase = plan::Phase::PartRemoval;
    if after.iter().all(|scope| before.contains(scope)) {
        return drafts;
    }
    let mut body = update.body.clone();
    let mut all = setting::get(&body, "Scopes").as_array().cloned().unwrap_or_default();
    // A hundred is the most there can be; then there is no room for a step between.
    if all.len() + going.len() > SCOPES_AT_MOST {
        update.phase = plan::Phase::Part;
        return drafts;
    }
    all.extend(going);
    setting::put(&mut body, "Scopes", Json::Array(all));
    let why = "new scopes come before the clients that name them";
    let first = Draft::new(drafting, KIND.update, body, plan::Phase::Part, why);
    update.chained = true;
    update.why = "old scopes go once no client names them".to_owned();
    drafts.insert(0, first);
    drafts
}

/// The rules between a resource server's settings.
fn check(desired: &Desired, diagnostics: &mut Diagnostics) {
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
