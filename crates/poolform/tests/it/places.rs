//! Where the state is kept, and what can be wrong with the place.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Value, json};

use crate::canonical::holds_at;
use crate::command::{Folder, Server, fixtures};

fn pool(arguments: &str) -> String {
    format!(
        "module \"pool\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n{arguments}\n}}\n\
         output \"id\" {{\n  value = module.pool.user_pool.id\n}}\n"
    )
}

fn clients(count: usize) -> String {
    let names: String = (0..count).map(|each| format!("{{ name = \"c{each}\" }}, ")).collect();
    format!("  clients = [{names}]")
}

/// The provider block that leads to a server.
fn provider(port: u16) -> String {
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n  access_key = \"a\"\n  secret_key = \"b\"\n  endpoints {{\n    \
         cognitoidp = \"http://127.0.0.1:{port}\"\n  }}\n}}\n"
    )
}

/// A small file system of its own at a path; None, and a word about it, where this user may not have one.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path, options: &str) -> Option<Small> {
        std::fs::create_dir_all(path).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(path).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Small(path.to_owned()));
        }
        println!("[skipped] this user may not mount a tmpfs");
        None
    }

    fn again(&self, options: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn two_applies_at_once_make_one_pool() {
    let folder = Folder::new("race");
    let served = Folder::new("race-served");
    let (port, _server) = Server::serve(&served, &["-in-memory"]);
    folder.write("main.tf", &(provider(port) + &pool(&clients(60))));
    let start =
        |arguments: &[&str]| folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One waits for the other.
    let waiting = ["apply", "-auto-approve", "-lock-timeout=60s"];
    let both = [start(&waiting), start(&waiting)];
    let said: Vec<String> = both
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8_lossy(&output.stderr).into_owned()
        })
        .collect();
    let nothing = said.iter().filter(|said| said.contains("Nothing to do.")).count();
    assert_eq!(nothing, 1, "{said:?}");
    folder.run(&["plan", "-detailed-exitcode"]).exits(0);
    // One that dies holds no lock.
    folder.write("main.tf", &std::fs::read_to_string(folder.0.join("main.tf")).unwrap().replace("orders", "other"));
    let mut dying = start(&["apply", "-auto-approve"]);
    std::thread::sleep(Duration::from_millis(30));
    let _ = dying.kill();
    let _ = dying.wait();
    folder.run(&["apply", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-detailed-exitcode"]).exits(0);
    folder.run(&["destroy", "-auto-approve"]).exits(0);
}

#[test]
fn a_full_disk_loses_nothing() {
    let folder = Folder::new("full");
    let Some(disk) = Small::mount(&folder.0.join("root"), "size=8m") else { return };
    // The embedded Cognito is elsewhere: only the state is on the small disk.
    let served = Folder::new("full-served");
    let (port, _server) = Server::serve(&served, &["-in-memory"]);
    let environment = [
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "a".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "b".to_owned()),
    ];
    let environment: Vec<(&str, &str)> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let run = |arguments: &[&str]| folder.run_with(arguments, &environment);
    std::fs::write(disk.0.join("main.tf"), pool(&clients(120))).unwrap();
    // Room for some of the journal, and not for all of it.
    for room in [0, 4096, 12_288] {
        let filler = disk.0.join("filler");
        let _ = std::fs::remove_file(&filler);
        let mut size = 8 << 20;
        while std::fs::write(&filler, vec![0_u8; size]).is_err() {
            size -= 4096;
        }
        std::fs::write(&filler, vec![0_u8; size.saturating_sub(room)]).unwrap();
        let full = run(&["-chdir=root", "apply", "-auto-approve"]).exits(1);
        assert!(full.stderr().to_lowercase().contains("no space left"), "{}", full.stderr());
        std::fs::remove_file(&filler).unwrap();
    }
    run(&["-chdir=root", "apply", "-auto-approve"]).exits(0);
    run(&["-chdir=root", "plan", "-detailed-exitcode"]).exits(0);
    let listed = run(&["-chdir=root", "output", "-raw", "id"]).exits(0).stdout();
    assert!(listed.starts_with("us-east-1_"), "{listed}");
    // Nothing was made twice on the way.
    let settings = poolform_client::Settings {
        region: Some("us-east-1".to_owned()),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        keys: Some(("a".to_owned(), "b".to_owned(), None)),
        ..poolform_client::Settings::default()
    };
    let held = crate::canonical::holds(&poolform_client::connect(&settings).unwrap());
    assert_eq!(held.as_array().unwrap().len(), 1);
    assert_eq!(held[0]["clients"].as_array().unwrap().len(), 120);
    // A folder that cannot be written is said before anything is asked.
    disk.again("ro");
    let refused = run(&["-chdir=root", "apply", "-auto-approve"]).exits(1);
    assert!(refused.stderr().to_lowercase().contains("read-only"), "{}", refused.stderr());
    run(&["-chdir=root", "plan", "-detailed-exitcode"]).exits(0);
}

