//! Passwords: the pool's policy, what is kept of one, generated ones.

use poolform_model::Object;
use serde::{Deserialize, Serialize};

use crate::call::Answer;
use crate::identifier;
use crate::members::Members;
use crate::refusal::{PASSWORD, PASSWORD_AGAIN, PASSWORD_TO, Words, fault};
use crate::srp;
use crate::user_pool::Pool;

/// What is kept of a password. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Password {
    /// 32 hex digits [InitiateAuth.unknown.PASSWORD_VERIFIER].
    pub(crate) salt: String,
    /// See `srp`.
    pub(crate) verifier: String,
    /// When it was set, milliseconds since 1970: a temporary one is good for so many days.
    pub(crate) set: i64,
}

impl Password {
    /// What to keep of a user's password.
    pub(crate) fn new(pool_id: &str, user: &str, password: &str, now: i64) -> Answer<Password> {
        let salt = identifier::hex(32);
        let verifier = srp::verifier(&salt, short(pool_id), user, password)
            .ok_or_else(|| fault("a password could not be hashed"))?;
        Ok(Password { salt, verifier, set: now })
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, pool_id: &str, user: &str, password: &str) -> bool {
        let again = srp::verifier(&self.salt, short(pool_id), user, password);
        again.is_some_and(|again| {
            aws_lc_rs::constant_time::verify_slices_are_equal(again.as_bytes(), self.verifier.as_bytes()).is_ok()
        })
    }
}

/// The part of a pool's id after the Region, which stands for the pool in SRP.
pub(crate) fn short(pool_id: &str) -> &str {
    pool_id.split_once('_').map_or(pool_id, |(_, short)| short)
}

fn policy(pool: &Pool) -> Option<&Object> {
    pool.answer.object("Policies").and_then(|policies| policies.object("PasswordPolicy"))
}

/// Days for which a temporary password is good: 7 unless set.
pub(crate) fn temporary_days(pool: &Pool) -> i64 {
    policy(pool).and_then(|policy| policy.number("TemporaryPasswordValidityDays")).unwrap_or(7)
}

/// How many former passwords must not be used again.
fn history_size(pool: &Pool) -> usize {
    let size = policy(pool).and_then(|policy| policy.number("PasswordHistorySize")).unwrap_or_default();
    usize::try_from(size).unwrap_or_default()
}

/// Which of the two recorded sentences an operation uses (S2).
#[derive(Clone, Copy)]
pub(crate) enum Wording {
    /// `did not conform with policy`: SignUp and most others.
    With,
    /// `does not conform to policy`: NEW_PASSWORD_REQUIRED.
    To,
}

impl Wording {
    fn words(self) -> &'static Words {
        match self {
            Wording::With => &PASSWORD,
            Wording::To => &PASSWORD_TO,
        }
    }
}

/// What a policy may ask of a password: the member that asks for it, the recorded words of a password without it (S2), and what
/// letter is one of these.
type Asked = (&'static str, &'static str, fn(char) -> bool);

const ASKED: &[Asked] = &[
    ("RequireUppercase", "Password must have uppercase characters", |letter| letter.is_ascii_uppercase()),
    ("RequireLowercase", "Password must have lowercase characters", |letter| letter.is_ascii_lowercase()),
    ("RequireNumbers", "Password must have numeric characters", |letter| letter.is_ascii_digit()),
    // The symbols of the developer guide; a space counts when it is neither first nor last.
    ("RequireSymbols", "Password must have symbol characters", |letter| letter.is_ascii_punctuation() || letter == ' '),
];

/// All that a password lacks, in the order in which the service looks.
pub(crate) fn lacking(pool: &Pool, password: &str) -> Vec<&'static str> {
    let Some(policy) = policy(pool) else { return Vec::new() };
    let least = policy.number("MinimumLength").unwrap_or(8);
    let short = i64::try_from(password.chars().count()).unwrap_or(i64::MAX) < least;
    let mut lacking = Vec::new();
    lacking.extend(short.then_some("Password not long enough"));
    for (member, words, has) in ASKED {
        if policy.flag(member) == Some(true) && !password.chars().any(has) {
            lacking.push(words);
        }
    }
    lacking
}

/// One reason per answer, in the recorded words (S2).
pub(crate) fn check(pool: &Pool, password: &str, wording: Wording) -> Answer<()> {
    match lacking(pool, password).first() {
        Some(reason) => Err(wording.words().with(&[reason])),
        None => Ok(()),
    }
}

/// The passwords of a user: the one in use, and former ones as far as the policy needs them.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Passwords {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<Password>,
    /// Newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former: Vec<Password>,
}

impl Passwords {
    /// Refuses a password that the user had: the policy's PasswordHistorySize counts the one in use (API reference:
    /// "the number of previous passwords").
    pub(crate) fn check_history(&self, pool: &Pool, pool_id: &str, user: &str, password: &str) -> Answer<()> {
        let known = self.current.iter().chain(&self.former).take(history_size(pool));
        for former in known {
            if former.is(pool_id, user, password) {
                return PASSWORD_AGAIN.refuse();
            }
        }
        Ok(())
    }

    /// Puts a password into use.
    pub(crate) fn set(&mut self, pool: &Pool, password: Password) {
        self.former.splice(0..0, self.current.replace(password));
        self.former.truncate(history_size(pool).saturating_sub(1));
    }
}

/// A temporary password that fits the pool's policy.
pub(crate) fn generated(pool: &Pool) -> String {
    let least = policy(pool).and_then(|policy| policy.number("MinimumLength")).unwrap_or(8);
    identifier::password(usize::try_from(least).unwrap_or(8).max(8))
}
