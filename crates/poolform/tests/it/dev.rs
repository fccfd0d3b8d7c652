//! `poolform dev` and `poolform env`, as the processes that they are.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::command::Folder;

/// How long anything may take on a machine that does other work too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A `poolform dev` whose lines, of both streams, come one by one. It is interrupted at the end.
struct Dev {
    process: Child,
    lines: Receiver<String>,
    address: String,
}

impl Dev {
    fn start(folder: &Folder) -> Dev {
        let mut process =
            folder.command(&["dev", "-port=0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(process.stdout.take().unwrap()), Box::new(process.stderr.take().unwrap())];
        for stream in streams {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        let mut dev = Dev { process, lines, address: String::new() };
        let first = dev.until("Cognito at ");
        dev.address = first.split_whitespace().nth(2).unwrap().to_owned();
        dev
    }

    /// Reads on until a line that holds `words`.
    fn until(&self, words: &str) -> String {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => seen.push(line),
                Err(_) => panic!("no {words:?} in {seen:#?}"),
            }
        }
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && self.process.try_wait().is_ok_and(|status| status.is_none()) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const ROOT: &str = r#"
provider "aws" {
  region = "eu-west-1"
}

module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"

  name                = "orders"
  deletion_protection = false
  domain              = "orders-dev"
  mfa_configuration   = "OPTIONAL"
  clients = [
    {
      name                                 = "my-web"
      generate_secret                      = true
      allowed_oauth_flows                  = ["code"]
      allowed_oauth_flows_user_pool_client = true
      allowed_oauth_scopes                 = ["openid"]
      callback_urls                        = ["http://localhost:3000/back"]
    },
    { name = "job" },
  ]

  password_minimum_length = 14
}
"#;

fn env(folder: &Folder, arguments: &[&str]) -> std::process::Output {
    folder.command(&[&["env", "-local"], arguments].concat()).output().unwrap()
}

fn text(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn files_are_applied_whenever_they_change() {
    let folder = Folder::new("dev");
    let change = |least: &str| folder.write("main.tf", &ROOT.replace("= 14", &format!("= {least}")));
    change("14");
    let dev = Dev::start(&folder);
    dev.until("Done:");
    dev.until("Watching");

    let dotenv = text(&env(&folder, &[]));
    let value = |name: &str| {
        let line = dotenv.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.unwrap_or_else(|| panic!("no {name} in {dotenv}")).to_owned()
    };
    assert_eq!(value("AWS_REGION"), "eu-west-1");
    assert_eq!(value("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"), dev.address);
    assert!(value("COGNITO_ISSUER").starts_with(&format!("{}/eu-west-1_", dev.address)));
    let shown = text(&folder.command(&["show", "-local"]).output().unwrap());
    let job = format!("module.pool.client[\"job\"] (Client): ClientId {},", value("COGNITO_CLIENT_ID_JOB"));
    assert!(shown.contains(&job), "{shown}");
    assert!(!dotenv.contains("CLIENT_SECRET"), "left out unless asked for");
    let secrets = text(&env(&folder, &["-secrets"]));
    assert!(secrets.contains("COGNITO_CLIENT_SECRET_MY_WEB="), "{secrets}");

    let several = env(&folder, &["-format=amplify"]);
    assert!(!several.status.success());
    let words = String::from_utf8_lossy(&several.stderr).into_owned();
    assert!(words.contains("-client NAME") && words.contains("job, my-web"), "{words}");
    let amplify: Json = serde_json::from_str(&text(&env(&folder, &["-format=amplify", "-client=my-web"]))).unwrap();
    let pool = &amplify["Auth"]["Cognito"];
    assert_eq!(pool["mfa"], serde_json::json!({"status": "optional", "totpEnabled": true, "smsEnabled": false}));
    assert_eq!(pool["passwordFormat"]["minLength"], 14);
    assert_eq!(pool["loginWith"]["oauth"]["responseType"], "code");
    assert_eq!(pool["userPoolEndpoint"], dev.address);
    // A form that has no member for the endpoint would send the app to AWS.
    let outputs = env(&folder, &["-format=amplify-outputs", "-client=my-web"]);
    let words = String::from_utf8_lossy(&outputs.stderr).into_owned();
    assert!(!outputs.status.success() && words.contains("-format amplify"), "{words}");
    let oidc: Json = serde_json::from_str(&text(&env(&folder, &["-format=oidc", "-client=my-web"]))).unwrap();
    assert!(
        oidc["authorization_endpoint"].as_str().unwrap().starts_with("http://orders-dev.auth.eu-west-1.localhost:")
    );
    assert!(oidc.get("client_secret").is_none());

    change("18");
    let changed = dev.until("password_minimum_length");
    assert!(changed.contains("14 -> 18"), "{changed}");
    dev.until("Watching");
    // A mistake is said, and the server goes on.
    change("");
    dev.until("error:");
    dev.until("Watching");
    // A file that is new counts too.
    change("var.least");
    dev.until("error:");
    dev.until("Watching");
    folder.write("least.tf", "variable \"least\" {\n  default = 20\n}\n");
    assert!(dev.until("password_minimum_length").contains("18 -> 20"));
    dev.until("Done:");
}

/// What is printed and the log of requests (`POOLFORM_LOG`, which every test has) stand in the root's own folder.
#[test]
fn what_it_writes_itself_is_no_file_of_the_root() {
    let folder = Folder::new("dev-log");
    folder.write("main.tf", ROOT);
    let log = folder.0.join("dev.log");
    let file = std::fs::File::create(&log).unwrap();
    let process = folder.command(&["dev", "-port=0"]).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
    let _dev = Dev { process, lines: channel().1, address: String::new() };
    let applied = || std::fs::read_to_string(&log).unwrap().matches("Watching").count();
    let until = |count: usize| {
        let end = Instant::now() + PATIENCE;
        while applied() < count && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        // Longer than it takes to look at the files and to apply them again.
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(applied(), count, "{}", std::fs::read_to_string(&log).unwrap());
    };
    until(1);
    folder.write("main.tf", &format!("{ROOT}\n"));
    until(2);
}

#[test]
fn env_needs_a_pool_that_is_there() {
    let folder = Folder::new("env");
    folder.write("main.tf", ROOT);
    let output = env(&folder, &[]);
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("module.pool has not been applied yet"), "{words}");
    let output = env(&folder, &["module.other"]);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("This root has no pool at module.other. It has module.pool.")
    );
}

/// People with functions can start: what they would have been asked is said, on the console and in the list of requests.
#[test]
fn triggers_without_an_address_are_left_out_and_said() {
    let folder = Folder::new("dev-triggers");
    let triggers = "  lambda_pre_sign_up    = \"arn:aws:lambda:eu-west-1:123456789012:function:check\"\n  \
                    lambda_custom_message = \"arn:aws:lambda:eu-west-1:123456789012:function:words\"\n  \
                    allow_admin_create_user_only = false\n  password_minimum_length = 14\n";
    folder.write("main.tf", &ROOT.replace("  password_minimum_length = 14\n", triggers));
    let dev = Dev::start(&folder);
    dev.until("Watching");
    let dotenv = text(&env(&folder, &["-client=job"]));
    let line = dotenv.lines().find(|line| line.contains("CLIENT_ID")).unwrap();
    let client = line.split_once('=').unwrap().1;
    let port = dev.address.rsplit_once(':').unwrap().1.parse().unwrap();
    let body = serde_json::json!({"ClientId": client, "Username": "anna", "Password": "Permanent-Pass-1"});
    crate::safety::call(&crate::command::client_of(port, "eu-west-1"), "SignUp", body);
    let said = dev.until("Trigger left out");
    let words = "Trigger left out: PreSignUp_SignUp for anna. -trigger pre_sign_up=http://… calls it.";
    assert_eq!(said, words);
    let requests = fetched(port, "/_poolform/requests");
    assert!(requests.contains(r#""operation":"PreSignUp_SignUp""#), "{requests}");
    assert!(requests.contains("left out; -trigger pre_sign_up=http://… calls it"), "{requests}");
}

const WITH_FUNCTIONS: &str = r#"
data "archive_file" "check" {
  type        = "zip"
  source_dir  = "${path.module}/functions/check"
  output_path = "${path.module}/.build/check.zip"
}

resource "aws_lambda_function" "check" {
  function_name = "check-${var.stage}"
  filename      = data.archive_file.check.output_path
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  role          = aws_iam_role.check.arn
  environment {
    variables = { WORD = "seen" }
  }
}

resource "aws_iam_role" "check" {
  name               = "check"
  assume_role_policy = "{}"
}

variable "stage" {
  type = string
}

resource "aws_cognito_user_pool" "main" {
  name = "orders-${var.stage}"
  lambda_config {
    pre_sign_up = aws_lambda_function.check.arn
  }
}

resource "aws_cognito_user_pool_client" "web" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.main.id
}
"#;

/// A trigger that the files have the code of is run, and its file is taken up anew.
#[test]
fn functions_of_the_root_are_run() {
    if Command::new("node").arg("--version").output().is_err() {
        println!("skipped: node is not on PATH");
        return;
    }
    let folder = Folder::new("dev-functions");
    folder.write("main.tf", WITH_FUNCTIONS);
    std::fs::create_dir_all(folder.0.join("functions/check")).unwrap();
    let code = |rest: &str| {
        let text =
            format!("exports.handler = async (event) => {{ console.log(process.env.WORD, event.userName); {rest} }};");
        folder.write("functions/check/index.js", &text);
    };
    code("event.response.autoConfirmUser = true; return event;");
    let dev = Dev::start(&folder);
    dev.until("var.stage");
    dev.until("Watching");
    let dotenv = text(&env(&folder, &["-client=web"]));
    let line = dotenv.lines().find(|line| line.contains("CLIENT_ID")).unwrap();
    let client = line.split_once('=').unwrap().1;
    let port = dev.address.rsplit_once(':').unwrap().1.parse().unwrap();
    let cognito = crate::command::client_of(port, "us-east-1");
    let body = |name: &str| serde_json::json!({"ClientId": client, "Username": name, "Password": "Permanent-Pass-1"});
    let signed_up = crate::safety::call(&cognito, "SignUp", body("anna"));
    assert_eq!(signed_up["UserConfirmed"], true, "{signed_up:?}");
    assert!(dev.until("seen anna").starts_with("[check-"), "said with the name of the function");
    code("throw new Error('not you');");
    let request = poolform_model::Request::new("SignUp", body("bob").as_object().cloned().unwrap());
    let refused = poolform_model::Cognito::call(&cognito, &request).unwrap_err();
    assert_eq!(refused.code(), Some("UserLambdaValidationException"));
    assert!(refused.to_string().contains("PreSignUp failed with error not you."), "{refused}");
}

/// What a server answers at a path.
fn fetched(port: u16, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
