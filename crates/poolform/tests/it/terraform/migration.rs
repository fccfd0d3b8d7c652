//! Pools that the original module made, taken over by `moved` blocks and by all that `poolform migrate` prints: not one
//! writing call.

use std::fs;
use std::path::Path;

use poolform_emulator::{Emulator, Options};
use serde_json::Value;

use super::old_provider::OldProvider;
use super::{IMPORTS, MOVES, REMOVED, Root, Terraform, module, terraform};
use crate::command::{fixtures, folders};
use crate::golden::is_write;

fn seeded(root: &Root, case: &Path) -> Value {
    fs::create_dir_all(root.folder.0.join(".poolform")).unwrap();
    let emulator = Emulator::open(&root.store(), Options::default()).unwrap();
    let seed = serde_json::from_slice(&fs::read(case.join("cognito.json")).unwrap()).unwrap();
    assert!(emulator.seed(&seed).unwrap() > 0);
    seed
}

/// A root with a recorded state, whose old provider is there in name.
fn with_old_provider(root: &Root) -> OldProvider {
    let old = OldProvider::new(&root.folder.0);
    let ours = Path::new(env!("CARGO_BIN_EXE_terraform-provider-poolform")).parent().unwrap();
    root.overrides(&[("poolform/poolform", ours), ("hashicorp/aws", &old.folder)]);
    old
}

/// Plans, applies and plans again: not one writing call, and no address of the old provider is left.
fn takes_over_untouched(root: &Root, name: &str) -> Result<(), String> {
    let planned = root.run(&["plan"]);
    let untouched = ["will be created", "will be updated", "will be destroyed", "must be replaced"]
        .iter()
        .all(|words| !planned.says(words));
    if planned.code != 0 || !untouched {
        return Err(format!("{name}: {}", planned.text));
    }
    let applied = root.apply();
    let writes: Vec<Value> = root.folder.requests().into_iter().filter(is_write).collect();
    if applied.code != 0 || !writes.is_empty() {
        return Err(format!("{name}: {writes:?} {}", applied.text));
    }
    root.plan_is_empty().map_err(|text| format!("{name}: the next plan is not empty: {text}"))?;
    let state = fs::read_to_string(root.folder.0.join("terraform.tfstate")).unwrap();
    if state.contains("aws_cognito_") { Err(format!("{name} keeps old addresses")) } else { Ok(()) }
}

/// Every recorded state in a root of its own, taken over in the way that `prepare` makes ready.
fn every_state(of: &str, terraform: &Terraform, prepare: &dyn Fn(&mut Root)) {
    let mut problems = Vec::new();
    for case in folders(&fixtures().join("adoption")) {
        let name = format!("{of}-{}", case.file_name().unwrap().to_string_lossy());
        let mut root = Root::new(&name, terraform);
        let old = with_old_provider(&root);
        if of != "move" {
            root.module = module("terraform/without-moves");
        }
        root.fill(&case, "  local = true\n", "");
        seeded(&root, &case);
        prepare(&mut root);
        problems.extend(takes_over_untouched(&root, &name).err());
        if of == "move" || of == "removed" {
            let asked = old.asked();
            assert!(
                asked.contains(&"GetProviderSchema".to_owned()),
                "{name}: the old provider was not needed: {asked:?}"
            );
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// What `poolform migrate` prints for a version.
fn migration(root: &Root, version: &str) -> String {
    let output = root.folder.command(&["migrate", "-terraform-state", "terraform.tfstate", "-for", version]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn carries_out(root: &Root, script: &str) {
    let output = root.script(script);
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{script}\n{}{}", said(&output.stdout), said(&output.stderr));
}

#[test]
fn states_of_the_original_move_untouched() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(MOVES)) else { return };
    every_state("move", &terraform, &|_| {});
}

#[test]
fn removed_and_import_blocks_take_over_untouched() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(REMOVED)) else { return };
    let version = if terraform.opentofu { "tofu-1.9" } else { "1.7.5" };
    every_state("removed", &terraform, &|root| root.folder.write("migrate.tf", &migration(root, version)));
}

#[test]
fn commands_and_import_blocks_take_over_untouched() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(IMPORTS)) else { return };
    let version = if terraform.opentofu { "tofu-1.6" } else { "1.5.7" };
    every_state("import", &terraform, &|root| {
        let file = migration(root, version);
        let commands: Vec<&str> = file.lines().filter_map(|line| line.strip_prefix("#   ")).collect();
        carries_out(root, &commands.join("\n"));
        root.folder.write("migrate.tf", &file);
    });
}

#[test]
fn commands_alone_take_over_untouched() {
    let Some(terraform) = terraform().filter(|terraform| !terraform.opentofu) else { return };
    every_state("commands", &terraform, &|root| {
        let script = migration(root, "1.0");
        // It breaks off, and is run again.
        let output = root.script(&script.replacen("terraform import", "false", 1));
        assert!(!output.status.success());
        let copy = || fs::read_to_string(root.folder.0.join("before-migration.tfstate")).unwrap();
        let before = copy();
        carries_out(root, &script);
        assert_eq!(copy(), before);
    });
}

#[test]
fn import_blocks_take_over_untouched() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(IMPORTS)) else { return };
    let case = fixtures().join("adoption/complete");
    let root = Root::new("import", &terraform);
    root.fill(&case, "  local = true\n", "");
    fs::remove_file(root.folder.0.join("terraform.tfstate")).unwrap();
    let seed = seeded(&root, &case);
    let pool = seed[0]["pool"]["Id"].as_str().unwrap();
    let client = seed[0]["clients"][0]["ClientId"].as_str().unwrap();
    let block =
        |to: &str, id: &str| format!("import {{\n  to = module.pool.poolform_user_pool{to}\n  id = \"{id}\"\n}}\n");
    let blocks = [
        block(".user_pool[0]", pool),
        block("_client.client[\"android-mobile-client\"]", &format!("{pool}/{client}")),
        block("_domain.domain[0]", "orders-complete"),
        block(
            "_resource_server.resource_server[\"https://api.orders.example\"]",
            &format!("{pool}|https://api.orders.example"),
        ),
    ];
    root.folder.write("imports.tf", &blocks.concat());
    let applied = root.apply().exits(0);
    assert!(applied.says("4 imported, 0 added, 0 changed, 0 destroyed"), "{}", applied.text);
    let writes: Vec<Value> = root.folder.requests().into_iter().filter(is_write).collect();
    assert!(writes.is_empty(), "{writes:?}");
    root.plan_is_empty().unwrap();
    root.folder.write(
        "imports.tf",
        "resource \"poolform_user_pool_group\" \"g\" {\n  user_pool_id = \"us-east-1_a\"\n  name = \"g\"\n}\n\
         import {\n  to = poolform_user_pool_group.g\n  id = \"no-pool-in-it\"\n}\n",
    );
    assert!(root.run(&["plan"]).says("Invalid import id"));
}
