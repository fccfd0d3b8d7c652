//! A record that cannot be read is a fault of the store, and no word about tokens, sessions or clients.

use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::{Value as Json, json};

use crate::emulator::{Emulator, Options};
use crate::kept::shelf::{CLIENT_POOLS, CLIENTS, USER_POOLS, USERS};
use crate::oauth::request::{self, DomainName};
use crate::oauth::{self, well_known};

fn call(emulator: &Emulator, operation: &str, body: Json) -> Result<Object, Failure> {
    let Json::Object(body) = body else { panic!("{operation}: the body is not an object") };
    emulator.call(&Request::new(operation, body))
}

#[test]
fn faults_of_the_store_are_told_as_faults() {
    let emulator = Emulator::in_memory(Options::default());
    let asked = |operation: &str, body: Json| call(&emulator, operation, body).unwrap();
    let pool = asked("CreateUserPool", json!({"PoolName": "p"}))["UserPool"]["Id"].clone();
    let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
    let body = json!({"UserPoolId": pool, "ClientName": "c", "ExplicitAuthFlows": flows});
    let client = asked("CreateUserPoolClient", body)["UserPoolClient"]["ClientId"].clone();
    for (name, permanent) in [("anna", true), ("bert", false)] {
        asked("AdminCreateUser", json!({"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS"}));
        let body = json!({"UserPoolId": pool, "Username": name, "Password": "Some-pass-1", "Permanent": permanent});
        asked("AdminSetUserPassword", body);
    }
    let sign_in = |name: &str| {
        let parameters = json!({"USERNAME": name, "PASSWORD": "Some-pass-1"});
        json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters})
    };
    let tokens = asked("InitiateAuth", sign_in("anna"))["AuthenticationResult"].clone();
    let session = asked("InitiateAuth", sign_in("bert"))["Session"].clone();
    let requests = [
        ("GetUser", json!({"AccessToken": tokens["AccessToken"]})),
        ("GlobalSignOut", json!({"AccessToken": tokens["AccessToken"]})),
        (
            "InitiateAuth",
            json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
                "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]}}),
        ),
        ("RevokeToken", json!({"ClientId": client, "Token": tokens["RefreshToken"]})),
        (
            "RespondToAuthChallenge",
            json!({"ClientId": client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
                "ChallengeResponses": {"USERNAME": "bert", "NEW_PASSWORD": "Other-pass-1"}}),
        ),
        ("AssociateSoftwareToken", json!({"Session": session})),
    ];
    let (pool, client) = (pool.as_str().unwrap(), client.as_str().unwrap());
    for (shelf, scope, name, spared) in [
        (USER_POOLS, "", pool, &[][..]),
        (CLIENT_POOLS, "", client, &["GetUser", "GlobalSignOut", "AssociateSoftwareToken"][..]),
        (USERS, pool, "anna", &["RevokeToken", "RespondToAuthChallenge", "AssociateSoftwareToken"][..]),
    ] {
        let kept = emulator.store.read(|reader| reader.bytes(shelf, scope, name)).unwrap().unwrap();
        emulator.store.write(|writer| writer.put(shelf, scope, name, &7)).unwrap();
        for (operation, body) in requests.iter().filter(|(operation, _)| !spared.contains(operation)) {
            match call(&emulator, operation, body.clone()) {
                Err(Failure::Refused(refusal)) => {
                    assert_eq!((refusal.code.as_str(), refusal.status), ("InternalErrorException", 500), "{operation}");
                }
                other => panic!("{operation} with a broken {name}: {other:?}"),
            }
        }
        let kept: Json = serde_json::from_slice(&kept).unwrap();
        emulator.store.write(|writer| writer.put(shelf, scope, name, &kept)).unwrap();
    }
    for (operation, body) in requests.iter().take(1) {
        call(&emulator, operation, body.clone()).unwrap();
    }
}

#[test]
fn a_domain_tells_faults_of_the_store_as_faults() {
    let emulator = Emulator::in_memory(Options::default());
    let asked = |operation: &str, body: Json| call(&emulator, operation, body).unwrap();
    let pool = asked("CreateUserPool", json!({"PoolName": "p"}))["UserPool"]["Id"].clone();
    asked("CreateUserPoolDomain", json!({"UserPoolId": pool, "Domain": "orders"}));
    let body = json!({"UserPoolId": pool, "ClientName": "c", "CallbackURLs": ["https://app.example/"],
        "LogoutURLs": ["https://app.example/"], "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let client = asked("CreateUserPoolClient", body)["UserPoolClient"]["ClientId"].clone();
    asked("AdminCreateUser", json!({"UserPoolId": pool, "Username": "anna", "MessageAction": "SUPPRESS"}));
    let password = json!({"UserPoolId": pool, "Username": "anna", "Password": "Some-pass-1", "Permanent": true});
    asked("AdminSetUserPassword", password);
    let parameters = json!({"USERNAME": "anna", "PASSWORD": "Some-pass-1"});
    let flow = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let token = asked("InitiateAuth", flow)["AuthenticationResult"]["AccessToken"].clone();
    let (pool, client) = (pool.as_str().unwrap(), client.as_str().unwrap());
    let ask = |method: &str, path: &str| {
        let request = request::Request {
            method: method.to_owned(),
            way: DomainName::Pool(pool.to_owned()),
            path: path.to_owned(),
            query: format!(
                "client_id={client}&redirect_uri=https://app.example/&response_type=code&logout_uri=https://app.example/\
                 &grant_type=refresh_token&refresh_token=x&token=x"
            ),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            authorization: path.ends_with("Info").then(|| format!("Bearer {}", token.as_str().unwrap())),
            cookies: String::new(),
            navigates: false,
            body: Vec::new(),
        };
        oauth::answer(&emulator, &request).map(|reply| reply.status)
    };
    let paths = [
        ("GET", "/oauth2/authorize"),
        ("GET", "/logout"),
        ("POST", "/oauth2/token"),
        ("POST", "/oauth2/revoke"),
        ("GET", "/oauth2/userInfo"),
    ];
    let break_and_ask = |shelf, scope: &str, name: &str, paths: &[(&str, &str)]| {
        let kept = emulator.store.read(|reader| reader.bytes(shelf, scope, name)).unwrap().unwrap();
        emulator.store.write(|writer| writer.put(shelf, scope, name, &7)).unwrap();
        for (method, path) in paths {
            assert_eq!(ask(method, path), Some(500), "{method} {path} with a broken {name}");
        }
        let kept: Json = serde_json::from_slice(&kept).unwrap();
        emulator.store.write(|writer| writer.put(shelf, scope, name, &kept)).unwrap();
    };
    break_and_ask(USER_POOLS, "", pool, &paths);
    break_and_ask(CLIENTS, pool, client, &paths[..4]);
    break_and_ask(USERS, pool, "anna", &paths[4..]);
    emulator.store.write(|writer| writer.put(USER_POOLS, "", pool, &7)).unwrap();
    assert!(well_known::answer(&emulator, &format!("/{pool}/.well-known/jwks.json")).is_err());
}
