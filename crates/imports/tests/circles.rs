//! No crate has a circle of imports of more than five files, or across folders.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "it reads the sources, and tells what it found"
)]

use std::path::Path;

use poolform_imports::{arrows, circles, faults, sources};

/// The crates that are not there yet, and what ties them.
const TIED: &[(&str, &str)] = &[
    ("core", "a kind takes drafts and siblings of the plan in its rules, and the plan takes kinds"),
    ("language", "functions evaluate templates, and expressions call functions; modules and instances know each other"),
];

#[test]
fn circles_are_small_and_within_a_folder() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut problems = Vec::new();
    let mut read = 0;
    for entry in std::fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let tree = sources(&folder);
        let arrows = arrows(&tree);
        read += tree.len();
        let largest = circles(&arrows).iter().map(Vec::len).max().unwrap_or(1);
        let drawn: usize = arrows.values().map(|to| to.len()).sum();
        println!("{name}: {} files, {drawn} arrows, the largest circle has {largest} files", tree.len());
        let faults = faults(&arrows);
        match TIED.iter().any(|(tied, _)| *tied == name) {
            true if faults.is_empty() => problems.push(format!("{name} is there: take it out of TIED")),
            true => {}
            false => problems.extend(faults.into_iter().map(|fault| format!("{name}: {fault}"))),
        }
    }
    assert!(read > 300, "the sources were not read");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
