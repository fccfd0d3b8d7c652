//! The pages of a domain, each one form: what it asks, what it carries along, where else one can go from there.

use poolform_model::Refusal;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use crate::forms::refusal::{PAGE, PASSWORD};
use crate::kept::pool::Pool;
use crate::oauth::request::{Fields, Reply};
use crate::rules::password;

/// A page with one form. Texts are escaped when they are put into it.
#[derive(Default, Serialize)]
pub(super) struct Form {
    pub(super) title: &'static str,
    /// What went wrong.
    pub(super) message: String,
    /// What has happened.
    pub(super) notice: String,
    /// Where the form goes.
    pub(super) action: String,
    pub(super) hidden: Vec<(&'static str, String)>,
    pub(super) fields: Vec<Field>,
    pub(super) button: &'static str,
    /// A second button, which asks for another code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<&'static str>,
    pub(super) providers: Vec<Link>,
    pub(super) links: Vec<Link>,
    /// An image of what an authenticator app reads; the key in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) qr: Option<String>,
    pub(super) secret: String,
}

/// Something to type or to choose.
#[derive(Default, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    /// The type of the input: `text`, `password`.
    pub(super) kind: &'static str,
    /// What a browser may fill in.
    pub(super) complete: &'static str,
    pub(super) value: String,
    pub(super) hint: String,
    /// What a value must match, as HTML has it; empty for anything.
    pub(super) pattern: String,
    /// Values and words of a choice.
    pub(super) options: Vec<(String, &'static str)>,
}

/// A way to another page.
#[derive(Serialize)]
pub(super) struct Link {
    pub(super) to: String,
    pub(super) words: String,
}

impl Link {
    pub(super) fn new(to: String, words: impl Into<String>) -> Link {
        Link { to, words: words.into() }
    }
}

impl Field {
    pub(super) fn text(name: &str, label: &str, kind: &'static str, complete: &'static str) -> Field {
        Field { name: name.to_owned(), label: label.to_owned(), kind, complete, ..Field::default() }
    }

    /// A code that was sent or is shown by an app. Digits on a phone's keyboard.
    pub(super) fn code(name: &str, label: &str) -> Field {
        Field::text(name, label, "code", "one-time-code")
    }

    /// A new password, with what the pool asks of it, which the browser checks while it is typed.
    pub(super) fn new_password(name: &str, pool: &Pool) -> Field {
        let (hint, pattern) = password::requirements(pool);
        Field { hint, pattern, ..Field::text(name, "New password", "password", "new-password") }
    }

    pub(super) fn holding(self, value: &str) -> Field {
        Field { value: value.to_owned(), ..self }
    }

    /// The field of an attribute, by what browsers know of it.
    pub(super) fn attribute(name: &str, value: &str) -> Field {
        let words = |text: &str| {
            let text = text.trim_start_matches("custom:").replace('_', " ");
            let mut letters = text.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        };
        let (kind, complete, hint) = match name {
            "email" => ("email", "email", ""),
            "phone_number" => ("tel", "tel", "With the country's code: +15555550100"),
            "birthdate" => ("date", "bday", ""),
            "website" | "profile" | "picture" => ("url", "url", ""),
            "name" => ("text", "name", ""),
            "given_name" => ("text", "given-name", ""),
            "family_name" => ("text", "family-name", ""),
            "nickname" => ("text", "nickname", ""),
            "address" => ("text", "street-address", ""),
            _ => ("text", "on", ""),
        };
        let label = if name == "email" { "E-mail address".to_owned() } else { words(name) };
        Field { hint: hint.to_owned(), ..Field::text(name, &label, kind, complete) }.holding(value)
    }
}

/// What is said of a new password that was refused: all that it lacks, where the service names the first.
pub(super) fn refused_password(pool: &Pool, password: &str, refusal: &Refusal) -> String {
    let lacking = password::lacking(pool, password);
    if lacking.len() > 1 && refusal.code == PASSWORD.code { lacking.join("\n") } else { refusal.message.clone() }
}

/// The image of a text, as black squares on white.
pub(super) fn qr(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let image = code.render::<svg::Color>().min_dimensions(240, 240).build();
    // The element alone: a declaration of XML has no place in HTML.
    image.find("<svg").map(|start| image[start..].to_owned())
}

pub(super) fn form(status: u16, form: &Form) -> Reply {
    Reply::page(status, "form.html", form)
}

/// What has been done.
pub(super) fn done(title: &'static str, words: &str, links: Vec<Link>) -> Reply {
    form(200, &Form { title, notice: words.to_owned(), links, ..Form::default() })
}

/// What went wrong, on a page of its own.
pub(super) fn failed(status: u16, message: &str) -> Reply {
    form(status, &Form { title: "That did not work", message: message.to_owned(), ..Form::default() })
}

/// What a page would need and there is not.
pub(super) fn not_built(what: &str) -> Reply {
    failed(501, &format!("{what} is not built into poolform's local Cognito yet. See {PAGE}."))
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
        assert!(body.contains("&lt;script&gt;") && !body.contains("<script"), "{body}");
        let shown = Form {
            title: "T",
            button: "Go",
            action: "\"><script>".to_owned(),
            hidden: vec![("told", "'><b>".to_owned())],
            fields: vec![Field::attribute("custom:<i>", "\" onfocus=x ")],
            links: vec![Link::new("/x?\"<u>".to_owned(), "<u>")],
            ..Form::default()
        };
        let body = form(200, &shown).body;
        for bad in ["<script", "<b>", "<i>", "<u>", "value=\"\" onfocus"] {
            assert!(!body.contains(bad), "{bad} in {body}");
        }
    }

    #[test]
    fn a_key_can_be_read_by_an_app() {
        let image = qr("otpauth://totp/orders:anna?secret=ABCDEFGHIJKLMNOP&issuer=orders").unwrap();
        assert!(image.starts_with("<svg") && !image.contains("<script"));
    }
}
