//! `poolform apply` and `poolform destroy`

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, IsTerminal, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use poolform_apply::{Journal, Outcome};
use poolform_core::check::Checked;
use poolform_core::{Action, Observed, Plan, Recorded, SettingChange, Step, setting};
use poolform_language::RootOutput;
use poolform_state::{Backend, Event, Pending};
use poolform_value::{Diagnostic, Diagnostics, to_json};
use serde_json::{Value as Json, json};

use super::plan;
use super::restore::{self, Settings};
use crate::cli::{ApplyArgs, PlanningArgs, RootArgs};
use crate::ownership;
use crate::render;
use crate::render::progress::Shown;
use crate::root::{Root, print_warnings};
use crate::saved::{Binding, Saved};
use crate::stop::{Exit, Stop};
use crate::world::World;

/// Plans, asks, carries out.
pub fn run(directory: &str, args: &ApplyArgs, destroy: bool) -> Result<Exit, Stop> {
    let saved = args.file.as_deref().map(Saved::read).transpose()?;
    let mut root_args = args.root.clone();
    let mut planning = args.planning.clone();
    if let Some(saved) = &saved {
        saved.restore(&mut root_args, &mut planning);
    }
    let mut root = Root::read(directory, &root_args)?;
    if !root_args.local {
        ownership::check(&mut root)?;
    }
    let destroy = destroy || saved.as_ref().is_some_and(|saved| saved.destroy);
    let why = if destroy { "destroy" } else { "apply" };
    let mut world = World::open(&mut root, &root_args, &planning, Some(why))?;
    let plan = match saved {
        Some(saved) => {
            unmoved(&saved.binding, &root, &world)?;
            plan::checked(saved.plan, &plan::permissions(&planning), &world.state.resources)?
        }
        None => {
            let plan = approve_users(&mut root, &mut world, &mut planning, &root_args, destroy)?;
            if !root_args.json {
                print_warnings(&mut root);
                // What an apply that changes nothing was made of, earlier ones have said.
                if !plan.is_empty() {
                    render::stand_in::print(&root.configuration().stand_ins());
                }
                render::plan::print(&plan)?;
            }
            if !plan.is_empty() && !args.auto_approve {
                let before = Binding::of(&root, &world);
                confirm(&root_args, destroy)?;
                // While somebody was reading the plan, somebody else may have been writing.
                world.look_again(&planning)?;
                unmoved(&before, &root, &world)?;
            }
            plan
        }
    };
    world.nobody_came(&plan, &planning.allow_delete)?;
    // What blocks moved, and what was recovered, must be known before anything new is.
    world.keep()?;
    let aim = if destroy { Aim::Destroyed } else { Aim::Declared };
    let mut exit = carry_out(&mut root, &mut world, &plan, &planning, &root_args, aim)?;
    // What waited for that can be planned now, and belongs to what was approved: the files say it.
    while !destroy && !root.waiting.is_empty() {
        let before = root.waiting.len();
        world.settle_references(&mut root)?;
        if root.waiting.len() >= before {
            break;
        }
        let plan = plan::make(&mut root, &mut world, &planning, false)?;
        if !root_args.json {
            render::plan::print(&plan)?;
        }
        exit = carry_out(&mut root, &mut world, &plan, &planning, &root_args, aim)?;
    }
    Ok(exit)
}

/// Makes the plan; on a terminal a pool with users may be given up by typing its name.
fn approve_users(
    root: &mut Root,
    world: &mut World,
    planning: &mut PlanningArgs,
    args: &RootArgs,
    destroy: bool,
) -> Result<Checked, Stop> {
    match plan::make(root, world, planning, destroy) {
        Err(stop) if args.input && !args.json && std::io::stdin().is_terminal() => {
            let with_users: Vec<(String, String)> = world
                .observed
                .iter()
                .filter(|(address, observed)| observed.users == Some(true) && !planning.allow_delete.contains(address))
                .map(|(address, observed)| {
                    (address.clone(), setting::get(&observed.answer, "Name").as_str().unwrap_or_default().to_owned())
                })
                .collect();
            if with_users.is_empty() {
                return Err(stop);
            }
            stop.report();
            for (address, name) in with_users {
                let typed = ask(&format!("To delete {address} with its users, type the name of the pool: "));
                if typed.as_deref() != Some(name.as_str()) {
                    return Err(Stop::message("Not approved", "The name was not typed. Nothing was done."));
                }
                planning.allow_delete.push(address);
            }
            plan::make(root, world, planning, destroy)
        }
        made => made,
    }
}

