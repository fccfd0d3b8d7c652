//! What the service refuses in a user pool's settings, in the order in which it is checked here. The service's own order
//! within one request is not recorded beyond "limits, then pool, then rules, one refusal per answer".

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::arn::{account, region};
use crate::forms::contact::is_email;
use crate::forms::members::Members;
use crate::forms::refusal::{
    ADMIN_ONLY_BESIDE, ALIAS_AND_USERNAME, Answer, FROM_ALONE, FROM_INVALID, KEY_ELSEWHERE, MESSAGE_INVALID, MFA_LATE,
    MFA_WITHOUT_SMS, NO_PASSWORD, NO_USERNAME, NOT_AUTO_VERIFIED, PHONE_RECOVERY, RECOVERY_TWICE, REQUIRED_ALIAS,
    ROLE_ELSEWHERE, SENDER_WITHOUT_KEY, SMS_MISSING, SMS_OTP_WITHOUT_SMS, SMS_TWICE, SNS_REGION, SOURCE_ALONE,
    SOURCE_MISSING, SOURCE_REGION, TAGS_RESERVED, TRIGGER_ELSEWHERE, TRIGGERS_DIFFER, VALIDITY_TWICE,
};
use crate::kept::pool::Pool;
use crate::rules::call::Call;
use crate::rules::quota::expect_room;
use crate::rules::{mfa, tier};

/// Triggers whose value is a function's ARN.
const PLAIN_TRIGGERS: &[&str] = &[
    "PreSignUp",
    "CustomMessage",
    "PostConfirmation",
    "PreAuthentication",
    "PostAuthentication",
    "DefineAuthChallenge",
    "CreateAuthChallenge",
    "VerifyAuthChallengeResponse",
    "PreTokenGeneration",
    "UserMigration",
];

/// Triggers whose value is an object with LambdaArn.
const VERSIONED_TRIGGERS: &[&str] =
    &["PreTokenGenerationConfig", "CustomSMSSender", "CustomEmailSender", "InboundFederation"];

/// The Regions whose SES identities a pool may use, beside its own (pf:email-sourcearn-region, for us-east-1).
const SES_REGIONS: &[&str] = &["eu-west-1", "us-east-1", "us-west-2"];

/// The Regions whose SES identities a pool of `own` may use, in the order of refusals.
pub(crate) fn ses_regions(own: &str) -> Vec<&str> {
    let mut allowed = SES_REGIONS.to_vec();
    if !allowed.contains(&own) {
        allowed.push(own);
        allowed.sort_unstable();
    }
    allowed
}

/// Rules on the request alone.
pub(crate) fn check_request(body: &Object) -> Answer<()> {
    if !body.list("AliasAttributes").is_empty() && !body.list("UsernameAttributes").is_empty() {
        return ALIAS_AND_USERNAME.refuse();
    }
    let policy = body.object("Policies").and_then(|policies| policies.object("PasswordPolicy"));
    let named = policy.is_some_and(|policy| policy.contains_key("TemporaryPasswordValidityDays"));
    let config = body.object("AdminCreateUserConfig");
    let old = config.is_some_and(|config| config.contains_key("UnusedAccountValidityDays"));
    if named && old {
        return VALIDITY_TWICE.refuse();
    }
    for message in ["EmailMessage", "SMSMessage"] {
        let template = config.and_then(|config| config.object("InviteMessageTemplate"));
        if template.and_then(|template| template.text(message)).is_some_and(|text| !text.contains("{username}")) {
            return NO_USERNAME.refuse();
        }
    }
    // Texts must fit the kind that is sent by default (C10; text of cli#8280).
    let template = body.object("VerificationMessageTemplate");
    let by_link = template.and_then(|template| template.text("DefaultEmailOption")) == Some("CONFIRM_WITH_LINK");
    if by_link && template.and_then(|template| template.text("EmailMessageByLink")).is_some_and(|text| !has_link(text))
    {
        return MESSAGE_INVALID.refuse();
    }
    Ok(())
}

fn has_link(text: &str) -> bool {
    text.split_once("{##").is_some_and(|(_, rest)| rest.contains("##}"))
}

