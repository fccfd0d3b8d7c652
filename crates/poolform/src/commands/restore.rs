//! `poolform restore`

use std::collections::BTreeMap;

use poolform_core::check::Checked;
use poolform_core::plan::{Kept, restore};
use poolform_core::{Address, Permissions};
use serde::{Deserialize, Serialize};

use super::apply::{Aim, carry_out, confirm};
use crate::cli::RestoreArgs;
use crate::ownership;
use crate::render;
use crate::root::{Root, print_warnings};
use crate::stop::{Exit, Stop};
use crate::world::World;

/// The layout of a restore file.
pub const VERSION: u32 = 1;

/// What a restore file says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Settings {
    /// Its layout, [`VERSION`].
    pub version: u32,
    /// The settings of everything that an apply was to update, before it did.
    pub resources: BTreeMap<Address, Kept>,
}

impl Settings {
    /// Writes it, for people too.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("settings are JSON");
        bytes.push(b'\n');
        bytes
    }

    fn parse(file: &str, bytes: &[u8]) -> Result<Settings, Stop> {
        let wrong = |reason: String| Stop::message("No restore file", format!("{file} cannot be used: {reason}."));
        let settings: Settings = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
        if settings.version > VERSION {
            return Err(wrong(format!(
                "it has layout {}, and this version of poolform reads layouts up to {VERSION}",
                settings.version
            )));
        }
        Ok(settings)
    }
}

/// Sends back the settings that were there before an apply.
pub fn run(directory: &str, args: &RestoreArgs) -> Result<Exit, Stop> {
    let mut root = Root::read(directory, &args.root)?;
    if !args.root.local {
        ownership::check(&mut root)?;
    }
    let mut world = World::open(&mut root, &args.root, &args.planning, Some("restore"))?;
    let found =
        world.backend.aside(&args.file).map_err(|error| Stop::message("No restore file", format!("{error}.")))?;
    let Some(bytes) = found else {
        return Err(Stop::message(
            "No restore file",
            format!("There is nothing at {}. An apply that is interrupted or surprised says where it is.", args.file),
        ));
    };
    let settings = Settings::parse(&args.file, &bytes)?;
    let (plan, diagnostics) = restore(&settings.resources, &world.state.resources, &world.observed);
    root.check(diagnostics)?;
    let plan = Checked::new(plan, &Permissions::default(), &world.state.resources).map_err(|defects| {
        let defect = defects.first().map(ToString::to_string).unwrap_or_default();
        Stop::message("Cannot be sent back", format!("{defect}. Nothing was done."))
    })?;
    if !args.root.json {
        print_warnings(&mut root);
        if plan.is_empty() {
            say!("Every setting that can be sent back is as it was.");
        } else {
            render::plan::print(&plan)?;
        }
    }
    if !plan.is_empty() && !args.auto_approve {
        confirm(&args.root, false)?;
    }
    carry_out(&mut root, &mut world, &plan, &args.planning, &args.root, Aim::Restored)
}
