//! User pool with its MFA configuration. Built on CreateUserPool, UpdateUserPool, DescribeUserPool, DeleteUserPool,
//! SetUserPoolMfaConfig, GetUserPoolMfaConfig, AddCustomAttributes.
//!
//! Cannot change in place: aliases, user-name attributes, case sensitivity, an attribute that is there. Cannot be
//! unset: the SMS configuration. Must exist first: nothing. UpdateUserPool resets much of what is left out, so every
//! update is a full echo; SetUserPoolMfaConfig sets the whole configuration.
//!
//! The tree of settings is that of CreateUserPool, with what GetUserPoolMfaConfig answers under `MfaConfig`.

mod arguments;
mod output;

pub use arguments::ARGUMENTS;
pub(crate) use output::output;
use poolform_model::Object;
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Value};
use serde_json::{Value as Json, json};

use super::Kind;
use crate::change::SettingChange;
use crate::decode::{Decoded, to_api};
use crate::plan::{Draft, Drafting, Phase};
use crate::setting;

/// User pool.
pub static KIND: Kind = Kind {
    name: "UserPool",
    noun: "user pool",
    segment: "",
    key: "",
    arguments: ARGUMENTS,
    create: "CreateUserPool",
    update: "UpdateUserPool",
    delete: "DeleteUserPool",
    look: &[("DescribeUserPool", "UserPool", ""), ("GetUserPoolMfaConfig", "", "MfaConfig")],
    identity: &[("UserPoolId", "Id")],
    never_echoed: &[(
        "AdminCreateUserConfig.UnusedAccountValidityDays",
        "excludes TemporaryPasswordValidityDays, which says the same",
    )],
    settle,
    same,
    draft,
};

/// The tiers that have threat protection.
const THREAT_PROTECTION_TIER: &str = "PLUS";

/// Standard attributes by name (recorded answers of DescribeUserPool, 2025).
pub const STANDARD_ATTRIBUTES: &[&str] = &[
    "profile",
    "address",
    "birthdate",
    "gender",
    "preferred_username",
    "updated_at",
    "website",
    "picture",
    "identities",
    "sub",
    "phone_number",
    "phone_number_verified",
    "zoneinfo",
    "locale",
    "email",
    "email_verified",
    "given_name",
    "family_name",
    "middle_name",
    "name",
    "nickname",
];

/// Attributes that no client can write: Cognito keeps them.
pub(crate) const KEPT_BY_COGNITO: &[&str] = &["sub", "email_verified", "phone_number_verified", "identities"];

const RECOVERY: &str = "AccountRecoverySetting.RecoveryMechanisms";

/// AddCustomAttributes takes at most this many (API model: CustomAttributesListType).
const ATTRIBUTES_PER_CALL: usize = 25;

fn text<'d>(decoded: &'d Decoded, name: &str) -> Option<&'d str> {
    decoded.get(name).and_then(Value::as_str)
}

