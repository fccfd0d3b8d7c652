//! Groups and identity providers as resources of their own: made, changed, found changed, imported, replaced, taken away.

use serde_json::json;

use super::{Root, Terraform, terraform};

const HEAD: &str = r#"
provider "poolform" {
  region = "us-east-1"
  local  = true
}

resource "poolform_user_pool" "pool" {
  name = "orders"
}

output "id" {
  value = poolform_user_pool.pool.id
}
"#;

fn group(more: &str) -> String {
    format!(
        "{HEAD}resource \"poolform_user_pool_group\" \"one\" {{\n  user_pool_id = poolform_user_pool.pool.id\n{more}}}\n"
    )
}

/// An OIDC provider whose secret is a sensitive variable.
fn provider(secret: &str, scopes: &str, more: &str) -> String {
    format!(
        r#"{HEAD}
variable "secret" {{
  type      = string
  sensitive = true
  default   = "{secret}"
}}
resource "poolform_user_pool_identity_provider" "one" {{
  user_pool_id  = poolform_user_pool.pool.id
  provider_name = "Partner"
  provider_type = "OIDC"
  provider_details = {{
    client_id                 = "orders"
    client_secret             = var.secret
    authorize_scopes          = "{scopes}"
    oidc_issuer               = "https://partner.example"
    attributes_request_method = "GET"
  }}
{more}}}
"#
    )
}

fn root(name: &str, terraform: &Terraform, text: &str) -> (Root, String) {
    let root = Root::new(name, terraform);
    root.folder.write("main.tf", text);
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    let id = root.outputs()["id"]["value"].as_str().unwrap().to_owned();
    (root, id)
}

