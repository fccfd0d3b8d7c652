//! Users from an identity provider that speaks OpenID Connect: the way to it from /oauth2/authorize, and back by
//! /oauth2/idpresponse. The provider runs on this machine: another user pool of the same server can play it, or any other
//! provider at a plain HTTP address. One that is declared elsewhere, and a social one, is played where
//! `poolform serve -provider NAME=http://…` says.
//!
//! The service sends the client's secret in the form (developer guide, OIDC providers: client_secret_post), reads the ID
//! token and then the user's attributes.

use hyper::{Method, header};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::emulator::{Emulator, dispatch};
use crate::forms::members::Members;
use crate::forms::refusal::PAGE;
use crate::forms::{encryption, identifier};
use crate::kept::identity_provider::Provider;
use crate::kept::shelf::IDENTITY_PROVIDERS;
use crate::oauth::authorization::{self, AuthorizationRequest, back};
use crate::oauth::client::granted;
use crate::oauth::error::OauthError;
use crate::oauth::request::{DomainName, Fields, Reply, Request};
use crate::oauth::{external, page};
use crate::outside::effects::Effects;
use crate::outside::outbound::{Outbound, Unanswered};
use crate::outside::providers::Providers;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::domain_address::address_of;

/// Where a provider sends the browser back to (developer guide, identity provider endpoints).
pub(super) const RETURN: &str = "/oauth2/idpresponse";
/// The cookie that ties a sign-in elsewhere to the browser that began it; the service's has this name.
const COOKIE: &str = "csrf-state";
/// What the state of such a sign-in is encrypted for.
const STATE: &str = "federation";
/// Seconds that a person may take at the provider. The service's number is not known.
const SECONDS: i64 = 600;
/// Seconds by which a provider's clock may differ.
const LEEWAY: i64 = 60;
/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// What the browser carries to the provider and back.
#[derive(Deserialize, Serialize)]
struct State {
    wanted: AuthorizationRequest,
    client: String,
    provider: String,
    nonce: String,
    /// The value of the cookie.
    browser: String,
    /// Seconds since 1970.
    until: i64,
}

/// Where a provider answers.
struct Endpoints {
    issuer: String,
    authorize: String,
    token: String,
    user_info: Option<String>,
    keys: String,
}

/// The provider that a request for authorization names, or the client's only one; None to sign in here.
pub(super) fn chosen(effects: &Effects, app: &AppClient, fields: &Fields) -> Result<Option<Provider>, OauthError> {
    let listed = app.providers();
    let read = |name: &str| -> Result<Option<Provider>, OauthError> {
        effects.read(|reader| reader.get(IDENTITY_PROVIDERS, &app.pool_id, name)).map_err(|_| OauthError::ServerError)
    };
    if let Some(identifier) = fields.get("idp_identifier") {
        for name in listed {
            let found = read(name)?;
            if found.as_ref().is_some_and(|one| one.answer.texts("IdpIdentifiers").contains(&identifier)) {
                return Ok(found);
            }
        }
        return Err(OauthError::InvalidRequest);
    }
    match (fields.get("identity_provider"), listed.as_slice()) {
        (Some("COGNITO"), _) if app.signs_in_here() => Ok(None),
        (Some(name), listed) if listed.contains(&name) => read(name),
        (Some(_), _) => Err(OauthError::InvalidRequest),
        (None, [only]) if !app.signs_in_here() => read(only),
        (None, _) => Ok(None),
    }
}

fn detail<'a>(provider: &'a Provider, name: &str) -> Option<&'a str> {
    let details = provider.answer.object("ProviderDetails")?;
    details.text(name).filter(|text| !text.is_empty())
}

fn name(provider: &Provider) -> &str {
    provider.answer.text("ProviderName").unwrap_or_default()
}

/// Where a provider answers; otherwise why that is not known, for a person.
fn endpoints(providers: &Providers, provider: &Provider) -> Result<Endpoints, String> {
    let name = name(provider);
    let played = providers.issuer_of(name).map(str::to_owned);
    let declared = || match provider.answer.text("ProviderType") {
        Some("OIDC") => detail(provider, "oidc_issuer").filter(|issuer| issuer.starts_with("http://")),
        _ => None,
    };
    let is_played = played.is_some();
    let Some(issuer) = played.or_else(|| declared().map(|issuer| issuer.trim_end_matches('/').to_owned())) else {
        return Err(format!(
            "{name} is not on this machine. Say what plays it: poolform serve -provider {name}=http://127.0.0.1:… (the \
             issuer of another user pool, or of any provider that speaks OpenID Connect). See {PAGE}."
        ));
    };
    let own = |name: &str| detail(provider, name).filter(|_| !is_played).map(str::to_owned);
    if let (Some(authorize), Some(token), Some(keys)) = (own("authorize_url"), own("token_url"), own("jwks_uri")) {
        return Ok(Endpoints { issuer, authorize, token, user_info: own("attributes_url"), keys });
    }
    let address = format!("{issuer}/.well-known/openid-configuration");
    let found = fetch(Outbound::get(&address)).map_err(|reason| format!("{name}: {address}: {reason}."))?;
    let text = |member: &str| {
        let lacking =
            || format!("{name}: {address} names no {member}. A user pool that plays a provider needs a domain.");
        found.text(member).map(str::to_owned).ok_or_else(lacking)
    };
    Ok(Endpoints {
        authorize: text("authorization_endpoint")?,
        token: text("token_endpoint")?,
        user_info: found.text("userinfo_endpoint").map(str::to_owned),
        keys: text("jwks_uri")?,
        issuer: found.text("issuer").map_or(issuer, str::to_owned),
    })
}

