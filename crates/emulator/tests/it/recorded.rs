//! Every recorded answer of the operations that are built, reproduced and compared: members, values, formats, and order
//! inside lists. A difference must be explained in `recorded.json`, and an explanation must have its difference.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use crate::world::{World, beside, fixture};

/// How two answers differ at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Difference {
    at: String,
    /// `ours`: only we have it; `recorded`: only the recording; `value`; `order`.
    kind: &'static str,
    shown: String,
}

/// The compared answers, and what is known of the recording.
struct Comparison {
    region: String,
    /// Cloud Control's read model: empty members and members we have beyond are no difference.
    subset: bool,
    excerpt: bool,
    /// Before 2025: 20 attributes in the old order.
    old_attributes: bool,
    /// Before 2024-11: `sub` in front, a random UUID.
    old_users: bool,
    found: Vec<Difference>,
}

impl Comparison {
    fn report(&mut self, at: &str, kind: &'static str, shown: String) {
        self.found.push(Difference { at: at.to_owned(), kind, shown });
    }

    fn compare(&mut self, at: &str, recorded: &Json, ours: &Json) {
        let name = at.rsplit('.').next().unwrap_or_default();
        if let Some(right) = self.form(at, name, recorded, ours) {
            if !right {
                self.report(at, "value", format!("recorded {recorded}, ours {ours}: not of the same form"));
            }
            return;
        }
        match (recorded, ours) {
            (Json::Object(theirs), Json::Object(own)) => {
                for (name, value) in theirs {
                    let at = join(at, name);
                    match own.get(name) {
                        Some(own) => self.compare(&at, value, own),
                        None if self.subset && is_empty(value) => {}
                        None => self.report(&at, "recorded", value.to_string()),
                    }
                }
                for name in own.keys().filter(|name| !theirs.contains_key(*name)) {
                    if !self.subset && !self.excerpt {
                        self.report(&join(at, name), "ours", own[name].to_string());
                    }
                }
            }
            (Json::Array(theirs), Json::Array(own)) => self.compare_lists(at, name, theirs, own),
            _ if recorded == ours => {}
            _ => self.report(at, "value", format!("recorded {recorded}, ours {ours}")),
        }
    }

    fn compare_lists(&mut self, at: &str, name: &str, theirs: &[Json], own: &[Json]) {
        let mut own: Vec<Json> = own.to_vec();
        let mut theirs: Vec<Json> = theirs.to_vec();
        if name == "SchemaAttributes" && (self.old_attributes || self.excerpt) {
            own.retain(|attribute| theirs.iter().any(|other| other["Name"] == attribute["Name"]));
            own.sort_by_key(|attribute| theirs.iter().position(|other| other["Name"] == attribute["Name"]));
        }
        if (matches!(name, "Attributes" | "UserAttributes") && self.old_users)
            || matches!(name, "UserPools" | "Providers")
        {
            // Of old users the order; of pools nothing is known about the order: ids were replaced.
            for list in [&mut own, &mut theirs] {
                list.sort_by_key(|entry| entry["Name"].to_string());
            }
        }
        let key = |entry: &Json| match entry {
            Json::Object(members) => ["Name", "ScopeName", "GroupName", "ClientName"]
                .iter()
                .find_map(|key| members.get(*key))
                .map(Json::to_string),
            other => Some(other.to_string()),
        };
        let keys = |list: &[Json]| list.iter().map(key).collect::<Vec<_>>();
        let generated = theirs.iter().any(|entry| entry["GroupName"].as_str().is_some_and(|name| name.contains('_')));
        if !generated && keys(&theirs) != keys(&own) {
            self.report(at, "order", format!("recorded {:?}, ours {:?}", keys(&theirs), keys(&own)));
            return;
        }
        for (position, (theirs, own)) in theirs.iter().zip(&own).enumerate() {
            self.compare(&join(at, &position.to_string()), theirs, own);
        }
    }

