//! What somebody else made in a pool: found while planning, and taken over as the plan says.

use poolform_model::Cognito;
use serde_json::{Value, json};

use crate::command::Folder;
use crate::golden::is_writing;
use crate::replacement::{emulator, id_of};
use crate::safety::{call, pool, pools};

/// A part of every kind, as the module declares it.
const PARTS: &str = r#"
  domain             = "orders"
  clients            = [{ name = "Web App" }]
  user_groups        = [{ name = "staff" }, { name = "admins" }]
  resource_servers   = [{ identifier = "https://api.example", name = "API" }]
  identity_providers = [{
    provider_name    = "Google"
    provider_type    = "Google"
    provider_details = sensitive({ client_id = "id", client_secret = "hush", authorize_scopes = "openid" })
  }]
"#;

/// A pool with what the module declares and cannot change later.
fn own_pool() -> Value {
    json!({"PoolName": "orders", "AliasAttributes": ["email", "preferred_username"],
        "UsernameConfiguration": {"CaseSensitive": false}})
}

/// The same, as the console makes it.
fn made_in_the_console(cognito: &dyn Cognito, id: &Value) {
    call(cognito, "CreateUserPoolDomain", json!({"UserPoolId": id, "Domain": "orders"}));
    call(cognito, "CreateUserPoolClient", json!({"UserPoolId": id, "ClientName": "Web App"}));
    call(cognito, "CreateGroup", json!({"UserPoolId": id, "GroupName": "staff"}));
    call(cognito, "CreateGroup", json!({"UserPoolId": id, "GroupName": "strangers"}));
    let server = json!({"UserPoolId": id, "Identifier": "https://api.example", "Name": "API"});
    call(cognito, "CreateResourceServer", server);
    let details = json!({"client_id": "id", "client_secret": "hush", "authorize_scopes": "openid"});
    let provider =
        json!({"UserPoolId": id, "ProviderName": "Google", "ProviderType": "Google", "ProviderDetails": details});
    call(cognito, "CreateIdentityProvider", provider);
}

fn with_strangers(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    {
        let cognito = emulator(&folder);
        let id = id_of(&cognito);
        made_in_the_console(&cognito, &id);
    }
    folder.write("main.tf", &pool(PARTS));
    folder.requests();
    folder
}

/// The import blocks in what was said.
fn blocks(said: &str) -> String {
    let mut found = String::new();
    for block in said.split("import {").skip(1) {
        let body: Vec<&str> = block.split('}').next().unwrap().lines().collect();
        let line = |name: &str| {
            let line = body.iter().find(|line| line.contains(&format!("{name} = "))).unwrap();
            line[line.find(&format!("{name} = ")).unwrap()..].trim().to_owned()
        };
        found.push_str(&format!("import {{\n  {}\n  {}\n}}\n", line("to"), line("id")));
    }
    found
}

#[test]
fn what_is_there_already_is_found_by_the_plan_and_taken_over_as_it_says() {
    let folder = with_strangers("there-already");
    // All of it in one go, before any request that changes something, and with few that look.
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    let said = refused.stderr();
    assert_eq!(said.matches("There already").count(), 5, "{said}");
    let requests = folder.requests();
    assert!(!requests.iter().any(|each| is_writing(each["operation"].as_str().unwrap())), "{requests:?}");
    let asked = [
        "DescribeUserPoolDomain",
        "ListUserPoolClients",
        "ListGroups",
        "DescribeResourceServer",
        "DescribeIdentityProvider",
    ];
    for operation in asked {
        let count = requests.iter().filter(|each| each["operation"] == operation).count();
        assert_eq!(count, 1, "{operation}: {requests:?}");
    }
    let blocks = blocks(&said);
    assert_eq!(blocks.matches("import").count(), 5, "{said}");
    folder.write("imports.tf", &blocks);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("imports.tf", "");
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let cognito = emulator(&folder);
    let id = id_of(&cognito);
    let count = |operation: &str, member: &str, limit: &str| {
        call(&cognito, operation, json!({"UserPoolId": id, limit: 10}))[member].as_array().unwrap().len()
    };
    // One client, and the groups that nobody declares are still there: the console's, and Cognito's own for Google.
    assert_eq!(count("ListUserPoolClients", "UserPoolClients", "MaxResults"), 1);
    assert_eq!(count("ListGroups", "Groups", "Limit"), 4);
}

