//! What somebody else has set survives a change that has nothing to do with it: member by member of the API model,
//! whether Cognito resets what an update leaves out, or keeps it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use poolform_emulator::{Omission, Options};
use poolform_model::{Cognito, Object, Request, Response};
use poolform_value::from_json;
use serde_json::{Value as Json, json};

use crate::world::{Arguments, World};

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";
const CERTIFICATES: [&str; 2] = [
    "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111",
    "arn:aws:acm:us-east-1:123456789012:certificate/22222222-2222-2222-2222-222222222222",
];

/// Members that are not set from outside here, and why.
const LEFT_OUT: &[(&str, &str)] = &[
    ("PublishSecretsInAWSSecretsManager", "Secrets Manager is another service, and refused"),
    ("UserPoolId", "names the pool"),
    ("ClientId", "names the client"),
    ("Domain", "names the domain"),
    ("PoolName", "always declared, so planned back"),
    ("ClientName", "always declared, so planned back"),
    ("CustomDomainConfig", "what the unrelated change changes"),
    ("MfaConfiguration", "set with the factors, which it needs"),
];

/// What is set from outside, one member each, with what it needs beside it.
fn samples(operation: &str) -> Vec<(&'static str, Json)> {
    match operation {
        "UpdateUserPool" => vec![
            ("Policies", json!({"Policies": {"PasswordPolicy": {"MinimumLength": 9, "RequireNumbers": true}}})),
            ("DeletionProtection", json!({"DeletionProtection": "INACTIVE"})),
            (
                "LambdaConfig",
                json!({"LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:f"}}),
            ),
            ("AutoVerifiedAttributes", json!({"AutoVerifiedAttributes": ["email"]})),
            ("SmsVerificationMessage", json!({"SmsVerificationMessage": "Take {####}"})),
            ("EmailVerificationMessage", json!({"EmailVerificationMessage": "Take {####}"})),
            ("EmailVerificationSubject", json!({"EmailVerificationSubject": "Take it"})),
            (
                "VerificationMessageTemplate",
                json!({"VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK",
                    "EmailSubjectByLink": "Here", "EmailMessageByLink": "{##Click##}"}}),
            ),
            ("SmsAuthenticationMessage", json!({"SmsAuthenticationMessage": "Take {####}"})),
            (
                "UserAttributeUpdateSettings",
                json!({"AutoVerifiedAttributes": ["email"],
                    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}),
            ),
            (
                "DeviceConfiguration",
                json!({"DeviceConfiguration":
                    {"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true}}),
            ),
            ("EmailConfiguration", json!({"EmailConfiguration": {"ReplyToEmailAddress": "a@b.example"}})),
            ("SmsConfiguration", json!({"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}})),
            ("UserPoolTags", json!({"UserPoolTags": {"theirs": "2", "a.b": "3"}})),
            (
                "AdminCreateUserConfig",
                json!({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true,
                    "InviteMessageTemplate": {"EmailSubject": "Come", "EmailMessage": "{username} {####}"}}}),
            ),
            ("UserPoolAddOns", json!({"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}})),
            (
                "AccountRecoverySetting",
                json!({"AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}}),
            ),
            ("UserPoolTier", json!({"UserPoolTier": "PLUS"})),
            (
                "DcrConfiguration",
                json!({"DcrConfiguration": {"EnableStatus": "Enabled", "AllowedScopes": ["openid"],
                    "AuthenticatedGrantTypes": ["code"]}}),
            ),
            (
                "KeyConfiguration",
                json!({"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY",
                    "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111"}}),
            ),
            ("IssuerConfiguration", json!({"IssuerConfiguration": {"Type": "UPDATED"}})),
            ("AcrConfiguration", json!({"AcrConfiguration": {"Level1": {"AcrValue": "urn:example:low"}}})),
        ],
        "UpdateUserPoolClient" => vec![
            ("RefreshTokenValidity", json!({"RefreshTokenValidity": 40})),
            ("AccessTokenValidity", json!({"AccessTokenValidity": 7})),
            ("IdTokenValidity", json!({"IdTokenValidity": 8})),
            ("TokenValidityUnits", json!({"TokenValidityUnits": {"AccessToken": "hours", "RefreshToken": "days"}})),
            ("ReadAttributes", json!({"ReadAttributes": ["email"]})),
            ("WriteAttributes", json!({"WriteAttributes": ["email", "name"]})),
            ("ExplicitAuthFlows", json!({"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH"]})),
            ("SupportedIdentityProviders", json!({"SupportedIdentityProviders": ["COGNITO"]})),
            ("CallbackURLs", json!({"CallbackURLs": ["https://a.example"]})),
            ("LogoutURLs", json!({"LogoutURLs": ["https://a.example/out"]})),
            (
                "DefaultRedirectURI",
                json!({"CallbackURLs": ["https://a.example"], "DefaultRedirectURI": "https://a.example"}),
            ),
            ("AllowedOAuthFlows", oauth()),
            ("AllowedOAuthScopes", oauth()),
            ("AllowedOAuthFlowsUserPoolClient", oauth()),
            (
                "AnalyticsConfiguration",
                json!({"AnalyticsConfiguration": {"ApplicationId": "0123456789abcdef0123456789abcdef",
                    "RoleArn": ROLE, "ExternalId": "x", "UserDataShared": true}}),
            ),
            ("PreventUserExistenceErrors", json!({"PreventUserExistenceErrors": "ENABLED"})),
            ("EnableTokenRevocation", json!({"EnableTokenRevocation": false})),
            ("EnablePropagateAdditionalUserContextData", json!({"EnablePropagateAdditionalUserContextData": true})),
            ("AuthSessionValidity", json!({"AuthSessionValidity": 5})),
            (
                "RefreshTokenRotation",
                json!({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
                    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}}),
            ),
        ],
        "UpdateUserPoolDomain" => vec![
            ("ManagedLoginVersion", json!({"ManagedLoginVersion": 2})),
            (
                "Routing",
                json!({"Routing": {"Failover": {"SecondaryRegion": "eu-west-1",
                    "PrimaryRoute53HealthCheckId": "11111111-1111-1111-1111-111111111111"}}}),
            ),
        ],
        "SetUserPoolMfaConfig" => vec![
            (
                "SmsMfaConfiguration",
                json!({"SmsMfaConfiguration": {"SmsAuthenticationMessage": "Take {####}",
                "SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}}}),
            ),
            ("SoftwareTokenMfaConfiguration", json!({"SoftwareTokenMfaConfiguration": {"Enabled": true}})),
            ("EmailMfaConfiguration", json!({"EmailMfaConfiguration": {"Message": "Take {####}", "Subject": "It"}})),
            (
                "WebAuthnConfiguration",
                json!({"WebAuthnConfiguration": {"RelyingPartyId": "auth.example.com", "UserVerification": "required"}}),
            ),
        ],
        other => panic!("no samples of {other}"),
    }
}

fn oauth() -> Json {
    json!({"AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"],
        "CallbackURLs": ["https://a.example"]})
}

/// A call that declares next to nothing, so that nearly everything is somebody else's; `changed` in one setting that
/// the samples of the operation do not touch.
fn declared(operation: &str, member: &str, changed: bool) -> Arguments {
    let mut all: Object = poolform_core::arguments().iter().map(|row| (row.name.to_owned(), Json::Null)).collect();
    all.retain(|name, _| name != "module_enabled" && name != "module_depends_on");
    let mut declare = |name: &str, value: Json| {
        all.insert(name.to_owned(), value);
    };
    declare("name", json!("orders"));
    match operation {
        "UpdateUserPool" if changed => declare("tags", json!({"ours": "1"})),
        "UpdateUserPool" => {}
        "UpdateUserPoolClient" => {
            let mut client = json!({"name": "web", "generate_secret": true});
            match (changed, member) {
                (false, _) => {}
                (true, "LogoutURLs") => client["prevent_user_existence_errors"] = json!("ENABLED"),
                (true, _) => client["logout_urls"] = json!(["https://b.example/out"]),
            }
            declare("clients", json!([client]));
        }
        "UpdateUserPoolDomain" => {
            declare("domain", json!("auth.orders.example.com"));
            declare("certificate_arn", json!(CERTIFICATES[usize::from(changed)]));
        }
        _ => {
            declare("mfa_configuration", json!(if changed { "ON" } else { "OPTIONAL" }));
            declare("allow_software_mfa_token", json!(true));
        }
    }
    from_json(&Json::Object(all)).members().unwrap().clone()
}

/// The address that an operation writes to, the read that shows it, and where in the answer.
fn place(operation: &str) -> (&'static str, &'static str, &'static str) {
    match operation {
        "UpdateUserPool" => ("module.pool", "DescribeUserPool", "UserPool"),
        "UpdateUserPoolClient" => ("module.pool.client[\"web\"]", "DescribeUserPoolClient", "UserPoolClient"),
        "UpdateUserPoolDomain" => ("module.pool.domain", "DescribeUserPoolDomain", "DomainDescription"),
        _ => ("module.pool", "GetUserPoolMfaConfig", ""),
    }
}

fn body(json: Json) -> Object {
    json.as_object().cloned().unwrap_or_default()
}

fn shown(world: &World, operation: &str) -> Object {
    let (address, read, member) = place(operation);
    let shape = poolform_model::shape(poolform_model::operation(read).unwrap().input).unwrap();
    let identity = world.recorded[address].identity.iter();
    let request =
        identity.filter(|(name, _)| shape.member(name).is_some()).map(|(name, value)| (name.clone(), json!(value)));
    let answer = world.cognito.call(&Request::new(read, request.collect())).unwrap();
    if member.is_empty() { answer } else { body(answer[member].clone()) }
}

/// Sets a sample from outside: everything that is there, and it.
fn set_outside(world: &World, operation: &str, sample: &Json) {
    let shape = poolform_model::shape(poolform_model::operation(operation).unwrap().input).unwrap();
    let mut request: Object =
        shown(world, operation).into_iter().filter(|(name, _)| shape.member(name).is_some()).collect();
    if let Some(Json::Object(admin)) = request.get_mut("AdminCreateUserConfig") {
        admin.remove("UnusedAccountValidityDays");
    }
    request.extend(body(sample.clone()));
    // A template says what its mirrors say.
    if sample.get("VerificationMessageTemplate").is_none()
        && ["SmsVerificationMessage", "EmailVerificationMessage", "EmailVerificationSubject"]
            .iter()
            .any(|mirror| sample.get(mirror).is_some())
    {
        request.remove("VerificationMessageTemplate");
    }
    let (address, ..) = place(operation);
    request.extend(world.recorded[address].identity.iter().map(|(name, value)| (name.clone(), json!(value))));
    world.cognito.call(&Request::new(operation, request)).unwrap_or_else(|failure| panic!("{sample}: {failure}"));
}

#[test]
fn every_member_that_somebody_else_set_survives() {
    for operation in ["UpdateUserPool", "UpdateUserPoolClient", "UpdateUserPoolDomain", "SetUserPoolMfaConfig"] {
        let samples = samples(operation);
        let sampled: BTreeSet<&str> =
            samples.iter().map(|(member, _)| *member).chain(LEFT_OUT.iter().map(|(member, _)| *member)).collect();
        let shape = poolform_model::shape(poolform_model::operation(operation).unwrap().input).unwrap();
        let missing: Vec<&str> = shape.member_names().filter(|member| !sampled.contains(member)).collect();
        assert!(missing.is_empty(), "{operation} has members without a sample: {missing:?}");
        for omission in [Omission::ResetAll, Omission::KeepAll] {
            for (member, sample) in &samples {
                let mut world = World::with(Options { omission, ..Options::default() });
                assert!(
                    world.apply(Some(&declared(operation, member, false))),
                    "{:?}",
                    world.plan(Some(&declared(operation, member, false))).2
                );
                if *member == "EmailMfaConfiguration" {
                    let sender = json!({"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER",
                        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a@b.example"}});
                    set_outside(&world, "UpdateUserPool", &sender);
                }
                let before = shown(&world, operation);
                set_outside(&world, operation, sample);
                let theirs = shown(&world, operation);
                let already = operation == "SetUserPoolMfaConfig" && *member == "SoftwareTokenMfaConfiguration";
                assert!(already || before.get(*member) != theirs.get(*member), "{member} was not set: {theirs:?}");
                let (plan, _, said) = world.plan(Some(&declared(operation, member, true)));
                assert!(plan.steps.iter().any(|step| step.operation == operation), "{member}: {plan:#?} {said:?}");
                assert!(world.apply(Some(&declared(operation, member, true))));
                let after = shown(&world, operation);
                let mut expected = theirs[*member].clone();
                if *member == "UserPoolTags" {
                    expected["ours"] = json!("1");
                }
                assert_eq!(after.get(*member), Some(&expected), "{omission:?}: {operation}.{member}");
            }
        }
    }
}

/// A Cognito that is newer than the API model: pools have one more setting, which an update that leaves it out resets.
struct Newer<'a> {
    inner: &'a dyn Cognito,
    setting: Mutex<Option<Json>>,
}

const SETTING: &str = "SomethingNew";

impl Cognito for Newer<'_> {
    fn call(&self, request: &Request) -> Response {
        let mut request = request.clone();
        if request.operation == "UpdateUserPool" {
            *self.setting.lock().unwrap() = request.body.remove(SETTING);
        }
        let mut answer = self.inner.call(&request)?;
        if let (Some(pool), Some(setting)) = (answer.get_mut("UserPool"), &*self.setting.lock().unwrap()) {
            pool[SETTING] = setting.clone();
        }
        Ok(answer)
    }
}

#[test]
fn a_member_that_the_model_does_not_have_survives() {
    let mut world = World::new();
    assert!(world.apply(Some(&declared("UpdateUserPool", SETTING, false))));
    let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
    let setting = json!({"Level": "HIGH"});
    let newer = Newer { inner: &cognito, setting: Mutex::new(Some(setting.clone())) };
    let observed = poolform_apply::observe(&newer, &world.recorded, 1).unwrap();
    assert_eq!(observed["module.pool"].answer[SETTING], setting);
    let (plan, _) = world.plan_with(Some(&declared("UpdateUserPool", SETTING, true)), &observed);
    let outcome = world.carry_out(&plan, observed, Some(&newer));
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert_eq!(*newer.setting.lock().unwrap(), Some(setting));
}
