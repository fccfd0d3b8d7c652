//! What a client allows that its owner may not know of: nothing is wrong, and every line has a reason.

use serde_json::{Value as Json, json};

use crate::kinds::Advice;

/// Whether a list is given and has nothing in it.
fn is_empty_list(value: &Json) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

pub(super) static ADVICE: &[Advice] = &[
    Advice {
        path: "ReadAttributes",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "read_attributes = [] is no restriction: Cognito takes its default, every standard attribute and all that users have. Name what the client may read.",
    },
    Advice {
        path: "WriteAttributes",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "write_attributes = [] is no restriction: Cognito takes its default, every standard attribute that is mutable. Name what the client may write.",
    },
    Advice {
        path: "ExplicitAuthFlows",
        applies: is_empty_list,
        summary: "Empty list that restricts nothing",
        detail: "explicit_auth_flows = [] allows Cognito's default flows: refresh, SRP and custom. Name those that the client may use.",
    },
    Advice {
        path: "PreventUserExistenceErrors",
        applies: |value| value != "ENABLED",
        summary: "User names can be enumerated",
        detail: "Without prevent_user_existence_errors = \"ENABLED\" Cognito tells whether a user exists (LEGACY is its default).",
    },
    Advice {
        path: "AllowedOAuthFlows",
        applies: |value| value.as_array().is_some_and(|flows| flows.contains(&json!("implicit"))),
        summary: "Tokens in addresses",
        detail: "The flow implicit puts tokens into the address of the page, where histories and logs keep them. Use code with PKCE.",
    },
    Advice {
        path: "EnableTokenRevocation",
        applies: |value| value == &json!(false),
        summary: "Tokens that cannot be revoked",
        detail: "With enable_token_revocation = false a stolen refresh token works until it expires.",
    },
];
