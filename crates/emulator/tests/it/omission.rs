//! What updates do with members left out, in each of the three modes.

use poolform_emulator::Omission;
use serde_json::{Value as Json, json};

use crate::world::World;

fn pool_after(omission: Omission, update: Json) -> Json {
    let mut world = World::new(|options| options.omission = omission);
    world.run(
        "pool",
        "CreateUserPool",
        &json!({
            "PoolName": "pool",
            "AutoVerifiedAttributes": ["email"],
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true},
            "Policies": {"PasswordPolicy": {"MinimumLength": 20}},
            "LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:f"},
            "UserPoolTags": {"a": "b"},
            "DeletionProtection": "ACTIVE",
            "UserPoolTier": "PLUS",
            "EmailVerificationMessage": "Use {####}.",
        }),
    );
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    world.run("mfa", "SetUserPoolMfaConfig", &body);
    let mut body = update;
    body["UserPoolId"] = json!("${pool.UserPool.Id}");
    world.run("update", "UpdateUserPool", &body);
    world.run("after", "DescribeUserPool", &json!({"UserPoolId": "${pool.UserPool.Id}"}))["UserPool"].clone()
}

#[test]
fn measured() {
    let pool = pool_after(Omission::Measured, json!({}));
    assert_eq!(pool.get("AutoVerifiedAttributes"), None);
    assert_eq!(pool["MfaConfiguration"], "OPTIONAL");
    assert_eq!(pool["Policies"]["PasswordPolicy"]["MinimumLength"], 20);
    assert_eq!(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], false);
    assert_eq!(pool["LambdaConfig"], json!({}));
    assert_eq!(pool.get("EmailVerificationMessage"), None);
    assert_eq!(pool["VerificationMessageTemplate"], json!({"DefaultEmailOption": "CONFIRM_WITH_CODE"}));
    assert_eq!((&pool["UserPoolTags"], &pool["DeletionProtection"]), (&json!({"a": "b"}), &json!("ACTIVE")));
    assert_eq!((&pool["UserPoolTier"], &pool["Name"]), (&json!("PLUS"), &json!("pool")));
}

#[test]
fn only_the_sibling_sent() {
    let pool = pool_after(
        Omission::Measured,
        json!({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}}),
    );
    assert_eq!(pool["Policies"]["PasswordPolicy"]["MinimumLength"], 20);
    let pool = pool_after(Omission::Measured, json!({"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}));
    assert_eq!(pool["Policies"]["PasswordPolicy"]["RequireSymbols"], false);
    assert_eq!(pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"], json!(["PASSWORD"]));
}

#[test]
fn reset_all_and_keep_all() {
    let pool = pool_after(Omission::ResetAll, json!({}));
    assert_eq!((&pool["MfaConfiguration"], &pool["UserPoolTier"]), (&json!("OFF"), &json!("ESSENTIALS")));
    assert_eq!((&pool["UserPoolTags"], &pool["DeletionProtection"]), (&json!({}), &json!("INACTIVE")));
    assert_eq!((&pool["Policies"]["PasswordPolicy"]["MinimumLength"], &pool["Name"]), (&json!(8), &json!("pool")));
    let pool = pool_after(Omission::KeepAll, json!({}));
    assert_eq!(pool["AutoVerifiedAttributes"], json!(["email"]));
    assert_eq!(pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"], true);
    assert_eq!(pool["EmailVerificationMessage"], "Use {####}.");
}

#[test]
fn clients_lose_what_is_left_out_but_their_name() {
    let mut world = World::furnished();
    let ids = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientId": "${client.UserPoolClient.ClientId}"});
    let mut body = ids.clone();
    body["ExplicitAuthFlows"] = json!(["ALLOW_USER_SRP_AUTH"]);
    body["AccessTokenValidity"] = json!(2);
    body["EnableTokenRevocation"] = json!(false);
    world.run("set", "UpdateUserPoolClient", &body);
    let after = world.run("reset", "UpdateUserPoolClient", &ids)["UserPoolClient"].clone();
    assert_eq!(after.get("ExplicitAuthFlows"), None);
    assert_eq!(after.get("AccessTokenValidity"), None);
    assert_eq!((&after["EnableTokenRevocation"], &after["ClientName"]), (&json!(true), &json!("client")));
}

#[test]
fn secrets_come_in_pairs_at_most() {
    let mut world = World::furnished();
    let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c", "GenerateSecret": true});
    world.run("c", "CreateUserPoolClient", &body);
    let ids = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientId": "${c.UserPoolClient.ClientId}"});
    let added = world.run("added", "AddUserPoolClientSecret", &ids);
    let descriptor = &added["ClientSecretDescriptor"];
    let id = descriptor["ClientSecretId"].as_str().unwrap().to_owned();
    assert_eq!(id.split_once("--").unwrap().0, world.answered("c.UserPoolClient.ClientId"));
    assert_eq!(descriptor["ClientSecretValue"].as_str().unwrap().len(), 52);
    assert_eq!(world.call("AddUserPoolClientSecret", &ids).unwrap_err().code(), Some("LimitExceededException"));
    let listed = world.run("listed", "ListUserPoolClientSecrets", &ids);
    assert_eq!(listed["ClientSecrets"].as_array().unwrap().len(), 2);
    assert!(listed["ClientSecrets"].as_array().unwrap().iter().all(|one| one.get("ClientSecretValue").is_none()));
    let mut body = ids.clone();
    body["ClientSecretId"] = json!(id);
    world.run("deleted", "DeleteUserPoolClientSecret", &body);
    assert_eq!(world.call("DeleteUserPoolClientSecret", &body).unwrap_err().code(), Some("ResourceNotFoundException"));
    let described = world.run("described", "DescribeUserPoolClient", &ids);
    assert_eq!(described["UserPoolClient"].get("ClientSecret"), None, "rotated clients no longer show a secret");
}
