//! State in a bucket, on moto's S3: locks, a journal that outlives the machine, two at a time.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use poolform_client::{Bucket, BucketSettings, Condition, PutError, Settings, connect};

use crate::command::{Folder, Server, external, free_port, wait_for};

/// A request without a body, as plain as it gets: moto asks for no signature.
fn plain(port: u16, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn root(port: u16, clients: usize) -> String {
    let names: String = (0..clients).map(|each| format!("{{ name = \"c{each}\" }}, ")).collect();
    format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket = \"states\"\n    key = \"orders/terraform.tfstate\"\n    \
         region = \"us-east-1\"\n    use_path_style = true\n    endpoints = {{ s3 = \"http://127.0.0.1:{port}\" }}\n  }}\n}}\n\
         module \"pool\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n  clients = [{names}]\n}}\n"
    )
}

#[test]
fn a_bucket_has_conditional_writes_and_deletes() {
    let Some(moto) = external("moto_server", "POOLFORM_MOTO") else { return };
    let port = free_port();
    let _server = Server::start(Command::new(moto).args(["-p", &port.to_string()]));
    wait_for(port);
    assert!(plain(port, "PUT", "/states").contains(" 200 "));
    let endpoint = Some(format!("http://127.0.0.1:{port}"));
    let keys = Some(("test".to_owned(), "test".to_owned(), None));
    let aws = connect(&Settings { region: Some("us-east-1".to_owned()), keys, ..Settings::default() }).unwrap();
    let settings =
        BucketSettings { bucket: "states".to_owned(), endpoint, path_style: true, ..BucketSettings::default() };
    let bucket = Bucket::new(aws, settings).unwrap();
    assert_eq!(bucket.get("a b/c"), Ok(None));
    let first = bucket.put("a b/c", b"1".to_vec(), &Condition::Absent).unwrap();
    assert_eq!(bucket.put("a b/c", b"2".to_vec(), &Condition::Absent), Err(PutError::Conflict));
    assert_eq!(bucket.get("a b/c"), Ok(Some((b"1".to_vec(), first.clone()))));
    let second = bucket.put("a b/c", b"2".to_vec(), &Condition::Is(first.clone())).unwrap();
    assert_eq!(bucket.put("a b/c", b"3".to_vec(), &Condition::Is(first)), Err(PutError::Conflict));
    assert_eq!(bucket.delete("a b/c", &second), Ok(()));
    assert_eq!(bucket.get("a b/c"), Ok(None));
}

/// Enough for an apply to be killed in the middle of it.
const CLIENTS: usize = 150;

#[test]
fn a_team_shares_a_state_in_a_bucket() {
    let Some(moto) = external("moto_server", "POOLFORM_MOTO") else { return };
    let port = free_port();
    let _server = Server::start(Command::new(moto).args(["-p", &port.to_string()]));
    wait_for(port);
    assert!(plain(port, "PUT", "/states").contains(" 200 "));
    let url = format!("http://127.0.0.1:{port}");
    let environment = [
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let (ann, bob) = (Folder::new("bucket-ann"), Folder::new("bucket-bob"));
    ann.write("main.tf", &root(port, CLIENTS));
    bob.write("main.tf", &root(port, CLIENTS));
    // Ann's machine dies half way; her lock and her journal stay in the bucket.
    let mut child = ann
        .command(&["apply", "-auto-approve"])
        .envs(environment)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..400 {
        std::thread::sleep(Duration::from_millis(10));
        if ann.count_requests() > 12 || child.try_wait().unwrap().is_some() {
            break;
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    let refused = bob.run_with(&["apply", "-auto-approve"], &environment).exits(1);
    let said = refused.stderr();
    assert!(said.contains("is locked by") && said.contains("force-unlock"), "{said}");
    let id =
        said.split("force-unlock ").nth(1).unwrap().split_whitespace().next().unwrap().trim_end_matches('.').to_owned();
    bob.run_with(&["force-unlock", "nonsense"], &environment).exits(1);
    bob.run_with(&["force-unlock", &id], &environment).exits(0);
    bob.run_with(&["apply", "-auto-approve"], &environment).exits(0);
    bob.run_with(&["plan", "-detailed-exitcode"], &environment).exits(0);
    ann.run_with(&["plan", "-detailed-exitcode"], &environment).exits(0);
    let keys = Some(("test".to_owned(), "test".to_owned(), None));
    let settings =
        Settings { region: Some("us-east-1".to_owned()), endpoint: Some(url.clone()), keys, ..Settings::default() };
    let held = crate::canonical::holds(&connect(&settings).unwrap());
    assert_eq!(held.as_array().unwrap().len(), 1, "one pool");
    assert_eq!(held[0]["clients"].as_array().unwrap().len(), CLIENTS, "every client once");
    // Both at once: one waits for the other. The bucket comes from the command line as well.
    let partial = root(port, CLIENTS + 1).replace("    bucket = \"states\"\n", "");
    ann.write("main.tf", &partial);
    bob.write("main.tf", &partial);
    let refused = ann.run_with(&["plan"], &environment).exits(1);
    assert!(refused.stderr().contains("-backend-config"), "{}", refused.stderr());
    bob.write("backend.conf", "bucket = \"states\"\n");
    let both =
        [(&ann, "-backend-config=bucket=states"), (&bob, "-backend-config=backend.conf")].map(|(folder, option)| {
            let mut command = folder.command(&["apply", "-auto-approve", "-lock-timeout=60s", option]);
            command.envs(environment).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    ann.write("main.tf", &root(port, CLIENTS + 1));
    ann.run_with(&["plan", "-detailed-exitcode"], &environment).exits(0);
    let held = crate::canonical::holds(&connect(&settings).unwrap());
    assert_eq!(held[0]["clients"].as_array().unwrap().len(), CLIENTS + 1, "every client once");
    ann.run_with(&["destroy", "-auto-approve"], &environment).exits(0);
    // Nothing is left but the empty state and its backup: no lock, no journal.
    let listed = plain(port, "GET", "/states");
    assert!(!listed.contains(".lock") && !listed.contains(".journal"), "{listed}");
    assert!(!ann.0.join("poolform.state.json").exists());
}
