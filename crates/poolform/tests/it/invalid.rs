//! Configurations that are refused: before any request, at the recorded place.

use std::fs;

use serde_json::Value;

use crate::command::{Folder, fixtures, folders};

#[test]
fn recorded_refusals_name_the_place() {
    let mut problems = Vec::new();
    for case in folders(&fixtures().join("invalid")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let folder = Folder::new(&name);
        folder.fill(&case);
        let expected: Value = serde_json::from_slice(&fs::read(case.join("expected.json")).unwrap()).unwrap();
        let refused = folder.run(&["apply", "-local", "-auto-approve"]);
        if refused.code() != 1 {
            problems.push(format!("{name}: exit code {}: {}{}", refused.code(), refused.stdout(), refused.stderr()));
        }
        for place in expected["at"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !refused.stderr().contains(&format!("{place}:")) {
                problems.push(format!("{name}: does not name {place}:\n{}", refused.stderr()));
            }
        }
        let requests = folder.requests();
        if !requests.is_empty() {
            problems.push(format!("{name}: {} requests", requests.len()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
