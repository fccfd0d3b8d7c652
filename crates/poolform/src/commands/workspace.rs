//! `poolform workspace`

use crate::backend;
use crate::cli::{WorkspaceAction, WorkspaceArgs};
use crate::stop::{Exit, Stop};
use crate::workspace::{DEFAULT, Places, check_name};

/// Lists, shows, chooses, makes and deletes workspaces.
pub fn run(directory: &str, args: &WorkspaceArgs) -> Result<Exit, Stop> {
    let places = Places::new(directory, args.local);
    match &args.action {
        WorkspaceAction::List => {
            let current = places.current()?;
            for name in all(&places) {
                print_line!("{} {name}", if name == current { "*" } else { " " });
            }
        }
        WorkspaceAction::Show => print_line!("{}", places.current()?),
        WorkspaceAction::New { name } => {
            check_name(name)?;
            if all(&places).contains(name) {
                return Err(Stop::message(
                    "Workspace exists",
                    format!("There is a workspace {name} already. Choose it with select."),
                ));
            }
            make(&places, name)?;
        }
        WorkspaceAction::Select { name, or_create } => {
            check_name(name)?;
            if all(&places).contains(name) {
                places.choose(name)?;
            } else if *or_create {
                make(&places, name)?;
            } else {
                return Err(Stop::message(
                    "No such workspace",
                    format!("There is no workspace {name}. Make it with new."),
                ));
            }
        }
        WorkspaceAction::Delete { name } => delete(&places, name)?,
    }
    Ok(Exit::Fine)
}

fn all(places: &Places) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(places.others())
        .map(|entries| entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect())
        .unwrap_or_default();
    names.sort();
    names.insert(0, DEFAULT.to_owned());
    names
}

fn make(places: &Places, name: &str) -> Result<(), Stop> {
    let directory = places.others().join(name);
    std::fs::create_dir_all(&directory).map_err(|error| {
        Stop::message("Workspace not made", format!("Making {} failed: {error}.", directory.display()))
    })?;
    places.choose(name)
}

fn delete(places: &Places, name: &str) -> Result<(), Stop> {
    check_name(name)?;
    if name == DEFAULT || name == places.current()? {
        return Err(Stop::message(
            "Workspace in use",
            format!("{name} is the default or the current workspace and stays."),
        ));
    }
    let directory = places.others().join(name);
    if !directory.is_dir() {
        return Err(Stop::message("No such workspace", format!("There is no workspace {name}.")));
    }
    let state = backend::of_directory(places, name)?
        .read()
        .map_err(|error| Stop::message("State not usable", error.to_string()))?;
    if !state.resources.is_empty() || !state.pending.is_empty() {
        return Err(Stop::message(
            "Workspace not empty",
            format!("{} resources are managed in {name}. Destroy them first.", state.resources.len()),
        ));
    }
    std::fs::remove_dir_all(&directory).map_err(|error| {
        Stop::message("Workspace not deleted", format!("Removing {} failed: {error}.", directory.display()))
    })
}
