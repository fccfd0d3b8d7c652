//! Second factors of users: AssociateSoftwareToken, VerifySoftwareToken, SetUserMFAPreference,
//! AdminSetUserMFAPreference, AdminDeleteSoftwareToken.

use poolform_model::{Object, Refusal};
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    Answer, FACTOR_NO_DELIVERY, FACTOR_NOT_BUILT, FACTOR_NOT_SET_UP, FACTOR_OFF, PREFERRED_DISABLED, PREFERRED_TWICE,
    SESSION_INVALID, TOKEN_OR_SESSION, TOTP_NOT_ENABLED, TOTP_NOT_VERIFIED, TOTP_OFF,
};
use crate::forms::{identifier, totp};
use crate::kept::factor::{EMAIL, SMS, TOTP, Totp, attribute_of};
use crate::kept::pool::{Pool, pool};
use crate::kept::session::Session;
use crate::kept::shelf::USERS;
use crate::kept::store::{Reader, Writer};
use crate::kept::user::{self, User, keep};
use crate::kept::vault::Vault;
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Steps, Write};
use crate::operations::sign_in::{second_factor, session};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::token;
use crate::rules::user::named_user;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("GetUserAuthFactors", Steps(auth_factors)),
    ("AdminGetUserAuthFactors", Read(admin_auth_factors)),
    ("AssociateSoftwareToken", Steps(associate)),
    ("VerifySoftwareToken", Steps(verify)),
    ("SetUserMFAPreference", Steps(set_preference)),
    ("AdminSetUserMFAPreference", Write(admin_set_preference)),
    ("AdminDeleteSoftwareToken", Write(admin_delete_totp)),
];

/// The user of a request that carries an access token or the session of MFA_SETUP.
enum Requester {
    Bearer { pool_id: String, pool: Pool, user: User },
    SettingUp { session: Box<Session>, pool: Pool, user: User },
}

impl Requester {
    fn of(call: &Call, vault: &Vault) -> Answer<Requester> {
        if call.body.text("AccessToken").is_some() {
            let access = token::access(call, vault)?;
            return Ok(Requester::Bearer { pool_id: access.app.pool_id, pool: access.app.pool, user: access.user });
        }
        if call.body.text("Session").is_none() {
            return TOKEN_OR_SESSION.refuse();
        }
        let session = session::open(call, vault)?;
        if session.challenge != "MFA_SETUP" {
            return SESSION_INVALID.refuse();
        }
        let (pool, user) =
            vault.read(|reader| Ok((pool(reader, &session.pool)?, session::user_of(&session, reader)?)))?;
        Ok(Requester::SettingUp { session: Box::new(session), pool, user })
    }

    fn place(&self) -> (&str, &Pool, &User) {
        match self {
            Requester::Bearer { pool_id, pool, user } => (pool_id, pool, user),
            Requester::SettingUp { session, pool, user } => (&session.pool, pool, user),
        }
    }
}

/// AssociateSoftwareToken
pub(crate) fn associate(call: &Call, vault: &Vault) -> Answer {
    let requester = Requester::of(call, vault)?;
    let (pool_id, pool, user) = requester.place();
    if !pool.factors.software_token {
        return TOTP_OFF.refuse();
    }
    let secret = identifier::totp_secret();
    let mut answer = only("SecretCode", secret.as_str());
    vault.write(|writer| {
        let key = user::key(pool, user.name());
        let Some(mut user) = writer.reader().get::<User>(USERS, pool_id, &key)? else {
            return SESSION_INVALID.refuse();
        };
        user.factors.fresh = Some(secret);
        if let Requester::SettingUp { session, .. } = &requester {
            session.use_up(writer, call.now)?;
        }
        writer.put(USERS, pool_id, &key, &user)
    })?;
    if let Requester::SettingUp { session, .. } = &requester {
        let keys = vault.keys(pool_id)?;
        answer.insert("Session".to_owned(), json!(Session::clone(session).turned("MFA_SETUP").encrypted(&keys)?));
    }
    Ok(answer)
}

/// VerifySoftwareToken: the app that was associated last becomes the user's. While setting up at a sign-in it is turned
/// on too; otherwise SetUserMFAPreference does that [InitiateAuth.2025-07.SOFTWARE_TOKEN_MFA, note].
pub(crate) fn verify(call: &Call, vault: &Vault) -> Answer {
    let requester = Requester::of(call, vault)?;
    let (pool_id, pool, user) = requester.place();
    if !pool.factors.software_token {
        return TOTP_OFF.refuse();
    }
    vault.write(|writer| {
        let key = user::key(pool, user.name());
        let Some(mut user) = writer.reader().get::<User>(USERS, pool_id, &key)? else {
            return SESSION_INVALID.refuse();
        };
        let Some(secret) = user.factors.fresh.clone() else { return TOTP_NOT_VERIFIED.refuse() };
        let Some(step) = totp::step_of(&secret, call.text("UserCode"), call.now) else {
            return TOTP_NOT_ENABLED.refuse();
        };
        let name = call.body.text("FriendlyDeviceName").map(str::to_owned);
        user.factors.fresh = None;
        user.factors.totp = Some(Totp { secret, verified: true, last: step, name });
        if let Requester::SettingUp { session, .. } = &requester {
            session.use_up(writer, call.now)?;
            user.factors.turn(TOTP, true);
            user.factors.preferred = Some(TOTP.to_owned());
        }
        writer.put(USERS, pool_id, &key, &user)
    })?;
    let mut answer = only("Status", "SUCCESS");
    if let Requester::SettingUp { session, .. } = &requester {
        let keys = vault.keys(pool_id)?;
        answer.insert("Session".to_owned(), json!(second_factor::verified(Session::clone(session)).encrypted(&keys)?));
    }
    Ok(answer)
}

