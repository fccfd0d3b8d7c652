//! `moved`, `removed`, `import` and `check` blocks about resources.

use std::path::Path;

use poolform_language::{Inputs, load};
use poolform_value::Value;
use serde_json::json;

use crate::memory::Memory;
use crate::roots::{plain, said};
use crate::table::Table;

fn nothing(_: &str, _: &str) -> Option<Value> {
    None
}

const ROOT: &str = r#"
moved {
  from = aws_cognito_user_pool.old
  to   = module.auth.aws_cognito_user_pool.this[0]
}
removed {
  from = aws_cognito_user_pool_client.gone
  lifecycle {
    destroy = false
  }
}
import {
  to = aws_cognito_user_pool.p
  id = "${var.region}_abc"
}
import {
  for_each = { web = "1", app = "2" }
  to       = aws_cognito_user_pool_client.c[each.key]
  id       = "${local.pool}/${each.value}"
}
import {
  to = module.auth.aws_cognito_user_pool.this[0]
  id = data.aws_x.y.id
}
import {
  for_each = data.aws_x.y.all
  to       = aws_cognito_user_group.g[each.key]
  id       = each.value
}
variable "region" { default = "eu-west-1" }
locals { pool = "eu-west-1_abc" }
data "aws_x" "y" {}
module "auth" {
  source = "./auth"
}
"#;

const JSON: &str = r#"{
  "moved": [{"from": "aws_cognito_user_pool.a", "to": "aws_cognito_user_pool.b[\"k\"]"}],
  "removed": {"from": "aws_cognito_user_pool.c", "lifecycle": {"destroy": false}},
  "import": {"to": "aws_cognito_user_pool.d", "id": "x-${1 + 1}"}
}"#;

#[test]
fn resources_move_go_and_are_taken_over() {
    let inner = "moved {\n from = aws_cognito_user_pool.x\n to = aws_cognito_user_pool.this\n}";
    let files = Memory::new(&[("main.tf", ROOT), ("more.tf.json", JSON), ("auth/main.tf", inner)]);
    let (configuration, diagnostics) = load(&files, Path::new(""), Inputs::default());
    assert_eq!(said(&configuration, &diagnostics), "");
    let moved = configuration.moved();
    let moved: Vec<(&str, &str, &str)> =
        moved.iter().map(|it| (it.module.as_str(), it.from.as_str(), it.to.as_str())).collect();
    assert_eq!(
        moved,
        [
            ("", "aws_cognito_user_pool.old", "module.auth.aws_cognito_user_pool.this[0]"),
            ("", "aws_cognito_user_pool.a", "aws_cognito_user_pool.b[\"k\"]"),
            ("module.auth", "aws_cognito_user_pool.x", "aws_cognito_user_pool.this"),
        ]
    );
    let removed = configuration.removed();
    let removed: Vec<(&str, bool)> = removed.iter().map(|it| (it.from.as_str(), it.destroy)).collect();
    assert_eq!(removed, [("aws_cognito_user_pool_client.gone", false), ("aws_cognito_user_pool.c", false)]);
    let imports = configuration.imports();
    let imports: Vec<(&str, serde_json::Value)> =
        imports.iter().map(|it| (it.to.as_str(), it.id.as_ref().map_or(json!(null), plain))).collect();
    assert_eq!(
        imports,
        [
            ("aws_cognito_user_pool.p", json!("eu-west-1_abc")),
            ("aws_cognito_user_pool_client.c[\"app\"]", json!("eu-west-1_abc/2")),
            ("aws_cognito_user_pool_client.c[\"web\"]", json!("eu-west-1_abc/1")),
            ("module.auth.aws_cognito_user_pool.this[0]", json!(null)),
            ("aws_cognito_user_group.g", json!(null)),
            ("aws_cognito_user_pool.d", json!("x-2")),
        ]
    );
}

#[test]
fn checks_are_warnings() {
    let root = r#"
resource "aws_cognito_user_pool" "p" {
  name = "x"
}
check "names" {
  data "http" "page" {
    url = "https://orders.example"
  }
  assert {
    condition     = aws_cognito_user_pool.p.name == "y"
    error_message = "The name is ${aws_cognito_user_pool.p.name}."
  }
  assert {
    condition     = data.http.page.status_code == 200
    error_message = "Nobody knows."
  }
  assert {
    condition     = local.nothing
    error_message = "x"
  }
}
"#;
    let json =
        r#"{"check": {"of_json": {"assert": [{"condition": "${1 == 2}", "error_message": "One is not two."}]}}}"#;
    let files = Memory::new(&[("main.tf", root), ("more.tf.json", json)]);
    let table = Table::read();
    let (configuration, diagnostics) = load(&files, Path::new(""), Inputs { schemas: &table, ..Inputs::default() });
    assert_eq!(said(&configuration, &diagnostics), "");
    let found = configuration.checks(&nothing);
    assert!(!found.has_errors());
    let words = said(&configuration, &found);
    let lines: Vec<&str> = words.lines().collect();
    assert_eq!(lines.len(), 3, "{words}");
    assert_eq!(lines[0], "main.tf:10:21: Check block assertion failed - The name is x.");
    assert!(lines[1].starts_with("main.tf:18:21: Reference to undeclared local value"), "{words}");
    assert!(lines[2].starts_with("more.tf.json:1:49: Check block assertion failed - One is not two."), "{words}");
}