fn ask(question: &str) -> Option<String> {
    let mut stderr = std::io::stderr().lock();
    write!(stderr, "{question}").and_then(|()| stderr.flush()).ok()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned())
}

/// Asks whether to carry out what was shown.
pub(super) fn confirm(args: &RootArgs, destroy: bool) -> Result<(), Stop> {
    if !args.input || !std::io::stdin().is_terminal() {
        return Err(Stop::message(
            "Not approved",
            "There is no terminal to ask on. Give -auto-approve, or apply a saved plan. Nothing was done.",
        ));
    }
    let question = if destroy { "Delete all of this?" } else { "Carry this out?" };
    match ask(&format!("\n{question} Only \"yes\" is taken for approval: ")).as_deref() {
        Some("yes") => Ok(()),
        _ => Err(Stop::message("Not approved", "Nothing was done.")),
    }
}

/// A plan is carried out only while everything that it was made of is as it was.
fn unmoved(before: &Binding, root: &Root, world: &World) -> Result<(), Stop> {
    match before.moved_since(&Binding::of(root, world)) {
        None => Ok(()),
        Some(what) => Err(Stop::message(
            "The world has moved",
            format!("{what} since this plan was made. Nothing was done; plan again."),
        )),
    }
}

/// What is there now and was not predicted: a setting that was sent back as it was and is another one now, one that was
/// sent and not taken. Each is a line, so that no reset is silent.
fn surprises(plan: &Plan, before: &BTreeMap<String, Observed>, outcome: &Outcome, left: &Plan) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut warn = |address: &str, setting: &SettingChange, was: &str, is: &str, why: &str| {
        let value = |json: &Json| if setting.secret { "(sensitive)".to_owned() } else { json.to_string() };
        let detail = format!(
            "{} was {was}{} and is {is}{} now, {why}.",
            setting.argument,
            value(&setting.old),
            value(&setting.new)
        );
        diagnostics.push(Diagnostic::warning("Unexpected change", detail).of(address));
    };
    for change in plan.changes.iter().filter(|change| change.action == Action::Update) {
        let kind = poolform_core::kinds::kind(&change.kind);
        let looks = before.get(&change.address).zip(outcome.observed.get(&change.address));
        let Some((kind, (before, after))) = kind.zip(looks) else { continue };
        let hidden = plan.hidden(&change.address);
        for setting in poolform_core::unexpected(kind, before, after, &change.settings, &hidden) {
            warn(&change.address, &setting, "", "", "although the plan does not change it");
        }
    }
    for change in left.changes.iter().filter(|change| change.action == Action::Update) {
        for setting in &change.settings {
            let turned = SettingChange { old: setting.new.clone(), new: setting.old.clone(), ..setting.clone() };
            warn(&change.address, &turned, "sent as ", "", "as if it had not been");
        }
    }
    diagnostics
}

/// Under which name settings are kept while a plan with updates in place is carried out, and afterwards if anything
/// surprised: one of its own for every apply.
fn restore_point() -> String {
    format!("restore.{}.json", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%.6fZ"))
}

/// Keeps what the plan's updates find, so that `poolform restore` can send it back whatever happens. Under which name,
/// and where.
fn keep_settings(world: &World, plan: &Plan) -> Result<Option<(String, String)>, Stop> {
    let kept = poolform_core::plan::keep(plan, &world.observed, &world.state.resources);
    if kept.is_empty() {
        return Ok(None);
    }
    let bytes = Settings { version: restore::VERSION, resources: kept }.to_bytes();
    let name = restore_point();
    let place = world.backend.set_aside(&name, &bytes);
    let place = place.map_err(|error| Stop::message("Settings not kept", format!("{error}. Nothing was done.")))?;
    Ok(Some((name, place)))
}

/// The journal of an apply, in the state's place.
struct Journalled<'a>(&'a dyn Backend);

