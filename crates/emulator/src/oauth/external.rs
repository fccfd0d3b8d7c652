//! Users whom an identity provider vouches for: made at their first sign-in, kept up to date at each further one.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, DISABLED, EXTERNAL_REQUIRED, EXTERNAL_SUBJECT, EXTERNAL_TAKEN, NO_USER};
use crate::kept::group;
use crate::kept::identity_provider::Provider;
use crate::kept::shelf::{MEMBERSHIPS, USERS};
use crate::kept::store::Reader;
use crate::kept::user::{EXTERNAL, User, keep, key, record, verified_flag};
use crate::operations::sign_in;
use crate::outside::effects::Effects;
use crate::outside::sign_up_events::{post_confirmation, take_verified};
use crate::outside::trigger::{self, Event};
use crate::rules::app_client::AppClient;
use crate::rules::attributes::{self, check_mutable};
use crate::rules::call::Call;

/// The user for whom the provider gave these claims.
pub(crate) fn enter(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    provider: &Provider,
    claims: &Object,
) -> Answer<User> {
    let given = mapped(provider, claims);
    let subject = given.iter().find(|(name, _)| name == "username").map(|(_, value)| value.clone());
    let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
        return Err(EXTERNAL_SUBJECT.with(&[text(provider, "ProviderName")]));
    };
    let entries: Vec<Json> = given
        .iter()
        .filter(|(name, _)| name != "username")
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect();
    let attributes = attributes::check(&app.pool, &entries)?;
    // `azure_` and the subject in lower case where the pool does not tell cases apart [ListUsers.2021-05.federated].
    let name = format!("{}_{subject}", text(provider, "ProviderName"));
    match effects.read(|reader| known(reader, app, &name))? {
        Some(user) => again(call, effects, app, &user, &attributes),
        None => first(call, effects, app, provider, &key(&app.pool, &name), &subject, attributes),
    }
}

/// The user of a provider that has a name. Somebody who signed up under such a name is not the one whom the provider knows,
/// and has a password: refused. Nor is an alias one.
fn known(reader: &dyn Reader, app: &AppClient, name: &str) -> Answer<Option<User>> {
    let found: Option<User> = reader.get(USERS, &app.pool_id, &key(&app.pool, name))?;
    match found {
        Some(user) if user.status() != EXTERNAL => Err(EXTERNAL_TAKEN.with(&[user.name()])),
        found => Ok(found),
    }
}

fn text<'a>(provider: &'a Provider, name: &str) -> &'a str {
    provider.answer.text(name).unwrap_or_default()
}

/// Attributes by the provider's AttributeMapping. A list becomes `[A, B]` [event.TokenGeneration_HostedAuth.2021-03.saml].
fn mapped(provider: &Provider, claims: &Object) -> Vec<(String, String)> {
    fn words(value: &Json) -> Option<String> {
        match value {
            Json::Null => None,
            Json::String(text) => Some(text.clone()),
            Json::Array(items) => Some(format!("[{}]", items.iter().filter_map(words).collect::<Vec<_>>().join(", "))),
            // The claim of an address (OpenID Connect Core 5.1.1).
            Json::Object(members) => members.text("formatted").map(str::to_owned),
            other => Some(other.to_string()),
        }
    }
    let mapping = provider.answer.object("AttributeMapping");
    mapping
        .into_iter()
        .flatten()
        .filter_map(|(attribute, claim)| Some((attribute.clone(), words(claims.get(claim.as_str()?)?)?)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// A new user: PreSignUp and PostConfirmation are asked instead of the triggers of a sign-in
/// [event.PreAuthentication_Authentication.2021-01.federated].
fn first(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    provider: &Provider,
    name: &str,
    subject: &str,
    attributes: Vec<(String, String)>,
) -> Answer<User> {
    let has = |name: &str| attributes.iter().any(|(found, _)| found == name);
    let missing: Vec<&str> = attributes::required(&app.pool).filter(|name| !has(name)).collect();
    if !missing.is_empty() {
        return Err(EXTERNAL_REQUIRED.with(&[&missing.join(", ")]));
    }
    let place = (app.pool_id.as_str(), &app.pool);
    let mut shown: Object = [("cognito:email_alias", ""), ("cognito:phone_number_alias", "")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    shown.extend(attributes.iter().map(|(name, value)| (name.clone(), json!(value))));
    let event = Event {
        pool: place,
        source: "PreSignUp_ExternalProvider".to_owned(),
        user: name,
        request: json!({"userAttributes": shown, "validationData": {}}),
        response: json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        version: "1",
    };
    let response = effects.ask(call, event)?;
    let identity = json!([{
        "userId": subject,
        "providerName": text(provider, "ProviderName"),
        "providerType": text(provider, "ProviderType"),
        "issuer": null,
        "primary": true,
        "dateCreated": call.now,
    }]);
    let own = [("sub", identifier::sub(call.region)), ("identities", identity.to_string())];
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    // Not verified unless the provider says so [ListUsers.2021-05.federated].
    let flag = verified_flag("email");
    let unverified = (!has(&flag) && has("email")).then(|| (flag, "false".to_owned()));
    let list = own.chain(unverified).chain(attributes.iter().cloned());
    let mut user = record(call.now, name, list.collect(), EXTERNAL);
    if let Some(response) = response {
        // Aliases of theirs are nobody's, so none moves.
        take_verified(&mut user, &response);
    }
    // The group that the provider brought along.
    let group = group::key(&group::of_provider(&app.pool_id, text(provider, "ProviderName")));
    user.groups.push(group.clone());
    effects.transact(call, |transaction| {
        // Two browsers may come at once.
        if let Some(there) = known(transaction.reader(), app, name)? {
            return Ok(there);
        }
        let own = key(&app.pool, name);
        transaction.put(MEMBERSHIPS, &app.pool_id, &group::membership(&group, &own), &own)?;
        keep(transaction, place, None, &user)?;
        transaction.ask_after(call, post_confirmation(place, &user, "ConfirmSignUp"))?;
        Ok(user.clone())
    })
}

/// A user who was here before, with what the provider says now.
fn again(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    known: &User,
    attributes: &[(String, String)],
) -> Answer<User> {
    let expect = |user: &User| -> Answer<Vec<(String, String)>> {
        if !user.is_enabled() {
            return DISABLED.refuse();
        }
        let changed = attributes.iter().filter(|(name, value)| user.attribute(name) != Some(value));
        let changed: Vec<(String, String)> = changed.cloned().collect();
        check_mutable(&app.pool, changed.iter().map(|(name, _)| name))?;
        Ok(changed)
    };
    expect(known)?;
    let request = json!({"userAttributes": trigger::attributes(&app.pool, known), "validationData": {}});
    sign_in::ask_authentication(call, effects, app, known, "PreAuthentication_Authentication", request)?;
    let place = (app.pool_id.as_str(), &app.pool);
    let user = effects.transact(call, |transaction| {
        let Some(before) = self::known(transaction.reader(), app, known.name())? else {
            return NO_USER.refuse();
        };
        let changed = expect(&before)?;
        if changed.is_empty() {
            return Ok(before);
        }
        let mut user = before.clone();
        for (name, value) in &changed {
            user.set_attribute(name, value);
        }
        user.touch(call.now);
        keep(transaction, place, Some(&before), &user)?;
        Ok(user)
    })?;
    let request = json!({"userAttributes": trigger::attributes(&app.pool, &user), "newDeviceUsed": false});
    sign_in::ask_authentication(call, effects, app, &user, "PostAuthentication_Authentication", request)?;
    Ok(user)
}
