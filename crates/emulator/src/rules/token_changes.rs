//! PreTokenGeneration: what a pool's trigger changes in tokens.

use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::kept::pool::Pool;

/// Claims of a token, by name.
type Claims = Vec<(String, Json)>;

/// Claims that a trigger cannot change (developer guide, pre token generation).
const FIXED: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "client_id",
    "exp",
    "iat",
    "auth_time",
    "token_use",
    "jti",
    "origin_jti",
    "event_id",
    "at_hash",
    "nonce",
    "username",
    "cognito:username",
    "identities",
    "device_key",
    "version",
    "scope",
];

/// What the trigger answered; nothing where there is none.
#[derive(Default)]
pub(crate) struct Changes {
    id: Json,
    access: Json,
    groups: Json,
}

/// The version of the trigger's event: that of PreTokenGenerationConfig, or the first.
pub(crate) fn version(pool: &Pool) -> &'static str {
    let config = pool.answer.object("LambdaConfig").and_then(|triggers| triggers.object("PreTokenGenerationConfig"));
    match config.and_then(|config| config.text("LambdaVersion")) {
        Some("V2_0") => "2",
        Some("V3_0") => "3",
        _ => "1",
    }
}

impl Changes {
    /// The member of the trigger's event in which its changes stand, by the event's version.
    pub(crate) fn member(version: &str) -> &'static str {
        if version == "1" { "claimsOverrideDetails" } else { "claimsAndScopeOverrideDetails" }
    }

    /// Reads what the trigger answered. Its first version changes ID tokens only.
    pub(crate) fn read(version: &str, response: &Json) -> Changes {
        let details = response.get(Changes::member(version)).cloned().unwrap_or_default();
        let part = |name: &str| details.get(name).cloned().unwrap_or_default();
        match version {
            "1" => Changes { groups: part("groupOverrideDetails"), id: details, access: Json::Null },
            _ => Changes {
                id: part("idTokenGeneration"),
                access: part("accessTokenGeneration"),
                groups: part("groupOverrideDetails"),
            },
        }
    }

    pub(crate) fn to_id(&self, mut claims: Claims) -> Claims {
        self.override_groups(&mut claims);
        for (member, claim) in [("iamRolesToOverride", "cognito:roles"), ("preferredRole", "cognito:preferred_role")] {
            if let Some(value) = self.groups.member(member) {
                set(&mut claims, claim, value.clone());
            }
        }
        change(&mut claims, &self.id);
        claims
    }

    pub(crate) fn to_access(&self, mut claims: Claims) -> Claims {
        self.override_groups(&mut claims);
        change(&mut claims, &self.access);
        let (add, suppress) = (self.access.texts("scopesToAdd"), self.access.texts("scopesToSuppress"));
        if let Some((_, scope)) = claims.iter_mut().find(|(name, _)| name == "scope") {
            let text = scope.as_str().unwrap_or_default().to_owned();
            let kept = text.split(' ').filter(|one| !suppress.contains(one));
            *scope = json!(kept.chain(add.iter().copied()).collect::<Vec<_>>().join(" "));
        }
        claims
    }

    fn override_groups(&self, claims: &mut Claims) {
        if let Some(groups) = self.groups.member("groupsToOverride") {
            set(claims, "cognito:groups", groups.clone());
        }
    }
}

/// claimsToAddOrOverride and claimsToSuppress.
fn change(claims: &mut Claims, details: &Json) {
    let suppressed = details.texts("claimsToSuppress");
    claims.retain(|(name, _)| FIXED.contains(&name.as_str()) || !suppressed.contains(&name.as_str()));
    for (name, value) in details.object("claimsToAddOrOverride").into_iter().flatten() {
        if !FIXED.contains(&name.as_str()) {
            set(claims, name, value.clone());
        }
    }
}

fn set(claims: &mut Claims, name: &str, value: Json) {
    match claims.iter_mut().find(|(found, _)| found == name) {
        Some(claim) => claim.1 = value,
        None => claims.push((name.to_owned(), value)),
    }
}
