//! Every recorded case of the original module through `terraform apply`, and every refusal.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use poolform_client::{Settings, connect};
use serde_json::{Value, json};

use super::{Root, terraform};
use crate::canonical::{canonical, empty, holds, holds_at, missing};
use crate::command::{Folder, Server, external, fixtures, folders, free_port, wait_for};
use crate::golden::{as_cognito_would, compare_output, compare_requests, is_write, of_the_run, read, replaced_clients};
use crate::moto::beyond_moto;

/// Runs `work` on every case, two at a time: this is as much waiting for processes as work.
fn each(cases: &[PathBuf], work: &(dyn Fn(&Path) -> Vec<String> + Sync)) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = work(case);
                    problems.lock().unwrap().extend(found);
                }
            });
        }
    });
    problems.into_inner().unwrap()
}

/// The module's arguments that allow what a step needs.
fn allowing(expected: &Value) -> String {
    let clients: Vec<String> = replaced_clients(expected)
        .iter()
        .filter_map(|flag| Some(flag.split_once("client[")?.1.trim_end_matches(']').to_owned()))
        .collect();
    let pool = if expected["permission"].is_string() { "  allow_replace = true\n" } else { "" };
    format!("{pool}  allow_replace_clients = [{}]\n", clients.join(", "))
}

fn check_outputs(root: &Root, expected: &Value, found: &mut Vec<String>) {
    let actual = root.outputs();
    for (name, output) in expected.as_object().into_iter().flatten() {
        let value = &actual[name]["value"];
        if of_the_run(name) || name.ends_with("_id") || name.ends_with("_ids") {
            let keys = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
            if keys(&output["value"]) != keys(value) {
                found.push(format!("output {name}: other keys, {value}"));
            }
        } else {
            compare_output(&output["value"], value, name, found);
        }
    }
}

/// The writing requests by what they say, whatever ids the runs made and in whichever order.
fn writes(requests: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = requests
        .iter()
        .filter(|request| is_write(request))
        .map(|request| {
            let mut body = canonical(&request["request"], "");
            body.sort_all_objects();
            format!("{} {body}", request["operation"].as_str().unwrap_or_default())
        })
        .collect();
    all.sort();
    all
}

fn embedded(case: &Path, terraform: &Path) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let root = Root::new(&name, terraform);
    let mut found = Vec::new();
    for step in folders(case) {
        let at = format!("{name}/{}", step.file_name().unwrap().to_string_lossy());
        let expected = read(&step.join("expected.json"));
        root.fill(&step, "  local = true\n", "");
        if expected.get("permission").is_some() || expected.get("refused_at").is_some() {
            let refused = root.apply();
            if refused.code != 1 || !refused.says("not possible in place") {
                found.push(format!("{at}: not refused: {}", refused.text));
            }
            if root.folder.requests().iter().any(is_write) {
                found.push(format!("{at}: writing calls before the refusal"));
            }
            if expected.get("permission").is_none() {
                root.fill(&case.join("step-1"), "  local = true\n", "");
                continue;
            }
        }
        root.fill(&step, "  local = true\n", &allowing(&expected));
        let applied = root.apply();
        if applied.code != 0 {
            found.push(format!("{at}: apply failed: {}", applied.text));
            return found;
        }
        let requests = root.folder.requests();
        if at.ends_with("step-1") {
            let command = Folder::new(&format!("command-{name}"));
            command.fill(&step);
            command.run(&["apply", "-local", "-auto-approve"]).exits(0);
            let (theirs, ours) = (writes(&command.requests()), writes(&requests));
            if theirs != ours {
                found.push(format!("{at}: the command writes {theirs:#?}, Terraform {ours:#?}"));
            }
        }
        if expected.get("not_compared").is_none() {
            compare_requests(&expected, &requests, &at, &mut found);
            if let Some(held) = expected.get("holds") {
                missing(&as_cognito_would(held), &holds_at(&root.store()), &at, &mut found);
            }
            let mut outputs = Vec::new();
            check_outputs(&root, &expected["outputs"], &mut outputs);
            found.extend(outputs.into_iter().map(|problem| format!("{at}: {problem}")));
        }
        if let Err(text) = root.plan_is_empty() {
            found.push(format!("{at}: the next plan is not empty: {text}"));
        }
        root.folder.requests();
    }
    let destroyed = root.run(&["destroy", "-auto-approve"]);
    let left = holds_at(&root.store());
    if destroyed.code != 0 || !empty(&left) {
        found.push(format!("{name}: destroy leaves {left}: {}", destroyed.text));
    }
    found
}

