//! `replace_triggered_by`: what changes replaces what names it.

use crate::command::Folder;

fn root(description: &str, callback: &str) -> String {
    format!(
        r#"
resource "aws_cognito_user_pool" "p" {{
  name = "orders"
}}
resource "aws_cognito_user_group" "source" {{
  name         = "source"
  description  = "{description}"
  user_pool_id = aws_cognito_user_pool.p.id
}}
resource "aws_cognito_user_group" "follows" {{
  for_each     = toset(["a", "b"])
  name         = each.key
  user_pool_id = aws_cognito_user_pool.p.id
  lifecycle {{
    replace_triggered_by = [aws_cognito_user_group.source.description]
  }}
}}
resource "aws_cognito_user_group" "next" {{
  name         = "next"
  user_pool_id = aws_cognito_user_pool.p.id
  lifecycle {{
    replace_triggered_by = [aws_cognito_user_group.follows["a"].id, terraform_data.version]
  }}
}}
resource "terraform_data" "version" {{
  input = 1
}}
resource "aws_cognito_user_pool_client" "web" {{
  name          = "web"
  user_pool_id  = aws_cognito_user_pool.p.id
  callback_urls = ["{callback}"]
}}
resource "aws_cognito_user_pool_client" "machine" {{
  name         = "machine"
  user_pool_id = aws_cognito_user_pool.p.id
  lifecycle {{
    replace_triggered_by = [aws_cognito_user_pool_client.web]
  }}
}}
"#
    )
}

/// Addresses that a plan replaces.
fn replaced(plan: &str) -> Vec<&str> {
    let lines = plan.lines().filter(|line| line.contains("replaced"));
    lines.filter_map(|line| line.split_whitespace().find(|word| word.starts_with("aws_"))).collect()
}

#[test]
fn a_change_replaces_what_names_it() {
    let folder = Folder::new("triggered");
    folder.write("main.tf", &root("one", "https://a.example"));
    let applied = folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let said = applied.stderr();
    assert!(said.contains("Trigger that is not watched") && said.contains("names terraform_data.version"), "{said}");
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    folder.write("main.tf", &root("two", "https://a.example"));
    let plan = folder.run(&["plan", "-local"]).exits(0).stdout();
    assert_eq!(
        replaced(&plan),
        [
            "aws_cognito_user_group.follows[\"a\"]",
            "aws_cognito_user_group.follows[\"b\"]",
            "aws_cognito_user_group.next"
        ],
        "{plan}"
    );
    let words = plan.split(['#', ' ', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    assert!(words.contains("because aws_cognito_user_group.source.description changes"), "{plan}");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}

#[test]
fn what_apps_hold_the_id_of_is_replaced_only_when_it_is_named() {
    let folder = Folder::new("triggered-named");
    folder.write("main.tf", &root("one", "https://a.example"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &root("one", "https://b.example"));
    let refused = folder.run(&["plan", "-local"]).exits(1).stderr();
    for said in [
        "main.tf:33:1",
        "because aws_cognito_user_pool_client.web changes",
        "-allow-replace='aws_cognito_user_pool_client.machine'",
    ] {
        assert!(refused.contains(said), "no {said} in {refused}");
    }
    let allowed = "-allow-replace=aws_cognito_user_pool_client.machine";
    let plan = folder.run(&["plan", "-local", allowed]).exits(0).stdout();
    assert_eq!(replaced(&plan), ["aws_cognito_user_pool_client.machine"], "{plan}");
    folder.run(&["apply", "-local", "-auto-approve", allowed]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}

#[test]
fn a_pool_is_replaced_only_when_it_is_named() {
    let root = |subject: &str| {
        format!(
            "resource \"aws_cognito_user_pool\" \"a\" {{\n  name = \"a\"\n  email_verification_subject = \"{subject}\"\n}}\n\
             resource \"aws_cognito_user_pool\" \"b\" {{\n  name = \"b\"\n  lifecycle {{\n    replace_triggered_by = \
             [aws_cognito_user_pool.a]\n  }}\n}}\n"
        )
    };
    let folder = Folder::new("triggered-pool");
    folder.write("main.tf", &root("one"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &root("two"));
    let refused = folder.run(&["plan", "-local"]).exits(1).stderr();
    assert!(refused.contains("-allow-replace='aws_cognito_user_pool.b'"), "{refused}");
    let allowed = "-allow-replace=aws_cognito_user_pool.b";
    assert_eq!(replaced(&folder.run(&["plan", "-local", allowed]).exits(0).stdout()), ["aws_cognito_user_pool.b"]);
    folder.run(&["apply", "-local", "-auto-approve", allowed]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}
