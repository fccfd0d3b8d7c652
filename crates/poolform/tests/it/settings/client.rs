//! Settings of an app client.

use serde_json::json;

use super::Setting;
use super::world::{CALLBACK, HOUR, PASSWORD, World, basic, claims, said, short};

/// The pool of all these clients: pages, a resource server, another provider and an attribute of its own. Where devices are tracked a refresh
/// takes one.
pub const POOL: &str = r#"domain = "orders"
user_device_tracking = "OFF"
schema_attributes = [{ name = "plan", type = "String" }]
resource_servers = [{ identifier = "shop", name = "Shop", scopes = [{ scope_name = "read", scope_description = "Read" }] }]
identity_providers = [{ provider_name = "Google", provider_type = "Google", provider_details = { client_id = "x", client_secret = sensitive("y"), authorize_scopes = "openid" } }]"#;

/// What a client of pages needs.
macro_rules! pages {
    ($($line:literal),*) => {
        concat!($($line, "\n"),*)
    };
}

/// A sign-in, then the same token a while later.
fn after(world: &mut World, milliseconds: i64) -> String {
    let name = world.user("ann", &[]);
    let tokens = world.tokens(&name);
    world.clock.advance(milliseconds);
    said(world.call("GetUser", json!({"AccessToken": tokens["AccessToken"]})), |_| "good".to_owned())
}

/// A refresh a while after the sign-in.
fn refreshed_after(world: &mut World, milliseconds: i64) -> String {
    let name = world.user("ann", &[]);
    let token = world.tokens(&name)["RefreshToken"].clone();
    world.clock.advance(milliseconds);
    let body = json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}});
    said(world.call("InitiateAuth", body), |_| "good".to_owned())
}

/// Seconds that an ID token is good for.
fn seconds_of_id_token(world: &mut World) -> String {
    let claims = claims(&world.tokens(&world.user("ann", &[]))["IdToken"]);
    (claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()).to_string()
}

