//! What a pool allows that its owner may not know of.

use serde_json::Value as Json;

use crate::kinds::{Advice, Audited, Severity, log_delivery, risk_configuration, so};
use crate::setting;

const MODE: &str = "MfaConfig.MfaConfiguration";
const MODE_OF_PROTECTION: &str = "UserPoolAddOns.AdvancedSecurityMode";
const PASSWORD: &str = "Policies.PasswordPolicy";
const GUIDE_MFA: &str = "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html";
const GUIDE_PASSWORDS: &str = "https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html";
const GUIDE_PROTECTION: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html";
const GUIDE_ATTRIBUTES: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html";

/// Whether the pool protects against threats at all.
fn is_protected(pool: &Audited<'_>) -> bool {
    !matches!(pool.text(MODE_OF_PROTECTION), "" | "OFF")
}

/// Whether a password policy is there and does not ask for a kind of character.
fn lacks(pool: &Audited<'_>, member: &str) -> Option<String> {
    let policy = pool.get(PASSWORD);
    so(policy.is_object() && policy[member] != true)
}

/// Whether users can change an attribute that is verified, and sign in or recover by it before it is verified again.
fn changes_unverified(pool: &Audited<'_>) -> Option<String> {
    let names = |path: &str| pool.texts(path);
    let kept = names("UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate");
    let used = [names("AliasAttributes"), names("UsernameAttributes")].concat();
    let open: Vec<&str> = names("AutoVerifiedAttributes")
        .into_iter()
        .filter(|name| used.contains(name) && !kept.contains(name))
        .collect();
    (!open.is_empty()).then(|| open.join(", "))
}

/// The factors that a pool has besides SMS.
fn other_factors(pool: &Audited<'_>) -> bool {
    let app = pool.get("MfaConfig.SoftwareTokenMfaConfiguration.Enabled") == &Json::Bool(true);
    app || !setting::is_empty(pool.get("MfaConfig.EmailMfaConfiguration"))
}

