//! What a pool goes through in a root that Terraform applies: neighbours, failures, users at stake, secrets, a kill.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Value, json};

use super::{DATA, EPHEMERAL, Root, TESTS, Terraform, terraform};
use crate::canonical::holds_at;
use crate::command::Server;

const LOCAL: &str = "provider \"poolform\" {\n  region = \"us-east-1\"\n  local  = true\n}\n";

fn root(name: &str, terraform: &Terraform, text: &str) -> Root {
    let root = Root::new(name, terraform);
    root.folder.write("main.tf", &format!("{LOCAL}{text}"));
    root
}

fn state(root: &Root) -> Value {
    serde_json::from_slice(&fs::read(root.folder.0.join("terraform.tfstate")).unwrap()).unwrap()
}

#[test]
fn a_pool_among_others_makes_no_cycle() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(DATA)) else { return };
    let root = root(
        "neighbours",
        &terraform,
        r#"
resource "poolform_user_pool" "pool" {
  name = "orders"
}
resource "terraform_data" "site" {
  input = "https://${poolform_user_pool.pool.id}.example/callback"
}
resource "poolform_user_pool_client" "web" {
  user_pool_id  = poolform_user_pool.pool.id
  name          = "web"
  callback_urls = [terraform_data.site.output]
}
"#,
    );
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    let held = holds_at(&root.store());
    let url = held[0]["clients"][0]["CallbackURLs"][0].as_str().unwrap();
    assert!(url.ends_with(".example/callback"), "{url}");
}

#[test]
fn a_target_brings_what_it_needs_and_no_more() {
    let Some(terraform) = terraform() else { return };
    let module = terraform.module();
    let clients = "  clients = [{ name = \"web\" }, { name = \"job\" }]\n";
    let root = root(
        "target",
        &terraform,
        &format!("module \"pool\" {{\n  source = {:?}\n  name = \"orders\"\n{clients}}}\n", module.to_string_lossy()),
    );
    root.run(&["get"]).exits(0);
    let names = || -> Vec<String> {
        let held = holds_at(&root.store());
        let clients = held[0]["clients"].as_array().unwrap();
        clients.iter().map(|client| client["ClientName"].as_str().unwrap().to_owned()).collect()
    };
    let target = "-target=module.pool.poolform_user_pool_client.client[\"web\"]";
    root.run(&["apply", "-auto-approve", target]).exits(0);
    assert_eq!(names(), ["web"]);
    root.apply().exits(0);
    assert_eq!(names(), ["job", "web"]);
    root.plan_is_empty().unwrap();
}

