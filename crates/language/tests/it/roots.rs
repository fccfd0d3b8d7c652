//! Root modules in memory: what is evaluated, and where things stand.

use std::collections::BTreeMap;
use std::path::Path;

use poolform_language::{CallerIdentity, Configuration, External, Inputs, Known, VariableSource, is_reported, load};
use poolform_value::{Content, Diagnostics, Subject, Value, to_json};
use serde_json::json;

use crate::memory::Memory;

/// A module call that tests want.
pub const POOL: &str = "module \"pool\" {\n  source = \"acme/pool/aws\"\n";

fn nothing(_: &str, _: &str) -> Option<Value> {
    None
}

/// `file:line:column: summary`, one per line, and the details after a dash.
pub fn said(configuration: &Configuration<'_>, diagnostics: &Diagnostics) -> String {
    let lines: Vec<String> = diagnostics
        .0
        .iter()
        .map(|diagnostic| {
            let place = match &diagnostic.subject {
                Some(Subject::Source(span)) => {
                    let (line, column) = configuration.sources().position(span);
                    format!("{}:{line}:{column}: ", span.file)
                }
                _ => String::new(),
            };
            format!("{place}{} - {}", diagnostic.summary, diagnostic.detail)
        })
        .collect();
    lines.join("\n")
}

/// The wanted calls of a root as JSON, address by address; unknown values by their reference in angle brackets.
pub fn calls(files: &Memory, inputs: Inputs<'_>) -> (serde_json::Value, String) {
    let (configuration, mut diagnostics) = load(files, Path::new(""), inputs);
    let (calls, found) = configuration.calls(&|source| source == "acme/pool/aws", &nothing);
    diagnostics.extend(found);
    let all: serde_json::Map<String, serde_json::Value> =
        calls.iter().map(|call| (call.address.clone(), arguments(&call.arguments))).collect();
    (all.into(), said(&configuration, &diagnostics))
}

fn arguments(arguments: &BTreeMap<String, Value>) -> serde_json::Value {
    arguments.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<serde_json::Map<_, _>>().into()
}

pub fn plain(value: &Value) -> serde_json::Value {
    match &value.content {
        Content::Unknown(_, Some(origin)) => format!("<{}>", origin.reference).into(),
        Content::Unknown(_, None) => "<reported>".into(),
        Content::Tuple(items) | Content::List(_, items) | Content::Set(_, items) => items.iter().map(plain).collect(),
        Content::Object(members) | Content::Map(_, members) => arguments(members),
        _ => to_json(value).expect("nothing unknown is left"),
    }
}

/// Fails the test unless these are the calls, and nothing is said.
pub fn evaluates(files: &[(&str, &str)], inputs: Inputs<'_>, expected: serde_json::Value) {
    let (calls, said) = calls(&Memory::new(files), inputs);
    assert_eq!(said, "");
    assert_eq!(calls, expected);
}

/// The arguments of one call in one file, and what was said.
pub fn pool(arguments: &str, rest: &str) -> (serde_json::Value, String) {
    let text = format!("{POOL}{arguments}\n}}\n{rest}\n");
    let (calls, said) = calls(&Memory::new(&[("main.tf", &text)]), Inputs::default());
    (calls["module.pool"].clone(), said)
}

/// Fails the test unless something like this is said of a call with these arguments.
#[track_caller]
pub fn refused(arguments: &str, rest: &str, expected: &str) {
    let (_, said) = pool(arguments, rest);
    assert!(said.contains(expected), "expected {expected}\nsaid {said}");
}

fn variables(sources: Vec<VariableSource>) -> Inputs<'static> {
    Inputs { variables: sources, ..Inputs::default() }
}

