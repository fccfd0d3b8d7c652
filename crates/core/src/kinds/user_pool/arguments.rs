//! The rows of a user pool: the module's arguments with its defaults, and what poolform adds.

use crate::argument::{Argument, Default, Kind, Reset, Rule, bool, map, number, record, records, set, string};

const CODE: Rule = Rule::Contains(&["{####}"]);
const CODE_AND_NAME: Rule = Rule::Contains(&["{username}", "{####}"]);
const FIXED: &str = "Cognito fixes it when the pool is created; another pool would lose every user of this one";
/// What a password policy has that says other things and not this (recorded: a partial policy is filled up with it).
const UNASKED: Reset = Reset::Json("false");
const SMS_STAYS: Reset = Reset::Never("Cognito cannot remove an SMS configuration; it stays as it is");

static SMS: &[Argument] = &[
    string("external_id")
        .api("SmsConfiguration.ExternalId")
        .required()
        .reset(SMS_STAYS)
        .doc("External id in the trust policy of the role."),
    string("sns_caller_arn")
        .api("SmsConfiguration.SnsCallerArn")
        .required()
        .rule(Rule::Arn)
        .reset(SMS_STAYS)
        .doc("Role with which Cognito sends SMS."),
    string("sns_region").api("SmsConfiguration.SnsRegion").reset(SMS_STAYS).doc("Region whose SNS sends SMS."),
];

static EMAIL_MFA: &[Argument] = &[
    string("message").api("MfaConfig.EmailMfaConfiguration.Message").rule(CODE).doc("Mail with a code, with {####}."),
    string("subject").api("MfaConfig.EmailMfaConfiguration.Subject").doc("Subject of that mail."),
];

/// The only version of the events of custom senders (CustomEmailSenderLambdaVersionType).
const SENDER_VERSION: Rule = Rule::OneOf(&["V1_0"]);

static EMAIL_SENDER: &[Argument] = &[
    string("lambda_arn")
        .api("LambdaConfig.CustomEmailSender.LambdaArn")
        .required()
        .rule(Rule::Arn)
        .doc("ARN of the function."),
    string("lambda_version")
        .api("LambdaConfig.CustomEmailSender.LambdaVersion")
        .required()
        .rule(SENDER_VERSION)
        .doc("Version of its event: V1_0."),
];

static SMS_SENDER: &[Argument] = &[
    string("lambda_arn")
        .api("LambdaConfig.CustomSMSSender.LambdaArn")
        .required()
        .rule(Rule::Arn)
        .doc("ARN of the function."),
    string("lambda_version")
        .api("LambdaConfig.CustomSMSSender.LambdaVersion")
        .required()
        .rule(SENDER_VERSION)
        .doc("Version of its event: V1_0."),
];

static PRE_TOKEN_GENERATION: &[Argument] = &[
    string("lambda_arn")
        .api("LambdaConfig.PreTokenGenerationConfig.LambdaArn")
        .required()
        .rule(Rule::Arn)
        .doc("ARN of the function; where pre_token_generation is given too, the same."),
    string("lambda_version")
        .api("LambdaConfig.PreTokenGenerationConfig.LambdaVersion")
        .required()
        .rule(Rule::OneOf(&["V1_0", "V2_0", "V3_0"]))
        .doc("Version of its event: V1_0, V2_0 or V3_0."),
];

static WEB_AUTHN: &[Argument] = &[
    string("relying_party_id")
        .api("MfaConfig.WebAuthnConfiguration.RelyingPartyId")
        .doc("Domain that passkeys belong to."),
    string("user_verification")
        .api("MfaConfig.WebAuthnConfiguration.UserVerification")
        .rule(Rule::OneOf(&["required", "preferred"]))
        .doc("Whether a device must verify its user: required, or preferred."),
    string("factor_configuration")
        .api("MfaConfig.WebAuthnConfiguration.FactorConfiguration")
        .rule(Rule::OneOf(&["SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION"]))
        .reset(Reset::Json("\"SINGLE_FACTOR\""))
        .doc("Whether a passkey that verifies its user counts as several factors; needs the tier ESSENTIALS."),
];

