//! Addresses on the command line: which there are, and what `-target` takes along.

use std::collections::BTreeSet;

use poolform_core::plan::{call_of, within};
use poolform_language::ResourceInstance;

use crate::cli::PlanningArgs;
use crate::resources::without_keys;
use crate::root::Root;
use crate::stop::Stop;
use crate::world::World;

/// Addresses on the command line must be some that there are: a misspelt one would be ignored.
pub fn check(root: &Root, world: &World, planning: &PlanningArgs) -> Result<(), Stop> {
    let desired = root.declarations.iter().flat_map(|declaration| &declaration.desired);
    let all = world.state.resources.keys().map(String::as_str);
    let all = all.chain(root.calls.iter().map(|call| call.address.as_str()));
    let all = all.chain(desired.map(|desired| desired.address.as_str()));
    let all: BTreeSet<&str> = all.chain(root.resources.iter().map(|resource| resource.address.as_str())).collect();
    let known: BTreeSet<&str> = all.iter().flat_map(|address| around(address)).chain(all.iter().copied()).collect();
    for (option, addresses) in [
        ("target", &planning.target),
        ("allow-delete", &planning.allow_delete),
        ("allow-replace", &planning.allow_replace),
    ] {
        if let Some(address) = addresses.iter().find(|address| !known.contains(address.as_str())) {
            let remedy = poolform_value::suggest(address, known.iter().copied()).map_or_else(
                || format!("There are: {}.", all.iter().take(10).copied().collect::<Vec<_>>().join(", ")),
                |near| format!("Did you mean {near}?"),
            );
            return Err(Stop::message(
                "No such address",
                format!("-{option} names {address}, which is not here. {remedy}"),
            ));
        }
    }
    Ok(())
}

/// The addresses that one lies within: modules and all their instances, a resource without the key of its instance.
fn around(address: &str) -> Vec<&str> {
    let (mut found, mut words) = (Vec::new(), 1);
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for (at, each) in address.char_indices() {
        match each {
            '"' if inside && !escaped => quoted = !quoted,
            '[' if !inside => {
                found.push(&address[..at]);
                inside = true;
            }
            ']' if inside && !quoted => inside = false,
            '.' if !inside => {
                // Names come in pairs: `module` or a type, and a name.
                if words % 2 == 0 {
                    found.push(&address[..at]);
                }
                words += 1;
            }
            _ => {}
        }
        escaped = each == '\\' && !escaped;
    }
    found
}

/// What `-target` names with what that needs; to destroy it, with what needs it. As Terraform does, whole resources.
pub fn taken_along(root: &Root, targets: &[String], destroy: bool) -> Vec<String> {
    let mut all = targets.to_vec();
    if targets.is_empty() || root.resources.is_empty() {
        return all;
    }
    let blocks = root.configuration().resources();
    // Whether the first refers to the second, of the same module.
    let refers = |one: &ResourceInstance, other: &ResourceInstance| {
        let (module, plain) = (call_of(&one.address), without_keys(&one.address));
        let name = other.address.strip_prefix(module).unwrap_or_default().trim_start_matches('.');
        let (same, name) = (call_of(&other.address) == module, without_keys(name));
        let references = || blocks.iter().filter(|block| block.address == plain).flat_map(|block| &block.references);
        same && references().any(|reference| within(&without_keys(reference), &name))
    };
    loop {
        let is_taken = |resource: &ResourceInstance| all.iter().any(|target| within(&resource.address, target));
        let (taken, rest): (Vec<_>, Vec<_>) = root.resources.iter().partition(|resource| is_taken(resource));
        let more = rest
            .iter()
            .filter(|other| taken.iter().any(|one| if destroy { refers(other, one) } else { refers(one, other) }));
        let more: Vec<String> = more.map(|resource| resource.address.clone()).collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn what_an_address_lies_within_is_found_whatever_its_keys_say() {
        for (address, expected) in [
            ("aws_cognito_user_pool.main", &[][..]),
            ("aws_cognito_user_pool.main[\"a.b\"]", &["aws_cognito_user_pool.main"]),
            (
                "module.auth[\"x[1].y\"].aws_cognito_user_pool.this[0]",
                &["module.auth", "module.auth[\"x[1].y\"]", "module.auth[\"x[1].y\"].aws_cognito_user_pool.this"],
            ),
            (
                "module.a.module.pool.client[\"web\"]",
                &["module.a", "module.a.module.pool", "module.a.module.pool.client"],
            ),
        ] {
            assert_eq!(around(address), expected, "{address}");
        }
    }
}
