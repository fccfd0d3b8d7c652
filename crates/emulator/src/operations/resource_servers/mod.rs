//! Resource servers: CreateResourceServer, DescribeResourceServer, UpdateResourceServer, DeleteResourceServer,
//! ListResourceServers.
//!
//! Cannot change in place: Identifier. An update without Scopes removes them (API reference: what is left out is reset).

use std::collections::BTreeSet;

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, is_empty, only};
use crate::forms::refusal::{Answer, NO_SERVER, SCOPE_TWICE, SERVER_EXISTS};
use crate::kept::paging;
use crate::kept::resource_server::ResourceServer;
use crate::kept::shelf::RESOURCE_SERVERS;
use crate::kept::store::{Reader, Writer};
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};
use crate::rules::call::Call;
use crate::rules::omission::Omitted;
use crate::rules::quota::expect_room;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("CreateResourceServer", Write(create)),
    ("DescribeResourceServer", Read(describe)),
    ("UpdateResourceServer", Write(update)),
    ("DeleteResourceServer", Write(delete)),
    ("ListResourceServers", Read(list)),
];

/// CreateResourceServer
fn create(call: &Call, writer: &mut Writer) -> Answer {
    call.expect_pool(writer.reader())?;
    let (pool, identifier) = (call.pool_id(), call.text("Identifier"));
    check_scopes(call)?;
    if writer.reader().bytes(RESOURCE_SERVERS, pool, identifier)?.is_some() {
        return Err(SERVER_EXISTS.with(&[identifier, pool]));
    }
    let count = writer.reader().count(RESOURCE_SERVERS, pool)? + 1;
    expect_room(count, call.quotas.resource_servers, "resource servers in a user pool")?;
    let mut server = ResourceServer { answer: Object::new() };
    for name in ["UserPoolId", "Identifier", "Name", "Scopes"] {
        if let Some(value) = call.body.member(name).filter(|value| !is_empty(value)) {
            server.answer.insert(name.to_owned(), value.clone());
        }
    }
    writer.put(RESOURCE_SERVERS, pool, identifier, &server)?;
    Ok(only("ResourceServer", server.answer))
}

/// DescribeResourceServer
fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    Ok(only("ResourceServer", named(call, reader)?.described()))
}

/// UpdateResourceServer
fn update(call: &Call, writer: &mut Writer) -> Answer {
    let mut server = named(call, writer.reader())?;
    check_scopes(call)?;
    server.answer.insert("Name".to_owned(), json!(call.text("Name")));
    match call.body.member("Scopes") {
        Some(scopes) if !is_empty(scopes) => {
            server.answer.insert("Scopes".to_owned(), scopes.clone());
        }
        None if call.omission.keeps(Omitted::Resets) => {}
        _ => {
            server.answer.shift_remove("Scopes");
        }
    }
    writer.put(RESOURCE_SERVERS, call.pool_id(), call.text("Identifier"), &server)?;
    Ok(only("ResourceServer", server.answer))
}

/// DeleteResourceServer. Clients keep its scopes, and their next change is refused (G1).
fn delete(call: &Call, writer: &mut Writer) -> Answer {
    named(call, writer.reader())?;
    writer.remove(RESOURCE_SERVERS, call.pool_id(), call.text("Identifier"))?;
    Ok(Object::new())
}

/// ListResourceServers
fn list(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let (servers, token) = paging::page::<ResourceServer>(
        reader,
        RESOURCE_SERVERS,
        call.pool_id(),
        call.limit("MaxResults", 50),
        call.body.text("NextToken"),
    )?;
    let mut answer = only("ResourceServers", servers.into_iter().map(ResourceServer::described).collect::<Vec<Json>>());
    if let Some(token) = token {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(answer)
}

fn named(call: &Call, reader: &dyn Reader) -> Answer<ResourceServer> {
    call.expect_pool(reader)?;
    let identifier = call.text("Identifier");
    reader.get(RESOURCE_SERVERS, call.pool_id(), identifier)?.ok_or_else(|| NO_SERVER.with(&[identifier]))
}

fn check_scopes(call: &Call) -> Answer<()> {
    let mut names = BTreeSet::new();
    for scope in call.body.list("Scopes") {
        let name = scope.text("ScopeName").unwrap_or_default();
        if !names.insert(name) {
            return Err(SCOPE_TWICE.with(&[name]));
        }
    }
    Ok(())
}
