//! Which stand-ins were used, and how to give what they stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::StandIn;
use crate::files::{Library, Sources};
use crate::root::Configuration;

/// Where roots keep files of variable values for one environment each, besides their own directory.
const FOLDERS: &[&str] =
    &["config", "configs", "deploy", "deployments", "env", "environment", "environments", "envs", "tfvars", "vars"];
/// How many such files are looked into.
const MOST: usize = 100;

impl Configuration<'_> {
    /// The stand-ins that were used in what was asked of this configuration so far, sorted by what they stand for.
    pub fn stand_ins(&self) -> Vec<StandIn> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut files = None;
        used.into_iter()
            .map(|(reference, used)| {
                let hint = match reference.strip_prefix("var.") {
                    None => format!("-set '{reference}=…'"),
                    Some(name) => {
                        let files: &BTreeMap<String, Vec<String>> = files.get_or_insert_with(|| self.values_files());
                        let in_file = files.iter().find(|(_, names)| names.iter().any(|one| one == name));
                        match in_file {
                            Some((file, _)) => format!("-var '{name}=…', or -var-file={file}, which has one"),
                            None => format!("-var '{name}=…'"),
                        }
                    }
                };
                StandIn { reference, value: used.value, span: used.span, hint }
            })
            .collect()
    }

    /// The files of variable values that nobody named, and the names in each.
    fn values_files(&self) -> BTreeMap<String, Vec<String>> {
        let mut library = Library {
            files: self.files,
            directory: &self.directory,
            sources: Sources::default(),
            diagnostics: poolform_value::Diagnostics::new(),
        };
        let mut paths: Vec<PathBuf> = Vec::new();
        let here = library.names(Path::new("")).unwrap_or_default();
        let mut folders: Vec<PathBuf> =
            here.iter().filter(|name| FOLDERS.contains(&name.as_str())).map(PathBuf::from).collect();
        paths.extend(here.into_iter().map(PathBuf::from));
        // Either the files stand there, or a folder for each environment.
        for depth in 0..2 {
            for folder in std::mem::take(&mut folders) {
                for name in library.names(&folder).unwrap_or_default() {
                    let path = folder.join(&name);
                    if depth == 0 && !name.contains('.') {
                        folders.push(path);
                    } else {
                        paths.push(path);
                    }
                }
            }
        }
        let is_values = |path: &PathBuf| {
            let name = path.to_string_lossy();
            name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
        };
        let mut found = BTreeMap::new();
        for path in paths.into_iter().filter(is_values).take(MOST) {
            let name = crate::files::shown(&path);
            if let Some(body) = library.read_values(&path, &name) {
                found.insert(name, body.attributes.into_iter().map(|attribute| attribute.name).collect());
            }
        }
        found
    }
}