#[test]
fn a_client_that_fails_taints_nothing() {
    let Some(terraform) = terraform() else { return };
    let text = |scopes: &str| {
        format!(
            "resource \"poolform_user_pool\" \"pool\" {{\n  name = \"orders\"\n}}\n\
             resource \"poolform_user_pool_client\" \"web\" {{\n  user_pool_id = poolform_user_pool.pool.id\n  name = \"web\"\n\
             allowed_oauth_flows_user_pool_client = true\n  allowed_oauth_flows = [\"code\"]\n\
             callback_urls = [\"https://a.example/\"]\n  allowed_oauth_scopes = {scopes}\n}}\n"
        )
    };
    let root = root("failing-client", &terraform, &text("[\"https://nobody/has\"]"));
    let failed = root.apply().exits(1);
    assert!(failed.says("CreateUserPoolClient failed"), "{}", failed.text);
    let held = state(&root);
    let resources = held["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 1, "{held}");
    assert_eq!(resources[0]["instances"][0]["status"], Value::Null, "the pool is tainted");
    root.folder.write("main.tf", &format!("{LOCAL}{}", text("[\"openid\"]")));
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
}

#[test]
fn users_are_not_lost_by_accident() {
    let Some(terraform) = terraform() else { return };
    let text = |more: &str| {
        format!(
            "{LOCAL}resource \"poolform_user_pool\" \"pool\" {{\n  name = \"orders\"\n{more}}}\noutput \"id\" {{\n  value = poolform_user_pool.pool.id\n}}\n"
        )
    };
    let root = Root::new("users", &terraform);
    root.folder.write("main.tf", &text("  username_attributes = [\"email\"]\n"));
    root.apply().exits(0);
    let id = root.outputs()["id"]["value"].clone();
    root.ask("AdminCreateUser", json!({"UserPoolId": id, "Username": "ann@example.com"}));
    root.folder.requests();
    let is_refused = |said: super::Said, words: &str, attribute: &str| {
        assert!(said.code == 1 && said.says(words) && said.says(attribute), "{}", said.text);
        let writes = root.folder.requests().into_iter().filter(crate::golden::is_write).count();
        assert_eq!(writes, 0);
    };
    is_refused(root.run(&["destroy", "-auto-approve"]), "Pool with users", "allow_delete = true");
    // Immutable: refused at plan, at its attribute, unless it is allowed.
    root.folder.write("main.tf", &text("  username_attributes = [\"phone_number\"]\n"));
    is_refused(root.run(&["plan"]), "Change that is not possible in place", "username_attributes = [\"phone_number\"]");
    root.folder.write("main.tf", &text("  username_attributes = [\"phone_number\"]\n  allow_replace = true\n"));
    let replaced = root.run(&["plan"]);
    assert!(replaced.says("Pool with users"), "{}", replaced.text);
    // Renamed in place, and allowed to go once that was applied.
    root.folder.write(
        "main.tf",
        &text("  username_attributes = [\"email\"]\n  allow_delete = true\n").replace("orders", "shop"),
    );
    let renamed = root.apply().exits(0);
    assert!(renamed.says("0 added, 1 changed, 0 destroyed"), "{}", renamed.text);
    assert_eq!(root.outputs()["id"]["value"], id);
    root.run(&["destroy", "-auto-approve"]).exits(0);
    assert_eq!(holds_at(&root.store()), json!([]));
}

#[test]
fn a_pool_that_vanished_is_not_made_anew_unasked() {
    let Some(terraform) = terraform() else { return };
    let root = root("vanished", &terraform, "resource \"poolform_user_pool\" \"pool\" {\n  name = \"orders\"\n}\n");
    root.apply().exits(0);
    fs::remove_file(root.store()).unwrap();
    let refused = root.run(&["plan"]).exits(1);
    assert!(refused.says("Recorded pool not found"), "{}", refused.text);
}

#[test]
fn settings_that_nobody_declares_stay_and_formerly_declared_ones_are_reset() {
    let Some(terraform) = terraform() else { return };
    let text =
        |more: &str| format!("{LOCAL}resource \"poolform_user_pool\" \"pool\" {{\n  name = \"orders\"\n{more}}}\n");
    let root = Root::new("resets", &terraform);
    root.folder
        .write("main.tf", &text("  password_policy = [{ minimum_length = 14 }]\n  tags = { a = \"1\", b = \"2\" }\n"));
    root.apply().exits(0);
    root.ask("TagResource",
        json!({"ResourceArn": state(&root)["resources"][0]["instances"][0]["attributes"]["arn"], "Tags": {"theirs": "x"}}),
    );
    root.plan_is_empty().unwrap();
    root.folder.write("main.tf", &text("  tags = { a = \"1\" }\n"));
    root.apply().exits(0);
    let held = holds_at(&root.store());
    assert_eq!(held[0]["pool"]["Policies"]["PasswordPolicy"]["MinimumLength"], json!(8));
    assert_eq!(held[0]["pool"]["UserPoolTags"], json!({"a": "1", "theirs": "x"}));
    root.plan_is_empty().unwrap();
}

#[test]
fn secrets_stay_out_of_the_state_when_told() {
    let Some(terraform) = terraform() else { return };
    let root = root(
        "secrets",
        &terraform,
        r#"
resource "poolform_user_pool" "pool" {
  name = "orders"
}
resource "poolform_user_pool_client" "job" {
  user_pool_id    = poolform_user_pool.pool.id
  name            = "job"
  generate_secret = true
  store_secret    = false
}
"#,
    );
    root.apply().exits(0);
    let emulator = Emulator::open(&root.store(), Options::default()).unwrap();
    let pools =
        emulator.call(&Request::new("ListUserPools", json!({"MaxResults": 1}).as_object().cloned().unwrap())).unwrap();
    let id = pools["UserPools"][0]["Id"].clone();
    let text = fs::read_to_string(root.folder.0.join("terraform.tfstate")).unwrap();
    let client: Value = state(&root)["resources"][1]["instances"][0]["attributes"]["id"].clone();
    let body = json!({"UserPoolId": id, "ClientId": client}).as_object().cloned().unwrap();
    let secret =
        emulator.call(&Request::new("DescribeUserPoolClient", body)).unwrap()["UserPoolClient"]["ClientSecret"].clone();
    drop(emulator);
    assert!(!text.contains(secret.as_str().unwrap()));
    // It is there for whoever asks, and still in no state.
    root.folder.write(
        "read.tf",
        r#"
data "poolform_user_pool" "pool" {
  user_pool_id = poolform_user_pool.pool.id
}
data "poolform_user_pool_client" "job" {
  user_pool_id = poolform_user_pool.pool.id
  client_id    = poolform_user_pool_client.job.id
}
output "name" {
  value = data.poolform_user_pool.pool.name
}
output "client" {
  value = data.poolform_user_pool_client.job.name
}
"#,
    );
    if terraform.has(EPHEMERAL) {
        root.folder.write(
            "secret.tf",
            "ephemeral \"poolform_user_pool_client_secret\" \"job\" {\n  user_pool_id = poolform_user_pool.pool.id\n  \
             client_id    = poolform_user_pool_client.job.id\n}\n",
        );
    }
    root.apply().exits(0);
    assert_eq!(root.outputs()["name"]["value"], "orders");
    assert_eq!(root.outputs()["client"]["value"], "job");
}

#[test]
fn the_module_is_formatted_valid_and_described() {
    let Some(terraform) = terraform() else { return };
    let module = terraform.module();
    let root = root(
        "module",
        &terraform,
        &format!("module \"pool\" {{\n  source = {:?}\n  name   = \"orders\"\n}}\n", module.to_string_lossy()),
    );
    root.run(&["get"]).exits(0);
    root.run(&["validate"]).exits(0);
    let module = module.to_string_lossy().into_owned();
    root.run(&["fmt", "-check", "-recursive", &module]).exits(0);
    let output = root.command(&["providers", "schema", "-json"]).output().unwrap();
    let schemas: Value = serde_json::from_slice(&output.stdout).unwrap();
    let provider = &schemas["provider_schemas"][format!("{}/poolform/poolform", terraform.registry())];
    let offered = poolform_core::terraform::schema::offered().count();
    assert_eq!(provider["resource_schemas"].as_object().unwrap().len(), offered, "{schemas}");
    let variables = fs::read_to_string(Path::new(&module).join("variables.tf")).unwrap();
    let declared: Vec<&str> =
        variables.lines().filter_map(|line| line.strip_prefix("variable \"")?.split('"').next()).collect();
    // Every argument of the command, by the same name.
    for row in poolform_core::arguments() {
        assert!(declared.contains(&row.name), "the module lacks {}", row.name);
    }
}

/// What a proxy does, once.
#[derive(Clone, Copy, PartialEq)]
enum Accident {
    /// The request is carried out, and the provider killed before it has the answer.
    Killed,
    /// The request is refused, and not passed on.
    Refused,
}

/// Passes requests on to a server, but for an accident with the first `operation`.
fn proxy(server: u16, operation: &'static str, accident: Accident) -> u16 {
    let armed = Arc::new(AtomicBool::new(true));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let armed = Arc::clone(&armed);
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                while let Some(request) = message(&mut stream) {
                    let text = String::from_utf8_lossy(&request).to_lowercase();
                    let met = text.contains(&format!(".{}\r\n", operation.to_lowercase()))
                        && armed.swap(false, Ordering::SeqCst);
                    if met && accident == Accident::Refused {
                        let body = r#"{"__type":"InvalidParameterException","message":"Not now."}"#;
                        let head = format!("HTTP/1.1 400 Bad Request\r\ncontent-length: {}\r\n\r\n", body.len());
                        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
                        continue;
                    }
                    server.write_all(&request).unwrap();
                    let Some(answer) = message(&mut server) else { return };
                    if met {
                        kill_the_holder_of(&stream);
                        return;
                    }
                    if stream.write_all(&answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// One HTTP/1.1 message: head, and a body of the length that it states.
fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head
        .split("content-length:")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next()?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(bytes)
}

/// Kills, as `kill -9` does, the process at the other end of a connection of this machine.
fn kill_the_holder_of(stream: &TcpStream) {
    let port = format!(":{:04X}", stream.peer_addr().unwrap().port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let inode = table.lines().find_map(|line| {
        let parts: Vec<&str> = line.split_whitespace().collect();
        (parts.len() > 9 && parts[1].ends_with(&port)).then(|| format!("socket:[{}]", parts[9]))
    });
    let inode = inode.expect("the connection is in the table");
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = process.file_name().to_string_lossy().parse::<u32>() else { continue };
        let holds = fs::read_dir(process.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten()
            .any(|file| fs::read_link(file.path()).is_ok_and(|target| target.to_string_lossy() == inode));
        if holds && pid != std::process::id() {
            Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
        }
    }
}

/// A root whose requests go through a proxy.
fn behind(root: &mut Root, proxy: u16, name: &str) {
    root.folder.write(
        "main.tf",
        &format!(
            "provider \"poolform\" {{\n  region = \"us-east-1\"\n  endpoints {{\n    cognitoidp = \"http://127.0.0.1:{proxy}\"\n  }}\n}}\n\
             resource \"poolform_user_pool\" \"pool\" {{\n  name = \"{name}\"\n  mfa_configuration = \"OPTIONAL\"\n\
             software_token_mfa_configuration = [{{ enabled = true }}]\n}}\n\
             resource \"poolform_user_pool_client\" \"web\" {{\n  user_pool_id = poolform_user_pool.pool.id\n  name = \"web\"\n}}\n"
        ),
    );
    root.set("AWS_ACCESS_KEY_ID", "test");
    root.set("AWS_SECRET_ACCESS_KEY", "test");
}

fn held(port: u16) -> Value {
    let settings = poolform_client::Settings {
        region: Some("us-east-1".to_owned()),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        keys: Some(("test".to_owned(), "test".to_owned(), None)),
        ..poolform_client::Settings::default()
    };
    crate::canonical::holds(&poolform_client::connect(&settings).unwrap())
}

#[test]
fn a_pool_without_its_factors_is_kept_and_finished_by_the_next_apply() {
    let Some(terraform) = terraform() else { return };
    let mut root = Root::new("factors", &terraform);
    let (port, _server) = Server::serve(&root.folder, &[]);
    behind(&mut root, proxy(port, "SetUserPoolMfaConfig", Accident::Refused), "orders");
    let first = root.apply().exits(0);
    assert!(first.says("Not finished") && first.says("Not now."), "{}", first.text);
    let pool = state(&root)["resources"][0]["instances"][0].clone();
    assert_eq!(pool["status"], Value::Null, "the pool is tainted");
    assert_eq!(held(port)[0]["mfa"]["MfaConfiguration"], "OFF");
    let second = root.apply().exits(0);
    assert!(second.says("0 added, 1 changed, 0 destroyed"), "{}", second.text);
    assert_eq!(held(port)[0]["mfa"]["MfaConfiguration"], "OPTIONAL");
    root.plan_is_empty().unwrap();
}

#[test]
fn killed_while_it_makes_a_pool_the_next_apply_finishes_with_one() {
    let Some(terraform) = terraform() else { return };
    if !cfg!(target_os = "linux") {
        println!("[skipped] finds the process by /proc");
        return;
    }
    let mut root = Root::new("killed", &terraform);
    let (port, _server) = Server::serve(&root.folder, &[]);
    for operation in ["CreateUserPool", "CreateUserPoolClient"] {
        behind(&mut root, proxy(port, operation, Accident::Killed), operation);
        let killed = root.apply();
        assert_eq!(killed.code, 1, "{}", killed.text);
        root.apply().exits(0);
        root.plan_is_empty().unwrap();
        assert_eq!(state(&root)["resources"].as_array().unwrap().len(), 2);
        let held = held(port);
        assert_eq!(held.as_array().unwrap().len(), 1, "{operation}: {held}");
        assert_eq!(held[0]["clients"].as_array().unwrap().len(), 1, "{operation}: {held}");
        assert_eq!(held[0]["mfa"]["MfaConfiguration"], "OPTIONAL");
        root.run(&["destroy", "-auto-approve"]).exits(0);
    }
}

#[test]
fn the_modules_own_tests_pass() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(TESTS)) else { return };
    let root = Root::new("module-tests", &terraform);
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../terraform");
    root.folder.fill(&terraform.module());
    fs::remove_file(root.folder.0.join("required.tf")).unwrap_or_default();
    fs::create_dir_all(root.folder.0.join("tests")).unwrap();
    for file in fs::read_dir(module.join("tests")).unwrap().flatten() {
        fs::copy(file.path(), root.folder.0.join("tests").join(file.file_name())).unwrap();
    }
    let said = root.run(&["test"]).exits(0);
    assert!(said.says("0 failed"), "{}", said.text);
}
