//! Which Cognito a command talks to: the root's own, a server, one for each region, or none that answers.

use serde_json::json;

use crate::command::{Folder, Server, client_of, free_port};
use crate::safety::{call, pool, pools};

#[test]
fn commands_talk_to_a_server_with_a_certificate_of_its_own() {
    let folder = Folder::new("served-tls");
    folder.write("main.tf", &pool("  clients = [{ name = \"web\" }]"));
    let (_, _server) = Server::serve(&folder, &["-tls"]);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}

#[test]
fn commands_talk_to_the_server_that_holds_the_store() {
    let folder = Folder::new("served");
    folder.write("main.tf", &pool("  clients = [{ name = \"web\" }]"));
    let (port, _server) = Server::serve(&folder, &[]);
    let applied = folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    let id = folder.run(&["output", "-local", "-raw", "id"]).exits(0).stdout();
    let described = call(&client_of(port, "us-east-1"), "DescribeUserPool", json!({"UserPoolId": id}));
    assert_eq!(described["UserPool"]["Name"], json!("orders"), "{}", applied.stdout());
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    folder.run(&["destroy", "-local", "-auto-approve"]).exits(0);
    // A second server of the same root is told about the first.
    let second = folder.run(&["serve", "-port", "0"]).exits(1);
    assert!(second.stderr().contains(&port.to_string()), "{}", second.stderr());
}

#[test]
fn an_endpoint_of_the_provider_block_is_used_and_its_state_is_not_another_regions() {
    let folder = Folder::new("endpoint");
    let served = Folder::new("endpoint-served");
    let (port, _server) = Server::serve(&served, &["-in-memory"]);
    let provider = |region: &str| {
        format!(
            "provider \"aws\" {{\n  region = \"{region}\"\n  access_key = \"a\"\n  secret_key = \"b\"\n  \
             endpoints {{\n    cognitoidp = \"http://127.0.0.1:{port}\"\n  }}\n}}\n"
        )
    };
    folder.write("main.tf", &(provider("us-east-1") + &pool("")));
    folder.run(&["apply", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-detailed-exitcode"]).exits(0);
    folder.write("main.tf", &(provider("eu-west-1") + &pool("")));
    let refused = folder.run(&["plan"]).exits(1);
    assert!(refused.stderr().contains("State of another place"), "{}", refused.stderr());
    folder.write("main.tf", &(provider("us-east-1") + &pool("")));
    folder.run(&["destroy", "-auto-approve"]).exits(0);
}

#[test]
fn behind_an_endpoint_apps_are_told_what_it_publishes() {
    let folder = Folder::new("published");
    let (port, _server) = Server::serve(&Folder::new("published-served"), &["-in-memory"]);
    let at = format!("http://127.0.0.1:{port}");
    let environment = [
        ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", at.as_str()),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
    ];
    let outputs = "output \"told\" { value = [module.pool.issuer, module.pool.jwks_url] }\n";
    let arguments = "  domain = \"orders-of-mine\"\n  clients = [{ name = \"web\", generate_secret = false }]";
    folder.write("main.tf", &(pool(arguments) + outputs));
    folder.run_with(&["apply", "-auto-approve"], &environment).exits(0);
    let id = folder.run(&["output", "-raw", "id"]).exits(0).stdout();
    let told: Vec<String> = serde_json::from_str(&folder.run(&["output", "-json", "told"]).exits(0).stdout()).unwrap();
    // The issuer is what tokens say, the discovery document among others.
    assert_eq!(told, [format!("{at}/{id}"), format!("{at}/{id}/.well-known/jwks.json")]);
    let dotenv = folder.run_with(&["env"], &environment).exits(0).stdout();
    for line in [
        format!("COGNITO_ISSUER={at}/{id}"),
        format!("COGNITO_JWKS_URL={at}/{id}/.well-known/jwks.json"),
        format!("COGNITO_DOMAIN={at}/{id}"),
    ] {
        assert!(dotenv.lines().any(|one| one == line), "no {line} in {dotenv}");
    }
    // Whose keys an endpoint takes is its own affair.
    assert!(!dotenv.contains("AWS_ACCESS_KEY_ID"), "{dotenv}");
    assert!(!dotenv.contains("amazonaws") && !dotenv.contains("amazoncognito"), "{dotenv}");
    let oidc = folder.run_with(&["env", "-format", "oidc"], &environment).exits(0);
    // Nobody can sign in with what is printed: this is said.
    assert!(oidc.stderr().contains("may use no flow") && !oidc.stderr().contains("no domain"), "{}", oidc.stderr());
    let oidc = oidc.stdout();
    let oidc: serde_json::Value = serde_json::from_str(&oidc).unwrap();
    assert_eq!(oidc["token_endpoint"], json!(format!("{at}/{id}/oauth2/token")));
    let pages = format!("http://orders-of-mine.auth.eu-west-1.localhost:{port}/oauth2/authorize");
    assert_eq!(oidc["authorization_endpoint"], json!(pages));
}

#[test]
fn no_answer_is_an_error_that_says_where() {
    let folder = Folder::new("unreachable");
    let port = free_port();
    folder.write("main.tf", &pool(""));
    let endpoint = format!("http://127.0.0.1:{port}");
    let environment = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "a"),
        ("AWS_SECRET_ACCESS_KEY", "b"),
    ];
    let failed = folder.run_with(&["apply", "-auto-approve"], &environment).exits(1);
    assert!(failed.stderr().contains(&endpoint) && failed.stderr().contains("Remains"), "{}", failed.stderr());
    // Without region or credentials nothing is asked at all.
    let failed = folder.run_with(&["apply", "-auto-approve"], &[]).exits(1);
    assert!(failed.stderr().contains("No region"), "{}", failed.stderr());
}

