//! Settings of pools that have more than one way to say them, and those that stand beside each other.

use poolform_model::{Cognito, Request};
use serde_json::{Value as Json, json};

use crate::world::World;

const SMS: &str = "arn:aws:iam::123456789012:role/sms";

fn created(settings: Json) -> World {
    let mut world = World::new(|_| {});
    let mut body = json!({"PoolName": "p"});
    body.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    world.run("pool", "CreateUserPool", &body);
    world
}

fn described(world: &World) -> Json {
    world.call("DescribeUserPool", &json!({"UserPoolId": "${pool.UserPool.Id}"})).unwrap()["UserPool"].clone()
}

fn mfa(world: &World) -> Json {
    Json::Object(world.call("GetUserPoolMfaConfig", &json!({"UserPoolId": "${pool.UserPool.Id}"})).unwrap())
}

fn set_mfa(world: &World, more: Json) -> Result<(), String> {
    let mut body = json!({"UserPoolId": "${pool.UserPool.Id}"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.call("SetUserPoolMfaConfig", &body).map(drop).map_err(|failure| failure.to_string())
}

/// API reference, PasswordPolicyType: 0 is a null value, and becomes the default of 7. Its older twin: tf PR#8845, where 0
/// beside the newer one is what the service takes.
#[test]
fn no_days_are_the_days_of_the_default() {
    let days = |world: &World| {
        let pool = described(world);
        let policy = &pool["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"];
        (policy.as_i64().unwrap(), pool["AdminCreateUserConfig"]["UnusedAccountValidityDays"].as_i64().unwrap())
    };
    let policy = |days: i64| json!({"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": days}});
    let unused = |days: i64| json!({"AllowAdminCreateUserOnly": false, "UnusedAccountValidityDays": days});
    for (settings, expected) in [
        (json!({"Policies": policy(0)}), 7),
        (json!({"AdminCreateUserConfig": unused(0)}), 7),
        (json!({"AdminCreateUserConfig": {"UnusedAccountValidityDays": 0}}), 7),
        (json!({"Policies": policy(0), "AdminCreateUserConfig": unused(0)}), 7),
        (json!({"Policies": policy(3), "AdminCreateUserConfig": unused(0)}), 3),
        (json!({"Policies": policy(0), "AdminCreateUserConfig": unused(5)}), 5),
    ] {
        let world = created(settings.clone());
        assert_eq!(days(&world), (expected, expected), "{settings}");
        let mut body = settings.clone();
        body["UserPoolId"] = json!("${pool.UserPool.Id}");
        world.call("UpdateUserPool", &body).unwrap();
        assert_eq!(days(&world), (expected, expected), "updated: {settings}");
    }
    // A password of such a pool is good for as long as any.
    let mut world = created(json!({"Policies": policy(0)}));
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    world.run("client", "CreateUserPoolClient", &body);
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna", "TemporaryPassword": "Temporary-1",
        "MessageAction": "SUPPRESS"});
    world.run("_", "AdminCreateUser", &body);
    world.clock.advance(7 * 24 * 3_600_000);
    let body = json!({"ClientId": "${client.UserPoolClient.ClientId}", "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": "Temporary-1"}});
    assert_eq!(world.run("in", "InitiateAuth", &body)["ChallengeName"], "NEW_PASSWORD_REQUIRED");
}

/// moto 5.2.5, tests/test_cognitoidp/__init__.py: the pool of every test with MFA, verified on the service, is made so, and
/// then offers authenticator apps alone.
#[test]
fn mfa_begins_with_a_configuration_for_messages_alone() {
    for mode in ["ON", "OPTIONAL"] {
        let world = created(json!({"MfaConfiguration": mode, "SmsConfiguration": {"SnsCallerArn": SMS}}));
        assert!(mfa(&world)["SmsMfaConfiguration"].is_object(), "{mode}");
        let apps = json!({"MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": {"Enabled": true}});
        set_mfa(&world, apps).unwrap();
        let now = mfa(&world);
        assert!(now.get("SmsMfaConfiguration").is_none(), "{now}");
        assert_eq!(now["SoftwareTokenMfaConfiguration"], json!({"Enabled": true}));
        assert_eq!(described(&world)["SmsConfiguration"]["SnsCallerArn"], SMS, "it cannot be taken away");
    }
}

/// amp-backend PR#1523 and tf#28294: where phone numbers are verified automatically, text messages stay a factor.
#[test]
fn a_pool_that_verifies_phone_numbers_keeps_messages_as_a_factor() {
    let sms = json!({"SnsCallerArn": SMS, "ExternalId": "e"});
    let settings = json!({"AutoVerifiedAttributes": ["phone_number"], "SmsConfiguration": sms});
    let world = created(settings);
    let apps = json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    assert!(set_mfa(&world, apps.clone()).unwrap_err().contains("SMS configuration is required"));
    let both = json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "SmsMfaConfiguration": {"SmsConfiguration": sms}});
    set_mfa(&world, both).unwrap();
    assert!(set_mfa(&world, apps).unwrap_err().contains("Can't turn off SMS_MFA"));
}

