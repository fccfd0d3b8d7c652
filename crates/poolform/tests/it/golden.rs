//! Every recorded case of the original module, on the embedded Cognito: what is held afterwards, the outputs, an empty
//! second plan, no more requests than the original sent, and nothing left after a destroy.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::canonical::{canonical, empty, holds_at, missing};
use crate::command::{Folder, fixtures, folders};

pub fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The attributes of outputs that are the run's own, or stale in the recording.
const OWN: &[&str] = &[
    "id",
    "arn",
    "endpoint",
    "creation_date",
    "last_modified_date",
    "user_pool_id",
    "aws_account_id",
    "cloudfront_distribution",
    "cloudfront_distribution_arn",
    "domain",
    "custom_domain",
    "deletion_protection",
    "certificate_arn",
    "client_secret",
    "s3_bucket",
    "version",
    // Mirrors of the verification template, which the original lets go stale.
    "email_verification_message",
    "email_verification_subject",
];

/// Every non-empty value of a recorded output is there and equal; `[]`, `""` and `0` may mean "not read yet".
pub fn compare_output(expected: &Value, actual: &Value, path: &str, found: &mut Vec<String>) {
    match (expected, actual) {
        (expected, _) if empty(expected) || *expected == json!(0) => {}
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                if !OWN.contains(&name.as_str()) {
                    compare_output(value, actual.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"), found);
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if path.ends_with(".schema") => {
            for entry in expected {
                match actual.iter().find(|other| other["name"] == entry["name"]) {
                    Some(other) => compare_output(entry, other, path, found),
                    None => found.push(format!("{path} lacks {entry}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare_output(expected, actual, &format!("{path}[{index}]"), found);
            }
        }
        (expected, actual) if expected != actual => found.push(format!("{path}: expected {expected}, found {actual}")),
        _ => {}
    }
}

/// Outputs whose recorded values are ids made by the run.
pub fn of_the_run(name: &str) -> bool {
    ["client_secrets", "client_ids", "id", "endpoint", "issuer"].contains(&name)
}

fn check_outputs(folder: &Folder, expected: &Value, found: &mut Vec<String>) {
    for (name, output) in expected.as_object().into_iter().flatten() {
        let shown = folder.run(&["output", "-local", "-json", name]).exits(0);
        let actual: Value = serde_json::from_str(&shown.stdout()).unwrap();
        if of_the_run(name) || name.ends_with("_id") || name.ends_with("_ids") {
            let keys = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
            if keys(&output["value"]) != keys(&actual) {
                found.push(format!("output {name}: other keys, {actual}"));
            }
        } else {
            compare_output(&output["value"], &actual, name, found);
        }
    }
}

/// Runs one case; the problems, and requests sent and recorded.
fn run(case: &Path) -> (Vec<String>, usize, usize) {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let folder = Folder::new(&name);
    let mut found = Vec::new();
    let (mut sent, mut recorded) = (0, 0);
    for step in folders(case) {
        let at = format!("{name}/{}", step.file_name().unwrap().to_string_lossy());
        let expected = read(&step.join("expected.json"));
        folder.fill(&step);
        if expected.get("permission").is_some() || expected.get("refused_at").is_some() {
            let refused = folder.run(&["apply", "-local", "-auto-approve"]);
            if refused.code() != 1 || !refused.stderr().contains("not possible in place") {
                found.push(format!("{at}: not refused: {}{}", refused.stdout(), refused.stderr()));
            }
            let writes = folder.requests().iter().filter(|request| is_write(request)).count();
            if writes > 0 {
                found.push(format!("{at}: {writes} writing calls before the refusal"));
            }
            if expected.get("permission").is_none() {
                folder.fill(&case.join("step-1"));
                continue;
            }
        }
        let mut allowed = replaced_clients(&expected);
        allowed.extend(expected["permission"].as_str().map(str::to_owned));
        let mut arguments = vec!["apply", "-local", "-auto-approve"];
        arguments.extend(allowed.iter().map(String::as_str));
        let applied = folder.run(&arguments);
        if applied.code() != 0 {
            found.push(format!("{at}: apply failed: {}{}", applied.stdout(), applied.stderr()));
            return (found, sent, recorded);
        }
        let requests = folder.requests();
        let calls = expected["calls"].as_array().map_or(0, Vec::len);
        if expected.get("not_recorded").is_none() {
            sent += requests.len();
            recorded += calls;
            let ours: Vec<&str> = requests.iter().filter_map(|request| request["operation"].as_str()).collect();
            // A safe update reads before it writes; the original does so in the plan, which the recording leaves out.
            let reads_of_the_plan =
                if at.ends_with("step-1") { 0 } else { ours.iter().filter(|operation| !is_writing(operation)).count() };
            if requests.len() - reads_of_the_plan > calls {
                found.push(format!("{at}: {} requests, the original sent {calls}: {ours:?}", requests.len()));
            }
        }
        if expected.get("not_compared").is_none() {
            compare_requests(&expected, &requests, &at, &mut found);
        }
        if let Some(held) = expected.get("holds").filter(|_| expected.get("not_compared").is_none()) {
            let actual = holds_at(&folder.0.join(".poolform/cognito.redb"));
            let before = found.len();
            missing(&as_cognito_would(held), &actual, &at, &mut found);
            // The number of pools is compared by the list itself; users are never made here.
            found[before..].iter_mut().for_each(|problem| problem.insert_str(0, "holds: "));
        }
        if expected.get("not_compared").is_none() {
            check_outputs(&folder, &expected["outputs"], &mut found);
        }
        let again = folder.run(&["plan", "-local", "-detailed-exitcode"]);
        if again.code() != 0 {
            found.push(format!("{at}: the next plan is not empty: {}{}", again.stdout(), again.stderr()));
        }
        folder.requests();
    }
    let destroyed = folder.run(&["destroy", "-local", "-auto-approve"]);
    if destroyed.code() != 0 {
        found.push(format!("{name}: destroy failed: {}{}", destroyed.stdout(), destroyed.stderr()));
    }
    let left = holds_at(&folder.0.join(".poolform/cognito.redb"));
    if !empty(&left) {
        found.push(format!("{name}: destroy leaves {left}"));
    }
    (found, sent, recorded)
}

/// What the original replaces without asking, and poolform only when it is named: clients.
pub fn replaced_clients(expected: &Value) -> Vec<String> {
    let client = |address: &str| {
        let (module, rest) = address.split_once(".aws_cognito_user_pool_client.client")?;
        Some(format!("-allow-replace={module}.client{rest}"))
    };
    expected["planned"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|change| change["actions"] == json!(["delete", "create"]))
        .filter_map(|change| client(change["address"].as_str()?))
        .collect()
}

/// Members of a pool that say again what its verification template says: (mirror, template's member).
const MIRRORS: &[(&str, &str)] = &[
    ("EmailVerificationMessage", "EmailMessage"),
    ("EmailVerificationSubject", "EmailSubject"),
    ("SmsVerificationMessage", "SmsMessage"),
];

/// Messages that moto fills in where Cognito shows none [DescribeUserPool, recorded].
const FILLED_IN: &[(&str, &str)] = &[
    ("EmailMessage", "Your verification code is {####}. "),
    ("EmailSubject", "Your verification code"),
    ("SmsMessage", "Your verification code is {####}. "),
    ("EmailVerificationMessage", "Your verification code is {####}. "),
    ("EmailVerificationSubject", "Your verification code"),
    ("SmsVerificationMessage", "Your verification code is {####}. "),
    ("InviteMessageTemplate.EmailMessage", "Your username is {username} and temporary password is {####}. "),
    ("InviteMessageTemplate.EmailSubject", "Your temporary password"),
    ("InviteMessageTemplate.SMSMessage", "Your username is {username} and temporary password is {####}. "),
];

fn without_what_moto_fills_in(value: &mut Value, around: &str) {
    let Value::Object(members) = value else { return };
    let filled = |name: &str, value: &Value| {
        let path = if around == "InviteMessageTemplate" { format!("{around}.{name}") } else { name.to_owned() };
        FILLED_IN.iter().any(|(known, text)| *known == path && value == text)
    };
    members.retain(|name, value| !filled(name, value));
    members.iter_mut().for_each(|(name, value)| without_what_moto_fills_in(value, name));
    // The provider of the recordings sends 0 days for none, which Cognito takes for 7.
    if around == "PasswordPolicy" && members.get("TemporaryPasswordValidityDays") == Some(&json!(0)) {
        members.insert("TemporaryPasswordValidityDays".to_owned(), json!(7));
    }
    members.retain(|_, value| !empty(value));
}

/// What moto holds and Cognito would not: messages of its own, a custom domain's name where prefixes belong, and, after an
/// update in which the original sent a stale mirror, mirrors that contradict the template.
pub fn as_cognito_would(held: &Value) -> Value {
    let mut held = held.clone();
    for each in held.as_array_mut().into_iter().flatten() {
        without_what_moto_fills_in(&mut each["pool"], "");
        for (mirror, member) in MIRRORS {
            let said = each["pool"]["VerificationMessageTemplate"][member].clone();
            if let Some(pool) = each["pool"].as_object_mut()
                && pool.contains_key(*mirror)
            {
                pool.insert((*mirror).to_owned(), said);
            }
        }
        if let Some(pool) = each["pool"].as_object_mut()
            && pool.get("Domain").and_then(Value::as_str).is_some_and(|name| name.contains('.'))
            && let Some(name) = pool.remove("Domain")
        {
            pool.insert("CustomDomain".to_owned(), name);
        }
    }
    held
}

/// Members of the original's UpdateUserPool that ours may differ in: ids, poolform's own default, stale mirrors, and the
/// MFA mode, which SetUserPoolMfaConfig sets.
const MAY_DIFFER: &[&str] = &[
    "UserPoolId",
    "DeletionProtection",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "SmsVerificationMessage",
    "MfaConfiguration",
];

/// What the original sends in an UpdateUserPool is in ours too, which sends more: a full echo. And a domain is asked for
/// alike: moto keeps no certificate, so the request is what there is to compare.
pub fn compare_requests(expected: &Value, requests: &[Value], at: &str, found: &mut Vec<String>) {
    for operation in ["UpdateUserPool", "CreateUserPoolDomain"] {
        let body = |calls: &[Value]| {
            let call = calls.iter().find(|call| call["operation"] == operation)?;
            call["request"].as_object().cloned()
        };
        let Some(mut theirs) = expected["calls"].as_array().and_then(|calls| body(calls)) else { continue };
        theirs.retain(|member, _| !MAY_DIFFER.contains(&member.as_str()));
        let mut cleaned = Value::Object(theirs);
        without_what_moto_fills_in(&mut cleaned, "");
        let theirs = cleaned.as_object().cloned().unwrap_or_default();
        let at = format!("{at}: {operation}");
        match body(requests) {
            Some(ours) => {
                missing(&canonical(&Value::Object(theirs), ""), &canonical(&Value::Object(ours), ""), &at, found);
            }
            None => found.push(format!("{at} was not sent")),
        }
    }
}

pub fn is_writing(operation: &str) -> bool {
    !["Describe", "Get", "List"].iter().any(|verb| operation.starts_with(verb))
}

pub fn is_write(request: &Value) -> bool {
    request["operation"].as_str().is_some_and(is_writing)
}

#[test]
fn recorded_cases_of_the_original() {
    let mut problems = Vec::new();
    let (mut sent, mut recorded) = (0, 0);
    let cases = folders(&fixtures().join("golden"));
    for case in &cases {
        let (found, ours, theirs) = run(case);
        problems.extend(found);
        sent += ours;
        recorded += theirs;
    }
    println!("{} cases: {sent} requests, the original sent {recorded} without its plans' reads", cases.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn recorded_cases_of_plain_resources() {
    let mut problems = Vec::new();
    let cases = folders(&fixtures().join("golden-raw"));
    assert!(cases.len() > 5, "no cases");
    for case in &cases {
        problems.extend(run(case).0);
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
