//! What a pool asks of the passwords that are declared for its users.

use serde_json::{Value as Json, json};

use crate::plan::Siblings;
use crate::setting;

const POLICY: &str = "Policies.PasswordPolicy";

/// What a policy may ask for: its member, what that is in words, and whether a letter is one (developer guide, password
/// policies).
type Requirement = (&'static str, &'static str, fn(char) -> bool);

const REQUIREMENTS: &[Requirement] = &[
    ("RequireUppercase", "an upper-case letter", |letter| letter.is_ascii_uppercase()),
    ("RequireLowercase", "a lower-case letter", |letter| letter.is_ascii_lowercase()),
    ("RequireNumbers", "a digit", |letter| letter.is_ascii_digit()),
    ("RequireSymbols", "a symbol", |letter| letter.is_ascii_punctuation() || letter == ' '),
];

/// The policy that the pool of a part will have. What Cognito has by itself asks for all; a policy that is declared asks for
/// what it says.
fn policy_of(siblings: &Siblings<'_>) -> Json {
    let declared = siblings.declared_pool().map(|pool| setting::get(&pool.settings, POLICY));
    let there = siblings.pool.map(|pool| setting::get(&pool.settings, POLICY));
    let policy = [declared, there].into_iter().flatten().find(|policy| !setting::is_empty(policy));
    let all = || Json::Object(REQUIREMENTS.iter().map(|(member, ..)| ((*member).to_owned(), json!(true))).collect());
    policy.cloned().unwrap_or_else(all)
}

/// All that a password lacks of what the pool of a part asks for, in words.
pub(crate) fn lacking(siblings: &Siblings<'_>, password: &str) -> Vec<String> {
    let policy = policy_of(siblings);
    // 8 is what Cognito asks for where nothing else is said (API page of PasswordPolicyType).
    let least = policy["MinimumLength"].as_u64().unwrap_or(8);
    let short = (password.chars().count() as u64) < least;
    let asked = REQUIREMENTS.iter().filter(|(member, ..)| policy[*member] == json!(true));
    let without = asked.filter(|(.., is)| !password.chars().any(is)).map(|(_, what, _)| (*what).to_owned());
    short.then(|| format!("{least} characters")).into_iter().chain(without).collect()
}