fn is_true(decoded: &Decoded, name: &str) -> bool {
    decoded.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn is_set(decoded: &Decoded, name: &str) -> bool {
    decoded.get(name).is_some_and(|value| !value.is_null())
}

/// Conditional defaults, before anything is placed.
pub(crate) fn complete(decoded: &mut Decoded) {
    if !is_set(decoded, "alias_attributes") && !is_set(decoded, "username_attributes") {
        decoded.insert("alias_attributes", Value::tuple(vec!["email".into(), "preferred_username".into()]));
    }
}

/// Places what rows cannot: device tracking, factors, the schema, tags, protection.
pub(crate) fn place(decoded: &Decoded, tags: &Object, settings: &mut Object) {
    match text(decoded, "user_device_tracking").map(str::to_ascii_uppercase).as_deref() {
        None => {}
        Some("OFF") => setting::put(settings, "DeviceConfiguration", Json::Null),
        Some(tracking) => {
            let prompt = tracking == "USER_OPT_IN";
            setting::put(settings, "DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt", json!(prompt));
            if let Some(challenge) = decoded.get("challenge_required_on_new_device").and_then(Value::as_bool) {
                setting::put(settings, "DeviceConfiguration.ChallengeRequiredOnNewDevice", json!(challenge));
            }
        }
    }
    // Without a mode that wants them there are no factors to speak of.
    if matches!(text(decoded, "mfa_configuration"), Some("ON" | "OPTIONAL")) {
        if let Some(software) = decoded.get("allow_software_mfa_token").and_then(Value::as_bool) {
            setting::put(settings, "MfaConfig.SoftwareTokenMfaConfiguration.Enabled", json!(software));
        }
        if is_set(decoded, "sms_configuration") {
            setting::put(settings, "MfaConfig.SmsMfaConfiguration.Enabled", json!(true));
        }
    }
    let schema: Vec<Json> =
        decoded.get("schema_attributes").and_then(Value::items).unwrap_or_default().iter().map(schema_entry).collect();
    if !schema.is_empty() {
        setting::put(settings, "Schema", setting::sorted(&Json::Array(schema)));
    }
    // An empty list leaves recovery to Cognito; the API knows no empty one.
    if setting::is_empty(setting::get(settings, RECOVERY)) {
        setting::remove(settings, RECOVERY);
    }
    settings.insert("UserPoolTags".to_owned(), Json::Object(tags.clone()));
    if let Some(protected) = decoded.get("deletion_protection").and_then(Value::as_bool) {
        setting::put(settings, "DeletionProtection", json!(if protected { "ACTIVE" } else { "INACTIVE" }));
    }
}

fn schema_entry(item: &Value) -> Json {
    let mut entry = crate::decode::record_to_api(arguments::SCHEMA, item);
    let number = |name: &str| -> Option<String> {
        let row = arguments::SCHEMA.iter().find(|row| row.name == name)?;
        let value = item.members()?.get(name)?;
        let json = to_api(row, value)?;
        (!json.is_null()).then(|| json.to_string())
    };
    match entry.get("AttributeDataType").and_then(Json::as_str) {
        Some("String") => {
            let least = number("min_length").unwrap_or_else(|| "0".to_owned());
            let most = number("max_length").unwrap_or_else(|| "2048".to_owned());
            entry.insert("StringAttributeConstraints".to_owned(), json!({"MinLength": least, "MaxLength": most}));
        }
        Some("Number") => {
            let mut limits = Object::new();
            limits.extend(number("min_value").map(|least| ("MinValue".to_owned(), json!(least))));
            limits.extend(number("max_value").map(|most| ("MaxValue".to_owned(), json!(most))));
            entry.insert("NumberAttributeConstraints".to_owned(), Json::Object(limits));
        }
        _ => {}
    }
    Json::Object(entry)
}

/// The rules between the arguments of a pool.
pub(crate) fn check(decoded: &Decoded, desired: &crate::Desired, diagnostics: &mut Diagnostics) {
    let mut error = |summary: &str, detail: &str, argument: &str| {
        let place = desired.place(ARGUMENTS.iter().find(|row| row.name == argument).map_or("", |row| row.api));
        diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &place));
    };
    if is_set(decoded, "alias_attributes") && is_set(decoded, "username_attributes") {
        error(
            "Aliases and user-name attributes",
            "alias_attributes and username_attributes exclude each other. Remove one of them.",
            "username_attributes",
        );
    }
    let factor = is_true(decoded, "allow_software_mfa_token") || is_set(decoded, "sms_configuration");
    if matches!(text(decoded, "mfa_configuration"), Some("ON" | "OPTIONAL")) && !factor {
        error(
            "MFA without a factor",
            "mfa_configuration ON or OPTIONAL needs allow_software_mfa_token = true or sms_configuration.",
            "mfa_configuration",
        );
    }
    let verifies = |name: &str| {
        decoded
            .get("auto_verified_attributes")
            .and_then(Value::items)
            .is_some_and(|items| items.iter().any(|item| item.as_str() == Some(name)))
    };
    if verifies("phone_number") && !is_set(decoded, "sms_configuration") {
        error(
            "Phone verification without SMS",
            "auto_verified_attributes with phone_number needs sms_configuration.",
            "auto_verified_attributes",
        );
    }
    match (text(decoded, "email_sending_account"), is_set(decoded, "email_source_arn")) {
        (Some("DEVELOPER"), false) => error(
            "SES without an identity",
            "email_sending_account DEVELOPER needs email_source_arn, the SES identity that sends.",
            "email_sending_account",
        ),
        (Some("COGNITO_DEFAULT") | None, false) if is_set(decoded, "email_from_address") => error(
            "Sender without an identity",
            "email_from_address needs email_source_arn, the SES identity that it belongs to.",
            "email_from_address",
        ),
        _ => {}
    }
    if text(decoded, "email_from_address").is_some_and(|from| !from.is_empty() && !is_sender(from)) {
        error(
            "Sender without an address",
            "email_from_address must be an address, such as orders@example.com, or a name and an address, such as Orders <orders@example.com>.",
            "email_from_address",
        );
    }
    let mechanisms: Vec<&str> = decoded
        .get("account_recovery_mechanisms")
        .and_then(Value::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.members()?.get("name")?.as_str())
        .collect();
    if mechanisms.contains(&"admin_only") && mechanisms.len() > 1 {
        error(
            "Recovery by administrators only",
            "admin_only cannot stand beside another recovery mechanism.",
            "account_recovery_mechanisms",
        );
    }
    if mechanisms.len() == 2 && mechanisms[0] == mechanisms[1] {
        error(
            "Recovery mechanism given twice",
            "Each recovery mechanism may stand once.",
            "account_recovery_mechanisms",
        );
    }
    let priorities: Vec<&Json> = setting::get(&desired.settings, RECOVERY)
        .as_array()
        .into_iter()
        .flatten()
        .map(|mechanism| &mechanism["Priority"])
        .collect();
    if priorities.len() == 2 && priorities[0] == priorities[1] {
        error(
            "Recovery mechanisms of one priority",
            "Each recovery mechanism needs a priority of its own: 1 is tried first, then 2.",
            "account_recovery_mechanisms",
        );
    }
    let threat = matches!(text(decoded, "advanced_security_mode"), Some("AUDIT" | "ENFORCED"));
    if threat && matches!(text(decoded, "user_pool_tier"), Some("LITE" | "ESSENTIALS")) {
        error(
            "Threat protection outside its tier",
            "advanced_security_mode AUDIT or ENFORCED needs user_pool_tier = \"PLUS\", or null to leave a new pool to it.",
            "user_pool_tier",
        );
    }
    if is_set(decoded, "email_source_arn") && text(decoded, "email_sending_account") != Some("DEVELOPER") {
        diagnostics.push(
            Diagnostic::warning(
                "SES identity without SES",
                "email_source_arn without email_sending_account = \"DEVELOPER\" only works where the SES identity has a sending policy that lets Cognito use it. Cognito refuses it otherwise.",
            )
            .about(&desired.call, &desired.place("EmailConfiguration.SourceArn")),
        );
    }
    check_schema(decoded, desired, diagnostics);
}

