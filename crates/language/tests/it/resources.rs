//! Roots with resources: one case per folder of `tests/resources/cases`.
//!
//! A case is a root module and `expected.json`: what is written in each wanted instance, what the outputs are worth (unknown
//! values by their reference in angle brackets), and what is said. `given.json` says what is known, absent, set or recorded. With `UPDATE=1` what is
//! expected is written anew.
//!
//! `POOLFORM_AWS_PROVIDER` names a folder in the layout of a filesystem mirror that has the AWS provider: there Terraform plans
//! the cases that are its own too, and must agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use poolform_language::{CallerIdentity, Configuration, External, Inputs, Known, StandIn, StandIns, load};
use poolform_value::{Value, from_json};
use serde_json::{Value as Json, json};

use crate::memory::Memory;
use crate::roots::{plain, said};
use crate::table::Table;

/// What a case may be given.
#[derive(Default)]
pub struct Given(Json);

impl Known for Given {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        self.0["outputs"][address].get(name).map(from_json)
    }

    fn resource(&self, address: &str) -> Option<Value> {
        self.0["resources"].get(address).map(from_json)
    }

    fn is_absent(&self, address: &str) -> bool {
        texts(&self.0["absent"]).iter().any(|absent| absent == address)
    }
}

/// The outside of every case.
struct Here;

impl External for Here {
    fn region(&self) -> Option<String> {
        Some("eu-west-1".into())
    }

    fn caller_identity(&self) -> Option<CallerIdentity> {
        Some(CallerIdentity { account_id: "123456789012".into(), arn: "arn:me".into(), user_id: "me".into() })
    }
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resources/cases");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).expect("cases").map(|entry| entry.expect("a case").path()).collect();
    cases.sort();
    cases
}

fn name_of(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

/// The files below a folder by their path in it.
fn files(folder: &Path, at: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = at.join(name_of(&path));
        if path.is_dir() {
            files(&path, &name, found);
        } else if name_of(&path) != "expected.json" && name_of(&path) != "given.json" {
            found.push((name, fs::read(&path).expect("its content")));
        }
    }
}

fn texts(value: &Json) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn evaluate(case: &Path) -> Json {
    let given =
        fs::read(case.join("given.json")).map_or(Json::Null, |text| serde_json::from_slice(&text).expect("JSON"));
    let mut memory = Memory::default();
    let mut found = Vec::new();
    files(case, Path::new(""), &mut found);
    found.into_iter().for_each(|(path, bytes)| memory.add(path, bytes));
    let table = Table::read();
    let inputs = Inputs {
        schemas: &table,
        external: &Here,
        settings: texts(&given["settings"]),
        terraform_state: given.get("state").cloned(),
        stand_ins: given.get("stand_ins").map(|_| StandIns {
            account: "000000000000".into(),
            region: "eu-west-1".into(),
            partition: "aws".into(),
        }),
        ..Inputs::default()
    };
    let known = Given(given);
    let (configuration, mut diagnostics) = load(&memory, Path::new(""), inputs);
    let cognito = |kind: &str| kind.starts_with("aws_cognito");
    let (mut instances, found) = configuration.resource_instances(&cognito, &known);
    diagnostics.extend(found);
    let (data, found) = configuration.data_instances(&cognito, &known);
    diagnostics.extend(found);
    instances.extend(data);
    let (outputs, found) = configuration.outputs(None, &known);
    diagnostics.extend(found);
    let mut result = json!({});
    let instances: serde_json::Map<String, Json> =
        instances.iter().map(|instance| (instance.address.clone(), plain(&instance.body))).collect();
    let outputs: serde_json::Map<String, Json> =
        outputs.iter().map(|output| (output.name.clone(), plain(&output.value))).collect();
    result["instances"] = instances.into();
    if !outputs.is_empty() {
        result["outputs"] = outputs.into();
    }
    let stand_ins = configuration.stand_ins();
    if !stand_ins.is_empty() {
        let line = |it: &StandIn| {
            let span = it.span.as_ref().expect("a place");
            let (line, _) = configuration.sources().position(span);
            let value = if it.value.sensitive { json!("(sensitive)") } else { plain(&it.value) };
            format!("{}:{line}: {} = {value}; {}", span.file, it.reference, it.hint)
        };
        result["stand_ins"] = stand_ins.iter().map(line).collect();
    }
    let said = lines(&configuration, &diagnostics);
    if !said.is_empty() {
        result["said"] = said.into();
    }
    result
}

