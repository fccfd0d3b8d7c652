//! `poolform plan -refresh-only`

use std::collections::{BTreeMap, BTreeSet};

use poolform_apply::parts;
use poolform_core::describe::undeclared;
use poolform_core::kinds;
use poolform_core::plan::within;
use poolform_core::{Action, Address, Plan, SettingChange, Why};
use serde_json::{Value as Json, json};

use super::plan;
use crate::cli::PlanArgs;
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};
use crate::world::World;

/// Shows what was changed outside: per setting what is declared and what was found, what is gone, and what nobody here
/// declares. Changes nothing, the state included.
pub fn run(directory: &str, args: &PlanArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    let mut world = World::open(&mut root, &args.root, &args.planning, None)?;
    let strangers = strangers(&world, args.planning.parallelism)?;
    let left = left_alone(&root, &world);
    let plan = plan::make(&mut root, &mut world, &args.planning, false)?;
    if args.root.json {
        let text = |file: &str| root.configuration().sources().text(file);
        render::json::document(
            "drift",
            &[
                ("drift", drift_json(&plan)),
                ("undeclared", json!(strangers)),
                ("undeclared_settings", left_json(&left)),
                ("diagnostics", render::json::diagnostics(&root.warnings, &text)),
            ],
        )?;
    } else {
        print_warnings(&mut root);
        print(&plan, &strangers, &left)?;
    }
    let drifted = !plan.is_empty() || !strangers.is_empty() || !left.is_empty();
    Ok(if args.detailed_exitcode && drifted { Exit::Changes } else { Exit::Fine })
}

/// Parts of managed pools that nobody here declares or remembers.
fn strangers(world: &World, parallelism: usize) -> Result<Vec<String>, Stop> {
    // Of a kind each: a group may be called as a domain is.
    let known: BTreeSet<(&str, &BTreeMap<String, String>)> =
        world.state.resources.values().map(|recorded| (recorded.kind.as_str(), &recorded.identity)).collect();
    let mut found = Vec::new();
    for (address, recorded) in &world.state.resources {
        let Some(pool) = world.observed.get(address).filter(|_| recorded.kind == kinds::pool().name) else {
            continue;
        };
        for (kind, identity) in parts(&*world.connection.cognito, address, pool, parallelism)? {
            if !known.contains(&(kind.name, &identity)) {
                let name = identity.iter().find(|(member, _)| *member != "UserPoolId").map_or("", |(_, value)| value);
                found.push(format!("{address}: {} {name}", kind.noun));
            }
        }
    }
    Ok(found)
}

/// Settings of what is managed that nobody here declares and Cognito does not have by itself.
fn left_alone(root: &Root, world: &World) -> Vec<(Address, SettingChange)> {
    let desired = root.declarations.iter().flat_map(|declaration| &declaration.desired);
    desired
        .filter_map(|desired| Some((desired, kinds::kind(desired.kind)?, world.observed.get(&desired.address)?)))
        .flat_map(|(desired, kind, observed)| {
            let hidden = world.state.resources.get(&desired.address).map(|recorded| &recorded.hidden);
            undeclared(kind, desired, observed).into_iter().map(move |mut setting| {
                // What was sensitive when it was applied is so until it is gone.
                setting.secret |= hidden.is_some_and(|hidden| hidden.iter().any(|each| within(&setting.path, each)));
                (desired.address.clone(), setting)
            })
        })
        .collect()
}

fn left_json(left: &[(Address, SettingChange)]) -> Json {
    let one = |(address, setting): &(Address, SettingChange)| {
        let found = if setting.secret { Json::Null } else { setting.old.clone() };
        json!({"address": address, "argument": setting.argument, "key": setting.key, "path": setting.path,
            "found": found, "secret": setting.secret})
    };
    left.iter().map(one).collect()
}

fn drift_json(plan: &Plan) -> Json {
    let changes = plan.changes.iter().filter(|change| change.action == Action::Update).flat_map(|change| {
        change.settings.iter().map(move |setting| {
            json!({"address": change.address, "argument": setting.argument, "key": setting.key, "path": setting.path,
                "declared": setting.new, "found": setting.old, "secret": setting.secret})
        })
    });
    let absent = plan
        .changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Forget))
        .map(|change| json!({"address": change.address, "absent": true}));
    changes.chain(absent).collect()
}

fn print(plan: &Plan, strangers: &[String], left: &[(Address, SettingChange)]) -> Result<(), Stop> {
    if plan.is_empty() && strangers.is_empty() && left.is_empty() {
        print_line!("No drift. What Cognito has is what the files declare.");
        return Ok(());
    }
    for change in &plan.changes {
        let noun = kinds::kind(&change.kind).map_or(change.kind.as_str(), |kind| kind.noun);
        match change.action {
            Action::Create | Action::Forget => print_line!("{} ({noun}) is not there", change.address),
            Action::Delete => print_line!("{} ({noun}) is there and no longer declared", change.address),
            Action::Update | Action::Replace => {
                print_line!("{} ({noun})", change.address);
                for setting in &change.settings {
                    let shown =
                        |value: &Json| if setting.secret { "(sensitive)".to_owned() } else { value.to_string() };
                    let declared = match setting.why {
                        Why::NoLongerDeclared => "no longer declared".to_owned(),
                        _ => format!("declared {}", shown(&setting.new)),
                    };
                    print_line!("    {}: {declared}, found {}", setting.argument, shown(&setting.old));
                }
            }
        }
    }
    if !strangers.is_empty() || !left.is_empty() {
        print_line!("\nDeclared by nobody here, and left alone:");
        for stranger in strangers {
            print_line!("    {stranger}");
        }
        for (address, setting) in left {
            let value = if setting.secret { "(sensitive)".to_owned() } else { setting.old.to_string() };
            print_line!("    {address}: {} = {value}", setting.argument);
        }
    }
    Ok(())
}