#[test]
fn recorded_cases_by_terraform() {
    let Some(terraform) = terraform() else { return };
    let cases = folders(&fixtures().join("golden"));
    let problems = each(&cases, &|case| embedded(case, &terraform));
    println!("{} cases by Terraform", cases.len());
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn recorded_cases_by_terraform_on_moto() {
    let Some(terraform) = terraform() else { return };
    let Some(moto) = external("moto_server", "POOLFORM_MOTO") else { return };
    let cases = folders(&fixtures().join("golden"));
    let problems = each(&cases, &|case| on_moto(case, &terraform, &moto));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn on_moto(case: &Path, terraform: &Path, moto: &Path) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let port = free_port();
    let _server = Server::start(Command::new(moto).args(["-p", &port.to_string()]));
    wait_for(port);
    let url = format!("http://127.0.0.1:{port}");
    let settings = Settings {
        region: Some("us-east-1".to_owned()),
        endpoint: Some(url.clone()),
        keys: Some(("test".to_owned(), "test".to_owned(), None)),
        ..Settings::default()
    };
    let cognito = connect(&settings).unwrap();
    let mut root = Root::new(&format!("moto-{name}"), terraform);
    root.set("AWS_ACCESS_KEY_ID", "test");
    root.set("AWS_SECRET_ACCESS_KEY", "test");
    let provider = format!("  endpoints {{\n    cognitoidp = {url:?}\n  }}\n");
    let mut found = Vec::new();
    for step in folders(case) {
        let at = format!("{name}/{} on moto", step.file_name().unwrap().to_string_lossy());
        let expected = read(&step.join("expected.json"));
        if beyond_moto(&expected) {
            break;
        }
        root.fill(&step, &provider, &allowing(&expected));
        let applied = root.apply();
        if applied.code != 0 {
            found.push(format!("{at}: {}", applied.text));
            break;
        }
        missing(&as_cognito_would(&expected["holds"]), &as_cognito_would(&holds(&cognito)), &at, &mut found);
        if let Err(text) = root.plan_is_empty() {
            found.push(format!("{at}: the next plan is not empty: {text}"));
        }
    }
    let destroyed = root.run(&["destroy", "-auto-approve"]);
    let left = holds(&cognito);
    // moto has no DeleteResourceServer, whoever sends it.
    if !destroyed.says("DeleteResourceServer failed") && (destroyed.code != 0 || left != json!([])) {
        found.push(format!("{name}: destroy leaves {left}: {}", destroyed.text));
    }
    found
}

#[test]
fn recorded_refusals_by_terraform() {
    let Some(terraform) = terraform() else { return };
    let cases = folders(&fixtures().join("invalid"));
    let problems = each(&cases, &|case| {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let root = Root::new(&format!("invalid-{name}"), &terraform);
        let mut found = Vec::new();
        // A file that is no Terraform is refused when modules are looked for.
        let filled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| root.fill(case, "  local = true\n", "")));
        let refused = root.run(&["plan"]);
        let writes = root.folder.requests().iter().filter(|request| is_write(request)).count();
        if refused.code != 1 || writes > 0 {
            found.push(format!("{name}: exit code {}, {writes} writes: {}", refused.code, refused.text));
        }
        // Terraform shows the line of the root, or the attribute's line in the module, which names the argument.
        let expected = read(&case.join("expected.json"));
        for place in expected["at"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let (file, line) = place.split_once(':').unwrap();
            let text = std::fs::read_to_string(case.join(file)).unwrap();
            let line: usize = line.split(':').next().unwrap().parse().unwrap();
            let written = text.lines().nth(line - 1).unwrap();
            let words: Vec<&str> = written
                .split(|each: char| !each.is_ascii_alphanumeric() && each != '_')
                .filter(|word| word.len() > 3)
                .collect();
            if filled.is_ok() && !words.iter().any(|word| refused.says(word)) {
                found.push(format!("{name}: does not name {place} ({written}): {}", refused.text));
            }
        }
        found
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
