//! Data sources over Cognito: what they name that is in the root is in `fixtures/roots/data-of-cognito`; here is what is only
//! there.

use serde_json::json;

use crate::command::{Folder, Server, client_of};
use crate::safety::call;

fn provider(port: u16) -> String {
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n  access_key = \"a\"\n  secret_key = \"b\"\n  endpoints {{\n    \
         cognitoidp = \"http://127.0.0.1:{port}\"\n  }}\n}}\n"
    )
}

/// Another team's pool and its parts, and what a root says of them.
const OTHER_POOLS: &str = r#"
data "aws_cognito_user_pools" "shared" {
  name = "shared"
}
data "aws_cognito_user_pool" "shared" {
  user_pool_id = data.aws_cognito_user_pools.shared.ids[0]
}
data "aws_cognito_user_pool_clients" "shared" {
  user_pool_id = data.aws_cognito_user_pool.shared.id
}
data "aws_cognito_user_pool_client" "app" {
  user_pool_id = data.aws_cognito_user_pool.shared.id
  client_id    = data.aws_cognito_user_pool_clients.shared.client_ids[0]
}
data "aws_cognito_user_groups" "shared" {
  user_pool_id = data.aws_cognito_user_pool.shared.id
}
data "aws_cognito_user_group" "staff" {
  user_pool_id = data.aws_cognito_user_pool.shared.id
  name         = "staff"
}
resource "aws_cognito_user_pool" "own" {
  name = "beside-${data.aws_cognito_user_pool.shared.name}"
}
output "told" {
  value = {
    arns    = data.aws_cognito_user_pools.shared.arns
    clients = data.aws_cognito_user_pool_clients.shared.client_names
    flows   = data.aws_cognito_user_pool_client.app.explicit_auth_flows
    groups  = data.aws_cognito_user_groups.shared.groups[*].group_name
    rank    = data.aws_cognito_user_group.staff.precedence
  }
}
"#;

#[test]
fn data_sources_find_what_is_there() {
    let folder = Folder::new("data-there");
    let (port, _server) = Server::serve(&Folder::new("data-there-served"), &["-in-memory"]);
    let cognito = client_of(port, "us-east-1");
    let made = call(&cognito, "CreateUserPool", json!({"PoolName": "shared"}))["UserPool"].clone();
    let id = &made["Id"];
    let client = json!({"UserPoolId": id, "ClientName": "app", "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]});
    call(&cognito, "CreateUserPoolClient", client);
    call(&cognito, "CreateGroup", json!({"UserPoolId": id, "GroupName": "staff", "Precedence": 7}));
    folder.write("main.tf", &(provider(port) + OTHER_POOLS));
    let planned = folder.run(&["plan"]).exits(0);
    assert!(planned.stdout().contains("name                = \"beside-shared\""), "{}", planned.stdout());
    folder.run(&["apply", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-detailed-exitcode"]).exits(0);
    let told = folder.run(&["output", "-json", "told"]).exits(0).stdout();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let expected = json!({
        "arns": [made["Arn"]], "clients": ["app"], "flows": ["ALLOW_REFRESH_TOKEN_AUTH"], "groups": ["staff"], "rank": 7,
    });
    assert_eq!(told, expected);
}

#[test]
fn what_is_nowhere_is_an_error_but_on_the_own_machine() {
    let folder = Folder::new("data-nowhere");
    let (port, _server) = Server::serve(&Folder::new("data-nowhere-served"), &["-in-memory"]);
    folder.write("main.tf", &(provider(port) + OTHER_POOLS));
    let refused = folder.run(&["plan"]).exits(1).stderr();
    for said in [
        "error: Data source that finds nothing",
        "main.tf:10:1",
        "data.aws_cognito_user_pools.shared names what has name \"shared\"",
        "-set 'data.aws_cognito_user_pools.shared.ids=…'",
    ] {
        assert!(refused.contains(said), "no {said} in {refused}");
    }
    let local = folder.run(&["plan", "-local"]).exits(0).stderr();
    assert!(local.contains("warning: Data source that finds nothing"), "{local}");
    // What is given is not asked for.
    let set = "-set=data.aws_cognito_user_pools.shared.ids=[\"us-east-1_a\"]";
    let given = folder.run(&["plan", set]).exits(1).stderr();
    assert!(given.contains("data.aws_cognito_user_pool.shared names what has user_pool_id"), "{given}");
    assert!(!given.contains("data.aws_cognito_user_pools.shared names"), "{given}");
}

#[test]
fn a_data_source_has_the_arguments_of_its_type() {
    let folder = Folder::new("data-arguments");
    let data = "data \"aws_cognito_user_pools\" \"p\" {\n  id = \"orders\"\n}\nresource \"aws_cognito_user_pool\" \"p\" {\n  name = \"p\"\n}\n";
    folder.write("main.tf", data);
    let refused = folder.run(&["plan", "-local"]).exits(1).stderr();
    assert!(refused.contains("main.tf:1:1") && refused.contains("The argument \"name\" is required"), "{refused}");
    assert!(refused.contains("main.tf:2:3"), "{refused}");
}
