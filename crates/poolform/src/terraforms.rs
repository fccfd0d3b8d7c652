//! What Terraform's state says where Terraform applies the files. Nothing of it is kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use poolform_core::Declaration;
use poolform_state::State;
use serde_json::Value as Json;

use crate::cli::RootArgs;
use crate::stop::Stop;

/// The state: what `-terraform-state` names, or `terraform.tfstate` beside the files in `directory`.
fn read(directory: &Path, args: &RootArgs) -> Result<(PathBuf, Json), Stop> {
    let beside = directory.join("terraform.tfstate");
    let file = args.terraform_state.as_ref().map(PathBuf::from).or_else(|| beside.is_file().then_some(beside));
    let Some(file) = file else {
        return Err(Stop::message(
            "Ids not known",
            "Terraform applies the resources of this root, and its state says which pools they are. There is no \
             terraform.tfstate beside the files; give it:\n    terraform show -json > terraform.json\n    \
             poolform … -terraform-state terraform.json\nWith -local no id is needed.",
        ));
    };
    let bytes = std::fs::read(&file).map_err(|error| unusable(&file, &error.to_string()))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let json = serde_json::from_slice(text).map_err(|error| unusable(&file, &error.to_string()))?;
    Ok((file, json))
}

fn unusable(file: &Path, reason: &str) -> Stop {
    Stop::message("Terraform state not usable", format!("{}: {reason}.", file.display()))
}

const NO_STATE: &str = "it is neither a terraform.tfstate nor the output of terraform show -json";

/// Takes from the state which pools the resources are.
pub fn name(directory: &Path, args: &RootArgs, declarations: &[Declaration], state: &mut State) -> Result<(), Stop> {
    let (file, json) = read(directory, args)?;
    let named = poolform_core::named_in_state(&json).ok_or_else(|| unusable(&file, NO_STATE))?;
    let declared = poolform_core::plan::records(declarations);
    for (address, mut recorded) in named {
        // Terraform has applied what it declares, so that what is no longer declared goes back to Cognito's default.
        if let Some(record) = declared.get(&address) {
            recorded.declared.clone_from(&record.declared);
            recorded.keys.clone_from(&record.keys);
        }
        state.resources.entry(address).or_insert(recorded);
    }
    Ok(())
}

/// An output as a state has it.
pub struct Output {
    /// What it is worth.
    pub value: Json,
    /// Terraform's type of it.
    pub ty: Option<Json>,
    /// Whether it must not be shown unasked.
    pub sensitive: bool,
}

/// The outputs that the state holds, sensitive ones with their values, and the file that they are from.
pub fn outputs(directory: &Path, args: &RootArgs) -> Result<(PathBuf, BTreeMap<String, Output>), Stop> {
    let (file, json) = read(directory, args)?;
    // A state of its own has them at its top; `terraform show -json` among its values.
    let is_shown = json.get("values").is_some();
    let is_state = json.get("resources").is_some() || json.get("version").is_some();
    if !is_shown && !is_state {
        return Err(unusable(&file, NO_STATE));
    }
    let outputs = if is_shown { &json["values"]["outputs"] } else { &json["outputs"] };
    let one = |(name, output): (&String, &Json)| {
        let sensitive = output["sensitive"].as_bool().unwrap_or_default();
        (name.clone(), Output { value: output["value"].clone(), ty: output.get("type").cloned(), sensitive })
    };
    Ok((file, outputs.as_object().into_iter().flatten().map(one).collect()))
}
