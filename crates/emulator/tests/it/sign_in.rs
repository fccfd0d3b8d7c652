//! Signing in as time goes by, and after the process has ended.

use std::sync::Arc;

use poolform_emulator::{Emulator, ManualClock, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Value as Json, json};

use crate::world::{NOW, World, folder};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A pool with a client that signs in by password, and a user `anna` with a permanent password.
fn signed_up(client: &Json) -> World {
    let mut world = World::new(|_| {});
    world.run("pool", "CreateUserPool", &json!({"PoolName": "p", "AutoVerifiedAttributes": ["email"]}));
    let mut body = json!({
        "UserPoolId": "${pool.UserPool.Id}",
        "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    });
    body.as_object_mut().unwrap().extend(client.as_object().unwrap().clone());
    world.run("client", "CreateUserPoolClient", &body);
    let email = json!([{"Name": "email", "Value": "anna@orders.example"}, {"Name": "email_verified", "Value": "true"}]);
    world.run("_", "AdminCreateUser", &user(json!({"UserAttributes": email, "TemporaryPassword": "Temporary-1"})));
    world.run("_", "AdminSetUserPassword", &user(json!({"Password": "Permanent-1", "Permanent": true})));
    world
}

fn user(more: Json) -> Json {
    let mut body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn app(more: Json) -> Json {
    let mut body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "Username": "anna"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn by_password(password: &str) -> Json {
    json!({
        "ClientId": "${client.UserPoolClient.ClientId}",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": password},
    })
}

fn by_refresh() -> Json {
    json!({
        "ClientId": "${client.UserPoolClient.ClientId}",
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": "${in.AuthenticationResult.RefreshToken}"},
    })
}

fn refusal(code: &str, message: &str) -> Json {
    json!({"error": {"name": code, "message": message}})
}

#[test]
fn tokens_end_when_the_client_says() {
    let units = json!({"AccessToken": "minutes", "RefreshToken": "hours"});
    let mut world =
        signed_up(&json!({"AccessTokenValidity": 5, "RefreshTokenValidity": 2, "TokenValidityUnits": units,
            "IdTokenValidity": 1}));
    let answer = world.run("in", "InitiateAuth", &by_password("Permanent-1"));
    assert_eq!(answer["AuthenticationResult"]["ExpiresIn"], 300);
    let me = json!({"AccessToken": "${in.AuthenticationResult.AccessToken}"});
    world.clock.advance(5 * MINUTE - 1000);
    world.call("GetUser", &me).unwrap();
    world.clock.advance(1000);
    assert_eq!(world.refused("GetUser", &me), refusal("NotAuthorizedException", "Access Token has expired"));
    world.clock.advance(HOUR);
    world.call("InitiateAuth", &by_refresh()).unwrap();
    world.clock.advance(HOUR);
    let over = refusal("NotAuthorizedException", "Refresh Token has expired");
    assert_eq!(world.refused("InitiateAuth", &by_refresh()), over);
}

#[test]
fn a_temporary_password_is_good_for_so_many_days() {
    let mut world = signed_up(&json!({}));
    let policy = json!({"PasswordPolicy": {"TemporaryPasswordValidityDays": 2}});
    world.run("_", "UpdateUserPool", &json!({"UserPoolId": "${pool.UserPool.Id}", "Policies": policy}));
    world.run("_", "AdminSetUserPassword", &user(json!({"Password": "Temporary-2", "Permanent": false})));
    world.clock.advance(2 * DAY);
    world.call("InitiateAuth", &by_password("Temporary-2")).unwrap();
    world.clock.advance(1);
    let over = "Temporary password has expired and must be reset by an administrator.";
    assert_eq!(world.refused("InitiateAuth", &by_password("Temporary-2")), refusal("NotAuthorizedException", over));
    let again = user(json!({"MessageAction": "RESEND", "TemporaryPassword": "Temporary-3"}));
    world.run("_", "AdminCreateUser", &again);
    world.call("InitiateAuth", &by_password("Temporary-3")).unwrap();
}

#[test]
fn a_session_lives_as_long_as_the_client_says() {
    let mut world = signed_up(&json!({"AuthSessionValidity": 5}));
    world.run("_", "AdminSetUserPassword", &user(json!({"Password": "Temporary-2", "Permanent": false})));
    world.run("c", "InitiateAuth", &by_password("Temporary-2"));
    let answer = json!({
        "ClientId": "${client.UserPoolClient.ClientId}",
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": "${c.Session}",
        "ChallengeResponses": {"USERNAME": "anna", "NEW_PASSWORD": "Permanent-2"},
    });
    world.clock.advance(5 * MINUTE + 1);
    let over = refusal("NotAuthorizedException", "Invalid session for the user, session is expired.");
    assert_eq!(world.refused("RespondToAuthChallenge", &answer), over);
}

#[test]
fn codes_end_and_run_out_of_attempts() {
    let mut world = signed_up(&json!({}));
    let confirm = |code: &str| app(json!({"ConfirmationCode": code, "Password": "Permanent-2"}));
    world.run("_", "ForgotPassword", &app(json!({})));
    world.clock.advance(HOUR + 1);
    let expired = refusal("ExpiredCodeException", "Invalid code provided, please request a code again.");
    assert_eq!(world.refused("ConfirmForgotPassword", &confirm("${message.code}")), expired);
    world.run("_", "ForgotPassword", &app(json!({})));
    let wrong = refusal("CodeMismatchException", "Invalid verification code provided, please try again.");
    for _ in 0..5 {
        assert_eq!(world.refused("ConfirmForgotPassword", &confirm("nocode")), wrong);
    }
    let enough = refusal("LimitExceededException", "Attempt limit exceeded, please try after some time.");
    assert_eq!(world.refused("ConfirmForgotPassword", &confirm("${message.code}")), enough);
    world.run("_", "ForgotPassword", &app(json!({})));
    world.call("ConfirmForgotPassword", &confirm("${message.code}")).unwrap();
    world.call("InitiateAuth", &by_password("Permanent-2")).unwrap();
}

#[test]
fn failures_lock_out_for_longer_and_longer() {
    let mut world = signed_up(&json!({}));
    let wrong = refusal("NotAuthorizedException", "Incorrect username or password.");
    let locked = refusal("NotAuthorizedException", "Password attempts exceeded");
    for _ in 0..5 {
        assert_eq!(world.refused("InitiateAuth", &by_password("Wrong-pass-1")), wrong);
    }
    assert_eq!(world.refused("InitiateAuth", &by_password("Permanent-1")), locked);
    world.clock.advance(1000);
    assert_eq!(world.refused("InitiateAuth", &by_password("Wrong-pass-1")), wrong);
    world.clock.advance(1999);
    assert_eq!(world.refused("InitiateAuth", &by_password("Permanent-1")), locked);
    world.clock.advance(1);
    world.run("in", "InitiateAuth", &by_password("Permanent-1"));
    for _ in 0..4 {
        assert_eq!(world.refused("InitiateAuth", &by_password("Wrong-pass-1")), wrong);
    }
    world.call("InitiateAuth", &by_password("Permanent-1")).unwrap();
}

#[test]
fn keys_passwords_and_sign_ins_outlive_the_process() {
    let path = folder("sign-in").join("store");
    let clock = Arc::new(ManualClock::new(NOW));
    let open = || Emulator::open(&path, Options { clock: clock.clone(), ..Options::default() }).unwrap();
    let call = |emulator: &Emulator, operation: &str, body: Json| -> Json {
        let Json::Object(body) = body else { panic!("an object") };
        Json::Object(emulator.call(&Request::new(operation, body)).unwrap_or_else(|e| panic!("{operation}: {e}")))
    };
    let first = open();
    let pool = call(&first, "CreateUserPool", json!({"PoolName": "p"}))["UserPool"]["Id"].clone();
    let flows = json!(["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]);
    let made = call(
        &first,
        "CreateUserPoolClient",
        json!({"UserPoolId": pool, "ClientName": "c", "ExplicitAuthFlows": flows}),
    );
    let client = made["UserPoolClient"]["ClientId"].clone();
    call(&first, "SignUp", json!({"ClientId": client, "Username": "anna", "Password": "Permanent-1"}));
    call(&first, "AdminConfirmSignUp", json!({"UserPoolId": pool, "Username": "anna"}));
    let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": "Permanent-1"}});
    let tokens = call(&first, "InitiateAuth", body.clone())["AuthenticationResult"].clone();
    drop(first);
    let second = open();
    let me = json!({"AccessToken": tokens["AccessToken"]});
    assert_eq!(call(&second, "GetUser", me)["Username"], "anna", "signed by a key that is still there");
    call(&second, "InitiateAuth", body);
    let refresh = json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": tokens["RefreshToken"]}});
    call(&second, "InitiateAuth", refresh);
}

#[test]
fn risk_scoring_is_refused_by_name_and_watching_is_not() {
    let mut world = World::new(|_| {});
    for (mode, outcome) in [("AUDIT", "NotAuthorizedException"), ("ENFORCED", "NotImplementedException")] {
        let settings =
            json!({"PoolName": "p", "UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": mode}});
        world.run("pool", "CreateUserPool", &settings);
        let client = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"], "PreventUserExistenceErrors": "ENABLED"});
        world.run("client", "CreateUserPoolClient", &client);
        assert_eq!(world.refused("InitiateAuth", &by_password("Permanent-1"))["error"]["name"], outcome);
    }
}

#[test]
fn a_trigger_without_an_address_is_named() {
    let mut world = World::new(|_| {});
    let function = "arn:aws:lambda:us-east-1:123456789012:function:check";
    for (trigger, operation) in [("PreSignUp", "SignUp"), ("PreAuthentication", "InitiateAuth")] {
        let settings = json!({"PoolName": "p", "LambdaConfig": {trigger: function}});
        world.run("pool", "CreateUserPool", &settings);
        let client = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
        world.run("client", "CreateUserPoolClient", &client);
        let body = if operation == "SignUp" {
            app(json!({"Password": "Permanent-1"}))
        } else {
            let set = user(json!({"Password": "Permanent-1", "Permanent": true}));
            world.run("_", "AdminCreateUser", &user(json!({"MessageAction": "SUPPRESS"})));
            world.run("_", "AdminSetUserPassword", &set);
            by_password("Permanent-1")
        };
        let refusal = world.refused(operation, &body);
        assert_eq!(refusal["error"]["name"], "NotImplementedException");
        assert!(refusal["error"]["message"].as_str().unwrap().contains(trigger), "{refusal}");
    }
}
