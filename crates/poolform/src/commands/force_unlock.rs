//! `poolform force-unlock`

use crate::cli::ForceUnlockArgs;
use crate::render::output;
use crate::root::Root;
use crate::stop::{Exit, Stop};

/// Takes away the lock of a process that is gone, by the id that its refusal told.
pub fn run(directory: &str, args: &ForceUnlockArgs) -> Result<Exit, Stop> {
    let backend = Root::read(directory, &args.root)?.backend()?;
    backend
        .force_unlock(&args.id)
        .map_err(|error| Stop::message("Not unlocked", format!("{}.", error.to_string().trim_end_matches('.'))))?;
    output::line(&format!("The state {} is no longer locked.", backend.place()))?;
    Ok(Exit::Fine)
}
