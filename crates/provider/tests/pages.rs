//! The registry's pages say what the schemas say.

#![allow(clippy::disallowed_methods, reason = "tests are at the edge")]

use std::fs;
use std::path::Path;

#[test]
fn pages_are_those_of_the_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in poolform_provider::pages::pages() {
        let file = root.join(&path);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == text, "{path} is old: UPDATE=1 cargo test -p poolform-provider --test pages");
    }
}