impl Journalled<'_> {
    fn append(&self, event: &Event) -> Result<(), String> {
        self.0.append(event).map_err(|error| error.to_string())
    }
}

impl Journal for Journalled<'_> {
    fn intend(&self, step: &Step, record: &Recorded, existing: &BTreeSet<String>) -> Result<(), String> {
        let kind = poolform_core::kinds::kind(&step.kind);
        let key = kind.map_or("", |kind| kind.name_setting());
        let name = setting::get(&step.body, key).as_str().unwrap_or_default().to_owned();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let (record, existing) = (record.clone(), existing.clone());
        let (kind, operation) = (step.kind.clone(), step.operation.clone());
        let pending = Pending { kind, operation, name, since, record, existing };
        self.append(&Event::Intend { address: step.address.clone(), pending })
    }

    fn refused(&self, address: &str) -> Result<(), String> {
        self.append(&Event::Refused { address: address.to_owned() })
    }

    fn remember(&self, address: &str, recorded: &Recorded) -> Result<(), String> {
        self.append(&Event::Remember { address: address.to_owned(), recorded: recorded.clone() })
    }

    fn forget(&self, address: &str) -> Result<(), String> {
        self.append(&Event::Forget { address: address.to_owned() })
    }
}

/// What a plan that is carried out is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Aim {
    /// What the files declare.
    Declared,
    /// Nothing left.
    Destroyed,
    /// What was there before an earlier apply.
    Restored,
}

/// Carries out a plan, and keeps, shows and checks what came of it.
pub(super) fn carry_out(
    root: &mut Root,
    world: &mut World,
    plan: &Checked,
    planning: &PlanningArgs,
    args: &RootArgs,
    aim: Aim,
) -> Result<Exit, Stop> {
    let shown = Shown::new(args.json);
    let before = world.observed.clone();
    let kept = keep_settings(world, plan)?;
    let outcome = poolform_apply::run(
        plan,
        &*world.connection.cognito,
        std::mem::take(&mut world.observed),
        world.state.resources.clone(),
        &Journalled(&*world.backend),
        &shown,
        planning.parallelism,
    );
    world.observed.clone_from(&outcome.observed);
    let complete = outcome.failed.is_empty() && outcome.skipped.is_empty() && outcome.unkept.is_empty();
    let left = match aim {
        Aim::Declared if complete => plan::left(root, &outcome, planning),
        _ => Plan::default(),
    };
    let surprises = surprises(plan, &before, &outcome, &left);
    let surprised = !surprises.is_empty();
    render::diagnostic::print(&surprises, &|_| None);
    if let Some((name, place)) = kept {
        if complete && !surprised {
            // A file that stays costs nothing but its place.
            let _ = world.backend.drop_aside(&name);
        } else {
            say!("The settings that were there before are kept. To send them back: poolform restore {place}");
        }
    }
    let outputs = if aim == Aim::Destroyed || !complete { Ok(Vec::new()) } else { world.root_outputs(root, None) };
    // What was done is kept whatever becomes of the outputs.
    keep(world, &outcome, outputs.as_deref().ok().filter(|_| complete))?;
    let outputs = outputs?;
    if !complete {
        return Err(unfinished(plan, &outcome));
    }
    if args.json {
        render::json::document("apply", &[("plan", render::json::plan(plan)), ("outputs", outputs_json(&outputs))])?;
    } else {
        let done = outcome.done.len();
        say!("{}", if plan.is_empty() { "Nothing to do.".to_owned() } else { format!("Done: {done} requests.") });
        if !outputs.is_empty() {
            print_line!("\nOutputs:\n");
            for output in &outputs {
                let value = output.value.clone().marked(output.sensitive);
                print_line!("{} = {}", output.name, render::value::show(&value));
            }
        }
    }
    Ok(Exit::Fine)
}

