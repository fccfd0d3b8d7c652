//! Users that the files declare: what the plan refuses of them, and what a pool is said to lose with them.

use crate::command::Folder;

fn root(policy: &str, user: &str) -> String {
    format!(
        "resource \"aws_cognito_user_pool\" \"p\" {{\n  name = \"orders\"\n  schema {{\n    name = \"team\"\n    \
         attribute_data_type = \"String\"\n    string_attribute_constraints {{}}\n  }}\n{policy}}}\n\
         resource \"aws_cognito_user\" \"anna\" {{\n  user_pool_id = aws_cognito_user_pool.p.id\n  username = \"anna\"\n  \
         message_action = \"SUPPRESS\"\n{user}}}\n"
    )
}

#[test]
fn the_plan_refuses_what_the_pool_does_not_take_of_a_user() {
    let policy = "  password_policy {\n    minimum_length = 10\n    require_numbers = true\n  }\n";
    for (policy, user, said) in [
        (
            "",
            "  attributes = {\n    team = \"web\"\n    role = \"lead\"\n  }\n",
            &[
                "error: Unknown attribute",
                "main.tf:15:5",
                "\"role\" does not exist in a pool that is new",
                "schema block",
            ][..],
        ),
        (
            policy,
            "  temporary_password = \"short\"\n",
            &["error: Password against the policy", "main.tf:", "10 characters, a digit", "change password_policy"],
        ),
        (policy, "  password = \"long enough, bare\"\n", &["asks for: a digit."]),
        ("", "  password = \"longenough\"\n", &["an upper-case letter, a digit, a symbol"]),
    ] {
        let folder = Folder::new("declared-refused");
        folder.write("main.tf", &root(policy, user));
        let refused = folder.run(&["plan", "-local"]).exits(1).stderr();
        assert!(said.iter().all(|said| refused.contains(said)), "{refused}");
    }
}

#[test]
fn a_password_counts_when_the_user_is_made() {
    let folder = Folder::new("declared-later");
    folder.write("main.tf", &root("", "  password = \"Enough-for-8\"\n"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write(
        "main.tf",
        &root("  password_policy {\n    minimum_length = 30\n  }\n", "  password = \"Enough-for-8\"\n"),
    );
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    // An attribute of a pool that is there.
    folder.write("main.tf", &root("", "  attributes = {\n    role = \"lead\"\n  }\n"));
    let refused = folder.run(&["plan", "-local"]).exits(1).stderr();
    assert!(refused.contains("\"role\" does not exist in this pool"), "{refused}");
}

#[test]
fn declared_users_are_counted_among_what_is_lost() {
    let folder = Folder::new("declared-stake");
    folder.write("main.tf", &root("", ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let plan = folder.run(&["plan", "-local", "-destroy"]).exits(0);
    let said = plan.stdout().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the pool \"orders\" with 1 user, who is declared, 0 app clients"), "{said}");
    folder.run(&["destroy", "-local", "-auto-approve"]).exits(0);
}
