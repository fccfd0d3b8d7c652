//! Running the steps of a plan: as many at a time as order allows, each kept in the journal.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use poolform_core::check::Checked;
use poolform_core::kinds::{self, Identity, Kind};
use poolform_core::{Address, Observed, Plan, Recorded, Step, setting};
use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::Value as Json;

use crate::observe::look;
use crate::recover::namesakes;

/// What survives the death of the process. An error stops the apply: what cannot be remembered is not done.
pub trait Journal: Sync {
    /// Before a create: what is about to be made, what will be remembered of it, identity apart, and the ids of those
    /// that have its name already.
    fn intend(&self, step: &Step, record: &Recorded, existing: &BTreeSet<String>) -> Result<(), String>;
    /// The create that was intended was refused: nothing was made.
    fn refused(&self, address: &str) -> Result<(), String>;
    /// As soon as something is there or has changed.
    fn remember(&self, address: &str, recorded: &Recorded) -> Result<(), String>;
    /// As soon as something is gone.
    fn forget(&self, address: &str) -> Result<(), String>;
}

/// Who watches.
pub trait Progress: Sync {
    /// A step is sent.
    fn started(&self, step: &Step);
    /// A step is over.
    fn finished(&self, step: &Step, took: Duration, failure: Option<&str>);
    /// A step waits for something to come true; what it is now.
    fn waiting(&self, step: &Step, is: &str);
    /// Whether to stop after the steps in flight.
    fn stop(&self) -> bool;
}

/// What an apply did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Steps that succeeded, in the order in which they did.
    pub done: Vec<usize>,
    /// Steps that failed, and why.
    pub failed: Vec<(usize, String)>,
    /// Of those that failed: what Cognito refused for a reason that stays until something else changes.
    pub refused: BTreeSet<usize>,
    /// What was done and could not be remembered, and why. The next plan finds it out anew.
    pub unkept: Vec<(Address, String)>,
    /// Addresses whose create may have been carried out although no answer came.
    pub uncertain: BTreeSet<Address>,
    /// Steps that were not tried because one that they wait for failed, or because of a stop.
    pub skipped: Vec<usize>,
    /// What is there now, as far as the answers tell.
    pub observed: BTreeMap<Address, Observed>,
    /// What the state should remember now.
    pub recorded: BTreeMap<Address, Recorded>,
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

struct Shared<'a> {
    plan: &'a Plan,
    status: Vec<Status>,
    outcome: Outcome,
    /// Addresses whose answers do not show everything that changed.
    stale: BTreeSet<Address>,
    /// Addresses that this run has written to.
    written: BTreeSet<Address>,
    stopping: bool,
}

impl Shared<'_> {
    /// The next step that can be sent; steps that cannot any more are skipped on the way.
    fn next(&mut self) -> Option<usize> {
        for position in 0..self.plan.steps.len() {
            if self.status[position] != Status::Waiting {
                continue;
            }
            let after = &self.plan.steps[position].after;
            let blocked = after.iter().any(|step| matches!(self.status[*step], Status::Failed | Status::Skipped));
            if blocked || self.stopping {
                self.status[position] = Status::Skipped;
                self.outcome.skipped.push(position);
            } else if after.iter().all(|step| self.status[*step] == Status::Done) {
                self.status[position] = Status::Running;
                return Some(position);
            }
        }
        None
    }

    fn finished(&self) -> bool {
        self.status.iter().all(|status| !matches!(status, Status::Waiting | Status::Running))
    }
}

/// Runs `plan`, which has been checked. `observed` and `recorded` are what the plan was made of.
pub fn run(
    plan: &Checked,
    cognito: &dyn Cognito,
    observed: BTreeMap<Address, Observed>,
    recorded: BTreeMap<Address, Recorded>,
    journal: &dyn Journal,
    progress: &dyn Progress,
    parallelism: usize,
) -> Outcome {
    let plan: &Plan = plan;
    let shared = Mutex::new(Shared {
        plan,
        status: vec![Status::Waiting; plan.steps.len()],
        outcome: Outcome { observed, recorded, ..Outcome::default() },
        stale: BTreeSet::new(),
        written: BTreeSet::new(),
        stopping: false,
    });
    let changed = Condvar::new();
    let lists = Lists::default();
    std::thread::scope(|scope| {
        for _ in 0..parallelism.clamp(1, plan.steps.len().max(1)) {
            scope.spawn(|| worker(plan, cognito, &lists, journal, progress, &shared, &changed));
        }
    });
    let mut shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    refresh(cognito, &mut shared);
    remember_the_rest(plan, journal, &mut shared);
    shared.outcome.skipped.sort_unstable();
    shared.outcome
}

