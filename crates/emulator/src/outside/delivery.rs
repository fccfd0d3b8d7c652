//! Sending messages to users: what is said, by the pool's templates and its trigger, and to whom.

use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, LINK_WITHOUT_DOMAIN, NO_SMS, TRIGGER_OUTPUT};
use crate::forms::{clock, identifier};
use crate::kept::pool::Pool;
use crate::kept::shelf::MESSAGES;
use crate::kept::user::User;
use crate::outside::message::{Medium, Message, Reason, delivery};
use crate::outside::transaction::Transaction;
use crate::outside::trigger::{self, Event};
use crate::rules::call::Call;
use crate::rules::domain_address;

/// Messages kept of a pool; the oldest go first.
pub(crate) const KEPT: u64 = 1000;

/// The sender of a pool that has no own (developer guide, e-mail settings).
const SENDER: &str = "no-reply@verificationemail.com";

/// Texts of a pool that has no own. The first two are recorded [DescribeUserPool.2017-08.pool-of-2016]; those of
/// invitations and links are the console's.
const CODE_TEXT: &str = "Your verification code is {####}.";
const CODE_SUBJECT: &str = "Your verification code";
const MFA_TEXT: &str = "Your authentication code is {####}.";
const INVITATION_TEXT: &str = "Your username is {username} and temporary password is {####}.";
const LINK_TEXT: &str = "Please click the link below to verify your email address. {##Verify Email##}";
const LINK_SUBJECT: &str = "Your verification link";
const INVITATION_SUBJECT: &str = "Your temporary password";

/// Sends a code to an attribute of a user; answers CodeDeliveryDetails. `name` is what the text calls the user.
pub(crate) fn send(
    call: &Call,
    transaction: &mut Transaction,
    (pool_id, pool): (&str, &Pool),
    (user, name): (&User, &str),
    reason: Reason,
    (attribute, to): (&str, &str),
    code: &str,
) -> Answer<Json> {
    let medium = Medium::of(attribute);
    check(transaction, (pool_id, pool), user, reason, medium)?;
    let (subject, text) = worded(call, transaction, (pool_id, pool), user, reason, medium)?;
    let text = match by_link(pool, reason, medium) {
        true => linked(call, pool, user, &text, code)?,
        false => text,
    };
    let rendered = text.replace("{####}", code).replace("{username}", name);
    let message = Message {
        id: identifier::serial(call.now),
        pool: pool_id.to_owned(),
        user: user.name().to_owned(),
        reason: format!("{reason:?}"),
        medium,
        from: (medium == Medium::Email).then(|| sender(pool)),
        reply_to: reply_to(pool).filter(|_| medium == Medium::Email),
        to: to.to_owned(),
        subject,
        body: rendered,
        code: code.to_owned(),
        sent: clock::iso(call.now),
    };
    transaction.put(MESSAGES, pool_id, &message.id, &message)?;
    if transaction.reader().count(MESSAGES, pool_id)? > KEPT {
        let mut oldest = None;
        transaction.reader().visit(MESSAGES, pool_id, None, &mut |name, _| {
            oldest = Some(name.to_owned());
            Ok(false)
        })?;
        if let Some(oldest) = oldest {
            transaction.remove(MESSAGES, pool_id, &oldest)?;
        }
    }
    transaction.tell(message);
    Ok(delivery(attribute, to))
}

/// Refuses what cannot be sent from here as declared.
pub(crate) fn check(
    transaction: &mut Transaction,
    pool: (&str, &Pool),
    user: &User,
    reason: Reason,
    medium: Medium,
) -> Answer<()> {
    let sender = match medium {
        Medium::Email => "CustomEmailSender",
        Medium::Sms => "CustomSMSSender",
    };
    transaction.expect_none(pool, user.name(), &format!("{sender}_{reason:?}"))?;
    if medium == Medium::Sms && !pool.1.answer.contains_key("SmsConfiguration") {
        return NO_SMS.refuse();
    }
    Ok(())
}

/// Whether the pool confirms by a link instead of a code. Sign-ups only: verifying an address later takes a code.
pub(crate) fn by_link(pool: &Pool, reason: Reason, medium: Medium) -> bool {
    let template = pool.answer.object("VerificationMessageTemplate");
    let link = template.and_then(|template| template.text("DefaultEmailOption")) == Some("CONFIRM_WITH_LINK");
    link && medium == Medium::Email && matches!(reason, Reason::SignUp | Reason::ResendCode)
}

/// Whether a sign-up whose code went by e-mail, or not, is confirmed by a link.
pub(crate) fn confirms_by_link(pool: &Pool, email: bool) -> bool {
    by_link(pool, Reason::SignUp, if email { Medium::Email } else { Medium::Sms })
}

