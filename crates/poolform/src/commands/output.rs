//! `poolform output`

use poolform_language::RootOutput;
use poolform_value::{Content, Value, from_json, to_json};
use serde_json::{Value as Json, json};

use crate::cli::{OutputArgs, PlanningArgs};
use crate::render;
use crate::root::Root;
use crate::stop::{Exit, Stop};
use crate::world::World;

/// Shows outputs: from the state at once, sensitive ones from Cognito.
pub fn run(directory: &str, args: &OutputArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    let backend = root.backend()?;
    let state = backend.read().map_err(|error| Stop::message("State not usable", error.to_string()))?;
    let kept = |name: &str| state.outputs.get(name).map(from_json);
    match &args.name {
        None => {
            let mut shown: Vec<(String, Option<Value>)> =
                state.outputs.iter().map(|(name, json)| (name.clone(), Some(from_json(json)))).collect();
            shown.extend(state.sensitive_outputs.iter().map(|name| (name.clone(), None)));
            shown.sort_by(|a, b| a.0.cmp(&b.0));
            if args.raw {
                return Err(Stop::message("-raw without a name", "Name the output whose bare text is wanted."));
            }
            if args.root.json {
                let all = shown.iter().map(|(name, value)| {
                    let json = value.as_ref().and_then(to_json).unwrap_or(Json::Null);
                    (name.clone(), json!({"sensitive": value.is_none(), "value": json}))
                });
                render::json::line(&Json::Object(all.collect()))?;
            } else if shown.is_empty() {
                say!("No outputs: nothing has been applied here, or the root has no output blocks.");
            } else {
                for (name, value) in &shown {
                    print_line!(
                        "{name} = {}",
                        value.as_ref().map_or_else(|| "(sensitive)".to_owned(), render::value::show)
                    );
                }
            }
        }
        Some(name) => {
            let value = match kept(name) {
                Some(value) => value,
                None => ask(&mut root, args, name)?.value,
            };
            print_one(&value, name, args)?;
        }
    }
    Ok(Exit::Fine)
}

/// A sensitive output, or one that the last apply did not keep.
fn ask(root: &mut Root, args: &OutputArgs, name: &str) -> Result<RootOutput, Stop> {
    let planning =
        PlanningArgs { parallelism: 10, refresh: true, lock_timeout: "0s".to_owned(), ..PlanningArgs::default() };
    let world = World::open(root, &args.root, &planning, None)?;
    let declared = root.configuration().declared_outputs();
    if !declared.iter().any(|output| output.name == name) {
        let near = poolform_value::suggest(name, declared.iter().map(|output| output.name.as_str()));
        let remedy = near.map_or_else(String::new, |near| format!(" Did you mean \"{near}\"?"));
        return Err(Stop::message("No such output", format!("This root has no output \"{name}\".{remedy}")));
    }
    let output = world.root_outputs(root, Some(&[name]))?.into_iter().next();
    match output {
        Some(output) if output.value.first_unknown().is_none() => Ok(output),
        _ => Err(Stop::message("Output not known", format!("\"{name}\" is not known before the pool is applied."))),
    }
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