/// An answer in JSON with status 200.
fn fetch(request: Outbound) -> Result<Json, String> {
    let (status, body) = request.send().map_err(|reason| reason.to_string())?;
    if status != 200 {
        return Err(format!("status {status}"));
    }
    serde_json::from_slice(&body).map_err(|error| format!("no JSON: {error}"))
}

/// Where a provider sends back to: the address that must be registered there.
/// Under the name by which the browser came: its cookies are of that name.
fn return_address(call: &Call, app: &AppClient, request: &Request) -> Option<String> {
    match &request.way {
        DomainName::Host(_) => address_of(&app.pool, call.issuer).map(|domain| format!("{domain}{RETURN}")),
        DomainName::Pool(pool) => Some(format!("{}/{pool}{RETURN}", call.issuer)),
    }
}

/// Sends the browser to the provider.
pub(super) fn start(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    wanted: AuthorizationRequest,
    provider: &Provider,
    request: &Request,
) -> Reply {
    let endpoints = match endpoints(effects.outside.providers, provider) {
        Ok(endpoints) => endpoints,
        Err(words) => return page::failed(502, &words),
    };
    let state = State {
        wanted,
        client: app.id.clone(),
        provider: name(provider).to_owned(),
        nonce: identifier::uuid(),
        browser: identifier::uuid(),
        until: call.now / 1000 + SECONDS,
    };
    let encrypted = effects.keys(&app.pool_id).and_then(|keys| encryption::encrypt(&keys.encryption, STATE, &state));
    let (Ok(encrypted), Some(to)) = (encrypted, return_address(call, app, request)) else {
        return back(&state.wanted, &[("error", "server_error")], false);
    };
    let sign = if endpoints.authorize.contains('?') { '&' } else { '?' };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", detail(provider, "client_id").unwrap_or_default())
        .append_pair("redirect_uri", &to)
        .append_pair("scope", detail(provider, "authorize_scopes").unwrap_or("openid"))
        .append_pair("response_type", "code")
        .append_pair("nonce", &state.nonce)
        .append_pair("state", &encrypted)
        .finish();
    Reply::redirect(&format!("{}{sign}{query}", endpoints.authorize))
        .with("set-cookie", request.cookie_for(&format!("{COOKIE}={}", state.browser), Some(SECONDS)))
}

/// The browser comes back from the provider.
pub(super) fn finish(emulator: &Emulator, call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let keys = match granted(effects.keys(pool_id)) {
        Ok(keys) => keys,
        Err(fault) => return fault,
    };
    let state = keys.and_then(|keys| encryption::decrypt::<State>(&keys.encryption, STATE, fields.text("state")));
    let Some(state) =
        state.filter(|state| request.cookie(COOKIE) == Some(&state.browser) && call.now / 1000 <= state.until)
    else {
        return page::failed(
            400,
            "This answer belongs to no sign-in of this browser, or it came too late. Begin again.",
        );
    };
    let outcome = match (fields.get("error"), fields.get("code")) {
        (Some(error), _) => Err(fields.get("error_description").unwrap_or(error).to_owned()),
        (None, None) => Err("The identity provider sent no code".to_owned()),
        (None, Some(code)) => enter(emulator, call, effects, (pool_id, request), &state, code),
    };
    let reply = outcome.unwrap_or_else(|words| {
        // The description comes first (O1, amp-js#3526).
        back(&state.wanted, &[("error_description", &words), ("error", "invalid_request")], state.wanted.implicit)
    });
    reply.with("set-cookie", request.cookie_for(&format!("{COOKIE}="), Some(0)))
}

