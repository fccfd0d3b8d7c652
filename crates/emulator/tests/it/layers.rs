//! The layers of the crate: imports go one way.
//!
//! The list of layers is the list of modules in `src/lib.rs`, from the bottom to the top. Every path that begins with
//! `crate`, `super` or `self`, in a `use` or elsewhere, is an arrow from the file in which it stands to the file that it
//! names. Tests inside of a file are left out: they may look at anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The most files that may know each other in a circle.
const CIRCLE: usize = 5;

/// Files by their path under `src`, with their text.
type Tree = BTreeMap<String, String>;
/// For each file the files that it names.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn imports_go_one_way() {
    let mut tree = Tree::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut tree);
    let arrows = arrows(&tree);
    let circles = circles(&arrows);
    println!(
        "{} files, {} arrows, the largest circle has {} files: {circles:?}",
        tree.len(),
        arrows.values().map(BTreeSet::len).sum::<usize>(),
        circles.iter().map(Vec::len).max().unwrap_or(1),
    );
    assert!(arrows.len() > 100 && layers(&tree["lib.rs"]).len() > 4, "the sources were not read");
    let faults = faults(&tree);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_climbs_is_named() {
    let tree = |files: &[(&str, &str)]| -> Tree {
        let lib = ("lib.rs", "/// The bottom.\nmod kept;\n\nmod rules;\n\npub mod server;\n");
        files.iter().chain([&lib]).map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    };
    let one = |files: &[(&str, &str)], words: &str| {
        let faults = faults(&tree(files));
        assert!(faults.len() == 1 && faults[0].contains(words), "{words}: {faults:?}");
    };
    let user = ("kept/user.rs", "pub struct User;");
    assert!(faults(&tree(&[user, ("rules/name.rs", "use crate::kept::user::User;")])).is_empty());
    let braces = "use crate::{kept::{self}, rules::{name::{check, Name as Other}}};";
    one(&[("kept/mod.rs", ""), ("kept/user.rs", braces), ("rules/name.rs", "")], "climbs to rules/name.rs");
    one(&[("kept/user.rs", "fn f() { crate::rules::name::check() }"), ("rules/name.rs", "")], "climbs");
    one(&[("kept/user.rs", "fn f() { super::super::rules::name::check() }"), ("rules/name.rs", "")], "climbs");
    one(&[("kept/user.rs", "use crate::Options;")], "lib.rs");
    one(&[("kept/user.rs", ""), ("other/x.rs", "")], "other");
    let own = [
        ("kept/a/mod.rs", "fn f() { one::g() }"),
        ("kept/a/one.rs", "use crate::kept::b::X;"),
        ("kept/b.rs", "use crate::kept::a::f;"),
    ];
    one(&own, "across folders");
    // Neither comments, nor texts, nor tests.
    let harmless = "// use crate::rules::name;\nconst X: &str = \"crate::rules::name\\\"\"; const C: char = '\"';\n\
                    #[cfg(test)]\nmod tests {\n    use crate::rules::name;\n}\n";
    assert!(faults(&tree(&[("kept/user.rs", harmless), ("rules/name.rs", "")])).is_empty());
    let across = [
        ("kept/a/mod.rs", "use crate::kept::b::B;"),
        ("kept/b/mod.rs", "use crate::kept::c::C;"),
        ("kept/c.rs", "use crate::kept::a::A;"),
    ];
    one(&across, "across folders");
    let folders = [
        ("kept/a/one.rs", "use crate::kept::b::two;"),
        ("kept/b/two.rs", ""),
        ("kept/b/three.rs", "use crate::kept::a::four;"),
        ("kept/a/four.rs", ""),
    ];
    one(&folders, "folders know each other");
    let names = ["a", "b", "c", "d", "e", "f"];
    let ring: Vec<(String, String)> = (0..6)
        .map(|one| (format!("kept/{}.rs", names[one]), format!("use crate::kept::{}::X;", names[(one + 1) % 6])))
        .collect();
    let ring: Vec<(&str, &str)> = ring.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    one(&ring, "6 files");
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

/// All that is wrong with a tree.
fn faults(tree: &Tree) -> Vec<String> {
    let layers = layers(&tree["lib.rs"]);
    let layer = |file: &str| layers.iter().position(|layer| file.split('/').next() == Some(layer));
    let mut faults: Vec<String> = tree
        .keys()
        .filter(|file| *file != "lib.rs" && layer(file).is_none())
        .map(|file| format!("{file} is in no layer; these are: {}", layers.join(", ")))
        .collect();
    let arrows = arrows(tree);
    for (from, named) in arrows.iter().filter(|(from, _)| *from != "lib.rs") {
        for to in named {
            if to == "lib.rs" {
                faults.push(format!("{from} names something of lib.rs: import it from where it is"));
            } else if layer(to) > layer(from) {
                faults.push(format!("{from} climbs to {to}"));
            }
        }
    }
    let mut told = BTreeSet::new();
    for circle in circles(&arrows) {
        if circle.len() > CIRCLE {
            faults.push(format!("{} files know each other: {}", circle.len(), circle.join(", ")));
        }
        let folders: BTreeSet<String> = circle.iter().map(|file| folder(file).to_owned()).collect();
        if folders.len() > 1 {
            faults.push(format!("a circle across folders: {}", circle.join(", ")));
            told.extend(folders);
        }
    }
    // Files of a layer itself stand before its folders (what they share) or behind them (the table of all), so that folders
    // are compared with folders beside them only.
    let mut beside = Arrows::new();
    for (from, to) in arrows.iter().flat_map(|(from, named)| named.iter().map(move |to| (from, to))) {
        let (from, to) = (folder(from), folder(to));
        if from != to && from.contains('/') && to.contains('/') {
            beside.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
    }
    for circle in circles(&beside) {
        if !circle.iter().all(|folder| told.contains(folder)) {
            faults.push(format!("folders know each other: {}", circle.join(", ")));
        }
    }
    faults
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The modules that `lib.rs` declares, in their order.
fn layers(lib: &str) -> Vec<String> {
    let declared =
        |line: &str| Some(line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(declared).collect()
}

/// `a/b.rs` and `a/b/mod.rs` are the module a::b; `lib.rs` is the crate.
fn module(file: &str) -> Vec<String> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if path == "lib" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

fn arrows(tree: &Tree) -> Arrows {
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
fn circles(arrows: &Arrows) -> Vec<Vec<String>> {
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
