//! User pool with its MFA configuration. Built on CreateUserPool, UpdateUserPool, DescribeUserPool, DeleteUserPool,
//! SetUserPoolMfaConfig, GetUserPoolMfaConfig, AddCustomAttributes.
//!
//! Cannot change in place: aliases, user-name attributes, case sensitivity, an attribute that is there. Cannot be
//! unset: the SMS configuration. Must exist first: nothing. UpdateUserPool resets much of what is left out, so every
//! update is a full echo; SetUserPoolMfaConfig sets the whole configuration.
//!
//! The tree of settings is that of CreateUserPool, with what GetUserPoolMfaConfig answers under `MfaConfig`.

mod advice;
mod arguments;
mod describe;
mod output;
mod password;
mod requests;
mod schema;
mod twins;

pub use arguments::ARGUMENTS;
pub(crate) use output::output;
pub(crate) use password::lacking;
use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Value};
pub(crate) use schema::{KEPT_BY_COGNITO, attribute_access, attribute_exists, exactly, required_of_writers, schema_of};
pub use schema::{STANDARD_ATTRIBUTES, bare_name};
use serde_json::{Value as Json, json};

use super::rules::Reasoned;
use super::{Family, Kind, PLAIN, Replacement, Rules, Terraform};
use crate::argument::Simple;
use crate::change::SettingChange;
use crate::decode::Decoded;
use crate::output::Endpoints;
use crate::plan::{Draft, Drafting};
use crate::resource::{Desired, Form, Observed};
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
    families: &[Family { under: "MfaConfig", operation: "SetUserPoolMfaConfig" }],
    namesakes: Some(("ListUserPools", "UserPools", "Name", "Id")),
    replacement: Replacement::Named,
    beyond_model: arguments::ACR_VALUES,
    advice: advice::ADVICE,
    terraform: Terraform {
        aws_type: "aws_cognito_user_pool",
        offered: true,
        id: None,
        import: None,
        computed: &[
            ("id", Simple::String, false, "Id of the pool."),
            ("arn", Simple::String, false, "ARN of the pool."),
            ("creation_date", Simple::String, false, "When it was made."),
            ("custom_domain", Simple::String, false, "Its domain, where that is a full name."),
            ("domain", Simple::String, false, "Its domain, where that is a prefix."),
            ("email_verification_message", Simple::String, false, "Text of the mail with a code."),
            ("email_verification_subject", Simple::String, false, "Subject of the mail with a code."),
            ("endpoint", Simple::String, false, "Issuer of its tokens, without https://."),
            ("estimated_number_of_users", Simple::Number, false, "Cognito's estimate, which lags."),
            ("last_modified_date", Simple::String, false, "When it was changed."),
            ("sms_verification_message", Simple::String, false, "SMS of a verification code."),
            ("tags_all", Simple::Map, false, "All of its tags, the provider's default_tags included."),
        ],
        own: &[
            (
                "allow_delete",
                Simple::Bool,
                false,
                "Whether the pool may be deleted although it has users. Counts once applied.",
            ),
            (
                "allow_replace",
                Simple::Bool,
                false,
                "Whether a change that is not possible in place may replace the pool, and lose its users and ids.",
            ),
        ],
        example: "  name                = \"orders\"\n  username_attributes = [\"email\"]\n  password_policy     = [{ minimum_length = 16 }]\n",
        example_id: "us-east-1_AbCdEfGhI",
    },
    rules: &Pool,
    ..PLAIN
};

struct Pool;

impl Rules for Pool {
    fn complete(&self, decoded: &mut Decoded) {
        complete(decoded);
    }

    fn place(&self, decoded: &Decoded, tags: &Object, _form: Form, settings: &mut Object) {
        place(decoded, tags, settings);
    }

    fn check(&self, decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        check(decoded, desired, diagnostics);
    }

    fn settle(&self, answer: &Object) -> Object {
        settle(answer)
    }