/// The AWS provider reads `enabled = false` back in its acceptance runs (TestAccCognitoIDPUserPool, MFA); without the block
/// it plans a change for ever.
#[test]
fn a_factor_that_was_set_off_is_shown() {
    let world = created(json!({}));
    assert_eq!(mfa(&world), json!({"MfaConfiguration": "OFF"}), "[GetUserPoolMfaConfig.2025-07.off]");
    let both = json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": false},
        "SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": SMS}}});
    set_mfa(&world, both).unwrap();
    let now = mfa(&world);
    assert_eq!(now["SoftwareTokenMfaConfiguration"], json!({"Enabled": false}));
    assert!(now.get("WebAuthnConfiguration").is_none(), "nobody asked for one: {now}");
    set_mfa(&world, json!({"MfaConfiguration": "OFF"})).unwrap();
    assert_eq!(mfa(&world), json!({"MfaConfiguration": "OFF"}));
}

/// A pool that was given one of the two members of token generation shows both
/// ([InitiateAuth.2024-01.CUSTOM_CHALLENGE], note; ion#669).
#[test]
fn the_trigger_of_token_generation_stands_twice() {
    let function = |name: &str| format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
    let config = |name: &str, version: &str| json!({"LambdaVersion": version, "LambdaArn": function(name)});
    let plain = json!({"PreTokenGeneration": function("a")});
    let world = created(json!({"LambdaConfig": plain}));
    let both = |name: &str, version: &str| json!({"PreTokenGeneration": function(name), "PreTokenGenerationConfig": config(name, version)});
    assert_eq!(described(&world)["LambdaConfig"], both("a", "V1_0"));
    let update = |triggers: Json| {
        let body = json!({"UserPoolId": "${pool.UserPool.Id}", "LambdaConfig": triggers});
        world.call("UpdateUserPool", &body).map(drop).map_err(|failure| failure.to_string())
    };
    update(json!({"PreTokenGenerationConfig": config("b", "V2_0")})).unwrap();
    assert_eq!(described(&world)["LambdaConfig"], both("b", "V2_0"));
    let words = "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's";
    let differ = json!({"PreTokenGeneration": function("c"), "PreTokenGenerationConfig": config("b", "V2_0")});
    assert!(update(differ).unwrap_err().contains(words));
    update(json!({})).unwrap();
    assert_eq!(described(&world)["LambdaConfig"], json!({}));
}

