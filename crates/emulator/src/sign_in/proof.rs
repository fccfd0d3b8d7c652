//! The password shown by SRP: USER_SRP_AUTH and its challenge PASSWORD_VERIFIER.
//!
//! The server keeps nothing between the two requests: its secret travels in SECRET_BLOCK, sealed, good for one use.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::call::Call;
use crate::effects::Effects;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER, SRP_VALUE, WRONG_PASSWORD, fault};
use crate::forms::{encryption, identifier, srp};
use crate::keys::Keys;
use crate::password::{Password, short};
use crate::sign_in::password::{expect_open, expect_usable, is_hidden};
use crate::sign_in::{Progress, Session, Whom, attempts, challenged, parameter};
use crate::user::User;
use crate::{spent, user};

/// Hex digits of the server's secret: 256 bits.
const SECRET: usize = 64;

/// What is in a secret block. No Debug.
#[derive(Deserialize, Serialize)]
pub(super) struct Block {
    id: String,
    client: String,
    /// The user's name; for a user who is not there one that could be. For a device its key.
    pub(super) who: String,
    /// The name that was given. Of users who are there too: a block must be as long for them as for nobody.
    #[serde(default)]
    given: String,
    /// A, as the client sent it.
    value: String,
    /// b
    secret: String,
    until: i64,
    /// The sign-in that goes on when a device has been shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Session>,
}

impl Block {
    pub(super) fn new(call: &Call, app: &App, who: &str, value: &str) -> Answer<Block> {
        if srp::public_value(value).is_none() {
            return SRP_VALUE.refuse();
        }
        Ok(Block {
            id: identifier::uuid(),
            client: app.id.clone(),
            who: who.to_owned(),
            given: String::new(),
            value: value.to_owned(),
            secret: identifier::hex(SECRET),
            until: call.now + app.session_validity(),
            after: None,
        })
    }

    /// This block, and a sign-in that goes on after it.
    pub(super) fn after(self, session: Session) -> Block {
        Block { after: Some(session), ..self }
    }

    /// B for a verifier.
    pub(super) fn server_value(&self, verifier: &str) -> Answer<String> {
        srp::server_value(verifier, &self.secret).ok_or_else(|| fault("a verifier cannot be read"))
    }

    /// As the challenge carries it: standard base64.
    pub(super) fn sealed(&self, keys: &Keys, purpose: &str) -> Answer<String> {
        let bytes = serde_json::to_vec(self).map_err(fault)?;
        Ok(STANDARD.encode(encryption::encrypt_bytes(&keys.sealing, purpose, &bytes)?))
    }

    /// A block of the client that is still good, and is spent with this.
    pub(super) fn open(
        call: &Call,
        effects: &Effects,
        app: &App,
        purpose: &str,
        sealed: &str,
    ) -> Answer<Option<(Block, Vec<u8>)>> {
        let keys = effects.keys(&app.pool_id)?;
        let Ok(bytes) = STANDARD.decode(sealed) else { return Ok(None) };
        let Some(block) = encryption::decrypt_bytes::<Block>(&keys.sealing, purpose, &bytes) else { return Ok(None) };
        if block.client != app.id || call.now > block.until {
            return Ok(None);
        }
        let fresh = effects.write(|writer| spent::spend(call, writer, &app.pool_id, block.until, &block.id))?;
        Ok(fresh.then_some((block, bytes)))
    }

    /// Whether a claim signature shows the password: over who, block and time stamp.
    pub(super) fn is_shown(&self, group: &str, verifier: &str, bytes: &[u8], stamp: &str, signature: &str) -> bool {
        let Some(value) = srp::public_value(&self.value) else { return false };
        let Some(key) = srp::key(&value, verifier, &self.secret) else { return false };
        let signature = STANDARD.decode(signature).unwrap_or_default();
        srp::is_signed(&key, &[group.as_bytes(), self.who.as_bytes(), bytes, stamp.as_bytes()], &signature)
    }
}

/// What secret blocks of users are sealed for.
const PURPOSE: &str = "srp";

