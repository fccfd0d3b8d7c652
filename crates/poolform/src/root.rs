//! A root module, ready to plan: files read, calls evaluated and decoded, state and Cognito at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use poolform_apply::{Fate, Intent, has_users, observe, recover};
use poolform_client::Aws;
use poolform_core::kinds::user_pool;
use poolform_core::{Address, Context, Declaration, Endpoints, Observed, Recorded, declare, outputs};
use poolform_language::{Call, CallerIdentity, Configuration, External, Inputs, RootOutput, VariableSource, load};
use poolform_state::{Backend, Guard, Local, State, StateError};
use poolform_value::{Content, Diagnostic, Diagnostics, Severity, Subject, Value};

use crate::cli::{PlanningArgs, RootArgs};
use crate::connection::{self, Connection};
use crate::disk::Disk;
use crate::stop::Stop;
use crate::workspace::Places;

/// A root module and what it declares.
pub struct Root {
    /// Read once, kept as long as the process.
    configuration: &'static Configuration<'static>,
    /// Every pool's call.
    pub calls: Vec<Call>,
    /// What each declares.
    pub declarations: Vec<Declaration>,
    /// Warnings so far.
    pub warnings: Diagnostics,
    /// Where it keeps things.
    pub places: Places,
    /// The workspace.
    pub workspace: String,
    json: bool,
    local: bool,
}

/// Which unresolved references are mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// All.
    All,
    /// All but the outputs of pools of this root, which may become known.
    Pools,
}

/// The sources of calls that are poolform's: the registry's, a git repository of it, or poolform's own module.
fn is_pool(source: &str) -> bool {
    let source = source.trim_start_matches("registry.terraform.io/").trim_start_matches("registry.opentofu.org/");
    let repository = source.split(['?']).next().unwrap_or(source).trim_end_matches('/');
    source == "mineiros-io/cognito-user-pool/aws"
        || source == "poolform/cognito-user-pool/aws"
        || repository.trim_end_matches(".git").ends_with("mineiros-io/terraform-aws-cognito-user-pool")
        || repository.trim_end_matches(".git").ends_with("/poolform//terraform")
        || repository.ends_with("/poolform.git//terraform")
}

/// What the outside says to expressions; on the laptop it is made up, as the embedded Cognito's is.
struct Outside {
    local: bool,
    aws: OnceLock<Option<Arc<Aws>>>,
}

impl Outside {
    fn aws(&self) -> Option<&Arc<Aws>> {
        self.aws
            .get_or_init(|| poolform_client::connect(&poolform_client::Settings::default()).ok().map(Arc::new))
            .as_ref()
    }
}

impl External for Outside {
    fn region(&self) -> Option<String> {
        if self.local { Some("us-east-1".to_owned()) } else { self.aws().map(|aws| aws.region().to_owned()) }
    }

    fn caller_identity(&self) -> Option<CallerIdentity> {
        if self.local {
            let account = poolform_emulator::Options::default().account;
            let arn = format!("arn:aws:iam::{account}:root");
            return Some(CallerIdentity { user_id: account.clone(), account_id: account, arn });
        }
        let identity = self.aws()?.caller_identity().ok()?;
        Some(CallerIdentity { account_id: identity.account, arn: identity.arn, user_id: identity.user_id })
    }
}

fn inputs(directory: &Path, args: &RootArgs, workspace: &str) -> Result<Inputs<'static>, Stop> {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.to_str()?.strip_prefix("TF_VAR_")?.to_owned(), value.into_string().ok()?))
        })
        .collect();
    let mut variables = vec![VariableSource::Environment(environment)];
    variables.extend(args.variables.iter().cloned());
    let terraform_state = match &args.terraform_state {
        None => None,
        Some(file) => {
            let unusable = |reason: String| {
                Stop::message(
                    "Terraform state not usable",
                    format!("-terraform-state {file}: {reason}. Give the output of `terraform show -json`."),
                )
            };
            let bytes = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
            Some(serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?)
        }
    };
    let working_directory = std::env::current_dir().unwrap_or_else(|_| directory.to_owned());
    Ok(Inputs {
        variables,
        workspace: workspace.to_owned(),
        working_directory,
        home: std::env::var_os("HOME").map(Into::into),
        settings: args.set.clone(),
        terraform_state,
        // As long as the process: a command reads one root.
        external: Box::leak(Box::new(Outside { local: args.local, aws: OnceLock::new() })),
        now: jiff::Timestamp::now().to_string(),
    })
}

