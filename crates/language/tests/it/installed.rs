//! Modules that `terraform init` or `tofu init` brought.

use std::path::Path;

use poolform_language::{Inputs, load};
use poolform_value::Value;
use serde_json::{Value as Json, json};

use crate::memory::Memory;
use crate::roots::{plain, said};
use crate::table::Table;

fn nothing(_: &str, _: &str) -> Option<Value> {
    None
}

const ROOT: &str = r#"
module "auth" {
  source   = "acme/auth/aws"
  version  = "~> 1.0"
  for_each = { a = "x", b = "y" }
  name     = each.value
}
module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"
}
module "git" {
  source = "git::https://git.example/pool.git//modules/pool?ref=v1"
  count  = 1
  name   = "git"
}
output "ids" { value = { for key, auth in module.auth : key => auth.id } }
output "name" { value = module.auth["a"].name }
output "git" { value = module.git[0].name }
output "pool" { value = module.pool.id }
"#;

const AUTH: &str = r#"
variable "name" { type = string }
module "inner" {
  source = "./modules/pool"
  name   = "${var.name}-${basename(path.module)}"
}
module "far" {
  source = "acme/pool/aws//modules/deep"
  name   = "far-${var.name}"
}
output "id" { value = module.inner.id }
output "name" { value = module.far.name }
"#;

const POOL: &str = r#"
variable "name" { type = string }
resource "aws_cognito_user_pool" "this" {
  name = var.name
}
output "id" { value = aws_cognito_user_pool.this.id }
output "name" { value = aws_cognito_user_pool.this.name }
"#;

/// What either program writes; `registry` is its own.
fn manifest(registry: &str) -> String {
    let entry = |key: &str, source: &str, version: &str, dir: &str| json!({"Key": key, "Source": source, "Version": version, "Dir": dir});
    json!({"Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        entry("auth", &format!("{registry}/acme/auth/aws"), "1.2.0", ".terraform/modules/auth"),
        {"Key": "auth.inner", "Source": "./modules/pool", "Dir": ".terraform/modules/auth/modules/pool"},
        entry("auth.far", &format!("{registry}/acme/pool/aws//modules/deep"), "3.0.0", ".terraform/modules/auth.far/modules/deep"),
        entry("pool", &format!("{registry}/mineiros-io/cognito-user-pool/aws"), "0.9.0", ".terraform/modules/pool"),
        {"Key": "git", "Source": "git::https://git.example/pool.git//modules/pool?ref=v1", "Dir": ".terraform/modules/git/modules/pool"}
    ]})
    .to_string()
}

/// The names of all pools by their addresses, the outputs, and what is said.
fn evaluate(root: &str, manifest: Option<&str>) -> (Json, Json, String) {
    let mut files = vec![
        ("main.tf", root),
        (".terraform/modules/auth/main.tf", AUTH),
        (".terraform/modules/auth/modules/pool/main.tf", POOL),
        (".terraform/modules/auth.far/modules/deep/main.tf", POOL),
        (".terraform/modules/git/modules/pool/main.tf", POOL),
        (".terraform/modules/pool/main.tf", POOL),
    ];
    files.extend(manifest.map(|text| (".terraform/modules/modules.json", text)));
    let (memory, table) = (Memory::new(&files), Table::read());
    let inputs = Inputs {
        schemas: &table,
        built_in: &|source| source == "mineiros-io/cognito-user-pool/aws",
        ..Inputs::default()
    };
    let (configuration, mut diagnostics) = load(&memory, Path::new(""), inputs);
    let (instances, found) = configuration.resource_instances(&|kind| kind == "aws_cognito_user_pool", &nothing);
    diagnostics.extend(found);
    let (outputs, found) = configuration.outputs(None, &nothing);
    diagnostics.extend(found);
    let pools = instances.iter().map(|one| (one.address.clone(), plain(&one.body)["name"].clone()));
    let outputs = outputs.iter().map(|one| (one.name.clone(), plain(&one.value)));
    let pools = pools.collect::<serde_json::Map<_, _>>().into();
    (pools, outputs.collect::<serde_json::Map<_, _>>().into(), said(&configuration, &diagnostics))
}

#[test]
fn installed_modules_are_read_at_any_depth() {
    for registry in ["registry.terraform.io", "registry.opentofu.org"] {
        let (pools, outputs, said) = evaluate(ROOT, Some(&manifest(registry)));
        assert_eq!(said, "");
        assert_eq!(
            pools,
            json!({
                "module.auth[\"a\"].module.inner.aws_cognito_user_pool.this": "x-auth",
                "module.auth[\"a\"].module.far.aws_cognito_user_pool.this": "far-x",
                "module.auth[\"b\"].module.inner.aws_cognito_user_pool.this": "y-auth",
                "module.auth[\"b\"].module.far.aws_cognito_user_pool.this": "far-y",
                "module.git[0].aws_cognito_user_pool.this": "git",
            })
        );
        assert_eq!(
            outputs,
            json!({
                "ids": {
                    "a": "<module.auth[\"a\"].module.inner.aws_cognito_user_pool.this.id>",
                    "b": "<module.auth[\"b\"].module.inner.aws_cognito_user_pool.this.id>"
                },
                "name": "far-x", "git": "git", "pool": "<module.pool.id>",
            })
        );
    }
}

#[test]
fn what_is_not_installed_stays_elsewhere() {
    for manifest in [None, Some("nonsense"), Some("{\"Modules\": []}")] {
        let (pools, outputs, said) = evaluate(ROOT, manifest);
        assert_eq!((pools, said.as_str()), (json!({}), ""));
        assert_eq!(outputs["name"], "<module.auth[\"a\"].name>");
    }
}

#[test]
fn another_module_than_the_one_that_is_meant_is_passed_over_with_a_word() {
    let root = ROOT
        .replace("~> 1.0", "~> 2.0")
        .replace("git::https://git.example/pool.git//modules/pool?ref=v1", "acme/git/aws");
    let (pools, _, said) = evaluate(&root, Some(&manifest("registry.terraform.io")));
    assert_eq!(pools, json!({}));
    for expected in [
        "main.tf:3:14: Another module is installed - Under the name auth a module is installed in version 1.2.0, and this asks for ~> 2.0.",
        "main.tf:12:12: Another module is installed - Under the name git a module is installed from \"git::https://git.example/pool.git//modules/pool?ref=v1\".",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn mistakes_in_an_installed_module_stop_nobody() {
    let files = [
        ("main.tf", "module \"a\" {\n source = \"acme/a/aws\"\n}\noutput \"id\" { value = module.a.id }"),
        (".terraform/modules/a/main.tf", "output \"id\" {\n value = [\n}"),
        (
            ".terraform/modules/modules.json",
            "{\"Modules\": [{\"Key\": \"a\", \"Source\": \"registry.terraform.io/acme/a/aws\", \"Dir\": \".terraform/modules/a\"}]}",
        ),
    ];
    let memory = Memory::new(&files);
    let (configuration, diagnostics) = load(&memory, Path::new(""), Inputs::default());
    let words = said(&configuration, &diagnostics);
    assert!(!diagnostics.has_errors() && words.starts_with("main.tf:2:11: Unreadable module"), "{words}");
    let (outputs, _) = configuration.outputs(None, &nothing);
    assert_eq!(plain(&outputs[0].value), json!("<module.a.id>"));
}
