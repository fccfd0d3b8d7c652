//! The pages between a password and tokens: a new password, a second factor, setting one up. They are parts of /login.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER, SESSION_EXPIRED, SESSION_INVALID};
use crate::kept::factor;
use crate::oauth::page::{self, Field, Form};
use crate::oauth::page_request::PageRequest;
use crate::oauth::request::Reply;
use crate::oauth::{authorization, login};
use crate::operations::factors;
use crate::operations::sign_in::{self, Outcome};

/// A challenge as its page needs it.
struct Challenge {
    name: String,
    user: String,
    session: String,
    /// Where the code went; the factors to choose from; the attributes that are missing; the key of an app.
    told: String,
}

impl Challenge {
    /// As a sign-in asked for it.
    fn asked(answer: &Object, user: &str) -> Challenge {
        let parameter = |name: &str| {
            answer.object("ChallengeParameters").and_then(|parameters| parameters.text(name)).unwrap_or_default()
        };
        let told = ["CODE_DELIVERY_DESTINATION", "MFAS_CAN_CHOOSE", "requiredAttributes", "MFAS_CAN_SETUP"]
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
    fn read(request: &PageRequest, name: &str) -> Challenge {
        let text = |field: &str| request.form.text(field).to_owned();
        Challenge { name: name.to_owned(), user: text("username"), session: text("session"), told: text("told") }
    }

    fn list(&self) -> Vec<String> {
        serde_json::from_str::<Json>(&self.told)
            .ok()
            .and_then(|list| Some(list.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect()))
            .unwrap_or_default()
    }

    /// Its page.
    fn page(self, request: &PageRequest, message: &str) -> Reply {
        let mut form = Form { message: message.to_owned(), button: "Continue", ..Form::default() };
        match self.name.as_str() {
            "NEW_PASSWORD_REQUIRED" => {
                form.title = "Choose a new password";
                form.fields.push(Field::new_password("answer", &request.app.pool));
                for name in self.list() {
                    let attribute = name.strip_prefix("userAttributes.").unwrap_or(&name);
                    let typed = request.form.text(&name);
                    form.fields.push(Field { name: name.clone(), ..Field::attribute(attribute, typed) });
                }
            }
            "SELECT_MFA_TYPE" => {
                form.title = "Choose a second factor";
                let options = self.list().into_iter().map(|factor| {
                    let words = match factor.as_str() {
                        factor::SMS => "Text message",
                        factor::EMAIL => "E-mail",
                        _ => "Authenticator app",
                    };
                    (factor, words)
                });
                let options = options.collect();
                form.fields.push(Field { options, ..Field::text("answer", "Second factor", "", "") });
            }
            "MFA_SETUP" => {
                form.title = "Set up an authenticator app";
                form.notice = "Scan the code with an authenticator app, then type the six digits it shows.".to_owned();
                form.qr = page::qr(&self.address(request));
                form.secret.clone_from(&self.told);
                form.fields.push(Field::code("answer", "Code of your authenticator app"));
            }
            _ => {
                form.title = "Enter the code";
                let label = match self.told.as_str() {
                    "" => "Code of your authenticator app".to_owned(),
                    told => format!("Code sent to {told}"),
                };
                form.fields.push(Field::code("answer", &label));
            }
        }
        form.action = request.address("/login");
        form.hidden =
            vec![("challenge", self.name), ("username", self.user), ("session", self.session), ("told", self.told)];
        request.show(form)
    }

    /// What an authenticator app reads (the key URI that these apps agree on).
    fn address(&self, request: &PageRequest) -> String {
        let encoded =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let pool = encoded(request.app.pool.answer.text("Name").unwrap_or_default());
        format!("otpauth://totp/{pool}:{}?secret={}&issuer={pool}", encoded(&self.user), self.told)
    }
}

/// Back to the client when the sign-in is done, or the page of the next challenge.
pub(super) fn go_on(request: &PageRequest, outcome: &Outcome) -> Reply {
    let progress = match outcome {
        Outcome::Asks(challenge) => return show(request, challenge),
        Outcome::SignedIn(progress) => progress,
    };
    let signed_in = || -> Answer<Reply> {
        let Some(user) = request.find(progress.user.name())? else { return NO_USER.refuse() };
        authorization::leave(&request.call(), request.effects, &request.app, &user, &request.wanted, request.http)
    };
    signed_in().unwrap_or_else(|_| authorization::back(&request.wanted, &[("error", "server_error")], false))
}

/// Signs in the user that this browser has registered, whose password it set; None where it has no mark of one.
pub(super) fn enter(request: &PageRequest, mark: &str, name: &str) -> Answer<Option<Reply>> {
    let Some(user) = request.registered(mark, name)? else { return Ok(None) };
    let outcome = sign_in::hosted_enter(&request.call(), request.effects, request.app()?, user)?;
    Ok(Some(go_on(request, &outcome)))
}

/// The page of a challenge that a sign-in asks for.
pub(super) fn show(request: &PageRequest, answer: &Object) -> Reply {
    let challenge = Challenge::asked(answer, request.form.text("username"));
    match challenge.name.as_str() {
        // A session of the API is none of a page's.
        "" => page::failed(400, "The session is not one of this page."),
        "MFA_SETUP" => set_up(request, challenge),
        _ => challenge.page(request, ""),
    }
}

/// A new key for an app, where the pool has apps.
fn set_up(request: &PageRequest, challenge: Challenge) -> Reply {
    if !challenge.list().iter().any(|factor| factor == factor::TOTP) {
        return page::failed(
            403,
            "This user pool wants a code by text message at each sign-in, and your account has no phone number. \
             An administrator can add it.",
        );
    }
    let mut body = Object::new();
    body.insert("Session".to_owned(), json!(challenge.session));
    match request.with_body(&body, |call, effects| factors::associate(call, effects)) {
        Ok(answer) => {
            let text = |name: &str| answer.text(name).unwrap_or_default().to_owned();
            Challenge { session: text("Session"), told: text("SecretCode"), ..challenge }.page(request, "")
        }
        Err(refusal) => login::page(request, &refusal.message, ""),
    }
}

/// The form of a challenge's page.
pub(super) fn submit(request: &PageRequest, name: &str) -> Reply {
    let outcome = if name == "MFA_SETUP" { verify(request) } else { answer(request, name) };
    request.note(request.form.text("username"), &outcome);
    match outcome {
        Ok(answer) => go_on(request, &answer),
        // A session that is over or used up leads nowhere: from the start.
        Err(refusal) if [SESSION_INVALID, SESSION_EXPIRED].iter().any(|words| words.is(&refusal)) => {
            login::page(request, &refusal.message, "")
        }
        Err(refusal) => {
            let message = page::refused_password(&request.app.pool, request.form.text("answer"), &refusal);
            Challenge::read(request, name).page(request, &message)
        }
    }
}

/// The code of an app that has been set up, then MFA_SETUP with the session that it gives.
fn verify(request: &PageRequest) -> Answer<Outcome> {
    let mut body = Object::new();
    body.insert("Session".to_owned(), json!(request.form.text("session")));
    body.insert("UserCode".to_owned(), json!(request.form.text("answer")));
    let verified = request.with_body(&body, |call, effects| factors::verify(call, effects))?;
    respond(request, "MFA_SETUP", verified.text("Session").unwrap_or_default(), Object::new())
}

/// The answer to a challenge, as the API would be told.
fn answer(request: &PageRequest, name: &str) -> Answer<Outcome> {
    let member = match name {
        "NEW_PASSWORD_REQUIRED" => "NEW_PASSWORD".to_owned(),
        "SELECT_MFA_TYPE" => "ANSWER".to_owned(),
        code => format!("{code}_CODE"),
    };
    let mut responses = Object::new();
    responses.insert(member, json!(request.form.text("answer")));
    for (name, value) in request.form.0.iter().filter(|(name, _)| name.starts_with("userAttributes.")) {
        responses.insert(name.clone(), json!(value));
    }
    respond(request, name, request.form.text("session"), responses)
}

fn respond(request: &PageRequest, name: &str, session: &str, mut responses: Object) -> Answer<Outcome> {
    responses.insert("USERNAME".to_owned(), json!(request.form.text("username")));
    let mut body = Object::new();
    body.insert("ChallengeName".to_owned(), json!(name));
    body.insert("Session".to_owned(), json!(session));
    body.insert("ChallengeResponses".to_owned(), json!(responses));
    let app = request.app()?;
    request.with_body(&body, |call, effects| sign_in::hosted_answer(call, effects, app))
}
