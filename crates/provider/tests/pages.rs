//! The registry's pages and the module say what the schemas and the rows say.

#![allow(clippy::disallowed_methods, reason = "tests are at the edge")]

use std::fs;
use std::path::Path;

#[test]
fn pages_and_variables_are_those_of_the_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let outputs = fs::read_to_string(root.join("terraform/outputs.tf")).unwrap();
    let mut made = poolform_provider::pages::pages();
    made.extend(poolform_provider::module::files(&outputs));
    for (path, text) in made {
        let file = root.join(&path);
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == text, "{path} is old: UPDATE=1 cargo test -p poolform-provider --test pages");
    }
}