    /// Whether a value that is never the same twice has the same form; None for values to be compared.
    fn form(&self, at: &str, name: &str, recorded: &Json, ours: &Json) -> Option<bool> {
        let text = ours.as_str().unwrap_or_default();
        let pool = |text: &str| {
            text.strip_prefix(&format!("{}_", self.region))
                .is_some_and(|rest| rest.len() == 9 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        let base_32 = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'v').contains(&byte));
        let uuid = |text: &str| text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        match name {
            _ if name.ends_with("Date") => {
                let thousandths = ours.as_f64().map(|seconds| seconds * 1000.0);
                Some(thousandths.is_some_and(|number| (number - number.round()).abs() < 1e-3))
            }
            "Id" | "UserPoolId" => Some(pool(text)),
            "Arn" => {
                let prefix = format!("arn:aws:cognito-idp:{}:123456789012:userpool/", self.region);
                Some(text.strip_prefix(&prefix).is_some_and(pool))
            }
            "AccessToken" | "IdToken" => Some(text.starts_with("eyJra") && text.split('.').count() == 3),
            "RefreshToken" => Some(text.starts_with("eyJjd") && text.split('.').count() == 5),
            "Session" => Some((20..=2048).contains(&text.len())),
            "SALT" => Some(text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())),
            "SRP_B" => Some(text.len() > 700 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))),
            "SECRET_BLOCK" => Some(text.len() > 100 && text.len().is_multiple_of(4)),
            "DeviceKey" => Some(text.strip_prefix(&format!("{}_", self.region)).is_some_and(uuid)),
            "DeviceGroupKey" => Some(text.starts_with('-') && text.len() == 9),
            "USERNAME" | "USER_ID_FOR_SRP" if recorded.as_str().is_some_and(uuid) => Some(uuid(text)),
            "UserSub" => Some(uuid(text)),
            // Objects in a text, whose members have no order.
            "userAttributes" => {
                let read = |value: &Json| serde_json::from_str::<Json>(value.as_str()?).ok();
                Some(read(recorded).is_some() && read(recorded) == read(ours))
            }
            "ClientId" => Some((20..=26).contains(&text.len()) && base_32(text)),
            "ClientSecret" => Some(text.len() == 52 && text.starts_with('1') && base_32(text)),
            "Version" => Some(text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())),
            "CloudFrontDistribution" if recorded != "d3oia8etllorh5.cloudfront.net" => {
                Some(text.len() == 29 && text.ends_with(".cloudfront.net"))
            }
            "ActiveEncryptionCertificate" => Some(text.starts_with("MII") && text.len().is_multiple_of(4)),
            "GroupName" if recorded.as_str().is_some_and(|name| name.contains('_')) => {
                let (one, other) = (recorded.as_str()?.rsplit('_').next(), text.rsplit('_').next());
                Some(one == other && text.rsplit_once('_').is_some_and(|(id, _)| pool(id)))
            }
            "Username" if recorded.as_str().is_some_and(uuid) => Some(uuid(text)),
            "Value" if recorded.as_str().is_some_and(uuid) => {
                let recorded = recorded.as_str()?;
                // The digits of the Region are kept in anonymised ids, the others are zero.
                let same = (0..8)
                    .filter(|position| position % 2 == 1)
                    .all(|position| self.old_users || text.as_bytes()[position] == recorded.as_bytes()[position]);
                Some(uuid(text) && same && (self.old_users || &text[14..16] == "70"))
            }
            // Text that the recordings replaced by a description of it.
            "MetadataFile" => None,
            _ if at.is_empty() => None,
            _ => None,
        }
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

fn is_empty(value: &Json) -> bool {
    matches!(value, Json::Array(items) if items.is_empty())
}

/// A recording of the read model, in the API's own names.
fn renamed(recorded: &Json, rename: &Json) -> Json {
    let dropped = rename.get("_drop").cloned().unwrap_or_default();
    let mut members = serde_json::Map::new();
    for (name, value) in recorded.as_object().unwrap() {
        if dropped.get(name).is_none() {
            let name = rename.get(name).and_then(Json::as_str).unwrap_or(name);
            members.insert(name.to_owned(), value.clone());
        }
    }
    match rename.get("_within").and_then(Json::as_str) {
        Some(within) if recorded.get(within).is_none() => json!({within: members}),
        _ => Json::Object(members),
    }
}

