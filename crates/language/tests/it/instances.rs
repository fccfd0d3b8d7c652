//! What is told of a wanted resource besides its body.

use std::path::Path;

use poolform_language::{IgnoreChanges, Inputs, ResourceInstance, load};
use poolform_value::{Content, Value};
use serde_json::json;

use crate::memory::Memory;
use crate::roots::{plain, said};
use crate::table::Table;

fn nothing(_: &str, _: &str) -> Option<Value> {
    None
}

/// The instances in a root of one file, and what is said, with places.
fn instances(files: &[(&str, &str)]) -> (Vec<ResourceInstance>, String) {
    let (memory, table) = (Memory::new(files), Table::read());
    let inputs = Inputs { schemas: &table, ..Inputs::default() };
    let (configuration, mut diagnostics) = load(&memory, Path::new(""), inputs);
    let (instances, found) = configuration.resource_instances(&|kind| kind.starts_with("aws_cognito"), &nothing);
    diagnostics.extend(found);
    let said = said(&configuration, &diagnostics);
    (instances, said)
}

const META: &str = r#"
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_cognito_user_pool" "p" {
  count      = 1
  provider   = aws.us
  name       = "x"
  depends_on = [aws_lambda_function.f, module.m]
  lifecycle {
    ignore_changes        = [schema, tags["owner"], password_policy[0].minimum_length, "name", lambda_config.0.pre_sign_up]
    prevent_destroy       = true
    create_before_destroy = "true"
    replace_triggered_by  = [aws_lambda_function.f.arn, aws_lambda_function.f]
  }
  provisioner "local-exec" {
    command = "echo"
  }
  connection {
    host = "x"
  }
}
resource "aws_cognito_user_pool" "q" {
  name = "q"
  lifecycle {
    ignore_changes = all
  }
}
resource "aws_lambda_function" "f" {
  provisioner "local-exec" {
    command = nothing.here
  }
}
module "m" {
  source    = "./m"
  providers = { aws = aws.us }
}
"#;

#[test]
fn meta_arguments_are_told() {
    let inner = "resource \"aws_cognito_user_pool\" \"in\" {\n name = \"in\"\n}\n";
    let (instances, said) = instances(&[("main.tf", META), ("m/main.tf", inner)]);
    assert_eq!(
        said,
        "main.tf:20:3: Provisioner passed over - poolform runs no provisioners: what this one does is left out."
    );
    let [p, q, inner] = instances.as_slice() else { panic!("{instances:?}") };
    assert_eq!(
        (p.address.as_str(), p.resource_type.as_str(), p.name.as_str()),
        ("aws_cognito_user_pool.p[0]", "aws_cognito_user_pool", "p")
    );
    assert_eq!(p.depends_on, ["aws_lambda_function.f", "module.m"]);
    assert_eq!(plain(&p.provider.arguments["region"]), json!("us-east-1"));
    assert_eq!(plain(&q.provider.arguments["region"]), json!("eu-west-1"));
    assert_eq!(plain(&inner.provider.arguments["region"]), json!("us-east-1"));
    assert_eq!(inner.address, "module.m.aws_cognito_user_pool.in");
    let IgnoreChanges::Paths(paths) = &p.lifecycle.ignore_changes else { panic!("{:?}", p.lifecycle) };
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    assert_eq!(
        paths,
        ["schema", "tags[\"owner\"]", "password_policy[0].minimum_length", "name", "lambda_config[0].pre_sign_up"]
    );
    assert!(p.lifecycle.prevent_destroy && p.lifecycle.create_before_destroy);
    assert_eq!(p.lifecycle.replace_triggered_by, ["aws_lambda_function.f.arn", "aws_lambda_function.f"]);
    assert_eq!(q.lifecycle.ignore_changes, IgnoreChanges::All);
}

#[test]
fn meta_arguments_are_read_in_json() {
    let text = r#"{
  "provider": {"aws": [{"alias": "us", "region": "us-east-1"}]},
  "resource": {"aws_cognito_user_pool": {"p": {
    "name": "x", "provider": "aws.us", "for_each": {"k": 1}, "depends_on": ["aws_x.y"],
    "lifecycle": {"ignore_changes": ["tags[\"owner\"]", "schema"], "prevent_destroy": true}
  }, "q": {"name": "q", "lifecycle": {"ignore_changes": "all"}}}}
}"#;
    let (instances, said) = instances(&[("main.tf.json", text)]);
    assert_eq!(said, "");
    let [p, q] = instances.as_slice() else { panic!("{instances:?}") };
    assert_eq!(p.address, "aws_cognito_user_pool.p[\"k\"]");
    assert_eq!(plain(&p.provider.arguments["region"]), json!("us-east-1"));
    assert_eq!(p.depends_on, ["aws_x.y"]);
    let IgnoreChanges::Paths(paths) = &p.lifecycle.ignore_changes else { panic!("{:?}", p.lifecycle) };
    assert_eq!(paths.iter().map(ToString::to_string).collect::<Vec<_>>(), ["tags[\"owner\"]", "schema"]);
    assert!(p.lifecycle.prevent_destroy);
    assert_eq!(q.lifecycle.ignore_changes, IgnoreChanges::All);
}

