//! `output -json` beside Terraform's own.

use std::process::Command;

use serde_json::Value as Json;

use crate::command::{Folder, external};

/// Outputs of every type that Terraform has, and sensitive ones. None depends on the pool.
const OUTPUTS: &str = r#"
variable "names" {
  type    = list(string)
  default = ["b", "a"]
}
variable "limits" {
  type    = map(number)
  default = { least = 1, most = 2.5 }
}
variable "team" {
  type    = object({ name = string, members = set(string), lead = optional(string) })
  default = { name = "orders", members = ["x"] }
}
variable "secret" {
  type      = string
  default   = "s3cret"
  sensitive = true
}

output "text" { value = "a \"quoted\" <text>" }
output "number" { value = 12.5 }
output "yes" { value = true }
output "nothing" { value = null }
output "names" { value = var.names }
output "set" { value = toset(var.names) }
output "limits" { value = var.limits }
output "team" { value = var.team }
output "tuple" { value = ["a", 1, true, null] }
output "object" { value = { name = "a", list = [1], empty = {} } }
output "secret" {
  value     = var.secret
  sensitive = true
}
output "secrets" {
  value     = { one = var.secret, names = var.names }
  sensitive = true
}
"#;

const POOL: &str = r#"
module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"
  name   = "orders"
}
"#;

#[test]
fn outputs_are_terraforms() {
    let Some(terraform) = external("terraform", "POOLFORM_TERRAFORM") else { return };
    let theirs = Folder::new("outputs-terraform");
    theirs.write("main.tf", OUTPUTS);
    let run = |arguments: &[&str]| {
        let said = Command::new(&terraform)
            .args(arguments)
            .current_dir(&theirs.0)
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .unwrap();
        assert!(said.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
        String::from_utf8(said.stdout).unwrap()
    };
    run(&["init", "-input=false"]);
    run(&["apply", "-auto-approve", "-input=false"]);
    let ours = Folder::new("outputs-poolform");
    ours.write("main.tf", &format!("{POOL}{OUTPUTS}"));
    ours.run(&["apply", "-local", "-auto-approve"]);
    let said = ours.command(&["output", "-local", "-json"]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
    let own = read(&String::from_utf8(said.stdout).unwrap());
    let their = read(&run(&["output", "-json"]));
    for (name, output) in their.as_object().unwrap() {
        assert_eq!(&own[name], output, "{name}");
        let one = ours.command(&["output", "-local", "-json", name]).output().unwrap();
        assert_eq!(
            read(&String::from_utf8(one.stdout).unwrap()),
            read(&run(&["output", "-json", name])),
            "{name} alone"
        );
    }
    assert_eq!(own.as_object().unwrap().len(), their.as_object().unwrap().len());
}

/// Plain resources on AWS: Terraform applied them, and its state has their outputs.
#[test]
fn outputs_of_plain_resources_are_in_terraforms_state() {
    let folder = Folder::new("outputs-of-terraform");
    folder.write("main.tf", "resource \"aws_cognito_user_pool\" \"p\" {\n  name = \"p\"\n}\n");
    let refused = folder.run(&["output"]).exits(1).stderr();
    assert!(refused.contains("-terraform-state terraform.json"), "{refused}");
    let outputs = r#"{"id": {"value": "eu-west-1_a", "type": "string"},
        "secret": {"value": "s3cret", "type": "string", "sensitive": true},
        "names": {"value": ["a"], "type": ["list", "string"]}}"#;
    folder.write("terraform.tfstate", &format!("{{\"version\": 4, \"resources\": [], \"outputs\": {outputs}}}"));
    let shown =
        format!("{{\"format_version\": \"1.0\", \"values\": {{\"root_module\": {{}}, \"outputs\": {outputs}}}}}");
    folder.write("shown.json", &shown);
    for state in [None, Some("-terraform-state=shown.json")] {
        let run = |arguments: &[&str]| {
            let all: Vec<&str> = ["output"].into_iter().chain(state).chain(arguments.iter().copied()).collect();
            folder.run(&all)
        };
        let all = run(&[]).exits(0).stdout();
        assert_eq!(all.trim(), "id = \"eu-west-1_a\"\nnames = [\n  \"a\",\n]\nsecret = (sensitive)");
        assert_eq!(run(&["-raw", "id"]).exits(0).stdout(), "eu-west-1_a");
        assert_eq!(run(&["-raw", "secret"]).exits(0).stdout(), "s3cret");
        let json: Json = serde_json::from_str(&run(&["-json"]).exits(0).stdout()).unwrap();
        assert_eq!(json["names"], serde_json::json!({"sensitive": false, "type": ["list", "string"], "value": ["a"]}));
        let missing = run(&["ids"]).exits(1).stderr();
        assert!(missing.contains("has no output \"ids\". Did you mean \"id\"?"), "{missing}");
    }
    folder.write("terraform.tfstate", "{\"something\": \"else\"}");
    let unusable = folder.run(&["output"]).exits(1).stderr();
    assert!(unusable.contains("Terraform state not usable") && unusable.contains("terraform.tfstate"), "{unusable}");
}
