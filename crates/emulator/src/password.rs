//! Passwords: the pool's policy, what is kept of one, generated ones.

use poolform_model::Object;
use serde::{Deserialize, Serialize};

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, PASSWORD, PASSWORD_AGAIN, PASSWORD_TO, Words, fault};
use crate::forms::{identifier, srp};
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

/// Days for which a temporary password is good: 7 unless set.
pub(crate) fn temporary_days(pool: &Pool) -> i64 {
    pool.password_policy().and_then(|policy| policy.number("TemporaryPasswordValidityDays")).unwrap_or(7)
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

/// What a policy may ask of a password.
struct Asked {
    /// The member that asks for it.
    member: &'static str,
    /// What of, in words.
    what: &'static str,
    /// The letters that are one, as a class of a regular expression of HTML.
    letters: &'static str,
    /// Whether a letter is one.
    is: fn(char) -> bool,
    /// The recorded words of a password without one (S2).
    lacking: &'static str,
}

const ASKED: &[Asked] = &[
    Asked {
        member: "RequireUppercase",
        what: "an upper case letter",
        letters: "[A-Z]",
        is: |letter| letter.is_ascii_uppercase(),
        lacking: "Password must have uppercase characters",
    },
    Asked {
        member: "RequireLowercase",
        what: "a lower case letter",
        letters: "[a-z]",
        is: |letter| letter.is_ascii_lowercase(),
        lacking: "Password must have lowercase characters",
    },
    Asked {
        member: "RequireNumbers",
        what: "a digit",
        letters: "[0-9]",
        is: |letter| letter.is_ascii_digit(),
        lacking: "Password must have numeric characters",
    },
    // The symbols of the developer guide; a space counts when it is neither first nor last.
    Asked {
        member: "RequireSymbols",
        what: "a symbol",
        letters: r"[!-\/:-@\[-`\{-~ ]",
        is: |letter| letter.is_ascii_punctuation() || letter == ' ',
        lacking: "Password must have symbol characters",
    },
];

/// The least length that a policy asks for, and what else it does.
fn asked(policy: &Object) -> (i64, impl Iterator<Item = &'static Asked>) {
    let least = policy.number("MinimumLength").unwrap_or(8);
    (least, ASKED.iter().filter(|asked| policy.flag(asked.member) == Some(true)))
}

/// What a pool asks of passwords: in words, and as a pattern of HTML. Empty where it asks for nothing.
pub(crate) fn told(pool: &Pool) -> (String, String) {
    let Some(policy) = pool.password_policy() else { return (String::new(), String::new()) };
    let (least, asked) = asked(policy);
    let mut words = format!("At least {least} characters");
    let mut pattern = String::new();
    for Asked { what, letters, .. } in asked {
        words.push_str(&format!(", {what}"));
        pattern.push_str(&format!("(?=.*{letters})"));
    }
    (words, format!("{pattern}.{{{least},}}"))
}

/// All that a password lacks, in the order in which the service looks.
pub(crate) fn lacking(pool: &Pool, password: &str) -> Vec<&'static str> {
    let Some(policy) = pool.password_policy() else { return Vec::new() };
    let (least, asked) = asked(policy);
    let short = i64::try_from(password.chars().count()).unwrap_or(i64::MAX) < least;
    let without = asked.filter(|asked| !password.chars().any(asked.is)).map(|asked| asked.lacking);
    short.then_some("Password not long enough").into_iter().chain(without).collect()
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
    pub(crate) fn check_history(&self, history: usize, pool_id: &str, user: &str, password: &str) -> Answer<()> {
        let known = self.current.iter().chain(&self.former).take(history);
        for former in known {
            if former.is(pool_id, user, password) {
                return PASSWORD_AGAIN.refuse();
            }
        }
        Ok(())
    }

    /// Puts a password into use, and keeps as many former ones as the pool's history needs.
    pub(crate) fn set(&mut self, password: Password, history: usize) {
        self.former.splice(0..0, self.current.replace(password));
        self.former.truncate(history.saturating_sub(1));
    }
}

/// A temporary password that fits the pool's policy.
pub(crate) fn generated(pool: &Pool) -> String {
    let least = pool.password_policy().and_then(|policy| policy.number("MinimumLength")).unwrap_or(8);
    identifier::password(usize::try_from(least).unwrap_or(8).max(8))
}
