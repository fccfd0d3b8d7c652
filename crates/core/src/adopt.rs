//! Taking over what the original module manages: from Terraform's state to what poolform's state remembers.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::kinds::{self, Kind};
use crate::resource::{Address, Recorded, quoted};
use crate::terraform::schema::attribute_of;
use crate::terraform::{aws_type, kind_of_type};

/// A resource instance of the original module in a Terraform state.
#[derive(Clone, Debug)]
pub struct Original {
    /// The address of its module: `module.pool["blue"]`.
    pub module: String,
    /// Its type: `aws_cognito_user_pool_client`.
    pub ty: &'static str,
    /// Its name in the original module, and in poolform's: `client`.
    pub name: &'static str,
    /// Its kind.
    pub kind: &'static Kind,
    /// Its key as Terraform writes it, in brackets: `["web"]`, `[0]`; empty without.
    pub key: String,
    /// Its address in poolform's state: `module.pool.client["web"]`.
    pub address: Address,
    /// What names it.
    pub recorded: Recorded,
}

/// An instance of a resource in a Terraform state.
struct Instance<'s> {
    /// `module.pool["blue"]`; empty in the root.
    module: &'s str,
    ty: &'s Json,
    name: &'s Json,
    index: &'s Json,
    attributes: &'s Json,
}

impl Instance<'_> {
    /// The members that name it in requests; None where one is missing.
    fn identity(&self, kind: &Kind) -> Option<BTreeMap<String, String>> {
        let row = |member: &str| kind.arguments.iter().find(|row| row.api == member);
        let value =
            |member: &str| self.attributes[attribute_of(kind, member)].as_str().filter(|value| !value.is_empty());
        // What may be absent names the whole pool where it is.
        let may_be_absent = |member: &str| row(member).is_some_and(|row| row.id_of.is_some());
        let members = kind.identity.iter().map(|(member, _)| *member);
        members
            .filter(|member| value(member).is_some() || !may_be_absent(member))
            .map(|member| Some((member.to_owned(), value(member)?.to_owned())))
            .collect()
    }

    /// The key as Terraform writes it, in brackets.
    fn key(&self) -> String {
        match self.index {
            Json::Null => String::new(),
            Json::String(key) => format!("[{}]", quoted(key)),
            number => format!("[{number}]"),
        }
    }
}

/// Every managed instance in a Terraform state: the state itself (`terraform.tfstate`, version 4), or what `terraform show
/// -json` prints of it. None for anything else.
fn instances(state: &Json) -> Option<Vec<Instance<'_>>> {
    let mut found = Vec::new();
    if let Some(resources) = state.get("resources").and_then(Json::as_array) {
        for resource in resources.iter().filter(|resource| resource["mode"] == "managed") {
            let module = resource["module"].as_str().unwrap_or_default();
            let (ty, name) = (&resource["type"], &resource["name"]);
            // What a failed replacement left behind is at an address of something else.
            let of_resource = resource["instances"].as_array().into_iter().flatten();
            for instance in of_resource.filter(|instance| instance["deposed"].is_null()) {
                let (index, attributes) = (&instance["index_key"], &instance["attributes"]);
                found.push(Instance { module, ty, name, index, attributes });
            }
        }
    } else {
        let mut open = vec![state.get("values")?.get("root_module")?];
        while let Some(inner) = open.pop() {
            open.extend(inner["child_modules"].as_array().into_iter().flatten());
            let module = inner["address"].as_str().unwrap_or_default();
            let resources = inner["resources"].as_array().into_iter().flatten();
            for resource in
                resources.filter(|resource| resource["mode"] == "managed" && resource["deposed_key"].is_null())
            {
                let (ty, name) = (&resource["type"], &resource["name"]);
                let (index, attributes) = (&resource["index"], &resource["values"]);
                found.push(Instance { module, ty, name, index, attributes });
            }
        }
    }
    Some(found)
}

/// Every resource of the original module that a Terraform state holds: the state itself (`terraform.tfstate`, version 4),
/// or what `terraform show -json` prints of it. None for anything else.
pub fn originals(state: &Json) -> Option<Vec<Original>> {
    let mut found: Vec<Original> = instances(state)?.iter().filter_map(original).collect();
    found.sort_by(|one, other| one.address.cmp(&other.address));
    Some(found)
}