static INBOUND_FEDERATION: &[Argument] = &[
    string("lambda_arn")
        .api("LambdaConfig.InboundFederation.LambdaArn")
        .required()
        .rule(Rule::Arn)
        .doc("ARN of the function."),
    string("lambda_version")
        .api("LambdaConfig.InboundFederation.LambdaVersion")
        .required()
        .rule(SENDER_VERSION)
        .doc("Version of its event: V1_0."),
];

static KEY: &[Argument] = &[
    string("key_type")
        .api("KeyConfiguration.KeyType")
        .rule(Rule::OneOf(&["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KEY"]))
        .reset(Reset::Json("\"AWS_OWNED_KEY\""))
        .doc("Whose key encrypts what the pool keeps: AWS_OWNED_KEY or CUSTOMER_MANAGED_KEY."),
    string("kms_key_arn").api("KeyConfiguration.KmsKeyArn").rule(Rule::Arn).doc("The key, for CUSTOMER_MANAGED_KEY."),
];

static ISSUER: &[Argument] = &[string("type")
    .api("IssuerConfiguration.Type")
    .rule(Rule::OneOf(&["ORIGINAL", "UPDATED"]))
    .reset(Reset::Json("\"ORIGINAL\""))
    .doc("Form of the issuer in tokens: ORIGINAL, or UPDATED with a host name of its own.")];

const DCR_STAYS: Reset = Reset::Never("UpdateUserPool keeps what it is not told of client registration");

static DCR: &[Argument] = &[
    string("enable_status")
        .api("DcrConfiguration.EnableStatus")
        .rule(Rule::OneOf(&["Enabled", "Disabled"]))
        .reset(Reset::Json("\"Disabled\""))
        .doc("Whether clients may register themselves: Enabled or Disabled; needs the tier ESSENTIALS."),
    bool("open_dcr_enabled")
        .api("DcrConfiguration.OpenDcrEnabled")
        .reset(Reset::Json("false"))
        .doc("Whether they may without a token."),
    set("authenticated_grant_types")
        .api("DcrConfiguration.AuthenticatedGrantTypes")
        .rule(Rule::OneOf(&["code", "implicit", "client_credentials"]))
        .reset(DCR_STAYS)
        .doc("Flows of clients that register with a token; code and client_credentials unless told."),
    set("open_dcr_grant_types")
        .api("DcrConfiguration.OpenDcrGrantTypes")
        .rule(Rule::OneOf(&["code", "implicit", "client_credentials"]))
        .reset(DCR_STAYS)
        .doc("Flows of clients that register without one; code unless told."),
    set("allowed_scopes")
        .api("DcrConfiguration.AllowedScopes")
        .rule(Rule::AtMost(50))
        .reset(DCR_STAYS)
        .doc("Scopes of registered clients besides those of OpenID Connect, 50 at most."),
];

static ACR: &[Argument] = &[
    string("level_1")
        .api("AcrConfiguration.Level1.AcrValue")
        .doc("The acr of a password; urn:cognito:loa:1 unless told."),
    string("level_2")
        .api("AcrConfiguration.Level2.AcrValue")
        .doc("That of a one-time code; urn:cognito:loa:2 unless told."),
    string("level_3")
        .api("AcrConfiguration.Level3.AcrValue")
        .doc("That of a passkey, or of a password with a one-time code; urn:cognito:loa:3 unless told."),
    string("level_4")
        .api("AcrConfiguration.Level4.AcrValue")
        .doc("That of a password with an authenticator app; urn:cognito:loa:4 unless told."),
];

