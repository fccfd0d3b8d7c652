//! Plans in files: what `plan -out` writes and `apply FILE` carries out, or refuses because the world has moved.

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::kinds::is_secret_key;
use poolform_core::{Address, Observed, Plan};
use poolform_language::{DeclaredVariable, VariableSource};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::cli::{PlanningArgs, RootArgs};
use crate::root::{Root, variables_of_environment};
use crate::stop::Stop;
use crate::world::World;

/// The layout of the file.
const VERSION: u32 = 1;

/// What a plan belongs to: carried out anywhere else it would be another plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The workspace.
    workspace: String,
    /// Where the state is.
    state: String,
    /// The serial of the state: every write and every event of an apply makes another one.
    serial: u64,
    /// The region.
    region: String,
    /// The endpoint, where it is not the service's own.
    endpoint: Option<String>,
    /// A digest of the files.
    files: String,
    /// A digest of what was there, per address, without secrets and what changes by itself.
    observed: BTreeMap<Address, String>,
}

impl Binding {
    /// What a plan that is made now belongs to.
    pub fn of(root: &Root, world: &World) -> Self {
        Binding {
            workspace: root.workspace.clone(),
            state: world.backend.place(),
            serial: world.state.serial,
            region: world.connection.region(),
            // The embedded Cognito is the same, served or not.
            endpoint: world.connection.endpoint.clone().filter(|_| !world.connection.local),
            files: root.digest(),
            observed: fingerprint(&world.observed),
        }
    }

    /// What has changed between the making of a plan and now; None while nothing has.
    pub fn moved_since(&self, now: &Binding) -> Option<String> {
        let differs = |same: bool, what: &str| (!same).then(|| what.to_owned());
        differs(self.workspace == now.workspace, "The workspace is another")
            .or_else(|| differs(self.state == now.state, "The state is kept elsewhere"))
            .or_else(|| differs(self.region == now.region && self.endpoint == now.endpoint, "Cognito is another"))
            .or_else(|| differs(self.files == now.files, "The files have changed"))
            .or_else(|| differs(self.serial == now.serial, "The state has changed"))
            .or_else(|| {
                let addresses: BTreeSet<&Address> = self.observed.keys().chain(now.observed.keys()).collect();
                addresses
                    .into_iter()
                    .find(|address| self.observed.get(*address) != now.observed.get(*address))
                    .map(|address| format!("{address} has changed"))
            })
    }
}

/// A saved plan.
#[derive(Debug, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    /// The plan.
    pub plan: Plan,
    /// What it belongs to.
    pub binding: Binding,
    /// Whether it removes everything.
    pub destroy: bool,
    /// Permissions that it was made with.
    allow_delete: Vec<String>,
    /// Permissions that it was made with.
    allow_replace: Vec<String>,
    /// References that were supplied.
    settings: Vec<String>,
    /// Variables that were given by `-var`, but for sensitive ones, which must be given again.
    variables: Vec<String>,
    /// Files that were given by `-var-file`.
    variable_files: Vec<String>,
    /// Variables that the environment gave, but for sensitive ones.
    environment: BTreeMap<String, String>,
    /// Whether it is of the embedded Cognito.
    local: bool,
}

/// Members of answers that change without anybody changing a setting, and those that are secret.
const VOLATILE: &[&str] = &["LastModifiedDate", "EstimatedNumberOfUsers", "ClientSecret", "Version", "Status"];

/// A digest of a text, 64 hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is compared before a plan is carried out: a digest per address, so that no value stands in a file.
fn fingerprint(observed: &BTreeMap<Address, Observed>) -> BTreeMap<Address, String> {
    observed
        .iter()
        .map(|(address, observed)| {
            let mut answer = observed.answer.clone();
            answer.retain(|name, _| !VOLATILE.contains(&name.as_str()));
            if let Some(serde_json::Value::Object(details)) = answer.get_mut("ProviderDetails") {
                details.retain(|name, _| !is_secret_key(name));
            }
            answer.sort_keys();
            (address.clone(), digest(&format!("{address} {}", serde_json::Value::Object(answer))))
        })
        .collect()
}

impl Saved {
    /// A plan to be saved.
    pub fn new(plan: Plan, binding: Binding, destroy: bool) -> Self {
        Saved {
            version: VERSION,
            plan,
            binding,
            destroy,
            allow_delete: Vec::new(),
            allow_replace: Vec::new(),
            settings: Vec::new(),
            variables: Vec::new(),
            variable_files: Vec::new(),
            environment: BTreeMap::new(),
            local: false,
        }
    }

    /// Keeps what it was made with, so that carrying it out sees the same root.
    #[must_use]
    pub fn made_with(mut self, root: &RootArgs, planning: &PlanningArgs, variables: &[DeclaredVariable]) -> Self {
        let shown = |name: &str| variables.iter().any(|variable| variable.name == name && !variable.sensitive);
        self.environment = variables_of_environment();
        self.environment.retain(|name, _| shown(name));
        self.allow_delete.clone_from(&planning.allow_delete);
        self.allow_replace.clone_from(&planning.allow_replace);
        self.settings.clone_from(&root.set);
        self.local = root.local;
        for source in &root.variables {
            match source {
                VariableSource::Argument(text) => {
                    let name = text.split('=').next().unwrap_or_default().trim();
                    if shown(name) {
                        self.variables.push(text.clone());
                    }
                }
                VariableSource::File(file) => self.variable_files.push(file.clone()),
                VariableSource::Environment(_) => {}
            }
        }
        self
    }

    /// Gives the arguments of a command what this plan was made with; what is given again wins.
    pub fn restore(&self, root: &mut RootArgs, planning: &mut PlanningArgs) {
        root.local = self.local;
        root.set.extend(self.settings.iter().cloned());
        let files = self.variable_files.iter().cloned().map(VariableSource::File);
        let arguments = self.variables.iter().cloned().map(VariableSource::Argument);
        let environment = VariableSource::Environment(self.environment.clone());
        root.variables.splice(0..0, std::iter::once(environment).chain(files).chain(arguments));
        planning.allow_delete.extend(self.allow_delete.iter().cloned());
        planning.allow_replace.extend(self.allow_replace.iter().cloned());
    }

    /// Writes it. A plan that carries secrets is not written.
    pub fn write(&self, file: &str) -> Result<(), Stop> {
        if self.plan.has_secrets() {
            return Err(Stop::message(
                "Plan with secrets",
                "This plan sends values that are marked as sensitive, and plans in files hold none. Apply it without -out.",
            ));
        }
        let bytes = serde_json::to_vec(self).expect("a plan has nothing but texts and numbers");
        std::fs::write(file, bytes)
            .map_err(|error| Stop::message("Plan not saved", format!("Writing {file} failed: {error}.")))
    }

    /// Reads one.
    pub fn read(file: &str) -> Result<Saved, Stop> {
        let unusable = |reason: String| Stop::message("Plan not usable", format!("{file}: {reason}."));
        let bytes = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let saved: Saved = serde_json::from_slice(&bytes)
            .map_err(|error| unusable(format!("it is no plan that `poolform plan -out` wrote ({error})")))?;
        if saved.version != VERSION || saved.plan.version != poolform_core::plan::VERSION {
            return Err(unusable("another version of poolform wrote it; plan again".to_owned()));
        }
        Ok(saved)
    }
}
