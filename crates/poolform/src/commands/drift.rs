//! `poolform plan -refresh-only`

use std::collections::BTreeSet;

use poolform_apply::parts;
use poolform_core::kinds::{self, user_pool};
use poolform_core::{Action, Plan, Why};
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
    let strangers = strangers(&world)?;
    let plan = plan::make(&mut root, &mut world, &args.planning, false)?;
    if args.root.json {
        let text = |file: &str| root.configuration().sources().text(file);
        render::json::document(
            "drift",
            &[
                ("drift", drift_json(&plan)),
                ("undeclared", json!(strangers)),
                ("diagnostics", render::json::diagnostics(&root.warnings, &text)),
            ],
        )?;
    } else {
        print_warnings(&mut root);
        print(&plan, &strangers)?;
    }
    let drifted = !plan.is_empty() || !strangers.is_empty();
    Ok(if args.detailed_exitcode && drifted { Exit::Changes } else { Exit::Fine })
}

/// Parts of managed pools that nobody here declares or remembers.
fn strangers(world: &World) -> Result<Vec<String>, Stop> {
    let known: BTreeSet<Vec<&String>> =
        world.state.resources.values().map(|recorded| recorded.identity.values().collect()).collect();
    let mut found = Vec::new();
    for (address, recorded) in &world.state.resources {
        let Some(pool) = world.observed.get(address).filter(|_| recorded.kind == user_pool::KIND.name) else {
            continue;
        };
        for (kind, identity) in parts(&*world.connection.cognito, address, pool)? {
            if !known.contains(&identity.values().collect::<Vec<_>>()) {
                let name = identity.iter().find(|(member, _)| *member != "UserPoolId").map_or("", |(_, value)| value);
                found.push(format!("{address}: {} {name}", kind.noun));
            }
        }
    }
    Ok(found)
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

fn print(plan: &Plan, strangers: &[String]) -> Result<(), Stop> {
    if plan.is_empty() && strangers.is_empty() {
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
    if !strangers.is_empty() {
        print_line!("\nDeclared by nobody here, and left alone:");
        for stranger in strangers {
            print_line!("    {stranger}");
        }
    }
    Ok(())
}
