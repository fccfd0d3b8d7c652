//! The `user_pool` output: the attribute names of `aws_cognito_user_pool`.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use super::bare_name;
use crate::setting;

/// Triggers: attribute, member.
const TRIGGERS: &[(&str, &str)] = &[
    ("create_auth_challenge", "CreateAuthChallenge"),
    ("custom_message", "CustomMessage"),
    ("define_auth_challenge", "DefineAuthChallenge"),
    ("post_authentication", "PostAuthentication"),
    ("post_confirmation", "PostConfirmation"),
    ("pre_authentication", "PreAuthentication"),
    ("pre_sign_up", "PreSignUp"),
    ("pre_token_generation", "PreTokenGeneration"),
    ("user_migration", "UserMigration"),
    ("verify_auth_challenge_response", "VerifyAuthChallengeResponse"),
];

/// A block of the provider: a list with one object, or none.
fn block(present: bool, attributes: Json) -> Json {
    if present { json!([attributes]) } else { json!([]) }
}

/// `answer` as Cognito gives it, `desired` the declared settings, `endpoint` the issuer without its scheme,
/// `date` turns seconds since 1970 into RFC 3339.
pub(crate) fn output(
    answer: &Object,
    desired: Option<&Object>,
    domain: Option<&str>,
    endpoint: &str,
    own_tags: &Json,
    date: &dyn Fn(f64) -> String,
) -> Json {
    let at = |path: &str| setting::get(answer, path).clone();
    let text = |path: &str| match at(path) {
        Json::Null => json!(""),
        value => value,
    };
    let declared = |path: &str| desired.is_some_and(|settings| !setting::is_empty(setting::get(settings, path)));
    let list = |path: &str| if at(path).is_null() { json!([]) } else { setting::sorted(&at(path)) };
    let mfa = at("MfaConfig");
    let template = at("VerificationMessageTemplate");
    let in_template = |name: &str| template.get(name).cloned().unwrap_or_else(|| json!(""));
    let mechanisms: Vec<Json> = at("AccountRecoverySetting.RecoveryMechanisms")
        .as_array()
        .map(|items| items.iter().map(|item| json!({"name": item["Name"], "priority": item["Priority"]})).collect())
        .unwrap_or_default();
    let schema: Vec<Json> = desired
        .and_then(|settings| setting::get(settings, "Schema").as_array())
        .map(|entries| entries.iter().map(schema_attribute).collect())
        .unwrap_or_default();
    let mut triggers = Object::new();
    for (name, member) in TRIGGERS {
        triggers.insert((*name).to_owned(), text(&format!("LambdaConfig.{member}")));
    }
    triggers.insert("custom_email_sender".to_owned(), json!([]));
    triggers.insert("custom_sms_sender".to_owned(), json!([]));
    triggers.insert("kms_key_id".to_owned(), text("LambdaConfig.KMSKeyID"));
    let time = |path: &str| at(path).as_f64().map_or(json!(""), |seconds| json!(date(seconds)));
    let custom = domain.is_some_and(|name| name.contains('.'));
    json!({
        "account_recovery_setting":
            block(declared("AccountRecoverySetting.RecoveryMechanisms"), json!({"recovery_mechanism": mechanisms})),
        "admin_create_user_config": block(true, json!({
            "allow_admin_create_user_only": at("AdminCreateUserConfig.AllowAdminCreateUserOnly"),
            "invite_message_template": block(!setting::is_empty(&at("AdminCreateUserConfig.InviteMessageTemplate")), json!({
                "email_message": text("AdminCreateUserConfig.InviteMessageTemplate.EmailMessage"),
                "email_subject": text("AdminCreateUserConfig.InviteMessageTemplate.EmailSubject"),
                "sms_message": text("AdminCreateUserConfig.InviteMessageTemplate.SMSMessage"),
            })),
        })),
        "alias_attributes": if declared("AliasAttributes") { list("AliasAttributes") } else { Json::Null },
        "arn": text("Arn"),
        "auto_verified_attributes": list("AutoVerifiedAttributes"),
        "creation_date": time("CreationDate"),
        "custom_domain": if custom { json!(domain) } else { json!("") },
        "deletion_protection": text("DeletionProtection"),
        "device_configuration": block(!at("DeviceConfiguration").is_null(), json!({
            "challenge_required_on_new_device": at("DeviceConfiguration.ChallengeRequiredOnNewDevice"),
            "device_only_remembered_on_user_prompt": at("DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt"),
        })),
        "domain": if custom { json!("") } else { json!(domain.unwrap_or_default()) },
        "email_configuration": block(true, json!({
            "configuration_set": text("EmailConfiguration.ConfigurationSet"),
            "email_sending_account": text("EmailConfiguration.EmailSendingAccount"),
            "from_email_address": text("EmailConfiguration.From"),
            "reply_to_email_address": text("EmailConfiguration.ReplyToEmailAddress"),
            "source_arn": text("EmailConfiguration.SourceArn"),
        })),
        "email_verification_message": in_template("EmailMessage"),
        "email_verification_subject": in_template("EmailSubject"),
        "endpoint": endpoint,
        "estimated_number_of_users": at("EstimatedNumberOfUsers"),
        "id": text("Id"),
        "lambda_config": block(!setting::is_empty(&at("LambdaConfig")), Json::Object(triggers)),
        "last_modified_date": time("LastModifiedDate"),
        "mfa_configuration": match mfa.get("MfaConfiguration") {
            Some(mode) => mode.clone(),
            None => text("MfaConfiguration"),
        },
        "name": text("Name"),
        "password_policy": block(!setting::is_empty(&at("Policies.PasswordPolicy")), json!({
            "minimum_length": at("Policies.PasswordPolicy.MinimumLength"),
            "require_lowercase": at("Policies.PasswordPolicy.RequireLowercase"),
            "require_numbers": at("Policies.PasswordPolicy.RequireNumbers"),
            "require_symbols": at("Policies.PasswordPolicy.RequireSymbols"),
            "require_uppercase": at("Policies.PasswordPolicy.RequireUppercase"),
            "temporary_password_validity_days": at("Policies.PasswordPolicy.TemporaryPasswordValidityDays"),
        })),
        "schema": schema,
        "sms_authentication_message": text("SmsAuthenticationMessage"),
        "sms_configuration": block(!setting::is_empty(&at("SmsConfiguration")), json!({
            "external_id": text("SmsConfiguration.ExternalId"),
            "sns_caller_arn": text("SmsConfiguration.SnsCallerArn"),
            "sns_region": text("SmsConfiguration.SnsRegion"),
        })),
        "sms_verification_message": in_template("SmsMessage"),
        "software_token_mfa_configuration":
            block(mfa["SoftwareTokenMfaConfiguration"]["Enabled"] == json!(true), json!({"enabled": true})),
        "tags": own_tags,
        "tags_all": match at("UserPoolTags") { Json::Null => json!({}), tags => tags },
        "user_attribute_update_settings": block(
            !setting::is_empty(&at("UserAttributeUpdateSettings")),
            json!({"attributes_require_verification_before_update":
                list("UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate")}),
        ),
        "user_pool_add_ons": block(
            !setting::is_empty(&at("UserPoolAddOns")),
            json!({"advanced_security_mode": at("UserPoolAddOns.AdvancedSecurityMode")}),
        ),
        "username_attributes": if declared("UsernameAttributes") { list("UsernameAttributes") } else { Json::Null },
        "username_configuration": block(
            !setting::is_empty(&at("UsernameConfiguration")),
            json!({"case_sensitive": at("UsernameConfiguration.CaseSensitive")}),
        ),
        "verification_message_template": block(true, json!({
            "default_email_option": in_template("DefaultEmailOption"),
            "email_message": in_template("EmailMessage"),
            "email_message_by_link": in_template("EmailMessageByLink"),
            "email_subject": in_template("EmailSubject"),
            "email_subject_by_link": in_template("EmailSubjectByLink"),
            "sms_message": in_template("SmsMessage"),
        })),
    })
}

fn schema_attribute(entry: &Json) -> Json {
    let limit = |group: &str, member: &str| entry[group][member].as_str().unwrap_or_default().to_owned();
    let has = |group: &str| !entry[group].is_null();
    json!({
        "attribute_data_type": entry["AttributeDataType"],
        "developer_only_attribute": entry["DeveloperOnlyAttribute"],
        "mutable": entry["Mutable"],
        "name": bare_name(entry["Name"].as_str().unwrap_or_default()),
        "number_attribute_constraints": block(has("NumberAttributeConstraints"), json!({
            "max_value": limit("NumberAttributeConstraints", "MaxValue"),
            "min_value": limit("NumberAttributeConstraints", "MinValue"),
        })),
        "required": entry["Required"],
        "string_attribute_constraints": block(has("StringAttributeConstraints"), json!({
            "max_length": limit("StringAttributeConstraints", "MaxLength"),
            "min_length": limit("StringAttributeConstraints", "MinLength"),
        })),
    })
}