#[test]
fn values_of_variables_have_terraforms_precedence() {
    let text = format!(
        "{POOL} a = var.a\n b = var.b\n c = var.c\n d = var.d\n e = var.e\n f = var.f\n}}\n{}",
        ["a", "b", "c", "d", "e", "f"]
            .map(|name| format!("variable \"{name}\" {{\n type = string\n default = \"default\"\n}}\n"))
            .concat()
    );
    let files = [
        ("main.tf", text.as_str()),
        ("terraform.tfvars", "b = \"tfvars\"\nc = \"tfvars\"\nd = \"tfvars\"\ne = \"tfvars\"\nf = \"tfvars\""),
        ("z.auto.tfvars", "d = \"z\"\ne = \"z\"\nf = \"z\""),
        ("a.auto.tfvars.json", "{\"c\": \"${a}\", \"d\": \"a\", \"e\": \"a\"}"),
        ("late.tfvars", "e = \"file\"\nf = \"file\""),
    ];
    let environment =
        BTreeMap::from([("a", "env"), ("b", "env"), ("unheard_of", "x")].map(|(a, b)| (a.into(), b.into())));
    let sources = vec![
        VariableSource::Argument("e=argument".into()),
        VariableSource::File("late.tfvars".into()),
        VariableSource::Argument("f=argument".into()),
        VariableSource::Environment(environment),
    ];
    let expected = json!({"a": "env", "b": "tfvars", "c": "${a}", "d": "z", "e": "file", "f": "argument"});
    evaluates(&files, variables(sources), json!({ "module.pool": expected }));
}

#[test]
fn variables_convert_default_and_hide() {
    let text = format!(
        "{POOL} o = var.o\n n = var.n\n m = var.m\n s = var.s\n any = var.any\n plain = var.plain\n}}\n{}",
        r#"
variable "o" {
  type = list(object({ name = string, days = optional(number, 7), tags = optional(map(string)) }))
  default = [{ name = 5, extra = true }, { name = "b", days = null }]
}
variable "n" {
  type     = number
  default  = 3
  nullable = false
}
variable "m" { type = map(list(string)) }
variable "s" {
  default   = "secret"
  sensitive = true
}
variable "any" { type = any }
variable "plain" {}
"#
    );
    let files = Memory::new(&[("main.tf", &text), ("terraform.tfvars", "n = null")]);
    let sources =
        ["m={a=[1]}", "any=[1,\"x\"]", "plain=[1]"].map(|text| VariableSource::Argument(text.to_owned())).to_vec();
    let (configuration, diagnostics) = load(&files, Path::new(""), variables(sources));
    assert_eq!(said(&configuration, &diagnostics), "");
    let (calls, diagnostics) = configuration.calls(&|_| true, &nothing);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert!(calls[0].arguments["s"].sensitive);
    assert_eq!(
        arguments(&calls[0].arguments),
        json!({
            "o": [{"name": "5", "days": 7, "tags": null}, {"name": "b", "days": 7, "tags": null}],
            "n": 3, "m": {"a": ["1"]}, "s": "secret", "any": [1, "x"], "plain": "[1]",
        })
    );
}