fn lock<'m, 'a>(shared: &'m Mutex<Shared<'a>>) -> MutexGuard<'m, Shared<'a>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn worker(
    plan: &Plan,
    cognito: &dyn Cognito,
    lists: &Lists,
    journal: &dyn Journal,
    progress: &dyn Progress,
    shared: &Mutex<Shared<'_>>,
    changed: &Condvar,
) {
    loop {
        let mut guard = lock(shared);
        let (position, step, body, named, planned_for) = loop {
            if progress.stop() {
                guard.stopping = true;
            }
            match guard.next() {
                Some(position) => {
                    let step = &plan.steps[position];
                    let first = guard.written.insert(step.address.clone());
                    let planned_for = guard.outcome.observed.get(&step.address);
                    let planned_for = planned_for.filter(|_| first || comes_later(step, plan)).cloned();
                    let recorded = &guard.outcome.recorded;
                    // What a request names it by need not be what it is found by.
                    let named = recorded.get(&step.address).map(|known| known.identity.clone()).unwrap_or_default();
                    break (position, step, fill(step, recorded), named, planned_for);
                }
                None if guard.finished() => {
                    changed.notify_all();
                    return;
                }
                // Woken when a step is over; the time-out lets a stop be noticed.
                None => {
                    guard = changed
                        .wait_timeout(guard, Duration::from_millis(200))
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            }
        };
        drop(guard);
        progress.started(step);
        let begun = Instant::now();
        let moved = planned_for.and_then(|before| moved(step, plan, cognito, &named, &before));
        if moved.is_some() {
            lock(shared).stopping = true;
        }
        let sent = moved
            .map_or(body, Err)
            .map_err(Unsent::No)
            .and_then(|body| send(step, body, plan, cognito, lists, journal, progress));
        let uncertain = matches!(sent, Err(Unsent::Maybe(_))) && step.remembers;
        let refused = matches!(sent, Err(Unsent::Refused(_)));
        let result = sent.map_err(Unsent::reason);
        progress.finished(step, begun.elapsed(), result.as_ref().err().map(String::as_str));
        let between = result.as_ref().ok().and_then(|_| before_a_later_write(position, &named, plan, cognito));
        let mut guard = lock(shared);
        if uncertain {
            guard.outcome.uncertain.insert(step.address.clone());
        }
        if refused {
            guard.outcome.refused.insert(position);
        }
        let result = result.and_then(|(body, answer)| settle(step, &body, &answer, plan, journal, &mut guard));
        match result {
            Ok(()) => {
                guard.outcome.observed.extend(between.map(|seen| (step.address.clone(), seen)));
                guard.status[position] = Status::Done;
                guard.outcome.done.push(position);
            }
            Err(reason) => {
                guard.status[position] = Status::Failed;
                guard.outcome.failed.push((position, reason));
            }
        }
        changed.notify_all();
    }
}

/// Whether a step sends back what is there. What makes one may be the operation that changes it.
fn echoes(step: &Step) -> bool {
    !step.remembers && kinds::kind(&step.kind).is_some_and(|kind| kind.echoes(&step.operation))
}

/// Whether a step waits for what happens elsewhere, so that time passes between it and the last write to its address.
fn comes_later(step: &Step, plan: &Plan) -> bool {
    step.after.iter().any(|earlier| plan.steps[*earlier].address != step.address)
}

/// What is there right after a write to an address that is written to again later: what that later write must find.
fn before_a_later_write(position: usize, named: &Identity, plan: &Plan, cognito: &dyn Cognito) -> Option<Observed> {
    let step = &plan.steps[position];
    let later = plan.steps[position + 1..].iter().any(|later| {
        later.address == step.address && later.kind == step.kind && echoes(later) && comes_later(later, plan)
    });
    let kind = kinds::kind(&step.kind).filter(|_| later && !step.remembers)?;
    look(cognito, &step.address, kind, named).ok().flatten()
}

/// Why an update must not be sent: what it would send back is no longer what is there. An update echoes everything, so
/// it would undo what somebody else has changed since the plan was made.
fn moved(step: &Step, plan: &Plan, cognito: &dyn Cognito, named: &Identity, before: &Observed) -> Option<String> {
    let kind = kinds::kind(&step.kind).filter(|_| echoes(step))?;
    let now = match look(cognito, &step.address, kind, named) {
        Ok(Some(now)) => now,
        Ok(None) => return Some("it was deleted since the plan was made".to_owned()),
        Err(error) => return Some(format!("it was to be read again before writing, and {error}")),
    };
    let difference = poolform_core::differences(kind, &before.settings, &now.settings, &plan.hidden(&step.address))
        .into_iter()
        .next()?;
    let what = if difference.secret {
        format!("{} has changed", difference.argument)
    } else {
        format!("{} was {} and is {}", difference.argument, difference.old, difference.new)
    };
    Some(format!("somebody has changed it since the plan was made: {what}; plan again"))
}

/// The body with its holes filled from what is known by now.
fn fill(step: &Step, recorded: &BTreeMap<Address, Recorded>) -> Result<Object, String> {
    let mut body = step.body.clone();
    for hole in &step.holes {
        let value = recorded
            .get(&hole.address)
            .and_then(|recorded| recorded.identity.get(&hole.member))
            .ok_or_else(|| format!("{} has no {} yet", hole.address, hole.member))?;
        body.insert(hole.member.clone(), Json::String(value.clone()));
    }
    Ok(body)
}

/// Between two looks at something that takes its time; a prefix domain takes about a minute, a custom one about five.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long anything may take to come true (custom domains: up to an hour).
const LOOK_AT_MOST: Duration = Duration::from_secs(3600);

/// Refusals that are over by themselves: of too many requests at a time, of writes that met, of credentials that ran out
/// (the API's common errors, UpdateUserPool).
const PASSING: &[&str] = &[
    "TooManyRequestsException",
    "ThrottlingException",
    "ConcurrentModificationException",
    "ExpiredTokenException",
    "RequestExpired",
];

/// Why a request has no answer.
enum Unsent {
    /// It was not carried out.
    No(String),
    /// It was not carried out, and never will be as it is.
    Refused(String),
    /// Nobody knows whether it was.
    Maybe(String),
}

impl Unsent {
    fn reason(self) -> String {
        match self {
            Unsent::No(reason) | Unsent::Refused(reason) | Unsent::Maybe(reason) => reason,
        }
    }
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Refused(refusal) if refusal.status < 500 => {
                if PASSING.contains(&refusal.code.as_str()) {
                    Unsent::No(failure.to_string())
                } else {
                    Unsent::Refused(failure.to_string())
                }
            }
            _ => Unsent::Maybe(failure.to_string()),
        }
    }
}

