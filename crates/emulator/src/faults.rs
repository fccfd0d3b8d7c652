//! A record that cannot be read is a fault of the store, and no word about tokens, sessions or clients.

use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::{Value as Json, json};

use crate::store::{CLIENT_POOLS, USER_POOLS, USERS};
use crate::{Emulator, Options};

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
        let kept = emulator.store.read(|look| look.bytes(shelf, scope, name)).unwrap().unwrap();
        emulator.store.write(|writing| writing.put(shelf, scope, name, &7)).unwrap();
        for (operation, body) in requests.iter().filter(|(operation, _)| !spared.contains(operation)) {
            match call(&emulator, operation, body.clone()) {
                Err(Failure::Refused(refusal)) => {
                    assert_eq!((refusal.code.as_str(), refusal.status), ("InternalErrorException", 500), "{operation}");
                }
                other => panic!("{operation} with a broken {name}: {other:?}"),
            }
        }
        let kept: Json = serde_json::from_slice(&kept).unwrap();
        emulator.store.write(|writing| writing.put(shelf, scope, name, &kept)).unwrap();
    }
    for (operation, body) in requests.iter().take(1) {
        call(&emulator, operation, body.clone()).unwrap();
    }
}
