//! Settings of identity providers: another pool plays the one that is declared.

use super::Setting;
use super::world::{CALLBACK, PASSWORD, World, encoded, said};
use serde_json::json;

/// A pool with a domain, one identity provider, and a client whose users come from it.
macro_rules! from {
    ($name:literal, $($line:expr),*) => {
        concat!(
            "domain = \"orders\"\n",
            "identity_providers = [{\nprovider_name = \"", $name, "\"\n", $($line, "\n",)* "}]\n",
            "clients = [{ name = \"app\", allowed_oauth_flows_user_pool_client = true, allowed_oauth_flows = [\"code\"], ",
            "allowed_oauth_scopes = [\"openid\"], callback_urls = [\"https://app.example/callback\"], ",
            "supported_identity_providers = [\"COGNITO\", \"", $name, "\"] }]"
        )
    };
}

/// The details of an OIDC provider with these scopes.
macro_rules! details {
    ($scopes:literal) => {
        concat!(
            "provider_type = \"OIDC\"\nprovider_details = { client_id = \"partnerclient\", ",
            "client_secret = sensitive(\"partner-secret-of-24-letters\"), authorize_scopes = \"",
            $scopes,
            "\", oidc_issuer = \"https://partner.example\", attributes_request_method = \"GET\" }"
        )
    };
}

/// Where a browser is sent that wants to sign in elsewhere: the address, and the scope that it asks for; or the status.
fn sent(world: &mut World, more: &[(&str, &str)]) -> String {
    world.partner();
    let client = world.client().to_owned();
    let mut fields = vec![("client_id", client.as_str()), ("response_type", "code"), ("redirect_uri", CALLBACK)];
    fields.extend(more);
    let (status, headers, _) = world.http("GET", &format!("/oauth2/authorize?{}", encoded(&fields)), "", "");
    let Some(location) = headers.get("location") else { return format!("status {status}") };
    let (address, query) = location.split_once('?').unwrap();
    let of = |name: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.into_owned().find(|(found, _)| found == name).map(|(_, value)| value)
    };
    let host = address.split("://").nth(1).unwrap().split([':', '/']).next().unwrap();
    format!("{host}: {}", of("error").or(of("scope")).unwrap_or_default())
}

/// The whole way: to the provider, its page, back, and to the app. The user's attributes here.
fn comes(world: &mut World, attribute: &str) -> String {
    world.partner();
    let client = world.client().to_owned();
    let fields = [
        ("client_id", client.as_str()),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("identity_provider", "Partner"),
    ];
    let cookie = |headers: &std::collections::BTreeMap<String, String>| {
        headers["set-cookie"].split(';').next().unwrap().to_owned()
    };
    let path = |location: &str| format!("/{}", location.split("://").nth(1).unwrap().split_once('/').unwrap().1);
    let (_, begun, _) = world.http("GET", &format!("/oauth2/authorize?{}", encoded(&fields)), "", "");
    let state = cookie(&begun);
    let (_, there, _) = world.http_at("partner", "GET", &path(&begun["location"]), "", "");
    let login = there["location"].clone();
    let (_, page, _) = world.http_at("partner", "GET", &login, "", "");
    let token = cookie(&page);
    let form = encoded(&[("_csrf", token.split_once('=').unwrap().1), ("username", "Anna"), ("password", PASSWORD)]);
    let head = format!("Cookie: {token}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    let (_, back, _) = world.http_at("partner", "POST", &login, &head, &form);
    let (_, home, body) = world.http("GET", &path(&back["location"]), &format!("Cookie: {state}\r\n"), "");
    let location = home.get("location").unwrap_or_else(|| panic!("not back at the app: {body}"));
    assert!(location.starts_with(CALLBACK) && location.contains("code="), "{location}");
    said(world.call("ListUsers", json!({})), |answer| {
        let users = answer["Users"].as_array().unwrap();
        let from_there = users.iter().find(|user| user["UserStatus"] == "EXTERNAL_PROVIDER").unwrap();
        let attributes = from_there["Attributes"].as_array().unwrap();
        let found = attributes.iter().find(|one| one["Name"] == attribute);
        found.map_or_else(|| "nothing".to_owned(), |one| one["Value"].as_str().unwrap().to_owned())
    })
}

const THERE: &str = "partner.auth.us-east-1.localhost: openid";
const REFUSED: &str = "app.example: invalid_request";

pub static SETTINGS: &[Setting] = &[
    Setting {
        argument: "identity_providers.provider_name",
        with: "",
        before: from!("Other", details!("openid")),
        after: from!("Partner", details!("openid")),
        feel: |world| sent(world, &[("identity_provider", "Partner")]),
        sees: [REFUSED, THERE],
    },
    // A type cannot change in place, so the provider has another name with it.
    Setting {
        argument: "identity_providers.provider_type",
        with: "",
        before: from!(
            "Saml",
            "provider_type = \"SAML\"\nprovider_details = { MetadataURL = \"https://partner.example/metadata\" }"
        ),
        after: from!("Partner", details!("openid")),
        feel: |world| match sent(world, &[("identity_provider", "Saml")]) {
            there if there == REFUSED => sent(world, &[("identity_provider", "Partner")]),
            there => there,
        },
        sees: ["status 502", THERE],
    },
    Setting {
        argument: "identity_providers.provider_details",
        with: "",
        before: from!("Partner", details!("openid")),
        after: from!("Partner", details!("openid profile")),
        feel: |world| sent(world, &[("identity_provider", "Partner")]),
        sees: [THERE, "partner.auth.us-east-1.localhost: openid profile"],
    },
    Setting {
        argument: "identity_providers.attribute_mapping",
        with: "",
        before: from!("Partner", details!("openid profile"), "attribute_mapping = { nickname = \"nickname\" }"),
        after: from!("Partner", details!("openid profile"), "attribute_mapping = { nickname = \"family_name\" }"),
        feel: |world| comes(world, "nickname"),
        sees: ["Annie", "Example"],
    },
    Setting {
        argument: "identity_providers.idp_identifiers",
        with: "",
        before: from!("Partner", details!("openid")),
        after: from!("Partner", details!("openid"), "idp_identifiers = [\"orders.example\"]"),
        feel: |world| sent(world, &[("idp_identifier", "orders.example")]),
        sees: [REFUSED, THERE],
    },
];
