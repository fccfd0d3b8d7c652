//! What a declaration allows that its owner may not know of: nothing is wrong, and every line has a reason.

use poolform_value::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

use crate::declaration::Declaration;
use crate::kinds::{client, user_pool};
use crate::setting;

/// One piece of advice: the kind it is about, the setting, when it applies, and what is said.
struct Advice {
    kind: &'static str,
    path: &'static str,
    applies: fn(&Json) -> bool,
    summary: &'static str,
    detail: &'static str,
}

/// Whether a list is given and has nothing in it.
fn is_empty_list(value: &Json) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

const ADVICE: &[Advice] = &[
    Advice {
        kind: client::KIND.name,
        path: "ReadAttributes",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "read_attributes = [] is no restriction: Cognito takes its default, every standard attribute and all that users have. Name what the client may read.",
    },
    Advice {
        kind: client::KIND.name,
        path: "WriteAttributes",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "write_attributes = [] is no restriction: Cognito takes its default, every standard attribute that is mutable. Name what the client may write.",
    },
    Advice {
        kind: client::KIND.name,
        path: "ExplicitAuthFlows",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "explicit_auth_flows = [] allows Cognito's default flows: refresh, SRP and custom. Name those that the client may use.",
    },
    Advice {
        kind: client::KIND.name,
        path: "PreventUserExistenceErrors",
        applies: |value| value != "ENABLED",
        summary: "User names can be enumerated",
        detail: "Without prevent_user_existence_errors = \"ENABLED\" Cognito tells whether a user exists (LEGACY is its default).",
    },
    Advice {
        kind: client::KIND.name,
        path: "AllowedOAuthFlows",
        applies: |value| value.as_array().is_some_and(|flows| flows.contains(&json!("implicit"))),
        summary: "Tokens in addresses",
        detail: "The flow implicit puts tokens into the address of the page, where histories and logs keep them. Use code with PKCE.",
    },
    Advice {
        kind: client::KIND.name,
        path: "EnableTokenRevocation",
        applies: |value| value == &json!(false),
        summary: "Tokens that cannot be revoked",
        detail: "With enable_token_revocation = false a stolen refresh token works until it expires.",
    },
    Advice {
        kind: user_pool::KIND.name,
        path: "DeletionProtection",
        applies: |value| value == "INACTIVE",
        summary: "Pool without protection",
        detail: "With deletion_protection = false anybody with the permission deletes the pool and every user by one request.",
    },
    Advice {
        kind: user_pool::KIND.name,
        path: "MfaConfig.MfaConfiguration",
        applies: |value| value == "OFF",
        summary: "No second factor",
        detail: "With mfa_configuration = \"OFF\" a password is all that it takes. OPTIONAL lets users add a factor.",
    },
    Advice {
        kind: user_pool::KIND.name,
        path: "Policies.PasswordPolicy.MinimumLength",
        applies: |value| value.as_i64().is_some_and(|length| length < 12),
        summary: "Short passwords",
        detail: "Passwords of fewer than 12 characters are guessed in practice; the module's default is 20.",
    },
];

/// Advice on a declaration, as warnings at their arguments.
pub fn advice(declaration: &Declaration) -> Diagnostics {
    let mut found = Diagnostics::new();
    for desired in &declaration.desired {
        for advice in ADVICE.iter().filter(|advice| advice.kind == desired.kind) {
            if (advice.applies)(setting::get(&desired.settings, advice.path)) {
                let warning = Diagnostic::warning(advice.summary, advice.detail);
                found.push(warning.about(&desired.call, &desired.place(advice.path)));
            }
        }
    }
    found
}
