//! What a plan is made of besides the files: the state, Cognito, and what is there.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use poolform_apply::{Fate, Intent, has_users, observe, recover};
use poolform_core::kinds::{self, Kind};
use poolform_core::plan::within;
use poolform_core::terraform::resources::attributes;
use poolform_core::{Address, Declaration, Endpoints, Observed, Plan, Recorded, compare, outputs, setting};
use poolform_language::RootOutput;
use poolform_state::{Backend, Guard, State, StateError};
use poolform_value::{Diagnostic, Diagnostics, Value};

use crate::cli::{PlanningArgs, RootArgs};
use crate::connection::{self, Connection};
use crate::data;
use crate::resources::any_unknown;
use crate::root::{Root, Strictness};
use crate::stop::Stop;
use crate::terraforms;

/// What a plan is made of besides the files.
pub struct World {
    /// Cognito.
    pub connection: Connection,
    /// The state's place.
    pub backend: Box<dyn Backend>,
    /// The state, with what blocks of the files move and what was recovered.
    pub state: State,
    /// The state as it was read.
    read: State,
    /// What is there.
    pub observed: BTreeMap<Address, Observed>,
    /// Whether it has been said which secrets cannot be shown.
    said: Cell<bool>,
    /// Held while the state may be written.
    _guard: Option<Box<dyn Guard>>,
}

impl World {
    /// Reads the state, under a lock unless only looking, and asks Cognito what is there.
    pub fn open(root: &mut Root, args: &RootArgs, planning: &PlanningArgs, why: Option<&str>) -> Result<World, Stop> {
        if !planning.refresh {
            return Err(Stop::message(
                "-refresh=false is not possible",
                "poolform's state keeps no values, so that it can hold no secret; every plan asks Cognito.",
            ));
        }
        root.targets.clone_from(&planning.target);
        let backend = root.backend()?;
        let state_error = |error: StateError| Stop::message("State not usable", error.to_string());
        let patience = connection::duration(&planning.lock_timeout).ok_or_else(|| {
            Stop::message(
                "Invalid -lock-timeout",
                format!("{} is no duration such as 30s or 5m.", planning.lock_timeout),
            )
        })?;
        let guard = match why {
            None => None,
            Some(why) => {
                let begun = std::time::Instant::now();
                loop {
                    match backend.lock(why) {
                        Ok(guard) => break Some(guard),
                        Err(StateError::Held(_)) if begun.elapsed() < patience => {
                            std::thread::sleep(std::time::Duration::from_millis(200))
                        }
                        Err(error) => return Err(state_error(error)),
                    }
                }
            }
        };
        let read = backend.read().map_err(state_error)?;
        let mut state = read.clone();
        root.relocate(&mut state)?;
        if root.is_terraforms() {
            terraforms::name(root.places.root(), args, &root.declarations, &mut state)?;
        }
        root.know_pools(&state);
        let of_pools = state.resources.values().filter_map(|recorded| recorded.identity.get("UserPoolId"));
        let regions = of_pools.map(|id| connection::region_of(id).to_owned()).collect();
        let connection = root.connect(args, &regions)?;
        check_place(&state, &connection)?;
        if state.resources.is_empty() {
            // Kept before the first create: a journal alone does not say where its ids are.
            state.region = Some(connection.region());
            state.endpoint = connection.endpoint.clone().filter(|_| !connection.local);
        }
        let taken_over = take_over(&mut state, &connection)?;
        let observed = observe(&*connection.cognito, &state.resources, planning.parallelism)?;
        check_imported(root, &read, &state, &observed)?;
        check_taken_over(root, &taken_over, &observed)?;
        check_account(&state, &observed)?;
        let world = World { connection, backend, state, read, observed, said: Cell::new(false), _guard: guard };
        world.settle_references(root)?;
        Ok(world)
    }

    /// Takes in what is to be adopted and looks at it; the addresses that are not there.
    pub fn adopt(
        &mut self,
        adopted: &BTreeMap<Address, Recorded>,
        planning: &PlanningArgs,
    ) -> Result<Vec<Address>, Stop> {
        self.state.resources.extend(adopted.clone());
        self.look_again(planning)?;
        Ok(adopted.keys().filter(|address| !self.observed.contains_key(*address)).cloned().collect())
    }

    /// Writes the state where it is another than the one that was read, or where a journal is left to fold in.
    pub fn keep(&mut self) -> Result<(), Stop> {
        if self.state == self.read && self.read.replayed == 0 {
            return Ok(());
        }
        let mut state = self.state.clone();
        state.account = self.observed.values().find_map(account_of).or(state.account.take());
        state.serial += 1;
        state.replayed = 0;
        self.backend.write(&state).map_err(|error| Stop::message("State not written", error.to_string()))?;
        self.state = state.clone();
        self.read = state;
        Ok(())
    }