/// What there was, per kind and pool, before this run made any of it: names and ids. Asked for once.
type Lists = Mutex<BTreeMap<(String, String), Vec<(String, String)>>>;

/// The ids of those that have the name of what a step is about to make.
fn existing(
    step: &Step,
    body: &Object,
    plan: &Plan,
    cognito: &dyn Cognito,
    lists: &Lists,
) -> Result<BTreeSet<String>, String> {
    let Some(kind) = kinds::kind(&step.kind) else { return Ok(BTreeSet::new()) };
    let pool_address = &step.pool;
    let in_new_pool =
        plan.steps.iter().any(|each| each.remembers && each.address == *pool_address && *pool_address != step.address);
    if in_new_pool {
        return Ok(BTreeSet::new());
    }
    let pool = body.get("UserPoolId").and_then(Json::as_str).unwrap_or_default();
    let mut lists = lists.lock().unwrap_or_else(PoisonError::into_inner);
    let listed = match lists.entry((step.kind.clone(), pool.to_owned())) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(unknown) => {
            unknown.insert(namesakes(cognito, &step.address, kind, pool).map_err(|error| error.to_string())?)
        }
    };
    let name = body.get(kind.name_setting()).and_then(Json::as_str).unwrap_or_default();
    Ok(listed.iter().filter(|(each, _)| each == name).map(|(_, id)| id.clone()).collect())
}