fn writes(root: &Root) -> Vec<String> {
    let requests = root.folder.requests().into_iter();
    requests.filter(crate::golden::is_write).map(|one| one["operation"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_part_that_is_there_already_says_what_it_is_imported_by() {
    let Some(terraform) = terraform().filter(|terraform| terraform.has(super::IMPORTS)) else { return };
    let (root, id) = root("there-already", &terraform, HEAD);
    root.ask("CreateGroup", json!({"UserPoolId": id, "GroupName": "admins"}));
    let text = group("  name = \"admins\"\n");
    root.folder.write("main.tf", &text);
    let refused = root.apply().exits(1);
    assert!(
        refused.says("It is there already, made elsewhere") && refused.says(&format!("{id}/admins")),
        "{}",
        refused.text
    );
    let import = format!("import {{\n  to = poolform_user_pool_group.one\n  id = \"{id}/admins\"\n}}\n");
    root.folder.write("main.tf", &(text + &import));
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
}

#[test]
fn a_group_lives() {
    let Some(terraform) = terraform() else { return };
    let (root, id) =
        root("group", &terraform, &group("  name = \"admins\"\n  description = \"All\"\n  precedence = 0\n"));
    let seen =
        |root: &Root, name: &str| root.ask("GetGroup", json!({"UserPoolId": id, "GroupName": name}))["Group"].clone();
    let made = seen(&root, "admins");
    assert_eq!((made["Precedence"].as_i64(), made["Description"].as_str()), (Some(0), Some("All")));
    writes(&root);
    // Changed, and one setting taken out: in place, by one request.
    root.folder.write("main.tf", &group("  name = \"admins\"\n  precedence = 3\n"));
    let changed = root.apply().exits(0);
    assert!(changed.says("0 added, 1 changed, 0 destroyed"), "{}", changed.text);
    assert_eq!(writes(&root), ["UpdateGroup"]);
    let now = seen(&root, "admins");
    assert_eq!(now["Precedence"], 3);
    assert!(now.get("Description").is_none_or(|text| text.as_str() == Some("")), "{now}");
    root.plan_is_empty().unwrap();
    // Changed by somebody else: shown, and changed back.
    root.ask("UpdateGroup", json!({"UserPoolId": id, "GroupName": "admins", "Precedence": 9}));
    let drifted = root.run(&["plan", "-detailed-exitcode"]);
    assert!(drifted.code == 2 && drifted.says("precedence = 9 -> 3"), "{}", drifted.text);
    root.apply().exits(0);
    root.plan_is_empty().unwrap();
    // Forgotten and imported: nothing to do.
    root.run(&["state", "rm", "poolform_user_pool_group.one"]).exits(0);
    root.run(&["import", "poolform_user_pool_group.one", &format!("{id}/admins")]).exits(0);
    writes(&root);
    root.plan_is_empty().unwrap();
    assert!(writes(&root).is_empty());
    // Gone by somebody's hand: made again.
    root.ask("DeleteGroup", json!({"UserPoolId": id, "GroupName": "admins"}));
    let again = root.apply().exits(0);
    assert!(again.says("1 added"), "{}", again.text);
    // Another name is another group.
    root.folder.write("main.tf", &group("  name = \"staff\"\n  precedence = 3\n"));
    let replaced = root.apply().exits(0);
    assert!(replaced.says("1 added, 0 changed, 1 destroyed"), "{}", replaced.text);
    let listed = root.ask("ListGroups", json!({"UserPoolId": id}));
    let names: Vec<&str> =
        listed["Groups"].as_array().unwrap().iter().map(|one| one["GroupName"].as_str().unwrap()).collect();
    assert_eq!(names, ["staff"]);
    root.folder.write("main.tf", HEAD);
    root.apply().exits(0);
    assert_eq!(root.ask("ListGroups", json!({"UserPoolId": id}))["Groups"], json!([]));
}

#[test]
fn an_identity_provider_lives() {
    let Some(terraform) = terraform() else { return };
    let mapped = "  attribute_mapping = { email = \"email\" }\n  idp_identifiers = [\"partner.example\"]\n";
    let (root, id) = root("identity-provider", &terraform, &provider("first-secret", "openid email", mapped));
    let of = json!({"UserPoolId": id, "ProviderName": "Partner"});
    let seen = |root: &Root| root.ask("DescribeIdentityProvider", of.clone())["IdentityProvider"].clone();
    let made = seen(&root);
    assert_eq!(made["ProviderDetails"]["client_secret"], "first-secret");
    // What the service adds is nobody's difference.
    assert_eq!(made["AttributeMapping"]["username"], "sub");
    assert_eq!(made["IdpIdentifiers"], json!(["partner.example"]));
    writes(&root);
    // Another scope and another secret, by one request; neither is printed.
    root.folder.write("main.tf", &provider("second-secret", "openid email profile", mapped));
    let planned = root.run(&["plan"]).exits(0);
    assert!(!planned.text.contains("second-secret") && !planned.text.contains("first-secret"), "{}", planned.text);
    let changed = root.apply().exits(0);
    assert!(
        changed.says("0 added, 1 changed, 0 destroyed") && !changed.text.contains("second-secret"),
        "{}",
        changed.text
    );
    assert_eq!(writes(&root), ["UpdateIdentityProvider"]);
    let now = seen(&root);
    assert_eq!(now["ProviderDetails"]["client_secret"], "second-secret");
    assert_eq!(now["ProviderDetails"]["authorize_scopes"], "openid email profile");
    assert_eq!(now["AttributeMapping"]["email"], "email");
    root.plan_is_empty().unwrap();
    // Changed by somebody else.
    let mapping = json!({"UserPoolId": id, "ProviderName": "Partner", "AttributeMapping": {"email": "mail"}});
    root.ask("UpdateIdentityProvider", mapping);
    assert_eq!(root.run(&["plan", "-detailed-exitcode"]).code, 2);
    root.apply().exits(0);
    assert_eq!(seen(&root)["AttributeMapping"]["email"], "email");
    root.plan_is_empty().unwrap();
    // Forgotten and imported: nothing to do.
    root.run(&["state", "rm", "poolform_user_pool_identity_provider.one"]).exits(0);
    root.run(&["import", "poolform_user_pool_identity_provider.one", &format!("{id}:Partner")]).exits(0);
    writes(&root);
    // The secret comes from a sensitive variable, which an import cannot know: Terraform notes that, and nothing is sent.
    root.apply().exits(0);
    assert!(writes(&root).is_empty());
    root.plan_is_empty().unwrap();
    // Another type is another provider: refused, since its users would be strangers. Said at the attribute.
    let saml = "resource \"poolform_user_pool_identity_provider\" \"one\" {\n  user_pool_id = poolform_user_pool.pool.id\n  \
                provider_name = \"Partner\"\n  provider_type = \"SAML\"\n  provider_details = { MetadataURL = \"https://partner.example/saml\" }\n}\n";
    root.folder.write("main.tf", &format!("{HEAD}{saml}"));
    let planned = root.run(&["plan"]);
    assert!(planned.says("provider_type is \"OIDC\" and cannot become \"SAML\""), "{}", planned.text);
    assert_eq!(planned.text.matches("Error:").count(), 1, "{}", planned.text);
    root.folder.write("main.tf", HEAD);
    root.apply().exits(0);
    assert_eq!(root.ask("ListIdentityProviders", json!({"UserPoolId": id}))["Providers"], json!([]));
}

#[test]
fn a_sensitive_secret_goes_through_the_module() {
    let Some(terraform) = terraform() else { return };
    let root = Root::new("sensitive", &terraform);
    root.folder.write(
        "main.tf",
        &format!(
            r#"
provider "poolform" {{
  region = "us-east-1"
  local  = true
}}
variable "secret" {{
  type      = string
  sensitive = true
  default   = "hidden"
}}
module "pool" {{
  source = {:?}
  name   = "orders"
  identity_providers = [{{
    provider_name = "Corp"
    provider_type = "OIDC"
    provider_details = {{
      client_id                 = "a"
      client_secret             = var.secret
      authorize_scopes          = "openid"
      oidc_issuer               = "https://idp.example.com"
      attributes_request_method = "GET"
    }}
  }}]
  clients = [{{ name = "web", supported_identity_providers = ["COGNITO", "Corp"] }}]
}}
"#,
            root.module.to_string_lossy()
        ),
    );
    root.run(&["get"]).exits(0);
    let applied = root.apply().exits(0);
    assert!(!applied.text.contains("hidden"), "{}", applied.text);
    root.plan_is_empty().unwrap();
}
