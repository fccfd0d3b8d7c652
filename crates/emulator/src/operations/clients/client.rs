//! App clients: CreateUserPoolClient, DescribeUserPoolClient, UpdateUserPoolClient, DeleteUserPoolClient,
//! ListUserPoolClients.
//!
//! Cannot change in place: ClientId, having a secret or not (service rules C3). What an update leaves out is reset, but
//! for the name [UpdateUserPoolClient.2025-07.reset].

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, in_model_order, is_empty, only};
use crate::forms::refusal::{Answer, NO_SECRETS_MANAGER, SECRET_TWICE};
use crate::forms::{hash_order, identifier};
use crate::kept::client::{Client, Secret};
use crate::kept::paging;
use crate::kept::shelf::{CLIENT_POOLS, CLIENTS};
use crate::kept::store::{Reader, Writer};
use crate::operations::{branding, threat_protection};
use crate::rules::call::Call;
use crate::rules::client as client_rules;
use crate::rules::omission::Omitted::{self, Keeps, Resets};
use crate::rules::quota::expect_room;

/// A member of CreateUserPoolClient and UpdateUserPoolClient.
struct Member {
    name: &'static str,
    /// What an update that leaves it out does.
    omitted: Omitted,
    /// What the service fills in, as JSON; empty when nothing.
    default: &'static str,
    /// Whether it is a set, whose order the service does not keep.
    set: bool,
}

const fn member(name: &'static str, default: &'static str) -> Member {
    Member { name, omitted: Resets, default, set: false }
}

const fn set(name: &'static str) -> Member {
    Member { name, omitted: Resets, default: "", set: true }
}

/// The members that an update can carry; defaults of [CreateUserPoolClient.2024-11] and the others since.
const MEMBERS: &[Member] = &[
    Member { name: "ClientName", omitted: Keeps, default: "", set: false },
    member("RefreshTokenValidity", "30"),
    member("AccessTokenValidity", ""),
    member("IdTokenValidity", ""),
    member("TokenValidityUnits", "{}"),
    set("ReadAttributes"),
    set("WriteAttributes"),
    set("ExplicitAuthFlows"),
    set("SupportedIdentityProviders"),
    set("CallbackURLs"),
    set("LogoutURLs"),
    member("DefaultRedirectURI", ""),
    set("AllowedOAuthFlows"),
    set("AllowedOAuthScopes"),
    member("AllowedOAuthFlowsUserPoolClient", "false"),
    member("AnalyticsConfiguration", ""),
    member("PreventUserExistenceErrors", ""),
    member("EnableTokenRevocation", "true"),
    member("EnablePropagateAdditionalUserContextData", "false"),
    member("AuthSessionValidity", "3"),
    member("RefreshTokenRotation", ""),
];

/// The order in which an answer shows sets.
#[derive(Clone, Copy)]
enum Shown {
    /// In answer to a request that sent them: in Java's hash order [CreateUserPoolClient.2024-12].
    AtOnce,
    /// Read back later: sorted [DescribeUserPoolClient.2025-08.secret].
    Later,
}

/// A client as an answer shows it.
fn shown(mut client: Client, when: Shown) -> Json {
    for member in MEMBERS.iter().filter(|member| member.set) {
        let Some(Json::Array(items)) = client.answer.get_mut(member.name) else { continue };
        let mut texts: Vec<String> = items.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        texts = match when {
            Shown::AtOnce => hash_order::ordered(texts),
            Shown::Later => {
                texts.sort_unstable();
                texts
            }
        };
        *items = texts.into_iter().map(Json::from).collect();
    }
    if let (Some(secret), false) = (client.secrets.first(), client.rotated) {
        client.answer.insert("ClientSecret".to_owned(), json!(secret.value));
    }
    Json::Object(in_model_order("UserPoolClientType", client.answer))
}

/// Refuses what is another service's.
fn check_publishing(call: &Call) -> Answer<()> {
    if call.body.flag("PublishSecretsInAWSSecretsManager") == Some(true) { NO_SECRETS_MANAGER.refuse() } else { Ok(()) }
}

