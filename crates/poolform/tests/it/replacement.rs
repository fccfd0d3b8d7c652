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

/// A root with one call of the module, whatever its repetition.
fn calls(name: &str, rest: &str) -> String {
    format!(
        "module \"{name}\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n  \
         clients = [{{ name = \"web\" }}]\n  user_groups = [{{ name = \"staff\" }}]\n{rest}\n}}\n"
    )
}

fn moved(from: &str, to: &str) -> String {
    format!("moved {{\n  from = {from}\n  to   = {to}\n}}\n")
}

#[test]
fn pools_move_into_and_out_of_count_for_each_and_modules() {
    let folder = Folder::new("moves");
    folder.write("main.tf", &calls("auth", ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let id = id_of(&emulator(&folder));
    std::fs::create_dir_all(folder.0.join("auth")).unwrap();
    folder.write("auth/main.tf", &calls("auth", ""));
    let wrapped = "module \"auth\" {\n  source = \"./auth\"\n}\n".to_owned();
    let mut history = String::new();
    let steps = [
        (calls("auth", "  count = 1"), moved("module.auth", "module.auth[0]")),
        (calls("auth", "  for_each = { x = 1 }"), moved("module.auth[0]", "module.auth[\"x\"]")),
        (calls("login", "  for_each = { x = 1 }"), moved("module.auth", "module.login")),
        (calls("auth", ""), moved("module.login[\"x\"]", "module.auth")),
        // A call that is wrapped in a module of its own name.
        (wrapped, moved("module.auth", "module.auth.module.auth")),
        (calls("auth", ""), moved("module.auth.module.auth", "module.auth")),
    ];
    for (text, block) in steps {
        folder.write("main.tf", &text);
        // Without the block nothing is lost unasked: the pool is protected.
        let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
        assert!(refused.stderr().contains("Pool that goes while another comes"), "{}", refused.stderr());
        // The block that is advised is the one that works.
        for line in block.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            // Of a call that moves with all its instances either form does.
            let advised = refused.stderr().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(advised.contains(&words.join(" ")) || block.contains("module.login\n"), "{line}\n{advised}");
        }
        folder.write("main.tf", &(text.clone() + &block));
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
        folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        // Once more with the block, and without it.
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
        folder.write("main.tf", &text);
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
        assert_eq!(id_of(&emulator(&folder)), id);
        history.push_str(&block);
    }
    assert_eq!(history.matches("moved").count(), 6);
}

#[test]
fn a_wrapped_pool_that_may_go_is_made_anew() {
    let folder = Folder::new("wrapped");
    folder.write("main.tf", &calls("pool", "  deletion_protection = false"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    std::fs::create_dir_all(folder.0.join("pool")).unwrap();
    folder.write("pool/main.tf", &calls("pool", ""));
    folder.write("main.tf", "module \"pool\" {\n  source = \"./pool\"\n}\n");
    // Nobody protected it and nobody uses it, so that nobody is asked; but it is said.
    let planned = folder.run(&["plan", "-local"]).exits(0);
    let way = "did you mean moved? A moved block keeps the pool and its users: from = module.pool, to = module.pool.module.pool";
    // Remarks are folded.
    let said = planned.stdout().split_whitespace().filter(|word| *word != "#").collect::<Vec<_>>().join(" ");
    assert!(said.contains(way), "{said}");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(pools(&folder), 1);
}

#[test]
fn a_protected_pool_goes_for_another_once_it_is_named() {
    let folder = Folder::new("successor");
    folder.write("main.tf", &calls("old", ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &calls("new", ""));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("-allow-delete='module.old'"), "{}", refused.stderr());
    folder.run(&["apply", "-local", "-auto-approve", "-allow-delete=module.old"]).exits(0);
    assert_eq!(pools(&folder), 1);
}

#[test]
fn moves_are_followed_in_the_original_modules_spelling_and_told_where_they_say_nothing() {
    let folder = Folder::new("moved-parts");
    folder.write("main.tf", &calls("pool", ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let renamed = calls("pool", "").replace("\"web\"", "\"site\"");
    let of = |key: &str| format!("module.pool.aws_cognito_user_pool_client.client[\"{key}\"]");
    folder.write("main.tf", &(renamed.clone() + &moved(&of("web"), &of("site"))));
    let planned = folder.run(&["plan", "-local", "-json"]).exits(0);
    let planned: Value = serde_json::from_str(&planned.stdout()).unwrap();
    assert_eq!(planned["plan"]["summary"]["update"], json!(1));
    assert_eq!((&planned["plan"]["summary"]["create"], &planned["plan"]["summary"]["delete"]), (&json!(0), &json!(0)));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    // A client that is still declared has not moved.
    folder.write("main.tf", &(renamed + &moved(&of("site"), &of("web"))));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("Moved module still exists"), "{}", refused.stderr());
    // From a resource of Terraform's own nothing can be moved here, and that is said.
    let folder = Folder::new("moved-foreign");
    let foreign = moved("aws_cognito_user_pool.main", "module.pool.aws_cognito_user_pool.user_pool[0]");
    folder.write("main.tf", &(calls("pool", "") + &foreign));
    let planned = folder.run(&["plan", "-local"]).exits(0);
    let said = planned.stderr() + &planned.stdout();
    assert!(said.contains("Move that moves nothing") && said.contains("to = module.pool,"), "{said}");
}

#[test]
fn moves_inside_of_a_local_module_hold_for_each_of_its_instances() {
    let folder = Folder::new("inner-moves");
    std::fs::create_dir_all(folder.0.join("auth")).unwrap();
    folder.write("main.tf", "module \"auth\" {\n  source = \"./auth\"\n  for_each = toset([\"x\", \"y\"])\n}\n");
    folder.write("auth/main.tf", &calls("pool", ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("auth/main.tf", &(calls("login", "") + &moved("module.pool", "module.login")));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("auth/main.tf", &calls("login", ""));
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(pools(&folder), 2);
    let removed = "removed {\n  from = module.login\n  lifecycle {\n    destroy = false\n  }\n}\n";
    folder.write("auth/main.tf", removed);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 2);
}

/// A part is known by its pool's id: recorded under another pool's call, it would be taken for that pool's.
#[test]
fn a_part_moves_only_where_its_pool_moves() {
    let folder = Folder::new("moved-apart");
    let two = |name: &str, rest: &str| {
        format!(
            "module \"{name}\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"{name}\"\n{rest}\n}}\n"
        )
    };
    let with = "  clients = [{ name = \"web\" }]";
    folder.write("main.tf", &(two("a", with) + &two("b", "")));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let clients = || -> Vec<(Value, usize)> {
        let held = held(&folder);
        let of = |each: &Value| (each["pool"]["Name"].clone(), each["clients"].as_array().map_or(0, Vec::len));
        held.as_array().unwrap().iter().map(of).collect()
    };
    // Of a call that cannot move, because another pool is there, nothing moves.
    folder.write("main.tf", &(two("b", with) + &moved("module.a", "module.b")));
    let planned = folder.run(&["plan", "-local"]).exits(0);
    assert!(planned.stdout().contains("module.b.client[\"web\"] (app client) will be created"), "{}", planned.stdout());
    assert_eq!(planned.stderr().matches("Move that is blocked").count(), 1, "{}", planned.stderr());
    // Nor does a client from one pool to another, be it there or not.
    for other in ["b", "c"] {
        let block = moved("module.a.client[\"web\"]", &format!("module.{other}.client[\"web\"]"));
        folder.write("main.tf", &(two("a", "") + &two(other, with) + &block));
        let planned = folder.run(&["plan", "-local", "-allow-delete=module.b"]).exits(0);
        assert!(planned.stderr().contains("does not move along"), "{}", planned.stderr());
        let comes = format!("module.{other}.client[\"web\"] (app client) will be created");
        assert!(planned.stdout().contains(&comes), "{}", planned.stdout());
    }
    folder.run(&["apply", "-local", "-auto-approve", "-allow-delete=module.b"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(clients(), [(json!("a"), 0), (json!("c"), 1)]);
}

/// What is called otherwise at the same address, users and groups with who is in them, makes room for another in an order that
/// Cognito takes; and a part whose pool is named by its id is found.
#[test]
fn users_and_groups_are_renamed_in_order() {
    let folder = Folder::new("renamed-people");
    let root = |group: &str, user: &str, pool: &str| {
        format!(
            "resource \"aws_cognito_user_pool\" \"p\" {{\n  name = \"x\"\n}}\n\
             resource \"aws_cognito_user_group\" \"g\" {{\n  name = \"{group}\"\n  user_pool_id = {pool}\n}}\n\
             resource \"aws_cognito_user\" \"u\" {{\n  username = \"{user}\"\n  password = \"Passw0rd!x\"\n  user_pool_id = {pool}\n}}\n\
             resource \"aws_cognito_user_in_group\" \"m\" {{\n  user_pool_id = {pool}\n  \
             group_name = aws_cognito_user_group.g.name\n  username = aws_cognito_user.u.username\n}}\n\
             output \"id\" {{\n  value = aws_cognito_user_pool.p.id\n}}\n"
        )
    };
    let by_reference = "aws_cognito_user_pool.p.id";
    folder.write("main.tf", &root("staff", "anna", by_reference));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let state = std::fs::read_to_string(folder.0.join(".poolform/state.json")).unwrap_or_default();
    assert!(!state.contains("Passw0rd"), "{state}");
    folder.write("main.tf", &root("crew", "bert", by_reference));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let held = crate::canonical::holds_at(&folder.0.join(".poolform/cognito.redb"));
    assert_eq!(held[0]["users"][0]["Username"], "bert", "{held}");
    assert_eq!(held[0]["groups"][0]["GroupName"], "crew", "{held}");
    let id = folder.run(&["output", "-local", "-raw", "id"]).exits(0).stdout();
    folder.write("main.tf", &root("crew", "bert", &format!("\"{}\"", id.trim())));
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}