    fn same(&self, path: &str, desired: &Json, observed: &Json) -> Option<bool> {
        same(path, desired, observed)
    }

    fn refusals_of_growth(&self, path: &str, desired: &Json, observed: &Json, was: &[String]) -> Option<Vec<String>> {
        (path == SCHEMA).then(|| schema::schema_refusals(desired, observed, was))
    }

    fn grown_by(&self, path: &str, desired: &Json, observed: &Json) -> Option<Vec<Json>> {
        (path == SCHEMA).then(|| schema::added_entries(desired, observed))
    }

    fn undeclared_elements(&self, path: &str, desired: Option<&Json>, observed: &Json) -> Option<Vec<String>> {
        (path == SCHEMA).then(|| schema::undeclared(desired, observed))
    }

    fn goes_along(&self, desired: &Object, observed: &Object) -> Vec<Reasoned> {
        goes_along(desired, observed)
    }

    fn for_a_new_one(&self, settings: &Object) -> Vec<(&'static str, Json, &'static str)> {
        requests::for_a_new_one(settings)
    }

    fn is_twin(&self, path: &str) -> bool {
        twins::is_twin(path)
    }

    fn moves_with(&self, changed: &str, path: &str) -> bool {
        twins::moves_with(changed, path)
    }

    fn sent_as(&self, path: &str) -> Vec<String> {
        requests::sent_as(path)
    }

    fn impossible(&self, observed: &Object, changes: &[SettingChange]) -> Vec<(&'static str, &'static str, String)> {
        outside_its_tier(observed, changes).into_iter().chain(impossible(observed, changes)).collect()
    }

    fn lost_with(&self, observed: &Observed) -> Option<String> {
        let id = setting::get(&observed.answer, "Id").as_str()?;
        Some(format!("the pool id {id} goes, and with it its issuer, its keys and every token; another id comes"))
    }

    fn stake(&self, observed: &Observed) -> Option<(String, &'static str)> {
        let users = setting::get(&observed.answer, "EstimatedNumberOfUsers").as_u64().unwrap_or(0);
        let id = setting::get(&observed.answer, "Id").as_str().unwrap_or("the pool");
        Some((
            format!("At stake are about {users} users of {id}."),
            "To delete it and make another, with other ids, all the same",
        ))
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        requests::draft(drafting)
    }

    fn describe(&self, name: &str, settings: &Object) -> Option<Option<Json>> {
        describe::argument(name, settings)
    }

    fn attributes(
        &self,
        _kind: &Kind,
        observed: &Observed,
        elements: &Json,
        own_tags: &Json,
        endpoints: &Endpoints<'_>,
    ) -> Object {
        let text = |path: &str| setting::get(&observed.answer, path).as_str().unwrap_or_default();
        let issuer = (endpoints.issuer)(text("Id"));
        let endpoint = issuer.split_once("://").map_or(issuer.as_str(), |(_, rest)| rest);
        let name = [text("CustomDomain"), text("Domain")].into_iter().find(|name| !name.is_empty());
        let mut settings = observed.settings.clone();
        settings.insert(SCHEMA.to_owned(), elements.clone());
        let output = output(&observed.answer, Some(&settings), name, endpoint, own_tags, endpoints.date);
        let mut attributes = output.as_object().cloned().unwrap_or_default();
        attributes.insert("user_pool_tier".to_owned(), json!(text("UserPoolTier")));
        attributes
    }
}

/// The attributes of users, which only grow.
const SCHEMA: &str = "Schema";

const RECOVERY: &str = "AccountRecoverySetting.RecoveryMechanisms";

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
fn complete(decoded: &mut Decoded) {
    if !is_set(decoded, "alias_attributes") && !is_set(decoded, "username_attributes") {
        decoded.insert("alias_attributes", Value::tuple(vec!["email".into(), "preferred_username".into()]));
    }
}

