//! `poolform migrate`

use std::fmt::Write as _;

use poolform_core::Original;
use poolform_core::describe::expression;
use poolform_provider::{import_id, type_name};
use serde_json::{Value as Json, json};

use crate::cli::MigrateArgs;
use crate::commands::adopt::read_state;
use crate::render;
use crate::stop::{Exit, Stop};

/// How a root gets from the original module to poolform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By the `moved` blocks of the module itself.
    Moved,
    /// `removed` blocks for the old addresses, `import` blocks for the new.
    RemovedAndImport,
    /// Commands for the old addresses, `import` blocks for the new.
    Import,
    /// Commands for both.
    Commands,
}

/// The first minor versions of Terraform's and OpenTofu's version 1 that can go each way, the best way first. From their
/// changelogs; the tests run each.
const WAYS: &[(Way, u32, u32)] =
    &[(Way::Moved, 8, 10), (Way::RemovedAndImport, 7, 7), (Way::Import, 5, 6), (Way::Commands, 0, 6)];

/// What applies a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Applier {
    opentofu: bool,
    way: Way,
}

impl Applier {
    /// Of a version such as `1.5`, `1.7.3` or `tofu-1.9`.
    fn of(version: &str) -> Result<Self, Stop> {
        let (opentofu, number) = match version.strip_prefix("tofu-") {
            Some(number) => (true, number),
            None => (false, version),
        };
        let released = number.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
        let parts: Option<Vec<u32>> = released.split('.').map(|part| part.parse().ok()).collect();
        let (major, minor) = match parts.as_deref() {
            Some([major, minor] | [major, minor, _]) => (*major, *minor),
            _ => {
                return Err(Stop::message(
                    "Invalid version",
                    format!("-for {version} is no version. Give Terraform's as 1.5 or 1.5.7, OpenTofu's as tofu-1.9."),
                ));
            }
        };
        let first = |way: &(Way, u32, u32)| if opentofu { way.2 } else { way.1 };
        let way = WAYS.iter().find(|way| major > 1 || major == 1 && minor >= first(way));
        way.map(|(way, ..)| Applier { opentofu, way: *way }).ok_or_else(|| {
            Stop::message(
                "Version too old",
                format!(
                    "The module is for Terraform 1.0, OpenTofu 1.6, and newer, and not for {version}. Upgrade first."
                ),
            )
        })
    }

    fn command(self) -> &'static str {
        if self.opentofu { "tofu" } else { "terraform" }
    }
}

/// One resource: where it was, where it will be, and the id that it is imported by.
struct Move {
    old: String,
    /// The old address without keys, as `removed` takes it.
    block: String,
    new: String,
    id: String,
}

/// Prints what moves the pools of a state. Changes nothing.
pub fn run(args: &MigrateArgs) -> Result<Exit, Stop> {
    let file = &args.terraform_state;
    let (state, found) = read_state(file)?;
    let version = match args.version.as_deref().or_else(|| state["terraform_version"].as_str()) {
        Some(version) => version,
        None => {
            let detail =
                format!("{file} does not say which Terraform wrote it. Give the one that applies the root: -for 1.5.");
            return Err(Stop::message("Version not known", detail));
        }
    };
    let applier = Applier::of(version)?;
    if args.version.is_none() {
        say!("{file} is of version {version}. If that is OpenTofu's: -for tofu-{version}.");
    }
    let moves: Vec<Move> = found.iter().map(of).collect();
    if moves.is_empty() {
        return Err(Stop::message("Nothing to migrate", format!("{file} holds no pool of the original module.")));
    }
    if args.json {
        let resources: Vec<Json> =
            moves.iter().map(|each| json!({"from": each.old, "to": each.new, "id": each.id})).collect();
        let needs_nothing = applier.way == Way::Moved;
        render::json::document(
            "migrate",
            &[("for", json!(version)), ("needs_nothing", json!(needs_nothing)), ("resources", json!(resources))],
        )?;
        return Ok(Exit::Fine);
    }
    match applier.way {
        Way::Moved => say!(
            "Nothing is needed for {version}: the moved blocks of the module take over {}. Change the module's source to \
             poolform's terraform/ and plan.",
            if moves.len() == 1 { "1 resource".to_owned() } else { format!("{} resources", moves.len()) },
        ),
        Way::RemovedAndImport => print_line!("{HEAD}#\n# {PLAN}\n\n{}\n{}", removed(&moves, applier), imports(&moves)),
        Way::Import => {
            // In a shell of their own, which the first failure ends.
            let commands = format!("(\n{})\n", forgotten(&moves, applier));
            let commands: String = commands.lines().map(|line| format!("#   {line}\n")).collect();
            print_line!(
                "{HEAD}# Then let go of the old addresses, by these commands, before the first plan:\n#\n{commands}#\n# {PLAN}\n\n{}",
                imports(&moves)
            );
        }
        Way::Commands => {
            let command = applier.command();
            let lines: Vec<String> = moves
                .iter()
                .map(|each| {
                    let new = word(&each.new);
                    format!("has {new} || {command} import -input=false {new} {}", word(&each.id))
                })
                .collect();
            print_line!(
                "# From mineiros-io/cognito-user-pool/aws to poolform's terraform/without-moves. Change the module's source,\n\
                 # run {command} init, and then these commands of a shell, again should one fail. The plan after them changes\n\
                 # nothing.\n{}{}",
                forgotten(&moves, applier),
                lines.join("\n")
            );
        }
    }
    Ok(Exit::Fine)
}