/// `a@b.c`, or `Name <a@b.c>` (recorded refusal of anything else).
fn is_sender(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, rest)) => rest.trim_end().strip_suffix('>').unwrap_or_default(),
        None => from,
    };
    address.trim().rsplit_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && !local.contains('@')
            && !address.trim().contains(char::is_whitespace)
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
    })
}

/// What the tags of a pool may not be; `written` says in which argument a key stands.
pub(crate) fn check_tags(
    tags: &Object,
    desired: &crate::Desired,
    written: &dyn Fn(&str) -> &'static str,
    diagnostics: &mut Diagnostics,
) {
    for (key, value) in tags {
        let value = value.as_str().unwrap_or_default();
        let reason = if key.to_ascii_lowercase().starts_with("aws:") {
            "begins with aws:, which is reserved for AWS itself"
        } else if key.is_empty() || key.chars().count() > 128 {
            "must have a length of 1 to 128"
        } else if value.chars().count() > 256 {
            "has a value that is longer than 256"
        } else {
            continue;
        };
        let argument = written(key);
        let key = if desired.hides_all("UserPoolTags") { "(sensitive)".to_owned() } else { format!("\"{key}\"") };
        let (argument, whose) = match argument {
            "" => ("tags", " of the provider's default_tags"),
            own => (own, ""),
        };
        diagnostics.push(
            Diagnostic::error("Invalid tag", format!("The tag {key}{whose} {reason}."))
                .about(&desired.call, &AttributePath::argument(argument)),
        );
    }
}

/// A pool whose threat protection and tier do not fit once `changes` are made, and which setting says so.
pub(crate) fn outside_its_tier(observed: &Object, changes: &[SettingChange]) -> Option<&'static str> {
    const MODE: &str = "UserPoolAddOns.AdvancedSecurityMode";
    let path = [MODE, "UserPoolTier"].into_iter().find(|path| changes.iter().any(|change| change.path == *path))?;
    let merged = crate::change::overlay(observed, changes);
    let (mode, tier) = (setting::get(&merged, MODE), setting::get(&merged, "UserPoolTier"));
    ((mode == "AUDIT" || mode == "ENFORCED") && (tier == "LITE" || tier == "ESSENTIALS")).then_some(path)
}