fn rows(value: &Json) -> impl Iterator<Item = (&str, &str, &str)> {
    value.as_array().into_iter().flatten().map(|row| {
        let text = |position: usize| row[position].as_str().unwrap_or_default();
        (text(0), text(1), text(2))
    })
}

#[test]
fn recorded_answers_are_reproduced() {
    let table = beside("recorded.json");
    let mut wrong = Vec::new();
    let mut explained = Vec::new();
    let mut used = BTreeSet::new();
    let mut same = 0;
    for case in table["cases"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let recording = fixture(&format!("recorded/{file}.json"));
        let recorded_on = recording["recorded"].as_str().unwrap();
        let dated = recorded_on.starts_with("20");
        let older = |month: &str| dated && recorded_on.get(..7).unwrap_or(recorded_on) < month;
        let region = case["region"].as_str().unwrap_or("us-east-1").to_owned();
        let mut world = World::new(|options| options.region.clone_from(&region));
        let mut answer = Json::Null;
        for step in case["steps"].as_array().unwrap() {
            world.clock.advance(1001);
            let (name, operation) = (step[0].as_str().unwrap(), step[1].as_str().unwrap());
            // The last step of a recorded refusal is refused.
            answer = match recording["response"].get("error").filter(|_| name == "x") {
                Some(_) => world.refused(operation, &step[2]),
                None => world.run(name, operation, &step[2]),
            };
        }
        let subset = case["subset"] == json!(true);
        let mut recorded = recording["response"].clone();
        if let Some(rename) = case.get("rename") {
            recorded = renamed(&recorded, rename);
        }
        // What the client library added, but for the answer that is nothing else.
        if let Some(members) = recorded.as_object_mut().filter(|members| members.len() > 1) {
            members.remove("ResponseMetadata");
            members.remove("$metadata");
        }
        if let Some(error) = recorded.get_mut("error").and_then(Json::as_object_mut) {
            error.remove("$metadata");
        }
        let mut comparison = Comparison {
            region,
            subset,
            excerpt: case["excerpt"] == json!(true),
            old_attributes: older("2025-01"),
            old_users: older("2024-11"),
            found: Vec::new(),
        };
        comparison.compare("", &recorded, &answer);
        let mut left: BTreeSet<(&str, &str, &str)> = rows(&case["differences"]).collect();
        for difference in comparison.found {
            let at = difference.at.as_str();
            let reason = left.iter().find(|(place, kind, _)| (*place, *kind) == (at, difference.kind)).copied();
            if let Some(row) = reason {
                left.remove(&row);
                explained.push(format!("{file}: {at} ({}): {}", difference.kind, row.2));
                continue;
            }
            let since = rows(&table["since"])
                .find(|(place, month, _)| difference.kind == "ours" && at == *place && older(month));
            match since {
                Some((place, _, evidence)) => {
                    used.insert(place.to_owned());
                    explained.push(format!("{file}: {at} (ours): newer than the recording, {evidence}"));
                }
                None => wrong.push(format!("{file}: {at} ({}): {}", difference.kind, difference.shown)),
            }
        }
        for (at, kind, _) in left {
            wrong.push(format!("{file}: the explained difference at {at} ({kind}) is gone"));
        }
        same += 1;
    }
    for (place, ..) in rows(&table["since"]) {
        if !used.contains(place) {
            wrong.push(format!("no recording is older than {place} any more"));
        }
    }
    println!("{same} recorded answers; differences that are explained:\n{}", explained.join("\n"));
    assert!(wrong.is_empty(), "{} differences without an explanation:\n{}", wrong.len(), wrong.join("\n"));
}

