//! What a pool's functions are asked, what comes of their answers, and what is done without them.

use std::sync::{Arc, Mutex};

use poolform_emulator::{Options, Outbox};
use serde_json::{Value as Json, json};

use crate::functions::{Functions, filled};
use crate::world::World;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const ANNA: &str = "anna@orders.example";

/// A pool that declares triggers, and a client that signs in by password and by the triggers themselves.
fn pool(change: impl FnOnce(&mut Options), triggers: &[&str], settings: Json, client: Json) -> World {
    let mut world = World::new(change);
    let triggers: serde_json::Map<String, Json> =
        triggers.iter().map(|name| ((*name).to_owned(), json!(FUNCTION))).collect();
    let mut body = json!({"PoolName": "p", "AutoVerifiedAttributes": ["email"], "LambdaConfig": triggers});
    body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    world.run("pool", "CreateUserPool", &body);
    let mut body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c", "ExplicitAuthFlows":
        ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]});
    body.as_object_mut().unwrap().extend(client.as_object().unwrap().clone());
    world.run("client", "CreateUserPoolClient", &body);
    world
}

fn app(name: &str, more: Json) -> Json {
    let mut body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "Username": name});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn sign_in(name: &str) -> Json {
    json!({
        "ClientId": "${client.UserPoolClient.ClientId}",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": "Permanent-1"},
        "ClientMetadata": {"page": "3"},
    })
}

fn users(world: &World) -> usize {
    world.call("ListUsers", &json!({"UserPoolId": "${pool.UserPool.Id}"})).unwrap()["Users"].as_array().unwrap().len()
}

fn signed_up(world: &mut World, name: &str) {
    let email = json!([{"Name": "email", "Value": ANNA}]);
    world.run("_", "SignUp", &app(name, json!({"Password": "Permanent-1", "UserAttributes": email})));
    world.run("_", "AdminConfirmSignUp", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name}));
}

/// Developer guide, migrate user trigger (userAttributes "is required", "must contain one or more name-value pairs") and
/// managing error responses ("a simulated response … when an empty response was set"); re:Post QU3VgGes1IRne3OVkCDMjrBA for
/// an answer that is no event.
#[test]
fn a_migration_that_knows_nobody_makes_nobody() {
    for (setting, code, words) in [
        ("LEGACY", "UserNotFoundException", "User does not exist."),
        ("ENABLED", "NotAuthorizedException", "Incorrect username or password."),
    ] {
        let functions = Functions::start();
        let client = json!({"PreventUserExistenceErrors": setting});
        let world =
            pool(|options| functions.called_by(options, &["user_migration"]), &["UserMigration"], json!({}), client);
        for response in [json!({}), json!({"userAttributes": {}}), json!({"finalUserStatus": "CONFIRMED"})] {
            functions.respond(response.clone());
            let refused = world.refused("InitiateAuth", &sign_in("anna"));
            assert_eq!(refused, json!({"error": {"name": code, "message": words}}), "{setting} {response}");
            let forgotten = world.call("ForgotPassword", &app("anna", json!({})));
            assert_eq!(forgotten.is_ok(), setting == "ENABLED", "{setting} {response}");
            assert_eq!(users(&world), 0, "{setting} {response}");
        }
        functions.answer(|event| json!({"version": event["version"], "response": {}}));
        assert_eq!(world.refused("InitiateAuth", &sign_in("anna"))["error"]["name"], code);
        functions.answer(|_| json!({}));
        let refused = world.refused("InitiateAuth", &sign_in("anna"));
        assert_eq!(refused["error"]["name"], "UserNotFoundException");
        let words = world.filled_text("Exception migrating user in app client ${client.UserPoolClient.ClientId}");
        assert_eq!(refused["error"]["message"], words);
        assert_eq!(users(&world), 0);
    }
}

