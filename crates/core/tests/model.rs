//! Every member of the requests that configure user pools has a row, or a reason why it has none.

use std::collections::BTreeSet;

use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::kinds::{KINDS, Kind};
use poolform_model::{Content, Shape, operation, shape};

/// Members without a row, and why: the operation, the path, the reason.
const WITHOUT_A_ROW: &[(&str, &str, &str)] = &[
    (
        "CreateUserPool",
        "AdminCreateUserConfig.UnusedAccountValidityDays",
        "an older name of TemporaryPasswordValidityDays",
    ),
    (
        "UpdateUserPool",
        "AdminCreateUserConfig.UnusedAccountValidityDays",
        "an older name of TemporaryPasswordValidityDays",
    ),
    ("CreateUserPool", "EmailVerificationMessage", "said again by the template, which has a row"),
    ("UpdateUserPool", "EmailVerificationMessage", "said again by the template, which has a row"),
    ("CreateUserPool", "EmailVerificationSubject", "said again by the template, which has a row"),
    ("UpdateUserPool", "EmailVerificationSubject", "said again by the template, which has a row"),
    ("CreateUserPool", "SmsVerificationMessage", "said again by the template, which has a row"),
    ("UpdateUserPool", "SmsVerificationMessage", "said again by the template, which has a row"),
    ("CreateUserPool", "MfaConfiguration", "said by SetUserPoolMfaConfig, with the factors"),
    ("UpdateUserPool", "MfaConfiguration", "said by SetUserPoolMfaConfig, with the factors"),
    ("SetUserPoolMfaConfig", "SmsMfaConfiguration", "what the pool says of SMS, said again"),
    ("CreateUserPool", "SmsConfiguration.EumsSms", "End User Messaging in place of SNS: not built, sent back as it is"),
    ("UpdateUserPool", "SmsConfiguration.EumsSms", "End User Messaging in place of SNS: not built, sent back as it is"),
    (
        "CreateUserPoolClient",
        "ClientSecret",
        "a secret of one's own would stand in the files; rotate-secret gives another one",
    ),
    (
        "CreateUserPoolClient",
        "PublishSecretsInAWSSecretsManager",
        "no answer is recorded that shows whether it is set, so that no plan after it could be empty",
    ),
    (
        "UpdateUserPoolClient",
        "PublishSecretsInAWSSecretsManager",
        "no answer is recorded that shows whether it is set, so that no plan after it could be empty",
    ),
    ("UpdateManagedLoginBranding", "ManagedLoginBrandingId", "Cognito makes it up, and a look gives it"),
];

/// The members of a request that are no objects, by path; lists of objects are members of their own.
fn members(shape: &'static Shape, path: &str, found: &mut BTreeSet<String>) {
    match &shape.content {
        Content::Structure { members: all, .. } if !all.is_empty() => {
            for (name, _) in all {
                let inner = shape.member(name).unwrap();
                let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                members(inner, &at, found);
            }
        }
        Content::List(element) => match poolform_model::shape(element) {
            Some(inner) if matches!(inner.content, Content::Structure { .. }) => members(inner, path, found),
            _ => {
                found.insert(path.to_owned());
            }
        },
        _ => {
            found.insert(path.to_owned());
        }
    }
}

/// The paths that rows place.
fn placed(rows: &'static [Argument], around: &str, found: &mut BTreeSet<String>) {
    for row in rows {
        let at = if around.is_empty() { row.api.to_owned() } else { format!("{around}.{}", row.api) };
        match row.kind {
            Type::Record(inner) => placed(inner, "", found),
            Type::Records(inner) => placed(inner, &at, found),
            _ => {}
        }
        found.insert(at);
    }
}

fn without_a_row(kind: &'static Kind, name: &str, under: &str) -> Vec<String> {
    let mut wanted = BTreeSet::new();
    let input = operation(name).and_then(|operation| shape(operation.input)).unwrap();
    members(input, "", &mut wanted);
    let mut rows = BTreeSet::new();
    placed(kind.arguments, "", &mut rows);
    let has = |path: &str| {
        let full = if under.is_empty() { path.to_owned() } else { format!("{under}.{path}") };
        let named = kind.identity.iter().any(|(member, _)| *member == path);
        // A row may place a whole object or map.
        let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
        // And rows may place the entries of one.
        named || rows.iter().any(|row| !row.is_empty() && (full == *row || within(&full, row) || within(row, &full)))
    };
    let excused = |path: &str| {
        WITHOUT_A_ROW.iter().any(|(of, whole, _)| {
            *of == name && (path == *whole || path.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.')))
        })
    };
    wanted.into_iter().filter(|path| !has(path) && !excused(path)).map(|path| format!("{name} {path}")).collect()
}

#[test]
fn every_member_has_a_row_or_a_reason() {
    let mut missing = Vec::new();
    for kind in KINDS {
        let requests = [(kind.create, ""), (kind.update, "")];
        let families = kind.families.iter().map(|family| (family.operation, family.under));
        let all: BTreeSet<(&str, &str)> = requests.into_iter().chain(families).collect();
        for (name, under) in all {
            missing.extend(without_a_row(kind, name, under));
        }
    }
    for (name, path, reason) in WITHOUT_A_ROW {
        let whole = path.split('.').next().unwrap_or(path);
        let is_there = operation(name).and_then(|each| shape(each.input)?.member(whole)).is_some();
        assert!(is_there && !reason.is_empty(), "{name} {path} is no member, or has no reason");
    }
    assert!(missing.is_empty(), "neither a row nor a reason:\n{}", missing.join("\n"));
}
