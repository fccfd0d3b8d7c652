//! Passwords: the pool's policy, what is kept of one, generated ones.

use poolform_model::Object;

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, PASSWORD, PASSWORD_TO, Words};
use crate::kept::pool::Pool;

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
struct Requirement {
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

const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        member: "RequireUppercase",
        what: "an upper case letter",
        letters: "[A-Z]",
        is: |letter| letter.is_ascii_uppercase(),
        lacking: "Password must have uppercase characters",
    },
    Requirement {
        member: "RequireLowercase",
        what: "a lower case letter",
        letters: "[a-z]",
        is: |letter| letter.is_ascii_lowercase(),
        lacking: "Password must have lowercase characters",
    },
    Requirement {
        member: "RequireNumbers",
        what: "a digit",
        letters: "[0-9]",
        is: |letter| letter.is_ascii_digit(),
        lacking: "Password must have numeric characters",
    },
    // The symbols of the developer guide; a space counts when it is neither first nor last.
    Requirement {
        member: "RequireSymbols",
        what: "a symbol",
        letters: r"[!-\/:-@\[-`\{-~ ]",
        is: |letter| letter.is_ascii_punctuation() || letter == ' ',
        lacking: "Password must have symbol characters",
    },
];

/// The least length that a policy asks for, and what else it does.
fn required(policy: &Object) -> (i64, impl Iterator<Item = &'static Requirement>) {
    let least = policy.number("MinimumLength").unwrap_or(8);
    (least, REQUIREMENTS.iter().filter(|one| policy.flag(one.member) == Some(true)))
}

/// What a pool asks of passwords: in words, and as a pattern of HTML. Empty where it asks for nothing.
pub(crate) fn requirements(pool: &Pool) -> (String, String) {
    let Some(policy) = pool.password_policy() else { return (String::new(), String::new()) };
    let (least, required) = required(policy);
    let mut words = format!("At least {least} characters");
    let mut pattern = String::new();
    for Requirement { what, letters, .. } in required {
        words.push_str(&format!(", {what}"));
        pattern.push_str(&format!("(?=.*{letters})"));
    }
    (words, format!("{pattern}.{{{least},}}"))
}

/// All that a password lacks, in the order in which the service looks.
pub(crate) fn lacking(pool: &Pool, password: &str) -> Vec<&'static str> {
    let Some(policy) = pool.password_policy() else { return Vec::new() };
    let (least, required) = required(policy);
    let short = i64::try_from(password.chars().count()).unwrap_or(i64::MAX) < least;
    let without = required.filter(|one| !password.chars().any(one.is)).map(|one| one.lacking);
    short.then_some("Password not long enough").into_iter().chain(without).collect()
}

/// One reason per answer, in the recorded words (S2).
pub(crate) fn check(pool: &Pool, password: &str, wording: Wording) -> Answer<()> {
    match lacking(pool, password).first() {
        Some(reason) => Err(wording.words().with(&[reason])),
        None => Ok(()),
    }
}

/// A temporary password that fits the pool's policy.
pub(crate) fn generated(pool: &Pool) -> String {
    let least = pool.password_policy().and_then(|policy| policy.number("MinimumLength")).unwrap_or(8);
    identifier::password(usize::try_from(least).unwrap_or(8).max(8))
}