fn send(
    step: &Step,
    body: Object,
    plan: &Plan,
    cognito: &dyn Cognito,
    lists: &Lists,
    journal: &dyn Journal,
    progress: &dyn Progress,
) -> Result<(Object, Object), Unsent> {
    if step.remembers {
        let record = plan.records.get(&step.address).cloned().unwrap_or_default();
        let existing = existing(step, &body, plan, cognito, lists).map_err(Unsent::No)?;
        journal.intend(step, &record, &existing).map_err(Unsent::No)?;
    }
    let request = Request::new(&step.operation, body).about(&step.address);
    let Some(until) = &step.until else {
        let answer = cognito.call(&request).map_err(Unsent::from);
        if step.remembers
            && let Err(Unsent::No(why) | Unsent::Refused(why)) = &answer
        {
            // Both are to be known: the intent that stays is looked after by the next plan.
            journal.refused(&step.address).map_err(|error| Unsent::No(format!("{why}; and {error}")))?;
        }
        return Ok((request.body, answer?));
    };
    let begun = Instant::now();
    loop {
        let answer = cognito.call(&request)?;
        let is = setting::get(&answer, &until.path).as_str().unwrap_or_default();
        // A server that does not know states is there at once.
        if is == until.is || is.is_empty() {
            return Ok((request.body, answer));
        }
        if is == until.fails {
            return Err(Unsent::No(format!("{} became {is}", until.path)));
        }
        if begun.elapsed() > LOOK_AT_MOST || progress.stop() {
            return Err(Unsent::No(format!("{} is still {is}", until.path)));
        }
        progress.waiting(step, is);
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Takes in what a step's answer tells.
fn settle(
    step: &Step,
    body: &Object,
    answer: &Object,
    plan: &Plan,
    journal: &dyn Journal,
    shared: &mut Shared<'_>,
) -> Result<(), String> {
    let Some(kind) = kinds::kind(&step.kind) else { return Ok(()) };
    for address in &step.forgets {
        journal.forget(address)?;
        shared.outcome.recorded.remove(address);
        shared.outcome.observed.remove(address);
    }
    if step.remembers {
        let mut recorded = plan.records.get(&step.address).cloned().unwrap_or_default();
        recorded.kind.clone_from(&step.kind);
        recorded.identity = kind.identify(body, answer);
        journal.remember(&step.address, &recorded)?;
        shared.outcome.recorded.insert(step.address.clone(), recorded);
        shared.outcome.observed.insert(step.address.clone(), Observed::default());
    }
    let named = shared.outcome.recorded.get(&step.address).map(|known| known.identity.clone()).unwrap_or_default();
    if let Some(observed) = shared.outcome.observed.get_mut(&step.address)
        && kind.absorb(&step.operation, answer, &named, observed)
    {
        shared.stale.insert(step.address.clone());
    } else {
        // A later answer that shows everything makes up for an earlier one that did not.
        if !is_pool(kind) {
            shared.stale.remove(&step.address);
        }
    }
    Ok(())
}

fn is_pool(kind: &Kind) -> bool {
    kind.segment.is_empty()
}

/// Looks again at what the answers did not show.
fn refresh(cognito: &dyn Cognito, shared: &mut Shared<'_>) {
    for address in std::mem::take(&mut shared.stale) {
        let Some(recorded) = shared.outcome.recorded.get(&address) else { continue };
        let Some(kind) = kinds::kind(&recorded.kind) else { continue };
        // What cannot be seen now is seen by the next plan; the change itself was answered.
        if let Ok(Some(seen)) = look(cognito, &address, kind, &recorded.identity) {
            shared.outcome.observed.insert(address, seen);
        }
    }
}

/// What was declared is remembered for every address whose steps have all succeeded.
fn remember_the_rest(plan: &Plan, journal: &dyn Journal, shared: &mut Shared<'_>) {
    for (address, record) in &plan.records {
        let unfinished = plan
            .steps
            .iter()
            .enumerate()
            .any(|(position, step)| step.address == *address && shared.status[position] != Status::Done);
        let Some(recorded) = shared.outcome.recorded.get_mut(address) else { continue };
        let now = Recorded { identity: recorded.identity.clone(), kind: recorded.kind.clone(), ..record.clone() };
        if unfinished || *recorded == now {
            continue;
        }
        *recorded = now;
        if let Err(reason) = journal.remember(address, recorded) {
            shared.outcome.unkept.push((address.clone(), reason));
        }
    }
    for change in plan.changes.iter().filter(|change| change.action == poolform_core::Action::Forget) {
        match journal.forget(&change.address) {
            Ok(()) => {
                shared.outcome.recorded.remove(&change.address);
            }
            Err(reason) => shared.outcome.unkept.push((change.address.clone(), reason)),
        }
    }
}