/// CreateUserPoolClient
pub(crate) fn create(call: &Call, writer: &mut Writer) -> Answer {
    check_publishing(call)?;
    let pool = call.pool(writer.reader())?;
    let mut client = Client { answer: Object::new(), secrets: Vec::new(), rotated: false };
    for member in MEMBERS {
        match sent(call.body, member) {
            Some(value) => insert(&mut client.answer, member, value),
            None => fill_in(&mut client.answer, member),
        }
    }
    complete(&mut client.answer);
    let id = identifier::client();
    let given = call.body.text("ClientSecret");
    let generate = call.body.flag("GenerateSecret") == Some(true);
    if generate && given.is_some() {
        return SECRET_TWICE.refuse();
    }
    if generate || given.is_some() {
        let value = given.map_or_else(identifier::secret, str::to_owned);
        client.secrets.push(Secret::new(&id, value, call.now));
    }
    client_rules::check(writer.reader(), &pool, &client, "creating")?;
    let count = writer.reader().count(CLIENTS, call.pool_id())? + 1;
    expect_room(count, call.quotas.clients, "app clients in a user pool")?;
    for (name, value) in [
        ("UserPoolId", json!(call.pool_id())),
        ("ClientId", json!(id)),
        ("LastModifiedDate", call.stamp()),
        ("CreationDate", call.stamp()),
    ] {
        client.answer.insert(name.to_owned(), value);
    }
    writer.put(CLIENTS, call.pool_id(), &id, &client)?;
    writer.put(CLIENT_POOLS, "", &id, &call.pool_id())?;
    Ok(only("UserPoolClient", shown(client, Shown::AtOnce)))
}

/// DescribeUserPoolClient
pub(crate) fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    Ok(only("UserPoolClient", shown(call.named_client(reader)?, Shown::Later)))
}

/// UpdateUserPoolClient
pub(crate) fn update(call: &Call, writer: &mut Writer) -> Answer {
    check_publishing(call)?;
    let pool = call.pool(writer.reader())?;
    let mut client = call.named_client(writer.reader())?;
    for member in MEMBERS {
        let given = call.body.contains_key(member.name);
        match sent(call.body, member) {
            Some(value) => insert(&mut client.answer, member, value),
            None if !given && (call.omission.keeps(member.omitted) || member.name == "ClientName") => {}
            None => {
                client.answer.shift_remove(member.name);
                fill_in(&mut client.answer, member);
            }
        }
    }
    complete(&mut client.answer);
    client_rules::check(writer.reader(), &pool, &client, "updating")?;
    client.answer.insert("LastModifiedDate".to_owned(), call.stamp());
    writer.put(CLIENTS, call.pool_id(), call.text("ClientId"), &client)?;
    Ok(only("UserPoolClient", shown(client, Shown::AtOnce)))
}

/// DeleteUserPoolClient
pub(crate) fn delete(call: &Call, writer: &mut Writer) -> Answer {
    call.named_client(writer.reader())?;
    writer.remove(CLIENTS, call.pool_id(), call.text("ClientId"))?;
    writer.remove(CLIENT_POOLS, "", call.text("ClientId"))?;
    branding::forget_client(writer, call.pool_id(), call.text("ClientId"))?;
    threat_protection::forget_client(writer, call.pool_id(), call.text("ClientId"))?;
    Ok(Object::new())
}

/// ListUserPoolClients: ids and names only [ListUserPoolClients.2025-06].
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    // Clients that registered themselves are not built, so there are none of that type.
    let registered = call.body.text("ClientType") == Some("DCR");
    let (clients, token) = paging::filtered::<Client>(
        reader,
        CLIENTS,
        call.pool_id(),
        call.limit("MaxResults", 60),
        call.body.text("NextToken"),
        |_| true,
        |_| !registered,
    )?;
    let shown =
        clients.into_iter().map(|client| Json::Object(in_model_order("UserPoolClientDescription", client.answer)));
    let mut answer = only("UserPoolClients", shown.collect::<Vec<Json>>());
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(answer)
}

/// The value that was sent, when it says anything.
fn sent<'a>(body: &'a Object, member: &Member) -> Option<&'a Json> {
    body.member(member.name).filter(|value| !is_empty(value) || !member.default.is_empty())
}

/// Keeps a value; a set without repetitions.
fn insert(answer: &mut Object, member: &Member, value: &Json) {
    let mut value = value.clone();
    if let (true, Json::Array(items)) = (member.set, &mut value) {
        let mut unique: Vec<Json> = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            if !unique.contains(&item) {
                unique.push(item);
            }
        }
        *items = unique;
    }
    answer.insert(member.name.to_owned(), value);
}

fn fill_in(answer: &mut Object, member: &Member) {
    if let Ok(value) = serde_json::from_str::<Json>(member.default) {
        answer.insert(member.name.to_owned(), value);
    }
}

/// A refresh token cannot live for no time: 0 stands for the default of 30 days (API reference).
fn complete(answer: &mut Object) {
    if answer.number("RefreshTokenValidity") == Some(0) {
        answer.insert("RefreshTokenValidity".to_owned(), json!(30));
        if let Some(Json::Object(units)) = answer.get_mut("TokenValidityUnits") {
            units.shift_remove("RefreshToken");
        }
    }
}
