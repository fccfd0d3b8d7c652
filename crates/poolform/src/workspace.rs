//! Where a root keeps what poolform makes, per workspace.

use std::path::{Path, PathBuf};

use crate::stop::Stop;

/// The workspace that every root has.
pub const DEFAULT: &str = "default";

/// The files of a root.
#[derive(Clone, Debug)]
pub struct Places {
    root: PathBuf,
    local: bool,
}

impl Places {
    /// Those of the root in `directory`; with `local` those of its embedded Cognito.
    pub fn new(directory: &str, local: bool) -> Self {
        Places { root: PathBuf::from(directory), local }
    }

    /// `.poolform/`
    pub fn own(&self) -> PathBuf {
        self.root.join(".poolform")
    }

    /// The embedded Cognito's store.
    pub fn store(&self) -> PathBuf {
        self.own().join("cognito.redb")
    }

    /// The state of a workspace. `backend_path` is the path that a `backend "local"` block gives.
    pub fn state(&self, workspace: &str, backend_path: Option<&str>) -> PathBuf {
        match (self.local, workspace, backend_path) {
            (true, DEFAULT, _) => self.own().join("poolform.state.json"),
            (true, name, _) => self.own().join("poolform.state.d").join(name).join("poolform.state.json"),
            (false, DEFAULT, Some(path)) => self.root.join(format!("{path}.poolform.json")),
            (false, name, Some(path)) => self.root.join(format!("{path}.{name}.poolform.json")),
            (false, DEFAULT, None) => self.root.join("poolform.state.json"),
            (false, name, None) => self.root.join("poolform.state.d").join(name).join("poolform.state.json"),
        }
    }

    fn chosen(&self) -> PathBuf {
        self.own().join(if self.local { "workspace.local" } else { "workspace" })
    }

    /// The current workspace: `TF_WORKSPACE`, or the one that was chosen.
    pub fn current(&self) -> Result<String, Stop> {
        match std::env::var("TF_WORKSPACE") {
            Ok(name) if !name.is_empty() => check_name(&name).map(|()| name),
            _ => Ok(std::fs::read_to_string(self.chosen())
                .map_or_else(|_| DEFAULT.to_owned(), |name| name.trim().to_owned())),
        }
    }

    /// Chooses a workspace.
    pub fn choose(&self, name: &str) -> Result<(), Stop> {
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(self.own())?;
            std::fs::write(self.chosen(), format!("{name}\n"))
        };
        write().map_err(|error| {
            Stop::message("Workspace not chosen", format!("Writing {} failed: {error}.", self.chosen().display()))
        })
    }

    /// The directory of the workspaces other than the default.
    pub fn others(&self) -> PathBuf {
        if self.local { self.own().join("poolform.state.d") } else { self.root.join("poolform.state.d") }
    }

    /// Whether they are those of the embedded Cognito.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// The root.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// A workspace's name is part of a path, and of a key in a bucket.
pub fn check_name(name: &str) -> Result<(), Stop> {
    let valid = !name.is_empty()
        && name.chars().all(|each| each.is_ascii_alphanumeric() || "-_.".contains(each))
        && !name.starts_with('.');
    if valid {
        return Ok(());
    }
    Err(Stop::message(
        "Invalid workspace name",
        format!("\"{name}\" may only have letters, digits, hyphens, underscores and full stops."),
    ))
}