fn declared_entry<'s>(schema: &'s Json, name: &str) -> Option<&'s Json> {
    entries(schema).iter().find(|entry| entry["Name"] == bare_name(name))
}

/// Whether a new pool with the declared `schema` has an attribute of that full name.
pub(crate) fn attribute_exists(schema: &Json, name: &str) -> bool {
    let bare = bare_name(name);
    let custom = declared_entry(schema, name).filter(|_| !STANDARD_ATTRIBUTES.contains(&bare));
    STANDARD_ATTRIBUTES.contains(&name)
        || custom.is_some_and(|entry| {
            let prefix = if entry["DeveloperOnlyAttribute"] == json!(true) { "dev:custom:" } else { "custom:" };
            name.strip_prefix(prefix) == Some(bare)
        })
}

/// Whether clients of a new pool with the declared `schema` can read an attribute, and write it.
pub(crate) fn attribute_access(schema: &Json, name: &str) -> (bool, bool) {
    let entry = declared_entry(schema, name);
    let exists = attribute_exists(schema, name) && !name.starts_with("dev:");
    let mutable = entry.is_none_or(|entry| entry["Mutable"] != json!(false));
    (exists, exists && mutable && !KEPT_BY_COGNITO.contains(&name))
}

/// Standard attributes that every user of a new pool must have and that clients can write.
pub(crate) fn required_of_writers(schema: &Json) -> Vec<&str> {
    let required = entries(schema).iter().filter(|entry| entry["Required"] == json!(true));
    required.filter_map(|entry| entry["Name"].as_str()).filter(|name| attribute_access(schema, name).1).collect()
}

fn check_schema(decoded: &Decoded, desired: &crate::Desired, diagnostics: &mut Diagnostics) {
    let items = decoded.get("schema_attributes").and_then(Value::items).unwrap_or_default();
    let base = desired.place("Schema");
    let mut seen: Vec<&str> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(members) = item.members() else { continue };
        let Some(name) = members.get("name").and_then(Value::as_str) else { continue };
        let at = base.index(index);
        let mut error = |detail: String, attribute: &str| {
            diagnostics.push(
                Diagnostic::error("Invalid schema attribute", detail).about(&desired.call, &at.attribute(attribute)),
            );
        };
        if seen.contains(&name) {
            error(format!("{} is declared twice.", desired.shown("Schema", format_args!("\"{name}\""))), "name");
        }
        seen.push(name);
        let expected = match name {
            "updated_at" => "Number",
            "email_verified" | "phone_number_verified" => "Boolean",
            _ => "String",
        };
        let ty = members.get("type").and_then(Value::as_str).unwrap_or_default();
        let standard = STANDARD_ATTRIBUTES.contains(&name);
        let raw = name;
        let name = desired.shown("Schema", format_args!("\"{name}\""));
        let flag = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        if !standard && flag("required") {
            error(
                format!("{name} is a custom attribute; Cognito lets only standard attributes be required."),
                "required",
            );
        }
        let alias = setting::get(&desired.settings, "AliasAttributes").as_array();
        if raw == "preferred_username"
            && flag("required")
            && alias.is_some_and(|alias| alias.iter().any(|each| each == raw))
        {
            error(
                format!(
                    "{name} cannot be required while it is an alias; alias_attributes has it unless told otherwise."
                ),
                "required",
            );
        }
        if standard && flag("developer_only_attribute") {
            error(
                format!("{name} is a standard attribute; only custom ones can be developer-only."),
                "developer_only_attribute",
            );
        }
        if standard && ty != expected {
            error(format!("{name} is a standard attribute of type {expected}."), "type");
        }
        let number = |name: &str| members.get(name).and_then(Value::as_number).cloned();
        for (least, most) in [("min_length", "max_length"), ("min_value", "max_value")] {
            if let (Some(lower), Some(upper)) = (number(least), number(most))
                && lower > upper
            {
                error(format!("{least} of {name} is greater than {most}."), least);
            }
        }
    }
}

/// A schema entry's name without the prefixes that Cognito puts before custom ones: `custom:`, `dev:custom:`.
pub fn bare_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, bare)| bare)
}