#[test]
fn a_state_that_is_not_this_roots_is_refused_or_explained() {
    let folder = Folder::new("foreign");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let path = folder.0.join(".poolform/poolform.state.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    let refused = |text: &str, words: &[&str]| {
        std::fs::write(&path, text).unwrap();
        let ran = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
        for word in words {
            assert!(ran.stderr().contains(word), "{word}: {}", ran.stderr());
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text, "it was written over");
    };
    // Half of it; of a later version; of another pool.
    refused(&whole[..whole.len() / 2], &["damaged"]);
    refused(&whole.replacen("\"version\": 1", "\"version\": 7", 1), &["layout 7", "later one"]);
    let state: Value = serde_json::from_str(&whole).unwrap();
    let id = state["resources"]["module.pool"]["identity"]["UserPoolId"].as_str().unwrap();
    refused(&whole.replace(id, "us-east-1_Elsewhere"), &["Recorded pool not found", "us-east-1_Elsewhere"]);
    std::fs::write(&path, &whole).unwrap();
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(holds_at(&folder.0.join(".poolform/cognito.redb")).as_array().unwrap().len(), 1);
}

#[test]
fn a_state_of_another_account_is_refused() {
    let folder = Folder::new("account");
    let served = Folder::new("account-served");
    let (port, _server) = Server::serve(&served, &["-in-memory"]);
    folder.write("main.tf", &(provider(port) + &pool("")));
    folder.run(&["apply", "-auto-approve"]).exits(0);
    let path = folder.0.join("poolform.state.json");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("123456789012"), "{text}");
    std::fs::write(&path, text.replace("123456789012", "999999999999")).unwrap();
    let refused = folder.run(&["plan"]).exits(1);
    assert!(refused.stderr().contains("999999999999"), "{}", refused.stderr());
}

/// The two recorded cases whose original loses a pool, with and without users, with and without permission.
#[test]
fn recorded_cases_that_cost_a_pool_ask_for_it_by_name() {
    // The first step of one case takes no e-mail addresses for names, that of the other nothing else.
    let users = |folder: &Folder| {
        let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
        let call = |operation: &str, body: Value| {
            emulator.call(&Request::new(operation, body.as_object().unwrap().clone())).unwrap()
        };
        let id = call("ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone();
        let pool = call("DescribeUserPool", json!({"UserPoolId": id}))["UserPool"].clone();
        let by_email = pool["UsernameAttributes"].as_array().is_some_and(|attributes| !attributes.is_empty());
        let name = if by_email { "ann@example.com" } else { "ann" };
        call("AdminCreateUser", json!({"UserPoolId": id, "Username": name}));
    };
    let pools = |folder: &Folder| holds_at(&folder.0.join(".poolform/cognito.redb"));
    for (case, permission) in [("username-attributes", "-allow-replace"), ("enabled-then-disabled", "-allow-delete")] {
        let steps = crate::command::folders(&fixtures().join("golden").join(case));
        for with_users in [false, true] {
            let folder = Folder::new(case);
            folder.fill(&steps[0]);
            folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
            let call = first_address(&folder).unwrap();
            if with_users {
                users(&folder);
            }
            let before = pools(&folder);
            folder.fill(&steps[1]);
            let asks = with_users || permission == "-allow-replace";
            let plain = folder.run(&["apply", "-local", "-auto-approve"]);
            assert_eq!(plain.code(), i32::from(asks), "{case}, users {with_users}: {}", plain.stderr());
            if asks {
                assert_eq!(pools(&folder), before, "{case}: refused, and yet changed");
                let mut arguments = vec!["apply".to_owned(), "-local".to_owned(), "-auto-approve".to_owned()];
                arguments.push(format!("{permission}={call}"));
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                if with_users && permission == "-allow-replace" {
                    // To replace is one thing, to lose users another.
                    let refused = folder.run(&arguments).exits(1);
                    assert!(refused.stderr().contains("Pool with users"), "{}", refused.stderr());
                    assert_eq!(pools(&folder), before);
                    let delete = format!("-allow-delete={call}");
                    let both: Vec<&str> = arguments.iter().copied().chain([delete.as_str()]).collect();
                    folder.run(&both).exits(0);
                } else {
                    folder.run(&arguments).exits(0);
                }
            }
            let left = pools(&folder).as_array().unwrap().len();
            assert_eq!(left, usize::from(permission == "-allow-replace"), "{case}");
        }
    }
}

/// The address of the pool in a folder's state.
fn first_address(folder: &Folder) -> Option<String> {
    let text = std::fs::read_to_string(folder.0.join(".poolform/poolform.state.json")).ok()?;
    let state: Value = serde_json::from_str(&text).ok()?;
    let resources = state["resources"].as_object()?;
    resources.iter().find(|(_, recorded)| recorded["kind"] == "UserPool").map(|(address, _)| address.clone())
}
