//! `poolform show`

use serde_json::json;

use crate::cli::ShowArgs;
use crate::render;
use crate::root::Root;
use crate::saved::Saved;
use crate::stop::{Exit, Stop};

/// Shows the state, or a saved plan.
pub fn run(directory: &str, args: &ShowArgs) -> Result<Exit, Stop> {
    if let Some(file) = &args.file {
        let saved = Saved::read(file)?;
        if args.root.json {
            render::json::document("plan", &[("plan", render::json::plan(&saved.plan))])?;
        } else {
            render::plan::print(&saved.plan)?;
        }
        return Ok(Exit::Fine);
    }
    let root = Root::read(directory, &args.root)?;
    let state = root.backend()?.read().map_err(|error| Stop::message("State not usable", error.to_string()))?;
    if args.root.json {
        render::json::document("state", &[("state", json!(state))])?;
        return Ok(Exit::Fine);
    }
    if state.resources.is_empty() {
        print_line!("Nothing is managed here yet.");
    }
    for (address, recorded) in &state.resources {
        let identity: Vec<String> =
            recorded.identity.iter().map(|(member, value)| format!("{member} {value}")).collect();
        print_line!("{address} ({}): {}", recorded.kind, identity.join(", "));
    }
    for (address, pending) in &state.pending {
        print_line!("{address} ({}): {} was sent, its answer was not kept", pending.kind, pending.operation);
    }
    Ok(Exit::Fine)
}