#[test]
fn mistakes_about_variables_are_placed() {
    refused(
        "x = var.nam",
        "variable \"name\" {}",
        "main.tf:3:5: Reference to undeclared input variable - An input variable with the name \"nam\" has not been declared. Did you mean \"name\"?",
    );
    refused(
        "x = var.name",
        "variable \"name\" {}",
        "main.tf:5:1: No value for required variable - The variable \"name\" is required, but is not set: give it with -var 'name=…'",
    );
    refused(
        "x = var.n",
        "variable \"n\" {\n  type = list(object({ a = bool }))\n  default = [{ a = true }, { a = \"x\" }]\n}",
        "main.tf:7:30: Invalid default value for variable",
    );
    refused(
        "x = var.n",
        "variable \"n\" {\n  default = 3\n  validation {\n    condition = var.n > 5\n    error_message = \"The n is ${var.n}.\"\n  }\n}",
        "main.tf:6:13: Invalid value for variable - The n is 3.\n\nThis was checked by the validation rule at main.tf:8:17.",
    );
    refused(
        "x = var.n",
        "variable \"n\" {\n type = strin\n}",
        "main.tf:6:9: Invalid type specification - The keyword \"strin\" is not a valid type specification. Did you mean \"string\"?",
    );
    let files = Memory::new(&[
        (
            "main.tf",
            "variable \"name\" {}\nvariable \"b\" { type = bool }\nmodule \"pool\" {\n source = \"acme/pool/aws\"\n b = var.b\n}",
        ),
        ("terraform.tfvars", "nmae = 1\nb = [1]"),
    ]);
    let (_, said) = calls(&files, variables(vec![VariableSource::Argument("naem=1".into())]));
    assert!(said.contains("terraform.tfvars:1:1: Value for undeclared variable - The root module does not declare a variable named \"nmae\" but a value was found in file \"terraform.tfvars\". Did you mean \"name\"?"), "{said}");
    assert!(said.contains("Value for undeclared variable - A variable named \"naem\" was assigned on the command line, but the root module does not declare a variable of that name. Did you mean \"name\"?"), "{said}");
    assert!(said.contains("terraform.tfvars:2:5: Invalid value for input variable - The given value is not suitable for var.b declared at main.tf:2: bool required."), "{said}");
}

#[test]
fn calls_repeat() {
    let text = r#"
module "pool" {
  source   = "acme/pool/aws"
  for_each = { blue = 1, green = 2 }
  name     = "${each.key}-${each.value}"
}
module "counted" {
  source = "acme/pool/aws"
  count  = 2
  name   = "n${count.index}"
}
module "none" {
  source = "acme/pool/aws"
  count  = 0
}
module "set" {
  source   = "acme/pool/aws"
  for_each = toset(["b", "a"])
  name     = each.value
}
"#;
    evaluates(
        &[("main.tf", text)],
        Inputs::default(),
        json!({
            "module.pool[\"blue\"]": {"name": "blue-1"}, "module.pool[\"green\"]": {"name": "green-2"},
            "module.counted[0]": {"name": "n0"}, "module.counted[1]": {"name": "n1"},
            "module.set[\"a\"]": {"name": "a"}, "module.set[\"b\"]": {"name": "b"},
        }),
    );
    refused("for_each = [\"a\"]", "", "main.tf:3:12: Invalid for_each argument");
    refused("count = -1", "", "main.tf:3:9: Invalid count argument");
    refused(
        "count = length(module.net.ids)",
        "module \"net\" { source = \"acme/net/aws\" }",
        "main.tf:3:9: Invalid count argument - The \"count\" value depends on module.net.ids, which is not known here",
    );
    refused("x = each.key", "", "main.tf:3:5: Reference to \"each\" in context without for_each");
    refused("x = self.id", "", "Invalid \"self\" reference");
}

#[test]
fn local_modules_are_entered() {
    let main = r#"
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "eu"
  region = var.eu
  assume_role {
    role_arn = "arn:x"
  }
}
variable "eu" { default = "eu-west-1" }
module "auth" {
  source    = "./modules/auth"
  for_each  = toset(["a"])
  name      = "x-${each.key}"
  providers = { aws = aws.eu }
}
output "id" { value = module.auth["a"].pool_id }
output "names" { value = { for k, m in module.auth : k => m.name } }
"#;
    let auth = r#"
