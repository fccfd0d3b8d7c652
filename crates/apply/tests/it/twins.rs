//! Settings that Cognito shows in two places: changed and taken away in both, and no surprise in either.

use poolform_apply::observe;
use poolform_core::kinds::user_pool;
use poolform_core::plan::{keep, restore};
use poolform_core::setting;
use poolform_model::{Cognito, Request};
use serde_json::{Value as Json, json};

use crate::cases::pool;
use crate::world::World;

const POOL: &str = "module.pool";

fn answer(world: &World, path: &str) -> Json {
    setting::get(&observe(&world.cognito, &world.recorded, 1).unwrap()[POOL].answer, path).clone()
}

fn arn(name: &str) -> Json {
    json!(format!("arn:aws:lambda:us-east-1:123456789012:function:{name}"))
}

/// Cognito fills in the configuration of the trigger before tokens for a pool that has the trigger (public report; the
/// answers of DescribeUserPool show both), or somebody chose a version of it.
fn fill_in_configuration(world: &World, version: &str) {
    let id = &world.recorded[POOL].identity["UserPoolId"];
    let mut pool = observe(&world.cognito, &world.recorded, 1).unwrap()[POOL].settings.clone();
    let arn = setting::get(&pool, "LambdaConfig.PreTokenGeneration").clone();
    let both =
        json!({"PreTokenGeneration": arn, "PreTokenGenerationConfig": {"LambdaArn": arn, "LambdaVersion": version}});
    pool.insert("LambdaConfig".to_owned(), both);
    let mut body = user_pool::KIND.echo(&pool);
    body.insert("UserPoolId".to_owned(), json!(id));
    world.cognito.call(&Request::new("UpdateUserPool", body)).unwrap();
}

#[test]
fn the_trigger_before_tokens_is_one_in_both_places() {
    for version in ["V1_0", "V2_0"] {
        let mut world = World::new();
        assert!(world.apply(Some(&pool(json!({"lambda_pre_token_generation": arn("one")})))));
        fill_in_configuration(&world, version);
        // Another function: refused by Cognito unless both say it ("different Lambda function ARN's").
        assert!(world.apply(Some(&pool(json!({"lambda_pre_token_generation": arn("two")})))));
        assert_eq!(answer(&world, "LambdaConfig.PreTokenGeneration"), arn("two"));
        let config = answer(&world, "LambdaConfig.PreTokenGenerationConfig");
        assert_eq!(config, json!({"LambdaArn": arn("two"), "LambdaVersion": version}));
        // Something else entirely leaves both as they are.
        let other = json!({"lambda_pre_token_generation": arn("two"), "lambda_pre_sign_up": arn("three")});
        assert!(world.apply(Some(&pool(other))));
        assert_eq!(answer(&world, "LambdaConfig.PreTokenGenerationConfig"), config);
        // Taken away, it is gone in both.
        assert!(world.apply(Some(&pool(json!({})))));
        assert!(setting::is_empty(&answer(&world, "LambdaConfig.PreTokenGeneration")));
        assert!(setting::is_empty(&answer(&world, "LambdaConfig.PreTokenGenerationConfig")));
    }
}

/// Somebody gives the pool a sender of their own, with what belongs to it.
#[test]
fn an_identity_of_ones_own_that_nobody_declares_is_taken_back() {
    let mut world = World::new();
    let declared = json!({"email_reply_to_address": "help@orders.example"});
    assert!(world.apply(Some(&pool(declared.clone()))));
    let id = world.recorded[POOL].identity["UserPoolId"].clone();
    let mut body = user_pool::KIND.echo(&observe(&world.cognito, &world.recorded, 1).unwrap()[POOL].settings);
    let email = json!({"EmailSendingAccount": "DEVELOPER", "From": "Orders <a@orders.example>",
        "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/orders.example",
        "ConfigurationSet": "orders", "ReplyToEmailAddress": "help@orders.example"});
    body.extend([("EmailConfiguration".to_owned(), email), ("UserPoolId".to_owned(), json!(id))]);
    world.cognito.call(&Request::new("UpdateUserPool", body)).unwrap();
    assert!(world.apply(Some(&pool(declared))));
    let left = json!({"EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "help@orders.example"});
    let mut found = answer(&world, "EmailConfiguration");
    found.as_object_mut().unwrap().sort_keys();
    assert_eq!(found, left);
}

/// What changes of a pool by an apply, beyond what its plan says.
fn surprises(before: Json, after: Json) -> Vec<String> {
    let mut world = World::new();
    assert!(world.apply(Some(&pool(before))));
    let (plan, observed, said) = world.plan(Some(&pool(after)));
    assert!(!said.has_errors(), "{said:?}");
    let kept = keep(&plan, &observed, &world.recorded);
    let there = observed[POOL].clone();
    let outcome = world.carry_out(&plan, observed, None);
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    let now = observe(&world.cognito, &world.recorded, 1).unwrap();
    let change = plan.changes.iter().find(|change| change.address == POOL).unwrap();
    let found = poolform_core::unexpected(&user_pool::KIND, &there, &now[POOL], &change.settings, &plan.hidden(POOL));
    // The way back leads back, and says each setting once.
    let (back, _) = restore(&kept, &world.recorded, &now);
    for change in back.changes.iter().flat_map(|change| &change.settings) {
        assert!(!change.path.starts_with("MfaConfig.SmsMfaConfiguration.SmsConfiguration"), "{change:?}");
    }
    found.into_iter().map(|each| each.argument).collect()
}

#[test]
fn what_is_planned_is_no_surprise_where_it_is_said_again() {
    let sms = |external: &str| json!({"external_id": external, "sns_caller_arn": "arn:aws:iam::123456789012:role/sms"});
    let cases = [
        // Another external id, which the MFA configuration says too.
        (json!({"sms_configuration": sms("one")}), json!({"sms_configuration": sms("two")})),
        // SMS comes, as a factor too.
        (json!({}), json!({"sms_configuration": sms("one")})),
        (json!({"mfa_configuration": "OFF"}), json!({"mfa_configuration": "ON", "sms_configuration": sms("one")})),
        (
            json!({"sms_configuration": sms("one")}),
            json!({"sms_configuration": sms("one"), "sms_authentication_message": "Yours is {####}."}),
        ),
        (json!({}), json!({"email_message": "Take {####}.", "email_subject": "Code", "sms_message": "{####}"})),
        (json!({}), json!({"temporary_password_validity_days": 9})),
        (json!({"mfa_configuration": "ON"}), json!({"mfa_configuration": "OFF"})),
        (json!({}), json!({"lambda_pre_token_generation": arn("one")})),
        (json!({"lambda_pre_token_generation": arn("one")}), json!({})),
        (json!({}), json!({"user_device_tracking": "OFF"})),
        (json!({"user_device_tracking": "OFF"}), json!({"user_device_tracking": "ALWAYS"})),
    ];
    for (before, after) in cases {
        assert_eq!(surprises(before.clone(), after.clone()), [""; 0], "{before} -> {after}");
    }
}
