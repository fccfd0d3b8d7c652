//! What to send for a pool: its creation, a full echo, the whole MFA configuration, new attributes, its removal.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use super::schema::schema_difference;
use super::{KIND, twins};
use crate::change::SettingChange;
use crate::plan::{Draft, Drafting, Phase};
use crate::setting;

/// AddCustomAttributes takes at most this many (API model: CustomAttributesListType).
const ATTRIBUTES_PER_CALL: usize = 25;

/// The tiers that have threat protection.
const THREAT_PROTECTION_TIER: &str = "PLUS";

/// The SetUserPoolMfaConfig body that leads to `merged`; everything that is there and not declared is kept.
fn mfa_body(merged: &Object) -> Object {
    let mut config = merged.get("MfaConfig").and_then(Json::as_object).cloned().unwrap_or_default();
    let flag = |config: &Object, path: &str| setting::get(config, path).as_bool().unwrap_or(false);
    let off = config.get("MfaConfiguration").is_none_or(|mode| mode == "OFF");
    // What Cognito shows of passkeys by itself needs no echo, and LITE has none.
    if config.get("WebAuthnConfiguration") == Some(&json!({"FactorConfiguration": "SINGLE_FACTOR"})) {
        config.remove("WebAuthnConfiguration");
    }
    if off {
        // OFF refuses every factor block, even a disabled one. Passkeys are none.
        config.retain(|member, _| member == "MfaConfiguration" || member == "WebAuthnConfiguration");
        config.insert("MfaConfiguration".to_owned(), json!("OFF"));
        return config;
    }
    if !flag(&config, "SoftwareTokenMfaConfiguration.Enabled") {
        config.remove("SoftwareTokenMfaConfiguration");
    }
    if flag(&config, "SmsMfaConfiguration.Enabled") {
        let mut sms = Object::new();
        for (member, path) in
            [("SmsAuthenticationMessage", "SmsAuthenticationMessage"), ("SmsConfiguration", "SmsConfiguration")]
        {
            let value = setting::get(merged, path);
            if !setting::is_empty(value) {
                sms.insert(member.to_owned(), value.clone());
            }
        }
        config.insert("SmsMfaConfiguration".to_owned(), Json::Object(sms));
    } else {
        config.remove("SmsMfaConfiguration");
    }
    config
}

/// What is said for a new pool although it is not declared: path, value, and why.
pub(crate) fn for_a_new_one(settings: &Object) -> Vec<(&'static str, Json, &'static str)> {
    let mut added = Vec::new();
    if setting::get(settings, "DeletionProtection").is_null() {
        added.push((
            "DeletionProtection",
            json!("ACTIVE"),
            "new pools are protected unless deletion_protection = false",
        ));
    }
    let mode = setting::get(settings, "UserPoolAddOns.AdvancedSecurityMode");
    if (mode == "AUDIT" || mode == "ENFORCED") && setting::get(settings, TIER).is_null() {
        added.push((
            TIER,
            json!(THREAT_PROTECTION_TIER),
            "threat protection needs this tier, which is billed per active user",
        ));
    }
    added
}

pub(super) fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
    let Some(desired) = drafting.desired else {
        return drafting.identity().map(|identity| removal(drafting, identity)).unwrap_or_default();
    };
    match drafting.identity() {
        None => creation(drafting, &desired.settings),
        Some(identity) => update(drafting, identity),
    }
}

fn creation(drafting: &Drafting<'_>, settings: &Object) -> Vec<Draft> {
    let mut merged = setting::compact(settings);
    for (path, value, _) in for_a_new_one(settings) {
        setting::put(&mut merged, path, value);
    }
    let mut body = merged.clone();
    body.remove("MfaConfig");
    let mut create = Draft::new(drafting, KIND.create, body, Phase::Pool, "new");
    create.remembers = true;
    let mut drafts = vec![create];
    let mfa = mfa_body(&merged);
    // OFF alone is what a new pool has; beside it passkeys may stand.
    if mfa != Object::from_iter([("MfaConfiguration".to_owned(), json!("OFF"))]) {
        // CreateUserPool refuses ON and OPTIONAL while the pool has no factor (recorded refusal).
        let mut draft =
            Draft::new(drafting, "SetUserPoolMfaConfig", mfa, Phase::Mfa, "factors are set once the pool is there");
        draft.holes.push(drafting.pool_hole());
        drafts.push(draft);
    }
    drafts
}