/// A text with its `{##words##}` made a link to the domain of the pool, which confirms the sign-up.
fn linked(call: &Call, pool: &Pool, user: &User, text: &str, code: &str) -> Answer<String> {
    let Some(domain) = domain_address::address_of(pool, call.issuer) else {
        return LINK_WITHOUT_DOMAIN.refuse();
    };
    let client = call.client().unwrap_or_default();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", client)
        .append_pair("user_name", user.name())
        .append_pair("confirmation_code", code)
        .finish();
    let Some((before, rest)) = text.split_once("{##") else { return TRIGGER_OUTPUT.refuse() };
    let Some((words, after)) = rest.split_once("##}") else { return TRIGGER_OUTPUT.refuse() };
    Ok(format!("{before}<a href=\"{domain}{}?{query}\">{words}</a>{after}", domain_address::CONFIRM))
}

/// The subject of an e-mail, and the text: CustomMessage's, or else the pool's.
fn worded(
    call: &Call,
    transaction: &mut Transaction,
    pool: (&str, &Pool),
    user: &User,
    reason: Reason,
    medium: Medium,
) -> Answer<(Option<String>, String)> {
    let (subject, text) = template(pool.1, reason, medium);
    let name = if reason == Reason::AdminCreateUser { json!("{username}") } else { Json::Null };
    let event = Event {
        pool,
        source: format!("CustomMessage_{reason:?}"),
        user: user.name(),
        request: json!({
            "userAttributes": trigger::attributes(pool.1, user),
            "codeParameter": "{####}",
            "linkParameter": "{##Click Here##}",
            "usernameParameter": name,
        }),
        response: json!({"smsMessage": null, "emailMessage": null, "emailSubject": null}),
        version: "1",
    };
    let response = transaction.ask(call, event)?.unwrap_or_default();
    let own = match medium {
        Medium::Sms => response.text("smsMessage"),
        Medium::Email => response.text("emailMessage"),
    };
    // A text without the code would leave the user without it.
    let mark = if by_link(pool.1, reason, medium) { "{##" } else { "{####}" };
    if own.is_some_and(|own| !own.contains(mark)) {
        return TRIGGER_OUTPUT.refuse();
    }
    let subject = subject.map(|subject| response.text("emailSubject").unwrap_or(subject).to_owned());
    Ok((subject, own.unwrap_or(text).to_owned()))
}

/// The pool's own subject and text, or the service's.
pub(crate) fn template(pool: &Pool, reason: Reason, medium: Medium) -> (Option<&str>, &str) {
    let own = |name: &str| pool.answer.text(name);
    let invitation =
        pool.answer.object("AdminCreateUserConfig").and_then(|config| config.object("InviteMessageTemplate"));
    let invited = |name: &str| invitation.and_then(|template| template.text(name));
    let second = |name: &str| pool.factors.email.as_ref().and_then(|email| email.text(name));
    match (reason, medium) {
        (Reason::AdminCreateUser, Medium::Email) => (
            Some(invited("EmailSubject").unwrap_or(INVITATION_SUBJECT)),
            invited("EmailMessage").unwrap_or(INVITATION_TEXT),
        ),
        (Reason::AdminCreateUser, Medium::Sms) => (None, invited("SMSMessage").unwrap_or(INVITATION_TEXT)),
        (Reason::Authentication, Medium::Sms) => (None, own("SmsAuthenticationMessage").unwrap_or(MFA_TEXT)),
        (Reason::Authentication, Medium::Email) => {
            (Some(second("Subject").unwrap_or("Your authentication code")), second("Message").unwrap_or(MFA_TEXT))
        }
        (_, Medium::Sms) => (None, own("SmsVerificationMessage").unwrap_or(CODE_TEXT)),
        (_, Medium::Email) if by_link(pool, reason, medium) => {
            let template = pool.answer.object("VerificationMessageTemplate");
            let own = |name: &str| template.and_then(|template| template.text(name));
            (Some(own("EmailSubjectByLink").unwrap_or(LINK_SUBJECT)), own("EmailMessageByLink").unwrap_or(LINK_TEXT))
        }
        (_, Medium::Email) => (
            Some(own("EmailVerificationSubject").unwrap_or(CODE_SUBJECT)),
            own("EmailVerificationMessage").unwrap_or(CODE_TEXT),
        ),
    }
}

pub(crate) fn reply_to(pool: &Pool) -> Option<String> {
    let email = pool.answer.object("EmailConfiguration")?;
    email.text("ReplyToEmailAddress").filter(|address| !address.is_empty()).map(str::to_owned)
}

pub(crate) fn sender(pool: &Pool) -> String {
    let email = pool.answer.object("EmailConfiguration");
    let own = email.and_then(|email| {
        // The identity's ARN ends with its address.
        email.text("From").or_else(|| email.text("SourceArn").and_then(|arn| arn.rsplit('/').next()))
    });
    own.unwrap_or(SENDER).to_owned()
}
