//! The table of expressions, evaluated here and by Terraform.
//!
//! A row of `tests/expressions/table.txt` is an expression, an arrow, and what `jsonencode` says of its value, or
//! `error`. `¶` stands for a line break.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use poolform_language::{Inputs, function_names, load};
use poolform_value::Value;

use crate::memory::Memory;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expressions")
}

fn rows() -> Vec<(String, String)> {
    let table = std::fs::read_to_string(folder().join("table.txt")).expect("the table");
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (expression, expected) = line.rsplit_once(" → ").expect("an arrow");
            (expression.replace('¶', "\n"), expected.to_owned())
        })
        .collect()
}

/// A root with an output per row.
fn root(rows: &[(String, String)]) -> String {
    let mut text = String::new();
    for (position, (expression, _)) in rows.iter().enumerate() {
        writeln!(text, "output \"r{position}\" {{\n  value = try(jsonencode(\n{expression}\n), \"error\")\n}}")
            .expect("text grows");
    }
    text
}

fn example_files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder().join("files")).expect("the files of the table") {
        let entry = entry.expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((format!("files/{name}"), std::fs::read(entry.path()).expect("its content")));
    }
    files
}

#[test]
fn every_row_is_as_the_table_says() {
    let rows = rows();
    assert!(rows.len() >= 150, "{} rows", rows.len());
    let mut files = Memory::default();
    files.add("main.tf", root(&rows).into_bytes());
    for (path, bytes) in example_files() {
        files.add(path, bytes);
    }
    let (configuration, diagnostics) = load(&files, Path::new(""), Inputs::default());
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.0);
    let (outputs, diagnostics) = configuration.outputs(None, &|_: &str, _: &str| None::<Value>);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.0);
    assert_eq!(outputs.len(), rows.len());
    let mut wrong = String::new();
    for ((expression, expected), output) in rows.iter().zip(&outputs) {
        let actual = output.value.as_str().unwrap_or("(not known)");
        if actual != expected {
            writeln!(wrong, "{expression}\n  expected {expected}\n  actual   {actual}").expect("text grows");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_function_has_a_row() {
    let rows = rows();
    let missing: Vec<&str> = function_names()
        .into_iter()
        .filter(|name| !rows.iter().any(|(expression, _)| expression.contains(&format!("{name}("))))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[test]
fn terraform_agrees_with_the_table() {
    if Command::new("terraform").arg("version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "terraform must be on PATH in CI");
        eprintln!("[skipped] terraform is not on PATH");
        return;
    }
    let rows = rows();
    let folder = std::env::temp_dir().join(format!("poolform-expressions-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("files")).expect("a folder");
    std::fs::write(folder.join("main.tf"), root(&rows)).expect("a file");
    for (path, bytes) in example_files() {
        std::fs::write(folder.join(path), bytes).expect("a file");
    }
    let terraform = |arguments: &[&str]| {
        let output = Command::new("terraform").args(arguments).current_dir(&folder).output().expect("terraform runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    terraform(&["apply", "-auto-approve", "-no-color"]);
    let outputs: serde_json::Value = serde_json::from_slice(&terraform(&["output", "-json"])).expect("JSON");
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    let mut wrong = String::new();
    for (position, (expression, expected)) in rows.iter().enumerate() {
        let actual = outputs[format!("r{position}")]["value"].as_str().unwrap_or("(missing)");
        if actual != expected {
            writeln!(wrong, "{expression}\n  table     {expected}\n  terraform {actual}").expect("text grows");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
