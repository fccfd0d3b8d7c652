//! Settings of a pool's parts: domain, resource servers, groups; and whether there is a pool at all.

use serde_json::json;

use super::Setting;
use super::client::by_secret;
use super::world::{World, claims};

/// A member of the groups that are there: what the ID token says of them.
fn grouped(world: &mut World, claim: &str) -> String {
    let name = world.user("ann", &[]);
    for group in ["admins", "buyers"] {
        // One of them may not be there.
        let _ = world.call("AdminAddUserToGroup", json!({"Username": name, "GroupName": group}));
    }
    claims(&world.tokens(&name)["IdToken"])[claim].to_string()
}

/// A resource server with one scope, and a client that gets tokens for it.
macro_rules! machine {
    ($identifier:literal, $scope:literal) => {
        concat!(
            "resource_servers = [{ identifier = \"",
            $identifier,
            "\", name = \"Shop\", scopes = [{ scope_name = \"",
            $scope,
            "\", scope_description = \"Shop\" }] }]\n",
            "clients = [{ name = \"app\", generate_secret = true, allowed_oauth_flows_user_pool_client = true, ",
            "allowed_oauth_flows = [\"client_credentials\"], allowed_oauth_scopes = [\"",
            $identifier,
            "/",
            $scope,
            "\"] }]"
        )
    };
}

pub static SETTINGS: &[Setting] = &[
    Setting {
        argument: "module_enabled",
        with: "",
        before: "",
        after: "module_enabled = false",
        feel: |world| world.signs_in("nobody"),
        sees: [
            "UserNotFoundException: User does not exist.",
            "ResourceNotFoundException: User pool client CLIENT does not exist.",
        ],
    },
    Setting {
        argument: "clients",
        with: "",
        before: "clients = []",
        after: "clients = [{ name = \"app\", explicit_auth_flows = [\"ALLOW_USER_PASSWORD_AUTH\"] }]",
        feel: |world| world.signs_in("nobody"),
        sees: [
            "ResourceNotFoundException: User pool client CLIENT does not exist.",
            "UserNotFoundException: User does not exist.",
        ],
    },
    Setting {
        argument: "domain",
        with: concat!(
            "clients = [{ name = \"app\", allowed_oauth_flows_user_pool_client = true, allowed_oauth_flows = [\"code\"], ",
            "allowed_oauth_scopes = [\"openid\"], callback_urls = [\"https://app.example/callback\"], ",
            "supported_identity_providers = [\"COGNITO\"] }]"
        ),
        before: "domain = \"elsewhere\"",
        after: "domain = \"orders\"",
        feel: |world| world.authorize(&[]),
        sees: ["status 404", "/login"],
    },
    Setting {
        argument: "resource_servers.identifier",
        with: "domain = \"orders\"",
        before: machine!("shop", "read"),
        after: machine!("store", "read"),
        feel: by_secret,
        sees: ["a token for shop/read", "a token for store/read"],
    },
    Setting {
        argument: "resource_servers.scopes.scope_name",
        with: "domain = \"orders\"",
        before: machine!("shop", "read"),
        after: machine!("shop", "write"),
        feel: by_secret,
        sees: ["a token for shop/read", "a token for shop/write"],
    },
    Setting {
        argument: "user_groups.name",
        with: "",
        before: "user_groups = [{ name = \"admins\" }]",
        after: "user_groups = [{ name = \"buyers\" }]",
        feel: |world| grouped(world, "cognito:groups"),
        sees: ["[\"admins\"]", "[\"buyers\"]"],
    },
    Setting {
        argument: "user_groups.precedence",
        with: "",
        before: "user_groups = [{ name = \"admins\", precedence = 2 }, { name = \"buyers\", precedence = 3 }]",
        after: "user_groups = [{ name = \"admins\", precedence = 4 }, { name = \"buyers\", precedence = 3 }]",
        feel: |world| grouped(world, "cognito:groups"),
        sees: ["[\"admins\",\"buyers\"]", "[\"buyers\",\"admins\"]"],
    },
    Setting {
        argument: "user_groups.role_arn",
        with: "",
        before: "user_groups = [{ name = \"admins\", precedence = 1 }]",
        after: "user_groups = [{ name = \"admins\", precedence = 1, role_arn = \"arn:aws:iam::123456789012:role/admin\" }]",
        feel: |world| grouped(world, "cognito:preferred_role"),
        sees: ["null", "\"arn:aws:iam::123456789012:role/admin\""],
    },
];
