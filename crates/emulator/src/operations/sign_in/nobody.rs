//! Who stands for somebody who is not there, where existence errors are hidden: with a name, an id and a verifier that are the
//! same each time.

use aws_lc_rs::hmac;
use serde_json::json;

use crate::forms::members::{Members, only};
use crate::forms::{identifier, srp};
use crate::kept::keys::Keys;
use crate::kept::password::Password;
use crate::kept::user::User;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// The user name of somebody who is not there: where users have ids for names, one in that form, the same each time
/// (developer guide, managing error responses); or else the name that was given, as of a user who is there.
pub(super) fn assumed_name(keys: &Keys, app: &AppClient, given: &str) -> String {
    if app.pool.answer.list("UsernameAttributes").is_empty() { given.to_owned() } else { assumed_sub(keys, app, given) }
}

/// The `sub` of somebody who is not there.
pub(super) fn assumed_sub(keys: &Keys, app: &AppClient, given: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.encryption);
    let tag = hmac::sign(&key, &[given.as_bytes(), b"\0name"].concat());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    identifier::sub_of(identifier::region_of(&app.pool_id), &digits[..32])
}

/// The salt and verifier of a user who is not there: the same each time (S1), and made without an exponentiation, because
/// those of a user who is there are only read: the time must not tell the two apart.
pub(super) fn simulated(call: &Call, keys: &Keys, name: &str) -> Password {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.encryption);
    let digits = |part: u8| -> String {
        let tag = hmac::sign(&key, &[name.as_bytes(), &[0, part]].concat());
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    // Twelve digests are the 3,072 bits of a verifier.
    Password { salt: srp::salt(&digits(0)[..32]), verifier: (1..=12).map(digits).collect(), set: call.now }
}

/// Who stands for nobody on the way through a sign-in; no such user is ever kept.
pub(super) fn stand_in(keys: &Keys, app: &AppClient, given: &str) -> User {
    let mut user = User::new(only("Username", assumed_name(keys, app, given)));
    user.answer.insert("Attributes".to_owned(), json!([{"Name": "sub", "Value": assumed_sub(keys, app, given)}]));
    user
}
