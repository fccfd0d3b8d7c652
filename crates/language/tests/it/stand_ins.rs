//! Stand-ins beyond the cases of `tests/resources/cases`.

use std::path::Path;

use poolform_language::{Inputs, StandIns, VariableSource, load};
use poolform_value::Value;
use serde_json::{Value as Json, json};

use crate::memory::Memory;
use crate::roots::{plain, said};
use crate::table::Table;

fn nothing(_: &str, _: &str) -> Option<Value> {
    None
}

fn made_up() -> Option<StandIns> {
    Some(StandIns { account: "000000000000".into(), region: "us-east-1".into(), partition: "aws".into() })
}

/// The outputs, the references that have stand-ins, and what is said.
fn outputs(files: &[(&str, &str)], inputs: Inputs<'_>) -> (Json, Vec<String>, String) {
    let memory = Memory::new(files);
    let (configuration, mut diagnostics) = load(&memory, Path::new(""), inputs);
    let (outputs, found) = configuration.outputs(None, &nothing);
    diagnostics.extend(found);
    let values = outputs.iter().map(|output| (output.name.clone(), plain(&output.value)));
    let values = values.collect::<serde_json::Map<_, _>>().into();
    let used = configuration.stand_ins().into_iter().map(|it| it.reference).collect();
    (values, used, said(&configuration, &diagnostics))
}

const DRAWN: &str = r#"
resource "random_string" "digits" {
  length  = 5000
  lower   = false
  upper   = false
  special = false
}
resource "random_password" "all" {
  length = 4
}
resource "random_string" "none" {
  length  = 3
  lower   = false
  upper   = false
  special = false
  number  = false
}
resource "random_integer" "n" {
  min = 10
  max = 12
}
resource "random_id" "i" {
  byte_length = 3
  prefix      = "p-"
}
resource "random_uuid" "u" {
  count = 2
}
output "digits" { value = length(regexall("[0-9]", random_string.digits.result)) }
output "all" { value = [for class in ["[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"] : nonsensitive(length(regexall(class, random_password.all.result)))] }
output "none" { value = length(random_string.none.result) }
output "n" { value = contains([10, 11, 12], random_integer.n.result) }
output "i" { value = [length(random_id.i.hex), startswith(random_id.i.b64_url, "p-")] }
output "u" { value = random_uuid.u[0].result == random_uuid.u[1].result }
"#;

#[test]
fn what_is_drawn_is_as_it_was_asked_for() {
    let (values, _, said) = outputs(&[("main.tf", DRAWN)], Inputs { stand_ins: made_up(), ..Inputs::default() });
    assert_eq!(said, "");
    assert_eq!(values, json!({"digits": 4096, "all": [1, 1, 1, 1], "none": 3, "n": true, "i": [8, true], "u": false}));
}

#[test]
fn stand_ins_stay_and_are_none_without_being_asked_for() {
    let text = "resource \"random_string\" \"s\" {\n length = 8\n}\nresource \"aws_lb\" \"l\" {}\noutput \"o\" { value = [random_string.s.result, aws_lb.l.arn, aws_lb.l.dns_name] }\noutput \"v\" { value = var.v }\nvariable \"v\" {}";
    let files = [("main.tf", text)];
    let with = || outputs(&files, Inputs { stand_ins: made_up(), ..Inputs::default() });
    assert_eq!(with(), with());
    let (values, used, said) = outputs(&files, Inputs::default());
    assert_eq!(values, json!({"o": ["<random_string.s.result>", "<aws_lb.l.arn>", "<aws_lb.l.dns_name>"]}));
    assert!(used.is_empty() && said.contains("No value for required variable"), "{said}");
}

#[test]
fn what_the_caller_gives_has_no_stand_in() {
    let text = r#"
module "pool" {
  source = "mineiros-io/cognito-user-pool/aws"
}
module "pools" {
  source   = "mineiros-io/cognito-user-pool/aws"
  for_each = toset(["a"])
}
module "copy" {
  source = "./copy"
}
resource "aws_cognito_user_pool" "p" {
  name = "x"
}
locals { pool = module.pool }
output "own" { value = [aws_cognito_user_pool.p.id, "${aws_cognito_user_pool.p.endpoint}/x", jsonencode(aws_cognito_user_pool.p.arn)] }
output "module" { value = [module.pool.user_pool.id, local.pool.domain, module.pools["a"].user_pool.id] }
output "each" { value = { for key, pool in module.pools : key => pool.issuer } }
output "copy" { value = module.copy.user_pool }
"#;
    let (memory, table) =
        (Memory::new(&[("main.tf", text), ("copy/main.tf", "output \"user_pool\" { value = 1 }")]), Table::read());
    let inputs = Inputs {
        schemas: &table,
        built_in: &|source| source.starts_with("mineiros-io/"),
        stand_ins: made_up(),
        ..Inputs::default()
    };
    let (mut configuration, _) = load(&memory, Path::new(""), inputs);
    configuration.take_for_foreign(&["./copy".to_owned()].into());
    let (outputs, found) = configuration.outputs(None, &nothing);
    assert_eq!(said(&configuration, &found), "");
    let values: Vec<Json> = outputs.iter().map(|output| plain(&output.value)).collect();
    assert_eq!(
        values,
        [
            json!([
                "<aws_cognito_user_pool.p.id>",
                "<aws_cognito_user_pool.p.endpoint>",
                "<aws_cognito_user_pool.p.arn>"
            ]),
            json!(["<module.pool.user_pool.id>", "<module.pool.domain>", "<module.pools[\"a\"].user_pool.id>"]),
            json!({"a": "<module.pools[\"a\"].issuer>"}),
            json!("<module.copy.user_pool>"),
        ]
    );
    assert!(configuration.stand_ins().is_empty());
}