/// Members of a map of objects, which rows name one by one; the API model's paths end at the map.
pub(super) const ACR_VALUES: &[&str] = &[
    "AcrConfiguration.Level1.AcrValue",
    "AcrConfiguration.Level2.AcrValue",
    "AcrConfiguration.Level3.AcrValue",
    "AcrConfiguration.Level4.AcrValue",
];

static RECOVERY: &[Argument] = &[
    string("name")
        .api("Name")
        .required()
        .rule(Rule::OneOf(&["verified_email", "verified_phone_number", "admin_only"]))
        .doc("verified_email, verified_phone_number or admin_only; the last one alone."),
    number("priority").api("Priority").required().doc("1 is tried first, then 2."),
];

/// One entry of `schema_attributes`.
pub(super) static SCHEMA: &[Argument] = &[
    string("name")
        .api("Name")
        .required()
        .doc("A standard attribute, or a custom one without its prefix; 20 characters at most."),
    string("type")
        .resource("attribute_data_type")
        .api("AttributeDataType")
        .required()
        .rule(Rule::OneOf(&["String", "Number", "DateTime", "Boolean"]))
        .doc("String, Number, DateTime or Boolean."),
    bool("required")
        .api("Required")
        .or(Default::Bool(false))
        .doc("Whether sign-up must give it; standard attributes only."),
    bool("mutable")
        .provider_default(Default::Bool(false))
        .api("Mutable")
        .or(Default::Bool(true))
        .doc("Whether its value may change."),
    bool("developer_only_attribute")
        .api("DeveloperOnlyAttribute")
        .or(Default::Bool(false))
        .doc("Whether only administrators see it."),
    number("min_length")
        .resource_as("string_attribute_constraints.min_length", Kind::String)
        .by_code()
        .doc("Least length of a String, 0 unless told."),
    number("max_length")
        .resource_as("string_attribute_constraints.max_length", Kind::String)
        .by_code()
        .doc("Greatest length of a String, 2048 unless told."),
    number("min_value")
        .resource_as("number_attribute_constraints.min_value", Kind::String)
        .by_code()
        .doc("Least value of a Number."),
    number("max_value")
        .resource_as("number_attribute_constraints.max_value", Kind::String)
        .by_code()
        .doc("Greatest value of a Number."),
];

