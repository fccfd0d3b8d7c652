//! Tokens: ID and access tokens as signed JWT, refresh tokens as something that only the pool can read.
//!
//! Claims, their order and the header are those of recorded tokens: the order is that of a Java `HashMap` (`hash_order`),
//! slashes are escaped, there is no `typ`. Written on the signature itself (docs/decisions/0012), because these bytes are
//! the point.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{
    Answer, DISABLED, NO_USER, SCOPE_MISSING, TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_REVOKED, fault, otherwise,
};
use crate::forms::{encryption, hash_order, identifier};
use crate::kept::group::Group;
use crate::kept::keys::{Keys, SigningKey};
use crate::kept::one_time;
use crate::kept::pool::{Pool, pool};
use crate::kept::shelf::{GROUPS, USERS};
use crate::kept::store::Reader;
use crate::kept::user::{self, User};
use crate::kept::vault::Vault;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// The scope of tokens that the API gives: everything a user may do with itself.
const SELF: &str = "aws.cognito.signin.user.admin";

/// The header of refresh tokens: five parts with an encrypted second, as the service's; here the key is the pool's own,
/// so the second part is empty.
const REFRESH_HEADER: &str = r#"{"cty":"JWT","enc":"A256GCM","alg":"dir"}"#;
/// What refresh tokens are encrypted for.
const REFRESH: &str = "refresh";

/// One sign-in, from which all tokens of a chain of refreshes come: what a refresh token carries. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Grant {
    /// The user's key.
    pub(crate) user: String,
    /// The user's `sub`: another user may have the name later.
    pub(crate) sub: String,
    pub(crate) client: String,
    /// `origin_jti`
    pub(crate) origin: String,
    /// The refresh token's own id.
    pub(crate) id: String,
    /// `event_id`: the call that signed in.
    pub(crate) event: String,
    /// Seconds since 1970.
    pub(crate) auth_time: i64,
    /// When the refresh token was given, milliseconds since 1970.
    pub(crate) issued: i64,
    /// When it ends, seconds since 1970.
    pub(crate) expires: i64,
    pub(crate) scope: String,
    /// The device that signed in, where the pool tracks devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<String>,
    /// Whether it was made on the pages of a domain: its tokens have a few claims more.
    #[serde(default)]
    pub(crate) hosted: bool,
    /// What the client wants to find in the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
}

impl Grant {
    /// A new sign-in now.
    pub(crate) fn new(call: &Call, app: &AppClient, user: &User, device: Option<String>) -> Grant {
        let seconds = call.now / 1000;
        Grant {
            user: user::key(&app.pool, user.name()),
            sub: user.attribute("sub").unwrap_or_default().to_owned(),
            client: app.id.clone(),
            origin: identifier::uuid(),
            id: identifier::uuid(),
            event: call.id.to_owned(),
            auth_time: seconds,
            issued: call.now,
            expires: seconds + app.validity("Refresh"),
            scope: SELF.to_owned(),
            device,
            hosted: false,
            nonce: None,
        }
    }