/// Developer guide, migrate user trigger, finalUserStatus; the event as in the documentation, validationData from the
/// ClientMetadata of InitiateAuth (API reference).
#[test]
fn a_migrated_user_signs_in_unless_its_password_must_be_reset() {
    let functions = Functions::start();
    let world =
        pool(|options| functions.called_by(options, &["user_migration"]), &["UserMigration"], json!({}), json!({}));
    let known = json!({"email": ANNA, "email_verified": "true"});
    for (name, status) in [("anna", json!(null)), ("bert", json!("CONFIRMED"))] {
        functions.respond(json!({"userAttributes": known, "finalUserStatus": status, "forceAliasCreation": true}));
        let answer = world.call("InitiateAuth", &sign_in(name)).unwrap();
        assert!(answer.contains_key("AuthenticationResult"), "{answer:?}");
        let events = functions.events();
        let request = &events[0]["request"];
        assert_eq!(request["password"], "Permanent-1");
        assert_eq!(request["validationData"], json!({"page": "3"}));
        assert!(request.get("clientMetadata").is_none(), "{request}");
        let user = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name});
        assert_eq!(world.call("AdminGetUser", &user).unwrap()["UserStatus"], "CONFIRMED");
    }
    functions.respond(json!({"userAttributes": {"email": "cleo@orders.example"}, "finalUserStatus": "RESET_REQUIRED"}));
    assert_eq!(world.refused("InitiateAuth", &sign_in("cleo"))["error"]["name"], "PasswordResetRequiredException");
    functions.respond(json!({"userAttributes": {"email": "dora@orders.example"}, "finalUserStatus": "ARCHIVED"}));
    assert_eq!(world.refused("InitiateAuth", &sign_in("dora"))["error"]["name"], "InvalidLambdaResponseException");
    assert_eq!(users(&world), 3);
}

/// Developer guide, migrate user trigger, UserMigration_ForgotPassword.
#[test]
fn a_lost_password_is_asked_of_the_migration_too() {
    let functions = Functions::start();
    let mut world =
        pool(|options| functions.called_by(options, &["user_migration"]), &["UserMigration"], json!({}), json!({}));
    functions
        .respond(json!({"userAttributes": {"email": ANNA, "email_verified": "true"}, "messageAction": "SUPPRESS"}));
    let metadata = json!({"ClientMetadata": {"page": "4"}});
    let answer = world.run("_", "ForgotPassword", &app("anna", metadata));
    assert_eq!(answer["CodeDeliveryDetails"]["Destination"], "a***@o***");
    let events = functions.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["triggerSource"], "UserMigration_ForgotPassword");
    assert!(events[0]["request"].get("password").is_none(), "{}", events[0]);
    assert_eq!(events[0]["request"]["clientMetadata"], json!({"page": "4"}));
    let confirmed = json!({"ConfirmationCode": "${message.code}", "Password": "Permanent-1"});
    world.run("_", "ConfirmForgotPassword", &app("anna", confirmed));
    world.call("InitiateAuth", &sign_in("anna")).unwrap();
    assert_eq!(functions.events(), Vec::<Json>::new(), "nobody is asked about a user who is there");
}

/// localstack-ext 3.8.1, snapshots of AWS of 2024-08: the answer's `username` becomes the name, and whoever signs in by an
/// alias needs it.
#[test]
fn a_user_who_comes_over_by_an_alias_needs_a_name() {
    let functions = Functions::start();
    let settings = json!({"AliasAttributes": ["email"]});
    let world =
        pool(|options| functions.called_by(options, &["user_migration"]), &["UserMigration"], settings, json!({}));
    functions.respond(json!({"userAttributes": {"email": ANNA, "email_verified": "true"}}));
    let refused = world.refused("InitiateAuth", &sign_in(ANNA));
    let words = "Exception migrating user in app client ${client.UserPoolClient.ClientId}: Invalid username or missing \
                 email / phone_number / preferred_username attributes";
    let expected = json!({"error": {"name": "UserNotFoundException", "message": world.filled_text(words)}});
    assert_eq!(refused, expected);
    functions.respond(json!({"userAttributes": {"username": "anna", "email": ANNA, "email_verified": "true"}}));
    world.call("InitiateAuth", &sign_in(ANNA)).unwrap();
    let user = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna"});
    assert_eq!(world.call("AdminGetUser", &user).unwrap()["UserStatus"], "CONFIRMED");
}

