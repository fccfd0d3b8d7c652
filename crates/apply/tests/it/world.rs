//! A Cognito in memory, a state in memory, and the way from arguments to an applied plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use poolform_apply::{Journal, Outcome, Progress, observe, run};
use poolform_core::check::Checked;
use poolform_core::{
    Address, Call, Context, Observed, Permissions, Plan, Recorded, Request, Step, check, declare, plan,
};
use poolform_emulator::{Emulator, Options};
use poolform_model::Cognito;
use poolform_value::{Diagnostics, Value};

/// Arguments of `module.pool`.
pub type Arguments = BTreeMap<String, Value>;

/// A Cognito and what a state remembers of it.
pub struct World {
    pub cognito: Emulator,
    pub recorded: BTreeMap<Address, Recorded>,
    pub permissions: Permissions,
}

/// A journal and a watcher that want nothing.
pub struct Quiet(pub Mutex<Vec<String>>);

impl Journal for Quiet {
    fn intend(&self, step: &Step, _: &Recorded, _: &BTreeSet<String>) -> Result<(), String> {
        self.0.lock().unwrap().push(format!("intend {}", step.address));
        Ok(())
    }
    fn refused(&self, address: &str) -> Result<(), String> {
        self.0.lock().unwrap().push(format!("refused {address}"));
        Ok(())
    }
    fn remember(&self, address: &str, _: &Recorded) -> Result<(), String> {
        self.0.lock().unwrap().push(format!("remember {address}"));
        Ok(())
    }
    fn forget(&self, address: &str) -> Result<(), String> {
        self.0.lock().unwrap().push(format!("forget {address}"));
        Ok(())
    }
}

impl Progress for Quiet {
    fn started(&self, _: &Step) {}
    fn finished(&self, _: &Step, _: Duration, _: Option<&str>) {}
    fn waiting(&self, _: &Step, _: &str) {}
    fn stop(&self) -> bool {
        false
    }
}

impl World {
    pub fn new() -> Self {
        World::with(Options::default())
    }

    /// With a Cognito that behaves in another way.
    pub fn with(options: Options) -> Self {
        World { cognito: Emulator::in_memory(options), recorded: BTreeMap::new(), permissions: Permissions::default() }
    }

    /// The plan from here to `arguments`, and everything that was said about it.
    pub fn plan(&self, arguments: Option<&Arguments>) -> (Plan, BTreeMap<Address, Observed>, Diagnostics) {
        let mut observed = observe(&self.cognito, &self.recorded, 4).unwrap();
        for each in observed.values_mut() {
            each.users = Some(false);
        }
        let (plan, said) = self.plan_with(arguments, &observed);
        (plan, observed, said)
    }

    /// The plan from what was observed to `arguments`.
    pub fn plan_with(
        &self,
        arguments: Option<&Arguments>,
        observed: &BTreeMap<Address, Observed>,
    ) -> (Plan, Diagnostics) {
        let mut said = Diagnostics::new();
        let declarations: Vec<_> = arguments
            .map(|arguments| {
                let call = Call { address: "module.pool".to_owned(), arguments: arguments.clone() };
                let (declaration, diagnostics) = declare(&call, &Context::default());
                said.extend(diagnostics);
                declaration
            })
            .into_iter()
            .collect();
        let (plan, diagnostics) = plan(&Request {
            declarations: &declarations,
            recorded: &self.recorded,
            observed,
            permissions: &self.permissions,
            targets: &[],
            triggered: &BTreeMap::new(),
        });
        said.extend(diagnostics);
        if !said.has_errors() {
            assert_eq!(check::defects(&plan, &self.permissions, &self.recorded), [], "{plan:#?}");
        }
        (plan, said)
    }

    /// Carries out a plan on `cognito`, which may stand before this world's own.
    pub fn carry_out(
        &mut self,
        plan: &Plan,
        observed: BTreeMap<Address, Observed>,
        cognito: Option<&dyn Cognito>,
    ) -> Outcome {
        let quiet = Quiet(Mutex::new(Vec::new()));
        let plan = &Checked::new(plan.clone(), &self.permissions, &self.recorded).unwrap();
        let outcome = run(plan, cognito.unwrap_or(&self.cognito), observed, self.recorded.clone(), &quiet, &quiet, 4);
        self.recorded.clone_from(&outcome.recorded);
        outcome
    }

    /// Plans and carries out; false when the plan is refused. A refusal by Cognito fails the test.
    pub fn apply(&mut self, arguments: Option<&Arguments>) -> bool {
        let (plan, observed, said) = self.plan(arguments);
        if said.has_errors() {
            return false;
        }
        let outcome = self.carry_out(&plan, observed, None);
        assert!(outcome.failed.is_empty(), "{:?}\n{plan:#?}", outcome.failed);
        // What the answers tell is enough to know that nothing is left to do.
        let (left, _) = self.plan_with(arguments, &outcome.observed);
        assert!(left.is_empty(), "{left:#?}");
        true
    }

    /// What is there, for comparison with another world: ids and dates left out.
    pub fn settings(&self) -> BTreeMap<Address, String> {
        observe(&self.cognito, &self.recorded, 4)
            .unwrap()
            .into_iter()
            .map(|(address, observed)| {
                let mut settings = observed.settings;
                for volatile in ["Id", "Arn", "UserPoolId", "ClientId", "CreationDate", "LastModifiedDate", "Version"] {
                    settings.remove(volatile);
                }
                settings.sort_keys();
                (address, serde_json::Value::Object(settings).to_string())
            })
            .collect()
    }
}