/// Each region has pools of its own (L1: "User pool … does not exist.").
#[test]
fn a_pool_of_another_region_does_not_exist() {
    let mut world = created(json!({}));
    world.run("_", "CreateUserPoolDomain", &json!({"UserPoolId": "${pool.UserPool.Id}", "Domain": "here"}));
    world.run("_", "CreateUserPoolClient", &json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c"}));
    let elsewhere = world.emulator.in_region("eu-west-1");
    let id = world.answered("pool.UserPool.Id");
    let mut asked = 0;
    for (operation, _) in poolform_emulator::implemented() {
        let input = poolform_model::shape(poolform_model::operation(operation).unwrap().input).unwrap();
        if input.member("UserPoolId").is_none() {
            continue;
        }
        let Json::Object(body) = fitting(operation, &id) else { unreachable!() };
        let refused = elsewhere.call(&Request::new(operation, body)).unwrap_err().to_string();
        let words = match operation {
            "DeleteUserPoolDomain" => "No such domain or user pool exists.".to_owned(),
            _ => format!("User pool {} does not exist.", id.as_str().unwrap()),
        };
        assert!(refused.contains(&words), "{operation}: {refused}");
        asked += 1;
    }
    assert!(asked > 40, "{asked}");
    let Json::Object(body) = json!({"Domain": "here"}) else { unreachable!() };
    let described = elsewhere.call(&Request::new("DescribeUserPoolDomain", body)).unwrap();
    assert_eq!(described["DomainDescription"], json!({}));
    assert!(described_here(&world), "it is there for its own region");
    // The same prefix is another domain there: PREFIX.auth.REGION.amazoncognito.com (developer guide, prefix domains).
    let ask = |operation: &str, body: Json| {
        let Json::Object(body) = body else { unreachable!() };
        elsewhere.call(&Request::new(operation, body)).unwrap()
    };
    let other = ask("CreateUserPool", json!({"PoolName": "q"}))["UserPool"]["Id"].clone();
    ask("CreateUserPoolDomain", json!({"UserPoolId": other, "Domain": "here"}));
    let owner = || ask("DescribeUserPoolDomain", json!({"Domain": "here"}))["DomainDescription"]["UserPoolId"].clone();
    assert_eq!(owner(), other);
    world.run("_", "DeleteUserPoolDomain", &json!({"UserPoolId": "${pool.UserPool.Id}", "Domain": "here"}));
    assert_eq!((owner(), described_here(&world)), (other, false));
}

fn described_here(world: &World) -> bool {
    world.call("DescribeUserPoolDomain", &json!({"Domain": "here"})).unwrap()["DomainDescription"]["Domain"] == "here"
}

/// A request that keeps to the model and names the pool.
fn fitting(operation: &str, pool: &Json) -> Json {
    let input = poolform_model::shape(poolform_model::operation(operation).unwrap().input).unwrap();
    let mut body = json!({"UserPoolId": pool});
    for (member, value) in [
        ("ClientId", json!("1example23456789")),
        ("ClientName", json!("c")),
        ("ClientSecretId", json!("1example23456789--1795413600123")),
        ("Username", json!("anna")),
        ("Password", json!("Permanent-1")),
        ("GroupName", json!("readers")),
        ("Domain", json!("here")),
        ("Identifier", json!("orders")),
        ("IdpIdentifier", json!("orders")),
        ("Name", json!("orders")),
        ("ProviderName", json!("Google")),
        ("ProviderType", json!("Google")),
        ("ProviderDetails", json!({})),
        ("UserAttributes", json!([])),
        ("UserAttributeNames", json!([])),
        ("CustomAttributes", json!([{"Name": "a", "AttributeDataType": "String"}])),
        ("AuthFlow", json!("ADMIN_USER_PASSWORD_AUTH")),
        ("ChallengeName", json!("SMS_MFA")),
        ("DeviceKey", json!("us-east-1_11111111-1111-1111-1111-111111111111")),
        ("ManagedLoginBrandingId", json!("11111111-1111-4111-8111-111111111111")),
        ("TermsId", json!("11111111-1111-4111-8111-111111111111")),
        ("TermsName", json!("terms-of-use")),
        ("TermsSource", json!("LINK")),
        ("Enforcement", json!("NONE")),
        ("LogConfigurations", json!([])),
        ("MaxResults", json!(10)),
    ] {
        if input.member(member).is_some() {
            body[member] = value;
        }
    }
    body
}

/// API reference: MaxResults of ListIdentityProviders is optional.
#[test]
fn identity_providers_are_listed_without_a_number() {
    let world = created(json!({}));
    let listed = world.call("ListIdentityProviders", &json!({"UserPoolId": "${pool.UserPool.Id}"})).unwrap();
    assert_eq!(listed["Providers"], json!([]));
}

/// A client made by that request, and a user who has signed in to it: where its id and the refresh token are.
fn signed_in(world: &mut World, client: &Json) -> (&'static str, &'static str) {
    let (id, token) = ("${client.UserPoolClient.ClientId}", "${in.AuthenticationResult.RefreshToken}");
    world.run("client", "CreateUserPoolClient", client);
    world.run("_", "SignUp", &json!({"ClientId": id, "Username": "anna", "Password": "Permanent-1"}));
    world.run("_", "AdminConfirmSignUp", &json!({"UserPoolId": "${pool.UserPool.Id}", "Username": "anna"}));
    let body = json!({"ClientId": id, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "anna", "PASSWORD": "Permanent-1"}});
    world.run("in", "InitiateAuth", &body);
    (id, token)
}

/// API reference, GetTokensFromRefreshToken and RefreshTokenRotationType: no flow of the client is asked for, as
/// REFRESH_TOKEN_AUTH is.
#[test]
fn new_tokens_need_no_flow_of_the_client() {
    let mut world = created(json!({}));
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let (client, token) = signed_in(&mut world, &body);
    let answer = world.run("_", "GetTokensFromRefreshToken", &json!({"ClientId": client, "RefreshToken": token}));
    assert!(answer["AuthenticationResult"].get("RefreshToken").is_none(), "without rotation there is no new one");
    let body =
        json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}});
    assert_eq!(world.refused("InitiateAuth", &body)["error"]["name"], "InvalidParameterException");
}

/// amp-swift, docs/design/issues/rollback-behaviours.md, run on the service in 2026-09: the code of InitiateAuth on a client
/// that rotates refresh tokens.
#[test]
fn a_client_that_rotates_refreshes_by_the_other_operation() {
    let mut world = created(json!({}));
    let rotation = json!({"Feature": "ENABLED", "RetryGracePeriodSeconds": 0});
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c", "RefreshTokenRotation": rotation,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let (client, token) = signed_in(&mut world, &body);
    let body =
        json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}});
    assert_eq!(world.refused("InitiateAuth", &body)["error"]["name"], "UnsupportedOperationException");
    world.call("GetTokensFromRefreshToken", &json!({"ClientId": client, "RefreshToken": token})).unwrap();
}
