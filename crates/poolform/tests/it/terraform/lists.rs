//! The module's lists, which Terraform knows as `any`: values that are not known yet, values of the pool itself, and
//! everything that is no list of objects.

use super::{DATA, Root, Terraform, terraform};
use crate::canonical::holds_at;

fn root(name: &str, terraform: &Terraform, arguments: &str, rest: &str) -> Root {
    let root = Root::new(name, terraform);
    root.call(arguments, rest);
    root.run(&["get"]).exits(0);
    root
}

#[test]
fn what_is_known_after_the_apply_holds_up_its_own_attribute_alone() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(DATA)) else { return };
    let arguments = r#"
  clients = [
    { name = "web", callback_urls = [terraform_data.site.output], token_validity_units = { access_token = terraform_data.unit.output } },
    { name = "job" },
  ]
  resource_servers = [{ identifier = "api", name = terraform_data.word.output }]
  user_groups      = [{ name = "staff", description = terraform_data.word.output }]
  identity_providers = [{
    provider_name = "Corp"
    provider_type = "OIDC"
    provider_details = {
      client_id                 = terraform_data.word.output
      authorize_scopes          = "openid"
      oidc_issuer               = "https://idp.orders.example"
      attributes_request_method = "GET"
    }
  }]
  schema_attributes = [{ name = "tenant", type = "String", max_length = length(terraform_data.word.output) }]
"#;
    let rest = r#"
variable "word" {
  default = "first"
}
resource "terraform_data" "site" {
  input = "https://${var.word}.orders.example/"
}
resource "terraform_data" "unit" {
  input = "hours"
}
resource "terraform_data" "word" {
  input = var.word
}
"#;
    let root = root("unknown", &terraform, arguments, rest);
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    // What stays the same is not known at plan either, and is no change where nothing can change.
    root.run(&["apply", "-auto-approve", "-var=word=other"]).exits(0);
    let held = holds_at(&root.store());
    assert!(held.to_string().contains("https://other.orders.example/"), "{held}");
    let refused = root.run(&["apply", "-auto-approve", "-var=word=longer"]).exits(1);
    assert!(refused.says("\"tenant\" is there and cannot change: max_length 5 -> 6"), "{}", refused.text);
}

#[test]
fn lists_may_name_what_the_pool_gives() {
    let Some(terraform) = terraform() else { return };
    let arguments = r#"
  clients = [{
    name                                 = "web"
    user_pool_id                         = module.pool.user_pool.id
    callback_urls                        = ["https://${lower(replace(module.pool.user_pool.id, "_", "-"))}.orders.example/"]
    allowed_oauth_flows                  = ["code"]
    allowed_oauth_scopes                 = ["openid"]
    allowed_oauth_flows_user_pool_client = true
    supported_identity_providers         = ["COGNITO"]
  }]
  user_groups = [{ name = "staff", description = module.pool.clients["web"].id }]
"#;
    let root = root("own-values", &terraform, arguments, "");
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
}

#[test]
fn what_is_no_list_of_objects_is_refused_and_deletes_nothing() {
    let Some(terraform) = terraform() else { return };
    let there = "  clients = [{ name = \"web\" }]\n  user_groups = [{ name = \"staff\" }]";
    let root = root("no-lists", &terraform, there, "");
    root.apply().exits(0);
    let before = holds_at(&root.store());
    for (arguments, expected) in [
        ("clients = \"web\"", "Each element of clients must be an object."),
        ("clients = [\"web\"]", "Each element of clients must be an object."),
        ("user_groups = true", "Each element of user_groups must be an object."),
        ("clients = { web = { name = \"web\" } }", "Unknown attribute in clients"),
        ("clients = [{ name = \"web\" }, null]", "clients"),
        ("clients = [{ generate_secret = true }]", "clients"),
        ("clients = [{ name = \"web\", token_validity_units = \"minutes\" }]", "token_validity_units in clients"),
        ("clients = [{ name = \"web\", token_validity_units = { acess_token = \"minutes\" } }]", "no other attributes"),
        ("clients = [{ name = \"web\", analytics_configuration = { app_id = \"x\" } }]", "no other attributes"),
        ("default_client_token_validity_units = { acess_token = \"minutes\" }", "no other attributes"),
        (
            "resource_servers = [{ identifier = \"a\", name = \"a\", scopes = [{ scope_nam = \"x\" }] }]",
            "no other attributes",
        ),
        ("clients = [{ name = \"My Web\" }, { name = \"my-web\" }]", "Two elements of clients are called alike"),
        ("user_groups = [{ name = \"a\" }, { name = \"A\" }]", "Two elements of user_groups are called alike"),
        (
            "resource_servers = [{ identifier = \"a\", name = \"a\" }, { identifier = \"a\", name = \"b\" }]",
            "Two elements of resource_servers are called alike",
        ),
        ("account_recovery_mechanisms = [{ name = \"verified_email\" }]", "account_recovery_mechanisms"),
    ] {
        root.call(&format!("  {arguments}"), "");
        let refused = root.apply();
        assert!(refused.code == 1 && refused.says(expected), "{arguments}: {}", refused.text);
        assert!(!refused.text.contains("Destroying"), "{arguments}: {}", refused.text);
    }
    assert_eq!(holds_at(&root.store()), before);
    // Null is nothing, and a set is as good as a list.
    root.call(
        "  clients = toset([{ name = \"web\" }])\n  user_groups = [{ name = \"staff\" }]\n  resource_servers = null\n  allow_replace_clients = null",
        "",
    );
    root.plan_is_empty().unwrap();
}
