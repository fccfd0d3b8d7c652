//! The recorded cases against moto over HTTP: first steps, and later ones that moto can follow (it forgets half a pool on
//! UpdateUserPool, and cannot change or delete resource servers).

use std::process::Command;

use poolform_client::{Settings, connect};
use serde_json::Value;

use crate::canonical::{holds, missing};
use crate::command::{Folder, Server, external, fixtures, folders, free_port, wait_for};
use crate::golden::{as_cognito_would, read, replaced_clients};

/// What moto cannot follow, whoever sends it.
pub fn beyond_moto(expected: &Value) -> bool {
    let calls = expected["calls"].as_array().cloned().unwrap_or_default();
    let has = |operation: &str| calls.iter().any(|call| call["operation"] == operation);
    // A pool that the original replaces is updated in place by poolform.
    let replaces = has("DeleteUserPool") && has("CreateUserPool");
    has("UpdateUserPool")
        || replaces
        || ["not_recorded", "not_compared", "permission", "refused_at"].iter().any(|key| expected.get(key).is_some())
}

#[test]
fn recorded_cases_on_moto() {
    let Some(moto) = external("moto_server", "POOLFORM_MOTO") else { return };
    let port = free_port();
    let _server = Server::start(Command::new(moto).args(["-p", &port.to_string()]));
    wait_for(port);
    let url = format!("http://127.0.0.1:{port}");
    let settings = Settings {
        region: Some("us-east-1".to_owned()),
        endpoint: Some(url.clone()),
        keys: Some(("test".to_owned(), "test".to_owned(), None)),
        ..Settings::default()
    };
    let cognito = connect(&settings).unwrap();
    let environment = [
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url.as_str()),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let mut problems = Vec::new();
    let (mut compared, mut left) = (0, Vec::new());
    let (of_the_module, of_resources) = (fixtures().join("golden"), fixtures().join("golden-raw"));
    for case in folders(&of_the_module).into_iter().chain(folders(&of_resources)) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let folder = Folder::new(&name);
        for step in folders(&case) {
            let at = format!("{name}/{}", step.file_name().unwrap().to_string_lossy());
            let expected = read(&step.join("expected.json"));
            if beyond_moto(&expected) {
                left.push(at);
                break;
            }
            folder.fill(&step);
            let mut arguments = vec!["apply".to_owned(), "-auto-approve".to_owned()];
            arguments.extend(replaced_clients(&expected));
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let applied = folder.run_with(&arguments, &environment);
            if applied.code() != 0 {
                problems.push(format!("{at}: {}{}", applied.stdout(), applied.stderr()));
                break;
            }
            let held = as_cognito_would(&expected["holds"]);
            let actual = as_cognito_would(&holds(&cognito));
            // moto mirrors nothing by itself; both sides say what the template says.
            missing(&held, &actual, &at, &mut problems);
            let again = folder.run_with(&["plan", "-detailed-exitcode"], &environment);
            if again.code() != 0 {
                problems.push(format!("{at}: the next plan is not empty: {}{}", again.stdout(), again.stderr()));
            }
            compared += 1;
        }
        let destroyed = folder.run_with(&["destroy", "-auto-approve"], &environment);
        let rest = holds(&cognito);
        if destroyed.code() != 0 || rest != Value::Array(Vec::new()) {
            problems.push(format!("{name}: destroy leaves {rest}: {}", destroyed.stderr()));
            break;
        }
    }
    println!("{compared} steps on moto; beyond it: {left:?}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// moto forgets much of a pool when it is updated, whatever is sent: what nobody asked for is said, and the way back kept.
#[test]
fn what_a_server_resets_by_itself_is_said() {
    let Some(moto) = external("moto_server", "POOLFORM_MOTO") else { return };
    let port = free_port();
    let _server = Server::start(Command::new(moto).args(["-p", &port.to_string()]));
    wait_for(port);
    let url = format!("http://127.0.0.1:{port}");
    let environment = [
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", url.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let folder = Folder::new("forgetful");
    let pool = |length: u8| {
        format!(
            "module \"pool\" {{\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"orders\"\n  \
             password_minimum_length = {length}\n}}\n"
        )
    };
    folder.write("main.tf", &pool(20));
    folder.run_with(&["apply", "-auto-approve"], &environment).exits(0);
    folder.write("main.tf", &pool(30));
    let applied = folder.run_with(&["apply", "-auto-approve"], &environment).exits(0);
    let said = applied.stderr();
    assert!(said.contains("Unexpected change"), "{said}");
    let file = said.split("poolform restore ").nth(1).unwrap().lines().next().unwrap().to_owned();
    assert!(folder.0.join(&file).is_file(), "{file}");
    let shown = folder.run_with(&["restore", "-input=false", &file], &environment).exits(1);
    assert!(shown.stdout().contains("will be updated in place"), "{}", shown.stdout());
}
