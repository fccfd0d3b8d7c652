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
    let found = Found::of(&world, &root, &chosen(&root, args.address.as_deref())?.address, args)?;
    if !matches!(args.format, EnvFormat::Amplify | EnvFormat::AmplifyOutputs) {
        found.say_which_secrets_are_missing(args.secrets);
    }
    match args.format {
        EnvFormat::Dotenv => render::output::print(&found.dotenv(args.secrets))?,
        EnvFormat::Amplify => {
            render::json::line(&found.amplify()?)?;
            found.say_what_amplify_needs();
        }
        EnvFormat::AmplifyOutputs => render::json::line(&found.amplify_outputs()?)?,
        EnvFormat::Oidc => {
            render::json::line(&found.oidc(args.secrets)?)?;
            found.say_what_oidc_needs();
        }
    }
    Ok(Exit::Fine)
}

/// The call that is meant: the only one, or the one that was named.
fn chosen<'a>(root: &'a Root, address: Option<&str>) -> Result<&'a Declaration, Stop> {
    let pools: Vec<&Declaration> = root.declarations.iter().filter(|each| !each.is_of_parts()).collect();
    let known = || pools.iter().map(|one| one.address.to_string()).collect::<Vec<_>>().join(", ");
    match (address, pools.as_slice()) {
        (None, [only]) => Ok(*only),
        (None, _) => Err(Stop::message(
            "Several pools",
            format!("Say which is meant: poolform env ADDRESS, one of {}.", known()),
        )),
        (Some(address), all) => all.iter().find(|one| one.address == address).copied().ok_or_else(|| {
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
    /// Those of them that have a secret which Cognito does not show: one that was rotated (API page of
    /// ListUserPoolClientSecrets).
    rotated: Vec<&'a str>,
    /// The domain's name.
    domain: Option<&'a str>,
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
    fn of(world: &'a World, root: &Root, address: &str, args: &EnvArgs) -> Result<Found<'a>, Stop> {
        let Some(pool) = world.observed.get(address) else {
            return Err(Stop::message(
                "Pool not there",
                format!("{address} has not been applied yet: poolform apply makes it."),
            ));
        };
        let of_kind = |kind: &str| -> Vec<&'a Observed> {
            let declared = root.declarations.iter().flat_map(|declaration| &declaration.desired);
            let declared = declared.filter(|desired| desired.kind == kind && desired.pool == address);
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
        let rotated = of_kind("Client")
            .into_iter()
            .filter(|client| setting::get(&client.settings, "GenerateSecret") == &json!(true))
            .filter(|client| text(&client.answer, "ClientSecret").is_none())
            .filter_map(|client| text(&client.answer, "ClientName"))
            .filter(|name| clients.contains_key(name))
            .collect();
        let connection = &world.connection;
        Ok(Found { connection, pool: &pool.answer, settings: &pool.settings, id, clients, rotated, domain })
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

    /// Says which clients have a secret that is not printed, and why.
    fn say_which_secrets_are_missing(&self, asked: bool) {
        let shown: Vec<&str> = self
            .clients
            .iter()
            .filter(|(_, client)| text(client, "ClientSecret").is_some())
            .map(|(name, _)| *name)
            .collect();
        if !asked && !shown.is_empty() {
            say!("Left out: the secret of {}. -secrets prints it.", shown.join(", "));
        }
        if !self.rotated.is_empty() {
            say!(
                "Left out: the secret of {}, which was rotated. Cognito shows none of them any more; what rotate-secret printed \
                 is the one to use.",
                self.rotated.join(", ")
            );
        }
    }

    /// Names and values for a `.env` file, in the names of the AWS SDKs where they have one.
    fn dotenv(&self, secrets: bool) -> String {
        let mut lines = Vec::new();
        let mut put = |name: String, value: &str| lines.push(format!("{name}={}\n", quoted(value)));
        put("AWS_REGION".to_owned(), region_of(self.id));
        // The only name that boto3 reads.
        put("AWS_DEFAULT_REGION".to_owned(), region_of(self.id));
        if let Some(endpoint) = self.connection.served(self.id) {
            put("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER".to_owned(), endpoint);
        }
        put("COGNITO_USER_POOL_ID".to_owned(), self.id);
        put("COGNITO_ISSUER".to_owned(), &self.connection.issuer(self.id));
        put("COGNITO_JWKS_URL".to_owned(), &self.connection.keys(self.id));
        if let Some(domain) = self.domain {
            put("COGNITO_DOMAIN".to_owned(), &self.connection.domain(self.id, domain));
        }
        for (name, client) in &self.clients {
            let suffix = if self.clients.len() == 1 { String::new() } else { format!("_{}", variable(name)) };
            put(format!("COGNITO_CLIENT_ID{suffix}"), text(client, "ClientId").unwrap_or_default());
            if let Some(secret) = text(client, "ClientSecret").filter(|_| secrets) {
                put(format!("COGNITO_CLIENT_SECRET{suffix}"), secret);
            }
        }
        if self.connection.local {
            // Without a key an SDK asks the network for one before it sends anything.
            lines.push("# The local Cognito takes any key. Without these two the app uses its own.\n".to_owned());
            lines.push("AWS_ACCESS_KEY_ID=local\nAWS_SECRET_ACCESS_KEY=local\n".to_owned());
        }
        lines.concat()
    }

    /// What `Amplify.configure` of Amplify for JavaScript takes (its `ResourcesConfig`), which has a member for an endpoint.
    fn amplify(&self) -> Result<Json, Stop> {
        let client = self.only()?;
        let names = list(self.pool, "UsernameAttributes");
        let signs_in_by = |name: &str| names.as_array().is_some_and(|all| all.contains(&json!(name)));
        let mut login = json!({
            "username": names.as_array().is_none_or(Vec::is_empty),
            "email": signs_in_by("email"),
            "phone": signs_in_by("phone_number"),
        });
        if let Some(oauth) = self.oauth(client) {
            login["oauth"] = json!({
                "domain": oauth.domain,
                "scopes": oauth.scopes,
                "redirectSignIn": oauth.sign_in,
                "redirectSignOut": oauth.sign_out,
                "responseType": oauth.response_type,
                "providers": providers(client, |row| row.1),
            });
        }
        let link = text(self.pool, "VerificationMessageTemplate.DefaultEmailOption") == Some("CONFIRM_WITH_LINK");
        let required = self.required();
        let attributes: Object =
            required.into_iter().map(|name| (name.to_owned(), json!({"required": true}))).collect();
        let policy = |member: &str| setting::get(self.pool, &format!("Policies.PasswordPolicy.{member}"));
        let status = match text(self.pool, "MfaConfiguration") {
            Some("ON") => "on",
            Some("OPTIONAL") => "optional",
            _ => "off",
        };
        let mut pool = json!({
            "userPoolId": self.id,
            "userPoolClientId": text(client, "ClientId"),
            "loginWith": login,
            "signUpVerificationMethod": if link { "link" } else { "code" },
            "userAttributes": attributes,
            "mfa": {"status": status, "totpEnabled": self.totp(), "smsEnabled": self.sms()},
            "passwordFormat": {
                "minLength": policy("MinimumLength"),
                "requireLowercase": policy("RequireLowercase"),
                "requireUppercase": policy("RequireUppercase"),
                "requireNumbers": policy("RequireNumbers"),
                "requireSpecialCharacters": policy("RequireSymbols"),
            },
        });
        if let Some(endpoint) = self.connection.served(self.id) {
            pool["userPoolEndpoint"] = json!(endpoint);
        }
        Ok(json!({"Auth": {"Cognito": pool}}))
    }

    /// Amplify sends no SECRET_HASH, and goes to a domain by https whatever it is told (`signInWithRedirect` of Amplify 6).
    fn say_what_amplify_needs(&self) {
        let secret = |client: &Object| text(client, "ClientSecret").is_some();
        if self.only().is_ok_and(|client| secret(client) || !self.rotated.is_empty()) {
            say!(
                "This client has a secret, which Amplify cannot send: give the app one without (generate_secret = false)."
            );
        }
        let plain = self.connection.served(self.id).is_some_and(|address| address.starts_with("http:"));
        if plain && self.only().is_ok_and(|client| self.oauth(client).is_some()) {
            say!(
                "Amplify's signInWithRedirect goes to the domain by https alone, and this Cognito is served by http: signing in \
                 by Amplify's other functions works, that one needs `poolform dev -tls`, whose certificate the browser must trust \
                 (docs/reference/local.md)."
            );
        }
    }

    /// Settings without which a library cannot even begin, and that only the declaration can give.
    fn say_what_oidc_needs(&self) {
        if self.domain.is_none() {
            say!("The pool has no domain, and without one no endpoints of OpenID Connect: give the module `domain`.");
        }
        if self.only().is_ok_and(|client| list(client, "AllowedOAuthFlows") == json!([])) {
            say!(
                "This client may use no flow of OAuth: give it allowed_oauth_flows_user_pool_client, allowed_oauth_flows, \
                 allowed_oauth_scopes and callback_urls."
            );
        }
    }

    /// `amplify_outputs.json` (Amplify's schema, version 1.3), which has no member for an endpoint: apps that read it sign
    /// users in on AWS.
    fn amplify_outputs(&self) -> Result<Json, Stop> {
        if let Some(endpoint) = self.connection.served(self.id) {
            return Err(Stop::message(
                "No endpoint in amplify_outputs.json",
                format!(
                    "amplify_outputs.json has no member for an endpoint: an app that reads it would send passwords to AWS and \
                     not to {endpoint}. -format amplify is what Amplify.configure takes in its place."
                ),
            ));
        }
        let client = self.only()?;
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
            "standard_required_attributes": self.required(),
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
            methods.extend(self.sms().then_some("SMS"));
            methods.extend(self.totp().then_some("TOTP"));
            auth["mfa_methods"] = json!(methods);
        }
        if let Some(oauth) = self.oauth(client) {
            auth["oauth"] = json!({
                "identity_providers": providers(client, |row| row.2),
                "domain": oauth.domain,
                "scopes": oauth.scopes,
                "redirect_sign_in_uri": oauth.sign_in,
                "redirect_sign_out_uri": oauth.sign_out,
                "response_type": oauth.response_type,
            });
        }
        Ok(json!({"version": "1.3", "auth": auth}))
    }

    /// The attributes that a user must have, but for the one that Cognito gives.
    fn required(&self) -> Vec<&'a str> {
        let schema = setting::get(self.pool, "SchemaAttributes").as_array();
        let required = schema.into_iter().flatten().filter(|one| one["Required"] == json!(true));
        required.filter_map(|one| one["Name"].as_str()).filter(|name| *name != "sub").collect()
    }

    fn sms(&self) -> bool {
        !setting::get(self.pool, "SmsConfiguration").is_null()
    }

    fn totp(&self) -> bool {
        setting::get(self.settings, "MfaConfig.SoftwareTokenMfaConfiguration.Enabled") == &json!(true)
    }

    /// What Amplify is told of a domain; None for a client that does not use it.
    fn oauth(&self, client: &Object) -> Option<OAuth> {
        let flows = list(client, "AllowedOAuthFlows");
        let has = |flow: &str| flows.as_array().is_some_and(|all| all.contains(&json!(flow)));
        let response_type = if has("code") {
            "code"
        } else if has("implicit") {
            "token"
        } else {
            return None;
        };
        let domain = self.connection.domain(self.id, self.domain?);
        Some(OAuth {
            domain: domain.split_once("://").map_or(domain.as_str(), |(_, rest)| rest).to_owned(),
            scopes: list(client, "AllowedOAuthScopes"),
            sign_in: list(client, "CallbackURLs"),
            sign_out: list(client, "LogoutURLs"),
            response_type,
        })
    }

    /// What a library for OpenID Connect asks for: the settings of oidc-client-ts, and the same in the names of the
    /// specifications (OpenID Connect Discovery and Registration).
    fn oidc(&self, secrets: bool) -> Result<Json, Stop> {
        let client = self.only()?;
        let issuer = self.connection.issuer(self.id);
        // The document is where the pool is served, whoever its tokens say they are from.
        let keys = self.connection.keys(self.id);
        let discovery = keys.replace("/jwks.json", "/openid-configuration");
        let scopes = list(client, "AllowedOAuthScopes");
        let scope: Vec<&str> = scopes.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut settings = json!({
            "authority": issuer,
            "issuer": issuer,
            "discovery": discovery,
            "jwks_uri": keys,
            "client_id": text(client, "ClientId"),
            "scope": scope.join(" "),
            "scopes": scopes,
        });
        for (one, all, from) in [
            ("redirect_uri", "redirect_uris", "CallbackURLs"),
            ("post_logout_redirect_uri", "post_logout_redirect_uris", "LogoutURLs"),
        ] {
            let addresses = list(client, from);
            if let Some(first) = addresses.get(0) {
                settings[one] = first.clone();
            }
            settings[all] = addresses;
        }
        if let Some(oauth) = self.oauth(client) {
            settings["response_type"] = json!(oauth.response_type);
        }
        if let Some(secret) = text(client, "ClientSecret").filter(|_| secrets) {
            settings["client_secret"] = json!(secret);
        }
        if let Some(domain) = self.domain {
            let (pages, any) = (self.connection.pages(self.id, domain), self.connection.domain(self.id, domain));
            for (name, at, path) in [
                ("authorization_endpoint", &pages, "oauth2/authorize"),
                ("end_session_endpoint", &pages, "logout"),
                ("token_endpoint", &any, "oauth2/token"),
                ("userinfo_endpoint", &any, "oauth2/userInfo"),
                ("revocation_endpoint", &any, "oauth2/revoke"),
            ] {
                settings[name] = json!(format!("{at}/{path}"));
            }
        }
        Ok(settings)
    }
}

/// What Amplify is told of a domain.
struct OAuth {
    /// Without the scheme, which Amplify adds.
    domain: String,
    scopes: Json,
    sign_in: Json,
    sign_out: Json,
    response_type: &'static str,
}

/// A social identity provider: Cognito's name, that of `Amplify.configure`, that of amplify_outputs.json.
type Social = (&'static str, &'static str, &'static str);

const PROVIDERS: &[Social] = &[
    ("Google", "Google", "GOOGLE"),
    ("Facebook", "Facebook", "FACEBOOK"),
    ("LoginWithAmazon", "Amazon", "LOGIN_WITH_AMAZON"),
    ("SignInWithApple", "Apple", "SIGN_IN_WITH_APPLE"),
];

/// The social identity providers of a client, in the names of one of Amplify's forms.
fn providers(client: &Object, named: fn(&Social) -> &'static str) -> Vec<&'static str> {
    let listed = list(client, "SupportedIdentityProviders");
    let has = |name: &str| listed.as_array().is_some_and(|all| all.contains(&json!(name)));
    PROVIDERS.iter().filter(|row| has(row.0)).map(named).collect()
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