/// Places what rows cannot: device tracking, factors, the schema, tags, protection.
fn place(decoded: &Decoded, tags: &Object, settings: &mut Object) {
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
    let schema: Vec<Json> = decoded
        .get("schema_attributes")
        .and_then(Value::items)
        .unwrap_or_default()
        .iter()
        .map(schema::schema_entry)
        .collect();
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

/// The rules between the arguments of a pool.
fn check(decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
    // A rule speaks once all that it is about is known.
    let mut error = |about: &[&str], summary: &str, detail: &str, argument: &str| {
        if !desired.decided(about) {
            return;
        }
        let place = desired.place(ARGUMENTS.iter().find(|row| row.name == argument).map_or("", |row| row.api));
        diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &place));
    };
    if is_set(decoded, "alias_attributes") && is_set(decoded, "username_attributes") {
        error(
            &["alias_attributes", "username_attributes"],
            "Aliases and user-name attributes",
            "alias_attributes and username_attributes exclude each other. Remove one of them.",
            "username_attributes",
        );
        if desired.form == Form::Resource {
            // Terraform says it at both.
            error(
                &["alias_attributes", "username_attributes"],
                "Aliases and user-name attributes",
                "alias_attributes and username_attributes exclude each other. Remove one of them.",
                "alias_attributes",
            );
        }
    }
    let factors = ["sms_configuration", "email_mfa_configuration"];
    let factor = is_true(decoded, "allow_software_mfa_token") || factors.iter().any(|name| is_set(decoded, name));
    if matches!(text(decoded, "mfa_configuration"), Some("ON" | "OPTIONAL")) && !factor {
        error(
            &["mfa_configuration", "allow_software_mfa_token", "sms_configuration"],
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
            &["auto_verified_attributes", "sms_configuration"],
            "Phone verification without SMS",
            "auto_verified_attributes with phone_number needs sms_configuration.",
            "auto_verified_attributes",
        );
    }
    match (text(decoded, "email_sending_account"), is_set(decoded, "email_source_arn")) {
        (Some("DEVELOPER"), false) => error(
            &["email_sending_account", "email_source_arn"],
            "SES without an identity",
            "email_sending_account DEVELOPER needs email_source_arn, the SES identity that sends.",
            "email_sending_account",
        ),
        (Some("COGNITO_DEFAULT") | None, false) if is_set(decoded, "email_from_address") => error(
            &["email_sending_account", "email_source_arn", "email_from_address"],
            "Sender without an identity",
            "email_from_address needs email_source_arn, the SES identity that it belongs to.",
            "email_from_address",
        ),
        _ => {}
    }
    // Recorded refusal of SetUserPoolMfaConfig.
    let asked = matches!(text(decoded, "mfa_configuration"), Some("ON" | "OPTIONAL"));
    let by_cognito = text(decoded, "email_sending_account") == Some("COGNITO_DEFAULT");
    if asked && by_cognito && is_set(decoded, "email_mfa_configuration") {
        error(
            &["email_mfa_configuration", "email_sending_account", "mfa_configuration"],
            "Second factor by mail without SES",
            "email_mfa_configuration needs email_sending_account = \"DEVELOPER\" with email_source_arn. Declare them, or leave mail out.",
            "email_mfa_configuration",
        );
    }
    if text(decoded, "email_from_address").is_some_and(|from| !from.is_empty() && !is_sender(from)) {
        error(
            &["email_from_address"],
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
            &["account_recovery_mechanisms"],
            "Recovery by administrators only",
            "admin_only cannot stand beside another recovery mechanism.",
            "account_recovery_mechanisms",
        );
    }
    if mechanisms.len() == 2 && mechanisms[0] == mechanisms[1] {
        error(
            &["account_recovery_mechanisms"],
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
            &["account_recovery_mechanisms"],
            "Recovery mechanisms of one priority",
            "Each recovery mechanism needs a priority of its own: 1 is tried first, then 2.",
            "account_recovery_mechanisms",
        );
    }
    let threat = matches!(text(decoded, "advanced_security_mode"), Some("AUDIT" | "ENFORCED"));
    if threat && matches!(text(decoded, "user_pool_tier"), Some("LITE" | "ESSENTIALS")) {
        error(
            &["advanced_security_mode", "user_pool_tier"],
            "Threat protection outside its tier",
            "advanced_security_mode AUDIT or ENFORCED needs user_pool_tier = \"PLUS\", or null to leave a new pool to it.",
            "user_pool_tier",
        );
    }
    if desired.decided(&["email_source_arn", "email_sending_account"])
        && is_set(decoded, "email_source_arn")
        && text(decoded, "email_sending_account") != Some("DEVELOPER")
    {
        diagnostics.push(
            Diagnostic::warning(
                "SES identity without SES",
                "email_source_arn without email_sending_account = \"DEVELOPER\" only works where the SES identity has a sending policy that lets Cognito use it. Cognito refuses it otherwise.",
            )
            .about(&desired.call, &desired.place("EmailConfiguration.SourceArn")),
        );
    }
    schema::check_schema(decoded, desired, diagnostics);
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