fn settle(answer: &Object) -> Object {
    let mut settings = setting::compact(answer);
    if let Some(name) = settings.remove("Name") {
        settings.insert("PoolName".to_owned(), name);
    }
    if let Some(schema) = settings.remove("SchemaAttributes") {
        settings.insert("Schema".to_owned(), schema);
    }
    let has_sms = settings.get("MfaConfig").is_some_and(|mfa| !setting::is_empty(&mfa["SmsMfaConfiguration"]));
    setting::put(&mut settings, "MfaConfig.SmsMfaConfiguration.Enabled", json!(has_sms));
    settings
}

/// Limits of an attribute: group, member, what stands for an absent one, and the argument.
const LIMITS: &[(&str, &str, &str, &str)] = &[
    ("StringAttributeConstraints", "MinLength", "0", "min_length"),
    ("StringAttributeConstraints", "MaxLength", "2048", "max_length"),
    ("NumberAttributeConstraints", "MinValue", "", "min_value"),
    ("NumberAttributeConstraints", "MaxValue", "", "max_value"),
];

/// What differs between an entry that is declared and the one that Cognito has: argument, what is there, what is
/// declared. A limit that is not declared is Cognito's own: of a standard attribute whatever it is (birthdate has 10
/// to 10), of a custom one the widest.
fn differences(desired: &Json, observed: &Json) -> Vec<(&'static str, String, String)> {
    let plain = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let mut found = Vec::new();
    for (member, argument) in [("AttributeDataType", "type"), ("Mutable", "mutable"), ("Required", "required")] {
        if desired[member] != observed[member] {
            found.push((argument, plain(&observed[member]), plain(&desired[member])));
        }
    }
    let standard = desired["Name"].as_str().is_some_and(|name| STANDARD_ATTRIBUTES.contains(&name));
    for (group, member, default, argument) in LIMITS {
        let limit = |entry: &Json| entry[group][member].as_str().unwrap_or(default).to_owned();
        let (wanted, there) = (limit(desired), limit(observed));
        if wanted != there && !(standard && wanted == *default) {
            let shown = |limit: String| if limit.is_empty() { "none".to_owned() } else { limit };
            found.push((argument, shown(there), shown(wanted)));
        }
    }
    found
}

/// Whether an entry that is declared says the same as the one that Cognito has.
fn same_entry(desired: &Json, observed: &Json) -> bool {
    differences(desired, observed).is_empty()
}

fn entries(schema: &Json) -> &[Json] {
    schema.as_array().map_or(&[], Vec::as_slice)
}

fn find<'s>(schema: &'s Json, entry: &Json) -> Option<&'s Json> {
    let name = bare_name(entry["Name"].as_str().unwrap_or_default());
    let custom = !STANDARD_ATTRIBUTES.contains(&name);
    entries(schema).iter().find(|each| {
        let other = each["Name"].as_str().unwrap_or_default();
        bare_name(other) == name && custom == other.contains(':')
    })
}

/// What of a declared schema a pool lacks.
pub(crate) fn added_entries(desired: &Json, observed: &Json) -> Vec<Json> {
    schema_difference(desired, observed).0
}

/// What of a declared schema the pool lacks, and what differs from what it has.
fn schema_difference(desired: &Json, observed: &Json) -> (Vec<Json>, Vec<(Json, Json)>) {
    let mut missing = Vec::new();
    let mut changed = Vec::new();
    for entry in entries(desired) {
        match find(observed, entry) {
            None => missing.push(entry.clone()),
            Some(there) if !same_entry(entry, there) => changed.push((entry.clone(), there.clone())),
            Some(_) => {}
        }
    }
    (missing, changed)
}

fn same(path: &str, desired: &Json, observed: &Json) -> Option<bool> {
    match path {
        // Pools of the API have no user-name configuration unless it was given.
        "UsernameConfiguration.CaseSensitive" if setting::is_empty(observed) => Some(true),
        "Schema" => {
            let (missing, changed) = schema_difference(desired, observed);
            Some(missing.is_empty() && changed.is_empty())
        }
        RECOVERY => Some(setting::sorted(desired) == setting::sorted(observed)),
        // Cognito shows no tier for pools of before 2024.
        "UserPoolTier" if setting::is_empty(observed) => Some(desired == "LITE" || desired == "ESSENTIALS"),
        "DeletionProtection" if setting::is_empty(observed) => Some(desired == "INACTIVE"),
        "MfaConfig.SmsMfaConfiguration.Enabled" | "MfaConfig.SoftwareTokenMfaConfiguration.Enabled" => {
            Some(desired.as_bool().unwrap_or(false) == observed.as_bool().unwrap_or(false))
        }
        _ => None,
    }
}