impl Root {
    /// Reads the files and evaluates every pool's call. Stops at errors.
    pub fn read(directory: &str, args: &RootArgs) -> Result<Root, Stop> {
        let places = Places::new(directory, args.local);
        let workspace = places.current();
        let inputs = inputs(places.root(), args, &workspace)?;
        let (configuration, diagnostics) = load(&Disk, places.root(), inputs);
        let configuration: &'static Configuration<'static> = Box::leak(Box::new(configuration));
        let mut root = Root {
            configuration,
            calls: Vec::new(),
            declarations: Vec::new(),
            warnings: Diagnostics::new(),
            places,
            workspace,
            json: args.json,
            local: args.local,
        };
        root.check(diagnostics)?;
        let settings = configuration.terraform();
        root.check(settings.1)?;
        root.evaluate(&|_: &str, _: &str| None, Strictness::Pools)?;
        if root.calls.is_empty() {
            return Err(root.no_pool());
        }
        Ok(root)
    }

    /// Evaluates and decodes every call anew, with the outputs of pools that are known by now.
    pub fn evaluate(&mut self, known: &dyn poolform_language::Known, strictness: Strictness) -> Result<(), Stop> {
        let (calls, mut diagnostics) = self.configuration.calls(&is_pool, known);
        self.calls = calls;
        self.declarations.clear();
        for call in &self.calls {
            if strictness == Strictness::Pools && self.waits_for_a_pool(call) {
                continue;
            }
            let context = Context { default_tags: connection::default_tags(&call.provider.arguments) };
            let of_core = poolform_core::Call { address: call.address.clone(), arguments: call.arguments.clone() };
            let (declaration, found) = declare(&of_core, &context);
            self.declarations.push(declaration);
            diagnostics.extend(found);
        }
        self.check(diagnostics)
    }

    /// Whether an argument of `call` is an output of a pool that is not known yet.
    fn waits_for_a_pool(&self, call: &Call) -> bool {
        call.arguments.values().filter_map(Value::first_unknown).any(|unknown| match &unknown.content {
            Content::Unknown(_, Some(origin)) => self.calls.iter().any(|other| {
                let module = other.address.split('[').next().unwrap_or_default();
                origin.reference.strip_prefix(module).is_some_and(|rest| rest.starts_with(['.', '[']))
            }),
            _ => false,
        })
    }

    /// Stops at errors, keeps warnings.
    pub fn check(&mut self, diagnostics: Diagnostics) -> Result<(), Stop> {
        let located = self.locate(diagnostics);
        if located.has_errors() {
            let mut all = std::mem::take(&mut self.warnings);
            all.extend(located);
            all.0.sort_by_key(|diagnostic| diagnostic.severity);
            return Err(self.stop(all));
        }
        self.warnings.extend(located);
        Ok(())
    }

    /// A stop that can show the files.
    pub fn stop(&self, diagnostics: Diagnostics) -> Stop {
        let configuration = self.configuration;
        Stop::of(diagnostics, Box::new(move |file| configuration.sources().text(file)), self.json)
    }

    /// From attribute paths to places in the files.
    fn locate(&self, mut diagnostics: Diagnostics) -> Diagnostics {
        for diagnostic in &mut diagnostics.0 {
            let Some(subject) = &diagnostic.subject else { continue };
            let (address, path) = match subject {
                Subject::Source(_) => continue,
                Subject::Argument(address, path) => (address, Some(path)),
                Subject::Address(address) => (address, None),
            };
            let Some(call) = self
                .calls
                .iter()
                .find(|call| call.address == *address || address.starts_with(&format!("{}.", call.address)))
            else {
                continue;
            };
            let span = path.and_then(|path| path.locate(&Value::object(call.arguments.clone())).cloned());
            diagnostic.subject = Some(Subject::Source(span.unwrap_or_else(|| call.span.clone())));
        }
        diagnostics
    }

