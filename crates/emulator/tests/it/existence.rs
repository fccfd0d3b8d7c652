//! What answers tell about who is a user, where the client hides that (PreventUserExistenceErrors): every operation of
//! somebody who has not signed in, for everybody of whom it is nobody's business.
//!
//! The right values are those of the developer guide, managing error responses. What it documents to differ, and what is
//! recorded to differ, is named where it does.

use poolform_model::Failure;
use serde_json::{Value as Json, json};

use crate::functions::{Functions, filled};
use crate::world::World;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const POOL: &str = "us-east-1_Existence";
const CLIENT: &str = "1example23456789012345678";

/// A pool with one user in each state, and the client that asks.
fn peopled(functions: &Functions, setting: &str) -> World {
    let mut world = World::new(|options| {
        let names = ["define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response"];
        functions.called_by(options, &names);
    });
    functions.answer(|event| match event["triggerSource"].as_str() {
        Some("DefineAuthChallenge_Authentication") => filled(event, &json!({"challengeName": "CUSTOM_CHALLENGE"})),
        _ => filled(event, &json!({"publicChallengeParameters": {"question": "6 * 7"}})),
    });
    // Somebody of another provider comes by a seed: nobody signs up so.
    let external = json!({"Username": "external", "UserStatus": "EXTERNAL_PROVIDER", "Enabled": true,
        "Attributes": [{"Name": "email", "Value": "external@orders.example"}, {"Name": "sub", "Value": "04080408-0001-7000-0000-000000000001"}]});
    let flows = ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH"];
    let flows: Vec<String> = flows.iter().map(|flow| format!("ALLOW_{flow}")).collect();
    let seed = json!({
        "pool": {"Id": POOL, "Name": "p", "AutoVerifiedAttributes": ["email"], "LambdaConfig": {
            "DefineAuthChallenge": FUNCTION, "CreateAuthChallenge": FUNCTION, "VerifyAuthChallengeResponse": FUNCTION}},
        "clients": [{"ClientId": CLIENT, "ClientName": "c", "UserPoolId": POOL, "ExplicitAuthFlows": flows,
            "PreventUserExistenceErrors": setting}],
        "users": [external],
    });
    assert_eq!(world.emulator.seed(&seed), Ok(1));
    for name in ["confirmed", "unconfirmed", "disabled", "unreached", "reset"] {
        let email = json!([{"Name": "email", "Value": format!("{name}@orders.example")}]);
        world.run("_", "SignUp", &app(name, json!({"Password": "Permanent-1", "UserAttributes": email})));
        if name != "unconfirmed" {
            world.run("_", "AdminConfirmSignUp", &user(name, json!({})));
        }
        if !matches!(name, "unconfirmed" | "unreached") {
            let verified = json!({"UserAttributes": [{"Name": "email_verified", "Value": "true"}]});
            world.run("_", "AdminUpdateUserAttributes", &user(name, verified));
        }
    }
    world.run("_", "AdminDisableUser", &user("disabled", json!({})));
    world.run("_", "AdminResetUserPassword", &user("reset", json!({})));
    let email =
        json!([{"Name": "email", "Value": "invited@orders.example"}, {"Name": "email_verified", "Value": "true"}]);
    world.run("_", "AdminCreateUser", &user("invited", json!({"UserAttributes": email, "MessageAction": "SUPPRESS"})));
    world
}

fn app(name: &str, more: Json) -> Json {
    let mut body = json!({"ClientId": CLIENT, "Username": name});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn user(name: &str, more: Json) -> Json {
    let mut body = json!({"UserPoolId": POOL, "Username": name});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn flow(flow: &str, name: &str, more: Json) -> Json {
    let mut parameters = json!({"USERNAME": name});
    parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"ClientId": CLIENT, "AuthFlow": flow, "AuthParameters": parameters})
}

/// What is told: a refusal's words, or an answer with what is random or the asker's own name made alike.
fn told(world: &World, operation: &str, body: &Json, name: &str) -> Json {
    match world.call(operation, body) {
        Ok(answer) => alike(&Json::Object(answer), name),
        Err(Failure::Refused(refusal)) => json!([refusal.code, refusal.message]),
        Err(other) => panic!("{operation} {body}: {other}"),
    }
}