/// What of the schema cannot be done in place, in words: entries that differ, and entries that are no longer declared.
pub(crate) fn schema_refusals(desired: &Json, observed: &Json, was_declared: &[String]) -> Vec<String> {
    let (missing, changed) = schema_difference(desired, observed);
    let mut refusals: Vec<String> = changed
        .iter()
        .map(|(entry, there)| {
            let name = entry["Name"].as_str().unwrap_or_default();
            let what: Vec<String> = differences(entry, there)
                .into_iter()
                .map(|(argument, there, wanted)| format!("{argument} {there} -> {wanted}"))
                .collect();
            format!("The attribute \"{name}\" is there and cannot change: {}", what.join(", "))
        })
        .collect();
    for entry in &missing {
        let name = entry["Name"].as_str().unwrap_or_default();
        if STANDARD_ATTRIBUTES.contains(&name) {
            refusals.push(format!(
                "The attribute \"{name}\" is a standard one that this pool lacks, and only custom ones can be added"
            ));
        }
    }
    for name in was_declared {
        if !entries(desired).iter().any(|entry| entry["Name"].as_str() == Some(name))
            && !STANDARD_ATTRIBUTES.contains(&name.as_str())
        {
            refusals.push(format!(
                "The attribute \"{name}\" is no longer declared, and Cognito cannot remove an attribute"
            ));
        }
    }
    refusals
}

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
    if (mode == "AUDIT" || mode == "ENFORCED") && setting::get(settings, "UserPoolTier").is_null() {
        added.push((
            "UserPoolTier",
            json!(THREAT_PROTECTION_TIER),
            "threat protection needs this tier, which is billed per active user",
        ));
    }
    added
}

fn draft(drafting: &Drafting<'_>) -> Vec<Draft> {
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
    if mfa.get("MfaConfiguration").is_some_and(|mode| mode != "OFF") {
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
    if touches(&|path| !path.starts_with("MfaConfig") && path != "Schema") {
        let body = with_identity(update_body(&merged, drafting.changes));
        drafts.push(Draft::new(
            drafting,
            KIND.update,
            body,
            Phase::Pool,
            "in place, everything else sent back as it is",
        ));
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

/// Members that say again what the verification template says. Cognito shows both, and takes either.
const MIRRORS: &[(&str, &str)] = &[
    ("EmailVerificationMessage", "VerificationMessageTemplate.EmailMessage"),
    ("EmailVerificationSubject", "VerificationMessageTemplate.EmailSubject"),
    ("SmsVerificationMessage", "VerificationMessageTemplate.SmsMessage"),
];

/// Where the value of a setting may stand in a body.
pub(crate) fn sent_as(path: &str) -> Vec<String> {
    let mut found = vec![path.to_owned(), format!("SmsMfaConfiguration.{path}")];
    found.extend(path.strip_prefix("MfaConfig.").map(str::to_owned));
    found.extend(MIRRORS.iter().filter(|(_, mirrored)| *mirrored == path).map(|(mirror, _)| (*mirror).to_owned()));
    if path == "Schema" {
        found.push("CustomAttributes".to_owned());
    }
    found
}

/// What tells whether devices are tracked at all.
const TRACKING: &str = "DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt";

/// The UpdateUserPool body of a merged tree: members that the request has, none that must not be echoed, mirrors alike.
fn update_body(merged: &Object, changes: &[SettingChange]) -> Object {
    let mut body = KIND.echo(merged);
    let unset = |path: &str| changes.iter().any(|change| change.path == path && change.new.is_null());
    for (mirror, path) in MIRRORS {
        match setting::get(merged, path) {
            Json::Null if unset(path) => {
                body.remove(*mirror);
            }
            Json::Null => {}
            said => {
                body.insert((*mirror).to_owned(), said.clone());
            }
        }
    }
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
    let mut delete = Draft::new(drafting, KIND.delete, identity, Phase::PoolRemoval, "no longer declared");
    delete.forgets = true;
    drafts.push(delete);
    drafts
}