    fn no_pool(&self) -> Stop {
        let near: Vec<String> = self
            .configuration
            .near_misses()
            .into_iter()
            .filter(|miss| {
                miss.source.to_lowercase().contains("cognito") || miss.source.to_lowercase().contains("user-pool")
            })
            .map(|miss| format!("\n    {} with source \"{}\"", miss.address, miss.source))
            .collect();
        let remedy = if near.is_empty() {
            String::new()
        } else {
            format!(
                " These calls look like one, and would be taken for it with source = \"mineiros-io/cognito-user-pool/aws\":{}",
                near.concat()
            )
        };
        Stop::of(
            Diagnostic::error(
                "No user pool",
                format!(
                    "No module call with the source mineiros-io/cognito-user-pool/aws was found in the directory {:?}.{remedy}",
                    self.places.root()
                ),
            )
            .into(),
            Box::new(|_| None),
            self.json,
        )
    }

    /// The configuration.
    pub fn configuration(&self) -> &'static Configuration<'static> {
        self.configuration
    }

    /// Where the state is kept.
    pub fn backend(&self) -> Result<Box<dyn Backend>, Stop> {
        let (settings, _) = self.configuration.terraform();
        let Some(storage) = &settings.storage else {
            return Ok(Box::new(Local::new(self.places.state(&self.workspace, None))));
        };
        // With -local nothing leaves the laptop, whatever backend the root has.
        if storage.kind != "local" && !self.local {
            let detail = format!(
                "This root keeps its state in \"{}\", which poolform does not support yet; the backend \"local\" is \
                 supported. With -local everything is kept on this machine.",
                storage.kind
            );
            return Err(self.stop(Diagnostic::error("Unsupported backend", detail).at(Some(&storage.span)).into()));
        }
        let path = storage.settings.get("path").and_then(Value::as_str);
        Ok(Box::new(Local::new(self.places.state(&self.workspace, path))))
    }

    /// Connects to the Cognito of this root's calls.
    pub fn connect(&mut self, args: &RootArgs) -> Result<Connection, Stop> {
        let mut diagnostics = Diagnostics::new();
        let mut found: Vec<(poolform_client::Settings, &Call)> = Vec::new();
        for call in &self.calls {
            let (settings, problems) = connection::settings(&call.provider.arguments);
            if !self.local {
                diagnostics.extend(problems);
            }
            if !found.iter().any(|(other, _)| *other == settings) {
                found.push((settings, call));
            }
        }
        let regions: BTreeSet<Option<&String>> = found.iter().map(|(settings, _)| settings.region.as_ref()).collect();
        if (self.local && regions.len() > 1) || (!self.local && found.len() > 1) {
            let (_, call) = &found[1];
            let detail = "Pools of one root that use different provider configurations (region, profile, role or endpoint) \
                          are not supported yet. Give each configuration a root of its own.";
            diagnostics.push(Diagnostic::error("Several provider configurations", detail).at(Some(&call.span)));
        }
        let settings = found.into_iter().next().map(|(settings, _)| settings).unwrap_or_default();
        self.check(diagnostics)?;
        if args.local {
            return connection::local(&self.places, settings.region.as_deref())?.logged();
        }
        let (connection, aws) = connection::remote(&settings)?;
        self.check_account(&aws)?;
        connection.logged()
    }