pub(super) static ADVICE: &[Advice] = &[
    Advice {
        id: "pool-unprotected",
        severity: Severity::Medium,
        path: "DeletionProtection",
        finds: |pool| so(pool.get("DeletionProtection") == "INACTIVE"),
        summary: "Pool without protection",
        reason: "Without deletion protection anybody with the permission deletes the pool and every user by one request.",
        remedy: "Set deletion_protection.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html",
    },
    Advice {
        id: "no-second-factor",
        severity: Severity::Medium,
        path: MODE,
        finds: |pool| so(pool.get(MODE) == "OFF"),
        summary: "No second factor",
        reason: "With mfa_configuration = \"OFF\" a password is all that it takes.",
        remedy: "OPTIONAL lets users add a factor, ON makes them.",
        reference: GUIDE_MFA,
    },
    Advice {
        id: "second-factor-optional",
        severity: Severity::Info,
        path: MODE,
        finds: |pool| so(pool.get(MODE) == "OPTIONAL"),
        summary: "Second factor that users may leave out",
        reason: "With mfa_configuration = \"OPTIONAL\" most users have no second factor.",
        remedy: "Use ON where every user must have one.",
        reference: GUIDE_MFA,
    },
    Advice {
        id: "second-factor-by-sms-only",
        severity: Severity::Low,
        path: MODE,
        finds: |pool| {
            let asked = matches!(pool.text(MODE), "ON" | "OPTIONAL");
            let sms = pool.get("MfaConfig.SmsMfaConfiguration.Enabled") == &Json::Bool(true);
            so(asked && sms && !other_factors(pool))
        },
        summary: "SMS as the only second factor",
        reason: "Text messages are read by whoever takes over the number, and each costs money, which attackers make use of.",
        remedy: "Allow authenticator apps too: allow_software_mfa_token = true.",
        reference: GUIDE_MFA,
    },
    Advice {
        id: "short-passwords",
        severity: Severity::Medium,
        path: "Policies.PasswordPolicy.MinimumLength",
        // Cognito's own default is 8.
        finds: |pool| so(pool.get("Policies.PasswordPolicy.MinimumLength").as_i64().unwrap_or(8) < 12),
        summary: "Short passwords",
        reason: "Passwords of fewer than 12 characters are guessed in practice.",
        remedy: "Set password_minimum_length to 12 or more.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "passwords-without-lowercase",
        severity: Severity::Info,
        path: "Policies.PasswordPolicy.RequireLowercase",
        finds: |pool| lacks(pool, "RequireLowercase"),
        summary: "Passwords without lower-case letters",
        reason: "The policy does not ask for a lower-case letter, which benchmarks (CIS, PCI) want.",
        remedy: "Set password_require_lowercase, or rely on length alone and say so.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "passwords-without-uppercase",
        severity: Severity::Info,
        path: "Policies.PasswordPolicy.RequireUppercase",
        finds: |pool| lacks(pool, "RequireUppercase"),
        summary: "Passwords without upper-case letters",
        reason: "The policy does not ask for an upper-case letter, which benchmarks (CIS, PCI) want.",
        remedy: "Set password_require_uppercase, or rely on length alone and say so.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "passwords-without-numbers",
        severity: Severity::Info,
        path: "Policies.PasswordPolicy.RequireNumbers",
        finds: |pool| lacks(pool, "RequireNumbers"),
        summary: "Passwords without digits",
        reason: "The policy does not ask for a digit, which benchmarks (CIS, PCI) want.",
        remedy: "Set password_require_numbers, or rely on length alone and say so.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "passwords-without-symbols",
        severity: Severity::Info,
        path: "Policies.PasswordPolicy.RequireSymbols",
        finds: |pool| lacks(pool, "RequireSymbols"),
        summary: "Passwords without symbols",
        reason: "The policy does not ask for a symbol, which benchmarks (CIS, PCI) want.",
        remedy: "Set password_require_symbols, or rely on length alone and say so.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "temporary-passwords-live-long",
        severity: Severity::Low,
        path: "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
        finds: |pool| {
            let days = pool.get("Policies.PasswordPolicy.TemporaryPasswordValidityDays").as_i64();
            days.filter(|days| *days > 7).map(|days| days.to_string())
        },
        summary: "Invitations that live long",
        reason: "The password of an invitation is good for {} days, and lies in a mailbox for as long.",
        remedy: "Set temporary_password_validity_days to 7 or less.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "anybody-signs-up",
        severity: Severity::Info,
        path: "AdminCreateUserConfig.AllowAdminCreateUserOnly",
        finds: |pool| {
            let open = pool.get("AdminCreateUserConfig.AllowAdminCreateUserOnly") != &Json::Bool(true);
            so(open && pool.text("LambdaConfig.PreSignUp").is_empty())
        },
        summary: "Anybody can sign up",
        reason: "Users make their own accounts, as many as they like; nothing looks at them before.",
        remedy: "If that is not meant, set allow_admin_create_user_only; else let a pre sign-up trigger judge.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html",
    },
    Advice {
        id: "sign-up-judged-by-a-trigger",
        severity: Severity::Low,
        path: "LambdaConfig.PreSignUp",
        finds: |pool| {
            let open = pool.get("AdminCreateUserConfig.AllowAdminCreateUserOnly") != &Json::Bool(true);
            so(open && !pool.text("LambdaConfig.PreSignUp").is_empty())
        },
        summary: "Sign-up that a trigger may confirm",
        reason: "Anybody can sign up, and the pre sign-up trigger may confirm users and their addresses without a code (autoConfirmUser, autoVerifyEmail): then an account for somebody else's address is made in one request.",
        remedy: "See that the trigger confirms only whom it knows, and suppress this with that reason.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html",
    },
    Advice {
        id: "recovery-by-sms-only",
        severity: Severity::Medium,
        path: "AccountRecoverySetting.RecoveryMechanisms",
        finds: |pool| {
            let ways = pool.get("AccountRecoverySetting.RecoveryMechanisms").as_array();
            let only = ways
                .is_some_and(|ways| !ways.is_empty() && ways.iter().all(|way| way["Name"] == "verified_phone_number"));
            so(only)
        },
        summary: "SMS as the only recovery",
        reason: "Who takes over a phone number sets a new password, and who loses theirs loses the account.",
        remedy: "Add verified_email, with the first priority.",
        reference: GUIDE_PASSWORDS,
    },
    Advice {
        id: "address-changes-unverified",
        severity: Severity::Medium,
        path: "UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
        finds: changes_unverified,
        summary: "Address that changes before it is verified",
        reason: "A user who signs in by {} can change it to any value, which counts at once although nobody has verified it; apps that look users up by it see somebody else.",
        remedy: "Name it in attributes_require_verification_before_update (user_attribute_update_settings), so that the old one counts until the code comes back.",
        reference: GUIDE_ATTRIBUTES,
    },
    Advice {
        id: "case-sensitive-names",
        severity: Severity::Low,
        path: "UsernameConfiguration.CaseSensitive",
        finds: |pool| so(pool.get("UsernameConfiguration.CaseSensitive") == &Json::Bool(true)),
        summary: "User names that differ by letter case",
        reason: "Ann and ann are two users, and ann@example.com and Ann@example.com too, so that one passes for the other.",
        remedy: "A new pool is made with case_sensitive = false; of this one it cannot change.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html",
    },
    Advice {
        id: "threat-protection-paid-and-off",
        severity: Severity::Medium,
        path: MODE_OF_PROTECTION,
        finds: |pool| so(pool.text("UserPoolTier") == "PLUS" && !is_protected(pool)),
        summary: "Threat protection paid for and off",
        reason: "The tier PLUS is billed for each active user, and what it is for is off.",
        remedy: "Set advanced_security_mode to AUDIT or ENFORCED, or choose ESSENTIALS.",
        reference: GUIDE_PROTECTION,
    },
    Advice {
        id: "threat-protection-only-watches",
        severity: Severity::Low,
        path: MODE_OF_PROTECTION,
        finds: |pool| so(pool.text(MODE_OF_PROTECTION) == "AUDIT"),
        summary: "Threat protection that only watches",
        reason: "In AUDIT threats are counted, and nobody is stopped.",
        remedy: "Set advanced_security_mode to ENFORCED once the counts look right.",
        reference: GUIDE_PROTECTION,
    },
    Advice {
        id: "known-passwords-accepted",
        severity: Severity::Low,
        path: MODE_OF_PROTECTION,
        finds: |pool| {
            let path = "CompromisedCredentialsRiskConfiguration.Actions.EventAction";
            let blocks = |risk: &poolform_model::Object| setting::get(risk, path) == "BLOCK";
            so(pool.complete && is_protected(pool) && !pool.of_kind(&risk_configuration::KIND).any(blocks))
        },
        summary: "Passwords that are known elsewhere",
        reason: "Threat protection is on, and no risk configuration blocks passwords that other sites have lost.",
        remedy: "Declare a risk configuration with compromised_credentials_risk_configuration and event_action = \"BLOCK\".",
        reference: GUIDE_PROTECTION,
    },
    Advice {
        id: "risky-sign-in-accepted",
        severity: Severity::Low,
        path: MODE_OF_PROTECTION,
        finds: |pool| {
            let path = "AccountTakeoverRiskConfiguration.Actions.HighAction.EventAction";
            let acts =
                |risk: &poolform_model::Object| !matches!(setting::get(risk, path).as_str(), None | Some("NO_ACTION"));
            so(pool.complete && is_protected(pool) && !pool.of_kind(&risk_configuration::KIND).any(acts))
        },
        summary: "Sign-ins that are told to be risky",
        reason: "Threat protection is on, and no risk configuration does anything about a sign-in of high risk.",
        remedy: "Declare a risk configuration with account_takeover_risk_configuration and an action for high_action.",
        reference: GUIDE_PROTECTION,
    },
    Advice {
        id: "activity-not-kept",
        severity: Severity::Low,
        path: MODE_OF_PROTECTION,
        finds: |pool| {
            let keeps = |logs: &poolform_model::Object| {
                let entries = setting::get(logs, "LogConfigurations").as_array();
                entries.is_some_and(|entries| entries.iter().any(|entry| entry["EventSource"] == "userAuthEvents"))
            };
            so(pool.complete && is_protected(pool) && !pool.of_kind(&log_delivery::KIND).any(keeps))
        },
        summary: "Activity that nobody keeps",
        reason: "What users do is judged and then lost: no log delivery takes userAuthEvents anywhere.",
        remedy: "Declare a log delivery for userAuthEvents.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/exporting-quotas-and-usage.html",
    },
    Advice {
        id: "mail-by-cognito",
        severity: Severity::Info,
        path: "EmailConfiguration.EmailSendingAccount",
        finds: |pool| so(pool.text("EmailConfiguration.EmailSendingAccount") != "DEVELOPER"),
        summary: "Mail that Cognito sends",
        reason: "Cognito sends 50 mails a day for an account, from an address that is not yours: past that, users get no code.",
        remedy: "Use an SES identity of your own in production: email_sending_account = \"DEVELOPER\".",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html",
    },
    Advice {
        id: "devices-skip-the-factor",
        severity: Severity::Low,
        path: "DeviceConfiguration.ChallengeRequiredOnNewDevice",
        finds: |pool| {
            let devices = pool.get("DeviceConfiguration");
            let asked = matches!(pool.text(MODE), "ON" | "OPTIONAL");
            let always = devices["DeviceOnlyRememberedOnUserPrompt"] == false;
            so(asked && always && devices["ChallengeRequiredOnNewDevice"] == true)
        },
        summary: "Devices that replace the second factor unasked",
        reason: "Every device is remembered without asking its user, and a remembered device takes the place of the second factor.",
        remedy: "Let users choose: user_device_tracking = \"USER_OPT_IN\".",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-device-tracking.html",
    },
];