/// Developer guide, managing error responses: the three triggers, and PreAuthentication, are told of a user who is not there.
#[test]
fn custom_challenges_of_nobody_look_like_those_of_somebody() {
    let functions = Functions::start();
    let names =
        ["define_auth_challenge", "create_auth_challenge", "verify_auth_challenge_response", "pre_authentication"];
    let members = ["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse", "PreAuthentication"];
    for by_email in [false, true] {
        let settings = if by_email { json!({"UsernameAttributes": ["email"]}) } else { json!({}) };
        let client = json!({"PreventUserExistenceErrors": "ENABLED"});
        let mut world = pool(|options| functions.called_by(options, &names), &members, settings, client);
        functions.answer(|event| {
            let past = event["request"]["session"].as_array().cloned().unwrap_or_default();
            filled(
                event,
                &match event["triggerSource"].as_str().unwrap() {
                    "DefineAuthChallenge_Authentication" if past.is_empty() => {
                        json!({"challengeName": "CUSTOM_CHALLENGE", "issueTokens": false, "failAuthentication": false})
                    }
                    // A function that lets everybody in.
                    "DefineAuthChallenge_Authentication" => json!({"issueTokens": true, "failAuthentication": false}),
                    "CreateAuthChallenge_Authentication" => json!({"publicChallengeParameters": {"question": "6 * 7"}}),
                    "VerifyAuthChallengeResponse_Authentication" => json!({"answerCorrect": true}),
                    _ => json!({}),
                },
            )
        });
        let (there, nobody) = if by_email { (ANNA, "nobody@orders.example") } else { ("anna", "nobody") };
        signed_up(&mut world, there);
        for (name, found) in [(there, true), (nobody, false)] {
            functions.events();
            let body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "AuthFlow": "CUSTOM_AUTH",
                "AuthParameters": {"USERNAME": name}});
            let challenge = world.run("c", "InitiateAuth", &body);
            assert_eq!(challenge["ChallengeName"], "CUSTOM_CHALLENGE", "{name}");
            assert_eq!(challenge["ChallengeParameters"]["question"], "6 * 7");
            let shown = challenge["ChallengeParameters"]["USERNAME"].as_str().unwrap();
            assert_eq!(shown.len() == 36, by_email, "an id where users have ids: {shown}");
            let answer = json!({"ClientId": "${client.UserPoolClient.ClientId}", "ChallengeName": "CUSTOM_CHALLENGE",
                "Session": "${c.Session}", "ChallengeResponses": {"USERNAME": shown, "ANSWER": "42"}});
            let outcome = world.call("RespondToAuthChallenge", &answer);
            assert_eq!(outcome.is_ok(), found, "{name}: {outcome:?}");
            if !found {
                let again = world.run("c", "InitiateAuth", &body);
                assert_eq!(again["ChallengeParameters"], challenge["ChallengeParameters"], "the same each time");
                let refused = world.refused("RespondToAuthChallenge", &answer);
                assert_eq!(refused["error"]["message"], "Incorrect username or password.");
            }
            let events = functions.events();
            let sources: Vec<&str> = events.iter().take(5).map(|one| one["triggerSource"].as_str().unwrap()).collect();
            assert_eq!(
                sources,
                [
                    "PreAuthentication_Authentication",
                    "DefineAuthChallenge_Authentication",
                    "CreateAuthChallenge_Authentication",
                    "VerifyAuthChallengeResponse_Authentication",
                    "DefineAuthChallenge_Authentication",
                ]
            );
            for event in events {
                assert_eq!(event["request"]["userNotFound"], !found, "{event}");
            }
        }
    }
}

/// Each operation that sends a code asks CustomMessage, whose answers come between two runs of the change.
#[test]
fn custom_messages_go_out_for_changed_addresses() {
    let functions = Functions::start();
    let mut world =
        pool(|options| functions.called_by(options, &["custom_message"]), &["CustomMessage"], json!({}), json!({}));
    signed_up(&mut world, "anna");
    world.run("in", "InitiateAuth", &sign_in("anna"));
    functions.events();
    functions.answer(|event| {
        filled(event, &json!({"emailSubject": event["triggerSource"], "emailMessage": "{####}, says the function"}))
    });
    let token = "${in.AuthenticationResult.AccessToken}";
    let email = json!([{"Name": "email", "Value": "anna@other.example"}]);
    world.call("UpdateUserAttributes", &json!({"AccessToken": token, "UserAttributes": email})).unwrap();
    assert_eq!(world.answered("message.subject"), "CustomMessage_UpdateUserAttribute");
    let attribute = json!({"AccessToken": token, "AttributeName": "email"});
    world.call("GetUserAttributeVerificationCode", &attribute).unwrap();
    assert_eq!(world.answered("message.subject"), "CustomMessage_VerifyUserAttribute");
    let body = world.filled_text("${message.code}, says the function");
    assert_eq!(world.answered("message.body"), json!(body));
    assert_eq!(functions.sources(), ["CustomMessage_UpdateUserAttribute", "CustomMessage_VerifyUserAttribute"]);
    let verify = json!({"AccessToken": token, "AttributeName": "email", "Code": "${message.code}"});
    world.call("VerifyUserAttribute", &verify).unwrap();
}