/// SetUserMFAPreference
fn set_preference(call: &Call, vault: &Vault) -> Answer {
    let access = token::access(call, vault)?;
    vault.write(|writer| {
        let AppClient { pool_id, pool, .. } = &access.app;
        let key = user::key(pool, access.user.name());
        match writer.reader().get::<User>(USERS, pool_id, &key)? {
            Some(user) => prefer(call, writer, (pool_id, pool), &user, Asker::User),
            None => Err(call.no_bearer()),
        }
    })
}

/// AdminSetUserMFAPreference
fn admin_set_preference(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, user) = named_user(call, writer.reader())?;
    prefer(call, writer, (call.pool_id(), &pool), &user, Asker::Administrator)
}

/// Who sets a preference.
#[derive(Clone, Copy)]
enum Asker {
    User,
    Administrator,
}

impl Asker {
    /// What is said of a factor that the user cannot use (S1: users and administrators get other words).
    fn missing(self, factor: &str) -> Refusal {
        match self {
            Asker::User if factor == TOTP => FACTOR_NOT_SET_UP.with(&["software token mfa"]),
            Asker::User => FACTOR_NOT_SET_UP.with(&[factor]),
            Asker::Administrator => FACTOR_NO_DELIVERY.with(&[factor]),
        }
    }
}

/// Sets what the request says of each factor; what it leaves out stays. Of a factor that the user cannot use, users
/// and administrators are told in other words.
fn prefer(call: &Call, writer: &mut Writer, place: (&str, &Pool), before: &User, asker: Asker) -> Answer {
    if call.body.contains_key("WebAuthnMfaSettings") {
        return Err(FACTOR_NOT_BUILT.with(&["WebAuthnMfaSettings"]));
    }
    let mut user = before.clone();
    let mut preferred = Vec::new();
    for (member, factor) in [("SMSMfaSettings", SMS), ("SoftwareTokenMfaSettings", TOTP), ("EmailMfaSettings", EMAIL)] {
        let Some(settings) = call.body.object(member) else { continue };
        let on = settings.flag("Enabled") == Some(true);
        if on && !place.1.factors.has(factor) {
            return Err(FACTOR_OFF.with(&[factor]));
        }
        let can = match attribute_of(factor) {
            Some(attribute) => user.attribute(attribute).is_some(),
            None => user.factors.totp.as_ref().is_some_and(|totp| totp.verified),
        };
        if on && !can {
            return Err(asker.missing(factor));
        }
        user.factors.turn(factor, on);
        if settings.flag("PreferredMfa") == Some(true) {
            if !on {
                return PREFERRED_DISABLED.refuse();
            }
            preferred.push(factor);
        } else if user.factors.preferred.as_deref() == Some(factor) {
            user.factors.preferred = None;
        }
    }
    match preferred.as_slice() {
        [] => {}
        [one] => user.factors.preferred = Some((*one).to_owned()),
        _ => return PREFERRED_TWICE.refuse(),
    }
    // UserLastModifiedDate stays [AdminGetUser.2025-07.totp, note].
    keep(writer, place, Some(before), &user)?;
    Ok(Object::new())
}

/// AdminDeleteSoftwareToken
fn admin_delete_totp(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, before) = named_user(call, writer.reader())?;
    let mut user = before.clone();
    user.factors.totp = None;
    user.factors.fresh = None;
    user.factors.turn(TOTP, false);
    keep(writer, (call.pool_id(), &pool), Some(&before), &user)?;
    Ok(Object::new())
}

/// AdminGetUserAuthFactors
fn admin_auth_factors(call: &Call, reader: &dyn Reader) -> Answer {
    let (_, user) = named_user(call, reader)?;
    Ok(factors_of(&user))
}

/// GetUserAuthFactors: how the user can sign in.
fn auth_factors(call: &Call, vault: &Vault) -> Answer {
    let access = token::access(call, vault)?;
    Ok(factors_of(&access.user))
}

/// What GetUserAuthFactors and AdminGetUserAuthFactors answer. Factors other than the password are not built.
fn factors_of(user: &User) -> Object {
    let mut answer = only("Username", user.name());
    user.factors.show(&mut answer);
    let configured: Vec<Json> = user.passwords.current.iter().map(|_| json!("PASSWORD")).collect();
    answer.insert("ConfiguredUserAuthFactors".to_owned(), Json::Array(configured));
    in_model_order("GetUserAuthFactorsResponse", answer)
}
