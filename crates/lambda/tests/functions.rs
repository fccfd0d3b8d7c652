//! Functions of Node, Python and a program of one's own are invoked as Lambda invokes them. A program that is not on PATH
//! is said, and its test skipped.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests write files and start processes")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use poolform_lambda::{Function, Functions};
use serde_json::{Value, json};

fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("skipped: {program} is not on PATH");
    }
    found
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("poolform-lambda-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn function(runtime: &str, handler: &str, folder: &Path) -> Function {
    Function {
        name: "f".to_owned(),
        arn: "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
        runtime: runtime.to_owned(),
        handler: handler.to_owned(),
        folder: folder.to_owned(),
        environment: BTreeMap::from([("STAGE".to_owned(), "dev".to_owned())]),
        timeout: Duration::from_secs(10),
        memory: 128,
    }
}

/// The header that says of a failure, and the payload.
fn invoke(functions: &Functions, event: &Value) -> (bool, Value) {
    let address = functions.address("arn:aws:lambda:eu-west-1:123456789012:function:f").expect("a function");
    let rest = address.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let body = event.to_string();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.contains("x-amz-function-error"), serde_json::from_str(body).unwrap())
}

type Said = Arc<Mutex<Vec<String>>>;

fn started(function: Function) -> (Functions, Said) {
    let said: Said = Arc::default();
    let told = Arc::clone(&said);
    let functions = Functions::start(move |line| told.lock().unwrap().push(line.text.clone())).unwrap();
    functions.set(vec![function]);
    (functions, said)
}

/// Lines come by a pipe of their own, and may be later than the answer.
fn was_said(said: &Said, wanted: &str) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(5) {
        if said.lock().unwrap().iter().any(|line| line.contains(wanted)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

const NODE_FORMS: &[(&str, &str, &str)] = &[
    (
        "index.js",
        "index.handler",
        "exports.handler = async (event, context) => ({ was: event.n, id: !!context.awsRequestId, stage: process.env.STAGE });",
    ),
    (
        "src/app.mjs",
        "src/app.handler",
        "export const handler = async (event, context) => ({ was: event.n, id: !!context.awsRequestId, stage: process.env.STAGE });",
    ),
    (
        "index.cjs",
        "index.on.sign",
        "exports.on = { sign: (event, context, done) => setTimeout(() => done(null, { was: event.n, id: !!context.awsRequestId, stage: process.env.STAGE }), 5) };",
    ),
];

#[test]
fn node_in_every_form() {
    if !has("node") {
        return;
    }
    for (file, handler, text) in NODE_FORMS {
        let folder = Folder::new("node");
        folder.write(file, text);
        let (functions, _) = started(function("nodejs20.x", handler, &folder.0));
        for n in 0..3 {
            let answered = invoke(&functions, &json!({"n": n}));
            assert_eq!(answered, (false, json!({"was": n, "id": true, "stage": "dev"})), "{file}");
        }
    }
}

#[test]
fn what_a_function_that_is_not_async_returns_is_nothing() {
    if !has("node") {
        return;
    }
    let folder = Folder::new("sync");
    folder.write("index.js", "exports.handler = (event) => event;");
    let (functions, _) = started(function("nodejs20.x", "index.handler", &folder.0));
    assert_eq!(invoke(&functions, &json!({"n": 1})), (false, Value::Null));
}

#[test]
fn python_and_a_program_of_ones_own() {
    if !has("python3") {
        return;
    }
    let folder = Folder::new("python");
    folder.write("pkg/main.py", "import os\ndef handler(event, context):\n    print('seen', event['n'])\n    return {'was': event['n'], 'left': context.get_remaining_time_in_millis() > 0, 'stage': os.environ['STAGE']}\n");
    let (functions, said) = started(function("python3.12", "pkg/main.handler", &folder.0));
    assert_eq!(invoke(&functions, &json!({"n": 7})), (false, json!({"was": 7, "left": true, "stage": "dev"})));
    assert!(was_said(&said, "seen 7"), "{said:?}");
    let folder = Folder::new("provided");
    folder.write(
        "bootstrap",
        "#!/usr/bin/env python3\nimport os, http.client\nwhile True:\n    c = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n    c.request('GET', '/2018-06-01/runtime/invocation/next')\n    r = c.getresponse()\n    body = r.read()\n    i = r.headers['Lambda-Runtime-Aws-Request-Id']\n    c.request('POST', '/2018-06-01/runtime/invocation/' + i + '/response', b'{\"echo\":' + body + b'}')\n    c.getresponse().read()\n",
    );
    #[cfg(unix)]
    fs::set_permissions(folder.0.join("bootstrap"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (functions, _) = started(function("provided.al2023", "bootstrap", &folder.0));
    assert_eq!(invoke(&functions, &json!({"n": 1})), (false, json!({"echo": {"n": 1}})));
}

#[test]
fn a_function_that_throws_hangs_ends_or_floods_is_survived() {
    if !has("node") {
        return;
    }
    let folder = Folder::new("wild");
    folder.write(
        "index.js",
        "exports.handler = async (event) => {\n  if (event.how === 'throw') throw new TypeError('no such order');\n  if (event.how === 'hang') await new Promise(() => setInterval(() => {}, 1000));\n  if (event.how === 'end') process.exit(3);\n  if (event.how === 'flood') { for (let i = 0; i < 10000; i++) console.log('x'.repeat(1000)); return 'done'; }\n  if (event.how === 'large') return 'y'.repeat(7 << 20);\n  return 'fine';\n};\n",
    );
    let hasty = Function { timeout: Duration::from_secs(2), ..function("nodejs22.x", "index.handler", &folder.0) };
    let (functions, said) = started(hasty);
    let (failed, thrown) = invoke(&functions, &json!({"how": "throw"}));
    assert!(failed && thrown["errorType"] == "TypeError" && thrown["errorMessage"] == "no such order", "{thrown}");
    let (failed, hung) = invoke(&functions, &json!({"how": "hang"}));
    assert!(failed && hung["errorMessage"].as_str().unwrap().ends_with("Task timed out after 2.00 seconds"), "{hung}");
    let (failed, ended) = invoke(&functions, &json!({"how": "end"}));
    assert!(failed && ended["errorMessage"].as_str().unwrap().contains("exit status: 3"), "{ended}");
    assert_eq!(invoke(&functions, &json!({"how": "flood"})), (false, json!("done")));
    assert!(was_said(&said, "more lines are left out"));
    let (failed, large) = invoke(&functions, &json!({"how": "large"}));
    assert!(failed && large["errorType"] == "Function.ResponseSizeTooLarge", "{large}");
    assert_eq!(invoke(&functions, &json!({})), (false, json!("fine")));
}

#[test]
fn a_changed_file_is_taken_up_and_a_missing_one_is_said() {
    if !has("node") {
        return;
    }
    let folder = Folder::new("changed");
    folder.write("index.js", "exports.handler = async () => 'before';");
    let (functions, _) = started(function("nodejs20.x", "index.handler", &folder.0));
    assert_eq!(invoke(&functions, &json!({})), (false, json!("before")));
    folder.write("index.js", "exports.handler = async () => 'afterwards';");
    assert_eq!(invoke(&functions, &json!({})), (false, json!("afterwards")));
    fs::remove_file(folder.0.join("index.js")).unwrap();
    folder.write("index.ts", "export const handler = async (): Promise<string> => 'x';");
    let (failed, said) = invoke(&functions, &json!({}));
    assert!(failed && said["errorMessage"].as_str().unwrap().contains("TypeScript"), "{said}");
}