/// The arguments that are the pool's own.
pub static ARGUMENTS: &[Argument] = &[
    string("name").api("PoolName").required().doc("Name of the pool, 1 to 128 characters. Renamed in place."),
    string("advanced_security_mode").resource("user_pool_add_ons.advanced_security_mode")
        .api("UserPoolAddOns.AdvancedSecurityMode")
        .or(Default::Text("OFF"))
        .rule(Rule::OneOf(&["OFF", "AUDIT", "ENFORCED"]))
        .reset(Reset::Json("\"OFF\""))
        .doc("Threat protection: OFF, AUDIT or ENFORCED. The last two need the tier PLUS, which is billed."),
    set("alias_attributes")
        .api("AliasAttributes")
        .rule(Rule::OneOf(&["phone_number", "email", "preferred_username"]))
        .immutable(FIXED)
        .doc("What users may sign in with besides their name; email and preferred_username unless username_attributes is given."),
    set("username_attributes")
        .api("UsernameAttributes")
        .rule(Rule::OneOf(&["phone_number", "email"]))
        .immutable(FIXED)
        .doc("What users sign up with instead of a name: email, phone_number. Not together with alias_attributes."),
    bool("allow_admin_create_user_only").resource("admin_create_user_config.allow_admin_create_user_only").provider_default(Default::Bool(false))
        .api("AdminCreateUserConfig.AllowAdminCreateUserOnly")
        .or(Default::Bool(true))
        .reset(Reset::Json("false"))
        .doc("Whether only administrators create users."),
    string("invite_email_subject").resource("admin_create_user_config.invite_message_template.email_subject")
        .api("AdminCreateUserConfig.InviteMessageTemplate.EmailSubject")
        .or(Default::Text("Your new account."))
        .doc("Subject of the invitation, 140 characters at most."),
    string("invite_email_message").resource("admin_create_user_config.invite_message_template.email_message")
        .api("AdminCreateUserConfig.InviteMessageTemplate.EmailMessage")
        .or(Default::Text("Your username is {username} and your temporary password is '{####}'."))
        .rule(CODE_AND_NAME)
        .doc("Text of the invitation, with {username} and {####}."),
    string("invite_sms_message").resource("admin_create_user_config.invite_message_template.sms_message")
        .api("AdminCreateUserConfig.InviteMessageTemplate.SMSMessage")
        .or(Default::Text("Your username is {username} and your temporary password is '{####}'."))
        .rule(CODE_AND_NAME)
        .doc("Invitation by SMS, with {username} and {####}, 140 characters at most."),
    set("auto_verified_attributes")
        .api("AutoVerifiedAttributes")
        .or(Default::Texts(&["email"]))
        .rule(Rule::OneOf(&["email", "phone_number"]))
        .doc("What Cognito verifies by itself: email, phone_number; the latter needs sms_configuration."),
    records("account_recovery_mechanisms", RECOVERY).resource("account_recovery_setting.recovery_mechanism")
        .api("AccountRecoverySetting.RecoveryMechanisms")
        .rule(Rule::AtMost(2))
        .reset(Reset::Json(
            r#"[{"Name":"verified_email","Priority":1},{"Name":"verified_phone_number","Priority":2}]"#,
        ))
        .doc("How a forgotten password is recovered, by priority; an empty list leaves it to Cognito."),
    bool("challenge_required_on_new_device").resource("device_configuration.challenge_required_on_new_device").provider_default(Default::Bool(false))
        .api("DeviceConfiguration.ChallengeRequiredOnNewDevice")
        .by_code()
        .or(Default::Bool(true))
        .reset(Reset::Json("false"))
        .doc("Whether a new device takes a challenge; only while devices are tracked."),
    string("user_device_tracking").resource_as("device_configuration.device_only_remembered_on_user_prompt", Kind::Bool).provider_default(Default::Text("ALWAYS"))
        .api("DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt")
        .by_code()
        .or(Default::Text("USER_OPT_IN"))
        .rule(Rule::OneOfAnyCase(&["OFF", "ALWAYS", "USER_OPT_IN"]))
        .words(&[("true", "\"USER_OPT_IN\""), ("false", "\"ALWAYS\"")])
        .doc("Which devices are remembered: OFF, ALWAYS, or USER_OPT_IN where the user agrees. Letter case does not matter."),
    bool("enable_username_case_sensitivity").resource("username_configuration.case_sensitive")
        .api("UsernameConfiguration.CaseSensitive")
        .or(Default::Bool(false))
        .immutable(FIXED)
        .doc("Whether Ann and ann are two users."),
    string("email_sending_account").resource("email_configuration.email_sending_account").provider_default(Default::Text("COGNITO_DEFAULT"))
        .api("EmailConfiguration.EmailSendingAccount")
        .or(Default::Text("COGNITO_DEFAULT"))
        .rule(Rule::OneOf(&["COGNITO_DEFAULT", "DEVELOPER"]))
        .reset(Reset::Json("\"COGNITO_DEFAULT\""))
        .doc("Who sends mail: COGNITO_DEFAULT (50 a day) or DEVELOPER, your own SES identity."),
    string("email_reply_to_address").resource("email_configuration.reply_to_email_address").api("EmailConfiguration.ReplyToEmailAddress").doc("Where answers go."),
    string("email_source_arn").resource("email_configuration.source_arn")
        .api("EmailConfiguration.SourceArn")
        .rule(Rule::Arn)
        .doc("SES identity that sends; DEVELOPER needs it."),
    string("email_from_address").resource("email_configuration.from_email_address").api("EmailConfiguration.From").doc("Sender as readers see it."),
    string("mfa_configuration").provider_default(Default::Text("OFF"))
        .api("MfaConfig.MfaConfiguration")
        .or(Default::Text("OPTIONAL"))
        .rule(Rule::OneOf(&["ON", "OFF", "OPTIONAL"]))
        .reset(Reset::Json("\"OFF\""))
        .doc("Multi-factor authentication: OFF, OPTIONAL or ON for all. Not OFF needs a factor."),
    number("password_minimum_length").resource("password_policy.minimum_length")
        .api("Policies.PasswordPolicy.MinimumLength")
        .or(Default::Number(20))
        .reset(Reset::Json("8"))
        .rule(Rule::Between(6, 99))
        .doc("Least length of a password, 6 to 99."),
    bool("password_require_lowercase").resource("password_policy.require_lowercase").provider_default(Default::Bool(false))
        .api("Policies.PasswordPolicy.RequireLowercase")
        .or(Default::Bool(true))
        .reset(UNASKED)
        .doc("Whether a password needs a lower-case letter."),
    bool("password_require_numbers").resource("password_policy.require_numbers").provider_default(Default::Bool(false))
        .api("Policies.PasswordPolicy.RequireNumbers")
        .or(Default::Bool(true))
        .reset(UNASKED)
        .doc("Whether a password needs a digit."),
    bool("password_require_symbols").resource("password_policy.require_symbols").provider_default(Default::Bool(false))
        .api("Policies.PasswordPolicy.RequireSymbols")
        .or(Default::Bool(true))
        .reset(UNASKED)
        .doc("Whether a password needs a symbol."),
    bool("password_require_uppercase").resource("password_policy.require_uppercase").provider_default(Default::Bool(false))
        .api("Policies.PasswordPolicy.RequireUppercase")
        .or(Default::Bool(true))
        .reset(UNASKED)
        .doc("Whether a password needs an upper-case letter."),
    number("temporary_password_validity_days").resource("password_policy.temporary_password_validity_days")
        .api("Policies.PasswordPolicy.TemporaryPasswordValidityDays")
        .or(Default::Number(1))
        .reset(Reset::Json("7"))
        // To Cognito 0 is absent, which is 7: declared, it would be a difference that no apply takes away.
        .rule(Rule::Between(1, 365))
        .doc("Days that an invitation's password lives, 1 to 365."),
    bool("allow_software_mfa_token").resource("software_token_mfa_configuration.enabled")
        .api("MfaConfig.SoftwareTokenMfaConfiguration.Enabled")
        .by_code()
        .or(Default::Bool(true))
        .reset(Reset::Json("false"))
        .doc("Whether authenticator apps are a factor, while mfa_configuration is not OFF."),
    string("sms_authentication_message")
        .api("SmsAuthenticationMessage")
        .or(Default::Text("Your temporary password is {####}."))
        .rule(CODE)
        .doc("SMS of a sign-in code, with {####}."),
    string("lambda_create_auth_challenge").resource("lambda_config.create_auth_challenge").api("LambdaConfig.CreateAuthChallenge").rule(Rule::Arn).doc("Trigger: makes a custom challenge."),
    string("lambda_custom_message").resource("lambda_config.custom_message").api("LambdaConfig.CustomMessage").rule(Rule::Arn).doc("Trigger: words messages."),
    string("lambda_define_auth_challenge").resource("lambda_config.define_auth_challenge").api("LambdaConfig.DefineAuthChallenge").rule(Rule::Arn).doc("Trigger: decides which challenge is next."),
    string("lambda_post_authentication").resource("lambda_config.post_authentication").api("LambdaConfig.PostAuthentication").rule(Rule::Arn).doc("Trigger: after a sign-in."),
    string("lambda_post_confirmation").resource("lambda_config.post_confirmation").api("LambdaConfig.PostConfirmation").rule(Rule::Arn).doc("Trigger: after a confirmation."),
    string("lambda_pre_authentication").resource("lambda_config.pre_authentication").api("LambdaConfig.PreAuthentication").rule(Rule::Arn).doc("Trigger: before a sign-in."),
    string("lambda_pre_sign_up").resource("lambda_config.pre_sign_up").api("LambdaConfig.PreSignUp").rule(Rule::Arn).doc("Trigger: before a sign-up."),
    string("lambda_pre_token_generation").resource("lambda_config.pre_token_generation").api("LambdaConfig.PreTokenGeneration").rule(Rule::Arn).doc("Trigger: before tokens are made."),
    string("lambda_user_migration").resource("lambda_config.user_migration").api("LambdaConfig.UserMigration").rule(Rule::Arn).doc("Trigger: an unknown user signs in."),
    string("lambda_verify_auth_challenge_response").resource("lambda_config.verify_auth_challenge_response")
        .api("LambdaConfig.VerifyAuthChallengeResponse")
        .rule(Rule::Arn)
        .doc("Trigger: judges the answer to a custom challenge."),
    records("schema_attributes", SCHEMA).resource("schema")
        .api("Schema")
        .by_code()
        .rule(Rule::AtMost(50))
        .doc("Attributes of users, 50 at most. New ones are added in place; what is there cannot change."),
    record("sms_configuration", SMS)
        .api("MfaConfig.SmsMfaConfiguration.Enabled")
        .by_code()
        .reset(SMS_STAYS)
        .doc("How Cognito sends SMS; SMS is then a factor too. Cognito cannot remove it again."),
    string("default_email_option").resource("verification_message_template.default_email_option").provider_default(Default::Text("CONFIRM_WITH_CODE"))
        .api("VerificationMessageTemplate.DefaultEmailOption")
        .or(Default::Text("CONFIRM_WITH_CODE"))
        .rule(Rule::OneOf(&["CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE"]))
        .reset(Reset::Json("\"CONFIRM_WITH_CODE\""))
        .doc("How an address is verified: CONFIRM_WITH_CODE or CONFIRM_WITH_LINK."),
    string("email_message").resource("verification_message_template.email_message").resource_alias("email_verification_message")
        .api("VerificationMessageTemplate.EmailMessage")
        .or(Default::Text("Your verification code is {####}."))
        .rule(CODE)
        .doc("Mail with a code, with {####}."),
    string("email_message_by_link").resource("verification_message_template.email_message_by_link")
        .api("VerificationMessageTemplate.EmailMessageByLink")
        .or(Default::Text("Please click the link below to verify your email address. {##Verify Email##}."))
        .rule(Rule::Link)
        .doc("Mail with a link, with {##text##}."),
    string("email_subject").resource("verification_message_template.email_subject").resource_alias("email_verification_subject")
        .api("VerificationMessageTemplate.EmailSubject")
        .or(Default::Text("Your Verification Code"))
        .doc("Subject of the mail with a code, 140 characters at most."),
    string("email_subject_by_link").resource("verification_message_template.email_subject_by_link")
        .api("VerificationMessageTemplate.EmailSubjectByLink")
        .or(Default::Text("Your Verification Link"))
        .doc("Subject of the mail with a link, 140 characters at most."),
    string("sms_message").resource("verification_message_template.sms_message").resource_alias("sms_verification_message")
        .api("VerificationMessageTemplate.SmsMessage")
        .or(Default::Text("Your verification code is {####}."))
        .rule(CODE)
        .doc("SMS of a verification code, with {####}."),
    map("tags").api("UserPoolTags").by_code().or(Default::Empty).doc("Tags of the pool; they win over module_tags and the provider's default_tags."),
    string("user_pool_tier")
        .api("UserPoolTier")
        .rule(Rule::OneOf(&["LITE", "ESSENTIALS", "PLUS"]))
        .reset(Reset::Json("\"ESSENTIALS\""))
        .doc("Feature plan: LITE, ESSENTIALS or PLUS. Null leaves it to Cognito, but a new pool with threat protection gets PLUS."),
    bool("deletion_protection").resource_as("deletion_protection", Kind::String).provider_default(Default::Bool(false))
        .api("DeletionProtection")
        .by_code()
        .words(&[("\"ACTIVE\"", "true"), ("\"INACTIVE\"", "false")])
        .reset(Reset::Never("protection is only turned off by deletion_protection = false"))
        .doc("Whether Cognito refuses to delete the pool. Null protects a new pool and leaves an existing one as it is."),
    // From here on they came to Cognito after the original module.
    string("email_configuration_set")
        .resource("email_configuration.configuration_set")
        .api("EmailConfiguration.ConfigurationSet")
        .doc("Configuration set of SES that mails are sent with."),
    record("email_mfa_configuration", EMAIL_MFA).doc("Codes by mail as a second factor; needs an SES identity."),
    string("lambda_kms_key_id")
        .resource("lambda_config.kms_key_id")
        .api("LambdaConfig.KMSKeyID")
        .rule(Rule::Arn)
        .doc("Key that codes for custom senders are encrypted with."),
    record("lambda_custom_email_sender", EMAIL_SENDER)
        .resource("lambda_config.custom_email_sender")
        .doc("Trigger: sends mails in Cognito's place; needs kms_key_id."),
    record("lambda_custom_sms_sender", SMS_SENDER)
        .resource("lambda_config.custom_sms_sender")
        .doc("Trigger: sends SMS in Cognito's place; needs kms_key_id."),
    record("lambda_pre_token_generation_config", PRE_TOKEN_GENERATION)
        .resource("lambda_config.pre_token_generation_config")
        .doc("Trigger: before tokens are made, with the version of its event."),
    number("password_history_size")
        .resource("password_policy.password_history_size")
        .api("Policies.PasswordPolicy.PasswordHistorySize")
        .rule(Rule::Between(0, 24))
        .reset(Reset::Json("0"))
        .doc("How many passwords before must not be used again, 0 to 24; needs the tier ESSENTIALS."),
    set("allowed_first_auth_factors")
        .resource("sign_in_policy.allowed_first_auth_factors")
        .api("Policies.SignInPolicy.AllowedFirstAuthFactors")
        .rule(Rule::OneOf(&["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]))
        .reset(Reset::Json(r#"["PASSWORD"]"#))
        .doc("What a choice-based sign-in may begin with: PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN."),
    set("attributes_require_verification_before_update")
        .resource("user_attribute_update_settings.attributes_require_verification_before_update")
        .api("UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate")
        .rule(Rule::OneOf(&["email", "phone_number"]))
        .reset(Reset::Json("[]"))
        .doc("Attributes whose new value counts once it is verified: email, phone_number."),
    string("advanced_security_custom_auth_mode")
        .resource("user_pool_add_ons.advanced_security_additional_flows.custom_auth_mode")
        .api("UserPoolAddOns.AdvancedSecurityAdditionalFlows.CustomAuthMode")
        .rule(Rule::OneOf(&["AUDIT", "ENFORCED"]))
        .doc("Threat protection of custom authentication: AUDIT or ENFORCED; needs the tier PLUS."),
    record("web_authn_configuration", WEB_AUTHN).doc("Passkeys: whose they are, and how users are verified."),
    record("lambda_inbound_federation", INBOUND_FEDERATION)
        .resource("lambda_config.inbound_federation")
        .doc("Trigger: users come from a provider."),
    record("key_configuration", KEY).doc("The key that what the pool keeps is encrypted with."),
    record("issuer_configuration", ISSUER).doc("The issuer of tokens."),
    record("dcr_configuration", DCR).doc("Clients that register themselves, at /oauth2/register of the domain."),
    record("acr_configuration", ACR).doc("What tokens say of how a user signed in, by level."),
];