/// A pool whose threat protection and tier do not fit once `changes` are made, and which setting says so.
fn outside_its_tier(observed: &Object, changes: &[SettingChange]) -> Option<(&'static str, &'static str, String)> {
    const MODE: &str = "UserPoolAddOns.AdvancedSecurityMode";
    let path = [MODE, "UserPoolTier"].into_iter().find(|path| changes.iter().any(|change| change.path == *path))?;
    let merged = crate::change::overlay(observed, changes);
    let (mode, tier) = (setting::get(&merged, MODE), setting::get(&merged, "UserPoolTier"));
    let outside = (mode == "AUDIT" || mode == "ENFORCED") && (tier == "LITE" || tier == "ESSENTIALS");
    let detail = "advanced_security_mode AUDIT or ENFORCED needs the tier PLUS, and this pool has or gets another. Add user_pool_tier = \"PLUS\", which is billed per active user.";
    outside.then(|| (path, "Threat protection outside its tier", detail.to_owned()))
}

/// What nobody declares and cannot stay beside what is declared, and why: an SES identity that somebody else gave a pool
/// whose mail Cognito sends. It is refused without a sending policy (recorded: "Cognito is not allowed to use your email
/// identity"), and sender and configuration set belong to it.
fn goes_along(desired: &Object, observed: &Object) -> Vec<(&'static str, &'static str)> {
    const SENDER: &str = "EmailConfiguration.EmailSendingAccount";
    const SOURCE: &str = "EmailConfiguration.SourceArn";
    const WITH_IT: &[&str] = &[SOURCE, "EmailConfiguration.From", "EmailConfiguration.ConfigurationSet"];
    let declared_alone = setting::get(desired, SENDER) == "COGNITO_DEFAULT" && setting::get(desired, SOURCE).is_null();
    if !declared_alone || setting::is_empty(setting::get(observed, SOURCE)) {
        return Vec::new();
    }
    let there = WITH_IT.iter().filter(|path| !setting::is_empty(setting::get(observed, path)));
    there.map(|path| (*path, "it belongs to an SES identity, and Cognito sends the mail")).collect()
}

