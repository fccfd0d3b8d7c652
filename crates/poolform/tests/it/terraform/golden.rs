//! Every recorded case of the original module through `terraform apply`, and every refusal.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use poolform_client::{Settings, connect};
use serde_json::{Value, json};

use super::{Root, Terraform, terraform};
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

/// What goes with its pool: Terraform deletes each of its resources, the command leaves these to the pool's deletion.
const WITH_THE_POOL: &[&str] =
    &["DeleteUserPoolClient", "DeleteResourceServer", "DeleteGroup", "DeleteIdentityProvider"];

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
    if all.iter().any(|write| write.starts_with("DeleteUserPool ")) {
        all.retain(|write| !WITH_THE_POOL.iter().any(|part| write.starts_with(&format!("{part} "))));
    }
    all.sort();
    all
}

fn embedded(case: &Path, terraform: &Terraform) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let root = Root::new(&name, terraform);
    // The same case by the command: at every step both send the same writes.
    let command = Folder::new(&format!("command-{name}"));
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
        command.fill(&step);
        let mut allowed = replaced_clients(&expected);
        allowed.extend(expected["permission"].as_str().map(str::to_owned));
        let mut arguments = vec!["apply", "-local", "-auto-approve"];
        arguments.extend(allowed.iter().map(String::as_str));
        command.run(&arguments).exits(0);
        let (theirs, ours) = (writes(&command.requests()), writes(&requests));
        if theirs != ours {
            found.push(format!("{at}: the command writes {theirs:#?}, Terraform {ours:#?}"));
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

fn on_moto(case: &Path, terraform: &Terraform, moto: &Path) -> Vec<String> {
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

/// Whether an error is at a line of the root, or at the line of the module's resource that takes one of these arguments
/// from the root: there Terraform puts what a provider says about an attribute. What an element lacks is said by its path.
fn is_at(error: &Value, file: &str, text: &str, written: &str, arguments: &[&str]) -> bool {
    let range = &error["range"];
    let number = |end: &str| usize::try_from(range[end]["line"].as_u64().unwrap_or_default()).unwrap();
    if range["filename"] == file {
        let lines = number("start")..=number("end");
        return text.lines().enumerate().any(|(at, line)| lines.contains(&(at + 1)) && line == written);
    }
    let in_module = range["filename"].as_str().is_some_and(|name| name.contains("terraform/"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, detail) = (text(&error["snippet"]["code"]), text(&error["detail"]));
    let words = |text: &str| -> Vec<String> {
        text.split(|each: char| !each.is_ascii_alphanumeric() && each != '_').map(str::to_owned).collect()
    };
    // `password_policy` of password_minimum_length; the detail then names password_policy.minimum_length.
    let attribute = |argument: &str| {
        let row = poolform_core::arguments().into_iter().find(|row| row.name == argument);
        let path = row.map_or("", |row| row.resource_path());
        let attribute = path.split('.').next().unwrap_or_default().to_owned();
        words(&code).contains(&attribute) && detail.contains(path)
    };
    let path = |argument: &str| detail.contains(&format!(" {argument}["));
    in_module && arguments.iter().any(|one| words(&code).iter().any(|word| word == one) || attribute(one) || path(one))
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
        let refused = root.run(&["plan", "-json"]);
        let writes = root.folder.requests().iter().filter(|request| is_write(request)).count();
        if refused.code != 1 || writes > 0 {
            found.push(format!("{name}: exit code {}, {writes} writes: {}", refused.code, refused.text));
        }
        if filled.is_err() {
            return found;
        }
        let errors: Vec<Value> = refused
            .text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .map(|event| event["diagnostic"].clone())
            .filter(|diagnostic| diagnostic["severity"] == "error")
            .collect();
        let expected = read(&case.join("expected.json"));
        for place in expected["at"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let (file, line) = place.split_once(':').unwrap();
            let text = std::fs::read_to_string(case.join(file)).unwrap();
            let line: usize = line.split(':').next().unwrap().parse().unwrap();
            // The arguments that the line gives; of a mistake in an object those of the object too.
            let written = text.lines().nth(line - 1).unwrap();
            let arguments: Vec<&str> = written
                .split(['{', ',', '('])
                .filter_map(|part| Some(part.split_once('=')?.0.trim()))
                .filter(|name| !name.is_empty())
                .collect();
            let now = std::fs::read_to_string(root.folder.0.join(file)).unwrap();
            if !errors.iter().any(|error| is_at(error, file, &now, written, &arguments)) {
                let at = |error: &Value| format!("{} {}", error["range"]["filename"], error["snippet"]["code"]);
                let places: Vec<String> = errors.iter().map(at).collect();
                found.push(format!("{name}: no error at {place} ({written}), but at {places:?}"));
            }
        }
        found
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
