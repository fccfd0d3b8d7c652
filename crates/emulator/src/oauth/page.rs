//! The pages of a domain: plain forms without scripts, usable by keyboard, nothing fetched from elsewhere.

use poolform_model::Object;
use serde_json::Value as Json;

use super::{Fields, Reply};
use crate::members::Members;

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem}\
label{display:block;margin-top:1rem}input,select,button{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}\
button{margin-top:1.5rem}[role=alert]{border-left:.25rem solid #b00020;padding-left:.75rem}";

/// Text that can stand in a page or in an attribute of it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    let title = escaped(title);
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers = vec![
        ("content-type", "text/html; charset=utf-8".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("x-frame-options", "DENY".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("referrer-policy", "no-referrer".to_owned()),
        (
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'".to_owned(),
        ),
    ];
    Reply { status, headers, body: text }
}

fn alert(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escaped(message)) }
}

/// A form that is sent to the page's own address.
fn form(query: &str, token: &str, fields: &str, button: &str) -> String {
    format!(
        "<form method=\"post\" action=\"/login?{}\"><input type=\"hidden\" name=\"_csrf\" value=\"{}\">{fields}\
         <button>{button}</button></form>",
        escaped(query),
        escaped(token)
    )
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escaped(name), escaped(value))
}

fn field(name: &str, label: &str, kind: &str, complete: &str) -> String {
    format!(
        "<label>{}<input name=\"{}\" type=\"{kind}\" autocomplete=\"{complete}\" required></label>",
        escaped(label),
        escaped(name)
    )
}

/// User name and password.
pub(super) fn sign_in(query: &str, token: &str, message: &str) -> Reply {
    let fields = field("username", "User name", "text", "username")
        + &field("password", "Password", "password", "current-password");
    page(200, "Sign in", &(alert(message) + &form(query, token, &fields, "Sign in")))
}

/// A challenge as its page needs it.
pub(super) struct Challenge {
    pub(super) name: String,
    user: String,
    session: String,
    /// Where the code went; the factors to choose from; the attributes that are missing.
    told: String,
}

impl Challenge {
    /// As a sign-in asked for it.
    pub(super) fn asked(answer: &Object, user: &str) -> Challenge {
        let parameter = |name: &str| {
            answer.object("ChallengeParameters").and_then(|parameters| parameters.text(name)).unwrap_or_default()
        };
        let told = ["CODE_DELIVERY_DESTINATION", "MFAS_CAN_CHOOSE", "requiredAttributes"]
            .into_iter()
            .map(parameter)
            .find(|text| !text.is_empty());
        Challenge {
            name: answer.text("ChallengeName").unwrap_or_default().to_owned(),
            user: user.to_owned(),
            session: answer.text("Session").unwrap_or_default().to_owned(),
            told: told.unwrap_or_default().to_owned(),
        }
    }

    /// As its form sent it back.
    pub(super) fn read(name: &str, form: &Fields) -> Challenge {
        Challenge {
            name: name.to_owned(),
            user: form.text("username").to_owned(),
            session: form.text("session").to_owned(),
            told: form.text("told").to_owned(),
        }
    }

    fn list(&self) -> Vec<String> {
        serde_json::from_str::<Json>(&self.told)
            .ok()
            .and_then(|list| Some(list.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect()))
            .unwrap_or_default()
    }
}

/// The page of a challenge.
pub(super) fn challenge(query: &str, token: &str, challenge: &Challenge, message: &str) -> Reply {
    let mut fields = hidden("challenge", &challenge.name)
        + &hidden("username", &challenge.user)
        + &hidden("session", &challenge.session)
        + &hidden("told", &challenge.told);
    let title = match challenge.name.as_str() {
        "NEW_PASSWORD_REQUIRED" => {
            fields += &field("answer", "New password", "password", "new-password");
            for name in challenge.list() {
                let label = name.strip_prefix("userAttributes.").unwrap_or(&name).to_owned();
                fields += &field(&name, &label, "text", "on");
            }
            "Choose a new password"
        }
        "SELECT_MFA_TYPE" => {
            let options: String = challenge
                .list()
                .iter()
                .map(|factor| {
                    let label = match factor.as_str() {
                        "SMS_MFA" => "Text message",
                        "EMAIL_OTP" => "E-mail",
                        _ => "Authenticator app",
                    };
                    format!("<option value=\"{}\">{label}</option>", escaped(factor))
                })
                .collect();
            fields += &format!("<label>Second factor<select name=\"answer\">{options}</select></label>");
            "Choose a second factor"
        }
        _ => {
            let label = if challenge.told.is_empty() {
                "Code of your authenticator app".to_owned()
            } else {
                format!("Code sent to {}", challenge.told)
            };
            fields += &field("answer", &label, "text", "one-time-code");
            "Enter the code"
        }
    };
    page(200, title, &(alert(message) + &form(query, token, &fields, "Continue")))
}

/// What has been done.
pub(super) fn done(title: &str, words: &str) -> Reply {
    page(200, title, &format!("<p>{}</p>", escaped(words)))
}

/// What went wrong, on a page of its own.
pub(super) fn failed(status: u16, message: &str) -> Reply {
    page(status, "That did not work", &alert(message))
}

/// What a page would need and there is not.
pub(super) fn not_built(what: &str) -> Reply {
    failed(501, &format!("{what} is not built into poolform's local Cognito yet."))
}

/// /error: 400, with the error's name (O1).
pub(super) fn error(fields: &Fields) -> Reply {
    let words = match fields.text("error") {
        "redirect_mismatch" => "The redirect_uri is not among the client's callback URLs",
        _ => "The request for authorization does not hold",
    };
    failed(400, &format!("{words} (error: {}, client: {}).", fields.text("error"), fields.text("client_id")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_cannot_become_markup() {
        let fields = Fields::read(b"error=%3Cscript%3E&client_id=%22%27%26");
        let body = error(&fields).body;
        assert!(body.contains("&lt;script&gt;") && body.contains("&quot;&#39;&amp;") && !body.contains("<script"));
        let body = sign_in("\"><script>", "t", "<b>").body;
        assert!(!body.contains("<script") && !body.contains("<b>"));
    }
}
