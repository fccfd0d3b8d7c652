//! Pools with given ids, from a file.

use std::fmt;

use poolform_model::{Constraint, Object, Refusal, shape, violations};
use serde_json::{Value as Json, json};

use crate::emulator::options::Options;
use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::forms::{clock, identifier};
use crate::kept::client::{Client, Secret};
use crate::kept::group::{self, Group};
use crate::kept::identity_provider::Provider;
use crate::kept::pool::{Factors, Pool};
use crate::kept::resource_server::ResourceServer;
use crate::kept::shelf::{CLIENT_POOLS, CLIENTS, DOMAINS, GROUPS, IDENTITY_PROVIDERS, RESOURCE_SERVERS, USER_POOLS};
use crate::kept::store::{Store, Writer};
use crate::kept::{domain, user};
use crate::operations::pools::pool as user_pool;
use crate::rules::schema;
use crate::rules::validation::path;

/// Why a seed was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedError {
    /// Where in the file: `[0].clients[1].ClientName`.
    pub at: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.reason)
    }
}

impl std::error::Error for SeedError {}

/// The members of an entry, and the shape of each in the model. `pool` is the one that must be there.
const PARTS: &[(&str, &str)] = &[
    ("pool", "UserPoolType"),
    ("mfa", "GetUserPoolMfaConfigResponse"),
    ("domain", "DomainDescriptionType"),
    ("clients", "UserPoolClientType"),
    ("resource_servers", "ResourceServerType"),
    ("groups", "GroupType"),
    ("identity_providers", "IdentityProviderType"),
    ("users", "UserType"),
];

