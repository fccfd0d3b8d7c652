//! Taking over what the original module manages: from Terraform's state to what poolform's state remembers.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::kinds::{Kind, client, domain, resource_server, user_pool};
use crate::resource::{Address, Recorded, quoted};

/// The original's resources: type, name, kind, and the members that name one with the attributes that give them.
type Adopted = (&'static str, &'static str, &'static Kind, &'static [(&'static str, &'static str)]);

const RESOURCES: &[Adopted] = &[
    ("aws_cognito_user_pool", "user_pool", &user_pool::KIND, &[("UserPoolId", "id")]),
    ("aws_cognito_user_pool_client", "client", &client::KIND, &[("UserPoolId", "user_pool_id"), ("ClientId", "id")]),
    ("aws_cognito_user_pool_domain", "domain", &domain::KIND, &[("UserPoolId", "user_pool_id"), ("Domain", "domain")]),
    (
        "aws_cognito_resource_server",
        "resource_server",
        &resource_server::KIND,
        &[("UserPoolId", "user_pool_id"), ("Identifier", "identifier")],
    ),
];

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

/// Every resource of the original module that a Terraform state holds: the state itself (`terraform.tfstate`, version 4),
/// or what `terraform show -json` prints of it. None for anything else.
pub fn originals(state: &Json) -> Option<Vec<Original>> {
    let mut found = Vec::new();
    if let Some(resources) = state.get("resources").and_then(Json::as_array) {
        for resource in resources.iter().filter(|resource| resource["mode"] == "managed") {
            let module = resource["module"].as_str().unwrap_or_default();
            // What a failed replacement left behind is at an address of something else.
            let instances = resource["instances"].as_array().into_iter().flatten();
            for instance in instances.filter(|instance| instance["deposed"].is_null()) {
                let index = &instance["index_key"];
                found.extend(original(&resource["type"], &resource["name"], module, index, &instance["attributes"]));
            }
        }
    } else {
        let mut open = vec![state.get("values")?.get("root_module")?];
        while let Some(module) = open.pop() {
            open.extend(module["child_modules"].as_array().into_iter().flatten());
            let address = module["address"].as_str().unwrap_or_default();
            let resources = module["resources"].as_array().into_iter().flatten();
            for resource in
                resources.filter(|resource| resource["mode"] == "managed" && resource["deposed_key"].is_null())
            {
                let (ty, name) = (&resource["type"], &resource["name"]);
                found.extend(original(ty, name, address, &resource["index"], &resource["values"]));
            }
        }
    }
    found.sort_by(|one, other| one.address.cmp(&other.address));
    Some(found)
}

fn original(ty: &Json, name: &Json, module: &str, index: &Json, attributes: &Json) -> Option<Original> {
    let of = |(of_type, of_name, ..): &&Adopted| *ty == *of_type && *name == *of_name;
    let (ty, name, kind, members) = *RESOURCES.iter().find(of).filter(|_| !module.is_empty())?;
    let identity: BTreeMap<String, String> = members
        .iter()
        .filter_map(|(member, attribute)| Some(((*member).to_owned(), attributes[attribute].as_str()?.to_owned())))
        .collect();
    if identity.len() != members.len() {
        return None;
    }
    let key = match index {
        Json::Null => String::new(),
        Json::String(key) => format!("[{}]", quoted(key)),
        number => format!("[{number}]"),
    };
    let address = kind.address(module, index.as_str().unwrap_or_default());
    let recorded = Recorded { kind: kind.name.to_owned(), identity, ..Recorded::default() };
    Some(Original { module: module.to_owned(), ty, name, kind, key, address, recorded })
}

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
}
