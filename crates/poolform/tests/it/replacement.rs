//! Pools that are replaced, wrapped, or go while another comes.

use poolform_emulator::{Emulator, Options};
use serde_json::{Value, json};

use crate::canonical::holds_at;
use crate::command::Folder;
use crate::safety::{call, pool, pools};

/// A pool with a part of every kind.
const PARTS: &str = r#"
  domain              = "orders"
  clients             = [{ name = "web" }, { name = "job", generate_secret = true }]
  user_groups         = [{ name = "staff" }]
  resource_servers    = [{ identifier = "https://api.example", name = "API" }]
  identity_providers  = [{
    provider_name    = "Google"
    provider_type    = "Google"
    provider_details = sensitive({ client_id = "id", client_secret = "hush", authorize_scopes = "openid" })
  }]
"#;

fn held(folder: &Folder) -> Value {
    holds_at(&folder.0.join(".poolform/cognito.redb"))
}

pub fn emulator(folder: &Folder) -> Emulator {
    Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap()
}

/// The id of the first pool.
pub fn id_of(emulator: &Emulator) -> Value {
    call(emulator, "ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone()
}

#[test]
fn a_pool_is_replaced_with_all_its_parts_as_the_refusal_advises() {
    let folder = Folder::new("replace");
    folder.write("main.tf", &pool(&format!("{PARTS}  username_attributes = [\"email\"]")));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let (id, clients) = {
        let cognito = emulator(&folder);
        let id = id_of(&cognito);
        let listed = call(&cognito, "ListUserPoolClients", json!({"UserPoolId": id}))["UserPoolClients"].clone();
        let ids: Vec<String> =
            listed.as_array().unwrap().iter().map(|each| each["ClientId"].as_str().unwrap().to_owned()).collect();
        (id.as_str().unwrap().to_owned(), ids)
    };
    folder.write("main.tf", &pool(&format!("{PARTS}  username_attributes = [\"phone_number\"]")));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("-allow-replace='module.pool'"), "{}", refused.stderr());
    let planned = folder.run(&["plan", "-local", "-allow-replace=module.pool"]).exits(0);
    let said = planned.stdout();
    assert!(said.contains("7 to replace"), "{said}");
    // Every id that changes is named.
    for gone in clients.iter().chain([&id]) {
        assert!(said.contains(gone.as_str()), "{gone}\n{said}");
    }
    folder.run(&["apply", "-local", "-auto-approve", "-allow-replace=module.pool"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let held = held(&folder);
    assert_eq!(held.as_array().unwrap().len(), 1);
    assert_eq!(held[0]["pool"]["UsernameAttributes"], json!(["phone_number"]));
    assert_eq!((held[0]["clients"].as_array().unwrap().len(), &held[0]["domain"]["Domain"]), (2, &json!("orders")));
}

#[test]
fn a_target_replaces_no_pool_by_half() {
    let folder = Folder::new("replace-target");
    folder.write("main.tf", &pool(&format!("{PARTS}  username_attributes = [\"email\"]")));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &pool(&format!("{PARTS}  username_attributes = [\"phone_number\"]")));
    let part = "-target=module.pool.client[\"web\"]";
    folder.run(&["apply", "-local", "-auto-approve", "-allow-replace=module.pool", part]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(pools(&folder), 1);
}

#[test]
fn a_saved_plan_that_was_changed_in_its_file_is_checked_again() {
    let folder = Folder::new("changed-plan");
    folder.write("main.tf", &pool("  clients = [{ name = \"web\" }]"));
    folder.run(&["plan", "-local", "-out", "p"]).exits(0);
    let saved = std::fs::read_to_string(folder.0.join("p")).unwrap();
    // The client no longer waits for its pool.
    let mut plan: Value = serde_json::from_str(&saved).unwrap();
    for step in plan["plan"]["steps"].as_array_mut().unwrap() {
        step["after"] = json!([]);
    }
    folder.write("p", &plan.to_string());
    let refused = folder.run(&["apply", "p"]).exits(1);
    assert!(refused.stderr().contains("has no UserPoolId"), "{}", refused.stderr());
    assert_eq!(pools(&folder), 0);
}
