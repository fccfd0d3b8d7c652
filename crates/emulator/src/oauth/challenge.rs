//! The pages between a password and tokens: a new password, a second factor, setting one up. They are parts of /login.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER, SESSION_EXPIRED, SESSION_INVALID};
use crate::kept::factor;
use crate::oauth::page::{Field, Form};
use crate::oauth::request::Reply;
use crate::oauth::visit::Visit;
use crate::oauth::{authorization, login, page};
use crate::operations::sign_in;
use crate::operations::sign_in::Outcome;

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
    fn read(visit: &Visit, name: &str) -> Challenge {
        let text = |field: &str| visit.form.text(field).to_owned();
        Challenge { name: name.to_owned(), user: text("username"), session: text("session"), told: text("told") }
    }

    fn list(&self) -> Vec<String> {
        serde_json::from_str::<Json>(&self.told)
            .ok()
            .and_then(|list| Some(list.as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect()))
            .unwrap_or_default()
    }

    /// Its page.
    fn page(self, visit: &Visit, message: &str) -> Reply {
        let mut form = Form { message: message.to_owned(), button: "Continue", ..Form::default() };
        match self.name.as_str() {
            "NEW_PASSWORD_REQUIRED" => {
                form.title = "Choose a new password";
                form.fields.push(Field::new_password("answer", &visit.app.pool));
                for name in self.list() {
                    let attribute = name.strip_prefix("userAttributes.").unwrap_or(&name);
                    let typed = visit.form.text(&name);
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
                form.qr = page::qr(&self.address(visit));
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
        form.action = visit.address("/login");
        form.hidden =
            vec![("challenge", self.name), ("username", self.user), ("session", self.session), ("told", self.told)];
        visit.show(form)
    }

    /// What an authenticator app reads (the key URI that these apps agree on).
    fn address(&self, visit: &Visit) -> String {
        let encoded =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let pool = encoded(visit.app.pool.answer.text("Name").unwrap_or_default());
        format!("otpauth://totp/{pool}:{}?secret={}&issuer={pool}", encoded(&self.user), self.told)
    }
}

/// Back to the client when the sign-in is done, or the page of the next challenge.
pub(super) fn go_on(visit: &Visit, outcome: &Outcome) -> Reply {
    let progress = match outcome {
        Outcome::Asks(challenge) => return show(visit, challenge),
        Outcome::SignedIn(progress) => progress,
    };
    let signed_in = || -> Answer<Reply> {
        let Some(user) = visit.find(progress.user.name())? else { return NO_USER.refuse() };
        authorization::leave(&visit.call(), visit.effects, &visit.app, &user, &visit.wanted, visit.request)
    };
    signed_in().unwrap_or_else(|_| authorization::back(&visit.wanted, &[("error", "server_error")], false))
}

/// Signs in the user that this browser has registered, whose password it set; None where it has no mark of one.
pub(super) fn enter(visit: &Visit, mark: &str, name: &str) -> Answer<Option<Reply>> {
    let Some(user) = visit.registered(mark, name)? else { return Ok(None) };
    let outcome = sign_in::hosted_enter(&visit.call(), visit.effects, visit.app()?, user)?;
    Ok(Some(go_on(visit, &outcome)))
}

/// The page of a challenge that a sign-in asks for.
pub(super) fn show(visit: &Visit, answer: &Object) -> Reply {
    let challenge = Challenge::asked(answer, visit.form.text("username"));
    match challenge.name.as_str() {
        // A session of the API is none of a page's.
        "" => page::failed(400, "The session is not one of this page."),
        "MFA_SETUP" => set_up(visit, challenge),
        _ => challenge.page(visit, ""),
    }
}

/// A new key for an app, where the pool has apps.
fn set_up(visit: &Visit, challenge: Challenge) -> Reply {
    if !challenge.list().iter().any(|factor| factor == factor::TOTP) {
        return page::failed(
            403,
            "This user pool wants a code by text message at each sign-in, and your account has no phone number. \
             An administrator can add it.",
        );
    }
    let mut body = Object::new();
    body.insert("Session".to_owned(), json!(challenge.session));
    match visit.with_body(&body, |call, effects| crate::operations::factors::associate(call, effects)) {
        Ok(answer) => {
            let text = |name: &str| answer.text(name).unwrap_or_default().to_owned();
            Challenge { session: text("Session"), told: text("SecretCode"), ..challenge }.page(visit, "")
        }
        Err(refusal) => login::page(visit, &refusal.message, ""),
    }
}

/// The form of a challenge's page.
pub(super) fn submit(visit: &Visit, name: &str) -> Reply {
    let outcome = if name == "MFA_SETUP" { verify(visit) } else { answer(visit, name) };
    visit.note(visit.form.text("username"), &outcome);
    match outcome {
        Ok(answer) => go_on(visit, &answer),
        // A session that is over or used up leads nowhere: from the start.
        Err(refusal) if [SESSION_INVALID, SESSION_EXPIRED].iter().any(|words| words.is(&refusal)) => {
            login::page(visit, &refusal.message, "")
        }
        Err(refusal) => {
            let message = page::refused_password(&visit.app.pool, visit.form.text("answer"), &refusal);
            Challenge::read(visit, name).page(visit, &message)
        }
    }
}

/// The code of an app that has been set up, then MFA_SETUP with the session that it gives.
fn verify(visit: &Visit) -> Answer<Outcome> {
    let mut body = Object::new();
    body.insert("Session".to_owned(), json!(visit.form.text("session")));
    body.insert("UserCode".to_owned(), json!(visit.form.text("answer")));
    let verified = visit.with_body(&body, |call, effects| crate::operations::factors::verify(call, effects))?;
    respond(visit, "MFA_SETUP", verified.text("Session").unwrap_or_default(), Object::new())
}

/// The answer to a challenge, as the API would be told.
fn answer(visit: &Visit, name: &str) -> Answer<Outcome> {
    let member = match name {
        "NEW_PASSWORD_REQUIRED" => "NEW_PASSWORD".to_owned(),
        "SELECT_MFA_TYPE" => "ANSWER".to_owned(),
        code => format!("{code}_CODE"),
    };
    let mut responses = Object::new();
    responses.insert(member, json!(visit.form.text("answer")));
    for (name, value) in visit.form.0.iter().filter(|(name, _)| name.starts_with("userAttributes.")) {
        responses.insert(name.clone(), json!(value));
    }
    respond(visit, name, visit.form.text("session"), responses)
}

fn respond(visit: &Visit, name: &str, session: &str, mut responses: Object) -> Answer<Outcome> {
    responses.insert("USERNAME".to_owned(), json!(visit.form.text("username")));
    let mut body = Object::new();
    body.insert("ChallengeName".to_owned(), json!(name));
    body.insert("Session".to_owned(), json!(session));
    body.insert("ChallengeResponses".to_owned(), json!(responses));
    let app = visit.app()?;
    visit.with_body(&body, |call, effects| sign_in::hosted_answer(call, effects, app))
}
