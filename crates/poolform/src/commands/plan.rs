//! `poolform plan`

use std::collections::{BTreeMap, BTreeSet};

use poolform_apply::Outcome;
use poolform_core::check::Checked;
use poolform_core::{Address, Permissions, Plan, Recorded, Request, plan};

use crate::already;
use crate::cli::{PlanArgs, PlanningArgs};
use crate::render;
use crate::root::{Root, print_warnings};
use crate::saved::{Binding, Saved};
use crate::stop::{Exit, Stop};
use crate::targets;
use crate::triggers;
use crate::world::World;

/// Shows what would change.
pub fn run(directory: &str, args: &PlanArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    let mut world = World::open(&mut root, &args.root, &args.planning, None)?;
    let plan = make(&mut root, &mut world, &args.planning, args.destroy)?;
    if args.root.json {
        let text = |file: &str| root.configuration().sources().text(file);
        render::json::document(
            "plan",
            &[
                ("plan", render::json::plan(&plan)),
                ("diagnostics", render::json::diagnostics(&root.warnings, &text)),
                ("stand_ins", render::stand_in::json(&root.configuration().stand_ins())),
            ],
        )?;
    } else {
        print_warnings(&mut root);
        render::stand_in::print(&root.configuration().stand_ins());
        render::plan::print(&plan)?;
    }
    let changes = !plan.is_empty();
    if let Some(file) = &args.out {
        let variables = root.configuration().variables();
        let saved = Saved::new(plan.into_plan(), Binding::of(&root, &world), args.destroy).made_with(
            &args.root,
            &args.planning,
            &variables,
        );
        saved.write(file)?;
        if !args.root.json {
            print_line!("\nSaved in {file}. To carry out exactly this:\n    poolform apply {file}");
        }
    }
    Ok(if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Fine })
}

/// Makes the plan of a root, and checks it.
pub fn make(root: &mut Root, world: &mut World, planning: &PlanningArgs, destroy: bool) -> Result<Checked, Stop> {
    let declarations = if destroy { Vec::new() } else { root.declarations.clone() };
    let wanted: BTreeSet<&str> = declarations
        .iter()
        .flat_map(|declaration| &declaration.desired)
        .map(|desired| desired.address.as_str())
        .collect();
    world.count_users(&wanted, &planning.allow_replace)?;
    targets::check(root, world, planning)?;
    let target = targets::taken_along(root, &planning.target, destroy);
    let planning = &PlanningArgs { target, ..planning.clone() };
    if !destroy {
        already::check(root, world, planning)?;
    }
    let permissions = permissions(planning);
    // What the files declare and nothing can be said of now stays as it is: it is not gone from the files.
    let mut recorded = world.state.resources.clone();
    recorded.retain(|address, _| destroy || wanted.contains(address.as_str()) || !root.is_resource(address));
    let mut triggered = BTreeMap::new();
    let (plan, diagnostics) = loop {
        let made = plan(&Request {
            declarations: &declarations,
            recorded: &recorded,
            observed: &world.observed,
            permissions: &permissions,
            targets: &planning.target,
            triggered: &triggered,
        });
        // What is replaced may be what replaces another.
        let before = triggered.len();
        triggered.extend(triggers::triggered(root, &made.0));
        if triggered.len() == before {
            break made;
        }
    };
    root.check(diagnostics)?;
    if !destroy {
        root.say_waiting()?;
        root.check(triggers::unwatched(root))?;
    }
    let forbidden = root.must_stay(&plan);
    root.check(forbidden)?;
    if !destroy {
        // What is wrong with an output is said before anything is made.
        world.root_outputs(root, None)?;
        let checks = root.configuration().checks(&world.call_outputs(root));
        root.check(checks)?;
    }
    checked(plan, &permissions, &world.state.resources)
}

/// A plan that may be carried out. Whatever made it, or whoever changed it in its file since.
pub fn checked(plan: Plan, permissions: &Permissions, recorded: &BTreeMap<Address, Recorded>) -> Result<Checked, Stop> {
    Checked::new(plan, permissions, recorded).map_err(|defects| {
        let defects: Vec<String> = defects.iter().map(ToString::to_string).collect();
        Stop::message(
            "Plan with defects",
            format!("This is a mistake of poolform, and nothing was done: {}.", defects.join("; ")),
        )
    })
}

/// What would still change after an apply, as far as its answers tell: mostly nothing.
pub fn left(root: &Root, outcome: &Outcome, planning: &PlanningArgs) -> Plan {
    plan(&Request {
        declarations: &root.declarations,
        recorded: &outcome.recorded,
        observed: &outcome.observed,
        permissions: &permissions(planning),
        targets: &targets::taken_along(root, &planning.target, false),
        triggered: &BTreeMap::new(),
    })
    .0
}

/// What the operator has allowed by name.
pub fn permissions(planning: &PlanningArgs) -> Permissions {
    Permissions {
        delete: planning.allow_delete.iter().cloned().collect(),
        replace: planning.allow_replace.iter().cloned().collect(),
    }
}