    /// Follows `moved` and `removed` blocks of pools' modules; `import` blocks for them are refused.
    fn relocate(&mut self, state: &mut State) -> Result<(), Stop> {
        let below = |address: &str, from: &str| {
            address == from || address.strip_prefix(from).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        for moved in self.configuration.moved() {
            let addresses: Vec<Address> =
                state.resources.keys().filter(|address| below(address, &moved.from)).cloned().collect();
            let taken = state.resources.keys().any(|address| below(address, &moved.to));
            if addresses.is_empty() || taken {
                continue;
            }
            for address in addresses {
                if let (Some(recorded), Some(rest)) =
                    (state.resources.remove(&address), address.strip_prefix(&moved.from))
                {
                    state.resources.insert(format!("{}{rest}", moved.to), recorded);
                }
            }
        }
        for removed in self.configuration.removed().iter().filter(|removed| !removed.destroy) {
            state.resources.retain(|address, _| !below(address, &removed.from));
        }
        let mut diagnostics = Diagnostics::new();
        for import in self.configuration.imports() {
            let of_pool =
                self.calls.iter().any(|call| below(&import.to, call.address.split('[').next().unwrap_or_default()));
            if of_pool {
                let detail =
                    "poolform does not take over existing pools by import blocks yet. Remove the block to go on.";
                diagnostics.push(Diagnostic::error("Unsupported import block", detail).at(Some(&import.span)));
            }
        }
        self.check(diagnostics)
    }

    /// `allowed_account_ids` and `forbidden_account_ids` of the provider.
    fn check_account(&mut self, aws: &Aws) -> Result<(), Stop> {
        let lists: Vec<(&'static str, Value)> = self
            .calls
            .first()
            .map(|call| {
                ["allowed_account_ids", "forbidden_account_ids"]
                    .into_iter()
                    .filter_map(|name| Some((name, call.provider.arguments.get(name)?.clone())))
                    .filter(|(_, value)| value.items().is_some_and(|items| !items.is_empty()))
                    .collect()
            })
            .unwrap_or_default();
        if lists.is_empty() {
            return Ok(());
        }
        let account =
            aws.caller_identity().map_err(|error| Stop::message("Account not known", error.to_string()))?.account;
        for (name, value) in lists {
            let listed = value.items().unwrap_or_default().iter().any(|item| item.as_str() == Some(&account));
            if listed != (name == "allowed_account_ids") {
                let detail =
                    format!("The credentials are of account {account}, which {name} of the provider rules out.");
                return Err(self.stop(Diagnostic::error("Wrong account", detail).at(value.span.as_ref()).into()));
            }
        }
        Ok(())
    }
}

/// What a plan is made of besides the files.
pub struct World {
    /// Cognito.
    pub connection: Connection,
    /// The state's place.
    pub backend: Box<dyn Backend>,
    /// The state.
    pub state: State,
    /// What is there.
    pub observed: BTreeMap<Address, Observed>,
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
                        Err(_) if begun.elapsed() < patience => {
                            std::thread::sleep(std::time::Duration::from_millis(200))
                        }
                        Err(error) => return Err(state_error(error)),
                    }
                }
            }
        };
        let mut state = backend.read().map_err(state_error)?;
        root.relocate(&mut state)?;
        let connection = root.connect(args)?;
        check_place(&state, &connection)?;
        take_over(&mut state, &connection)?;
        let observed = observe(&*connection.cognito, &state.resources, planning.parallelism)
            .map_err(|error| Stop::message("Cognito could not be read", format!("{error}.")))?;
        let world = World { connection, backend, state, observed, _guard: guard };
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

    /// Writes the state with what was adopted.
    pub fn keep_adopted(&mut self) -> Result<(), Stop> {
        self.state.serial += 1;
        self.state.region = Some(self.connection.region.clone());
        self.state.endpoint.clone_from(&self.connection.endpoint);
        self.backend.write(&self.state).map_err(|error| Stop::message("State not written", error.to_string()))
    }

    /// Asks Cognito again.
    pub fn look_again(&mut self, planning: &PlanningArgs) -> Result<(), Stop> {
        self.observed = observe(&*self.connection.cognito, &self.state.resources, planning.parallelism)
            .map_err(|error| Stop::message("Cognito could not be read", format!("{error}.")))?;
        Ok(())
    }

    /// Pools may use the outputs of other pools: evaluate again with what is known now, until nothing new is.
    fn settle_references(&self, root: &mut Root) -> Result<(), Stop> {
        if !root.calls.iter().any(|call| call.arguments.values().any(|value| value.first_unknown().is_some())) {
            return Ok(());
        }
        let known = self.call_outputs(root);
        root.evaluate(&known, Strictness::All)
    }

    /// Asks of every pool that would go, or may be replaced, whether it has users.
    pub fn count_users(&mut self, wanted: &BTreeSet<&str>, replaceable: &[String]) -> Result<(), Stop> {
        for (address, recorded) in &self.state.resources {
            let stays = wanted.contains(address.as_str()) && !replaceable.contains(address);
            if recorded.kind != user_pool::KIND.name || stays {
                continue;
            }
            if let (Some(observed), Some(id)) = (self.observed.get_mut(address), recorded.identity.get("UserPoolId")) {
                let users = has_users(&*self.connection.cognito, address, id)
                    .map_err(|error| Stop::message("Cognito could not be read", format!("{error}.")))?;
                observed.users = Some(users);
            }
        }
        Ok(())
    }

    /// What the outputs of the pools' calls are by now.
    pub fn call_outputs(&self, root: &Root) -> CallOutputs {
        let endpoints = Endpoints {
            issuer: &|pool| self.connection.issuer(pool),
            pages: &|domain| self.connection.pages(domain),
            date: &rfc3339,
        };
        let of_call = |declaration: &Declaration| {
            outputs(declaration, &self.observed, &endpoints).map(|outputs| (declaration.address.clone(), outputs))
        };
        CallOutputs(root.declarations.iter().filter_map(of_call).collect())
    }

    /// The root's outputs.
    pub fn root_outputs(&self, root: &mut Root, names: Option<&[&str]>) -> Result<Vec<RootOutput>, Stop> {
        let known = self.call_outputs(root);
        let (outputs, diagnostics) = root.configuration.outputs(names, &known);
        root.check(diagnostics)?;
        Ok(outputs)
    }
}