fn lines(configuration: &Configuration<'_>, diagnostics: &poolform_value::Diagnostics) -> Vec<String> {
    diagnostics.0.iter().map(|one| said(configuration, &one.clone().into())).collect()
}

#[test]
fn every_case_is_evaluated_as_expected() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = String::new();
    for case in cases() {
        let actual = evaluate(&case);
        let file = case.join("expected.json");
        if update {
            let text = serde_json::to_string_pretty(&actual).expect("JSON") + "\n";
            fs::write(&file, text).expect("a file");
            continue;
        }
        let expected: Json = serde_json::from_slice(&fs::read(&file).expect("expected.json")).expect("JSON");
        if actual != expected {
            let text = |json: &Json| serde_json::to_string_pretty(json).expect("JSON");
            wrong.push_str(&format!("{}\nexpected {}\nactual {}\n", name_of(&case), text(&expected), text(&actual)));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

const PROVIDER: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "a"
  secret_key                  = "b"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
"#;

#[test]
fn terraform_agrees_with_the_cases() {
    let Some(mirror) = std::env::var_os("POOLFORM_AWS_PROVIDER") else {
        eprintln!("[skipped] POOLFORM_AWS_PROVIDER names no folder with the AWS provider");
        return;
    };
    let folder = std::env::temp_dir().join(format!("poolform-resources-{}", std::process::id()));
    let mut wrong = String::new();
    for case in cases().iter().filter(|case| !case.join("given.json").exists()) {
        let expected: Json =
            serde_json::from_slice(&fs::read(case.join("expected.json")).expect("expected.json")).expect("JSON");
        let mut found = Vec::new();
        files(case, Path::new(""), &mut found);
        let root = folder.join(name_of(case));
        for (path, bytes) in found {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        fs::write(root.join("provider_of_the_test.tf"), PROVIDER).expect("a file");
        let rc = folder.join("cli.rc");
        fs::write(&rc, format!("provider_installation {{\n  filesystem_mirror {{\n    path = {mirror:?}\n  }}\n}}\n"))
            .expect("a file");
        let terraform = |arguments: &[&str]| {
            Command::new("terraform")
                .args(arguments)
                .env("TF_CLI_CONFIG_FILE", &rc)
                .env("CHECKPOINT_DISABLE", "1")
                .current_dir(&root)
                .output()
                .expect("terraform runs")
        };
        if !terraform(&["init"]).status.success() {
            // A provider that nobody has: these are about what is not known.
            continue;
        }
        let mut differences = Vec::new();
        let mut mistakes: Vec<String> = Vec::new();
        let mut outcome = terraform(&["validate", "-json"]).stdout;
        if serde_json::from_slice::<Json>(&outcome).is_ok_and(|outcome| outcome["valid"] == true) {
            outcome = terraform(&["plan", "-json", "-out=p"]).stdout;
        }
        for line in String::from_utf8_lossy(&outcome).lines().filter_map(|line| serde_json::from_str(line).ok()) {
            mistakes.extend(mistake(&line));
        }
        if let Ok(outcome) = serde_json::from_slice::<Json>(&outcome) {
            mistakes.extend(outcome["diagnostics"].as_array().into_iter().flatten().filter_map(place));
        }
        let mut said: Vec<String> = texts(&expected["said"]).iter().map(|line| short(line)).collect();
        mistakes.sort();
        mistakes.dedup();
        said.sort();
        said.dedup();
        if said != mistakes {
            differences.push(format!("said {said:#?}\nTerraform {mistakes:#?}"));
        }
        if mistakes.is_empty() {
            match serde_json::from_slice(&terraform(&["show", "-json", "p"]).stdout) {
                Ok(shown) => compare(&expected, &shown, &mut differences),
                Err(_) => differences.push(String::from_utf8_lossy(&outcome).into_owned()),
            }
        }
        if !differences.is_empty() {
            wrong.push_str(&format!("{}\n{}\n", name_of(case), differences.join("\n")));
        }
    }
    fs::remove_dir_all(&folder).expect("the folder goes");
    assert!(wrong.is_empty(), "{wrong}");
}

/// `file:line: summary` of an event of `terraform plan -json`.
fn mistake(event: &Json) -> Option<String> {
    place(event.get("diagnostic")?)
}

fn place(diagnostic: &Json) -> Option<String> {
    if diagnostic["severity"] != "error" {
        return None;
    }
    let (range, summary) = (&diagnostic["range"], diagnostic["summary"].as_str()?);
    // A cycle has no place there, and its members stand in the summary.
    if summary.starts_with("Cycle:") {
        return Some("Cycle".to_owned());
    }
    Some(format!("{}:{}: {summary}", range["filename"].as_str()?, range["start"]["line"]))
}

/// The same of a line that is said here: without the column and the detail.
fn short(line: &str) -> String {
    let head = line.split(" - ").next().unwrap_or_default();
    let (place, summary) = head.split_once(": ").unwrap_or(("", head));
    if summary == "Cycle" {
        return summary.to_owned();
    }
    let place = place.rsplit_once(':').map_or(place, |(place, _)| place);
    format!("{place}: {summary}")
}

/// What Terraform plans must be what is expected, as far as that is known.
fn compare(expected: &Json, shown: &Json, differences: &mut Vec<String>) {
    let mut planned = BTreeMap::new();
    collect(&shown["planned_values"]["root_module"], &mut planned);
    let managed = |address: &&String| !address.contains("data.");
    let mut ours: Vec<&String> =
        expected["instances"].as_object().into_iter().flat_map(|all| all.keys()).filter(managed).collect();
    ours.sort();
    let theirs: Vec<&String> =
        planned.keys().filter(|address| address.contains("aws_cognito")).filter(managed).collect();
    if ours != theirs {
        differences.push(format!("instances {ours:?}\nTerraform {theirs:?}"));
    }
    for (address, body) in expected["instances"].as_object().into_iter().flatten() {
        if let Some(values) = planned.get(address) {
            differ(body, values, address, differences);
        }
    }
    for (name, value) in expected["outputs"].as_object().into_iter().flatten() {
        let change = &shown["output_changes"][name];
        differ(value, &change["after"], &format!("output {name}"), differences);
        if change["after_unknown"] == true && !value.as_str().is_some_and(|text| text.starts_with('<')) {
            differences.push(format!("output {name}: {value}, Terraform does not know it"));
        }
    }
}

fn collect(module: &Json, planned: &mut BTreeMap<String, Json>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        planned.insert(resource["address"].as_str().unwrap_or_default().to_owned(), resource["values"].clone());
    }
    module["child_modules"].as_array().into_iter().flatten().for_each(|child| collect(child, planned));
}

fn differ(ours: &Json, theirs: &Json, place: &str, differences: &mut Vec<String>) {
    match (ours, theirs) {
        (Json::String(text), _) if text.starts_with('<') => {
            if !theirs.is_null() {
                differences.push(format!("{place}: {ours}, Terraform knows {theirs}"));
            }
        }
        (Json::Object(ours), Json::Object(theirs)) => {
            for (name, value) in ours {
                differ(value, theirs.get(name).unwrap_or(&Json::Null), &format!("{place}.{name}"), differences);
            }
        }
        (Json::Array(ours), Json::Array(theirs)) if ours.len() == theirs.len() => {
            // Sets of blocks have no order.
            let sorted = |items: &[Json]| {
                let mut items = items.to_vec();
                items.sort_by_key(|item| item["name"].as_str().or(item["scope_name"].as_str()).map(str::to_owned));
                items
            };
            for (position, (a, b)) in sorted(ours).iter().zip(sorted(theirs)).enumerate() {
                differ(a, &b, &format!("{place}[{position}]"), differences);
            }
        }
        _ if ours == theirs => {}
        _ => differences.push(format!("{place}: {ours}, Terraform {theirs}")),
    }
}