/// An import under the declared name would be planned as a change for ever: Cognito keeps the letters of the first.
#[test]
fn a_group_in_other_letters_is_declared_as_it_is_called() {
    let folder = Folder::new("letters");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    {
        let cognito = emulator(&folder);
        call(&cognito, "CreateGroup", json!({"UserPoolId": id_of(&cognito), "GroupName": "Staff"}));
    }
    for groups in ["{ name = \"staff\" }", "{ name = \"staff\" }, { name = \"admins\" }"] {
        folder.write("main.tf", &pool(&format!("  user_groups = [{groups}]")));
        let said = folder.run(&["plan", "-local"]).exits(1).stderr();
        assert!(said.contains("as \"Staff\" to take it over") && !said.contains("import {"), "{said}");
    }
    folder.write("main.tf", &pool("  user_groups = [{ name = \"Staff\" }]"));
    let block = blocks(&folder.run(&["plan", "-local"]).exits(1).stderr());
    folder.write("main.tf", &(pool("  user_groups = [{ name = \"Staff\" }]") + &block));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    // Managed here it is no stranger, and goes before the other comes.
    folder.write("main.tf", &pool("  user_groups = [{ name = \"staff\" }]"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}

#[test]
fn a_pool_is_adopted_into_the_call_that_declares_it() {
    let folder = Folder::new("adopt-into");
    let id = {
        std::fs::create_dir_all(folder.0.join(".poolform")).unwrap();
        let cognito = emulator(&folder);
        let made = call(&cognito, "CreateUserPool", own_pool());
        let id = made["UserPool"]["Id"].clone();
        made_in_the_console(&cognito, &id);
        id.as_str().unwrap().to_owned()
    };
    folder.write("main.tf", &pool(PARTS));
    let adopted = folder.run(&["adopt", "-local", &id]).exits(0);
    assert!(!folder.0.join("pool.tf").exists());
    let said = adopted.stdout();
    assert!(said.contains("module.pool.group[\"strangers\"]: not declared, and left alone"), "{said}");
    // The group "admins" is all that is new, and nothing goes.
    let planned = folder.run(&["plan", "-local", "-json"]).exits(0);
    let planned: Value = serde_json::from_str(&planned.stdout()).unwrap();
    let summary = &planned["plan"]["summary"];
    assert_eq!((&summary["create"], &summary["delete"], &summary["replace"]), (&json!(1), &json!(0), &json!(0)));
    let again = folder.run(&["adopt", "-local", &id]).exits(1);
    assert!(again.stderr().contains("Nothing to adopt"), "{}", again.stderr());
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(pools(&folder), 1);
    // An instance of a call is one too.
    let folder = Folder::new("adopt-instance");
    let id = {
        std::fs::create_dir_all(folder.0.join(".poolform")).unwrap();
        call(&emulator(&folder), "CreateUserPool", own_pool())["UserPool"]["Id"].clone()
    };
    let text = pool("  for_each = toset([\"blue\"])").split("output").next().unwrap().to_owned();
    folder.write("main.tf", &text);
    folder.run(&["adopt", "-local", id.as_str().unwrap(), "-as", "pool[\"blue\"]"]).exits(0);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 1);
}

#[test]
fn a_domain_that_is_elsewhere_or_another_one_is_found_by_the_plan() {
    let folder = Folder::new("domain-elsewhere");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let other = {
        let cognito = emulator(&folder);
        let own = id_of(&cognito);
        call(&cognito, "CreateUserPoolDomain", json!({"UserPoolId": own, "Domain": "console"}));
        let other = call(&cognito, "CreateUserPool", json!({"PoolName": "other"}))["UserPool"]["Id"].clone();
        call(&cognito, "CreateUserPoolDomain", json!({"UserPoolId": other, "Domain": "taken"}));
        other.as_str().unwrap().to_owned()
    };
    folder.write("main.tf", &pool("  domain = \"mine\""));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("The pool has the domain console"), "{}", refused.stderr());
    folder.write("imports.tf", &blocks(&refused.stderr()));
    let planned = folder.run(&["plan", "-local"]).exits(0);
    assert!(
        planned.stdout().contains("\"console\" -> \"mine\"") || planned.stdout().contains("will be replaced"),
        "{}",
        planned.stdout()
    );
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("imports.tf", "");
    // Another name of its own domain, which another pool has.
    folder.write("main.tf", &pool("  domain = \"taken\""));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains(&format!("is that of the pool {other}")), "{}", refused.stderr());
    // A new pool too, before it is made.
    let folder = Folder::new("domain-of-a-new-pool");
    {
        std::fs::create_dir_all(folder.0.join(".poolform")).unwrap();
        let cognito = emulator(&folder);
        let other = call(&cognito, "CreateUserPool", json!({"PoolName": "other"}))["UserPool"]["Id"].clone();
        call(&cognito, "CreateUserPoolDomain", json!({"UserPoolId": other, "Domain": "taken"}));
    }
    folder.write("main.tf", &pool("  domain = \"taken\""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert_eq!(pools(&folder), 1);
}

/// A client that names a provider and a scope, with what is declared of them.
fn naming(declared: &[&str], more: &str) -> String {
    let provider = r#"
  identity_providers = [{
    provider_name    = "Google"
    provider_type    = "Google"
    provider_details = sensitive({ client_id = "id", client_secret = "hush", authorize_scopes = "openid" })
  }]
"#;
    let server = r#"
  resource_servers = [{
    identifier = "https://api.example", name = "API", scopes = [{ scope_name = "read", scope_description = "Reads" }]
  }]
"#;
    let named = r#"
  clients = [{
    name = "web", supported_identity_providers = ["COGNITO", "Google"], callback_urls = ["https://a.example/cb"]
    allowed_oauth_flows_user_pool_client = true, allowed_oauth_flows = ["code"]
    allowed_oauth_scopes = ["openid", "https://api.example/read"]
  }]
"#;
    let part = |name: &str, text: &str| if declared.contains(&name) { text.to_owned() } else { String::new() };
    pool(&format!("{}{}{}{more}", part("provider", provider), part("server", server), part("client", named)))
}

#[test]
fn what_a_client_still_names_does_not_go() {
    let folder = Folder::new("named");
    let all = ["provider", "server", "client"];
    folder.write("main.tf", &naming(&all, ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    for (goes, said) in
        [("provider", "Named identity provider that goes"), ("server", "Named resource server that goes")]
    {
        let rest: Vec<&str> = all.into_iter().filter(|each| *each != goes).collect();
        folder.write("main.tf", &naming(&rest, ""));
        let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
        assert!(refused.stderr().contains(said), "{}", refused.stderr());
        // As a new pool refuses them.
        let new = Folder::new("named-new");
        new.write("main.tf", &naming(&rest, ""));
        new.run(&["plan", "-local"]).exits(1);
        // Taken over by somebody else they stay, and may be named.
        let block = match goes {
            "provider" => "identity_provider[\"Google\"]",
            _ => "resource_server[\"https://api.example\"]",
        };
        let removed =
            format!("removed {{\n  from = module.pool.{block}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n");
        folder.write("main.tf", &(naming(&rest, "") + &removed));
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    }
    // All of it together goes in the right order.
    folder.write("main.tf", &naming(&[], ""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    // What nobody declares and the pool does not have is found before it is sent.
    folder.write("main.tf", &naming(&["client"], ""));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    for said in ["Unknown identity provider", "Unknown resource server"] {
        assert!(refused.stderr().contains(said), "{}", refused.stderr());
    }
    // Attributes too.
    let reads = "  clients = [{ name = \"web\", read_attributes = [\"email\", \"custom:tenant\"] }]";
    folder.write("main.tf", &pool(reads));
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("does not exist in this pool"), "{}", refused.stderr());
    let schema = format!("{reads}\n  schema_attributes = [{{ name = \"tenant\", type = \"String\" }}]");
    folder.write("main.tf", &pool(&schema));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}
