//! Who has what name already, and who gets it.

use serde_json::{Value as Json, json};

use crate::world::World;

const ANNA: &str = "anna@orders.example";

fn pool(settings: Json) -> World {
    let mut world = World::new(|_| {});
    let mut body = json!({"PoolName": "p", "AutoVerifiedAttributes": ["email"]});
    body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    world.run("pool", "CreateUserPool", &body);
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    world.run("client", "CreateUserPoolClient", &body);
    world
}

fn attributes(given: &[(&str, &str)]) -> Json {
    given.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect()
}

fn admin(world: &World, operation: &str, name: &str, given: &[(&str, &str)]) {
    let mut body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name, "UserAttributes": attributes(given)});
    if operation == "AdminCreateUser" {
        body["MessageAction"] = json!("SUPPRESS");
    }
    world.call(operation, &body).unwrap();
}

/// The user that a name finds, and whether its e-mail address is verified.
fn found(world: &World, name: &str) -> (String, Option<bool>) {
    let user = world.call("AdminGetUser", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name})).unwrap();
    let verified = user["UserAttributes"].as_array().unwrap().iter().find(|one| one["Name"] == "email_verified");
    (user["Username"].as_str().unwrap().to_owned(), verified.map(|one| one["Value"] == "true"))
}

/// boto3#3213: AdminUpdateUserAttributes takes an address from the user who has it as an alias, if it says that it is
/// verified, and refuses nothing.
#[test]
fn an_alias_moves_to_the_user_whose_address_is_verified() {
    let world = pool(json!({"AliasAttributes": ["email"]}));
    admin(&world, "AdminCreateUser", "anna", &[("email", ANNA), ("email_verified", "true")]);
    admin(&world, "AdminCreateUser", "bert", &[("email", "bert@orders.example"), ("email_verified", "true")]);
    admin(&world, "AdminUpdateUserAttributes", "bert", &[("email", ANNA)]);
    assert_eq!(found(&world, ANNA), ("anna".to_owned(), Some(true)), "not verified, so nobody's alias yet");
    admin(&world, "AdminUpdateUserAttributes", "bert", &[("email", ANNA), ("email_verified", "True")]);
    assert_eq!(found(&world, ANNA), ("bert".to_owned(), Some(true)));
    assert_eq!(found(&world, "anna"), ("anna".to_owned(), Some(false)));
}

/// Developer guide, aliases: an address may be given at registration by several, and one of them has it once confirmed; a
/// preferred user name only after that.
#[test]
fn what_may_be_an_alias_at_registration() {
    let mut world = pool(json!({"AliasAttributes": ["email", "preferred_username"]}));
    for name in ["anna", "bert"] {
        let body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "Username": name,
            "Password": "Permanent-1", "UserAttributes": attributes(&[("email", ANNA)])});
        world.run("_", "SignUp", &body);
        let body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "Username": name,
            "ConfirmationCode": "${message.code}"});
        if name == "anna" {
            world.run("_", "ConfirmSignUp", &body);
            continue;
        }
        let refused = world.refused("ConfirmSignUp", &body);
        let words = "An account with the given email already exists.";
        assert_eq!(refused["error"], json!({"name": "AliasExistsException", "message": words}));
        let mut forced = body.clone();
        forced["ForceAliasCreation"] = json!(true);
        world.run("_", "ConfirmSignUp", &forced);
    }
    assert_eq!(found(&world, ANNA), ("bert".to_owned(), Some(true)));
    admin(&world, "AdminUpdateUserAttributes", "anna", &[("preferred_username", "ann")]);
    assert_eq!(found(&world, "ann").0, "anna");
    // An administrator's user is confirmed from the start.
    admin(&world, "AdminCreateUser", "cleo", &[("preferred_username", "cle")]);
    assert_eq!(found(&world, "cle").0, "cleo");
}

/// A test of moto that was verified on the service sends `True` (5.2.5, test_forgot_password_with_email_delivery_details).
#[test]
fn truth_values_may_be_written_in_any_case() {
    let world = pool(json!({"Schema": [{"Name": "member", "AttributeDataType": "Boolean", "Mutable": true}]}));
    for (name, value) in [("anna", "True"), ("bert", "TRUE"), ("cleo", "true")] {
        let email = format!("{name}@orders.example");
        let given = [("email", email.as_str()), ("email_verified", value), ("custom:member", value)];
        admin(&world, "AdminCreateUser", name, &given);
        assert_eq!(found(&world, name).1, Some(true));
        let password = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": name, "Password": "Permanent-1",
            "Permanent": true});
        world.call("AdminSetUserPassword", &password).unwrap();
        let body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "Username": name});
        let details = world.call("ForgotPassword", &body).unwrap()["CodeDeliveryDetails"].clone();
        assert_eq!(details["AttributeName"], "email");
    }
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "dora",
        "UserAttributes": attributes(&[("email_verified", "yes")])});
    assert_eq!(world.refused("AdminCreateUser", &body)["error"]["name"], "InvalidParameterException");
}