/// The root's outputs for machines, sensitive ones without their value.
fn outputs_json(outputs: &[RootOutput]) -> Json {
    let one = |output: &RootOutput| {
        let value = if output.sensitive { Json::Null } else { to_json(&output.value).unwrap_or(Json::Null) };
        let ty = output.value.ty().to_json();
        (output.name.clone(), json!({"sensitive": output.sensitive, "type": ty, "value": value}))
    };
    Json::Object(outputs.iter().map(one).collect())
}

/// Writes what was done, and the root's outputs that are not sensitive where they are known.
fn keep(world: &mut World, outcome: &Outcome, outputs: Option<&[RootOutput]>) -> Result<(), Stop> {
    // The journal knows of creates whose answer never came; the next plan finds out about them.
    let journalled = world.backend.read().map_err(|error| Stop::message("State not usable", error.to_string()))?;
    let state = &mut world.state;
    state.resources.clone_from(&outcome.recorded);
    state.pending.extend(journalled.pending.into_iter().filter(|(address, _)| outcome.uncertain.contains(address)));
    state.replayed += journalled.replayed;
    if let Some(outputs) = outputs {
        let kept = || outputs.iter().filter(|output| !output.sensitive);
        state.outputs = kept().filter_map(|output| Some((output.name.clone(), to_json(&output.value)?))).collect();
        state.output_types = kept().map(|output| (output.name.clone(), output.value.ty().to_json())).collect();
        state.sensitive_outputs =
            outputs.iter().filter(|output| output.sensitive).map(|output| output.name.clone()).collect();
    }
    world.keep()
}

/// What leads on from an apply that is not finished: the same again only where the same may go another way.
fn what_to_do(outcome: &Outcome) -> &'static str {
    let lasting = outcome.failed.iter().filter(|(position, _)| outcome.refused.contains(position)).count();
    match (lasting, outcome.failed.len()) {
        (0, _) => "Apply again to go on from here.",
        (lasting, all) if lasting == all => {
            "Cognito refuses this as it is, and would again: change what it names in the files, or in Cognito, and apply \
             then to go on from here."
        }
        _ => {
            "Some of this Cognito refuses as it is, and would again: change what it names in the files, or in Cognito. Apply \
             then to go on from here; the rest may go through."
        }
    }
}

/// What failed, what was done, what remains.
fn unfinished(plan: &Plan, outcome: &Outcome) -> Stop {
    let mut diagnostics = Diagnostics::new();
    for (position, reason) in &outcome.failed {
        let step = &plan.steps[*position];
        let detail = format!("{}: {}.", step.operation, reason.trim_end_matches('.'));
        diagnostics.push(Diagnostic::error("Request failed", detail).of(&step.address));
    }
    for (address, reason) in &outcome.unkept {
        let detail = format!("It is done in Cognito, and the state could not take it in: {reason}.");
        diagnostics.push(Diagnostic::error("Not remembered", detail).of(address));
    }
    let name = |position: &usize| {
        let step = &plan.steps[*position];
        format!("\n    {}: {}", step.address, step.operation)
    };
    let done: String = outcome.done.iter().map(name).collect();
    let remains: String =
        outcome.failed.iter().map(|(position, _)| position).chain(&outcome.skipped).map(name).collect();
    let unprotected = plan.stakes.iter().filter(|stake| stake.protected).filter(|stake| {
        let of_it = |position: &usize| plan.steps[*position].address == stake.address;
        outcome.done.iter().any(of_it) && outcome.recorded.contains_key(&stake.address)
    });
    for stake in unprotected {
        let detail = "The deletion protection of this pool was turned off for its deletion, and is still off.";
        diagnostics.push(Diagnostic::warning("Pool without protection", detail).of(&stake.address));
    }
    diagnostics.push(Diagnostic::error(
        "Apply not finished",
        format!(
            "Done and kept:{}\nRemains:{}\n{}",
            if done.is_empty() { "\n    nothing".to_owned() } else { done },
            if remains.is_empty() { "\n    nothing".to_owned() } else { remains },
            what_to_do(outcome)
        ),
    ));
    Stop::of(diagnostics, Box::new(|_| None))
}