#[test]
fn what_is_given_goes_before() {
    let text = "resource \"aws_lb\" \"a\" {}\nresource \"aws_lb\" \"b\" {}\nvariable \"v\" {}\nmodule \"m\" { source = \"acme/m/aws\" }\noutput \"o\" { value = [aws_lb.a.dns_name, aws_lb.b.dns_name, var.v, module.m.x.y, module.m.x.z] }";
    let state = json!({"values": {"root_module": {"resources": [
        {"mode": "managed", "type": "aws_lb", "name": "b", "values": {"dns_name": "recorded"}}
    ]}}});
    let inputs = Inputs {
        settings: vec!["aws_lb.a.dns_name=\"set\"".into(), "module.m.x.y=1".into()],
        terraform_state: Some(state),
        variables: vec![VariableSource::Argument("v=given".into())],
        stand_ins: made_up(),
        ..Inputs::default()
    };
    let (values, used, said) = outputs(&[("main.tf", text)], inputs);
    assert_eq!(said, "");
    assert_eq!(values, json!({"o": ["set", "recorded", "given", 1, "stand-in-for-module.m.x.z"]}));
    assert_eq!(used, ["module.m.x.z"]);
}

#[test]
fn number_of_instances_is_never_made_up() {
    let text = "module \"m\" { source = \"acme/m/aws\" }\nresource \"aws_cognito_user_pool\" \"p\" {\n for_each = module.m.names\n name = each.key\n}\nresource \"aws_cognito_user_pool\" \"q\" {\n count = length(module.m.others)\n name = \"q\"\n}";
    let (memory, table) = (Memory::new(&[("main.tf", text)]), Table::read());
    let inputs = Inputs { schemas: &table, stand_ins: made_up(), ..Inputs::default() };
    let (configuration, _) = load(&memory, Path::new(""), inputs);
    let (instances, found) = configuration.resource_instances(&|_| true, &nothing);
    let words = said(&configuration, &found);
    assert!(instances.is_empty(), "{instances:?}");
    for reference in ["module.m.names", "module.m.others"] {
        assert!(words.contains(&format!("-set '{reference}=…'")), "{words}");
    }
}

#[test]
fn files_are_read_as_data_sources_say() {
    let text = "data \"local_file\" \"f\" {\n filename = \"${path.module}/text.txt\"\n}\ndata \"archive_file\" \"z\" {\n type = \"zip\"\n output_path = \"${path.module}/f.zip\"\n}\noutput \"o\" { value = [data.local_file.f.content, data.local_file.f.content_base64, data.archive_file.z.output_path, data.local_file.f.id] }";
    let (values, _, said) = outputs(&[("main.tf", text), ("text.txt", "hi")], Inputs::default());
    assert_eq!(said, "");
    assert_eq!(values, json!({"o": ["hi", "aGk=", "./f.zip", "<data.local_file.f.id>"]}));
}

#[test]
fn what_is_set_is_found_in_loops_and_splats_too() {
    let text = r#"
resource "aws_lambda_function" "f" {
  for_each      = toset(["a", "b"])
  function_name = each.key
}
resource "aws_cognito_user_pool" "p" {
  name = "x"
}
module "m" {
  source = "acme/m/aws"
  count  = 1
}
output "splat" { value = values(aws_lambda_function.f)[*].arn }
output "each" { value = [for m in module.m : m.deep.inner.x] }
output "pools" { value = [for p in [aws_cognito_user_pool.p] : p.id] }
"#;
    let (memory, table) = (Memory::new(&[("main.tf", text)]), Table::read());
    let settings = [
        "aws_lambda_function.f[\"a\"].arn=\"set\"",
        "module.m[0].deep.inner.x=\"deep\"",
        "aws_cognito_user_pool.p.id=\"pool\"",
    ];
    let inputs = Inputs { schemas: &table, settings: settings.map(str::to_owned).to_vec(), ..Inputs::default() };
    let (configuration, _) = load(&memory, Path::new(""), inputs);
    let (outputs, found) = configuration.outputs(None, &nothing);
    assert_eq!(said(&configuration, &found), "");
    let values: Vec<Json> = outputs.iter().map(|output| plain(&output.value)).collect();
    let wanted = [json!(["set", "<aws_lambda_function.f[\"b\"].arn>"]), json!(["deep"]), json!(["pool"])];
    assert_eq!(values, wanted);
}
