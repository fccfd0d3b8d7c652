//! What a pool allows that its owner may not know of: nothing is wrong, and every line has a reason.

use crate::kinds::Advice;

pub(super) static ADVICE: &[Advice] = &[
    Advice {
        path: "DeletionProtection",
        applies: |value| value == "INACTIVE",
        summary: "Pool without protection",
        detail: "Without deletion protection anybody with the permission deletes the pool and every user by one request.",
    },
    Advice {
        path: "MfaConfig.MfaConfiguration",
        applies: |value| value == "OFF",
        summary: "No second factor",
        detail: "With mfa_configuration = \"OFF\" a password is all that it takes. OPTIONAL lets users add a factor.",
    },
    Advice {
        path: "Policies.PasswordPolicy.MinimumLength",
        applies: |value| value.as_i64().is_some_and(|length| length < 12),
        summary: "Short passwords",
        detail: "Passwords of fewer than 12 characters are guessed in practice.",
    },
];