#[test]
fn pools_of_one_root_may_be_in_several_regions() {
    let text = |second: &str| {
        format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\nprovider \"aws\" {{\n  alias = \"us\"\n  region = \"us-east-1\"\n}}\n\
             {}{second}",
            pool("  clients = [{ name = \"web\" }]\n  domain = \"orders-of-mine\"")
        )
    };
    let second = "module \"us\" {\n  source = \"mineiros-io/cognito-user-pool/aws\"\n  name = \"us\"\n  clients = [{ name = \"web\" }]\n  \
                  providers = { aws = aws.us }\n}\noutput \"us\" {\n  value = module.us.user_pool.id\n}\n";
    let run = |folder: &Folder| {
        folder.write("main.tf", &text(second));
        folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
        folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
        let id = |name: &str| folder.run(&["output", "-local", "-raw", name]).exits(0).stdout();
        (id("id"), id("us"))
    };
    let folder = Folder::new("regions");
    let (eu, us) = run(&folder);
    assert!(eu.starts_with("eu-west-1_") && us.starts_with("us-east-1_"), "{eu} {us}");
    // Taken out of the files, the second one goes, and nothing else.
    folder.write("main.tf", &text(""));
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 1);
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
    folder.run(&["destroy", "-local", "-auto-approve"]).exits(0);
    assert_eq!(pools(&folder), 0);

    // Over two connections: one endpoint for each configuration.
    let served = [Folder::new("region-eu"), Folder::new("region-us")];
    let (first, _first_server) = Server::serve(&served[0], &["-in-memory", "-region", "eu-west-1"]);
    let (other, _other_server) = Server::serve(&served[1], &["-in-memory", "-region", "us-east-1"]);
    let provider = |alias: &str, region: &str, port: u16| {
        format!(
            "provider \"aws\" {{\n  {alias}\n  region = \"{region}\"\n  access_key = \"a\"\n  secret_key = \"b\"\n  \
             endpoints {{\n    cognitoidp = \"http://127.0.0.1:{port}\"\n  }}\n}}\n"
        )
    };
    let folder = Folder::new("regions-remote");
    let providers = provider("", "eu-west-1", first) + &provider("alias = \"us\"", "us-east-1", other);
    folder.write("main.tf", &(providers + &pool("") + second));
    folder.run(&["apply", "-auto-approve"]).exits(0);
    folder.run(&["plan", "-detailed-exitcode"]).exits(0);
    for (port, module) in [(first, "module.pool"), (other, "module.us")] {
        let dotenv = folder.run(&["env", module]).exits(0).stdout();
        let at = format!("http://127.0.0.1:{port}");
        for name in ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "COGNITO_ISSUER", "COGNITO_JWKS_URL"] {
            assert!(dotenv.contains(&format!("{name}={at}")), "{module}: {name} is not at {at}: {dotenv}");
        }
    }
    for (port, region, name) in [(first, "eu-west-1", "orders"), (other, "us-east-1", "us")] {
        let listed = call(&client_of(port, region), "ListUserPools", json!({"MaxResults": 60}));
        assert_eq!(listed["UserPools"].as_array().unwrap().len(), 1);
        assert_eq!(listed["UserPools"][0]["Name"], json!(name));
    }
    folder.run(&["destroy", "-auto-approve"]).exits(0);
}

/// Plain resources are poolform's to apply behind an endpoint, whoever names it.
#[test]
fn an_endpoint_that_only_a_profile_names_counts_for_plain_resources() {
    let folder = Folder::new("profile");
    let (port, _server) = Server::serve(&Folder::new("profile-served"), &["-in-memory"]);
    let config = format!(
        "[profile lab]\nregion = us-east-1\naws_access_key_id = a\naws_secret_access_key = b\nservices = lab\n\n\
         [services lab]\ncognito_identity_provider =\n  endpoint_url = http://127.0.0.1:{port}\n"
    );
    folder.write("config", &config);
    let file = folder.0.join("config").to_string_lossy().into_owned();
    let pool = "resource \"aws_cognito_user_pool\" \"p\" {\n  name = \"p\"\n}\n";
    let in_provider = "provider \"aws\" {\n  profile = \"lab\"\n}\n";
    for (provider, environment) in [
        (in_provider, &[("AWS_CONFIG_FILE", file.as_str())][..]),
        ("", &[("AWS_CONFIG_FILE", file.as_str()), ("AWS_PROFILE", "lab")]),
    ] {
        folder.write("main.tf", &format!("{provider}{pool}"));
        folder.run_with(&["apply", "-auto-approve"], environment).exits(0);
        folder.run_with(&["plan", "-detailed-exitcode"], environment).exits(0);
        folder.run_with(&["destroy", "-auto-approve"], environment).exits(0);
    }
    // Without the profile it is AWS, where Terraform applies them.
    let refused = folder.run_with(&["apply", "-auto-approve"], &[("AWS_CONFIG_FILE", file.as_str())]).exits(1);
    assert!(refused.stderr().contains("Root that Terraform applies"), "{}", refused.stderr());
}
