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

#[test]
fn a_pool_that_is_there_is_declared_and_taken_over_by_its_id() {
    for case in folders(&fixtures().join("adoption")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let folder = Folder::new(&format!("{name}-by-id"));
        fs::create_dir_all(folder.0.join(".poolform")).unwrap();
        let seed: serde_json::Value = serde_json::from_slice(&fs::read(case.join("cognito.json")).unwrap()).unwrap();
        let id = seed[0]["pool"]["Id"].as_str().unwrap().to_owned();
        {
            let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
            emulator.seed(&seed).unwrap();
        }
        let adopted = folder.run(&["adopt", "-local", &id, "-as", "auth"]).exits(0);
        assert!(adopted.stdout().contains("No changes."), "{name}: {}", adopted.stdout());
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
        folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        let requests = folder.requests();
        assert!(
            !requests.iter().any(|request| request["operation"].as_str().is_some_and(is_writing)),
            "{name}: {requests:?}"
        );
        // A second time there is a file already, and under another name the pool is managed already.
        folder.run(&["adopt", "-local", &id, "-as", "auth"]).exits(1);
        let again = folder.run(&["adopt", "-local", &id, "-as", "other"]).exits(1);
        assert!(
            again.stderr().contains("Managed already") && !folder.0.join("other.tf").exists(),
            "{}",
            again.stderr()
        );
        // No secret of a client stands in the file.
        let text = fs::read_to_string(folder.0.join("auth.tf")).unwrap();
        for secret in seed.to_string().split("\"ClientSecret\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(!text.contains(secret));
        }
    }
    let folder = Folder::new("no-such-pool");
    let refused = folder.run(&["adopt", "-local", "us-east-1_000000000"]).exits(1);
    assert!(refused.stderr().contains("No such pool") && !folder.0.join("pool.tf").exists(), "{}", refused.stderr());
}

#[test]
fn import_blocks_take_over_untouched() {
    let case = fixtures().join("adoption/complete");
    let folder = Folder::new("import");
    folder.fill(&case);
    fs::create_dir_all(folder.0.join(".poolform")).unwrap();
    let seed: serde_json::Value = serde_json::from_slice(&fs::read(case.join("cognito.json")).unwrap()).unwrap();
    {
        let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
        emulator.seed(&seed).unwrap();
    }
    let pool = seed[0]["pool"]["Id"].as_str().unwrap();
    let client = seed[0]["clients"][0]["ClientId"].as_str().unwrap();
    let block = |to: &str, id: &str| format!("import {{\n  to = module.pool.{to}\n  id = \"{id}\"\n}}\n");
    let blocks = [
        block("aws_cognito_user_pool.user_pool[0]", pool),
        block("aws_cognito_user_pool_client.client[\"android-mobile-client\"]", &format!("{pool}/{client}")),
        block("aws_cognito_user_pool_domain.domain[0]", "orders-complete"),
        block("resource_server[\"https://api.orders.example\"]", &format!("{pool}|https://api.orders.example")),
    ];
    folder.write("imports.tf", &blocks.concat());
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    // Kept: the blocks are no longer needed.
    folder.write("imports.tf", "");
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let requests = folder.requests();
    assert!(!requests.iter().any(|request| request["operation"].as_str().is_some_and(is_writing)), "{requests:?}");
    let foreign = block("aws_lambda_function.f", "f");
    let without_pool = block("aws_cognito_user_pool_client.client[\"web\"]", client);
    for blocks in [foreign, without_pool] {
        folder.write("imports.tf", &blocks);
        let refused = folder.run(&["plan", "-local"]).exits(1);
        assert!(refused.stderr().contains("Import block that is not understood"), "{}", refused.stderr());
    }
}