/// From the provider's code to the client's; otherwise what the client is told.
fn enter(
    emulator: &Emulator,
    call: &Call,
    effects: &Effects,
    (pool_id, request): (&str, &Request),
    state: &State,
    code: &str,
) -> Result<Reply, String> {
    let said = |refusal: poolform_model::Refusal| refusal.message;
    let app = effects.read(|reader| AppClient::read(reader, pool_id.to_owned(), &state.client)).map_err(said)?;
    if !app.providers().contains(&state.provider.as_str()) {
        return Err(format!("{} is no longer a provider of this client", state.provider));
    }
    let provider: Option<Provider> =
        effects.read(|reader| reader.get(IDENTITY_PROVIDERS, pool_id, &state.provider)).map_err(said)?;
    let provider = provider.ok_or_else(|| format!("{} is no longer a provider of this pool", state.provider))?;
    let to = return_address(call, &app, request).unwrap_or_default();
    let claims = claims(call, effects.outside.providers, &provider, &state.nonce, code, &to)?;
    let body = Object::new();
    let user = dispatch::outside(emulator, &body, |call, effects| {
        external::enter(&call.of_client(&app.id), effects, &app, &provider, &claims)
    });
    authorization::leave(call, effects, &app, &user.map_err(said)?, &state.wanted, request).map_err(said)
}

/// What the provider says of the user: the ID token, checked, and the attributes that it gives for the access token.
fn claims(
    call: &Call,
    providers: &Providers,
    provider: &Provider,
    nonce: &str,
    code: &str,
    to: &str,
) -> Result<Object, String> {
    let name = name(provider);
    let endpoints = endpoints(providers, provider)?;
    let client = detail(provider, "client_id").unwrap_or_default();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("client_id", client)
        .append_pair("code", code)
        .append_pair("redirect_uri", to);
    if let Some(secret) = detail(provider, "client_secret") {
        form.append_pair("client_secret", secret);
    }
    let sent = Outbound::post(&endpoints.token, FORM, form.finish()).send();
    let (status, body) = sent.map_err(|reason| match reason {
        Unanswered::TooLate => "Timeout occurred in calling IdP token endpoint".to_owned(),
        Unanswered::Because(reason) => format!("{name} Error - {reason}"),
    })?;
    // In these words (O1, guide23).
    if status != 200 {
        return Err(format!("{name} Error - {status} error getting token"));
    }
    let tokens: Json = serde_json::from_slice(&body).map_err(|_| format!("Bad token response: {name} sent no JSON"))?;
    let Some(token) = tokens.text("id_token") else {
        return Err(format!("Bad token response: {name} sent no id_token"));
    };
    let mut claims = identity(call, &endpoints, client, token).map_err(|reason| format!("Bad id_token: {reason}"))?;
    // By when the provider echoes what it was sent (OpenID Connect Core 3.1.3.7).
    if claims.text("nonce") != Some(nonce) {
        return Err("Bad id_token: the nonce is another one".to_owned());
    }
    if let (Some(address), Some(access)) = (&endpoints.user_info, tokens.text("access_token")) {
        let method = detail(provider, "attributes_request_method").unwrap_or("GET");
        let method = if method == "POST" { Method::POST } else { Method::GET };
        let request = Outbound { method, ..Outbound::get(address) };
        let asked = fetch(request.with(header::AUTHORIZATION, format!("Bearer {access}")));
        let said = asked.map_err(|reason| format!("{name} Error - {reason} getting attributes"))?;
        let Json::Object(said) = said else { return Err(format!("{name} Error - no attributes")) };
        // They name their user, or they could be anybody's (OpenID Connect Core 5.3.2).
        if said.text("sub").is_none_or(|sub| claims.text("sub") != Some(sub)) {
            return Err(format!("{name} Error - the attributes are of another user"));
        }
        claims.extend(said);
    }
    Ok(claims)
}

/// The claims of an ID token of the provider for this client, signed with one of the provider's keys.
fn identity(call: &Call, endpoints: &Endpoints, client: &str, token: &str) -> Result<Object, String> {
    let keys = fetch(Outbound::get(&endpoints.keys)).map_err(|reason| format!("{}: {reason}", endpoints.keys))?;
    let keys: JwkSet = serde_json::from_value(keys).map_err(|error| error.to_string())?;
    let head = decode_header(token).map_err(|error| error.to_string())?;
    let key = match &head.kid {
        Some(id) => keys.find(id),
        None => keys.keys.first(),
    };
    let key = key.ok_or("no key of the provider signed it")?;
    // The provider's key says what it signs with, and not the token: an HMAC with a public key is no signature.
    let algorithm =
        key.common.key_algorithm.and_then(|algorithm| algorithm.to_string().parse().ok()).unwrap_or(head.alg);
    if !matches!(
        key.algorithm,
        jsonwebtoken::jwk::AlgorithmParameters::RSA(_) | jsonwebtoken::jwk::AlgorithmParameters::EllipticCurve(_)
    ) {
        return Err("the provider's key is neither RSA nor EC".to_owned());
    }
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[client]);
    validation.set_issuer(&[&endpoints.issuer]);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // By the clock of this server, which can be moved.
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let claims = decode::<Object>(token, &key, &validation).map_err(|error| error.to_string())?.claims;
    match claims.number("exp") {
        Some(end) if end + LEEWAY > call.now / 1000 => Ok(claims),
        _ => Err("it has expired".to_owned()),
    }
}