/// Rules on a new pool; sets its factors up.
pub(crate) fn check_created(_call: &Call, pool: &mut Pool) -> Answer<()> {
    let answer = &pool.answer;
    let aliases = answer.texts("AliasAttributes");
    if aliases.contains(&"preferred_username")
        && answer.list("SchemaAttributes").iter().any(|attribute| {
            attribute.text("Name") == Some("preferred_username") && attribute.flag("Required") == Some(true)
        })
    {
        return REQUIRED_ALIAS.refuse();
    }
    if mfa::wanted(answer) {
        // The only factor that CreateUserPool can set up is SMS. The refusal speaks of auto verification too (P4, cdk#12075),
        // but the configuration alone is enough: moto's tests that were verified on the service (5.2.5,
        // tests/test_cognitoidp/__init__.py, with_mfa) make this call with ON and with OPTIONAL.
        if !answer.contains_key("SmsConfiguration") {
            return MFA_WITHOUT_SMS.refuse();
        }
        pool.factors.sms = true;
        return check_phone_recovery(&pool.answer, true);
    }
    Ok(())
}

/// Rules on a change of a pool; keeps its factors in step.
pub(crate) fn check_updated(call: &Call, before: &Pool, pool: &mut Pool) -> Answer<()> {
    if mfa::wanted(&pool.answer) {
        if !mfa::wanted(&before.answer) && !pool.factors.any() {
            return MFA_LATE.refuse();
        }
    } else {
        pool.factors.drop_all();
    }
    let sent = call.body.member("AccountRecoverySetting");
    if sent.is_some() && sent != before.answer.member("AccountRecoverySetting") {
        check_phone_recovery(&pool.answer, pool.factors.only_sms())?;
    }
    Ok(())
}

/// Recovery by phone is refused where the phone is the one factor that everybody must use. Wider readings of the
/// recorded refusal would refuse the service's own default together with SMS MFA; so the default, and a setting that the
/// pool has already, pass.
fn check_phone_recovery(pool: &Object, only_sms: bool) -> Answer<()> {
    let by_phone = recovery(pool).contains(&"verified_phone_number");
    let by_default = recovery(pool) == ["verified_email", "verified_phone_number"];
    if only_sms && by_phone && !by_default && pool.text("MfaConfiguration") == Some("ON") {
        return PHONE_RECOVERY.refuse();
    }
    Ok(())
}

fn recovery(pool: &Object) -> Vec<&str> {
    let setting = pool.object("AccountRecoverySetting");
    let mechanisms = setting.map_or(&[][..], |setting| setting.list("RecoveryMechanisms"));
    mechanisms.iter().filter_map(|mechanism| mechanism.text("Name")).collect()
}

/// Rules on all settings of a pool as it would be.
pub(crate) fn check_pool(call: &Call, pool: &Object) -> Answer<()> {
    check_attributes(pool)?;
    check_recovery(pool)?;
    check_triggers(call, pool)?;
    check_sms(call, pool)?;
    check_email(call, pool)?;
    check_sign_in(pool)?;
    check_tags(call, pool)?;
    tier::check_pool(pool)
}

fn check_attributes(pool: &Object) -> Answer<()> {
    let verified = pool.texts("AutoVerifiedAttributes");
    if verified.contains(&"phone_number") && !pool.contains_key("SmsConfiguration") {
        return SMS_MISSING.refuse();
    }
    let settings = pool.object("UserAttributeUpdateSettings");
    let before_update =
        settings.map(|settings| settings.texts("AttributesRequireVerificationBeforeUpdate")).unwrap_or_default();
    if before_update.iter().any(|attribute| !verified.contains(attribute)) {
        return NOT_AUTO_VERIFIED.refuse();
    }
    Ok(())
}

fn check_recovery(pool: &Object) -> Answer<()> {
    let mechanisms = recovery(pool);
    if mechanisms.len() > 1 && mechanisms.contains(&"admin_only") {
        return ADMIN_ONLY_BESIDE.refuse();
    }
    for (position, mechanism) in mechanisms.iter().enumerate() {
        if mechanisms[..position].contains(mechanism) {
            return Err(RECOVERY_TWICE.with(&[mechanism]));
        }
    }
    Ok(())
}