    /// The refresh token.
    pub(crate) fn encrypted(&self, keys: &Keys) -> Answer<String> {
        let encrypted =
            encryption::encrypt_bytes(&keys.encryption, REFRESH, &serde_json::to_vec(self).map_err(fault)?)?;
        // Nonce of 12 bytes, text, tag of 16: parts three, four and five.
        let (nonce, rest) = encrypted.split_at(12);
        let (text, tag) = rest.split_at(rest.len() - 16);
        let parts = [REFRESH_HEADER.as_bytes(), &[], nonce, text, tag];
        Ok(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
    }

    /// What a refresh token of the pool carries; None for any other text.
    pub(crate) fn decrypted(keys: &Keys, token: &str) -> Option<Grant> {
        let mut parts = token.split('.');
        if URL_SAFE_NO_PAD.decode(parts.next()?).ok()? != REFRESH_HEADER.as_bytes() || !parts.next()?.is_empty() {
            return None;
        }
        let mut encrypted = Vec::new();
        for part in parts {
            encrypted.extend(URL_SAFE_NO_PAD.decode(part).ok()?);
        }
        encryption::decrypt_bytes(&keys.encryption, REFRESH, &encrypted)
    }
}

/// The claim that ties an ID token to its access token: the left half of its digest (OpenID Connect Core 3.1.3.6).
pub(crate) fn hash_of(access: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, access.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

/// Whether scopes let an attribute be seen: all of them with `profile`, or with `openid` alone; an address with its own
/// scope (developer guide, scopes).
pub(crate) fn in_scope(scope: &str, attribute: &str) -> bool {
    let has = |name: &str| scope.split(' ').any(|one| one == name);
    let narrow = has("email") || has("phone");
    match attribute {
        _ if has("profile") || !narrow => true,
        "email" | "email_verified" => has("email"),
        "phone_number" | "phone_number_verified" => has("phone"),
        _ => false,
    }
}

/// The access token of a client that signs in as itself.
pub(crate) fn of_client(call: &Call, keys: &Keys, app: &AppClient, scope: &str) -> Answer<String> {
    let seconds = call.now / 1000;
    let claims = [
        ("sub", json!(app.id)),
        ("token_use", json!("access")),
        ("scope", json!(scope)),
        ("auth_time", json!(seconds)),
        ("iss", json!(issuer(call, &app.pool_id))),
        ("exp", json!(seconds + app.validity("Access"))),
        ("iat", json!(seconds)),
        ("version", json!(2)),
        ("jti", json!(identifier::timed_uuid(call.now))),
        ("client_id", json!(app.id)),
    ];
    sign(&keys.access, claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The groups of a user, those of the lowest Precedence first (API reference, GroupType).
pub(crate) fn groups(reader: &dyn Reader, pool_id: &str, user: &User) -> Answer<Vec<Group>> {
    let mut groups = Vec::new();
    for key in &user.groups {
        groups.extend(reader.get::<Group>(GROUPS, pool_id, key)?);
    }
    groups.sort_by_key(|group| {
        let name = group.answer.text("GroupName").unwrap_or_default().to_owned();
        (group.answer.number("Precedence").unwrap_or(i64::MAX), name)
    });
    Ok(groups)
}

fn names(groups: &[Group]) -> Vec<&str> {
    groups.iter().filter_map(|group| group.answer.text("GroupName")).collect()
}

/// Where the tokens of a pool say they come from.
pub(crate) fn issuer(call: &Call, pool_id: &str) -> String {
    format!("{}/{pool_id}", call.issuer)
}

/// Claims that both tokens have.
fn common(call: &Call, app: &AppClient, groups: &[Group], grant: &Grant, token: &str) -> Vec<(String, Json)> {
    let seconds = call.now / 1000;
    let kind = if token == "Id" { "id" } else { "access" };
    let mut claims = vec![
        ("sub".to_owned(), json!(grant.sub)),
        ("iss".to_owned(), json!(issuer(call, &app.pool_id))),
        ("event_id".to_owned(), json!(grant.event)),
        ("token_use".to_owned(), json!(kind)),
        ("auth_time".to_owned(), json!(grant.auth_time)),
        ("exp".to_owned(), json!(seconds + app.validity(token))),
        ("iat".to_owned(), json!(seconds)),
        ("jti".to_owned(), json!(identifier::timed_uuid(call.now))),
    ];
    if app.revokes() {
        claims.push(("origin_jti".to_owned(), json!(grant.origin)));
    }
    if !groups.is_empty() {
        claims.push(("cognito:groups".to_owned(), json!(names(groups))));
    }
    claims
}

/// The claims of an ID token: the user's attributes that the client may read, the groups with their roles.
pub(crate) fn id_claims(
    call: &Call,
    app: &AppClient,
    user: &User,
    groups: &[Group],
    grant: &Grant,
) -> Vec<(String, Json)> {
    let mut claims = common(call, app, groups, grant, "Id");
    claims.push(("cognito:username".to_owned(), json!(user.name())));
    let mut roles: Vec<&str> = groups.iter().filter_map(|group| group.answer.text("RoleArn")).collect();
    roles.dedup();
    if !roles.is_empty() {
        claims.push(("cognito:roles".to_owned(), json!(roles)));
        claims.extend(preferred_role(groups).map(|role| ("cognito:preferred_role".to_owned(), json!(role))));
    }
    // Of one bucket with the roles, and after them [IdToken.documentation].
    claims.push(("aud".to_owned(), json!(app.id)));
    claims.extend(grant.nonce.iter().map(|nonce| ("nonce".to_owned(), json!(nonce))));
    let seen = |name: &str| name != "sub" && app.may_read(name) && (!grant.hosted || in_scope(&grant.scope, name));
    for (name, value) in user.attributes().filter(|(name, _)| seen(name)) {
        let value = match name {
            // Truth values here, texts everywhere else [IdToken.2022-07].
            "email_verified" | "phone_number_verified" => json!(value == "true"),
            "identities" => identities(value),
            "updated_at" => value.parse::<i64>().map_or_else(|_| json!(value), Json::from),
            // OpenID Connect Core 5.1.1: the address claim is an object.
            "address" => json!({"formatted": value}),
            _ => json!(value),
        };
        claims.push((name.to_owned(), value));
    }
    claims
}

/// The claim of where a user comes from: its truth values and numbers are texts, which they are not in the attribute
/// [IdToken.2019-06.federated].
fn identities(attribute: &str) -> Json {
    let mut claim: Json = serde_json::from_str(attribute).unwrap_or_else(|_| json!(attribute));
    for identity in claim.as_array_mut().into_iter().flatten().filter_map(Json::as_object_mut) {
        for value in identity.values_mut().filter(|value| value.is_boolean() || value.is_number()) {
            *value = json!(value.to_string());
        }
    }
    claim
}

/// The role of the group with the lowest Precedence; none where two such groups have different roles, or the group has
/// no Precedence (API reference, GroupType).
pub(crate) fn preferred_role(groups: &[Group]) -> Option<&str> {
    let lowest = groups.iter().filter_map(|group| group.answer.number("Precedence")).min()?;
    let mut roles = groups
        .iter()
        .filter(|group| group.answer.number("Precedence") == Some(lowest))
        .map(|group| group.answer.text("RoleArn"));
    let first = roles.next()??;
    roles.all(|role| role == Some(first)).then_some(first)
}

pub(crate) fn access_claims(
    call: &Call,
    app: &AppClient,
    user: &User,
    groups: &[Group],
    grant: &Grant,
) -> Vec<(String, Json)> {
    // `scope` is of one bucket with `auth_time`, and before it [AccessToken.2022-07.device].
    let mut claims = vec![("scope".to_owned(), json!(grant.scope)), ("client_id".to_owned(), json!(app.id))];
    claims.extend(common(call, app, groups, grant, "Access"));
    claims.push(("username".to_owned(), json!(user.name())));
    if grant.hosted {
        claims.push(("version".to_owned(), json!(2)));
    }
    claims.extend(grant.device.iter().map(|device| ("device_key".to_owned(), json!(device))));
    claims
}

/// A signed token.
pub(crate) fn sign(key: &SigningKey, mut claims: Vec<(String, Json)>) -> Answer<String> {
    let order = hash_order::of_map(claims.len());
    claims.sort_by(|(one, _), (other, _)| order(one, other));
    let claims = Json::Object(claims.into_iter().collect());
    // Slashes are escaped [IdToken.2017-08].
    let escaped = |json: Json| URL_SAFE_NO_PAD.encode(json.to_string().replace('/', "\\/"));
    let text = format!("{}.{}", escaped(json!({"kid": key.id, "alg": "RS256"})), escaped(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes())?);
    Ok(format!("{text}.{signature}"))
}

/// What an access token lets its bearer do, checked.
pub(crate) struct Access {
    pub(crate) app: AppClient,
    pub(crate) user: User,
    pub(crate) claims: Json,
}

impl Access {
    /// The pool's id and the pool.
    pub(crate) fn place(&self) -> (&str, &Pool) {
        (&self.app.pool_id, &self.app.pool)
    }
}

/// The claims of a token, unchecked.
fn claims(token: &str) -> Option<Json> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?).ok()
}

/// The claims of an access token of a pool that is here, its signature checked, and the pool's id. The pool is the last
/// part of the issuer: a server on another port issued it under another address.
pub(crate) fn verified(call: &Call, vault: &Vault, token: &str) -> Answer<(String, Json)> {
    let Some(claims) = claims(token) else { return TOKEN_INVALID.refuse() };
    let pool_id = claims.text("iss").and_then(|issuer| issuer.rsplit('/').next()).unwrap_or_default().to_owned();
    otherwise(vault.read(|reader| pool(reader, &pool_id)), &TOKEN_INVALID)?;
    let keys = vault.keys(&pool_id)?;
    let genuine = token.rsplit_once('.').is_some_and(|(text, signature)| {
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        keys.access.verify(text.as_bytes(), &signature)
    });
    if !genuine || claims.text("token_use") != Some("access") {
        return TOKEN_INVALID.refuse();
    }
    if claims.number("exp").is_none_or(|end| end <= call.now / 1000) {
        return TOKEN_EXPIRED.refuse();
    }
    Ok((pool_id, claims))
}

/// The bearer of a token whose claims are verified, as the store has it now. One who is gone is refused as a user who does
/// not exist (sdk-android#366: so the service after a user was deleted); so is one whose name somebody else has by now.
pub(crate) fn bearer(reader: &dyn Reader, (pool_id, claims): (String, Json)) -> Answer<Access> {
    let app = AppClient::read(reader, pool_id, claims.text("client_id").unwrap_or_default());
    let app = otherwise(app, &TOKEN_INVALID)?;
    let name = user::key(&app.pool, claims.text("username").unwrap_or_default());
    let user: Option<User> = reader.get(USERS, &app.pool_id, &name)?;
    let Some(user) = user.filter(|user| user.attribute("sub") == claims.text("sub")) else {
        return NO_USER.refuse();
    };
    let issued = claims.text("jti").and_then(identifier::time_of).unwrap_or_default();
    let origin = claims.text("origin_jti").unwrap_or_default();
    if issued <= user.signed_out || one_time::is_revoked(reader, &app.pool_id, origin)? {
        return TOKEN_REVOKED.refuse();
    }
    if !user.is_enabled() {
        return DISABLED.refuse();
    }
    Ok(Access { app, user, claims })
}

/// The bearer of the request's access token, who may do what users do with themselves.
pub(crate) fn access(call: &Call, vault: &Vault) -> Answer<Access> {
    let verified = verified(call, vault, call.text("AccessToken"))?;
    let access = vault.read(|reader| bearer(reader, verified));
    let access = access.map_err(|refusal| if refusal.code == NO_USER.code { call.no_bearer() } else { refusal })?;
    let scopes = access.claims.text("scope").unwrap_or_default();
    if !scopes.split(' ').any(|scope| scope == SELF) {
        return SCOPE_MISSING.refuse();
    }
    Ok(access)
}
