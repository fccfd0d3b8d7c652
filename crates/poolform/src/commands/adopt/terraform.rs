//! `poolform adopt -terraform-state FILE`

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::plan::{call_of, records};
use poolform_core::{Original, originals};
use serde_json::Value as Json;

use crate::cli::AdoptArgs;
use crate::commands::plan;
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};
use crate::world::World;

/// A Terraform state, and what it holds of the original module.
pub fn read_state(file: &str) -> Result<(Json, Vec<Original>), Stop> {
    let unusable = |reason: String| Stop::message("Terraform state not usable", format!("{file}: {reason}."));
    let bytes = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
    // What a shell of Windows writes begins with a mark of its own.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let json: Json = serde_json::from_slice(text).map_err(|error| unusable(error.to_string()))?;
    let found = originals(&json).ok_or_else(|| {
        unusable("it is neither a terraform.tfstate nor the output of terraform show -json".to_owned())
    })?;
    Ok((json, found))
}

/// Takes over the pools that the original module manages by a Terraform state: remembers their ids, changes nothing,
/// and shows what a plan would change then.
pub fn run(directory: &str, args: &AdoptArgs, file: &str) -> Result<Exit, Stop> {
    let (_, found) = read_state(file)?;
    let mut root = Root::read(directory, &args.root)?;
    let mut world = World::open(&mut root, &args.root, &args.planning, Some("adopt"))?;
    let of_root: BTreeSet<String> = root.calls.iter().map(|call| call.address.clone()).collect();
    let declared = records(&root.declarations);
    let mut adopted = BTreeMap::new();
    for Original { address, mut recorded, .. } in found {
        let known = of_root.contains(call_of(&address));
        if !known || world.state.resources.contains_key(&address) {
            continue;
        }
        // What is declared is managed from now on: taken out of the files later, it goes back to Cognito's default.
        if let Some(record) = declared.get(&address) {
            recorded.declared.clone_from(&record.declared);
            recorded.keys.clone_from(&record.keys);
        }
        adopted.insert(address, recorded);
    }
    if adopted.is_empty() {
        return Err(Stop::message(
            "Nothing to adopt",
            format!("{file} holds nothing of this root's pools that is not managed here already."),
        ));
    }
    let gone = world.adopt(&adopted, &args.planning)?;
    if !gone.is_empty() {
        return Err(Stop::message(
            "Not there",
            format!("Cognito does not have what {file} says: {}. Nothing was adopted.", gone.join(", ")),
        ));
    }
    let plan = plan::make(&mut root, &mut world, &args.planning, false)?;
    world.keep()?;
    if args.root.json {
        let addresses: Vec<&String> = adopted.keys().collect();
        render::json::document(
            "adopt",
            &[("adopted", serde_json::json!(addresses)), ("plan", render::json::plan(&plan))],
        )?;
        return Ok(Exit::Fine);
    }
    print_warnings(&mut root);
    for (address, recorded) in &adopted {
        let identity: Vec<String> =
            recorded.identity.iter().map(|(member, value)| format!("{member} {value}")).collect();
        print_line!("{address}: adopted ({})", identity.join(", "));
    }
    print_line!("\nNothing was changed in Cognito. What a plan says now:\n");
    render::plan::print(&plan)?;
    let modules: BTreeSet<&str> = of_root
        .iter()
        .map(|call| call.split('[').next().unwrap_or_default())
        .filter(|module| !module.is_empty())
        .collect();
    print_line!(
        "\nTo make Terraform let go without touching anything, in the root that it applies, in place of the module:\n"
    );
    for module in modules {
        print_line!(
            "    removed {{\n      from = {module}\n      lifecycle {{\n        destroy = false\n      }}\n    }}"
        );
    }
    Ok(Exit::Fine)
}
