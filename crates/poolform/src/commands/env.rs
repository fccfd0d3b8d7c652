//! `poolform env`

use std::collections::BTreeMap;

use poolform_core::{Declaration, Observed, setting};
use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::cli::{EnvArgs, EnvFormat, PlanningArgs};
use crate::connection::{Connection, region_of};
use crate::render;
use crate::root::Root;
use crate::stop::{Exit, Stop};
use crate::world::World;

/// Prints what apps need to know of a pool, in the form that they read.
pub fn run(directory: &str, args: &EnvArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    let planning =
        PlanningArgs { parallelism: 10, refresh: true, lock_timeout: "0s".to_owned(), ..PlanningArgs::default() };
    let world = World::open(&mut root, &args.root, &planning, None)?;
    let found = Found::of(&world, chosen(&root, args.address.as_deref())?, args)?;
    match args.format {
        EnvFormat::Dotenv => render::output::print(&found.dotenv(args.secrets))?,
        EnvFormat::Amplify => render::json::line(&found.amplify()?)?,
        EnvFormat::Oidc => render::json::line(&found.oidc(args.secrets)?)?,
    }
    Ok(Exit::Fine)
}

/// The call that is meant: the only one, or the one that was named.
fn chosen<'a>(root: &'a Root, address: Option<&str>) -> Result<&'a Declaration, Stop> {
    let known = || root.declarations.iter().map(|one| one.address.to_string()).collect::<Vec<_>>().join(", ");
    match (address, root.declarations.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Stop::message(
            "Several pools",
            format!("Say which is meant: poolform env ADDRESS, one of {}.", known()),
        )),
        (Some(address), all) => all.iter().find(|one| one.address == address).ok_or_else(|| {
            Stop::message("No such pool", format!("This root has no pool at {address}. It has {}.", known()))
        }),
    }
}

/// What Cognito has of a pool, as far as apps need it.
struct Found<'a> {
    connection: &'a Connection,
    pool: &'a Object,
    /// As the plan compares it: what the pool's answer does not tell is here, its second factors.
    settings: &'a Object,
    id: &'a str,
    /// By name, of all clients or of the one that was asked for.
    clients: BTreeMap<&'a str, &'a Object>,
    /// Where the domain's pages are.
    pages: Option<String>,
}

fn text<'a>(object: &'a Object, path: &str) -> Option<&'a str> {
    setting::get(object, path).as_str()
}

fn list(object: &Object, path: &str) -> Json {
    match setting::get(object, path) {
        Json::Array(items) => Json::Array(items.clone()),
        _ => json!([]),
    }
}

impl<'a> Found<'a> {
    fn of(world: &'a World, declaration: &Declaration, args: &EnvArgs) -> Result<Found<'a>, Stop> {
        let address = declaration.address.as_str();
        let Some(pool) = world.observed.get(address) else {
            return Err(Stop::message(
                "Pool not there",
                format!("{address} has not been applied yet: poolform apply makes it."),
            ));
        };
        let of_kind = |kind: &str| -> Vec<&'a Observed> {
            let declared = declaration.desired.iter().filter(|desired| desired.kind == kind);
            declared.filter_map(|desired| world.observed.get(&desired.address)).collect()
        };
        let id = text(&pool.answer, "Id").unwrap_or_default();
        let domain = of_kind("Domain").first().and_then(|domain| text(&domain.answer, "Domain"));
        let mut clients: BTreeMap<&str, &Object> = of_kind("Client")
            .into_iter()
            .filter_map(|client| Some((text(&client.answer, "ClientName")?, &client.answer)))
            .collect();
        if let Some(wanted) = &args.client {
            let known = clients.keys().copied().collect::<Vec<_>>().join(", ");
            clients.retain(|name, _| name == wanted);
            if clients.is_empty() {
                let detail = format!("{address} has no client \"{wanted}\". It has: {known}.");
                return Err(Stop::message("No such client", detail));
            }
        }
        let connection = &world.connection;
        Ok(Found {
            connection,
            pool: &pool.answer,
            settings: &pool.settings,
            id,
            clients,
            pages: domain.map(|domain| connection.pages(id, domain)),
        })
    }