/// What names each resource of a user pool that a Terraform state holds, by Terraform's address. None where it is no state.
pub fn named_in_state(state: &Json) -> Option<BTreeMap<Address, Recorded>> {
    let mut found: BTreeMap<Address, Recorded> = BTreeMap::new();
    for instance in instances(state)? {
        let ty = instance.ty.as_str().unwrap_or_default();
        let (Some(kind), Some(name)) = (kind_of_type(ty), instance.name.as_str()) else { continue };
        if let Some(identity) = instance.identity(kind) {
            let module = if instance.module.is_empty() { String::new() } else { format!("{}.", instance.module) };
            let address = format!("{module}{ty}.{name}{}", instance.key());
            found.insert(address, Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() });
        }
    }
    let pools: BTreeMap<String, Address> = found
        .iter()
        .filter(|(_, recorded)| recorded.kind == kinds::pool().name)
        .filter_map(|(address, recorded)| Some((recorded.identity.get("UserPoolId")?.clone(), address.clone())))
        .collect();
    // A part of a pool that is elsewhere is not planned here.
    found.retain(|_, recorded| {
        let pool = recorded.identity.get("UserPoolId").and_then(|id| pools.get(id));
        recorded.pool = pool.cloned().unwrap_or_default();
        pool.is_some()
    });
    Some(found)
}

fn original(instance: &Instance<'_>) -> Option<Original> {
    let kind = kind_of_type(instance.ty.as_str()?).filter(|_| !instance.module.is_empty())?;
    // Each of its resources is called like its part of an address.
    let name = if kind.is_pool() { POOL } else { kind.segment };
    let identity = instance.identity(kind).filter(|_| *instance.name == *name)?;
    let address = kind.address(instance.module, instance.index.as_str().unwrap_or_default());
    let recorded = Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() };
    let (module, key) = (instance.module.to_owned(), instance.key());
    Some(Original { module, ty: aws_type(kind), name, kind, key, address, recorded })
}

/// What the pool is called in the original module.
const POOL: &str = "user_pool";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_both_forms_of_a_state() {
        let attributes = json!({"id": "c1", "user_pool_id": "us-east-1_a"});
        let own = json!({"version": 4, "resources": [{
            "mode": "managed", "module": "module.pool[\"blue\"]", "type": "aws_cognito_user_pool_client", "name": "client",
            "instances": [
                {"index_key": "web", "attributes": attributes},
                {"index_key": "web", "deposed": "d0", "attributes": attributes},
            ],
        }]});
        let shown = json!({"values": {"root_module": {"child_modules": [{"address": "module.pool[\"blue\"]", "resources": [
            {"mode": "managed", "type": "aws_cognito_user_pool_client", "name": "client", "index": "web", "values": attributes},
            {"mode": "managed", "type": "aws_cognito_user_pool_client", "name": "client", "index": "web",
                "deposed_key": "d0", "values": attributes},
            {"mode": "data", "type": "aws_cognito_user_pool_client", "name": "client", "values": attributes},
        ]}]}}});
        for state in [own, shown] {
            let [found] = originals(&state).unwrap().try_into().unwrap();
            assert_eq!(found.address, "module.pool[\"blue\"].client[\"web\"]");
            assert_eq!((found.module.as_str(), found.key.as_str()), ("module.pool[\"blue\"]", "[\"web\"]"));
            assert_eq!(found.recorded.identity["ClientId"], "c1");
        }
        assert!(originals(&json!({"something": "else"})).is_none());
    }

    #[test]
    fn plain_resources_are_named_by_a_state() {
        let resource = |module: &str, ty: &str, name: &str, index: Json, attributes: Json| {
            json!({"mode": "managed", "module": module, "type": ty, "name": name,
                "instances": [{"index_key": index, "attributes": attributes}]})
        };
        let pool = json!({"id": "eu-west-1_a"});
        let of = |id: &str, more: (&str, &str)| json!({"id": id, "user_pool_id": "eu-west-1_a", more.0: more.1});
        let elsewhere = json!({"id": "c9", "user_pool_id": "eu-west-1_z"});
        let state = json!({"version": 4, "resources": [
            resource("module.auth", "aws_cognito_user_pool", "this", json!(0), pool),
            resource("module.auth", "aws_cognito_user_pool_client", "web", Json::Null, of("c1", ("name", "web"))),
            resource("", "aws_cognito_user_group", "g", json!("staff"), of("x", ("name", "Staff"))),
            resource("", "aws_cognito_user_pool_client", "other", Json::Null, elsewhere),
            resource("", "aws_lambda_function", "f", Json::Null, json!({"id": "f"})),
        ]});
        let found = named_in_state(&state).unwrap();
        let pool = "module.auth.aws_cognito_user_pool.this[0]";
        let named: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|(address, recorded)| {
                let last = recorded.identity.iter().find(|(member, _)| *member != "UserPoolId");
                (address.as_str(), recorded.pool.as_str(), last.map_or("", |(_, value)| value.as_str()))
            })
            .collect();
        assert_eq!(
            named,
            [
                ("aws_cognito_user_group.g[\"staff\"]", pool, "Staff"),
                (pool, pool, ""),
                ("module.auth.aws_cognito_user_pool_client.web", pool, "c1"),
            ]
        );
        assert!(named_in_state(&json!([])).is_none());
    }
}
