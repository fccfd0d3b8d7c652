//! Answered writes survive the end of the process at any moment.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use poolform_emulator::{Emulator, OpenError, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Value as Json, json};

use crate::world::folder;

const CHILD: &str = "POOLFORM_EMULATOR_TEST_CHILD";

fn call(emulator: &Emulator, operation: &str, body: Json) -> Json {
    let Json::Object(body) = body else { panic!("an object") };
    Json::Object(
        emulator.call(&Request::new(operation, body)).unwrap_or_else(|failure| panic!("{operation}: {failure}")),
    )
}

/// Not a test of its own: the process that is killed. Creates, updates and deletes clients, and prints what was answered.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(path) = std::env::var(CHILD) else { return };
    let emulator = Emulator::open(path.as_ref(), Options::default()).unwrap();
    let mut out = std::io::stdout().lock();
    let pool = call(&emulator, "CreateUserPool", json!({"PoolName": "p"}))["UserPool"]["Id"].clone();
    writeln!(out, "pool {}", pool.as_str().unwrap()).unwrap();
    for number in 0.. {
        let made =
            call(&emulator, "CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": format!("c{number}")}));
        let id = made["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
        writeln!(out, "made {id} c{number}").unwrap();
        call(
            &emulator,
            "UpdateUserPoolClient",
            json!({"UserPoolId": pool, "ClientId": id, "ClientName": format!("d{number}")}),
        );
        writeln!(out, "renamed {id} d{number}").unwrap();
        if number % 3 == 0 {
            call(&emulator, "DeleteUserPoolClient", json!({"UserPoolId": pool, "ClientId": id}));
            writeln!(out, "deleted {id}").unwrap();
        }
        out.flush().unwrap();
        if number > 900 {
            call(&emulator, "DeleteUserPool", json!({"UserPoolId": pool}));
            return;
        }
    }
}

#[test]
fn what_was_answered_is_there_after_sigkill() {
    let folder = folder("killed");
    for round in 0..6_u64 {
        let path = folder.join(format!("store-{round}"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["durability::child_that_writes_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let lines = std::thread::spawn(move || reader.lines().map_while(Result::ok).collect::<Vec<String>>());
        std::thread::sleep(Duration::from_millis(120 + 70 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let lines = lines.join().unwrap();
        let Some(pool) = lines.iter().find_map(|line| line.split("pool ").nth(1)) else {
            // Killed before anything was answered.
            Emulator::open(&path, Options::default()).unwrap();
            continue;
        };
        let mut expected = std::collections::BTreeMap::new();
        let mut last = "";
        for line in &lines {
            let mut words = line.split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("made" | "renamed"), Some(id), Some(name)) => {
                    expected.insert(id, name);
                    last = id;
                }
                (Some("deleted"), Some(id), _) => {
                    expected.remove(id);
                    last = id;
                }
                _ => {}
            }
        }
        let emulator = Emulator::open(&path, Options::default()).unwrap();
        for (id, name) in &expected {
            let body = json!({"UserPoolId": pool, "ClientId": id});
            let Json::Object(body) = body else { unreachable!() };
            match emulator.call(&Request::new("DescribeUserPoolClient", body)) {
                // The change after the last line may have been carried out: renamed, or deleted.
                Ok(found) if found["UserPoolClient"]["ClientName"] == json!(name) || *id == last => {}
                Err(_) if *id == last => {}
                other => panic!("round {round}: {id} should be {name}: {other:?}"),
            }
        }
        // And the store goes on.
        call(&emulator, "CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": "after"}));
        println!("round {round}: {} answered writes, {} clients", lines.len(), expected.len());
    }
}

#[test]
fn a_store_is_held_by_one() {
    let path = folder("held").join("store");
    let first = Emulator::open(&path, Options::default()).unwrap();
    let held = |path: &std::path::Path| match Emulator::open(path, Options::default()) {
        Err(OpenError::Held { by: Some(holder), .. }) => holder,
        other => panic!("{other:?}"),
    };
    assert_eq!(held(&path).process, std::process::id());
    assert_eq!(held(&path).address, None);
    first.announce("http://127.0.0.1:9229");
    assert_eq!(held(&path).address.as_deref(), Some("http://127.0.0.1:9229"));
    let message = Emulator::open(&path, Options::default()).unwrap_err().to_string();
    assert!(message.contains("in use by a server at http://127.0.0.1:9229 (process "), "{message}");
    drop(first);
    Emulator::open(&path, Options::default()).unwrap();
}

#[test]
fn what_is_no_store_is_refused() {
    let folder = folder("unusable");
    let path = folder.join("store");
    std::fs::write(&path, "this is a text file, long enough not to be taken for an empty one\n".repeat(200)).unwrap();
    assert!(matches!(Emulator::open(&path, Options::default()), Err(OpenError::Unusable { .. })));
    assert!(matches!(Emulator::open(&folder, Options::default()), Err(OpenError::Unusable { .. })));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let path = folder("private").join("store");
    let _emulator = Emulator::open(&path, Options::default()).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
}