    /// Asks Cognito again.
    pub fn look_again(&mut self, planning: &PlanningArgs) -> Result<(), Stop> {
        self.observed = observe(&*self.connection.cognito, &self.state.resources, planning.parallelism)?;
        Ok(())
    }

    /// Pools may use the outputs of other pools: evaluate again with what is known now, until nothing new is.
    pub fn settle_references(&self, root: &mut Root) -> Result<(), Stop> {
        root.know_pools(&self.state);
        let of_calls =
            root.calls.iter().any(|call| call.arguments.values().any(|value| value.first_unknown().is_some()));
        let of_data = !root.data.instances.is_empty();
        if !of_calls && !of_data && !any_unknown(&root.resources) && !root.has_parts_elsewhere() {
            return Ok(());
        }
        root.data.forget();
        self.settle_data(root)?;
        loop {
            let known = self.call_outputs(root);
            root.evaluate(&known, Strictness::All)?;
            if !self.settle_data(root)? {
                return Ok(());
            }
        }
    }

    /// Asks Cognito for what data sources name that is not in the root. Whether anything new is known.
    fn settle_data(&self, root: &mut Root) -> Result<bool, Stop> {
        let endpoints = Endpoints {
            issuer: &|pool| self.connection.issuer(pool),
            keys: &|pool| self.connection.keys(pool),
            pages: &|pool, domain| self.connection.pages(pool, domain),
            date: &rfc3339,
        };
        let mut new = false;
        loop {
            // What is wrong with them is said by the evaluation.
            let known = self.call_outputs(root);
            root.resolve_data(&known, &BTreeMap::new());
            if !data::ask(root, &*self.connection.cognito, &endpoints)? {
                return Ok(new);
            }
            new = true;
        }
    }

    /// Asks of every pool that would go, or may be replaced, whether it has users.
    pub fn count_users(&mut self, wanted: &BTreeSet<&str>, replaceable: &[String]) -> Result<(), Stop> {
        for (address, recorded) in &self.state.resources {
            let stays = wanted.contains(address.as_str()) && !replaceable.contains(address);
            if recorded.kind != kinds::pool().name || stays {
                continue;
            }
            if let (Some(observed), Some(id)) = (self.observed.get_mut(address), recorded.identity.get("UserPoolId")) {
                let users = has_users(&*self.connection.cognito, address, id, &declared_users(&self.state, address))?;
                observed.users = Some(users);
            }
        }
        Ok(())
    }

    /// Asks once more, right before they go, whether pools that the plan deletes have users by now.
    pub fn nobody_came(&self, plan: &Plan, allowed: &[String]) -> Result<(), Stop> {
        for stake in plan.stakes.iter().filter(|stake| !allowed.contains(&stake.address)) {
            let Some(id) = self.state.resources.get(&stake.address).and_then(|pool| pool.identity.get("UserPoolId"))
            else {
                continue;
            };
            let users =
                has_users(&*self.connection.cognito, &stake.address, id, &declared_users(&self.state, &stake.address))?;
            if users {
                return Err(Stop::message(
                    "Pool with users",
                    format!(
                        "The pool \"{}\" has users since the plan was made. Nothing was done. If it is to go with them: \
                         -allow-delete='{}'.",
                        stake.name, stake.address
                    ),
                ));
            }
        }
        Ok(())
    }

    /// What the outputs of the pools' calls are by now.
    pub fn call_outputs(&self, root: &Root) -> CallOutputs {
        let endpoints = Endpoints {
            issuer: &|pool| self.connection.issuer(pool),
            keys: &|pool| self.connection.keys(pool),
            pages: &|pool, domain| self.connection.pages(pool, domain),
            date: &rfc3339,
        };
        let of_call = |declaration: &Declaration| {
            outputs(declaration, &self.observed, &endpoints).map(|outputs| (declaration.address.clone(), outputs))
        };
        let (of_resources, of_calls): (Vec<Declaration>, Vec<Declaration>) =
            root.declarations.iter().cloned().partition(|each| root.is_resource(&each.address));
        let known: BTreeMap<_, _> = of_calls.iter().filter_map(of_call).collect();
        let coming =
            root.calls.iter().map(|call| call.address.clone()).filter(|call| !known.contains_key(call)).collect();
        let mut resources = attributes(&of_resources, &self.observed, &endpoints);
        let of_data = root.data.filled(&resources);
        resources.extend(of_data);
        CallOutputs { known, resources, absent: root.data.absent.clone(), coming }
    }

