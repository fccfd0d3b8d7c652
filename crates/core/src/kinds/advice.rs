//! What the parts of a pool allow that their owner may not know of. The pool's and the clients' are beside their kinds.

use serde_json::Value as Json;

use super::{Advice, Severity, client, resource_server, so};
use crate::setting;

pub(super) static RESOURCE_SERVER: &[Advice] = &[Advice {
    id: "unused-scope",
    severity: Severity::Info,
    path: "Scopes",
    finds: |server| {
        let wanted: Vec<&str> = server
            .of_kind(&client::KIND)
            .flat_map(|client| setting::get(client, "AllowedOAuthScopes").as_array().into_iter().flatten())
            .filter_map(Json::as_str)
            .collect();
        let open =
            resource_server::scopes(server.settings).into_iter().filter(|scope| !wanted.contains(&scope.as_str()));
        let open: Vec<String> = open.collect();
        (server.complete && !open.is_empty()).then(|| open.join(", "))
    },
    summary: "Scope that no client asks for",
    reason: "No client of the pool may ask for {}.",
    remedy: "Take it out, or give it to the client that needs it.",
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html",
}];

/// Words of roles that may do everything.
const WIDE: &[&str] =
    &["admin", "administrator", "administratoraccess", "fullaccess", "poweruser", "poweruseraccess", "root"];

pub(super) static GROUP: &[Advice] = &[Advice {
    id: "group-with-a-wide-role",
    severity: Severity::Medium,
    path: "RoleArn",
    finds: |group| {
        let role = group.text("RoleArn").rsplit('/').next().unwrap_or_default();
        let lower = role.to_lowercase();
        let is_wide = lower.split(|each: char| !each.is_ascii_alphanumeric()).any(|word| WIDE.contains(&word));
        is_wide.then(|| role.to_owned())
    },
    summary: "Group with a role that may do much",
    reason: "Every member of the group can get credentials of the role {}, which sounds as if it may do everything; a group's users are the app's, not the account's.",
    remedy: "Give the group a role for what its members do in the app.",
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html",
}];

pub(super) static IDENTITY_PROVIDER: &[Advice] = &[
    Advice {
        id: "sign-in-begun-elsewhere",
        severity: Severity::Medium,
        path: "ProviderDetails",
        finds: |provider| so(provider.get("ProviderDetails")["IDPInit"] == "true"),
        summary: "Sign-in that the provider begins",
        reason: "With IDPInit the pool takes assertions that nobody asked for: a user can be signed in to somebody else's account by a link.",
        remedy: "Let sign-in begin at the app.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-SAML-session-initiation.html",
    },
    Advice {
        id: "requests-unsigned",
        severity: Severity::Info,
        path: "ProviderDetails",
        finds: |provider| {
            let signs = !setting::is_empty(&provider.get("ProviderDetails")["RequestSigningAlgorithm"]);
            so(provider.text("ProviderType") == "SAML" && !signs)
        },
        summary: "Requests that are not signed",
        reason: "The SAML provider cannot tell the pool's requests from anybody's.",
        remedy: "Set RequestSigningAlgorithm = \"rsa-sha256\" in provider_details, and give the provider the pool's certificate.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-SAML-signing-encryption.html",
    },
    Advice {
        id: "addresses-taken-on-trust",
        severity: Severity::Low,
        path: "AttributeMapping",
        finds: |provider| {
            let mapping = provider.get("AttributeMapping");
            let open = mapping.get("email").is_some() && mapping.get("email_verified").is_none();
            so(provider.text("ProviderType") == "OIDC" && open)
        },
        summary: "Addresses taken on trust",
        reason: "The provider's email is taken over, and whether it has verified it is not: apps see an address that may be anybody's.",
        remedy: "Map email_verified too.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html",
    },
];

pub(super) static DOMAIN: &[Advice] = &[Advice {
    id: "classic-pages",
    severity: Severity::Info,
    path: "ManagedLoginVersion",
    finds: |domain| so(domain.get("ManagedLoginVersion") != 2),
    summary: "Classic sign-in pages",
    reason: "The classic hosted UI knows no passkeys, no choice of factor and no languages.",
    remedy: "Set managed_login_version = 2 and give each client a branding; it needs the tier ESSENTIALS.",
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-managed-login.html",
}];

pub(super) static USER: &[Advice] = &[Advice {
    id: "password-in-the-files",
    severity: Severity::Medium,
    path: "Password",
    finds: |user| so(!user.get("Password").is_null()),
    summary: "Password in the files",
    reason: "A declared password is known to everybody who reads the files or Terraform's state, and stays what it is.",
    remedy: "Declare temporary_password by a sensitive variable, or none and let Cognito invite the user.",
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html",
}];

pub(super) static RISK_CONFIGURATION: &[Advice] = &[Advice {
    id: "risk-that-is-passed",
    severity: Severity::Low,
    path: "RiskExceptionConfiguration.SkippedIPRangeList",
    finds: |risk| {
        let wide = |range: &&str| {
            let (address, length) = range.split_once('/').unwrap_or((range, ""));
            let most = if address.contains(':') { 32 } else { 8 };
            length.parse::<u8>().is_ok_and(|length| length < most)
        };
        let found: Vec<&str> =
            risk.texts("RiskExceptionConfiguration.SkippedIPRangeList").into_iter().filter(wide).collect();
        (!found.is_empty()).then(|| found.join(", "))
    },
    summary: "Much of the network without protection",
    reason: "Nothing is looked at that comes from {}.",
    remedy: "Name the ranges that are yours.",
    reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html",
}];
