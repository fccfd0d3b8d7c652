//! Nothing outside of `kinds/` knows a kind by its name, but for the files that are listed here, each with the reason.

#![allow(clippy::disallowed_methods, reason = "it reads the sources")]

use std::fs;
use std::path::{Path, PathBuf};

use poolform_core::kinds::KINDS;

/// The files that may, and why.
const MAY: &[(&str, &str)] = &[
    ("core/src/declaration.rs", "the module: which of its arguments lists which kind"),
    ("core/src/output.rs", "the module: what its outputs are made of"),
    ("poolform/src/commands/env.rs", "what apps are told of a pool: its clients and its domain"),
    ("provider/src/data_source.rs", "which data sources there are"),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The module of a kind: `user_pool` of `UserPool`.
fn module_of(name: &str) -> String {
    name.char_indices().fold(String::new(), |mut module, (at, each)| {
        if each.is_uppercase() && at > 0 {
            module.push('_');
        }
        module.extend(each.to_lowercase());
        module
    })
}

#[test]
fn no_kind_is_known_by_name() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for name in ["core", "apply", "state", "poolform", "provider"] {
        sources(&crates.join(name).join("src"), &mut files);
    }
    assert!(files.len() > 80, "no sources");
    let mut problems = Vec::new();
    for file in files {
        let name = file.strip_prefix(crates).unwrap().to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file).unwrap();
        // Tests name what they make.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let knows = |kind: &str| {
            let by_module = format!("{}::KIND", module_of(kind));
            let compared =
                [format!("kind.name == \"{kind}\""), format!("of_kind(\"{kind}\")"), format!("\"{kind}\" =>")];
            text.contains(&by_module) || compared.iter().any(|each| text.contains(each))
        };
        let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).filter(|kind| knows(kind)).collect();
        let may = name.starts_with("core/src/kinds/") || MAY.iter().any(|(file, _)| *file == name);
        if !known.is_empty() && !may {
            problems.push(format!("{name} knows {}", known.join(", ")));
        }
    }
    let stale = MAY.iter().filter(|(file, _)| !crates.join(file).is_file());
    problems.extend(stale.map(|(file, _)| format!("{file} is listed and not there")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