    /// The root's outputs.
    pub fn root_outputs(&self, root: &mut Root, names: Option<&[&str]>) -> Result<Vec<RootOutput>, Stop> {
        if !root.data.instances.is_empty() {
            self.settle_data(root)?;
        }
        let known = self.call_outputs(root);
        let (outputs, diagnostics) = root.configuration().outputs(names, &known);
        root.check(diagnostics)?;
        if outputs.iter().any(|output| output.sensitive && has_null(&output.value)) && !self.said.replace(true) {
            crate::render::diagnostic::print(&self.unreadable(root, &outputs), &|_| None);
        }
        Ok(outputs)
    }

    /// Clients whose secrets were rotated and whose pools the outputs read: Cognito shows none of their secrets any more
    /// (API page of ListUserPoolClientSecrets), so that outputs cannot either.
    fn unreadable(&self, root: &Root, outputs: &[RootOutput]) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        let desired = root.declarations.iter().flat_map(|declaration| &declaration.desired);
        for desired in desired.filter(|desired| kinds::kind(desired.kind).is_some_and(Kind::has_secret)) {
            let Some(seen) = self.observed.get(&desired.address) else { continue };
            let read = outputs
                .iter()
                .any(|output| output.sensitive && output.reads.iter().any(|module| within(&desired.call, module)));
            let has_one = setting::get(&seen.settings, "GenerateSecret").as_bool() == Some(true);
            if read && has_one && !seen.answer.contains_key("ClientSecret") {
                let detail = "The secrets of this client were rotated, and Cognito shows none of them any more: in client_secrets \
                              it is null. What rotate-secret printed is the one to use; to get another, rotate again.";
                diagnostics.push(Diagnostic::warning("Secret that cannot be shown", detail).of(&desired.address));
            }
        }
        diagnostics
    }
}

/// The names of users that the files declare for a pool.
fn declared_users<'s>(state: &'s State, pool: &str) -> BTreeSet<&'s str> {
    let of_pool = state.resources.iter().filter(|(address, recorded)| recorded.pool_of(address) == pool);
    let users = of_pool.filter(|(_, recorded)| kinds::kind(&recorded.kind).is_some_and(Kind::is_a_user));
    users.filter_map(|(_, recorded)| recorded.identity.get("Username").map(String::as_str)).collect()
}

/// Whether there is null anywhere in a value.
fn has_null(value: &Value) -> bool {
    let mut inner = value.items().into_iter().flatten().chain(value.members().into_iter().flat_map(BTreeMap::values));
    value.is_null() || inner.any(has_null)
}

/// Finds out what became of creates whose answer was never kept, and remembers what was made.
fn take_over(state: &mut State, connection: &Connection) -> Result<Vec<Address>, Stop> {
    let mut taken_over = Vec::new();
    if state.pending.is_empty() {
        return Ok(taken_over);
    }
    let intents: Vec<Intent> = state
        .pending
        .iter()
        .map(|(address, pending)| Intent {
            address: address.clone(),
            pool: pending.record.pool_of(address).to_owned(),
            kind: pending.kind.clone(),
            name: pending.name.clone(),
            since: pending.since,
            existing: pending.existing.clone(),
        })
        .collect();
    let fates = recover(&*connection.cognito, &intents, &state.resources)?;
    for (address, fate) in fates {
        match fate {
            Fate::Absent => {
                state.pending.remove(&address);
            }
            Fate::Made(recorded) => {
                say!("{address}: made by an apply that was interrupted, and taken over.");
                taken_over.push(address.clone());
                let mut recorded = recorded;
                if let Some(pending) = state.pending.remove(&address) {
                    // What was sent is declared, and goes back to Cognito's default once it no longer is.
                    recorded.declared = pending.record.declared;
                    recorded.keys = pending.record.keys;
                    recorded.pool = pending.record.pool;
                }
                state.resources.insert(address, recorded);
            }
            Fate::Unclear(ids) => {
                return Err(Stop::message(
                    "Interrupted create",
                    format!(
                        "An apply was interrupted while it made {address}, and several of that name have come since: {}. \
                         Delete those that are not wanted, and run this again.",
                        ids.join(", ")
                    ),
                ));
            }
        }
    }
    Ok(taken_over)
}

/// What an interrupted apply made is as it was declared; what is not may be somebody else's, made at the same time
/// under the same name.
fn check_taken_over(root: &Root, taken_over: &[Address], observed: &BTreeMap<Address, Observed>) -> Result<(), Stop> {
    for address in taken_over {
        let desired = root.declarations.iter().flat_map(|declaration| &declaration.desired);
        let Some((desired, seen)) =
            desired.into_iter().find(|desired| desired.address == *address).zip(observed.get(address))
        else {
            continue;
        };
        let Some(kind) = poolform_core::kinds::kind(desired.kind) else { continue };
        let comparison = compare(kind, desired, &Recorded::default(), seen);
        let differs = comparison.changes.iter().find(|change| {
            // What has a request of its own comes later.
            kind.family(&change.path).is_none()
        });
        let what = differs.map(|change| change.argument.clone());
        if let Some(what) = what.or(comparison.refusals.into_iter().next().map(|(path, _)| path)) {
            return Err(Stop::message(
                "Interrupted create",
                format!(
                    "An apply was interrupted while it made {address}, and one of that name has come since whose {what} is \
                     another than the one that is declared. If it is this one, declare it as it is, apply, and then change \
                     it; if it is somebody else's, give yours another name."
                ),
            ));
        }
    }
    Ok(())
}