variable "name" { type = string }
locals { full = "${var.name}-${basename(path.module)}" }
module "pool" {
  source = "acme/pool/aws"
  name   = local.full
  text   = file("${path.module}/text.txt")
}
output "pool_id" { value = module.pool.user_pool.id }
output "name" { value = local.full }
"#;
    let files = Memory::new(&[("main.tf", main), ("modules/auth/main.tf", auth), ("modules/auth/text.txt", "hi")]);
    let (configuration, diagnostics) = load(&files, Path::new(""), Inputs::default());
    assert_eq!(said(&configuration, &diagnostics), "");
    let (calls, diagnostics) = configuration.calls(&|source| source == "acme/pool/aws", &nothing);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.address, "module.auth[\"a\"].module.pool");
    assert_eq!(arguments(&call.arguments), json!({"name": "x-a-auth", "text": "hi"}));
    assert_eq!(
        arguments(&call.provider.arguments),
        json!({"region": "eu-west-1", "assume_role": [{"role_arn": "arn:x"}]})
    );
    assert_eq!(&*call.span.file, "modules/auth/main.tf");
    let known = |address: &str, name: &str| {
        (address == "module.auth[\"a\"].module.pool" && name == "user_pool")
            .then(|| Value::object([("id", "pool-1".into())]))
    };
    let (outputs, diagnostics) = configuration.outputs(None, &known);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert_eq!(plain(&outputs[0].value), json!("pool-1"));
    assert_eq!(plain(&outputs[1].value), json!({"a": "x-a-auth"}));
    assert_eq!(outputs[0].reads, ["module.auth"]);
    let (outputs, _) = configuration.outputs(Some(&["id"]), &nothing);
    assert_eq!(plain(&outputs[0].value), json!("<module.auth[\"a\"].module.pool.user_pool.id>"));
}

#[test]
fn all_outputs_of_a_call_are_asked_for_where_their_names_are_known() {
    struct Two;
    impl Known for Two {
        fn output(&self, address: &str, name: &str) -> Option<Value> {
            Some(format!("{address}.{name}").into())
        }
        fn names(&self, _: &str) -> Vec<String> {
            vec!["domain".into(), "issuer".into()]
        }
    }
    let text = "module \"pool\" {\n source = \"acme/pool/aws\"\n count = 2\n}\noutput \"o\" { value = module.pool[*].domain }\noutput \"one\" { value = module.pool[1].issuer }";
    let files = Memory::new(&[("main.tf", text)]);
    let (configuration, _) = load(&files, Path::new(""), Inputs::default());
    let (outputs, diagnostics) = configuration.outputs(None, &Two);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert_eq!(plain(&outputs[0].value), json!(["module.pool[0].domain", "module.pool[1].domain"]));
    assert_eq!(plain(&outputs[1].value), json!("module.pool[1].issuer"));
}

#[test]
fn outputs_are_asked_for_through_locals_and_loops() {
    let text = "module \"pool\" {\n source = \"acme/pool/aws\"\n}\nlocals {\n pool = module.pool\n}\noutput \"o\" { value = [local.pool.domain, [for p in [module.pool] : p.domain][0], local.pool.issuer] }";
    let files = Memory::new(&[("main.tf", text)]);
    let (configuration, _) = load(&files, Path::new(""), Inputs::default());
    let known = |address: &str, name: &str| (name == "domain").then(|| Value::from(address));
    let (outputs, diagnostics) = configuration.outputs(None, &known);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert_eq!(plain(&outputs[0].value), json!(["module.pool", "module.pool", "<module.pool.issuer>"]));
}