pub(super) fn start(call: &Call, effects: &Effects, app: &App, parameters: Option<&Object>) -> Answer {
    let name = parameter(parameters, "USERNAME")?;
    let value = parameter(parameters, "SRP_A")?;
    app.check_secret_hash(parameters.and_then(|parameters| parameters.text("SECRET_HASH")), name)?;
    let found = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    if found.is_none() && !app.hides_users() {
        return NO_USER.refuse();
    }
    let keys = effects.keys(&app.pool_id)?;
    let stand_in = assumed_name(&keys, app, name);
    let who = found.as_ref().map_or(stand_in.as_str(), User::name);
    let password = match found.as_ref().and_then(|user| user.passwords.current.clone()) {
        Some(password) => password,
        None => simulated(call, &keys, who),
    };
    // A user who is not there must not be found by the block either.
    let block = Block { given: name.to_owned(), ..Block::new(call, app, who, value)? };
    let mut parameters = Object::new();
    for (member, value) in [
        ("SALT", password.salt.as_str()),
        ("SECRET_BLOCK", &block.sealed(&keys, PURPOSE)?),
        ("SRP_B", &block.server_value(&password.verifier)?),
        ("USERNAME", who),
        ("USER_ID_FOR_SRP", who),
    ] {
        parameters.insert(member.to_owned(), json!(value));
    }
    Ok(challenged("PASSWORD_VERIFIER", parameters, None))
}

/// The user name of somebody who is not there: where users have ids for names, one in that form, the same each time
/// (developer guide, managing error responses); or else the name that was given, as of a user who is there.
pub(super) fn assumed_name(keys: &Keys, app: &App, given: &str) -> String {
    if app.pool.answer.list("UsernameAttributes").is_empty() { given.to_owned() } else { assumed_sub(keys, app, given) }
}

/// The `sub` of somebody who is not there.
pub(super) fn assumed_sub(keys: &Keys, app: &App, given: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.sealing);
    let tag = hmac::sign(&key, &[given.as_bytes(), b"\0name"].concat());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    identifier::sub_of(identifier::region_of(&app.pool_id), &digits[..32])
}

/// The salt and verifier of a user who is not there: the same each time (S1), and made without an exponentiation, because
/// those of a user who is there are only read: the time must not tell the two apart.
fn simulated(call: &Call, keys: &Keys, name: &str) -> Password {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.sealing);
    let digits = |part: u8| -> String {
        let tag = hmac::sign(&key, &[name.as_bytes(), &[0, part]].concat());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    // Twelve digests are the 3,072 bits of a verifier.
    Password { salt: digits(0)[..32].to_owned(), verifier: (1..=12).map(digits).collect(), set: call.now }
}

pub(super) fn answer(call: &Call, effects: &Effects, app: App, responses: Option<&Object>) -> Answer {
    let sealed = parameter(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = parameter(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let stamp = parameter(responses, "TIMESTAMP")?;
    let Some((block, bytes)) = Block::open(call, effects, &app, PURPOSE, sealed)? else {
        return WRONG_PASSWORD.refuse();
    };
    let Some(user) = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), &block.who))? else {
        let name = block.given.as_str();
        attempts::of_nobody(effects, &app, name)?.check(call.now)?;
        if app.hides_users() {
            crate::sign_in::pre_authentication(call, effects, &app, Whom::Nobody(&block.who))?;
        }
        // The proof is the better part of the time that it takes for a user who is there.
        let nobody = simulated(call, &*effects.keys(&app.pool_id)?, &block.who);
        block.is_shown(short(&app.pool_id), &nobody.verifier, &bytes, stamp, signature);
        return attempts::fail_nobody(call, effects, &app, name);
    };
    user.attempts.check(call.now)?;
    expect_open(&app, &user)?;
    crate::sign_in::pre_authentication(call, effects, &app, Whom::User(&user))?;
    let shown = user
        .passwords
        .current
        .as_ref()
        .is_some_and(|one| block.is_shown(short(&app.pool_id), &one.verifier, &bytes, stamp, signature));
    if !shown || is_hidden(call, &app, &user) {
        return attempts::fail(call, effects, &app, &user);
    }
    expect_usable(call, &app, &user)?;
    let device = responses.and_then(|responses| responses.text("DEVICE_KEY")).map(str::to_owned);
    attempts::succeed(effects, &app, &user)?;
    Progress::new(app, user, device).proceed(call, effects)
}
