//! What is advised works: each sentence is followed as it stands.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::command::{Folder, fixtures};
use crate::drift::change;
use crate::golden::is_writing;
use crate::replacement::{emulator, id_of};
use crate::safety::{call, pool, pools};

#[test]
fn calls_of_other_modules_are_told_from_those_of_this_one_by_another_address() {
    let folder = Folder::new("near-miss");
    let fork = "git::https://git.orders.example/terraform-aws-cognito-user-pool.git?ref=v1";
    let call = |source: &str| {
        format!("module \"pool\" {{\n  source = \"{source}\"\n  name = \"orders\"\n  mfa_configuration = \"OFF\"\n}}\n")
    };
    folder.write("main.tf", &call(fork));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    let advised = "would be taken for it with source = \"mineiros-io/cognito-user-pool/aws\"";
    assert!(refused.stderr().contains(advised), "{}", refused.stderr());
    folder.write("main.tf", &call("mineiros-io/cognito-user-pool/aws"));
    folder.run(&["plan", "-local"]).exits(0);
    // Another module has other arguments, and would only fail under this one's source.
    let other = "module \"pool\" {\n  source = \"lgallard/cognito-user-pool/aws\"\n  user_pool_name = \"orders\"\n}\n";
    folder.write("main.tf", other);
    let refused = folder.run(&["plan", "-local"]).exits(1);
    let said = refused.stderr();
    assert!(!said.contains("would be taken") && said.contains("the module has no user_pool_name"), "{said}");
}

#[test]
fn a_copy_of_the_module_in_the_root_is_one() {
    let folder = Folder::new("vendored");
    std::fs::create_dir_all(folder.0.join("modules/auth")).unwrap();
    // As the original is: its 69 variables, and its resource.
    let table = std::fs::read_to_string(fixtures().join("variables.md")).unwrap();
    let names = table.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('`').nth(1).unwrap());
    let variables = names.fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "variable \"{name}\" {{\n  default = null\n}}");
        text
    });
    let resource = "resource \"aws_cognito_user_pool\" \"user_pool\" {\n  name = var.name\n}\n";
    folder.write("modules/auth/main.tf", &(variables.clone() + resource));
    let text = pool("  password_minimum_length = 30").replace("mineiros-io/cognito-user-pool/aws", "./modules/auth");
    folder.write("main.tf", &text);
    let planned = folder.run(&["plan", "-local"]).exits(0);
    assert!(
        planned.stderr().contains("Copy of the module") && planned.stdout().contains("= 30"),
        "{}",
        planned.stdout()
    );
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    // A module that hands all of them on to the original is none.
    let wrapper = "module \"inner\" {\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = var.name\n}\n\
                   output \"user_pool\" {\n  value = module.inner.user_pool\n}\n";
    let folder = Folder::new("wrapper");
    std::fs::create_dir_all(folder.0.join("modules/auth")).unwrap();
    folder.write("modules/auth/main.tf", &(variables + wrapper));
    folder.write("main.tf", &text);
    let planned = folder.run(&["plan", "-local"]).exits(0);
    assert!(
        planned.stdout().contains("module.pool.module.inner") && !planned.stderr().contains("Copy of"),
        "{}",
        planned.stderr()
    );
}

