//! What Cognito has already by the name of something that is about to be made.

use std::collections::BTreeMap;

use poolform_core::kinds::Kind;
use poolform_core::{Address, setting};
use poolform_model::{Cognito, Object, Request};
use serde_json::{Value as Json, json};

use crate::observe::{GONE, LookError, look, pages};

/// Something that is about to be made.
#[derive(Clone, Debug)]
pub struct Coming<'a> {
    /// Its address.
    pub address: &'a str,
    /// Its kind.
    pub kind: &'static Kind,
    /// The id of its pool; None while that is to be made too.
    pub pool: Option<&'a str>,
    /// What it will be called.
    pub name: &'a str,
}

/// What has the name of each already, by the members that name it: several where names are not unique. Names of one kind in
/// one pool are asked for by one list, a single one by itself; nothing is asked about parts of a pool that is to be made,
/// but for domains, whose names are everybody's.
pub fn there_already(
    cognito: &dyn Cognito,
    coming: &[Coming<'_>],
) -> Result<BTreeMap<Address, Vec<BTreeMap<String, String>>>, LookError> {
    let mut found: BTreeMap<Address, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    let mut groups: BTreeMap<(&str, &str), Vec<&Coming<'_>>> = BTreeMap::new();
    for each in coming {
        if each.kind.name_is_everybodys {
            let asked = BTreeMap::from([(each.kind.name_setting().to_owned(), each.name.to_owned())]);
            if let Some(seen) = look(cognito, each.address, each.kind, &asked)? {
                let pool = setting::get(&seen.answer, "UserPoolId").as_str().unwrap_or_default();
                found.entry(each.address.to_owned()).or_default().push(identity(each.kind, pool, each.name));
            }
        } else if let Some(pool) = each.pool {
            groups.entry((pool, each.kind.name)).or_default().push(each);
        }
    }
    for ((pool, _), group) in groups {
        let kind = group[0].kind;
        if let ([one], true) = (group.as_slice(), kind.namesakes.is_none()) {
            let asked = identity(one.kind, pool, one.name);
            if let Some(seen) = look(cognito, one.address, one.kind, &asked)? {
                // As it is called there, which may differ in letter case.
                let name = setting::get(&seen.answer, one.kind.name_setting()).as_str().unwrap_or(one.name);
                found.entry(one.address.to_owned()).or_default().push(identity(one.kind, pool, name));
            }
            continue;
        }
        let Some(list) = &kind.listed else { continue };
        let body = Object::from_iter([("UserPoolId".to_owned(), json!(pool))]);
        let listed = pages(cognito, group[0].address, list.operation, list.member, (list.limit, list.most), body)?;
        for entry in &listed {
            let text = |member: &str| entry.get(member).and_then(Json::as_str).unwrap_or_default();
            for each in group.iter().filter(|each| kind.same_name(text(kind.name_setting()), each.name)) {
                found.entry(each.address.to_owned()).or_default().push(identity(kind, pool, text(list.name)));
            }
        }
    }
    Ok(found)
}

/// The ids of all that have a name, of a kind whose names are not unique and that is no part of a pool.
pub fn called(cognito: &dyn Cognito, address: &str, kind: &Kind, name: &str) -> Result<Vec<String>, LookError> {
    let Some((operation, member, name_member, id_member)) = kind.namesakes else { return Ok(Vec::new()) };
    // A page has 60 at most (API page of ListUserPools).
    let listed = pages(cognito, address, operation, member, ("MaxResults", 60), Object::new())?;
    let same = listed.iter().filter(|entry| entry[name_member].as_str() == Some(name));
    Ok(same.filter_map(|entry| entry[id_member].as_str().map(str::to_owned)).collect())
}

/// The entries of the list of all of a kind that a pool has; None where the pool is not there.
pub fn listed(cognito: &dyn Cognito, address: &str, kind: &Kind, pool: &str) -> Result<Option<Vec<Json>>, LookError> {
    let Some(list) = &kind.listed else { return Ok(Some(Vec::new())) };
    let body = Object::from_iter([("UserPoolId".to_owned(), json!(pool))]);
    match pages(cognito, address, list.operation, list.member, (list.limit, list.most), body) {
        Ok(entries) => Ok(Some(entries)),
        Err(error) if error.failure.code().is_some_and(|code| GONE.contains(&code)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The certificate by which a pool signs what it asks of SAML providers; None where the pool is not there, or the endpoint
/// has no certificates.
pub fn signing_certificate(cognito: &dyn Cognito, address: &str, pool: &str) -> Result<Option<String>, LookError> {
    const OPERATION: &str = "GetSigningCertificate";
    let body = Object::from_iter([("UserPoolId".to_owned(), json!(pool))]);
    match cognito.call(&Request::new(OPERATION, body).about(address)) {
        Err(failure) if failure.code() == Some("NotImplementedException") => Ok(None),
        Ok(answer) => Ok(answer.get("Certificate").and_then(Json::as_str).map(str::to_owned)),
        Err(failure) if failure.code().is_some_and(|code| GONE.contains(&code)) => Ok(None),
        Err(failure) => Err(LookError { address: address.to_owned(), operation: OPERATION.to_owned(), failure }),
    }
}

fn identity(kind: &Kind, pool: &str, name: &str) -> BTreeMap<String, String> {
    let of = |member: &str| if member == "UserPoolId" { pool.to_owned() } else { name.to_owned() };
    kind.identity.iter().map(|(member, _)| ((*member).to_owned(), of(member))).collect()
}