/// What Cognito refuses together although each by itself is fine: the setting of the declaration that it is about, a
/// summary, and what to do. Half of it is often set elsewhere, so that only a plan can see it; found later, the first of
/// several requests would be done already. `observed` is what is there, `changes` what is to come.
fn impossible(observed: &Object, changes: &[SettingChange]) -> Vec<(&'static str, &'static str, String)> {
    const MODE: &str = "MfaConfig.MfaConfiguration";
    const SENDER: &str = "EmailConfiguration.EmailSendingAccount";
    let merged = crate::change::overlay(observed, changes);
    let touches = |paths: &[&str]| changes.iter().any(|change| paths.contains(&change.path.as_str()));
    let factors: Vec<&str> = setting::get(&merged, "Policies.SignInPolicy.AllowedFirstAuthFactors")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let on = setting::get(&merged, MODE) == "ON";
    let off = setting::get(&merged, MODE).as_str().is_none_or(|mode| mode == "OFF");
    let by_mail = !setting::is_empty(setting::get(&merged, "MfaConfig.EmailMfaConfiguration"));
    let mut found = Vec::new();
    if on && touches(&[MODE]) {
        // Recorded refusal; OPTIONAL is accepted.
        for factor in factors.iter().filter(|factor| ["EMAIL_OTP", "SMS_OTP"].contains(factor)) {
            let detail = format!(
                "mfa_configuration = \"ON\" does not go with {factor} as a first factor, which the sign-in policy of this \
                 pool has; it was set elsewhere. Use \"OPTIONAL\", or take {factor} out of the sign-in policy first."
            );
            found.push((MODE, "Second factor beside one-time passwords", detail));
        }
        let passkeys = setting::get(&merged, "MfaConfig.WebAuthnConfiguration.FactorConfiguration");
        if factors.contains(&"WEB_AUTHN") && (passkeys.is_null() || passkeys == "SINGLE_FACTOR") {
            let detail = "mfa_configuration = \"ON\" does not go with passkeys that are a factor alone, which this pool has; they \
                          were set elsewhere. Use \"OPTIONAL\", or have passkeys count as several factors first.";
            found.push((MODE, "Second factor beside passkeys", detail.to_owned()));
        }
    }
    // Recorded refusal of SetUserPoolMfaConfig; the update that takes the sender away comes before it.
    if by_mail && !off && setting::get(&merged, SENDER) != "DEVELOPER" && touches(&[MODE, SENDER]) {
        let detail = "Mail is a second factor of this pool, set elsewhere, and needs email_sending_account = \"DEVELOPER\" with \
                      email_source_arn. Declare them, or take the factor away first.";
        found.push((SENDER, "Second factor by mail without SES", detail.to_owned()));
    }
    // The lower tier comes last, when the rest is done already (feature plans page).
    if touches(&["UserPoolTier"]) && setting::get(&merged, "UserPoolTier") == "LITE" {
        let beyond: Vec<&str> = factors.iter().copied().filter(|factor| *factor != "PASSWORD").collect();
        if !beyond.is_empty() || by_mail && !off {
            let what = if beyond.is_empty() { "a second factor by mail".to_owned() } else { beyond.join(", ") };
            let detail = format!(
                "The tier LITE does not have what this pool uses, set elsewhere: {what}. Keep \"ESSENTIALS\", or take it \
                 away first."
            );
            found.push(("UserPoolTier", "Tier that lacks what the pool has", detail));
        }
    }
    found
}

fn settle(answer: &Object) -> Object {
    let mut settings = setting::compact(answer);
    if let Some(name) = settings.remove("Name") {
        settings.insert("PoolName".to_owned(), name);
    }
    if let Some(schema) = settings.remove("SchemaAttributes") {
        settings.insert("Schema".to_owned(), schema);
    }
    twins::settle(&mut settings);
    let has_sms = settings.get("MfaConfig").is_some_and(|mfa| !setting::is_empty(&mfa["SmsMfaConfiguration"]));
    setting::put(&mut settings, "MfaConfig.SmsMfaConfiguration.Enabled", json!(has_sms));
    settings
}

fn same(path: &str, desired: &Json, observed: &Json) -> Option<bool> {
    match path {
        // Pools of the API have no user-name configuration unless it was given.
        "UsernameConfiguration.CaseSensitive" if setting::is_empty(observed) => Some(true),
        "Schema" => {
            let (missing, changed) = schema::schema_difference(desired, observed);
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