#[test]
fn every_piece_of_advice_of_check_is_gone_once_it_is_followed() {
    let folder = Folder::new("check");
    let root = |client: &str, rest: &str| {
        let kept = "  attributes_require_verification_before_update = [\"email\"]";
        pool(&format!("  clients = [{{\n    name = \"web\"\n    {client}\n  }}]\n{kept}\n{rest}"))
    };
    let errors = "prevent_user_existence_errors = \"ENABLED\"";
    let oauth = "allowed_oauth_flows_user_pool_client = true, allowed_oauth_scopes = [\"openid\"], \
                 callback_urls = [\"https://a.example/\"], ";
    let cases = [
        ("User names can be enumerated", root("", ""), root(errors, "")),
        (
            "Tokens in addresses",
            root(&format!("{errors}, {oauth} allowed_oauth_flows = [\"implicit\"]"), ""),
            root(&format!("{errors}, {oauth} allowed_oauth_flows = [\"code\"]"), ""),
        ),
        (
            "Tokens that cannot be revoked",
            root(&format!("{errors}, enable_token_revocation = false"), ""),
            root(errors, ""),
        ),
        (
            "read_attributes = [] is no restriction",
            root(&format!("{errors}, read_attributes = []"), ""),
            root(&format!("{errors}, read_attributes = [\"email\"]"), ""),
        ),
        (
            "write_attributes = [] is no restriction",
            root(&format!("{errors}, write_attributes = []"), ""),
            root(&format!("{errors}, write_attributes = [\"email\"]"), ""),
        ),
        (
            "explicit_auth_flows = [] allows",
            root(&format!("{errors}, explicit_auth_flows = []"), ""),
            root(&format!("{errors}, explicit_auth_flows = [\"ALLOW_USER_SRP_AUTH\"]"), ""),
        ),
        ("Pool without protection", root(errors, "  deletion_protection = false"), root(errors, "")),
        (
            "No second factor",
            root(errors, "  mfa_configuration = \"OFF\""),
            root(errors, "  mfa_configuration = \"OPTIONAL\""),
        ),
        (
            "Short passwords",
            root(errors, "  password_minimum_length = 8"),
            root(errors, "  password_minimum_length = 12"),
        ),
    ];
    for (advice, before, after) in cases {
        let text = |text: String| text.replace(", ", "\n    ");
        folder.write("main.tf", &text(before));
        let found = folder.run(&["check", "-detailed-exitcode"]).exits(2);
        assert!(found.stderr().contains(advice), "{advice}\n{}", found.stderr());
        folder.write("main.tf", &text(after));
        folder.run(&["check", "-detailed-exitcode"]).exits(0);
    }
}

#[test]
fn what_is_impossible_beside_what_is_set_elsewhere_is_refused_whole() {
    let folder = Folder::new("otp-first");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    {
        let cognito = emulator(&folder);
        let id = id_of(&cognito);
        let mut described = call(&cognito, "DescribeUserPool", json!({"UserPoolId": id}));
        let mut policies: Value = described.remove("UserPool").unwrap()["Policies"].clone();
        policies["SignInPolicy"] = json!({"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]});
        change(&cognito, &id, &json!({"Policies": policies}));
    }
    folder.requests();
    folder.write("main.tf", &pool("  mfa_configuration = \"ON\"\n  password_minimum_length = 30"));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains("EMAIL_OTP as a first factor"), "{}", refused.stderr());
    let requests = folder.requests();
    assert!(!requests.iter().any(|each| is_writing(each["operation"].as_str().unwrap())), "{requests:?}");
    folder.write("main.tf", &pool("  mfa_configuration = \"OPTIONAL\"\n  password_minimum_length = 30"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    // A tier that lacks it, too.
    folder.write("main.tf", &pool("  user_pool_tier = \"LITE\"\n  password_minimum_length = 30"));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains("Tier that lacks what the pool has"), "{}", refused.stderr());
    folder.write("main.tf", &pool("  user_pool_tier = \"ESSENTIALS\"\n  password_minimum_length = 30"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
}

#[test]
fn to_apply_again_is_advised_where_that_may_help() {
    let folder = Folder::new("lasting");
    // A role of another account, which nothing but Cognito knows.
    let sms = |account: &str| {
        pool(&format!(
            "  sms_configuration = {{ external_id = \"o\", sns_caller_arn = \"arn:aws:iam::{account}:role/sms\" }}"
        ))
    };
    folder.write("main.tf", &sms("999999999999"));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    let said = refused.stderr();
    assert!(said.contains("Cognito refuses this as it is, and would again") && !said.contains("Apply again"), "{said}");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    // Changed, as it says, it goes on from there.
    folder.write("main.tf", &sms("123456789012"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 1);
}

#[test]
fn an_unresolved_reference_is_supplied_as_it_says() {
    let folder = Folder::new("supplied");
    let lambda = "resource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n}\n";
    folder.write("main.tf", &(pool("  lambda_pre_sign_up = aws_lambda_function.f.arn") + lambda));
    let refused = folder.run(&["plan", "-local", "-stand-ins=false"]).exits(1);
    let said = refused.stderr();
    assert_eq!(said.matches("error:").count(), 1, "{said}");
    let option = said.split("-set '").nth(1).unwrap().split('\'').next().unwrap();
    let supplied = option.replace("EXPRESSION", "\"arn:aws:lambda:us-east-1:123456789012:function:f\"");
    folder.run(&["plan", "-local", "-set", &supplied]).exits(0);
}
