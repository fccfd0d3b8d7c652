//! Which files of a crate name which, for tests that hold a crate to its shape.
//!
//! Every path that begins with `crate`, `super` or `self`, in a `use` or elsewhere, is an arrow from the file in which it stands
//! to the file that it names. Tests inside of a file are left out: they may look at anything.

#![allow(clippy::disallowed_methods, reason = "it reads the sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Files by their path under `src`, with their text.
pub type Tree = BTreeMap<String, String>;
/// For each file the files that it names.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The most files that may know each other in a circle.
pub const CIRCLE: usize = 5;

/// The sources of a crate, whose folder is given.
pub fn sources(of: &Path) -> Tree {
    let mut tree = Tree::new();
    read(&of.join("src"), "", &mut tree);
    tree
}

fn read(folder: &Path, under: &str, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{under}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), tree);
        } else if name.ends_with(".rs") {
            tree.insert(name, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// The circles that are too large, or go across folders.
pub fn faults(arrows: &Arrows) -> Vec<String> {
    let mut faults = Vec::new();
    for circle in circles(arrows) {
        if circle.len() > CIRCLE {
            faults.push(format!("{} files know each other: {}", circle.len(), circle.join(", ")));
        }
        let folders: BTreeSet<&str> = circle.iter().map(|file| folder(file)).collect();
        if folders.len() > 1 {
            faults.push(format!("a circle across folders: {}", circle.join(", ")));
        }
    }
    faults
}

/// The folder of a file, empty for none.
pub fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `a/b.rs` and `a/b/mod.rs` are the module a::b; `lib.rs` is the crate.
fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

/// The arrows of a tree.
pub fn arrows(tree: &Tree) -> Arrows {
    let modules: BTreeMap<Vec<String>, &String> = tree.keys().map(|file| (module(file), file)).collect();
    tree.iter()
        .map(|(file, text)| {
            let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
            let own = module(file);
            // A module's own modules are in its scope.
            let child = |name: &str| modules.contains_key(&[&own[..], &[name.to_owned()]].concat());
            let named = paths(&tokens(code), child).into_iter().filter_map(|path| {
                let path = absolute(&own, path);
                // The longest beginning that is a file; what follows is an item in it.
                (0..=path.len()).rev().find_map(|length| modules.get(&path[..length])).map(|file| (*file).clone())
            });
            (file.clone(), named.filter(|to| to != file).collect())
        })
        .collect()
}

/// Names and punctuation, without comments and texts.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|letter| {
                let ends = letter == '"' && !escaped;
                escaped = letter == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\\") {
            3 + rest[3..].find('\'').map_or(0, |end| end + 1)
        } else if first == '\'' && rest.chars().nth(2) == Some('\'') {
            rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Every path that begins at the crate, at this module, above it or at one of its own modules; those in braces one by one.
fn paths(tokens: &[String], child: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inside = at > 0 && tokens[at - 1] == "::";
        let name = tokens[at].as_str();
        let begins = (matches!(name, "crate" | "super" | "self") || child(name)) && !inside;
        if begins && tokens.get(at + 1).is_some_and(|next| next == "::") {
            at = branch(tokens, at, &[], &mut paths);
        } else {
            at += 1;
        }
    }
    paths
}

/// Reads one branch of a tree of paths; where it ends.
fn branch(tokens: &[String], mut at: usize, stem: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut path = stem.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = branch(tokens, at, &path, paths);
                    // `as NAME`, a comma.
                    while tokens.get(at).is_some_and(|token| token != "," && token != "}") {
                        at += 1;
                    }
                    at += usize::from(tokens.get(at).is_some_and(|token| token == ","));
                }
                return at + 1;
            }
            Some(name) if name.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') => {
                path.push(name.to_owned());
                at += 1;
            }
            _ => break,
        }
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    paths.push(path);
    at
}

/// A path from the crate.
fn absolute(own: &[String], path: Vec<String>) -> Vec<String> {
    let mut from: Vec<String> = match path.first().map(String::as_str) {
        Some("crate") => Vec::new(),
        _ => own.to_vec(),
    };
    for name in path {
        match name.as_str() {
            "crate" | "self" => {}
            "super" => {
                from.pop();
            }
            _ => from.push(name),
        }
    }
    from
}

/// Groups of files each of which reaches all others of its group.
pub fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
    let reach = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        while let Some(file) = next.pop() {
            for to in arrows.get(file).into_iter().flatten() {
                if seen.insert(to.as_str()) {
                    next.push(to);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|file| (file.as_str(), reach(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in reached.iter().filter(|(file, others)| others.contains(**file)) {
        let back = |other: &&&str| reached.get(**other).is_some_and(|there| there.contains(file));
        circles.insert(others.iter().filter(back).map(|one| (*one).to_owned()).collect::<Vec<_>>());
    }
    circles.into_iter().collect()
}