#[test]
fn override_files_and_json_files_belong_to_the_module() {
    let files = [
        (
            "main.tf",
            "module \"pool\" {\n  source = \"acme/pool/aws\"\n  name = local.name\n  tags = { a = 1 }\n  x = var.x\n}\nlocals {\n  name = \"plain\"\n}\n",
        ),
        (
            "more.tf.json",
            r#"{"variable": {"x": {"type": "list(string)", "default": ["${not a template}"], "//": "comment"}}, "module": [{"second": {"source": "acme/pool/aws", "name": "${upper(local.name)}-2", "list": [1, "%{ if true }y%{ endif }"], "providers": {"aws": "aws.eu"}}}], "provider": {"aws": [{"region": "a"}, {"alias": "eu", "region": "b", "assume_role": {"role_arn": "r"}}]}}"#,
        ),
        ("my_override.tf", "module \"pool\" {\n  tags = { b = 2 }\n}\nlocals {\n  name = \"overridden\"\n}\n"),
        ("override.tf.json", r#"{"variable": {"x": {"default": ["y"]}}}"#),
    ];
    evaluates(
        &files,
        Inputs::default(),
        json!({
            "module.pool": {"name": "overridden", "tags": {"b": 2}, "x": ["y"]},
            "module.second": {"name": "OVERRIDDEN-2", "list": [1, "y"]},
        }),
    );
    let memory = Memory::new(&files);
    let (configuration, _) = load(&memory, Path::new(""), Inputs::default());
    let (calls, _) = configuration.calls(&|_| true, &nothing);
    assert_eq!(arguments(&calls[1].provider.arguments), json!({"region": "b", "assume_role": [{"role_arn": "r"}]}));
}

#[test]
fn what_is_elsewhere_is_unknown_by_its_name() {
    let rest = r#"
module "lambdas" { source = "acme/lambdas/aws" }
resource "aws_acm_certificate" "cert" {
  for_each = toset(["a"])
  domain   = module.pool.domain
}
data "aws_vpc" "v" {}
"#;
    let (arguments, said) = pool(
        "a = module.lambdas.arn\n b = \"x-${aws_acm_certificate.cert[\"a\"].arn}\"\n c = [upper(data.aws_vpc.v.id), 1]\n d = module.lambdas.arn == \"x\" ? 1 : 2\n e = concat([1], [module.lambdas.z.y[0]])\n f = { for k in [module.lambdas.k] : k => 1 }\n g = jsonencode({ a = module.lambdas.j })\n h = merge({ a = 1 }, { b = module.lambdas.m })",
        rest,
    );
    assert_eq!(said, "");
    assert_eq!(
        arguments,
        json!({
            "a": "<module.lambdas.arn>", "b": "<aws_acm_certificate.cert[\"a\"].arn>", "c": ["<data.aws_vpc.v.id>", 1],
            "d": "<module.lambdas.arn>", "e": [1, "<module.lambdas.z.y[0]>"], "f": "<module.lambdas.k>",
            "g": "<module.lambdas.j>", "h": {"a": 1, "b": "<module.lambdas.m>"},
        })
    );
    refused(
        "a = module.lambda.arn",
        rest,
        "main.tf:3:11: Reference to undeclared module - No module call named \"lambda\" is declared here. Did you mean \"lambdas\"?",
    );
    refused("a = aws_acm_certificate.cart.arn", rest, "main.tf:3:5: Reference to undeclared resource");
}

#[test]
fn references_are_supplied_by_settings_and_states() {
    let text = r#"
module "pool" {
  source = "acme/pool/aws"
  a = module.lambdas.arn
  b = module.lambdas["x"].arns.b
  c = aws_lambda_function.f[0].arn
  d = aws_lambda_function.g["k"].arn
  e = data.aws_vpc.v.id
  f = module.edge.arn
}
module "lambdas" { source = "acme/lambdas/aws" }
module "edge" { source = "acme/edge/aws" }
module "inner" { source = "./inner" }
resource "aws_lambda_function" "f" { count = 1 }
resource "aws_lambda_function" "g" { for_each = {} }
data "aws_vpc" "v" {}
output "edge_arn" { value = module.edge.arn }
"#;
    let inner = "module \"pool\" {\n source = \"acme/pool/aws\"\n a = aws_lambda_function.deep.arn\n b = aws_lambda_function.set.arn\n}\nresource \"aws_lambda_function\" \"deep\" {}\nresource \"aws_lambda_function\" \"set\" {}";
    let state = json!({"values": {
        "outputs": {"edge_arn": {"value": "edge", "sensitive": false}},
        "root_module": {
            "resources": [
                {"address": "aws_lambda_function.f[0]", "mode": "managed", "type": "aws_lambda_function", "name": "f", "index": 0, "values": {"arn": "f0"}, "sensitive_values": {"arn": true}},
                {"address": "aws_lambda_function.g[\"k\"]", "mode": "managed", "type": "aws_lambda_function", "name": "g", "index": "k", "values": {"arn": "gk"}},
                {"address": "data.aws_vpc.v", "mode": "data", "type": "aws_vpc", "name": "v", "values": {"id": "vpc-1"}}
            ],
            "child_modules": [{"address": "module.inner", "resources": [
                {"address": "module.inner.aws_lambda_function.deep", "mode": "managed", "type": "aws_lambda_function", "name": "deep", "values": {"arn": "deep"}}
            ]}]
        }
    }});
    let files = Memory::new(&[("main.tf", text), ("inner/main.tf", inner)]);
    let settings = [
        "module.lambdas.arn=\"arn:1\"",
        "module.lambdas[\"x\"]={ arns = { b = 2 } }",
        "module.inner.aws_lambda_function.set.arn = \"s\"",
    ];
    let inputs =
        Inputs { settings: settings.map(str::to_owned).to_vec(), terraform_state: Some(state), ..Inputs::default() };
    let (configuration, diagnostics) = load(&files, Path::new(""), inputs);
    assert_eq!(said(&configuration, &diagnostics), "");
    let (calls, diagnostics) = configuration.calls(&|source| source == "acme/pool/aws", &nothing);
    assert_eq!(said(&configuration, &diagnostics), "");
    assert_eq!(
        arguments(&calls[0].arguments),
        json!({"a": "arn:1", "b": 2, "c": "f0", "d": "gk", "e": "vpc-1", "f": "edge"})
    );
    assert!(calls[0].arguments["c"].sensitive);
    assert_eq!(calls[1].address, "module.inner.module.pool");
    assert_eq!(arguments(&calls[1].arguments), json!({"a": "deep", "b": "s"}));
    let inputs = Inputs { settings: vec!["var.x=1".into(), "nonsense".into(), "a.b=f(".into()], ..Inputs::default() };
    let (configuration, diagnostics) = load(&files, Path::new(""), inputs);
    let said = said(&configuration, &diagnostics);
    assert!(said.contains("Use -var for variables."), "{said}");
    assert_eq!(diagnostics.0.len(), 3, "{said}");
}

#[test]
fn the_outside_is_asked_only_when_reached() {
    struct Here;
    impl External for Here {
        fn region(&self) -> Option<String> {
            Some("eu-central-1".into())
        }
        fn caller_identity(&self) -> Option<CallerIdentity> {
            Some(CallerIdentity { account_id: "123456789012".into(), arn: "arn:me".into(), user_id: "me".into() })
        }
    }
    let text = r#"
module "pool" {
  source = "acme/pool/aws"
  a = data.aws_region.current.name
  b = data.aws_caller_identity.me.account_id
  c = data.aws_partition.p.partition
  d = "${terraform.workspace}${path.root}${path.module}"
  e = data.aws_region.other.id
}
data "aws_region" "current" {}
data "aws_region" "other" { provider = aws.cn }
data "aws_caller_identity" "me" {}
data "aws_partition" "p" {}
provider "aws" {
  alias  = "cn"
  region = "cn-north-1"
}
"#;
    let inputs = || Inputs { external: &Here, workspace: "prod".into(), ..Inputs::default() };
    let expected = json!({"a": "eu-central-1", "b": "123456789012", "c": "aws", "d": "prod..", "e": "cn-north-1"});
    evaluates(&[("main.tf", text)], inputs(), json!({ "module.pool": expected }));
}

#[test]
fn values_know_where_their_parts_stand() {
    let text = r#"module "pool" {
  source  = "acme/pool/aws"
  clients = concat(local.clients, [for c in local.more : merge(c, { extra = 1 })])
}
locals {
  clients = [
    { name = "a" },
  ]
  more = [
    { nmae = "b" },
  ]
}
"#;
    let files = Memory::new(&[("main.tf", text)]);
    let (configuration, _) = load(&files, Path::new(""), Inputs::default());
    let (calls, _) = configuration.calls(&|_| true, &nothing);
    let clients = &calls[0].arguments["clients"];
    let place = |value: &Value| {
        value.name_span.clone().or(value.span.clone()).map(|span| configuration.sources().position(&span))
    };
    assert_eq!(place(clients), Some((3, 3)));
    let items = clients.items().expect("a list");
    let place = |value: &Value, name: &str| {
        let member = &value.members().expect("an object")[name];
        member.name_span.as_ref().map(|span| configuration.sources().position(span))
    };
    assert_eq!(place(&items[0], "name"), Some((7, 7)));
    assert_eq!(place(&items[1], "nmae"), Some((10, 7)));
    assert_eq!(place(&items[1], "extra"), Some((3, 69)));
}