fn check_triggers(call: &Call, pool: &Object) -> Answer<()> {
    let Some(triggers) = pool.object("LambdaConfig") else { return Ok(()) };
    let versioned = |name: &str| triggers.object(name).and_then(|trigger| trigger.text("LambdaArn"));
    let arns = PLAIN_TRIGGERS
        .iter()
        .filter_map(|name| triggers.text(name))
        .chain(VERSIONED_TRIGGERS.iter().filter_map(|name| versioned(name)));
    for arn in arns {
        if region(arn) != call.region {
            return TRIGGER_ELSEWHERE.refuse();
        }
    }
    if let (Some(plain), Some(configured)) =
        (triggers.text("PreTokenGeneration"), versioned("PreTokenGenerationConfig"))
        && plain != configured
    {
        return TRIGGERS_DIFFER.refuse();
    }
    let sender = triggers.contains_key("CustomSMSSender") || triggers.contains_key("CustomEmailSender");
    match triggers.text("KMSKeyID") {
        None if sender => SENDER_WITHOUT_KEY.refuse(),
        Some(key) if sender && region(key) != call.region => Err(KEY_ELSEWHERE.with(&[key])),
        _ => Ok(()),
    }
}

fn check_sms(call: &Call, pool: &Object) -> Answer<()> {
    pool.object("SmsConfiguration").map_or(Ok(()), |sms| check_sms_configuration(call, sms))
}

/// Rules on an SmsConfiguration, wherever it is sent. Whether a role's trust policy fits cannot be seen from here.
pub(crate) fn check_sms_configuration(call: &Call, sms: &Object) -> Answer<()> {
    let caller = sms.text("SnsCallerArn").filter(|arn| !arn.is_empty());
    let other = sms.object("EumsSms").and_then(|sms| sms.text("CallerArn"));
    if caller.is_some() && other.is_some() {
        return SMS_TWICE.refuse();
    }
    if caller.into_iter().chain(other).any(|arn| account(arn) != call.account) {
        return ROLE_ELSEWHERE.refuse();
    }
    if let Some(region) = sms.text("SnsRegion").filter(|region| *region != call.region) {
        let _ = region;
        return Err(SNS_REGION.with(&[call.region, call.region]));
    }
    Ok(())
}

fn check_email(call: &Call, pool: &Object) -> Answer<()> {
    let Some(email) = pool.object("EmailConfiguration") else { return Ok(()) };
    let source = email.text("SourceArn");
    if let Some(from) = email.text("From").filter(|from| !from.is_empty())
        && !is_sender(from)
    {
        return FROM_INVALID.refuse();
    }
    if email.text("EmailSendingAccount") == Some("DEVELOPER") {
        let Some(source) = source else { return SOURCE_MISSING.refuse() };
        let allowed = ses_regions(call.region);
        if !allowed.contains(&region(source)) {
            return Err(SOURCE_REGION.with(&[&allowed.join(", ")]));
        }
        return Ok(());
    }
    if source.is_some() {
        // There is no sending policy that an identity could have here.
        return SOURCE_ALONE.refuse();
    }
    if email.text("From").is_some_and(|from| !from.is_empty()) {
        return FROM_ALONE.refuse();
    }
    Ok(())
}

/// `a@b`, or `Name <a@b>`.
fn is_sender(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, rest)) => match rest.trim_end().strip_suffix('>') {
            Some(address) => address,
            None => return false,
        },
        None => from,
    };
    is_email(address.trim())
}

fn check_sign_in(pool: &Object) -> Answer<()> {
    let factors = mfa::first_factors(pool);
    if !factors.contains(&"PASSWORD") {
        return NO_PASSWORD.refuse();
    }
    if factors.contains(&"SMS_OTP") && !pool.contains_key("SmsConfiguration") {
        return SMS_OTP_WITHOUT_SMS.refuse();
    }
    // EMAIL_OTP beside COGNITO_DEFAULT is accepted: a recorded pool has it [DescribeUserPool.2025-10.sms-sandbox.excerpt].
    mfa::check_first_factors(pool)
}

fn check_tags(call: &Call, pool: &Object) -> Answer<()> {
    let Some(tags) = pool.object("UserPoolTags") else { return Ok(()) };
    check_tag_keys(tags)?;
    expect_room(tags.len() as u64, call.quotas.tags, "tags of a user pool")
}

/// `aws:` is the service's own (tagging documents).
pub(crate) fn check_tag_keys(tags: &Object) -> Answer<()> {
    if tags.iter().any(|(key, _): (&String, &Json)| key.starts_with("aws:")) {
        return TAGS_RESERVED.refuse();
    }
    Ok(())
}
