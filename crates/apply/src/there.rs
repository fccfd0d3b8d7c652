//! What Cognito has already by the name of something that is about to be made.

use std::collections::BTreeMap;

use poolform_core::kinds::Kind;
use poolform_core::{Address, setting};
use poolform_model::{Cognito, Object};
use serde_json::{Value as Json, json};

use crate::observe::{LookError, look, pages};

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

fn identity(kind: &Kind, pool: &str, name: &str) -> BTreeMap<String, String> {
    let of = |member: &str| if member == "UserPoolId" { pool.to_owned() } else { name.to_owned() };
    kind.identity.iter().map(|(member, _)| ((*member).to_owned(), of(member))).collect()
}
