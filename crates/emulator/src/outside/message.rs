//! Messages to users. None leaves the machine: each is rendered with the pool's templates, kept with the pool, and told
//! to whoever runs the emulator, so that a person or a test can read the code.

use std::fmt;
use std::sync::Arc;

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, only};
use crate::forms::refusal::Answer;
use crate::kept::shelf::{MESSAGES, USER_POOLS};
use crate::kept::store::Reader;

/// Why a message is sent: the names of the CustomMessage trigger's sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    SignUp,
    ResendCode,
    ForgotPassword,
    AdminCreateUser,
    UpdateUserAttribute,
    VerifyUserAttribute,
    Authentication,
}

/// How it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Medium {
    Email,
    Sms,
}

impl Medium {
    /// The way to an attribute.
    pub(crate) fn of(attribute: &str) -> Medium {
        if attribute == "phone_number" { Medium::Sms } else { Medium::Email }
    }

    /// In answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Medium::Email => "EMAIL",
            Medium::Sms => "SMS",
        }
    }
}

/// A message as it is kept and shown.
#[derive(Clone, Deserialize, Serialize)]
pub struct Message {
    /// Its number, greater than those of older messages.
    pub id: String,
    /// The pool's id.
    pub pool: String,
    /// The user's name.
    pub user: String,
    /// `SignUp`, `ForgotPassword` and the like.
    pub reason: String,
    /// `EMAIL` or `SMS`.
    pub(crate) medium: Medium,
    /// Who sends it, of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Who gets answers, of an e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Address or phone number.
    pub to: String,
    /// Of an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text, rendered.
    pub body: String,
    /// The code or temporary password in it.
    pub code: String,
    /// When, `2026-11-24T06:00:00.000Z`.
    pub sent: String,
}

impl Message {
    /// `EMAIL` or `SMS`
    pub fn medium(&self) -> &'static str {
        self.medium.name()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing of the text: it holds a code.
        f.debug_struct("Message").field("id", &self.id).field("reason", &self.reason).finish_non_exhaustive()
    }
}

/// Who is told of each message when it is sent.
#[derive(Clone, Default)]
pub struct Outbox(Option<Arc<Listener>>);

/// Somebody who is told.
type Listener = dyn Fn(&Message) + Send + Sync;

impl Outbox {
    /// Calls `listener` with each message.
    pub fn new(listener: impl Fn(&Message) + Send + Sync + 'static) -> Outbox {
        Outbox(Some(Arc::new(listener)))
    }

    pub(crate) fn tell(&self, message: &Message) {
        if let Some(listener) = &self.0 {
            listener(message);
        }
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Outbox" } else { "Outbox(nobody)" })
    }
}

/// CodeDeliveryDetails, the destination masked [SignUp.2026-05.happy].
pub(crate) fn delivery(attribute: &str, to: &str) -> Json {
    json!({
        "Destination": masked(to),
        "DeliveryMedium": Medium::of(attribute).name(),
        "AttributeName": attribute,
    })
}

/// `u***@e***` [ForgotPassword.2024-10]; of a phone number the last four digits, the form that the documents show.
pub(crate) fn masked(to: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    match to.split_once('@') {
        Some((local, host)) => format!("{}***@{}***", first(local), first(host)),
        None => {
            let shown: String = to.chars().skip(to.chars().count().saturating_sub(4)).collect();
            format!("+{}{shown}", "*".repeat(to.len().saturating_sub(5)))
        }
    }
}

/// The messages of a pool, newest first, `to` an address or sent to a user when given, as the API for tests shows them.
pub(crate) fn list(reader: &dyn Reader, pool_id: &str, to: Option<&str>) -> Answer {
    let mut found: Vec<Message> = reader.all(MESSAGES, pool_id)?;
    found.retain(|message| to.is_none_or(|to| message.to == to || message.user == to));
    found.reverse();
    Ok(only("messages", serde_json::to_value(found).unwrap_or_default()))
}

/// All messages of all pools, newest first.
pub(crate) fn list_all(reader: &dyn Reader, to: Option<&str>) -> Answer {
    let mut pools = Vec::new();
    reader.visit(USER_POOLS, "", None, &mut |id, _| {
        pools.push(id.to_owned());
        Ok(true)
    })?;
    let mut all: Vec<Json> = Vec::new();
    for pool_id in pools {
        let mut found: Object = list(reader, &pool_id, to)?;
        if let Some(Json::Array(messages)) = found.get_mut("messages") {
            all.append(messages);
        }
    }
    all.sort_by(|one, other| other.text("id").cmp(&one.text("id")));
    Ok(only("messages", all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_masked() {
        assert_eq!(masked("user@example.com"), "u***@e***");
        assert_eq!(masked("+15555550100"), "+*******0100");
        assert_eq!(masked(""), "+");
    }
}