/// What was refused was never sent: the outbox is what `poolform serve` prints.
#[test]
fn messages_of_refused_requests_are_told_to_nobody() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let functions = Functions::start();
    let change = |options: &mut Options| {
        options.outbox = Outbox::new(move |message| listener.lock().unwrap().push(message.to.clone()));
        functions.called_by(options, &["custom_message", "post_confirmation"]);
    };
    let sms = json!({"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "e"});
    let settings = json!({"UsernameAttributes": ["email"], "SmsConfiguration": sms});
    let mut world = pool(change, &["CustomMessage", "PostConfirmation"], settings, json!({}));
    signed_up(&mut world, ANNA);
    signed_up_too(&mut world, "bert@orders.example");
    world.run("in", "InitiateAuth", &sign_in("bert@orders.example"));
    assert_eq!(std::mem::take(&mut *told.lock().unwrap()), [ANNA, "bert@orders.example"]);
    functions.events();
    // Somebody else's address.
    let email = json!([{"Name": "email", "Value": ANNA}]);
    let body = json!({"AccessToken": "${in.AuthenticationResult.AccessToken}", "UserAttributes": email});
    assert_eq!(world.refused("UpdateUserAttributes", &body)["error"]["name"], "AliasExistsException");
    // A second medium without an address.
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "cleo@orders.example",
        "DesiredDeliveryMediums": ["EMAIL", "SMS"]});
    assert_eq!(world.refused("AdminCreateUser", &body)["error"]["name"], "InvalidParameterException");
    assert_eq!(functions.sources(), Vec::<String>::new(), "nor was a function asked for their text");
    // A function that fails.
    functions.answer(|_| json!({"errorMessage": "no"}));
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "cleo@orders.example"});
    assert_eq!(world.refused("AdminCreateUser", &body)["error"]["name"], "UserLambdaValidationException");
    assert_eq!(*told.lock().unwrap(), Vec::<String>::new());
    let kept = world.emulator.messages(None, None).unwrap();
    assert_eq!(kept["messages"].as_array().unwrap().len(), 2);
    // One that fails after the change was kept takes nothing back.
    functions.answer(|event| match event["triggerSource"].as_str() {
        Some("PostConfirmation_ConfirmSignUp") => json!({"errorMessage": "no"}),
        _ => event.clone(),
    });
    world.run("_", "SignUp", &app("dora@orders.example", json!({"Password": "Permanent-1"})));
    assert_eq!(*told.lock().unwrap(), ["dora@orders.example"]);
}

fn signed_up_too(world: &mut World, name: &str) {
    world.run("_", "SignUp", &app(name, json!({"Password": "Permanent-1"})));
    world.run("_", "AdminConfirmSignUp", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name}));
}