    /// The one client that a format has room for.
    fn only(&self) -> Result<&'a Object, Stop> {
        let mut clients = self.clients.values();
        match (clients.next(), clients.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Stop::message("No client", "The pool has no client that an app could use.")),
            (Some(_), Some(_)) => {
                let known = self.clients.keys().copied().collect::<Vec<_>>().join(", ");
                Err(Stop::message("Several clients", format!("Say which is meant: -client NAME, one of {known}.")))
            }
        }
    }

    /// Names and values for a `.env` file, in the names of the AWS SDKs where they have one.
    fn dotenv(&self, secrets: bool) -> String {
        let mut lines = Vec::new();
        let mut put = |name: String, value: &str| lines.push(format!("{name}={}\n", quoted(value)));
        put("AWS_REGION".to_owned(), region_of(self.id));
        if let Some(endpoint) = self.connection.served() {
            put("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER".to_owned(), endpoint);
        }
        put("COGNITO_USER_POOL_ID".to_owned(), self.id);
        let issuer = self.connection.issuer(self.id);
        put("COGNITO_ISSUER".to_owned(), &issuer);
        put("COGNITO_JWKS_URL".to_owned(), &format!("{issuer}/.well-known/jwks.json"));
        if let Some(pages) = &self.pages {
            put("COGNITO_DOMAIN".to_owned(), pages);
        }
        for (name, client) in &self.clients {
            let suffix = if self.clients.len() == 1 { String::new() } else { format!("_{}", variable(name)) };
            put(format!("COGNITO_CLIENT_ID{suffix}"), text(client, "ClientId").unwrap_or_default());
            if let Some(secret) = text(client, "ClientSecret").filter(|_| secrets) {
                put(format!("COGNITO_CLIENT_SECRET{suffix}"), secret);
            }
        }
        lines.concat()
    }

    /// `amplify_outputs.json` (Amplify's schema, version 1.3). Amplify has no member for an endpoint of one's own: it is
    /// under `custom`, where an app finds it and hands it to `Amplify.configure` as `userPoolEndpoint`.
    fn amplify(&self) -> Result<Json, Stop> {
        let client = self.only()?;
        let schema = list(self.pool, "SchemaAttributes");
        let required: Vec<&str> = schema
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["Required"] == json!(true) && one["Name"] != json!("sub"))
            .filter_map(|one| one["Name"].as_str())
            .collect();
        let policy = |member: &str| setting::get(self.pool, &format!("Policies.PasswordPolicy.{member}"));
        let mfa = match text(self.pool, "MfaConfiguration") {
            Some("ON") => "REQUIRED",
            Some("OPTIONAL") => "OPTIONAL",
            _ => "NONE",
        };
        let mut auth = json!({
            "aws_region": region_of(self.id),
            "user_pool_id": self.id,
            "user_pool_client_id": text(client, "ClientId"),
            "username_attributes": list(self.pool, "UsernameAttributes"),
            "standard_required_attributes": required,
            "user_verification_types": list(self.pool, "AutoVerifiedAttributes"),
            "mfa_configuration": mfa,
            "password_policy": {
                "min_length": policy("MinimumLength"),
                "require_lowercase": policy("RequireLowercase"),
                "require_uppercase": policy("RequireUppercase"),
                "require_numbers": policy("RequireNumbers"),
                "require_symbols": policy("RequireSymbols"),
            },
        });
        if mfa != "NONE" {
            let mut methods = Vec::new();
            methods.extend((!setting::get(self.pool, "SmsConfiguration").is_null()).then_some("SMS"));
            methods.extend(
                (setting::get(self.settings, "MfaConfig.SoftwareTokenMfaConfiguration.Enabled") == &json!(true))
                    .then_some("TOTP"),
            );
            auth["mfa_methods"] = json!(methods);
        }
        let flows = list(client, "AllowedOAuthFlows");
        let flow = ["code", "implicit"]
            .into_iter()
            .find(|flow| flows.as_array().is_some_and(|all| all.contains(&json!(flow))));
        if let (Some(pages), Some(flow)) = (&self.pages, flow) {
            auth["oauth"] = json!({
                "identity_providers": providers(client),
                // Without the scheme, which Amplify adds.
                "domain": pages.split_once("://").map_or(pages.as_str(), |(_, host)| host),
                "scopes": list(client, "AllowedOAuthScopes"),
                "redirect_sign_in_uri": list(client, "CallbackURLs"),
                "redirect_sign_out_uri": list(client, "LogoutURLs"),
                "response_type": if flow == "code" { "code" } else { "token" },
            });
        }
        let mut outputs = json!({"version": "1.3", "auth": auth});
        if let Some(endpoint) = self.connection.served() {
            outputs["custom"] = json!({"userPoolEndpoint": endpoint});
        }
        Ok(outputs)
    }

    /// What a library for OpenID Connect asks for.
    fn oidc(&self, secrets: bool) -> Result<Json, Stop> {
        let client = self.only()?;
        let issuer = self.connection.issuer(self.id);
        let mut settings = json!({
            "issuer": issuer,
            "discovery": format!("{issuer}/.well-known/openid-configuration"),
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "client_id": text(client, "ClientId"),
            "redirect_uris": list(client, "CallbackURLs"),
            "post_logout_redirect_uris": list(client, "LogoutURLs"),
            "scopes": list(client, "AllowedOAuthScopes"),
        });
        if let Some(secret) = text(client, "ClientSecret").filter(|_| secrets) {
            settings["client_secret"] = json!(secret);
        }
        if let Some(pages) = &self.pages {
            for (name, path) in [
                ("authorization_endpoint", "oauth2/authorize"),
                ("token_endpoint", "oauth2/token"),
                ("userinfo_endpoint", "oauth2/userInfo"),
                ("revocation_endpoint", "oauth2/revoke"),
                ("logout_endpoint", "logout"),
            ] {
                settings[name] = json!(format!("{pages}/{path}"));
            }
        }
        Ok(settings)
    }
}

/// Identity providers in Amplify's names.
fn providers(client: &Object) -> Vec<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("Google", "GOOGLE"),
        ("Facebook", "FACEBOOK"),
        ("LoginWithAmazon", "LOGIN_WITH_AMAZON"),
        ("SignInWithApple", "SIGN_IN_WITH_APPLE"),
    ];
    let listed = list(client, "SupportedIdentityProviders");
    let has = |name: &str| listed.as_array().is_some_and(|all| all.contains(&json!(name)));
    NAMES.iter().filter(|(name, _)| has(name)).map(|(_, amplify)| *amplify).collect()
}

/// A part of a variable's name: upper case letters, digits and underscores.
fn variable(name: &str) -> String {
    name.chars().map(|each| if each.is_ascii_alphanumeric() { each.to_ascii_uppercase() } else { '_' }).collect()
}

/// A value of a `.env` file; quoted where a shell would take it apart.
fn quoted(value: &str) -> String {
    let plain = |each: char| each.is_ascii_alphanumeric() || "_-.:/@%+=,".contains(each);
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_a_shell() {
        assert_eq!(quoted("http://127.0.0.1:9229/a_B"), "http://127.0.0.1:9229/a_B");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(variable("my app.web"), "MY_APP_WEB");
    }
}