fn alike(value: &Json, name: &str) -> Json {
    match value {
        Json::Object(members) => members
            .iter()
            .map(|(member, value)| match (member.as_str(), value) {
                // Without leading zeros, so of many lengths.
                ("SRP_B", _) => (member.clone(), json!("RANDOM")),
                ("SALT" | "SECRET_BLOCK" | "Session", Json::String(text)) => (member.clone(), json!(text.len())),
                _ => (member.clone(), alike(value, name)),
            })
            .collect::<serde_json::Map<String, Json>>()
            .into(),
        Json::String(text) if text == name => json!("NAME"),
        // A destination that was made of the name.
        Json::String(text) if *text == format!("{0}***@{0}***", &name[..1]) => json!("N***@N***"),
        other => other.clone(),
    }
}

/// Everything that is told to somebody who goes through an operation again and again.
type Walk = fn(&World, &str) -> Vec<Json>;

fn by_password(world: &World, name: &str) -> Vec<Json> {
    let body = flow("USER_PASSWORD_AUTH", name, json!({"PASSWORD": "Wrong-pass-1"}));
    (0..7).map(|_| told(world, "InitiateAuth", &body, name)).collect()
}

fn by_administrator(world: &World, name: &str) -> Vec<Json> {
    let mut body = flow("ADMIN_USER_PASSWORD_AUTH", name, json!({"PASSWORD": "Wrong-pass-1"}));
    body["UserPoolId"] = json!(POOL);
    (0..7).map(|_| told(world, "AdminInitiateAuth", &body, name)).collect()
}