/// Triggers of which nothing was said are refused by the flags that help; those that are left out are told, once each.
#[test]
fn a_trigger_is_left_out_and_told() {
    let declared = [
        "PreSignUp",
        "CustomMessage",
        "PostConfirmation",
        "PreAuthentication",
        "PostAuthentication",
        "PreTokenGeneration",
        "UserMigration",
        "DefineAuthChallenge",
    ];
    let world = pool(|_| {}, &declared, json!({}), json!({}));
    let email = json!([{"Name": "email", "Value": ANNA}]);
    let sign_up = app("anna", json!({"Password": "Permanent-1", "UserAttributes": email}));
    let refused = world.refused("SignUp", &sign_up);
    assert_eq!(refused["error"]["name"], "NotImplementedException");
    let words = refused["error"]["message"].as_str().unwrap();
    for flag in ["-trigger pre_sign_up=http://", "-trigger pre_sign_up=off"] {
        assert!(words.contains(flag), "{words}");
    }
    for all in [false, true] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let change = |options: &mut Options| {
            options.triggers.tell(move |one| listener.lock().unwrap().push((one.source.clone(), one.option)));
            if all {
                options.triggers.leave_out_the_rest();
                return;
            }
            let names = ["pre_sign_up", "custom_message", "post_confirmation", "pre_authentication"];
            let more = ["post_authentication", "pre_token_generation", "user_migration", "define_auth_challenge"];
            for name in names.into_iter().chain(more) {
                options.triggers.add(&format!("{name}=off")).unwrap();
            }
        };
        let mut world = pool(change, &declared, json!({}), json!({}));
        world.run("_", "SignUp", &sign_up);
        world.run("_", "ConfirmSignUp", &app("anna", json!({"ConfirmationCode": "${message.code}"})));
        world.call("InitiateAuth", &sign_in("anna")).unwrap();
        assert_eq!(world.refused("InitiateAuth", &sign_in("bert"))["error"]["name"], "UserNotFoundException");
        let custom = json!({"ClientId": "${client.UserPoolClient.ClientId}", "AuthFlow": "CUSTOM_AUTH",
            "AuthParameters": {"USERNAME": "anna"}});
        let words = "Custom auth lambda trigger is not configured for the user pool.";
        assert_eq!(world.refused("InitiateAuth", &custom)["error"]["message"], words);
        let sources: Vec<(String, &str)> = told.lock().unwrap().clone();
        assert_eq!(
            sources.iter().map(|(source, option)| (source.as_str(), *option)).collect::<Vec<_>>(),
            [
                ("PreSignUp_SignUp", "pre_sign_up"),
                ("CustomMessage_SignUp", "custom_message"),
                ("PostConfirmation_ConfirmSignUp", "post_confirmation"),
                ("PreAuthentication_Authentication", "pre_authentication"),
                ("PostAuthentication_Authentication", "post_authentication"),
                ("TokenGeneration_Authentication", "pre_token_generation"),
                ("UserMigration_Authentication", "user_migration"),
                ("PreAuthentication_Authentication", "pre_authentication"),
                ("DefineAuthChallenge_Authentication", "define_auth_challenge"),
            ]
        );
    }
}

/// Senders of one's own are not built: messages stay here in any case, so leaving them out is all that is needed.
#[test]
fn senders_are_left_out_too() {
    let sender = json!({"LambdaArn": FUNCTION, "LambdaVersion": "V1_0"});
    let config = json!({"CustomEmailSender": sender, "KMSKeyID": "arn:aws:kms:us-east-1:123456789012:key/a"});
    let body = json!({"PoolName": "p", "LambdaConfig": config});
    let invite = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna",
        "UserAttributes": [{"Name": "email", "Value": ANNA}]});
    let mut world = World::new(|_| {});
    world.run("pool", "CreateUserPool", &body);
    let refused = world.refused("AdminCreateUser", &invite);
    assert!(refused["error"]["message"].as_str().unwrap().contains("-trigger custom_email_sender=off"), "{refused}");
    let mut world = World::new(|options| options.triggers.add("custom_email_sender=off").unwrap());
    world.run("pool", "CreateUserPool", &body);
    world.run("_", "AdminCreateUser", &invite);
    assert_eq!(world.answered("message.to"), ANNA);
}

/// Developer guide, pre sign-up trigger: an alias moves to the new user, and what it says is ignored for AdminCreateUser.
#[test]
fn a_verified_address_of_pre_sign_up_moves_to_the_new_user() {
    let functions = Functions::start();
    let settings = json!({"AliasAttributes": ["email"]});
    let mut world = pool(|options| functions.called_by(options, &["pre_sign_up"]), &["PreSignUp"], settings, json!({}));
    functions.respond(json!({"autoConfirmUser": true, "autoVerifyEmail": true}));
    let email = json!([{"Name": "email", "Value": ANNA}]);
    for name in ["anna", "bert"] {
        world.run("_", "SignUp", &app(name, json!({"Password": "Permanent-1", "UserAttributes": email})));
        let found =
            world.call("AdminGetUser", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": ANNA})).unwrap();
        assert_eq!(found["Username"], name);
    }
    let nothing = app("dora", json!({"Password": "Permanent-1"}));
    assert_eq!(world.refused("SignUp", &nothing)["error"]["name"], "InvalidLambdaResponseException");
    let before = world.call("AdminGetUser", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna"})).unwrap();
    assert!(
        before["UserAttributes"].to_string().contains(r#"{"Name":"email_verified","Value":"false"}"#),
        "{before:?}"
    );
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "cleo", "MessageAction": "SUPPRESS",
        "UserAttributes": email});
    let made = world.run("_", "AdminCreateUser", &body);
    assert_eq!(made["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    assert!(!made.to_string().contains("email_verified"), "{made}");
}