fn update(drafting: &Drafting<'_>, identity: Object) -> Vec<Draft> {
    let merged = drafting.merged();
    let with_identity = |mut body: Object| {
        body.extend(identity.clone());
        body
    };
    let mut drafts = Vec::new();
    let touches = |test: &dyn Fn(&str) -> bool| drafting.changes.iter().any(|change| test(&change.path));
    let sms_active = setting::get(&merged, "MfaConfig.SmsMfaConfiguration.Enabled") == &json!(true);
    let shared_with_sms = |path: &str| path == "SmsAuthenticationMessage" || path.starts_with("SmsConfiguration");
    let lower = falls(drafting);
    let of_the_pool = |path: &str| !path.starts_with("MfaConfig") && path != "Schema";
    if touches(&|path| of_the_pool(path) && !(lower.is_some() && path == TIER)) {
        let mut body = with_identity(update_body(&merged, drafting.changes));
        if let Some(before) = &lower {
            body.insert(TIER.to_owned(), before.clone());
        }
        drafts.push(Draft::new(
            drafting,
            KIND.update,
            body,
            Phase::Pool,
            "in place, everything else sent back as it is",
        ));
    }
    if lower.is_some() {
        let mut body = with_identity(update_body(&merged, drafting.changes));
        // By then the mode is the one that the MFA configuration has set.
        if let Some(mode) = setting::get(&merged, "MfaConfig.MfaConfiguration").as_str() {
            body.insert("MfaConfiguration".to_owned(), json!(mode));
        }
        let why = "the lower tier comes last, when nothing needs the higher one any more";
        drafts.push(Draft::new(drafting, KIND.update, body, Phase::LowerTier, why));
    }
    if touches(&|path| path == "Schema") {
        let observed = drafting.observed.map_or(&Json::Null, |observed| setting::get(&observed.settings, "Schema"));
        let (missing, _) = schema_difference(setting::get(&merged, "Schema"), observed);
        for chunk in missing.chunks(ATTRIBUTES_PER_CALL) {
            let body =
                with_identity([("CustomAttributes".to_owned(), Json::Array(chunk.to_vec()))].into_iter().collect());
            drafts.push(Draft::new(
                drafting,
                "AddCustomAttributes",
                body,
                Phase::Attributes,
                "new attributes are added in place",
            ));
        }
    }
    if touches(&|path| path.starts_with("MfaConfig")) || (sms_active && touches(&shared_with_sms)) {
        let body = with_identity(mfa_body(&merged));
        drafts.push(Draft::new(drafting, "SetUserPoolMfaConfig", body, Phase::Mfa, "sets the whole MFA configuration"));
    }
    drafts
}

/// The tier.
const TIER: &str = "UserPoolTier";

/// The tiers, each with everything that the ones before it have (feature plans page).
const TIERS: &[&str] = &["LITE", "ESSENTIALS", "PLUS"];

/// The tier that a pool has before its tier falls; None where it does not.
fn falls(drafting: &Drafting<'_>) -> Option<Json> {
    let change = drafting.changes.iter().find(|change| change.path == TIER)?;
    let rank = |tier: &Json| TIERS.iter().position(|each| tier == each);
    (rank(&change.old)? > rank(&change.new)?).then(|| change.old.clone())
}

/// Where the value of a setting may stand in a body.
pub(crate) fn sent_as(path: &str) -> Vec<String> {
    let mut found = vec![path.to_owned(), format!("SmsMfaConfiguration.{path}")];
    found.extend(path.strip_prefix("MfaConfig.").map(str::to_owned));
    found.extend(twins::again(path));
    if path == "Schema" {
        found.push("CustomAttributes".to_owned());
    }
    found
}

/// What tells whether devices are tracked at all.
const TRACKING: &str = "DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt";

/// The UpdateUserPool body of a merged tree: members that the request has, none that must not be echoed, twins alike.
fn update_body(merged: &Object, changes: &[SettingChange]) -> Object {
    let mut body = KIND.echo(merged);
    let unset = |path: &str| changes.iter().any(|change| change.path == path && change.new.is_null());
    twins::say_again(&mut body, changes);
    // A configuration that only has a challenge would track devices always.
    if body.get("DeviceConfiguration").is_some_and(setting::is_empty) || unset(TRACKING) {
        body.remove("DeviceConfiguration");
    }
    body
}

fn removal(drafting: &Drafting<'_>, identity: Object) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if let Some(observed) = drafting.observed
        && setting::get(&observed.settings, "DeletionProtection") == "ACTIVE"
    {
        let mut settings = drafting.merged();
        setting::put(&mut settings, "DeletionProtection", json!("INACTIVE"));
        let mut body = update_body(&settings, &[]);
        body.extend(identity.clone());
        drafts.push(Draft::new(
            drafting,
            KIND.update,
            body,
            Phase::Pool,
            "protection stands in the way of the approved deletion",
        ));
    }
    let mut delete = Draft::new(drafting, KIND.delete, identity, Phase::PoolRemoval, drafting.why_it_goes());
    delete.forgets = true;
    drafts.push(delete);
    drafts
}
