//! `-target` over resources and modules, as Terraform takes it: with what is needed, and to destroy, with what needs it.

use crate::command::Folder;

const ROOT: &str = r#"
module "auth" {
  source = "./auth"
  count  = 1
}
resource "aws_cognito_user_pool" "other" {
  name = "other"
}
resource "aws_cognito_user_group" "staff" {
  for_each     = toset(["a", "b"])
  name         = each.key
  user_pool_id = aws_cognito_user_pool.other.id
}
resource "aws_cognito_user" "anna" {
  user_pool_id   = aws_cognito_user_pool.other.id
  username       = "anna"
  message_action = "SUPPRESS"
}
resource "aws_cognito_user_in_group" "anna" {
  user_pool_id = aws_cognito_user_pool.other.id
  username     = aws_cognito_user.anna.username
  group_name   = aws_cognito_user_group.staff["a"].name
}
"#;

const AUTH: &str = r#"
resource "aws_cognito_user_pool" "this" {
  name = "inner"
}
resource "aws_cognito_user_pool_client" "web" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.this.id
}
"#;

fn root(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("main.tf", ROOT);
    std::fs::create_dir(folder.0.join("auth")).unwrap();
    folder.write("auth/main.tf", AUTH);
    folder
}

/// The addresses that a plan changes.
fn changed(plan: &str) -> Vec<String> {
    let lines = plan.lines().filter(|line| line.contains(" will be "));
    let mut found: Vec<String> = lines.filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)).collect();
    found.sort();
    found
}

#[test]
fn a_target_takes_what_is_in_it_and_what_it_needs() {
    let folder = root("targets");
    let inner = ["module.auth[0].aws_cognito_user_pool.this", "module.auth[0].aws_cognito_user_pool_client.web"];
    let pool = "aws_cognito_user_pool.other";
    let groups = ["aws_cognito_user_group.staff[\"a\"]", "aws_cognito_user_group.staff[\"b\"]"];
    for (target, expected) in [
        ("module.auth", &inner[..]),
        ("module.auth[0]", &inner),
        ("module.auth[0].aws_cognito_user_pool_client.web", &inner),
        ("module.auth[0].aws_cognito_user_pool.this", &inner[..1]),
        (pool, &[pool]),
        ("aws_cognito_user_group.staff", &[groups[0], groups[1], pool]),
        ("aws_cognito_user_group.staff[\"b\"]", &[groups[1], pool]),
        (
            "aws_cognito_user_in_group.anna",
            &["aws_cognito_user.anna", groups[0], groups[1], "aws_cognito_user_in_group.anna", pool],
        ),
    ] {
        let plan = folder.run(&["plan", "-local", &format!("-target={target}")]).exits(0);
        assert_eq!(changed(&plan.stdout()), expected, "{target}");
    }
    let refused = folder.run(&["plan", "-local", "-target=module.aut"]).exits(1).stderr();
    assert!(refused.contains("No such address") && refused.contains("Did you mean module.auth"), "{refused}");
}

#[test]
fn what_is_destroyed_takes_along_what_needs_it() {
    let folder = root("targets-destroyed");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let plan = folder.run(&["plan", "-local", "-destroy", "-target=aws_cognito_user_group.staff[\"a\"]"]).exits(0);
    assert_eq!(changed(&plan.stdout()), ["aws_cognito_user_group.staff[\"a\"]", "aws_cognito_user_in_group.anna"]);
    folder.run(&["destroy", "-local", "-auto-approve", "-target=aws_cognito_user_pool.other"]).exits(0);
    let left = folder.run(&["plan", "-local", "-destroy"]).exits(0);
    assert_eq!(
        changed(&left.stdout()),
        ["module.auth[0].aws_cognito_user_pool.this", "module.auth[0].aws_cognito_user_pool_client.web"]
    );
    folder.run(&["destroy", "-local", "-auto-approve", "-target=module.auth"]).exits(0);
    // The rest comes again.
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}