fn by_srp(world: &World, name: &str) -> Vec<Json> {
    let body = flow("USER_SRP_AUTH", name, json!({"SRP_A": "a".repeat(384)}));
    let mut said = Vec::new();
    for _ in 0..7 {
        said.push(told(world, "InitiateAuth", &body, name));
        let parameters = world.call("InitiateAuth", &body).unwrap()["ChallengeParameters"].clone();
        let responses = json!({"USERNAME": parameters["USER_ID_FOR_SRP"], "TIMESTAMP": "Mon Nov 23 06:00:00 UTC 2026",
            "PASSWORD_CLAIM_SECRET_BLOCK": parameters["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": "AAAA"});
        let answer = json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
        said.push(told(world, "RespondToAuthChallenge", &answer, name));
    }
    said
}

fn by_challenge(world: &World, name: &str) -> Vec<Json> {
    vec![told(world, "InitiateAuth", &flow("CUSTOM_AUTH", name, json!({})), name)]
}

fn with_a_code(world: &World, name: &str) -> Vec<Json> {
    let confirm = app(name, json!({"ConfirmationCode": "nocode", "Password": "Permanent-2"}));
    let mut said = vec![told(world, "ForgotPassword", &app(name, json!({})), name)];
    said.extend((0..7).map(|_| told(world, "ConfirmForgotPassword", &confirm, name)));
    // Another code is as good as the first.
    said.push(told(world, "ForgotPassword", &app(name, json!({})), name));
    said.push(told(world, "ConfirmForgotPassword", &confirm, name));
    said
}

fn without_a_code(world: &World, name: &str) -> Vec<Json> {
    let confirm = app(name, json!({"ConfirmationCode": "nocode", "Password": "Permanent-2"}));
    (0..2).map(|_| told(world, "ConfirmForgotPassword", &confirm, name)).collect()
}

fn resent(world: &World, name: &str) -> Vec<Json> {
    vec![told(world, "ResendConfirmationCode", &app(name, json!({})), name)]
}

fn confirmed(world: &World, name: &str) -> Vec<Json> {
    let confirm = app(name, json!({"ConfirmationCode": "nocode"}));
    (0..2).map(|_| told(world, "ConfirmSignUp", &confirm, name)).collect()
}

/// Operations, and of whom they must not tell.
const HIDDEN: &[(&str, Walk, &[&str])] = &[
    // Not of who is unconfirmed, who is told so with any password: "intended", say the service's people (idjs#288, amp-js#11209).
    ("a password", by_password, &["confirmed", "disabled", "external", "unreached", "invited", "reset"]),
    ("a password, admin", by_administrator, &["confirmed", "disabled", "external", "unreached", "invited", "reset"]),
    ("SRP", by_srp, &["confirmed", "disabled", "external", "unreached", "invited", "reset"]),
    ("a custom challenge", by_challenge, &["confirmed", "disabled", "external", "unreached", "invited", "reset"]),
    // Of who gets a code the answer tells where it went.
    ("a lost password", with_a_code, &["unconfirmed", "disabled", "external", "unreached", "invited"]),
    // Not of who could have asked for a code and did not: "the ExpiredCodeException error".
    (
        "a lost password, unasked",
        without_a_code,
        &["unconfirmed", "disabled", "external", "unreached", "invited", "reset"],
    ),
    // Not of who is unconfirmed, who gets a code, nor of who needs none (S2, amp-ui fixture: "User is already confirmed.").
    ("another code", resent, &["disabled", "external"]),
    // Not of who is unconfirmed ("CodeMismatchException" if the code is not it) or confirmed ("NotAuthorizedException").
    ("confirming", confirmed, &["external"]),
];

#[test]
fn answers_do_not_tell_who_is_a_user() {
    let functions = Functions::start();
    let mut wrong = Vec::new();
    for (what, walk, people) in HIDDEN {
        let world = peopled(&functions, "ENABLED");
        for (name, letter) in people.iter().zip('n'..) {
            // As long a name: sealed texts are as long as what is in them.
            let nobody = walk(&world, &letter.to_string().repeat(name.len()));
            let said = walk(&world, name);
            if said != nobody {
                wrong.push(format!("{what}, {name}:\n  {}\n  {}", json!(said), json!(nobody)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What nobody is told, in the words of the developer guide.
#[test]
fn nobody_is_told_what_is_documented() {
    let functions = Functions::start();
    let world = peopled(&functions, "ENABLED");
    let wrong = json!(["NotAuthorizedException", "Incorrect username or password."]);
    let mismatch = json!(["CodeMismatchException", "Invalid verification code provided, please try again."]);
    assert_eq!(by_password(&world, "nobody")[0], wrong);
    assert_eq!(by_srp(&world, "nobodys")[1], wrong);
    assert_eq!(by_challenge(&world, "nobodyatall")[0]["ChallengeName"], "CUSTOM_CHALLENGE");
    let said = with_a_code(&world, "nobody");
    let delivery = json!({"Destination": "N***@N***", "DeliveryMedium": "EMAIL", "AttributeName": "email"});
    assert_eq!(said[0], json!({"CodeDeliveryDetails": delivery}));
    assert_eq!(said[1], mismatch);
    assert_eq!(said[6], json!(["LimitExceededException", "Attempt limit exceeded, please try after some time."]));
    assert_eq!(said[9], mismatch);
    assert_eq!(resent(&world, "nobody")[0], json!({"CodeDeliveryDetails": delivery}));
    let expired = json!(["ExpiredCodeException", "Invalid code provided, please request a code again."]);
    assert_eq!(confirmed(&world, "nobody")[0], expired);
    assert_eq!(without_a_code(&world, "confirmed")[0], expired, "of a user who asked for no code");
    // A name that reads like a phone number is taken for one.
    let phone = told(&world, "ForgotPassword", &app("+15555550100", json!({})), "x");
    assert_eq!(phone["CodeDeliveryDetails"]["DeliveryMedium"], "SMS");
}

/// The state of a user is told to whoever knows the password, and to everybody without the setting.
#[test]
fn what_is_hidden_is_told_to_whoever_knows_the_password() {
    let functions = Functions::start();
    let right = |name: &str| flow("USER_PASSWORD_AUTH", name, json!({"PASSWORD": "Permanent-1"}));
    let disabled = json!(["NotAuthorizedException", "User is disabled."]);
    let world = peopled(&functions, "ENABLED");
    assert_eq!(told(&world, "InitiateAuth", &right("disabled"), ""), disabled);
    let world = peopled(&functions, "LEGACY");
    let code = |said: &Json| said[0].as_str().map(str::to_owned);
    assert_eq!(by_password(&world, "disabled")[0], disabled);
    assert_eq!(code(&by_password(&world, "reset")[0]).as_deref(), Some("PasswordResetRequiredException"));
    assert_eq!(code(&with_a_code(&world, "nobody")[0]).as_deref(), Some("UserNotFoundException"));
    assert_eq!(with_a_code(&world, "disabled")[0], disabled);
    assert_eq!(code(&with_a_code(&world, "unreached")[0]).as_deref(), Some("InvalidParameterException"));
    assert_eq!(code(&resent(&world, "nobody")[0]).as_deref(), Some("UserNotFoundException"));
}

/// Where only an administrator resets passwords, everybody is told so, nobody among them.
#[test]
fn a_pool_without_recovery_tells_everybody_the_same() {
    let functions = Functions::start();
    let world = peopled(&functions, "ENABLED");
    let setting = json!({"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]});
    let body = json!({"UserPoolId": POOL, "AccountRecoverySetting": setting, "AutoVerifiedAttributes": ["email"]});
    world.call("UpdateUserPool", &body).unwrap();
    let said = told(&world, "ForgotPassword", &app("nobody", json!({})), "nobody");
    assert_eq!(said[0], "NotAuthorizedException");
    for name in ["confirmed", "disabled", "unreached"] {
        assert_eq!(told(&world, "ForgotPassword", &app(name, json!({})), name), said, "{name}");
    }
}
