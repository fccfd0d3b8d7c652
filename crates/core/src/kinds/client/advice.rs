//! What a client allows that its owner may not know of.

use serde_json::Value as Json;

use crate::kinds::{Advice, Audited, Severity, so};

const GUIDE_CLIENTS: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html";
const GUIDE_GRANTS: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html";
const GUIDE_TOKENS: &str =
    "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html";
const BEST_PRACTICE: &str = "https://www.rfc-editor.org/rfc/rfc9700";
const NATIVE_APPS: &str = "https://www.rfc-editor.org/rfc/rfc8252";

/// Whether a list is given and has nothing in it.
fn is_empty_list(value: &Json) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// The addresses that a condition holds of, as a list.
fn callbacks(client: &Audited<'_>, of: fn(&str) -> bool) -> Option<String> {
    let found: Vec<&str> = client.texts("CallbackURLs").into_iter().filter(|address| of(address)).collect();
    (!found.is_empty()).then(|| found.join(", "))
}

/// The host of an address of the web; None for an app's scheme.
fn host(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    // A port is what follows the last colon outside of brackets.
    let end = authority.rfind(']').map_or_else(|| authority.find(':'), |end| Some(end + 1));
    Some(end.map_or(authority, |end| &authority[..end]))
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

fn is_of_this_machine(address: &str) -> bool {
    host(address).is_some_and(is_this_machine)
}

fn is_like_a_wildcard(address: &str) -> bool {
    address.contains('*') || host(address) == Some("")
}

/// Pages that show what they are given to whoever opens them.
const TOOLS: &[&str] =
    &["jwt.io", "jwt.ms", "oauth.pstmn.io", "oauth.tools", "oauthdebugger.com", "openidconnect.net", "www.oauth.com"];

fn is_a_tools(address: &str) -> bool {
    host(address).is_some_and(|host| TOOLS.contains(&host))
}

fn is_an_apps(address: &str) -> bool {
    host(address).is_none()
}

/// Whether the client can keep a secret, as far as it is known.
fn has_secret(client: &Audited<'_>) -> bool {
    client.get("GenerateSecret") == &Json::Bool(true)
}

/// How long tokens of a kind live, in minutes; None where it is not said.
fn minutes(client: &Audited<'_>, validity: &str, unit: &str, default: &str) -> Option<i64> {
    let length = client.get(validity).as_i64()?;
    let unit = client.get("TokenValidityUnits")[unit].as_str().unwrap_or(default);
    Some(match unit {
        "seconds" => length / 60,
        "minutes" => length,
        "hours" => length.saturating_mul(60),
        _ => length.saturating_mul(60 * 24),
    })
}

/// Words of attributes that say what a user may do.
const POWERS: &[&str] = &["admin", "role", "tenant", "permission", "plan", "scope", "group", "entitlement", "org"];

fn powers(client: &Audited<'_>) -> Option<String> {
    let is_power = |name: &&str| {
        let bare = name.strip_prefix("custom:").unwrap_or_default().to_lowercase();
        bare.split(|each: char| !each.is_ascii_alphanumeric()).any(|word| POWERS.contains(&word.trim_end_matches('s')))
    };
    let found: Vec<&str> = client.texts("WriteAttributes").into_iter().filter(is_power).collect();
    (!found.is_empty()).then(|| found.join(", "))
}

fn flows(client: &Audited<'_>, wanted: &[&str]) -> Option<String> {
    let found: Vec<&str> = client.texts("ExplicitAuthFlows").into_iter().filter(|flow| wanted.contains(flow)).collect();
    (!found.is_empty()).then(|| found.join(", "))
}

fn has_oauth(client: &Audited<'_>, flow: &str) -> bool {
    client.texts("AllowedOAuthFlows").contains(&flow)
}

pub(super) static ADVICE: &[Advice] = &[
    Advice {
        id: "reads-everything",
        severity: Severity::Medium,
        path: "ReadAttributes",
        finds: |client| so(is_empty_list(client.get("ReadAttributes"))),
        summary: "Empty list that restricts nothing",
        reason: "read_attributes = [] is no restriction: Cognito takes its default, every standard attribute and all that users have.",
        remedy: "Name what the client may read.",
        reference: GUIDE_CLIENTS,
    },
    Advice {
        id: "writes-everything",
        severity: Severity::Medium,
        path: "WriteAttributes",
        finds: |client| so(is_empty_list(client.get("WriteAttributes"))),
        summary: "Empty list that restricts nothing",
        reason: "write_attributes = [] is no restriction: Cognito takes its default, every standard attribute that is mutable.",
        remedy: "Name what the client may write.",
        reference: GUIDE_CLIENTS,
    },
    Advice {
        id: "default-flows",
        severity: Severity::Low,
        path: "ExplicitAuthFlows",
        finds: |client| so(is_empty_list(client.get("ExplicitAuthFlows"))),
        summary: "Empty list that restricts nothing",
        reason: "explicit_auth_flows = [] allows Cognito's default flows: refresh, SRP and custom.",
        remedy: "Name those that the client may use.",
        reference: GUIDE_CLIENTS,
    },
    Advice {
        id: "enumerable-users",
        severity: Severity::Medium,
        path: "PreventUserExistenceErrors",
        finds: |client| so(client.get("PreventUserExistenceErrors") != "ENABLED"),
        summary: "User names can be enumerated",
        reason: "Without prevent_user_existence_errors = \"ENABLED\" Cognito tells whether a user exists (LEGACY is its default).",
        remedy: "Set it to ENABLED.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html",
    },
    Advice {
        id: "implicit-flow",
        severity: Severity::High,
        path: "AllowedOAuthFlows",
        finds: |client| so(has_oauth(client, "implicit")),
        summary: "Tokens in addresses",
        reason: "The flow implicit puts tokens into the address of the page, where histories and logs keep them.",
        remedy: "Use code with PKCE.",
        reference: BEST_PRACTICE,
    },
    Advice {
        id: "callback-like-a-wildcard",
        severity: Severity::High,
        path: "CallbackURLs",
        finds: |client| callbacks(client, is_like_a_wildcard),
        summary: "Callback that is no single address",
        reason: "Cognito compares callbacks letter by letter, so that {} is no pattern; it is an address that nobody has, or that somebody can get.",
        remedy: "Name each address in full.",
        reference: BEST_PRACTICE,
    },
    Advice {
        id: "callback-of-a-tool",
        severity: Severity::Medium,
        path: "CallbackURLs",
        finds: |client| callbacks(client, is_a_tools),
        summary: "Callback of somebody else's page",
        reason: "{} is a page for trying things: codes and tokens of your users end there when a link says so.",
        remedy: "Take it out, or give it a client of its own in a pool without users.",
        reference: BEST_PRACTICE,
    },
    Advice {
        id: "callback-of-this-machine",
        severity: Severity::Info,
        path: "CallbackURLs",
        finds: |client| callbacks(client, is_of_this_machine),
        summary: "Callback for development",
        reason: "{} is the machine of whoever opens it: any program there takes the code of a user who is led to it.",
        remedy: "Give development a client of its own.",
        reference: NATIVE_APPS,
    },
    Advice {
        id: "secret-of-an-app",
        severity: Severity::Medium,
        path: "GenerateSecret",
        finds: |client| callbacks(client, is_an_apps).filter(|_| has_secret(client)),
        summary: "Secret that is none",
        reason: "The client has a secret, and its callback {} is that of an installed app: whoever has the app has the secret.",
        remedy: "Use a client without a secret, and PKCE.",
        reference: NATIVE_APPS,
    },
    Advice {
        id: "revocation-off",
        severity: Severity::Medium,
        path: "EnableTokenRevocation",
        finds: |client| so(client.get("EnableTokenRevocation") == &Json::Bool(false)),
        summary: "Tokens that cannot be revoked",
        reason: "With enable_token_revocation = false a stolen refresh token works until it expires.",
        remedy: "Leave it true.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html",
    },
    Advice {
        id: "refresh-tokens-live-long",
        severity: Severity::Medium,
        path: "RefreshTokenValidity",
        finds: |client| {
            let days =
                minutes(client, "RefreshTokenValidity", "RefreshToken", "days").map(|minutes| minutes / (60 * 24));
            days.filter(|days| *days > 90).map(|days| days.to_string())
        },
        summary: "Refresh tokens that live long",
        reason: "A refresh token works for {} days: a stolen one is a key for as long.",
        remedy: "Set refresh_token_validity to 90 days or less.",
        reference: GUIDE_TOKENS,
    },
    Advice {
        id: "access-tokens-live-long",
        severity: Severity::Low,
        path: "AccessTokenValidity",
        finds: |client| {
            let longest = [("AccessTokenValidity", "AccessToken"), ("IdTokenValidity", "IdToken")]
                .into_iter()
                .filter_map(|(validity, unit)| minutes(client, validity, unit, "hours"))
                .max();
            longest.filter(|minutes| *minutes > 60).map(|minutes| minutes.to_string())
        },
        summary: "Tokens that live long",
        reason: "Access or ID tokens work for {} minutes, whatever becomes of the user or of the session: services that check them by their signature ask nobody.",
        remedy: "Set access_token_validity and id_token_validity to an hour or less.",
        reference: BEST_PRACTICE,
    },
    Advice {
        id: "refresh-tokens-stay",
        severity: Severity::Info,
        path: "RefreshTokenRotation",
        finds: |client| {
            let code = has_oauth(client, "code") && !has_secret(client);
            so(code && client.text("RefreshTokenRotation.Feature") != "ENABLED")
        },
        summary: "Refresh tokens that stay the same",
        reason: "The client is public and its refresh tokens are not rotated: a stolen one works beside the real one, unseen.",
        remedy: "Set refresh_token_rotation with feature = \"ENABLED\".",
        reference: BEST_PRACTICE,
    },
    Advice {
        id: "passwords-sent",
        severity: Severity::Low,
        path: "ExplicitAuthFlows",
        finds: |client| flows(client, &["ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"]),
        summary: "Passwords that are sent",
        reason: "{} sends the password itself, which whatever stands between the app and Cognito can keep.",
        remedy: "Use ALLOW_USER_SRP_AUTH, which proves the password and does not send it.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html",
    },
    Advice {
        id: "users-write-their-powers",
        severity: Severity::High,
        path: "WriteAttributes",
        finds: powers,
        summary: "Attributes that users give themselves",
        reason: "Users may write {}: whoever decides by it lets them be what they like.",
        remedy: "Take it out of write_attributes, and let a server write it.",
        reference: "https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html",
    },
    Advice {
        id: "tokens-change-the-account",
        severity: Severity::Low,
        path: "AllowedOAuthScopes",
        finds: |client| {
            let scope = client.texts("AllowedOAuthScopes").contains(&"aws.cognito.signin.user.admin");
            so(scope && !has_secret(client))
        },
        summary: "Tokens that change the account",
        reason: "An access token with aws.cognito.signin.user.admin changes its user's attributes, factors and password, and a page holds it.",
        remedy: "Take the scope out where the app does not manage the account.",
        reference: GUIDE_GRANTS,
    },
];