/// Finds out what became of creates whose answer was never kept, and remembers what was made.
fn take_over(state: &mut State, connection: &Connection) -> Result<(), Stop> {
    if state.pending.is_empty() {
        return Ok(());
    }
    let intents: Vec<Intent> = state
        .pending
        .iter()
        .map(|(address, pending)| Intent {
            address: address.clone(),
            kind: pending.kind.clone(),
            name: pending.name.clone(),
            since: pending.since,
        })
        .collect();
    let fates = recover(&*connection.cognito, &intents, &state.resources)
        .map_err(|error| Stop::message("Cognito could not be read", format!("{error}.")))?;
    for (address, fate) in fates {
        match fate {
            Fate::Absent => {
                state.pending.remove(&address);
            }
            Fate::Made(recorded) => {
                eprintln!("{address}: made by an apply that was interrupted, and taken over.");
                state.pending.remove(&address);
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
    Ok(())
}

/// A state belongs to one region and one endpoint.
fn check_place(state: &State, connection: &Connection) -> Result<(), Stop> {
    let elsewhere = match &state.region {
        Some(region) if *region != connection.region => {
            Some(format!("region {region}, and the provider says {}", connection.region))
        }
        _ => None,
    };
    match elsewhere {
        Some(what) if !state.resources.is_empty() => Err(Stop::message(
            "State of another place",
            format!("The state is of {what}. Pools do not move: set it back, or use another workspace."),
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
pub struct CallOutputs(BTreeMap<Address, BTreeMap<&'static str, Value>>);

impl poolform_language::Known for CallOutputs {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        self.0.get(address)?.get(name).cloned()
    }

    fn names(&self, _: &str) -> Vec<String> {
        poolform_core::OUTPUTS.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// Prints warnings now, on standard error.
pub fn print_warnings(root: &mut Root) {
    let warnings = std::mem::take(&mut root.warnings);
    if !root.json && warnings.0.iter().any(|warning| warning.severity == Severity::Warning) {
        let configuration = root.configuration;
        crate::render::diagnostic::print(&warnings, &|file| configuration.sources().text(file));
    } else {
        root.warnings = warnings;
    }
}
