//! The layers of the crate: imports go one way.
//!
//! The list of layers is the list of modules in `src/lib.rs`, from the bottom to the top. What an arrow is says
//! `poolform_imports`.

use std::collections::BTreeSet;
use std::path::Path;

use poolform_imports::{Arrows, Tree, arrows, circles, folder, sources};

#[test]
fn imports_go_one_way() {
    let tree = sources(Path::new(env!("CARGO_MANIFEST_DIR")));
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
    faults.extend(poolform_imports::faults(&arrows));
    let across = |circle: &Vec<String>| circle.iter().map(|file| folder(file).to_owned()).collect::<BTreeSet<_>>();
    let told: BTreeSet<String> =
        circles(&arrows).iter().map(across).filter(|folders| folders.len() > 1).flatten().collect();
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

/// The modules that `lib.rs` declares, in their order.
fn layers(lib: &str) -> Vec<String> {
    let declared =
        |line: &str| Some(line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(declared).collect()
}