/// What each pool needs beyond the API's answer when the file is of another emulator.
const NEEDED: &[(&str, &str)] = &[
    ("DeletionProtection", r#""INACTIVE""#),
    ("LambdaConfig", "{}"),
    ("MfaConfiguration", r#""OFF""#),
    ("EmailConfiguration", r#"{"EmailSendingAccount":"COGNITO_DEFAULT"}"#),
    ("AdminCreateUserConfig", r#"{"AllowAdminCreateUserOnly":false}"#),
    ("UserAttributeUpdateSettings", r#"{"AttributesRequireVerificationBeforeUpdate":[]}"#),
    ("UserPoolTier", r#""ESSENTIALS""#),
    ("KeyConfiguration", r#"{"KeyType":"AWS_OWNED_KEY"}"#),
    ("IssuerConfiguration", r#"{"Type":"ORIGINAL"}"#),
];

/// Loads all of it, or nothing.
pub(crate) fn load(store: &Store, options: &Options, json: &Json) -> Result<usize, SeedError> {
    let entries = match json {
        Json::Array(entries) => entries.iter().collect(),
        Json::Object(_) => vec![json],
        _ => return Err(SeedError { at: "the seed".to_owned(), reason: "expected a list of pools".to_owned() }),
    };
    let mut entries: Vec<Json> = entries.into_iter().cloned().collect();
    for (position, entry) in entries.iter_mut().enumerate() {
        check(entry, &format!("[{position}]"))?;
    }
    let mut loaded = 0;
    let mut refused_at = String::new();
    store
        .write(|writer| {
            for (position, entry) in entries.iter().enumerate() {
                refused_at = format!("[{position}]");
                loaded += usize::from(keep(writer, options, entry)?);
            }
            Ok(())
        })
        .map_err(|refusal: Refusal| SeedError { at: refused_at.clone(), reason: refusal.message })?;
    Ok(loaded)
}

/// Dates to numbers, and everything against the model.
fn check(entry: &mut Json, at: &str) -> Result<(), SeedError> {
    let fail = |at: String, reason: &str| Err(SeedError { at, reason: reason.to_owned() });
    let Json::Object(parts) = entry else { return fail(at.to_owned(), "expected an object") };
    if parts.object("pool").and_then(|pool| pool.text("Id")).is_none() {
        return fail(format!("{at}.pool.Id"), "missing");
    }
    for (name, part) in parts.iter_mut() {
        let at = format!("{at}.{name}");
        let Some((_, shape_name)) = PARTS.iter().find(|(known, _)| known == name) else {
            return fail(at, "not a part of a pool's seed");
        };
        match part {
            Json::Array(items) => {
                for (position, item) in items.iter_mut().enumerate() {
                    check_part(item, shape_name, &format!("{at}[{position}]"))?;
                }
            }
            Json::Null => {}
            one => check_part(one, shape_name, &at)?,
        }
    }
    Ok(())
}

fn check_part(part: &mut Json, shape_name: &str, at: &str) -> Result<(), SeedError> {
    let Json::Object(members) = part else {
        return Err(SeedError { at: at.to_owned(), reason: "expected an object".to_owned() });
    };
    for (name, value) in members.iter_mut() {
        if name.ends_with("Date") {
            let Some(moment) = clock::read(value) else {
                return Err(SeedError { at: format!("{at}.{name}"), reason: "not a date".to_owned() });
            };
            *value = clock::stamp(moment);
        }
    }
    let Some(shape) = shape(shape_name) else { return Ok(()) };
    // Ids and texts of other emulators may be longer than the service's; types and names must be right.
    let broken = violations(shape, part)
        .into_iter()
        .find(|violation| matches!(violation.constraint, Constraint::Unknown | Constraint::Type(_)));
    match broken {
        Some(violation) => {
            Err(SeedError { at: format!("{at}.{}", path(&violation.path)), reason: violation.constraint.to_string() })
        }
        None => Ok(()),
    }
}

/// Writes one pool with its parts; false when it is there already.
fn keep(writer: &mut Writer, options: &Options, entry: &Json) -> Answer<bool> {
    let Some(given) = entry.member("pool").and_then(Json::as_object) else { return Ok(false) };
    let id = given.text("Id").unwrap_or_default().to_owned();
    if writer.reader().bytes(USER_POOLS, "", &id)?.is_some() {
        return Ok(false);
    }
    let mut pool = pool(options, given, entry.member("mfa").and_then(Json::as_object))?;
    if let Some(domain) = entry.member("domain").and_then(Json::as_object) {
        let mut answer = domain.clone();
        let name = answer.text("Domain").unwrap_or_default().to_owned();
        // One member or the other: other emulators show a custom domain as a prefix.
        pool.answer.shift_remove("Domain");
        pool.answer.insert(Pool::domain_member(domain::is_custom(&answer)).to_owned(), json!(name));
        answer.insert("AWSAccountId".to_owned(), json!(options.account));
        answer.insert("UserPoolId".to_owned(), json!(id));
        let scope = domain::scope(&name, identifier::region_of(&id));
        writer.put(DOMAINS, scope, &name, &domain::seeded(answer))?;
    }
    for client in parts(entry, "clients") {
        let mut answer = client.clone();
        let name = answer.text("ClientId").unwrap_or_default().to_owned();
        let created = answer.member("CreationDate").and_then(clock::read).unwrap_or_else(|| options.clock.now());
        let secret = answer.shift_remove("ClientSecret");
        let secrets = secret.as_ref().and_then(Json::as_str).map(|value| Secret::new(&name, value.to_owned(), created));
        dated(&mut answer, created);
        answer.insert("UserPoolId".to_owned(), json!(id));
        writer.put(CLIENTS, &id, &name, &Client { answer, secrets: secrets.into_iter().collect(), rotated: false })?;
        writer.put(CLIENT_POOLS, "", &name, &id)?;
    }
    for server in parts(entry, "resource_servers") {
        let name = server.text("Identifier").unwrap_or_default().to_owned();
        writer.put(RESOURCE_SERVERS, &id, &name, &ResourceServer { answer: server.clone() })?;
    }
    for given in parts(entry, "groups") {
        let mut answer = given.clone();
        dated(&mut answer, options.clock.now());
        answer.insert("UserPoolId".to_owned(), json!(id));
        let key = group::key(answer.text("GroupName").unwrap_or_default());
        writer.put(GROUPS, &id, &key, &Group { answer })?;
    }
    for given in parts(entry, "identity_providers") {
        let mut answer = given.clone();
        dated(&mut answer, options.clock.now());
        answer.insert("UserPoolId".to_owned(), json!(id));
        let name = answer.text("ProviderName").unwrap_or_default().to_owned();
        writer.put(IDENTITY_PROVIDERS, &id, &name, &Provider { answer })?;
    }
    for given in parts(entry, "users") {
        user::keep_seeded(&pool, &id, given.clone(), writer)?;
    }
    writer.put(USER_POOLS, "", &id, &pool)?;
    Ok(true)
}

fn parts<'a>(entry: &'a Json, name: &str) -> impl Iterator<Item = &'a Object> {
    entry.list(name).iter().filter_map(Json::as_object)
}

fn dated(answer: &mut Object, now: i64) {
    for name in ["CreationDate", "LastModifiedDate"] {
        answer.entry(name).or_insert_with(|| clock::stamp(now));
    }
}

/// The pool as the service would hold it: the standard attributes are there, and what is always there is filled in.
fn pool(options: &Options, given: &Object, mfa: Option<&Object>) -> Answer<Pool> {
    let mut answer = given.clone();
    let id = answer.text("Id").unwrap_or_default().to_owned();
    answer.shift_remove("EstimatedNumberOfUsers");
    for (name, default) in NEEDED {
        if !answer.contains_key(*name)
            && let Ok(value) = serde_json::from_str::<Json>(default)
        {
            answer.insert((*name).to_owned(), value);
        }
    }
    if answer.member("UserPoolTags").and_then(Json::as_object).is_some_and(Object::is_empty) {
        answer.shift_remove("UserPoolTags");
    }
    let arn = format!("arn:aws:cognito-idp:{}:{}:userpool/{id}", options.region, options.account);
    answer.entry("Arn").or_insert_with(|| json!(arn));
    dated(&mut answer, options.clock.now());
    let mut attributes = schema::attributes(&[])?;
    for entry in given.list("SchemaAttributes") {
        let name = entry.text("Name").unwrap_or_default();
        match attributes.iter_mut().find(|attribute| attribute.text("Name") == Some(name)) {
            Some(attribute) => *attribute = entry.clone(),
            None => attributes.push(entry.clone()),
        }
    }
    answer.insert("SchemaAttributes".to_owned(), Json::Array(attributes));
    if let Some(Json::Object(policies)) = answer.get_mut("Policies") {
        policies.entry("SignInPolicy").or_insert_with(|| json!({"AllowedFirstAuthFactors": ["PASSWORD"]}));
    } else {
        answer.insert("Policies".to_owned(), user_pool::default_policies());
    }
    user_pool::complete(&mut answer, &Object::new());
    let mut factors = Factors::default();
    if let Some(mfa) = mfa {
        if let Some(mode) = mfa.member("MfaConfiguration") {
            answer.insert("MfaConfiguration".to_owned(), mode.clone());
        }
        let sms = mfa.object("SmsMfaConfiguration");
        factors.sms = sms.is_some();
        for name in ["SmsConfiguration", "SmsAuthenticationMessage"] {
            if let Some(value) = sms.and_then(|sms| sms.member(name)) {
                answer.entry(name).or_insert_with(|| value.clone());
            }
        }
        let token = mfa.object("SoftwareTokenMfaConfiguration");
        factors.software_token = token.and_then(|token| token.flag("Enabled")) == Some(true);
        factors.software_token_set = token.is_some();
        factors.email = mfa.object("EmailMfaConfiguration").cloned();
        factors.passkeys = mfa.object("WebAuthnConfiguration").cloned();
    }
    Ok(Pool { answer, factors, saml_certificate: None })
}
