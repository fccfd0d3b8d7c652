//! Configurations that are refused: before any request, at the recorded place.

use std::fs;

use serde_json::Value;

use crate::command::{Folder, fixtures, folders};

#[test]
fn recorded_refusals_name_the_place() {
    let mut problems = Vec::new();
    let (of_the_module, of_resources) = (fixtures().join("invalid"), fixtures().join("invalid-raw"));
    for case in folders(&of_the_module).into_iter().chain(folders(&of_resources)) {
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

/// Each file says in its first lines what must be said of which line: `# expect LINE: words`.
#[test]
fn refusals_of_our_own_name_the_line_and_the_reason() {
    let mut problems = Vec::new();
    let mut files: Vec<_> =
        fs::read_dir(fixtures().join("refused")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 15, "no cases");
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let folder = Folder::new(&name);
        folder.write("main.tf", &text);
        let refused = folder.run(&["apply", "-local", "-auto-approve"]);
        let said = refused.stderr();
        if refused.code() != 1 || !folder.requests().is_empty() {
            problems.push(format!("{name}: exit code {}: {said}", refused.code()));
        }
        let mut expectations = 0;
        for expectation in text.lines().filter_map(|line| line.strip_prefix("# expect ")) {
            let (line, words) = expectation.split_once(": ").unwrap();
            // Long details are one line each.
            if !said.contains(&format!("main.tf:{line}:")) || !said.contains(words) {
                problems.push(format!("{name}: not said of line {line}: {words}\n{said}"));
            }
            expectations += 1;
        }
        assert!(expectations > 0, "{name} expects nothing");
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