#[test]
fn a_wrong_provider_is_placed() {
    let text = "resource \"aws_cognito_user_pool\" \"p\" {\n name = \"x\"\n provider = aws.nobody\n}\nresource \"aws_cognito_user_pool\" \"q\" {\n name = \"x\"\n provider = 5\n}";
    let (_, said) = instances(&[("main.tf", text)]);
    assert!(said.contains("main.tf:3:13: Reference to undeclared provider"), "{said}");
    assert!(said.contains("main.tf:7:13: Invalid provider configuration reference"), "{said}");
}

#[test]
fn values_know_where_they_stand_and_what_is_secret() {
    let text = "variable \"v\" {\n default = { a = \"s\" }\n sensitive = true\n}\nresource \"aws_cognito_user_pool\" \"p\" {\n name = \"x\"\n password_policy {\n  minimum_length = 8\n }\n dynamic \"schema\" {\n  for_each = var.v\n  content {\n   name = \"n\"\n   attribute_data_type = schema.value\n  }\n }\n tags = var.v\n}";
    let files = [("main.tf", text)];
    let (memory, table) = (Memory::new(&files), Table::read());
    let inputs = Inputs { schemas: &table, ..Inputs::default() };
    let (configuration, _) = load(&memory, Path::new(""), inputs);
    let (instances, _) = configuration.resource_instances(&|_| true, &nothing);
    let body = instances[0].body.members().expect("an object");
    let place = |span: &Option<poolform_value::Span>| {
        span.as_ref().map(|span| configuration.sources().position(span)).expect("a place")
    };
    assert_eq!(place(&body["name"].name_span), (6, 2));
    assert_eq!(place(&body["name"].span), (6, 9));
    let policy = &body["password_policy"];
    assert_eq!(place(&policy.name_span), (7, 2));
    let first = &policy.items().expect("a block")[0];
    assert_eq!(place(&first.span), (7, 2));
    assert_eq!(place(&first.members().expect("an object")["minimum_length"].name_span), (8, 3));
    let schema = &body["schema"].items().expect("blocks")[0];
    assert!(schema.members().expect("an object").values().all(|member| member.sensitive));
    assert!(body["tags"].sensitive && matches!(body["tags"].content, Content::Map(..)));
    assert_eq!(place(&Some(instances[0].span.clone())), (5, 1));
}

#[test]
fn what_does_not_fit_is_placed_in_the_value() {
    let text = "resource \"aws_cognito_user_pool\" \"p\" {\n name = \"x\"\n alias_attributes = [\n  \"email\",\n  { a = 1 },\n ]\n tags = local.tags\n}\nlocals {\n tags = {\n  b = [1]\n }\n}";
    let (_, said) = instances(&[("main.tf", text)]);
    for place in ["main.tf:5:3", "main.tf:11:3"] {
        assert!(said.contains(&format!("{place}: Incorrect attribute value type")), "{said}");
    }
}

#[test]
fn only_what_is_wanted_is_evaluated() {
    let root = "resource \"aws_cognito_user_pool\" \"p\" {\n name = \"x\"\n}\nresource \"aws_cognito_user_group\" \"g\" {\n nmae = nothing.here\n}\nresource \"x\" \"y\" {\n count = nothing.here\n}\nmodule \"m\" {\n source = \"./m\"\n count = nothing.here\n}";
    let files = [("main.tf", root), ("m/main.tf", "resource \"x\" \"y\" {}")];
    let (memory, table) = (Memory::new(&files), Table::read());
    let inputs = Inputs { schemas: &table, ..Inputs::default() };
    let (configuration, _) = load(&memory, Path::new(""), inputs);
    let (instances, diagnostics) = configuration.resource_instances(&|kind| kind == "aws_cognito_user_pool", &nothing);
    assert_eq!((instances.len(), diagnostics.is_empty()), (1, true));
}

#[test]
fn many_resources_stay_fast() {
    let mut root = String::new();
    for number in 0..1500 {
        root.push_str(&format!(
            "resource \"aws_cognito_user_pool\" \"p{number}\" {{\n  name = \"p{number}\"\n}}\nresource \"aws_cognito_user_pool_client\" \"c{number}\" {{\n  name = aws_cognito_user_pool.p{number}.name\n  user_pool_id = aws_cognito_user_pool.p{number}.id\n}}\n"
        ));
    }
    root.push_str("resource \"aws_cognito_user_group\" \"g\" {\n  count = 3000\n  name = \"g${count.index}\"\n  user_pool_id = aws_cognito_user_pool.p1.id\n}\n");
    let started = std::time::Instant::now();
    let (instances, said) = instances(&[("main.tf", &root)]);
    assert_eq!((instances.len(), said.as_str()), (6000, ""));
    // A debug build takes a few seconds; what is quadratic takes minutes.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}
