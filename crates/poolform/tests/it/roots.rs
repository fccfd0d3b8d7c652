//! Root modules as teams have them, in `fixtures/roots/`, on the embedded Cognito: each is planned and applied without a
//! flag, the next plan is empty, and a destroy leaves nothing.
//!
//! `expect.json` beside a root says what is not so of every root:
//! - `roots`: the root modules in this folder, where it is none itself
//! - `var_files`: files of variables, each of which is a run of its own
//! - `warnings`: the summaries of the warnings, in any order; no others may come
//! - `refused`: the summary of the error that `plan` ends with, where poolform cannot do yet what Terraform does
//! - `kept`: the address that `prevent_destroy` keeps: `destroy` is refused, and everything stays

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::canonical::{empty, holds_in};
use crate::command::{Folder, Ran, fixtures, folders};
use crate::golden::read;

/// Members of an `expect.json`.
const SAID: &[&str] = &["roots", "var_files", "warnings", "refused", "kept"];

/// The regions that the roots name.
const REGIONS: &[&str] =
    &["ap-southeast-2", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "us-east-1", "us-west-2"];

fn texts(expect: &Value, name: &str) -> Vec<String> {
    expect[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The summaries of what a command warned of, each once.
fn warnings(ran: &Ran) -> Vec<String> {
    let mut found: Vec<String> =
        ran.stderr().lines().filter_map(|line| line.strip_prefix("warning: ")).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

/// One run of one root: the folder to copy, the root in it, and a file of variables.
struct Case {
    folder: PathBuf,
    root: String,
    var_file: Option<String>,
    expect: Value,
}

impl Case {
    fn name(&self) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{folder} {} {}", self.root, self.var_file.as_deref().unwrap_or_default())
    }
}

fn cases_in(folder: &Path) -> Vec<Case> {
    let said = folder.join("expect.json");
    let expect = if said.is_file() { read(&said) } else { json!({}) };
    for name in expect.as_object().unwrap().keys() {
        assert!(SAID.contains(&name.as_str()), "{}: {name} says nothing", said.display());
    }
    let some = |name: &str| Some(texts(&expect, name)).filter(|found| !found.is_empty());
    let roots = some("roots").unwrap_or_else(|| vec![".".to_owned()]);
    let var_files: Vec<Option<String>> =
        std::iter::once(None).chain(some("var_files").into_iter().flatten().map(Some)).collect();
    let case = |root: &String, var_file: &Option<String>| Case {
        folder: folder.to_path_buf(),
        root: root.clone(),
        var_file: var_file.clone(),
        expect: expect.clone(),
    };
    roots.iter().flat_map(|root| var_files.iter().map(move |var_file| case(root, var_file))).collect()
}

/// Runs one; what is wrong.
fn run(case: &Case) -> Vec<String> {
    let name = case.name();
    let folder = Folder::new("root");
    folder.fill(&case.folder);
    let command = |arguments: &[&str]| {
        let chdir = format!("-chdir={}", case.root);
        let var_file = case.var_file.as_ref().map(|file| format!("-var-file={file}"));
        let mut all = vec![chdir.as_str()];
        all.extend(arguments);
        all.extend(var_file.as_deref());
        folder.run(&all)
    };
    let mut found = Vec::new();
    let mut expected = |ran: &Ran, code: i32, what: &str| {
        let as_expected = ran.code() == code;
        if !as_expected {
            found.push(format!("{name}: {what} ends with {}: {}{}", ran.code(), ran.stdout(), ran.stderr()));
        }
        as_expected
    };
    let planned = command(&["plan", "-local"]);
    if let Some(summary) = case.expect["refused"].as_str() {
        if expected(&planned, 1, "plan") && !planned.stderr().contains(&format!("error: {summary}\n")) {
            found.push(format!("{name}: not refused for {summary}: {}", planned.stderr()));
        }
        return found;
    }
    let mut wanted = texts(&case.expect, "warnings");
    wanted.sort();
    if !expected(&planned, 0, "plan") || !expected(&command(&["apply", "-local", "-auto-approve"]), 0, "apply") {
        return found;
    }
    let store = folder.0.join(&case.root).join(".poolform/cognito.redb");
    let made = holds_in(&store, REGIONS);
    expected(&command(&["plan", "-local", "-detailed-exitcode"]), 0, "the next plan");
    let kept = case.expect["kept"].as_str();
    let destroyed = command(&["destroy", "-local", "-auto-approve"]);
    expected(&destroyed, i32::from(kept.is_some()), "destroy");
    if warnings(&planned) != wanted {
        found.push(format!("{name}: warns of {:?}, not of {wanted:?}", warnings(&planned)));
    }
    if empty(&made) {
        found.push(format!("{name}: nothing was made"));
    }
    let left = holds_in(&store, REGIONS);
    match kept {
        Some(address) => {
            if !destroyed.stderr().contains(&format!("{address} has lifecycle.prevent_destroy set")) {
                found.push(format!("{name}: destroy does not name {address}: {}", destroyed.stderr()));
            }
            if left != made {
                found.push(format!("{name}: {address} is to be kept, and there is {left} after {made}"));
            }
        }
        None if !empty(&left) => found.push(format!("{name}: destroy leaves {left}")),
        None => {}
    }
    found
}

#[test]
fn roots_of_teams() {
    let folders = folders(&fixtures().join("roots"));
    assert!(folders.len() >= 40, "only {} roots", folders.len());
    let cases: Vec<Case> = folders.iter().flat_map(|folder| cases_in(folder)).collect();
    let (next, problems) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = run(case);
                    problems.lock().unwrap().extend(found);
                }
            });
        }
    });
    println!("{} roots, {} runs", folders.len(), cases.len());
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// On AWS plain resources are Terraform's: nothing is written, and a plan asks for the state that names them.
#[test]
fn plain_resources_on_aws_are_terraforms() {
    let folder = Folder::new("of-terraform");
    folder.write("main.tf", "resource \"aws_cognito_user_pool\" \"main\" {\n  name = \"orders\"\n}\n");
    for command in [&["apply", "-auto-approve"][..], &["destroy", "-auto-approve"]] {
        let refused = folder.run(command).exits(1);
        let said = refused.stderr();
        assert!(
            said.contains("Root that Terraform applies") && said.contains("it declares aws_cognito_user_pool.main"),
            "{said}"
        );
    }
    let refused = folder.run(&["plan"]).exits(1);
    assert!(refused.stderr().contains("-terraform-state terraform.json"), "{}", refused.stderr());
    assert!(folder.requests().is_empty());
    let valid = folder.run(&["validate"]).exits(0);
    assert_eq!(valid.stdout().trim(), "Valid: 1 user pool.");
}
