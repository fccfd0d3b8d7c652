//! The outputs of a module call, from what Cognito answered.

use std::collections::BTreeMap;

use poolform_model::Object;
use poolform_value::{Value, from_json};
use serde_json::{Value as Json, json};

use crate::declaration::Declaration;
use crate::kinds::{Kind, client, domain, user_pool};
use crate::resource::{Address, Observed};
use crate::setting;

/// Where a pool is reached: knowledge of whoever holds the connection.
pub struct Endpoints<'a> {
    /// From a pool's id to its issuer: `https://cognito-idp.REGION.amazonaws.com/POOL_ID` on AWS.
    pub issuer: &'a dyn Fn(&str) -> String,
    /// From a pool's id to where apps find its keys: the issuer's, but behind an endpoint the endpoint's.
    pub keys: &'a dyn Fn(&str) -> String,
    /// From a pool's id and its domain to where its pages are: `https://PREFIX.auth.REGION.amazoncognito.com` on AWS.
    pub pages: &'a dyn Fn(&str, &str) -> String,
    /// From seconds since 1970 to RFC 3339.
    pub date: &'a dyn Fn(f64) -> String,
}

/// The outputs of one call. None while its pool is not there although it ought to be: they are not known yet.
pub fn outputs(
    declaration: &Declaration,
    observed: &BTreeMap<Address, Observed>,
    endpoints: &Endpoints<'_>,
) -> Option<BTreeMap<&'static str, Value>> {
    let address = &declaration.address;
    if !declaration.enabled {
        return Some(BTreeMap::from([
            ("user_pool", Value::null()),
            ("domain", Value::null()),
            ("clients", Value::object::<String>([])),
            ("client_secrets", Value::object::<String>([]).marked(true)),
            ("module_enabled", false.into()),
            ("issuer", Value::null()),
            ("jwks_url", Value::null()),
            ("hosted_sign_in_url", Value::null()),
        ]));
    }
    let pool = observed.get(address)?;
    let desired = |address: &str| declaration.desired.iter().find(|desired| desired.address == address);
    let id = setting::get(&pool.answer, "Id").as_str().unwrap_or_default();
    let issuer = (endpoints.issuer)(id);
    let domain_address = domain::KIND.address(address, "");
    let domain_answer =
        desired(&domain_address).and_then(|_| observed.get(&domain_address)).map(|domain| &domain.answer);
    let domain_name = domain_answer.and_then(|answer| answer.get("Domain")).and_then(Json::as_str);
    let mut clients = BTreeMap::new();
    let mut secrets = BTreeMap::new();
    for each in declaration.desired.iter().filter(|desired| desired.kind == client::KIND.name) {
        let answer = &observed.get(&each.address)?.answer;
        let name = setting::get(answer, client::KIND.key).as_str().unwrap_or_default().to_owned();
        clients.insert(name.clone(), from_json(&client::output(answer, Some(&each.settings))));
        // A client without a secret has an empty one, as the original says. One whose secrets were rotated has some that
        // Cognito no longer shows.
        let rotated = setting::get(&observed.get(&each.address)?.settings, "GenerateSecret") == &json!(true);
        let secret = match answer.get("ClientSecret").and_then(Json::as_str) {
            Some(secret) => Value::from(secret),
            None if rotated => Value::null(),
            None => Value::from(""),
        };
        secrets.insert(name, secret.marked(true));
    }
    let settings = desired(address).map(|desired| &desired.settings);
    let pool_output = user_pool::output(
        &pool.answer,
        settings,
        domain_name,
        issuer.split_once("://").map_or(issuer.as_str(), |(_, rest)| rest),
        &declaration.own_tags,
        endpoints.date,
    );
    let sign_in = domain_name.and_then(|name| {
        let client = declaration.desired.iter().filter(|desired| desired.kind == client::KIND.name).find_map(|each| {
            let answer = &observed.get(&each.address)?.answer;
            let redirect = answer.get("DefaultRedirectURI").or_else(|| answer.get("CallbackURLs")?.get(0))?.as_str()?;
            let flow = answer.get("AllowedOAuthFlows")?.as_array()?.iter().find_map(|flow| match flow.as_str() {
                Some("code") => Some("code"),
                Some("implicit") => Some("token"),
                _ => None,
            })?;
            Some((answer.get("ClientId")?.as_str()?.to_owned(), redirect.to_owned(), flow))
        });
        let (client_id, redirect, flow) = client?;
        Some(format!(
            "{}/login?client_id={client_id}&response_type={flow}&redirect_uri={}",
            (endpoints.pages)(id, name),
            percent_encoded(&redirect)
        ))
    });
    Some(BTreeMap::from([
        ("user_pool", from_json(&pool_output)),
        ("domain", domain_answer.map_or_else(Value::null, |answer| from_json(&domain::output(answer)))),
        ("clients", Value::object(clients)),
        ("client_secrets", Value::object(secrets).marked(true)),
        ("module_enabled", true.into()),
        ("jwks_url", (endpoints.keys)(id).into()),
        ("issuer", issuer.into()),
        ("hosted_sign_in_url", from_json(&sign_in.map_or(Json::Null, |url| json!(url)))),
    ]))
}

/// The attributes of a resource as its Terraform resource shows them, in the AWS provider's words, from what Cognito
/// answered. `schema` are the entries of a pool's schema to show, `own_tags` its tags without the provider's.
pub fn attributes(
    kind: &'static Kind,
    observed: &Observed,
    schema: &Json,
    own_tags: &Json,
    endpoints: &Endpoints<'_>,
) -> Object {
    kind.rules.attributes(kind, observed, schema, own_tags, endpoints)
}

/// For a query: everything but unreserved characters (RFC 3986) as `%XX`.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}