/// A state belongs to its pools' regions and to one endpoint. The embedded Cognito has pools of every region.
fn check_place(state: &State, connection: &Connection) -> Result<(), Stop> {
    if connection.local || state.resources.is_empty() {
        return Ok(());
    }
    let here = |place: &Option<String>| place.clone().unwrap_or_else(|| "Cognito's own".to_owned());
    let regions = connection.regions();
    let of_pools = state.resources.values().filter_map(|recorded| recorded.identity.get("UserPoolId"));
    let elsewhere = match of_pools.map(|id| connection::region_of(id)).find(|region| !regions.contains(region)) {
        Some(region) => Some(format!("region {region}, and the provider says {}", connection.region())),
        None if state.endpoint != connection.endpoint => Some(format!(
            "the endpoint {}, and this run talks to {}",
            here(&state.endpoint),
            here(&connection.endpoint)
        )),
        None => None,
    };
    match elsewhere {
        Some(what) => Err(Stop::message(
            "State of another place",
            format!("The state is of {what}. Pools do not move: set it back, or use another workspace."),
        )),
        None => Ok(()),
    }
}

/// The account that a pool is in.
fn account_of(observed: &Observed) -> Option<String> {
    setting::get(&observed.answer, "Arn").as_str()?.split(':').nth(4).map(str::to_owned)
}

/// What an `import` block names must be there: made anew it would be another one.
fn check_imported(
    root: &mut Root,
    read: &State,
    state: &State,
    observed: &BTreeMap<Address, Observed>,
) -> Result<(), Stop> {
    let mut diagnostics = Diagnostics::new();
    let known = |recorded: &Recorded| read.resources.values().any(|known| known.identity == recorded.identity);
    let journalled = |address: &Address| read.pending.contains_key(address);
    for (address, recorded) in &state.resources {
        if !observed.contains_key(address) && !known(recorded) && !journalled(address) {
            let names: Vec<String> = recorded.identity.iter().map(|(member, id)| format!("{member} {id}")).collect();
            let detail =
                format!("Cognito has nothing of {address} under {}. Look whether the id is right.", names.join(", "));
            diagnostics.push(Diagnostic::error("Import of what is not there", detail).of(address));
        }
    }
    root.check(diagnostics)
}

/// What is found under the ids of a state is in the account of that state.
fn check_account(state: &State, observed: &BTreeMap<Address, Observed>) -> Result<(), Stop> {
    match (&state.account, observed.values().find_map(account_of)) {
        (Some(recorded), Some(found)) if *recorded != found => Err(Stop::message(
            "State of another place",
            format!("The state is of the account {recorded}, and these credentials lead to {found}."),
        )),
        _ => Ok(()),
    }
}

fn rfc3339(seconds: f64) -> String {
    // Cognito's dates are seconds with a fraction; the provider shows whole ones.
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit an i64 for the next 292 billion years")]
    let whole = seconds as i64;
    jiff::Timestamp::from_second(whole).map(|timestamp| timestamp.to_string()).unwrap_or_default()
}

/// Outputs per call.
pub struct CallOutputs {
    known: BTreeMap<Address, BTreeMap<&'static str, Value>>,
    /// The attributes of resources and data sources.
    resources: BTreeMap<Address, Value>,
    /// Data sources of which Cognito has nothing.
    absent: BTreeSet<Address>,
    /// Calls whose outputs are not known yet.
    coming: BTreeSet<Address>,
}

impl poolform_language::Known for CallOutputs {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        if self.coming.contains(address) {
            // Not known yet, but sensitive already.
            let unknown = Value::unknown(&format!("{address}.{name}"), None);
            return Some(unknown.marked(name == "client_secrets"));
        }
        self.known.get(address)?.get(name).cloned()
    }

    fn resource(&self, address: &str) -> Option<Value> {
        self.resources.get(address).cloned()
    }

    fn is_absent(&self, address: &str) -> bool {
        self.absent.contains(address)
    }

    fn names(&self, _: &str) -> Vec<String> {
        poolform_core::OUTPUTS.iter().map(|name| (*name).to_owned()).collect()
    }
}