pub static SETTINGS: &[Setting] = &[
    Setting {
        argument: "access_token_validity",
        with: "",
        before: "access_token_validity = 1",
        after: "access_token_validity = 3",
        feel: |world| after(world, 2 * HOUR),
        sees: ["NotAuthorizedException: Access Token has expired", "good"],
    },
    Setting {
        argument: "id_token_validity",
        with: "",
        before: "id_token_validity = 1",
        after: "id_token_validity = 2",
        feel: seconds_of_id_token,
        sees: ["3600", "7200"],
    },
    Setting {
        argument: "refresh_token_validity",
        with: "",
        before: "refresh_token_validity = 1",
        after: "refresh_token_validity = 2",
        feel: |world| refreshed_after(world, 36 * HOUR),
        sees: ["NotAuthorizedException: Refresh Token has expired", "good"],
    },
    Setting {
        argument: "auth_session_validity",
        with: "",
        before: "auth_session_validity = 3",
        after: "auth_session_validity = 10",
        feel: |world| {
            let name = world.fresh("ann");
            world.done(
                "AdminCreateUser",
                json!({"Username": name, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}),
            );
            let challenge = world.sign_in(&name).unwrap();
            world.clock.advance(5 * HOUR / 60);
            let responses = json!({"USERNAME": name, "NEW_PASSWORD": "Another-long-and-1-symbol"});
            let body = json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"],
                "ChallengeResponses": responses});
            said(world.call("RespondToAuthChallenge", body), |_| "signed in".to_owned())
        },
        sees: ["NotAuthorizedException: Invalid session for the user, session is expired.", "signed in"],
    },
    Setting {
        argument: "refresh_token_rotation.feature",
        with: "explicit_auth_flows = [\"ALLOW_USER_PASSWORD_AUTH\"]",
        before: "refresh_token_rotation = { feature = \"DISABLED\" }",
        after: "refresh_token_rotation = { feature = \"ENABLED\" }",
        feel: |world| {
            let token = world.tokens(&world.user("ann", &[]))["RefreshToken"].clone();
            let got = world.call("GetTokensFromRefreshToken", json!({"RefreshToken": token}));
            said(got, |answer| format!("another: {}", answer["AuthenticationResult"].get("RefreshToken").is_some()))
        },
        sees: ["another: false", "another: true"],
    },
    Setting {
        argument: "refresh_token_rotation.retry_grace_period_seconds",
        with: "explicit_auth_flows = [\"ALLOW_USER_PASSWORD_AUTH\"]",
        before: "refresh_token_rotation = { feature = \"ENABLED\", retry_grace_period_seconds = 0 }",
        after: "refresh_token_rotation = { feature = \"ENABLED\", retry_grace_period_seconds = 60 }",
        feel: |world| {
            let token = world.tokens(&world.user("ann", &[]))["RefreshToken"].clone();
            let get = || world.call("GetTokensFromRefreshToken", json!({"RefreshToken": token}));
            get().unwrap();
            world.clock.advance(30_000);
            said(get(), |_| "again".to_owned())
        },
        sees: ["RefreshTokenReuseException: The refresh token has been rotated out.", "again"],
    },
    Setting {
        argument: "token_validity_units.access_token",
        with: "access_token_validity = 10",
        before: "token_validity_units = { access_token = \"hours\" }",
        after: "token_validity_units = { access_token = \"minutes\" }",
        feel: |world| after(world, HOUR),
        sees: ["good", "NotAuthorizedException: Access Token has expired"],
    },
    Setting {
        argument: "token_validity_units.id_token",
        with: "id_token_validity = 10",
        before: "token_validity_units = { id_token = \"hours\" }",
        after: "token_validity_units = { id_token = \"minutes\" }",
        feel: seconds_of_id_token,
        sees: ["36000", "600"],
    },
    Setting {
        argument: "token_validity_units.refresh_token",
        with: "refresh_token_validity = 10",
        before: "token_validity_units = { refresh_token = \"days\" }",
        after: "token_validity_units = { refresh_token = \"hours\" }",
        feel: |world| refreshed_after(world, 11 * HOUR),
        sees: ["good", "NotAuthorizedException: Refresh Token has expired"],
    },
    Setting {
        argument: "allowed_oauth_flows_user_pool_client",
        with: pages!(
            "allowed_oauth_flows = [\"code\"]",
            "allowed_oauth_scopes = [\"openid\"]",
            "callback_urls = [\"https://app.example/callback\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "allowed_oauth_flows_user_pool_client = false",
        after: "allowed_oauth_flows_user_pool_client = true",
        feel: |world| world.authorize(&[]),
        sees: ["https://app.example/callback error=unauthorized_client", "/login"],
    },
    Setting {
        argument: "allowed_oauth_flows",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_scopes = [\"openid\"]",
            "callback_urls = [\"https://app.example/callback\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "allowed_oauth_flows = [\"implicit\"]",
        after: "allowed_oauth_flows = [\"code\"]",
        feel: |world| world.authorize(&[]),
        sees: ["https://app.example/callback error=unauthorized_client", "/login"],
    },
    Setting {
        argument: "allowed_oauth_scopes",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_flows = [\"code\"]",
            "callback_urls = [\"https://app.example/callback\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "allowed_oauth_scopes = [\"openid\"]",
        after: "allowed_oauth_scopes = [\"openid\", \"shop/read\"]",
        feel: |world| world.authorize(&[("scope", "openid shop/read")]),
        sees: ["https://app.example/callback error=invalid_scope", "/login"],
    },
    Setting {
        argument: "callback_urls",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_flows = [\"code\"]",
            "allowed_oauth_scopes = [\"openid\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "callback_urls = [\"https://app.example/old\"]",
        after: "callback_urls = [\"https://app.example/callback\"]",
        feel: |world| world.authorize(&[]),
        sees: ["/error error=redirect_mismatch", "/login"],
    },
    Setting {
        argument: "default_redirect_uri",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_flows = [\"code\"]",
            "allowed_oauth_scopes = [\"openid\"]",
            "callback_urls = [\"https://app.example/callback\", \"https://app.example/other\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "default_redirect_uri = \"https://app.example/callback\"",
        after: "default_redirect_uri = \"https://app.example/other\"",
        feel: |world| {
            let name = world.user("ann", &[]);
            // The page takes the default where the request names none.
            short(&world.browse(&name, &[("response_type", "code"), ("scope", "openid")]).unwrap_or_default())
        },
        sees: ["https://app.example/callback", "https://app.example/other"],
    },
    Setting {
        argument: "logout_urls",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_flows = [\"code\"]",
            "allowed_oauth_scopes = [\"openid\"]",
            "callback_urls = [\"https://app.example/callback\"]",
            "supported_identity_providers = [\"COGNITO\"]"
        ),
        before: "",
        after: "logout_urls = [\"https://app.example/bye\"]",
        feel: |world| {
            let path = format!("/logout?client_id={}&logout_uri=https://app.example/bye", world.client());
            let (status, headers, _) = world.http("GET", &path, "", "");
            format!("{status} {}", headers.get("location").map_or("", String::as_str))
        },
        sees: ["400 ", "302 https://app.example/bye"],
    },
    Setting {
        argument: "supported_identity_providers",
        with: pages!(
            "allowed_oauth_flows_user_pool_client = true",
            "allowed_oauth_flows = [\"code\"]",
            "allowed_oauth_scopes = [\"openid\"]",
            "callback_urls = [\"https://app.example/callback\"]"
        ),
        before: "supported_identity_providers = [\"Google\"]",
        after: "supported_identity_providers = [\"Google\", \"COGNITO\"]",
        feel: |world| {
            let name = world.user("ann", &[]);
            match world.browse(&name, &[("response_type", "code"), ("scope", "openid"), ("redirect_uri", CALLBACK)]) {
                Some(location) if location.contains("code=") => "a code for the password".to_owned(),
                _ => "no code for the password".to_owned(),
            }
        },
        sees: ["no code for the password", "a code for the password"],
    },
    Setting {
        argument: "enable_token_revocation",
        with: "",
        before: "enable_token_revocation = false",
        after: "enable_token_revocation = true",
        feel: |world| {
            let token = world.tokens(&world.user("ann", &[]))["RefreshToken"].clone();
            said(world.call("RevokeToken", json!({"Token": token})), |_| "revoked".to_owned())
        },
        sees: ["UnsupportedOperationException: Token revocation is not enabled for this client.", "revoked"],
    },
    Setting {
        argument: "explicit_auth_flows",
        with: "",
        before: "explicit_auth_flows = [\"ALLOW_USER_SRP_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"]",
        after: "explicit_auth_flows = [\"ALLOW_USER_PASSWORD_AUTH\", \"ALLOW_REFRESH_TOKEN_AUTH\"]",
        feel: |world| world.signs_in(&world.user("ann", &[])),
        sees: ["InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client", "signed in"],
    },
    Setting {
        argument: "generate_secret",
        with: "",
        before: "generate_secret = false",
        after: "generate_secret = true",
        feel: |world| world.sign_up(&world.fresh("ann"), PASSWORD, &[]),
        sees: [
            "signed up",
            "NotAuthorizedException: Client CLIENT is configured with secret but SECRET_HASH was not received",
        ],
    },
    Setting {
        argument: "prevent_user_existence_errors",
        with: "",
        before: "prevent_user_existence_errors = \"LEGACY\"",
        after: "prevent_user_existence_errors = \"ENABLED\"",
        feel: |world| world.signs_in("nobody"),
        sees: [
            "UserNotFoundException: User does not exist.",
            "NotAuthorizedException: Incorrect username or password.",
        ],
    },
    Setting {
        argument: "read_attributes",
        with: "",
        before: "read_attributes = [\"email\"]",
        after: "read_attributes = [\"email\", \"nickname\"]",
        feel: |world| {
            let claims =
                claims(&world.tokens(&world.user("ann", &[("email", &world.email()), ("nickname", "A")]))["IdToken"]);
            format!("nickname: {}", claims["nickname"])
        },
        sees: ["nickname: null", "nickname: \"A\""],
    },
    Setting {
        argument: "write_attributes",
        with: "",
        before: "write_attributes = [\"email\"]",
        after: "write_attributes = [\"email\", \"custom:plan\"]",
        feel: |world| world.sign_up(&world.fresh("ann"), PASSWORD, &[("custom:plan", "gold")]),
        sees: ["NotAuthorizedException: A client attempted to write unauthorized attribute", "signed up"],
    },
];

/// A token of the client itself, by its secret: the scopes that it gets without asking for some, or the refusal.
pub fn by_secret(world: &mut World) -> String {
    let shown = world.done("DescribeUserPoolClient", json!({}));
    let secret = shown["UserPoolClient"]["ClientSecret"].as_str().unwrap_or_default().to_owned();
    let authorization = basic(world.client(), &secret);
    let (_, answer) = world.form("/oauth2/token", &[("grant_type", "client_credentials")], Some(&authorization));
    match answer["access_token"].as_str() {
        Some(_) => format!("a token for {}", claims(&answer["access_token"])["scope"].as_str().unwrap_or_default()),
        None => answer["error"].as_str().unwrap_or("no answer").to_owned(),
    }
}
