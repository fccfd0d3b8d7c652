//! `poolform output`

use std::collections::BTreeMap;

use poolform_language::RootOutput;
use poolform_value::{Content, Value, from_json, to_json};
use serde_json::{Value as Json, json};

use crate::cli::{OutputArgs, PlanningArgs};
use crate::render;
use crate::root::Root;
use crate::stop::{Exit, Stop};
use crate::terraforms;
use crate::world::World;

/// Shows outputs: from the state at once, sensitive ones from Cognito.
pub fn run(directory: &str, args: &OutputArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    if root.is_terraforms() {
        return of_terraform(&root, args);
    }
    let backend = root.backend()?;
    let state = backend.read().map_err(|error| Stop::message("State not usable", error.to_string()))?;
    match &args.name {
        None if args.raw => return Err(raw_without_a_name()),
        None if args.root.json => {
            // As `terraform output -json`: sensitive values too, which are read from Cognito.
            let sensitive: Vec<&str> = state.sensitive_outputs.iter().map(String::as_str).collect();
            let asked = if sensitive.is_empty() { Vec::new() } else { ask(&mut root, args, &sensitive)? };
            let mut all: BTreeMap<&str, Json> = BTreeMap::new();
            // Terraform has no output whose value is null.
            for (name, value) in state.outputs.iter().filter(|(_, value)| !value.is_null()) {
                let ty = state.output_types.get(name).cloned().unwrap_or_else(|| from_json(value).ty().to_json());
                all.insert(name, json!({"sensitive": false, "type": ty, "value": value}));
            }
            for output in asked.iter().filter(|output| !output.value.is_null()) {
                let value = to_json(&output.value).unwrap_or(Json::Null);
                let ty = output.value.ty().to_json();
                all.insert(&output.name, json!({"sensitive": true, "type": ty, "value": value}));
            }
            render::json::line(&json!(all))?;
        }
        None => {
            let mut shown: Vec<(&str, String)> = state
                .outputs
                .iter()
                .map(|(name, json)| (name.as_str(), render::value::show(&from_json(json))))
                .collect();
            shown.extend(state.sensitive_outputs.iter().map(|name| (name.as_str(), "(sensitive)".to_owned())));
            shown.sort();
            if shown.is_empty() {
                say!("No outputs: nothing has been applied here, or the root has no output blocks.");
            }
            for (name, value) in shown {
                print_line!("{name} = {value}");
            }
        }
        Some(name) => {
            let value = match state.outputs.get(name) {
                Some(kept) => from_json(kept),
                None => ask(&mut root, args, &[name])?.remove(0).value,
            };
            print_one(&value, name, args)?;
        }
    }
    Ok(Exit::Fine)
}

fn raw_without_a_name() -> Stop {
    Stop::message("-raw without a name", "Name the output whose bare text is wanted.")
}

/// Where Terraform applies the files, its state has the outputs of its last apply.
fn of_terraform(root: &Root, args: &OutputArgs) -> Result<Exit, Stop> {
    let (file, outputs) = terraforms::outputs(root.places.root(), &args.root)?;
    match &args.name {
        None if args.raw => return Err(raw_without_a_name()),
        None if args.root.json => {
            let all = outputs.iter().map(|(name, output)| {
                let ty = output.ty.clone().unwrap_or_else(|| from_json(&output.value).ty().to_json());
                (name, json!({"sensitive": output.sensitive, "type": ty, "value": output.value}))
            });
            render::json::line(&json!(all.collect::<BTreeMap<_, _>>()))?;
        }
        None => {
            if outputs.is_empty() {
                say!("No outputs: {} has none.", file.display());
            }
            for (name, output) in &outputs {
                let value = from_json(&output.value).marked(output.sensitive);
                print_line!("{name} = {}", render::value::show(&value));
            }
        }
        Some(name) => {
            let Some(output) = outputs.get(name) else {
                let near = poolform_value::suggest(name, outputs.keys().map(String::as_str));
                let remedy = near.map_or_else(
                    || "A new one is there after the next terraform apply.".to_owned(),
                    |near| format!("Did you mean \"{near}\"?"),
                );
                let detail = format!("{} has no output \"{name}\". {remedy}", file.display());
                return Err(Stop::message("No such output", detail));
            };
            print_one(&from_json(&output.value), name, args)?;
        }
    }
    Ok(Exit::Fine)
}

/// Sensitive outputs, or ones that the last apply did not keep, each of the names once.
fn ask(root: &mut Root, args: &OutputArgs, names: &[&str]) -> Result<Vec<RootOutput>, Stop> {
    let planning =
        PlanningArgs { parallelism: 10, refresh: true, lock_timeout: "0s".to_owned(), ..PlanningArgs::default() };
    let world = World::open(root, &args.root, &planning, None)?;
    let declared = root.configuration().declared_outputs();
    for name in names {
        if !declared.iter().any(|output| output.name == *name) {
            let near = poolform_value::suggest(name, declared.iter().map(|output| output.name.as_str()));
            let remedy = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
            return Err(Stop::message("No such output", format!("This root has no output \"{name}\".{remedy}")));
        }
    }
    let outputs = world.root_outputs(root, Some(names))?;
    for name in names {
        let known = |output: &&RootOutput| output.name == *name && output.value.first_unknown().is_none();
        if outputs.iter().find(known).is_none() {
            let detail = format!("\"{name}\" is not known before the pool is applied.");
            return Err(Stop::message("Output not known", detail));
        }
    }
    Ok(outputs)
}

fn print_one(value: &Value, name: &str, args: &OutputArgs) -> Result<(), Stop> {
    let json = to_json(value).unwrap_or(Json::Null);
    if args.raw {
        match &value.content {
            Content::String(text) => crate::render::output::print(text)?,
            Content::Number(number) => crate::render::output::print(&number.to_plain_string())?,
            Content::Bool(value) => crate::render::output::print(&value.to_string())?,
            _ => {
                return Err(Stop::message(
                    "No bare text",
                    format!("\"{name}\" is neither text nor number nor bool. Use -json."),
                ));
            }
        }
    } else if args.root.json {
        render::json::line(&json)?;
    } else {
        // Asked for by name, it is shown even when it is sensitive, as in Terraform.
        print_line!("{}", render::value::show(&from_json(&json)));
    }
    Ok(())
}
