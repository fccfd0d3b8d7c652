//! The reference page of the command line is what `-help` says. `UPDATE=1` writes it; without, a stale page fails.

#![allow(clippy::disallowed_methods, reason = "tests are at the edge")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_poolform")).args(arguments).env("COLUMNS", "100").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_reference_of_commands_is_up_to_date() {
    let mut page = String::from(
        "# Commands\n\nMade by `UPDATE=1 cargo test -p poolform --test reference`. Options take one dash or two.\n\n\
         Environment: `TF_VAR_name`, `TF_WORKSPACE`, the AWS variables, and `POOLFORM_LOG=FILE`, to which a line of JSON\n\
         is written for each request: operation, body without what is secret, outcome, milliseconds.\n\n",
    );
    let all = help(&["--help"]);
    let _ = write!(page, "## poolform\n\n```\n{all}```\n");
    let commands = all.split_once("Commands:\n").unwrap().1.split("\n\n").next().unwrap();
    let names: Vec<&str> = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    for command in names.into_iter().filter(|name| !["", "help", "version"].contains(name)) {
        let _ = write!(page, "\n## {command}\n\n```\n{}```\n", help(&[command, "--help"]));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/commands.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/reference/commands.md is stale: UPDATE=1 cargo test -p poolform --test reference");
}
