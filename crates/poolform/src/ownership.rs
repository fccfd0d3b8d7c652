//! Who owns a pool: `apply` keeps out of roots that Terraform applies.

use poolform_value::{Diagnostic, Diagnostics};

use crate::root::Root;
use crate::stop::Stop;

/// Stops when Terraform applies this root too.
pub fn check(root: &mut Root) -> Result<(), Stop> {
    let directory = root.places.root().to_owned();
    let mut reasons = Vec::new();
    for (name, what) in [(".terraform", "Terraform's working folder"), (".terraform.lock.hcl", "Terraform's lock file")]
    {
        if directory.join(name).exists() {
            reasons.push(format!("it has {what}, {name}"));
        }
    }
    if let Some(name) = terraform_state_with_pool(root) {
        reasons.push(format!("Terraform's state {name} holds the module"));
    }
    // Behind an endpoint there is nobody else's work to undo.
    if let Some(resource) = root.resources.first().filter(|_| !root.has_endpoint()) {
        reasons.push(format!("it declares {}", resource.address));
    }
    for resource in root.configuration().resources() {
        let reads = resource
            .reads
            .iter()
            .any(|module| root.calls.iter().any(|call| call.address.split('[').next() == Some(module.as_str())));
        if reads {
            reasons.push(format!("{} reads the pool's outputs", resource.address));
        }
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let reasons = reasons.join("; ");
    if let (true, Some(resource)) = (root.calls.is_empty(), root.resources.first()) {
        let detail = format!(
            "Terraform applies this root: {reasons}. Two owners would undo each other's work. Two ways out:\n\
             1. Apply it by Terraform as before. What differs on AWS is shown by poolform plan, with the ids that Terraform's \
             state has.\n\
             2. Declare the pool by poolform's provider, or by its module, which terraform apply carries out.\n\
             dev, plan, check, validate and everything with -local work here as they are."
        );
        let error = Diagnostic::error("Root that Terraform applies", detail).of(&resource.address.clone());
        return root.check(error.into());
    }
    let call = root.calls.first().map(|call| call.address.clone()).unwrap_or_default();
    let detail = format!(
        "Terraform applies this root: {reasons}. Two owners would undo each other's work. Two ways out:\n\
         1. Keep the pool in Terraform and use poolform's provider and module there.\n\
         2. Give the pool a root of its own, and let go of it in this one without touching it:\n    \
         removed {{\n      from = {call}\n      lifecycle {{\n        destroy = false\n      }}\n    }}\n\
         plan, validate and everything with -local work here as they are."
    );
    let error: Diagnostics = Diagnostic::error("Root that Terraform applies", detail).of(&call).into();
    root.check(error)
}

/// A Terraform state beside the files that has resources in one of the pools' modules.
fn terraform_state_with_pool(root: &Root) -> Option<&'static str> {
    let bytes = std::fs::read(root.places.root().join("terraform.tfstate")).ok()?;
    let state: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    let holds = state["resources"].as_array()?.iter().any(|resource| {
        let module = resource["module"].as_str().unwrap_or_default();
        root.calls.iter().any(|call| {
            let name = call.address.split('[').next().unwrap_or_default();
            module == name || module.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
        })
    });
    holds.then_some("terraform.tfstate")
}
