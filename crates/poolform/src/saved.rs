//! Plans in files: what `plan -out` writes and `apply FILE` carries out, or refuses because the world has moved.

use std::collections::BTreeMap;

use poolform_core::{Address, Observed, Plan};
use poolform_language::VariableSource;
use serde::{Deserialize, Serialize};

use crate::cli::{PlanningArgs, RootArgs};
use crate::stop::Stop;

/// The layout of the file.
const VERSION: u32 = 1;

/// A saved plan.
#[derive(Debug, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    /// The plan.
    pub plan: Plan,
    /// The serial of the state that it was made of.
    pub serial: u64,
    /// What was there, without secrets and what changes by itself.
    pub observed: BTreeMap<Address, serde_json::Value>,
    /// Permissions that it was made with.
    pub allow_delete: Vec<String>,
    /// Permissions that it was made with.
    pub allow_replace: Vec<String>,
    /// References that were supplied.
    pub settings: Vec<String>,
    /// Variables that were given by `-var`, but for sensitive ones, which must be given again.
    pub variables: Vec<String>,
    /// Files that were given by `-var-file`.
    pub variable_files: Vec<String>,
    /// Whether it is of the embedded Cognito.
    pub local: bool,
}

/// Members of answers that change without anybody changing a setting, and those that are secret.
const VOLATILE: &[&str] = &["LastModifiedDate", "EstimatedNumberOfUsers", "ClientSecret", "Version", "Status"];

/// What is compared before a saved plan is carried out.
pub fn fingerprint(observed: &BTreeMap<Address, Observed>) -> BTreeMap<Address, serde_json::Value> {
    observed
        .iter()
        .map(|(address, observed)| {
            let mut answer = observed.answer.clone();
            answer.retain(|name, _| !VOLATILE.contains(&name.as_str()));
            if let Some(serde_json::Value::Object(details)) = answer.get_mut("ProviderDetails") {
                details.retain(|name, _| {
                    !poolform_core::kinds::identity_provider::SECRET_DETAILS.contains(&name.as_str())
                });
            }
            (address.clone(), serde_json::Value::Object(answer))
        })
        .collect()
}

impl Saved {
    /// A plan to be saved.
    pub fn new(plan: Plan, serial: u64, observed: &BTreeMap<Address, Observed>) -> Self {
        Saved {
            version: VERSION,
            plan,
            serial,
            observed: fingerprint(observed),
            allow_delete: Vec::new(),
            allow_replace: Vec::new(),
            settings: Vec::new(),
            variables: Vec::new(),
            variable_files: Vec::new(),
            local: false,
        }
    }

    /// Keeps what it was made with, so that carrying it out sees the same root.
    #[must_use]
    pub fn made_with(mut self, root: &RootArgs, planning: &PlanningArgs, sensitive: &[String]) -> Self {
        self.allow_delete.clone_from(&planning.allow_delete);
        self.allow_replace.clone_from(&planning.allow_replace);
        self.settings.clone_from(&root.set);
        self.local = root.local;
        for source in &root.variables {
            match source {
                VariableSource::Argument(text) => {
                    let name = text.split('=').next().unwrap_or_default().trim();
                    if !sensitive.iter().any(|other| other == name) {
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
        root.variables.splice(0..0, files.chain(arguments));
        planning.allow_delete.extend(self.allow_delete.iter().cloned());
        planning.allow_replace.extend(self.allow_replace.iter().cloned());
    }

    /// Writes it. A plan that carries secrets is not written.
    pub fn write(&self, file: &str) -> Result<(), Stop> {
        if self.plan.has_secrets() {
            return Err(Stop::message(
                "Plan with secrets",
                "This plan sends a secret (of an identity provider), and plans in files hold none. Apply it without -out.",
            ));
        }
        let bytes = serde_json::to_vec(self).unwrap_or_default();
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