#[test]
fn settings_and_refactoring_blocks_are_told() {
    let text = r#"
terraform {
  required_version = ">= 1.12"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0", configuration_aliases = [aws.eu] }
  }
  backend "s3" {
    bucket = "b"
    key    = "k"
  }
}
moved {
  from = module.old
  to   = module.pool["a"]
}
removed {
  from = module.gone
  lifecycle {
    destroy = false
  }
}
import {
  to = module.pool.aws_cognito_user_pool.pool[0]
  id = "eu-west-1_abc"
}
module "pool" { source = "./vendored" }
resource "aws_lambda_permission" "p" {
  source_arn = local.arn
  x { y = module.pool.domain }
}
locals { arn = module.pool.user_pool.arn }
"#;
    let files = Memory::new(&[
        ("main.tf", text),
        ("vendored/main.tf", "terraform { required_version = \"< 0.15\" }\nvariable \"name\" {}"),
    ]);
    let (configuration, diagnostics) = load(&files, Path::new(""), Inputs::default());
    assert_eq!(said(&configuration, &diagnostics), "");
    let (settings, diagnostics) = configuration.terraform();
    // The language is the same: a pinned version stops nobody.
    assert!(!diagnostics.has_errors());
    let words = said(&configuration, &diagnostics);
    assert!(words.contains("main.tf:3:22: Another Terraform version") && words.contains("1.11"), "{words}");
    assert!(words.contains("vendored/main.tf:1:32: Another Terraform version"), "{words}");
    let storage = settings.storage.expect("a backend");
    assert_eq!((storage.kind.as_str(), arguments(&storage.settings)), ("s3", json!({"bucket": "b", "key": "k"})));
    assert_eq!(configuration.moved()[0].to, "module.pool[\"a\"]");
    assert_eq!((configuration.removed()[0].from.as_str(), configuration.removed()[0].destroy), ("module.gone", false));
    assert_eq!(configuration.imports()[0].to, "module.pool.aws_cognito_user_pool.pool[0]");
    assert_eq!(configuration.near_misses()[0].source, "./vendored");
    assert!(configuration.near_misses()[0].entered);
    assert_eq!(configuration.resources()[0].reads, ["module.pool"]);
    assert!(!configuration.variables().iter().any(|variable| variable.given));
}

#[test]
fn outputs_keep_secrets_to_themselves() {
    let text = "variable \"s\" {\n default = \"x\"\n sensitive = true\n}\noutput \"bare\" { value = [var.s] }\noutput \"marked\" {\n value = \"a${var.s}\"\n sensitive = true\n description = \"d\"\n}\noutput \"length\" { value = nonsensitive(length(var.s)) }";
    let files = Memory::new(&[("main.tf", text)]);
    let (configuration, _) = load(&files, Path::new(""), Inputs::default());
    let (outputs, diagnostics) = configuration.outputs(None, &nothing);
    assert!(said(&configuration, &diagnostics).starts_with("main.tf:5:1: Output refers to sensitive values"));
    assert_eq!(outputs.len(), 2);
    assert!(outputs[0].sensitive && outputs[0].value.sensitive && !is_reported(&outputs[0].value));
    assert_eq!(format!("{:?}", outputs[0].value), "(sensitive)");
}
