//! A browser on a page of a client: what every page needs, and how a sign-in goes on from there.
//!
//! Each form carries a token that must equal the browser's cookie, so that no other page can send one.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::emulator::{Emulator, dispatch};
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER};
use crate::forms::{encryption, identifier};
use crate::kept::user::{self, User};
use crate::oauth::authorization::{self, AuthorizationRequest};
use crate::oauth::page::{self, Form};
use crate::oauth::request::{Fields, Reply, Request};
use crate::operations::sign_in::Outcome;
use crate::outside::effects::Effects;
use crate::outside::trace;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// The name of the cookie, which is the service's [oauth2-token.2022-10.authorization_code].
const COOKIE: &str = "XSRF-TOKEN";
/// What the mark of a browser that has registered a user is encrypted for.
const REGISTERED: &str = "registered";
/// Milliseconds for which such a mark is good.
const REGISTERED_FOR: i64 = 3_600_000;

/// A browser on a page.
pub(super) struct PageRequest<'a> {
    pub(super) emulator: &'a Emulator,
    call: &'a Call<'a>,
    pub(super) effects: &'a Effects<'a>,
    pub(super) http: &'a Request,
    pub(super) app: AppClient,
    pub(super) wanted: AuthorizationRequest,
    /// What the page's form sent; nothing when the page is only looked at.
    pub(super) form: Fields,
}

/// That this browser has just set a user's password, by signing up.
#[derive(Deserialize, Serialize)]
struct Registered {
    user: String,
    sub: String,
    client: String,
    until: i64,
}

impl<'a> PageRequest<'a> {
    /// A reply where nobody can be on such a page: the client's wish does not hold, or the form is not of this browser.
    pub(super) fn open(
        emulator: &'a Emulator,
        call: &'a Call<'a>,
        effects: &'a Effects<'a>,
        pool_id: &str,
        request: &'a Request,
    ) -> Result<PageRequest<'a>, Reply> {
        let (app, wanted) = authorization::wanted(effects, pool_id, request)?;
        // The first page shows the providers; passwords of the pool's own users are none of such a client's business.
        if !app.signs_in_here() && (request.method.as_str(), request.path.as_str()) != ("GET", "/login") {
            let words = format!("The users of this app come from {} only.", app.providers().join(", "));
            return Err(page::failed(403, &words));
        }
        let form = request.form();
        if request.method == "POST" && (form.get("_csrf").is_none() || form.get("_csrf") != request.cookie(COOKIE)) {
            return Err(page::failed(403, "The form has expired. Go back and load the page again."));
        }
        Ok(PageRequest { emulator, call, effects, http: request, app, wanted, form })
    }

    /// The call of the API that this would be, on behalf of the client.
    pub(super) fn call(&self) -> Call<'_> {
        self.call.of_client(&self.app.id)
    }

    /// The address of another page on the way of the same request for authorization.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}?{}", self.http.at(path), self.http.query)
    }

    /// A page whose form carries the browser's token; a new one where it has none.
    pub(super) fn show(&self, mut form: Form) -> Reply {
        let known = self.http.cookie(COOKIE).filter(|token| token.len() == 36);
        let token = known.map_or_else(identifier::uuid, str::to_owned);
        form.hidden.insert(0, ("_csrf", token.clone()));
        page::form(200, &form).with("set-cookie", self.http.cookie_for(&format!("{COOKIE}={token}"), None))
    }

    /// Does what the API would do for this client, with the client's secret proved where it has one.
    pub(super) fn ask(&self, operation: &str, mut body: Object) -> Answer {
        if let Some(hash) = self.app.secret_hash(body.text("Username").unwrap_or_default()) {
            body.insert("SecretHash".to_owned(), json!(hash));
        }
        body.insert("ClientId".to_owned(), json!(self.app.id));
        dispatch::from_page(self.emulator, operation, &body)
    }

    /// Shows a step of a sign-in to whoever looks at the inspector.
    pub(super) fn note(&self, user: &str, outcome: &Answer<Outcome>) {
        let mut named = Object::new();
        for (name, value) in [("UserPoolId", &self.app.pool_id), ("ClientId", &self.app.id)] {
            named.insert(name.to_owned(), json!(value));
        }
        named.insert("Username".to_owned(), json!(user));
        let said = outcome.as_ref().map(|outcome| match outcome {
            Outcome::Asks(challenge) => challenge.text("ChallengeName"),
            Outcome::SignedIn(_) => Some(trace::SIGNED_IN),
        });
        self.emulator.trace.note(self.call.now, trace::SIGN_IN, &named, true, said);
    }

    /// Runs with the body of a request of this client.
    pub(super) fn with_body<T>(&self, body: &Object, run: impl FnOnce(&Call, &Effects) -> T) -> T {
        dispatch::outside(self.emulator, body, |call, effects| run(&call.of_client(&self.app.id), effects))
    }

    /// The client as the store has it now.
    pub(super) fn app(&self) -> Answer<AppClient> {
        self.effects.read(|reader| AppClient::read(reader, self.app.pool_id.clone(), &self.app.id))
    }

    pub(super) fn find(&self, name: &str) -> Answer<Option<User>> {
        self.effects.read(|reader| user::find(reader, (&self.app.pool_id, &self.app.pool), name))
    }

    /// The mark of this browser for the user that it has just registered.
    pub(super) fn mark(&self, name: &str) -> Answer<String> {
        let Some(user) = self.find(name)? else { return NO_USER.refuse() };
        let keys = self.effects.keys(&self.app.pool_id)?;
        let registered = Registered {
            user: user::key(&self.app.pool, user.name()),
            sub: user.attribute("sub").unwrap_or_default().to_owned(),
            client: self.app.id.clone(),
            until: self.call.now + REGISTERED_FOR,
        };
        encryption::encrypt(&keys.encryption, REGISTERED, &registered)
    }

    /// The user that this browser has registered, whose password it set; None where it has no mark of one.
    pub(super) fn registered(&self, mark: &str, name: &str) -> Answer<Option<User>> {
        let keys = self.effects.keys(&self.app.pool_id)?;
        let Some(registered) = encryption::decrypt::<Registered>(&keys.encryption, REGISTERED, mark) else {
            return Ok(None);
        };
        Ok(self.find(name)?.filter(|user| {
            user.attribute("sub") == Some(&registered.sub)
                && user::key(&self.app.pool, user.name()) == registered.user
                && registered.client == self.app.id
                && self.call.now <= registered.until
        }))
    }
}