/// What a file of blocks begins with.
const HEAD: &str = "# From mineiros-io/cognito-user-pool/aws to poolform's terraform/without-moves. Change the module's source, put this\n\
                    # file beside the root's own, and run init.\n";
const PLAN: &str = "The plan takes over what is there and changes nothing. Once it is applied this file may go.";

fn of(original: &Original) -> Move {
    let Original { module, ty, name, kind, key, recorded, .. } = original;
    Move {
        old: format!("{module}.{ty}.{name}{key}"),
        block: format!("{}.{ty}.{name}", without_keys(module)),
        new: format!("{module}.{}.{name}{key}", type_name(kind)),
        id: import_id(kind, &recorded.identity),
    }
}

/// An address without what stands in brackets, whatever keys hold.
fn without_keys(address: &str) -> String {
    let (mut kept, mut in_key, mut in_text, mut escaped) = (String::new(), false, false, false);
    for each in address.chars() {
        match each {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' if in_key => in_text = !in_text,
            '[' if !in_key => in_key = true,
            ']' if !in_text => in_key = false,
            _ if !in_key => kept.push(each),
            _ => {}
        }
    }
    kept
}

/// One word of a POSIX shell.
fn word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The commands that take the old addresses out of the state, after a copy of it; the first failure ends them. They may be
/// run again: the copy is made once, and what is gone stays gone.
fn forgotten(moves: &[Move], applier: Applier) -> String {
    let command = applier.command();
    let mut text = format!(
        "set -e\nthere=$({command} state list)\nhas() {{ printf '%s\\n' \"$there\" | grep -qxF -- \"$1\"; }}\n\
         [ -s before-migration.tfstate ] || {command} state pull > before-migration.tfstate\n"
    );
    for each in moves {
        let old = word(&each.old);
        let _ = writeln!(text, "! has {old} || {command} state rm {old}");
    }
    text
}

/// `removed` blocks, which Terraform wants to hear that nothing is destroyed; OpenTofu before 1.10 knows nothing else.
fn removed(moves: &[Move], applier: Applier) -> String {
    let mut addresses: Vec<&str> = moves.iter().map(|each| each.block.as_str()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let lifecycle = if applier.opentofu { "" } else { "\n  lifecycle {\n    destroy = false\n  }\n" };
    let block = |from: &&str| format!("removed {{\n  from = {from}\n{lifecycle}}}\n");
    addresses.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn imports(moves: &[Move]) -> String {
    let import = |each: &Move| format!("import {{\n  to = {}\n  id = {}\n}}", each.new, expression(&json!(each.id), 0));
    moves.iter().map(import).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_its_way() {
        for (version, expected) in [
            ("1.0", Way::Commands),
            ("1.4.7", Way::Commands),
            ("1.5", Way::Import),
            ("1.6.0", Way::Import),
            ("v1.7.5", Way::RemovedAndImport),
            ("1.8", Way::Moved),
            ("1.11.4", Way::Moved),
            ("1.13.0-beta1", Way::Moved),
            ("1.7.0+ent", Way::RemovedAndImport),
            ("2.0", Way::Moved),
            ("tofu-1.6", Way::Import),
            ("tofu-1.9.1", Way::RemovedAndImport),
            ("tofu-1.10", Way::Moved),
        ] {
            assert_eq!(Applier::of(version).ok().map(|applier| applier.way), Some(expected), "{version}");
        }
        for refused in ["1", "0.15.5", "new", "1.x", "1.5.0.1", "", "tofu-1.5", "tofu", "opentofu-1.9"] {
            assert!(Applier::of(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn keys_are_left_out_and_words_are_quoted_whatever_they_hold() {
        assert_eq!(without_keys(r#"module.a["x].y\"[0]"].module.pool[0]"#), "module.a.module.pool");
        assert_eq!(word("a['b'] $c"), r"'a['\''b'\''] $c'");
        assert_eq!(expression(&json!("a|${b}\""), 0), r#""a|$${b}\"""#);
    }
}
