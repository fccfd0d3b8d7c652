//! Nothing is lost: kills, users, secrets, changes from outside.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Object, Request};
use serde_json::{Value, json};

use crate::canonical::holds_at;
use crate::command::Folder;

/// A root with one pool, and its id as an output.
pub fn pool(arguments: &str) -> String {
    format!(
        "module \"pool\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n{arguments}\n}}\n\
         output \"id\" {{\n  value = module.pool.user_pool.id\n}}\n"
    )
}

pub fn call(cognito: &dyn Cognito, operation: &str, body: Value) -> Object {
    let body = body.as_object().cloned().unwrap();
    cognito.call(&Request::new(operation, body)).unwrap_or_else(|failure| panic!("{operation}: {failure}"))
}

#[test]
fn killed_at_any_moment_the_next_apply_finishes_without_a_second_pool() {
    let clients = 80;
    let folder = Folder::new("killed");
    let names: String = (0..clients).fold(String::new(), |mut text, each| {
        let _ = write!(text, "{{ name = \"c{each}\" }}, ");
        text
    });
    folder.write("main.tf", &pool(&format!("  clients = [{names}]")));
    let mut kills = 0;
    // Later and later, so that every phase is hit.
    for milliseconds in (20..400).step_by(17) {
        let mut child = folder
            .command(&["apply", "-local", "-auto-approve"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        if child.try_wait().unwrap().is_none() {
            kills += 1;
        }
        let _ = child.kill();
        let _ = child.wait();
    }
    assert!(kills > 3, "too fast to be killed: {kills}");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let held = holds_at(&folder.0.join(".poolform/cognito.redb"));
    assert_eq!(held.as_array().unwrap().len(), 1, "one pool");
    let found = held[0]["clients"].as_array().unwrap().len();
    assert_eq!(found, clients, "no client twice after {kills} kills");
}

#[test]
fn a_pool_with_users_goes_only_when_it_is_named() {
    let folder = Folder::new("users");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    {
        let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
        let id = call(&emulator, "ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone();
        call(&emulator, "AdminCreateUser", json!({"UserPoolId": id, "Username": "ann"}));
    }
    let refused = folder.run(&["destroy", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains("-allow-delete='module.pool'"), "{}", refused.stderr());
    let misspelt = folder.run(&["destroy", "-local", "-auto-approve", "-allow-delete=module.pol"]).exits(1);
    assert!(misspelt.stderr().contains("Did you mean module.pool?"), "{}", misspelt.stderr());
    folder.write("main.tf", &pool("  module_enabled = false"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert_eq!(holds_at(&folder.0.join(".poolform/cognito.redb")).as_array().unwrap().len(), 1);
    folder.run(&["destroy", "-local", "-auto-approve", "-allow-delete=module.pool"]).exits(0);
    assert_eq!(holds_at(&folder.0.join(".poolform/cognito.redb")), json!([]));
}

#[test]
fn secrets_stand_nowhere() {
    let folder = Folder::new("secrets");
    let provider = |secret: &str| {
        pool(&format!(
            "  clients = [{{ name = \"job\", generate_secret = true }}]\n  identity_providers = [{{\n    \
             provider_name = \"Google\"\n    provider_type = \"Google\"\n    provider_details = {{\n      \
             client_id = \"id\"\n      client_secret = {secret}\n      authorize_scopes = \"email openid\"\n    }}\n    \
             attribute_mapping = {{ email = \"email\" }}\n  }}]"
        )) + "variable \"secret\" {\n  type = string\n  sensitive = true\n}\n\
              output \"secrets\" {\n  value = module.pool.client_secrets\n  sensitive = true\n}\n"
    };
    folder.write("main.tf", &provider("\"in-plain-sight\""));
    let refused = folder.run(&["plan", "-local", "-var", "secret=x"]).exits(1);
    let said = refused.stderr();
    assert!(said.contains("Secret in plain sight") && said.contains("main.tf:8:5"), "{said}");
    // Logs keep what is printed: the line where it stands is not shown.
    assert!(!said.contains("in-plain-sight"), "{said}");

    folder.write("main.tf", &provider("var.secret"));
    let plan = folder.run(&["plan", "-local", "-var", "secret=hush-hush"]).exits(0);
    assert!(plan.stdout().contains("(sensitive)"), "{}", plan.stdout());
    folder.run(&["plan", "-local", "-var", "secret=hush-hush", "-out", "plan"]).exits(1);
    let applied = folder.run(&["apply", "-local", "-auto-approve", "-var", "secret=hush-hush"]).exits(0);
    let again = folder.run(&["plan", "-local", "-detailed-exitcode", "-var", "secret=hush-hush"]).exits(0);
    // Another secret is a change, and is shown as one without being shown.
    let changed = folder.run(&["plan", "-local", "-json", "-var", "secret=hush-again"]).exits(0);
    assert!(changed.stdout().contains("client_secret"), "{}", changed.stdout());
    let client_secret = folder.run(&["output", "-local", "-json", "secrets", "-var", "secret=hush-hush"]).exits(0);
    let client_secret: Value = serde_json::from_str(&client_secret.stdout()).unwrap();
    let client_secret = client_secret["job"].as_str().unwrap().to_owned();
    assert_eq!(client_secret.len(), 52);

    let mut said = String::new();
    for ran in [&plan, &applied, &again, &changed] {
        said.push_str(&ran.stdout());
        said.push_str(&ran.stderr());
    }
    for file in ["requests.jsonl", ".poolform/poolform.state.json", ".poolform/poolform.state.json.backup"] {
        said.push_str(&std::fs::read_to_string(folder.0.join(file)).unwrap_or_default());
    }
    for secret in ["hush-hush", "hush-again", client_secret.as_str()] {
        assert!(!said.contains(secret), "{secret} stands in what was said or kept");
    }
}

#[test]
fn a_change_from_outside_is_planned_back_and_what_is_not_declared_survives() {
    let folder = Folder::new("drift");
    folder.write("main.tf", &pool("  tags = { ours = \"1\" }"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let path = folder.0.join(".poolform/cognito.redb");
    {
        let emulator = Emulator::open(&path, Options::default()).unwrap();
        let id = call(&emulator, "ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone();
        let mut described = call(&emulator, "DescribeUserPool", json!({"UserPoolId": id}));
        let pool = described.remove("UserPool").unwrap();
        let arn = pool["Arn"].clone();
        call(&emulator, "TagResource", json!({"ResourceArn": arn, "Tags": {"theirs": "2"}}));
        // Somebody weakens the password policy, and sets something that nobody declares.
        call(
            &emulator,
            "UpdateUserPool",
            json!({
                "UserPoolId": id, "DeletionProtection": "ACTIVE",
                "Policies": {"PasswordPolicy": {"MinimumLength": 6, "RequireLowercase": true, "RequireNumbers": true,
                    "RequireSymbols": true, "RequireUppercase": true, "TemporaryPasswordValidityDays": 1}},
                "AutoVerifiedAttributes": ["email"],
                "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
                "UserPoolTags": {"ours": "1", "theirs": "2"},
            }),
        );
        call(&emulator, "CreateGroup", json!({"UserPoolId": id, "GroupName": "strangers"}));
    }
    let drift = folder.run(&["plan", "-local", "-refresh-only", "-detailed-exitcode"]).exits(2);
    for said in [
        "password_minimum_length: declared 20, found 6",
        "module.pool: group strangers",
        "module.pool: tags[\"theirs\"] = \"2\"",
        "module.pool: attributes_require_verification_before_update = [\"email\"]",
    ] {
        assert!(drift.stdout().contains(said), "{}", drift.stdout());
    }
    let drift = folder.run(&["plan", "-local", "-refresh-only", "-json"]).exits(0);
    let drift: Value = serde_json::from_str(&drift.stdout()).unwrap();
    assert_eq!(drift["undeclared"], json!(["module.pool: group strangers"]));
    assert!(drift["drift"].to_string().contains("\"found\":6"), "{drift}");
    let plan = folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(2);
    assert!(
        plan.stdout().contains("password_minimum_length") && plan.stdout().contains("6 -> 20"),
        "{}",
        plan.stdout()
    );
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let held = &holds_at(&path)[0]["pool"];
    assert_eq!(held["Policies"]["PasswordPolicy"]["MinimumLength"], json!(20));
    assert_eq!(held["UserAttributeUpdateSettings"], json!({"AttributesRequireVerificationBeforeUpdate": ["email"]}));
    assert_eq!(held["UserPoolTags"], json!({"ours": "1", "theirs": "2"}));
    // A tag of ours that goes from the files goes; theirs stays.
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(holds_at(&path)[0]["pool"]["UserPoolTags"], json!({"theirs": "2"}));
}

/// How many pools the root's own Cognito has.
pub fn pools(folder: &Folder) -> usize {
    holds_at(&folder.0.join(".poolform/cognito.redb")).as_array().unwrap().len()
}

fn users_come(folder: &Folder) {
    let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
    let id = call(&emulator, "ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone();
    call(&emulator, "AdminCreateUser", json!({"UserPoolId": id, "Username": "ann"}));
}

#[test]
fn a_saved_plan_is_carried_out_once_and_only_where_it_was_made() {
    let folder = Folder::new("saved-once");
    // The output fails once the pool is there: everything was made, and the command failed all the same.
    let failing = "output \"x\" {\n  value = regex(\"^eu-\", module.pool.user_pool.id)\n}\n";
    folder.write("main.tf", &(pool("  clients = [{ name = \"web\" }]") + failing));
    folder.run(&["plan", "-local", "-out", "p"]).exits(0);
    folder.run(&["apply", "p"]).exits(1);
    let again = folder.run(&["apply", "p"]).exits(1);
    assert!(again.stderr().contains("The world has moved"), "{}", again.stderr());
    assert_eq!(pools(&folder), 1);

    // Killed half way, the plan is of another state.
    let folder = Folder::new("saved-killed");
    let names: String = (0..200).map(|each| format!("{{ name = \"c{each}\" }}, ")).collect();
    folder.write("main.tf", &pool(&format!("  clients = [{names}]")));
    folder.run(&["plan", "-local", "-out", "p"]).exits(0);
    let mut child = folder.command(&["apply", "p"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let journal = folder.0.join(".poolform/poolform.state.json.journal");
    while std::fs::metadata(&journal).map_or(0, |metadata| metadata.len()) < 2_000 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    folder.run(&["apply", "p"]).exits(1);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 1);

    // Variables of the environment and of the command line come along; sensitive ones must be given again.
    let folder = Folder::new("saved-variables");
    let variables = "variable \"a\" {}\nvariable \"b\" {}\nvariable \"c\" {\n  sensitive = true\n}\n";
    folder.write(
        "main.tf",
        &(pool("  tags = { a = var.a, b = var.b }")
            + variables
            + "output \"c\" {\n  value = var.c\n  sensitive = true\n}\n"),
    );
    let environment = [("TF_VAR_a", "from the environment"), ("TF_VAR_c", "hush-hush")];
    folder.run_with(&["plan", "-local", "-var", "b=given", "-out", "p"], &environment).exits(0);
    assert!(!std::fs::read_to_string(folder.0.join("p")).unwrap().contains("hush-hush"));
    folder.run(&["apply", "p"]).exits(1);
    folder.run_with(&["apply", "p"], &[("TF_VAR_c", "hush-hush")]).exits(0);
    let held = holds_at(&folder.0.join(".poolform/cognito.redb"));
    assert_eq!(held[0]["pool"]["UserPoolTags"], json!({"a": "from the environment", "b": "given"}));

    // Another workspace, other files.
    let folder = Folder::new("saved-elsewhere");
    folder.write("main.tf", &pool(""));
    folder.run(&["workspace", "-local", "new", "dev"]).exits(0);
    folder.run(&["plan", "-local", "-out", "p"]).exits(0);
    folder.run(&["workspace", "-local", "select", "default"]).exits(0);
    let refused = folder.run(&["apply", "p"]).exits(1);
    assert!(refused.stderr().contains("The workspace is another"), "{}", refused.stderr());
    folder.run(&["workspace", "-local", "select", "dev"]).exits(0);
    folder.write("main.tf", &pool("  password_minimum_length = 30"));
    let refused = folder.run(&["apply", "p"]).exits(1);
    assert!(refused.stderr().contains("The files have changed"), "{}", refused.stderr());
}

#[test]
fn users_that_come_after_the_plan_stop_the_deletion() {
    let folder = Folder::new("users-late");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-destroy", "-out", "p"]).exits(0);
    users_come(&folder);
    let refused = folder.run(&["apply", "p"]).exits(1);
    assert!(refused.stderr().contains("has users since the plan was made"), "{}", refused.stderr());
    let held = holds_at(&folder.0.join(".poolform/cognito.redb"));
    assert_eq!(held.as_array().unwrap().len(), 1);
}

#[test]
fn a_move_is_kept_and_survives_a_kill() {
    let folder = Folder::new("moved");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let renamed = |arguments: &str| {
        pool(arguments).replace("module \"pool\"", "module \"auth\"").replace("module.pool.", "module.auth.")
    };
    let moved = "moved {\n  from = module.pool\n  to   = module.auth\n}\n";
    // Nothing but the move: it must be kept all the same.
    folder.write("main.tf", &(renamed("") + moved));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &renamed(""));
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    // Back again, with clients, and killed: the pool must not be planned away.
    let names: String = (0..200).map(|each| format!("{{ name = \"c{each}\" }}, ")).collect();
    let back = "moved {\n  from = module.auth\n  to   = module.pool\n}\n";
    folder.write("main.tf", &(pool(&format!("  clients = [{names}]")) + back));
    let mut child = folder
        .command(&["apply", "-local", "-auto-approve"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(150));
    let _ = child.kill();
    let _ = child.wait();
    let planned = folder.run(&["plan", "-local", "-json"]).exits(0);
    let planned: Value = serde_json::from_str(&planned.stdout()).unwrap();
    assert_eq!(planned["plan"]["summary"]["delete"], json!(0));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 1);
    // A block that contradicts the call beside it.
    folder.write(
        "main.tf",
        &(pool("") + "removed {\n  from = module.pool\n  lifecycle {\n    destroy = false\n  }\n}\n"),
    );
    let refused = folder.run(&["plan", "-local"]).exits(1);
    assert!(refused.stderr().contains("Removed module still exists"), "{}", refused.stderr());
    // Let go: it stays in Cognito, and is never planned again.
    folder.write("main.tf", "removed {\n  from = module.pool\n  lifecycle {\n    destroy = false\n  }\n}\n");
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let other = pool("")
        .replace("\"orders\"", "\"other\"")
        .replace("module \"pool\"", "module \"other\"")
        .replace("module.pool.", "module.other.");
    folder.write("main.tf", &other);
    let planned = folder.run(&["plan", "-local", "-json"]).exits(0);
    assert!(planned.stdout().contains("\"delete\":0"), "{}", planned.stdout());
    assert_eq!(pools(&folder), 1);
}

#[test]
fn a_create_that_was_refused_takes_over_nothing_later() {
    let folder = Folder::new("refused-create");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    {
        let emulator = Emulator::open(&folder.0.join(".poolform/cognito.redb"), Options::default()).unwrap();
        let id = call(&emulator, "ListUserPools", json!({"MaxResults": 1}))["UserPools"][0]["Id"].clone();
        let scopes = json!([{"ScopeName": "keep", "ScopeDescription": "Of somebody else"}]);
        call(
            &emulator,
            "CreateResourceServer",
            json!({"UserPoolId": id, "Identifier": "https://x", "Name": "theirs", "Scopes": scopes}),
        );
    }
    folder.write("main.tf", &pool("  resource_servers = [{ identifier = \"https://x\", name = \"mine\" }]"));
    for _ in 0..2 {
        folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    }
    let held = holds_at(&folder.0.join(".poolform/cognito.redb"));
    assert_eq!(held[0]["resource_servers"][0]["Name"], json!("theirs"));
    assert_eq!(held[0]["resource_servers"][0]["Scopes"][0]["ScopeName"], json!("keep"));
}

#[test]
fn a_pool_that_is_not_found_is_not_made_again_unasked() {
    let folder = Folder::new("gone");
    folder.write("main.tf", &pool(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    std::fs::remove_file(folder.0.join(".poolform/cognito.redb")).unwrap();
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains("Recorded pool not found"), "{}", refused.stderr());
    folder.run(&["apply", "-local", "-auto-approve", "-allow-replace=module.pool"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}

#[test]
fn the_last_pool_can_be_taken_out_of_the_files() {
    for last in ["  count = 0", "  for_each = {}"] {
        let folder = Folder::new("last");
        folder.write("main.tf", &pool(""));
        folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        let text = pool(last).split("output").next().unwrap().to_owned();
        folder.write("main.tf", &text);
        folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        assert_eq!(pools(&folder), 0);
    }
}

#[test]
fn pools_that_use_each_others_outputs_are_applied_one_after_the_other() {
    let folder = Folder::new("chain");
    let second = "module \"second\" {\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"second-${module.pool.user_pool.name}\"\n}\n";
    folder.write("main.tf", &(pool("") + second));
    let refused = folder.run(&["apply", "-local", "-auto-approve"]).exits(1);
    assert!(refused.stderr().contains("poolform apply -target='module.pool'"), "{}", refused.stderr());
    folder.run(&["apply", "-local", "-auto-approve", "-target=module.pool"]).exits(0);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    assert_eq!(pools(&folder), 2);
}

#[test]
fn secrets_are_rotated_without_another_client_id() {
    let folder = Folder::new("rotate");
    let secrets = "output \"secrets\" {\n  value = module.pool.client_secrets\n  sensitive = true\n}\n";
    folder.write(
        "main.tf",
        &(pool("  clients = [{ name = \"job\", generate_secret = true }, { name = \"web\" }]") + secrets),
    );
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let job = "module.pool.client[\"job\"]";
    folder.run(&["rotate-secret", "-local", "-remove-old", job]).exits(1);
    let misspelt = folder.run(&["rotate-secret", "-local", "module.pool.client[\"jobb\"]"]).exits(1);
    assert!(misspelt.stderr().contains("Did you mean"), "{}", misspelt.stderr());
    folder.run(&["rotate-secret", "-local", "module.pool.client[\"web\"]"]).exits(1);
    let rotated = folder.run(&["rotate-secret", "-local", job]).exits(0);
    assert_eq!(rotated.stdout().trim().len(), 52, "{}", rotated.stdout());
    // Cognito no longer shows a secret then, and that is no difference.
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    folder.run(&["rotate-secret", "-local", job]).exits(1);
    folder.run(&["rotate-secret", "-local", "-remove-old", job]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    let secrets = folder.run(&["output", "-local", "-json", "secrets"]).exits(0);
    assert_eq!(secrets.stdout().trim(), "{\"job\":null,\"web\":\"\"}");
    // Nobody is left to wonder why (ListUserPoolClientSecrets never reveals a value, says its API page).
    assert!(rotated.stderr().contains("Keep it now"), "{}", rotated.stderr());
    let applied = folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    for said in [secrets.stderr(), applied.stderr()] {
        assert_eq!(said.matches("Secret that cannot be shown (module.pool.client[\"job\"])").count(), 1, "{said}");
    }
    for format in ["dotenv", "oidc"] {
        let env = folder.run(&["env", "-local", "-secrets", "-client=job", "-format", format]).exits(0);
        assert!(env.stderr().contains("the secret of job, which was rotated"), "{format}: {}", env.stderr());
    }
    let other = folder.run(&["output", "-local", "-json", "id"]).exits(0);
    assert!(!other.stderr().contains("cannot be shown"), "{}", other.stderr());
    let log = std::fs::read_to_string(folder.0.join("requests.jsonl")).unwrap();
    assert!(!log.contains(rotated.stdout().trim()));
    // A client whose secret was rotated is updated like any other.
    let text = std::fs::read_to_string(folder.0.join("main.tf")).unwrap();
    folder
        .write("main.tf", &text.replace("generate_secret = true", "generate_secret = true, access_token_validity = 2"));
    let updated = folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert!(!updated.stderr().contains("Unexpected"), "{}", updated.stderr());
}

/// The one restore file of a folder.
fn restore_file(folder: &Folder) -> Option<String> {
    let entries = std::fs::read_dir(folder.0.join(".poolform")).unwrap();
    let mut names = entries.map(|entry| entry.unwrap().path().display().to_string());
    names.find(|name| name.contains(".restore.") && name.ends_with(".json"))
}

/// Runs a command and kills it as soon as a restore file is there, if it is not over by then.
fn kill_once_kept(folder: &Folder, arguments: &[&str]) {
    let mut child = folder.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..5_000 {
        if restore_file(folder).is_some() || child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn what_an_update_finds_is_kept_until_it_is_known_to_be_well() {
    let folder = Folder::new("restore");
    let text = |length: u8, secret: &str| {
        pool(&format!(
            "  password_minimum_length = {length}\n  email_subject = sensitive(\"{secret}\")\n  tags = {{ \"a.b\" = \"1\" }}"
        ))
    };
    folder.write("main.tf", &text(20, "hush-hush"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &text(30, "hush-hush"));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(restore_file(&folder), None, "nothing surprised");
    // An apply that dies before it is known to be well leaves the file; so does one that is refused half way.
    let path = folder.0.join(".poolform/cognito.redb");
    let id = holds_at(&path)[0]["pool"]["Name"].clone();
    assert_eq!(id, json!("orders"));
    folder.write("main.tf", &text(40, "hush-again"));
    let mut killed = None;
    for delay in 0..60 {
        kill_once_kept(&folder, &["apply", "-local", "-auto-approve"]);
        killed = restore_file(&folder);
        if killed.is_some() {
            break;
        }
        folder.write("main.tf", &text(41 + delay, "hush-again"));
    }
    let file = killed.expect("an apply was killed in time");
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!kept.contains("hush") && kept.contains("\"MinimumLength\""), "{kept}");
    // Whatever it did, the way back leads there, and leaves alone what is secret.
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let before: Value = serde_json::from_str(&kept).unwrap();
    let length = before["resources"]["module.pool"]["settings"]["Policies"]["PasswordPolicy"]["MinimumLength"].clone();
    folder.run(&["restore", "-local", &file]).exits(1);
    let restored = folder.run(&["restore", "-local", "-auto-approve", &file]).exits(0);
    assert!(restored.stdout().contains("Policies.PasswordPolicy.MinimumLength"), "{}", restored.stdout());
    let held = &holds_at(&path)[0]["pool"];
    assert_eq!(held["Policies"]["PasswordPolicy"]["MinimumLength"], length);
    assert_eq!(held["EmailVerificationSubject"], json!("hush-again"));
    assert_eq!(held["UserPoolTags"], json!({"a.b": "1"}));
    let again = folder.run(&["restore", "-local", "-auto-approve", &file]).exits(0);
    assert!(again.stderr().contains("is as it was"), "{}", again.stderr());
    folder.run(&["restore", "-local", "no-such-file"]).exits(1);
    folder.write("broken", "{}");
    folder.run(&["restore", "-local", "broken"]).exits(1);
}

#[test]
fn what_was_sensitive_stays_secret_when_it_is_taken_out_of_the_files() {
    let folder = Folder::new("once-sensitive");
    let sensitive =
        "  invite_email_subject = sensitive(\"hush-hush\")\n  tags = { token = sensitive(\"hush-hush\") }\n";
    folder.write("main.tf", &pool(sensitive));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.write("main.tf", &pool("  password_minimum_length = 30"));
    let planned = folder.run(&["plan", "-local", "-out", "p"]).exits(0);
    let as_json = folder.run(&["plan", "-local", "-json"]).exits(0);
    let mut said = planned.stdout() + &as_json.stdout();
    said.push_str(&std::fs::read_to_string(folder.0.join("p")).unwrap());
    said.push_str(&std::fs::read_to_string(folder.0.join(".poolform/poolform.state.json")).unwrap());
    // Killed, so that the restore file stays.
    kill_once_kept(&folder, &["apply", "p"]);
    if let Some(file) = restore_file(&folder) {
        said.push_str(&std::fs::read_to_string(file).unwrap());
    }
    assert!(said.contains("invite_email_subject"), "{said}");
    assert!(!said.contains("hush-hush"), "{said}");
}

#[test]
fn what_was_planned_surprises_nobody_and_leaves_nothing_to_restore() {
    let folder = Folder::new("no-surprise");
    let sms = |external: &str| {
        pool(&format!(
            "  sms_configuration = {{ external_id = \"{external}\", sns_caller_arn = \"arn:aws:iam::123456789012:role/sms\" }}"
        ))
    };
    for text in [pool(""), sms("one"), sms("two")] {
        folder.write("main.tf", &text);
        let applied = folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        let said = applied.stderr();
        assert!(!said.contains("Unexpected change") && !said.contains("restore"), "{said}");
        assert_eq!(restore_file(&folder), None);
    }
}
