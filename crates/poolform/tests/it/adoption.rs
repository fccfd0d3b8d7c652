//! Pools that the original module made, taken over from Terraform's state: an empty plan, and not one writing call.

use std::fs;

use poolform_emulator::{Emulator, Options};

use crate::command::{Folder, fixtures, folders};
use crate::golden::is_writing;

#[test]
fn states_of_the_original_are_taken_over_untouched() {
    let mut problems = Vec::new();
    for case in folders(&fixtures().join("adoption")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let folder = Folder::new(&name);
        folder.fill(&case);
        fs::create_dir_all(folder.0.join(".poolform")).unwrap();
        {
            let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
            let seed = serde_json::from_slice(&fs::read(case.join("cognito.json")).unwrap()).unwrap();
            assert!(emulator.seed(&seed).unwrap() > 0, "{name} seeds nothing");
        }
        let adopted = folder.run(&["adopt", "-local", "-terraform-state", "terraform.tfstate"]);
        if adopted.code() != 0 || !adopted.stdout().contains("No changes.") {
            problems.push(format!("{name}: {}{}", adopted.stdout(), adopted.stderr()));
            continue;
        }
        let planned = folder.run(&["plan", "-local", "-detailed-exitcode"]);
        if planned.code() != 0 {
            problems.push(format!("{name}: {}{}", planned.stdout(), planned.stderr()));
        }
        let applied = folder.run(&["apply", "-local", "-auto-approve"]);
        if applied.code() != 0 {
            problems.push(format!("{name}: {}{}", applied.stdout(), applied.stderr()));
        }
        let writes: Vec<_> = folder
            .requests()
            .into_iter()
            .filter(|request| request["operation"].as_str().is_some_and(is_writing))
            .collect();
        if !writes.is_empty() {
            problems.push(format!("{name}: {writes:?}"));
        }
        let again = folder.run(&["adopt", "-local", "-terraform-state", "terraform.tfstate"]);
        assert!(again.stderr().contains("Nothing to adopt"), "{name}: {}", again.stderr());
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
