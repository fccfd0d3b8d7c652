//! What was changed outside: what is declared, what nobody declares, and what belongs to another kind.

use poolform_model::Cognito;
use serde_json::{Value, json};

use crate::command::Folder;
use crate::replacement::{emulator, id_of};
use crate::safety::{call, pool};

const SES: &str = "arn:aws:ses:us-east-1:123456789012:identity/orders.example";

/// The whole pool with these members changed, as the console sends it.
pub fn change(cognito: &dyn Cognito, id: &Value, members: &Value) {
    let mut described = call(cognito, "DescribeUserPool", json!({"UserPoolId": id}));
    let mut body = described.remove("UserPool").unwrap();
    let body = body.as_object_mut().unwrap();
    body.extend(members.as_object().unwrap().clone());
    for own in [
        "Id",
        "Name",
        "Arn",
        "SchemaAttributes",
        "CreationDate",
        "LastModifiedDate",
        "EstimatedNumberOfUsers",
        "UsernameConfiguration",
        "AliasAttributes",
        "Domain",
    ] {
        body.remove(own);
    }
    if let Some(config) = body.get_mut("AdminCreateUserConfig").and_then(Value::as_object_mut) {
        config.remove("UnusedAccountValidityDays");
    }
    body.insert("UserPoolId".to_owned(), id.clone());
    call(cognito, "UpdateUserPool", Value::Object(body.clone()));
}

/// What a plan for drift says.
fn drift(folder: &Folder, code: i32) -> String {
    folder.run(&["plan", "-local", "-refresh-only", "-detailed-exitcode"]).exits(code).stdout()
}

#[test]
fn settings_that_nobody_declares_are_compared_too() {
    let folder = Folder::new("drift-beyond");
    let text = pool(&format!(
        "  email_sending_account = \"DEVELOPER\"\n  email_source_arn = \"{SES}\"\n  domain = \"orders\"\n  \
         clients = [{{ name = \"web\" }}]"
    ));
    folder.write("main.tf", &text);
    folder.run(&["apply", "-local", "-auto-approve"]).exits(0);
    assert!(drift(&folder, 0).contains("No drift."));
    {
        let cognito = emulator(&folder);
        let id = id_of(&cognito);
        let arn = call(&cognito, "DescribeUserPool", json!({"UserPoolId": id}))["UserPool"]["Arn"].clone();
        call(&cognito, "TagResource", json!({"ResourceArn": arn, "Tags": {"theirs": "2"}}));
        let lambda = "arn:aws:lambda:us-east-1:123456789012:function:inbound";
        let attribute = json!([{"Name": "tenant", "AttributeDataType": "String"}]);
        call(&cognito, "AddCustomAttributes", json!({"UserPoolId": id, "CustomAttributes": attribute}));
        let policies = json!({"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}});
        let inbound = json!({"InboundFederation": {"LambdaArn": lambda, "LambdaVersion": "V1_0"}, "PreSignUp": lambda});
        let mut described = call(&cognito, "DescribeUserPool", json!({"UserPoolId": id}));
        let mut all = described.remove("UserPool").unwrap()["Policies"].clone();
        all.as_object_mut().unwrap().extend(policies.as_object().unwrap().clone());
        change(&cognito, &id, &json!({"Policies": all, "LambdaConfig": inbound}));
        let mut mfa = call(&cognito, "GetUserPoolMfaConfig", json!({"UserPoolId": id}));
        mfa.insert("EmailMfaConfiguration".to_owned(), json!({"Message": "Yours is {####}.", "Subject": "Code"}));
        mfa.insert("UserPoolId".to_owned(), id.clone());
        mfa.remove("WebAuthnConfiguration");
        call(&cognito, "SetUserPoolMfaConfig", Value::Object(mfa));
        let client =
            call(&cognito, "ListUserPoolClients", json!({"UserPoolId": id}))["UserPoolClients"][0]["ClientId"].clone();
        let body = json!({"UserPoolId": id, "ClientId": client, "ClientName": "web", "RefreshTokenValidity": 30,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}});
        call(&cognito, "UpdateUserPoolClient", body);
        // A group of the domain's name is a stranger all the same.
        call(&cognito, "CreateGroup", json!({"UserPoolId": id, "GroupName": "orders"}));
    }
    let said = drift(&folder, 2);
    for part in [
        "module.pool: tags[\"theirs\"] = \"2\"",
        "module.pool: schema_attributes = \"custom:tenant\"",
        "module.pool: allowed_first_auth_factors = [\"PASSWORD\",\"EMAIL_OTP\"]",
        "module.pool: lambda_inbound_federation.lambda_arn = ",
        "module.pool: lambda_pre_sign_up = ",
        "module.pool: email_mfa_configuration.subject = \"Code\"",
        "module.pool.client[\"web\"]: refresh_token_rotation.feature = \"ENABLED\"",
        "module.pool.client[\"web\"]: explicit_auth_flows = [\"ALLOW_USER_SRP_AUTH\"]",
        "module.pool: group orders",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let found = folder.run(&["plan", "-local", "-refresh-only", "-json"]).exits(0);
    let found: Value = serde_json::from_str(&found.stdout()).unwrap();
    assert_eq!(found["undeclared"], json!(["module.pool: group orders"]));
    let tenant = json!({"address": "module.pool", "argument": "schema_attributes", "key": null, "path": "Schema",
        "found": "custom:tenant", "secret": false});
    assert!(found["undeclared_settings"].as_array().unwrap().contains(&tenant), "{found}");
    // Nothing of it is touched by an apply.
    folder.run(&["plan", "-local", "-detailed-exitcode"]).exits(0);
}