/// Claims of recorded tokens: the same names in the same order, values of the same form. Of each recording the groups, the
/// attributes and whether a device was tracked are taken over.
#[test]
fn recorded_tokens_have_our_claims_in_our_order() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recorded");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some((kind, rest)) = name.split_once("Token.").filter(|(kind, _)| matches!(*kind, "Id" | "Access")) else {
            continue;
        };
        let recording = fixture(&format!("recorded/{name}"));
        let recorded = recording["response"].as_object().unwrap();
        // Tokens of the API, since there is origin_jti; those of the OAuth endpoints have other claims.
        if rest.contains("oauth") || rest.contains("documentation") || !recorded.contains_key("origin_jti") {
            continue;
        }
        compared += 1;
        let known = ["sub", "iss", "exp", "iat", "jti", "aud", "event_id", "token_use", "auth_time", "origin_jti"];
        let attributes: Vec<Json> = recorded
            .iter()
            .filter(|(name, _)| kind == "Id" && !name.starts_with("cognito:") && !known.contains(&name.as_str()))
            .map(
                |(name, value)| json!({"Name": name, "Value": value.as_str().map_or(value.to_string(), str::to_owned)}),
            )
            .collect();
        let mut world = World::new(|_| {});
        let tracked = recorded.contains_key("device_key").then(|| json!({"ChallengeRequiredOnNewDevice": false}));
        world.run("pool", "CreateUserPool", &json!({"PoolName": "p", "DeviceConfiguration": tracked}));
        let flows = json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH"]);
        let client = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c", "ExplicitAuthFlows": flows});
        world.run("client", "CreateUserPoolClient", &client);
        let user = |more: Json| {
            let mut body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "example-user"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        world.run("u", "AdminCreateUser", &user(json!({"UserAttributes": attributes, "MessageAction": "SUPPRESS"})));
        let password = json!({"Password": "Permanent-1", "Permanent": true});
        world.run("_", "AdminSetUserPassword", &user(password));
        for group in recorded.get("cognito:groups").and_then(Json::as_array).into_iter().flatten() {
            let body = json!({"UserPoolId": "${pool.UserPool.Id}", "GroupName": group});
            world.run("_", "CreateGroup", &body);
            world.run("_", "AdminAddUserToGroup", &user(json!({"GroupName": group})));
        }
        let body = json!({
            "UserPoolId": "${pool.UserPool.Id}",
            "ClientId": "${client.UserPoolClient.ClientId}",
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "example-user", "PASSWORD": "Permanent-1"},
        });
        let answer = world.run("_", "AdminInitiateAuth", &body);
        let token = answer["AuthenticationResult"][format!("{kind}Token")].as_str().unwrap().to_owned();
        let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        assert!(String::from_utf8_lossy(&part).contains("https:\\/\\/"), "slashes are escaped");
        let ours: Json = serde_json::from_slice(&part).unwrap();
        let ours = ours.as_object().unwrap();
        let names = |claims: &serde_json::Map<String, Json>| claims.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(recorded), names(ours), "{name}");
        for (claim, value) in recorded {
            let same = std::mem::discriminant(value) == std::mem::discriminant(&ours[claim]);
            assert!(same, "{name}: {claim} is {} and was {value}", ours[claim]);
        }
    }
    assert_eq!(compared, 5, "tokens compared");
}

#[test]
fn every_recording_has_its_case() {
    let table = beside("recorded.json");
    let cases: BTreeSet<&str> =
        table["cases"].as_array().unwrap().iter().filter_map(|case| case["file"].as_str()).collect();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recorded");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let operations: BTreeSet<&str> = poolform_emulator::implemented().map(|(name, _)| name).collect();
    for name in names {
        let Some(name) = name.strip_suffix(".json") else { continue };
        let operation = name.split('.').next().unwrap_or_default();
        if operations.contains(operation) || operation == "CloudControl" {
            let left_out = table["left_out"].get(name).is_some();
            assert!(cases.contains(name) != left_out, "{name} is compared nowhere, or compared and left out");
        }
    }
}
