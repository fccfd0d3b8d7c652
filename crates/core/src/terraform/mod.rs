//! What Terraform calls the parts of a pool: resource types, addresses in its state, and the ids that they are imported by.

pub mod block;
pub mod resources;
pub mod schema;

use std::collections::BTreeMap;

use crate::address::call_of;
use crate::kinds::{KINDS, Kind};
use crate::resource::{Address, Recorded};

/// What types of poolform's provider begin with.
const OWN: &str = "poolform_user_pool";

/// The resource type of a kind in poolform's provider.
pub fn own_type(kind: &Kind) -> String {
    if kind.is_pool() { OWN.to_owned() } else { format!("{OWN}_{}", kind.segment) }
}

/// The resource type of a kind in the AWS provider.
pub fn aws_type(kind: &Kind) -> &'static str {
    kind.terraform.aws_type
}

/// The kind of a resource type of either provider.
pub fn kind_of_type(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| aws_type(kind) == name || own_type(kind) == name)
}

/// The member that names one within its pool, or by itself: the last.
fn last_member(kind: &Kind) -> &'static str {
    kind.identity.last().map_or("", |(member, _)| *member)
}

fn joined(kind: &Kind, separator: Option<char>, identity: &BTreeMap<String, String>) -> String {
    let of = |member: &str| identity.get(member).map_or("", String::as_str);
    let (pool, last) = (of("UserPoolId"), of(last_member(kind)));
    match separator {
        None => last.to_owned(),
        // What is of the whole pool has no other name.
        Some(_) if last.is_empty() => pool.to_owned(),
        Some(separator) => format!("{pool}{separator}{last}"),
    }
}

/// The id of a resource, as the AWS provider makes it.
pub fn id(kind: &Kind, identity: &BTreeMap<String, String>) -> String {
    joined(kind, kind.terraform.id, identity)
}

/// The id that a resource is imported by, as the AWS provider takes it.
pub fn import_id(kind: &Kind, identity: &BTreeMap<String, String>) -> String {
    joined(kind, kind.terraform.import, identity)
}

/// The identity in an id to import, as the AWS provider takes it. None for anything else; the pool of what is imported by
/// its own name alone is not part of it and is left empty.
pub fn identity_of_import(kind: &Kind, id: &str) -> Option<BTreeMap<String, String>> {
    let (pool, name) = match kind.terraform.import {
        Some(separator) if kind.is_told_of_all_by_none() && !id.contains(separator) && !id.is_empty() => {
            return Some(BTreeMap::from([("UserPoolId".to_owned(), id.to_owned())]));
        }
        Some(separator) => id.split_once(separator).filter(|(pool, _)| !pool.is_empty())?,
        None => ("", id),
    };
    let mut identity = BTreeMap::from([("UserPoolId".to_owned(), pool.to_owned())]);
    identity.insert(last_member(kind).to_owned(), name.to_owned());
    (!name.is_empty()).then_some(identity)
}

/// The block that takes a part over which is there.
pub fn import_block(address: &str, kind: &Kind, identity: &BTreeMap<String, String>) -> String {
    let id = crate::resource::quoted(&import_id(kind, identity));
    format!("import {{\n  to = {address}\n  id = {id}\n}}")
}

/// The part of a pool that an address names: the call, the kind and the key, in poolform's own spelling
/// (`module.pool.client["web"]`), the original module's, or that of poolform's Terraform module
/// (`module.pool.poolform_user_pool_client.client["web"]`). None for anything else.
fn part_of(address: &str) -> Option<(&str, &'static Kind, String)> {
    let call = call_of(address);
    let rest = address.strip_prefix(call).filter(|_| !call.is_empty())?;
    let Some(rest) = rest.strip_prefix('.') else {
        return rest.is_empty().then(|| (call, KINDS[0], String::new()));
    };
    let (name, key) = rest.split_once('[').map_or((rest, None), |(name, key)| (name, Some(key)));
    let ty = name.split('.').next().unwrap_or(name);
    let of_type =
        |kind: &&&'static Kind| aws_type(kind) == ty || own_type(kind) == ty || !ty.is_empty() && kind.segment == ty;
    let kind = *KINDS.iter().find(of_type)?;
    // A key is a text as Terraform quotes it; instances by number are singles.
    let text = key.and_then(|key| serde_json::from_str::<String>(key.strip_suffix(']')?).ok()).unwrap_or_default();
    let text = text.replace("$${", "${").replace("%%{", "%{");
    Some((call, kind, kind.registered_name(&text)))
}

/// An address in poolform's own spelling: `module.pool.client["web"]` for
/// `module.pool.aws_cognito_user_pool_client.client["web"]`. What is no part of a pool stays as it is written.
pub fn own_address(address: &str) -> Address {
    match part_of(address) {
        // A resource as a whole: every instance of it.
        Some((call, kind, key)) if key.is_empty() && !kind.key.is_empty() => format!("{call}.{}", kind.segment),
        Some((call, kind, key)) => kind.address(call, &key),
        None => address.to_owned(),
    }
}

/// What an `import` block takes over: the original's address, poolform's own, or that of its module, and the id that the
/// AWS provider's resource is imported by. None for anything that is no part of a pool.
pub fn from_import(to: &str, id: &str) -> Option<(Address, Recorded)> {
    let (call, kind, key) = part_of(to)?;
    let identity = identity_of_import(kind, id)?;
    // What is told apart by its own name has it in its address, whatever the key.
    let key = identity.get(kind.key).cloned().unwrap_or(key);
    (kind.key.is_empty() || !key.is_empty())
        .then(|| (kind.address(call, &key), Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_import_blocks_of_every_kind_in_every_spelling() {
        let names = [
            ("UserPool", "", "", "us-east-1_a"),
            ("Client", "client[\"web\"]", "client.client[\"web\"]", "us-east-1_a/c1"),
            ("Domain", "domain", "domain.domain[0]", "orders"),
            (
                "ResourceServer",
                "resource_server[\"https://x\"]",
                "r.resource_server[\"https://x\"]",
                "us-east-1_a|https://x",
            ),
            ("Group", "group[\"staff\"]", "g.group[\"staff\"]", "us-east-1_a/staff"),
            (
                "IdentityProvider",
                "identity_provider[\"Google\"]",
                "i.identity_provider[\"Google\"]",
                "us-east-1_a:Google",
            ),
        ];
        for (kind, own, rest, id) in names {
            let kind = crate::kinds::kind(kind).unwrap();
            let address = if own.is_empty() { "module.pool".to_owned() } else { format!("module.pool.{own}") };
            let rest = rest.split_once('.').map_or("user_pool[0]", |(_, rest)| rest);
            let spellings = [
                address.clone(),
                format!("module.pool.{}.{rest}", aws_type(kind)),
                format!("module.pool.{}.{rest}", own_type(kind)),
            ];
            for to in spellings {
                let (found, recorded) = from_import(&to, id).unwrap_or_else(|| panic!("{to}"));
                assert_eq!((&found, recorded.kind.as_str()), (&address, kind.name), "{to}");
                assert_eq!(import_id(kind, &recorded.identity), id, "{to}");
                assert_eq!(own_address(&to), address);
            }
        }
        assert_eq!(from_import("module.pool.aws_lambda_function.f", "f"), None);
        assert_eq!(from_import("module.pool.aws_cognito_user_pool_client.client[\"web\"]", "c1"), None);
        assert_eq!(own_address("module.pool.aws_cognito_user_pool_client.client"), "module.pool.client");
        assert_eq!(own_address("aws_cognito_user_pool.main"), "aws_cognito_user_pool.main");
    }
}
