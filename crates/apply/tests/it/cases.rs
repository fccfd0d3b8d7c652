//! Single declarations, one after the other.

use poolform_apply::observe;
use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::{Plan, arguments, setting};
use poolform_model::{Cognito, Request};
use poolform_value::{Value, from_json};
use serde_json::{Value as Json, json};

use crate::world::{Arguments, World};

/// Arguments of a pool called `orders` and these.
pub fn pool(rest: Json) -> Arguments {
    let mut all = json!({"name": "orders"});
    all.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    from_json(&all).members().unwrap().clone()
}

/// Applies each in turn; nothing is left to do after any.
fn settled(turns: &[Json]) -> World {
    let mut world = World::new();
    for turn in turns {
        let arguments = pool(turn.clone());
        let (_, _, said) = world.plan(Some(&arguments));
        assert!(world.apply(Some(&arguments)), "{said:?}");
        let (plan, _, said) = world.plan(Some(&arguments));
        assert!(plan.is_empty() && !said.has_errors(), "{turn}: {plan:#?} {said:?}");
    }
    world
}

fn answer(world: &World, path: &str) -> Json {
    let observed = observe(&world.cognito, &world.recorded, 1).unwrap();
    setting::get(&observed["module.pool"].answer, path).clone()
}

fn planned(world: &World, turn: Json) -> Plan {
    let (plan, _, said) = world.plan(Some(&pool(turn)));
    assert!(!said.has_errors(), "{said:?}");
    plan
}

/// The errors of a plan, as text.
fn refused(world: &World, turn: Json) -> String {
    let (_, _, said) = world.plan(Some(&pool(turn)));
    assert!(said.has_errors());
    said.0.iter().map(|each| format!("{}: {}\n", each.summary, each.detail)).collect()
}

#[test]
fn a_text_that_becomes_null_is_reset() {
    let world = settled(&[json!({"email_subject": "Hush"}), json!({"email_subject": null})]);
    assert_eq!(answer(&world, "EmailVerificationSubject"), Json::Null);
    assert_eq!(answer(&world, "VerificationMessageTemplate.EmailSubject"), Json::Null);
}

#[test]
fn tracking_that_nobody_declares_any_more_goes_whole() {
    for challenge in [true, false] {
        for turn in [json!(null), json!("OFF")] {
            let first = json!({"challenge_required_on_new_device": challenge});
            let second = json!({"challenge_required_on_new_device": challenge, "user_device_tracking": turn});
            assert_eq!(answer(&settled(&[first, second]), "DeviceConfiguration"), Json::Null);
        }
    }
}

#[test]
fn no_mode_of_mfa_places_no_factor() {
    settled(&[json!({"mfa_configuration": "OFF"}), json!({"mfa_configuration": null})]);
    settled(&[json!({"mfa_configuration": "ON"}), json!({"mfa_configuration": null})]);
    settled(&[json!({"mfa_configuration": null}), json!({"mfa_configuration": "OPTIONAL"})]);
}

#[test]
fn a_refresh_token_validity_of_0_is_the_default() {
    settled(&[json!({"clients": [{"name": "web", "refresh_token_validity": 0}]})]);
}

#[test]
fn standard_attributes_have_limits_of_their_own() {
    let attributes = json!([
        {"name": "updated_at", "type": "Number", "required": true},
        {"name": "birthdate", "type": "String", "required": true},
        {"name": "tenant", "type": "String"},
    ]);
    let mut world = settled(&[json!({"schema_attributes": attributes.clone()})]);
    // A pool that was made elsewhere has Cognito's own limits.
    let body = json!({"PoolName": "orders", "AliasAttributes": ["email", "preferred_username"],
        "UsernameConfiguration": {"CaseSensitive": false}, "Schema": [
        {"Name": "updated_at", "Required": true},
        {"Name": "birthdate", "Required": true},
        {"Name": "tenant", "AttributeDataType": "String"},
    ]});
    let made = world.cognito.call(&Request::new("CreateUserPool", body.as_object().unwrap().clone())).unwrap();
    let id = setting::get(&made, "UserPool.Id").as_str().unwrap().to_owned();
    let recorded = world.recorded.get_mut("module.pool").unwrap();
    recorded.identity.insert("UserPoolId".to_owned(), id);
    let plan = planned(&world, json!({"schema_attributes": attributes}));
    assert!(plan.changes.iter().flat_map(|change| &change.settings).all(|setting| setting.path != "Schema"));
}

#[test]
fn an_added_attribute_is_shown_alone_and_a_changed_one_in_words() {
    let tenant = json!({"name": "tenant", "type": "String"});
    let world = settled(&[json!({"schema_attributes": [tenant]})]);
    let plan = planned(&world, json!({"schema_attributes": [tenant, {"name": "plan", "type": "Number"}]}));
    let setting = plan.changes[0].settings.iter().find(|setting| setting.path == "Schema").unwrap();
    assert_eq!(setting.old, Json::Null);
    assert_eq!(setting.new.as_array().unwrap().len(), 1);
    assert_eq!(setting.new[0]["Name"], "plan");
    let told = refused(&world, json!({"schema_attributes": [{"name": "tenant", "type": "Number", "max_value": 64}]}));
    assert!(told.contains("\"tenant\" is there and cannot change: its type String -> Number"), "{told}");
    let told = refused(&world, json!({"schema_attributes": [{"name": "tenant", "type": "String", "max_length": 64}]}));
    assert!(told.contains("cannot change: max_length 2048 -> 64"), "{told}");
}

#[test]
fn a_certificate_is_renewed_with_members_that_the_request_has() {
    let custom = |certificate: &str| {
        json!({"domain": "auth.orders.example", "certificate_arn":
            format!("arn:aws:acm:us-east-1:123456789012:certificate/{certificate}")})
    };
    let first = custom("00000000-0000-0000-0000-000000000000");
    let second = custom("00000000-0000-0000-0000-000000000001");
    let world = settled(&[first.clone(), second.clone()]);
    let mut plan = planned(&world, first);
    let update = plan.steps.iter_mut().find(|step| step.operation == "UpdateUserPoolDomain").unwrap();
    assert!(!update.body.contains_key("AWSAccountId"), "{:?}", update.body);
    // The check sees what the model does not have, custom or not.
    update.body.insert("UserPoolId".to_owned(), json!("no id"));
    assert_eq!(poolform_core::check::defects(&plan, &world.permissions, &world.recorded).len(), 1);
}

#[test]
fn writes_to_a_pool_come_one_after_the_other() {
    let world = settled(&[json!({"mfa_configuration": "OFF", "domain": "orders-a"})]);
    let plan = planned(
        &world,
        json!({"name": "renamed", "mfa_configuration": "ON", "domain": "orders-b",
            "schema_attributes": [{"name": "tenant", "type": "String"}]}),
    );
    let position = |operation: &str| plan.steps.iter().position(|step| step.operation == operation).unwrap();
    let order = [
        "UpdateUserPool",
        "AddCustomAttributes",
        "SetUserPoolMfaConfig",
        "DeleteUserPoolDomain",
        "CreateUserPoolDomain",
    ];
    for pair in order.windows(2) {
        assert!(plan.steps[position(pair[1])].after.contains(&position(pair[0])), "{pair:?}: {plan:#?}");
    }
}

#[test]
fn a_change_that_is_not_possible_hides_what_is_sensitive() {
    let world = settled(&[
        json!({"username_attributes": ["email"], "schema_attributes": [{"name": "tenant", "type": "String"}]}),
    ]);
    for (name, value) in [
        ("username_attributes", Value::tuple(vec!["phone_number".into()])),
        ("schema_attributes", from_json(&json!([{"name": "tenant", "type": "DateTime"}]))),
    ] {
        let mut arguments = pool(json!({"username_attributes": ["email"]}));
        arguments.insert(name.to_owned(), value.marked(true));
        let (_, _, said) = world.plan(Some(&arguments));
        assert!(said.has_errors());
        let told = format!("{said:?}");
        assert!(!told.contains("[\\\"email") && !told.contains("phone_number") && !told.contains("DateTime"), "{told}");
    }
}

#[test]
fn a_client_that_goes_says_what_is_lost_and_how_to_keep_it() {
    let world = settled(&[json!({"clients": [{"name": "web"}]})]);
    let notes = |turn: Json| {
        let plan = planned(&world, turn);
        plan.changes.iter().find(|change| change.address.contains("web")).unwrap().notes.join("; ")
    };
    let gone = notes(json!({"clients": []}));
    assert!(gone.contains("will be refused from then on") && !gone.contains("moved"), "{gone}");
    let renamed = notes(json!({"clients": [{"name": "site"}]}));
    let way = r#"from = module.pool.client["web"], to = module.pool.client["site"]"#;
    assert!(renamed.contains("moved") && renamed.contains(way), "{renamed}");
}

#[test]
fn keys_stand_in_addresses_as_terraform_quotes_them() {
    let name = "a\"b\\${c}é";
    let plan = planned(&World::new(), json!({"user_groups": [{"name": name}]}));
    assert_eq!(plan.changes[1].address, r#"module.pool.group["a\"b\\$${c}é"]"#);
}

#[test]
fn threat_protection_is_refused_on_a_pool_whose_tier_lacks_it() {
    let world = settled(&[json!({})]);
    let told = refused(&world, json!({"advanced_security_mode": "AUDIT"}));
    assert!(told.contains("Add user_pool_tier = \"PLUS\""), "{told}");
    let plus = json!({"advanced_security_mode": "AUDIT", "user_pool_tier": "PLUS"});
    let world = settled(&[json!({}), plus.clone()]);
    refused(&world, json!({"advanced_security_mode": "AUDIT"}));
    refused(&world, json!({"advanced_security_mode": "AUDIT", "user_pool_tier": "LITE"}));
    settled(&[plus, json!({"advanced_security_mode": "OFF", "user_pool_tier": "LITE"})]);
    // A new pool gets the tier, and keeps it.
    settled(&[json!({"advanced_security_mode": "ENFORCED"}), json!({"advanced_security_mode": "AUDIT"})]);
}

#[test]
fn an_ses_identity_without_ses_is_doubtful_and_no_mistake() {
    let source = "arn:aws:ses:us-east-1:123456789012:identity/orders.example";
    let (_, _, said) = World::new().plan(Some(&pool(json!({"email_source_arn": source}))));
    assert!(!said.has_errors() && said.0.iter().any(|each| each.summary == "SES identity without SES"), "{said:?}");
}

/// Odd values of a row, right in type.
fn odd(row: &Argument) -> Vec<Value> {
    let texts = ["", " ", "x", "é{####}", "{username}{####}", "aws:x"];
    let texts = || texts.into_iter().map(Value::from).chain(["x".repeat(129).into(), "x".repeat(3000).into()]);
    let object = |rows: &'static [Argument]| -> Vec<Value> {
        let values: Vec<(&str, Vec<Value>)> = rows.iter().map(|row| (row.name, odd(row))).collect();
        let most = values.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        (0..most)
            .map(|choice| {
                Value::object(values.iter().map(|(name, values)| (*name, values[choice % values.len()].clone())))
            })
            .collect()
    };
    match row.kind {
        Type::String | Type::Any => texts().collect(),
        Type::Bool => vec![true.into(), false.into()],
        Type::Number => [-1, 0, 1, 2, 400, 1_000_000, 3_000_000_000].into_iter().map(Value::from).collect(),
        Type::Set => texts().map(|text| Value::tuple(vec![text])).collect(),
        Type::Map => texts().map(|text| Value::object([(text.as_str().unwrap_or_default(), text.clone())])).collect(),
        Type::Record(rows) => object(rows),
        Type::Records(rows) => object(rows).into_iter().map(|item| Value::tuple(vec![item])).collect(),
    }
}

/// What is not refused before the first request is not refused by Cognito either.
#[test]
fn odd_values_are_refused_at_the_argument_or_taken() {
    let mut taken = 0;
    let mut problems = Vec::new();
    for row in arguments() {
        for value in odd(&row) {
            let mut given = pool(json!({}));
            given.insert(row.name.to_owned(), value);
            let mut world = World::new();
            let (plan, observed, said) = world.plan(Some(&given));
            if said.has_errors() {
                continue;
            }
            let outcome = world.carry_out(&plan, observed, None);
            let (again, _, _) = world.plan(Some(&given));
            if !outcome.failed.is_empty() || !again.is_empty() {
                problems.push(format!("{given:?}: {:?} {:?}", outcome.failed, again.changes));
            }
            taken += 1;
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(taken > 100, "{taken}");
}

/// The operations of a plan with what they are about, in their order.
fn operations(plan: &Plan) -> Vec<(String, String)> {
    let about = |step: &poolform_core::Step| step.address.trim_start_matches("module.pool").to_owned();
    plan.steps.iter().map(|step| (step.operation.clone(), about(step))).collect()
}

#[test]
fn a_tier_falls_once_nothing_needs_it_any_more() {
    let before = json!({"user_pool_tier": "PLUS", "advanced_security_mode": "ENFORCED", "clients": [{"name": "a"}]});
    let world = settled(&[before]);
    let after = json!({"user_pool_tier": "LITE", "advanced_security_mode": "OFF", "mfa_configuration": "OFF",
        "clients": [{"name": "a", "refresh_token_validity": 3}]});
    let plan = planned(&world, after.clone());
    let tiers: Vec<&Json> = plan.steps.iter().filter_map(|step| step.body.get("UserPoolTier")).collect();
    assert_eq!(tiers, [&json!("PLUS"), &json!("LITE")]);
    let last = plan.steps.len() - 1;
    assert_eq!(operations(&plan)[last], ("UpdateUserPool".to_owned(), String::new()));
    // It waits for everything else, and does not undo what came before.
    assert_eq!(plan.steps[last].after, (0..last).collect::<Vec<_>>(), "{plan:#?}");
    let world = settled(&[
        json!({"user_pool_tier": "PLUS", "advanced_security_mode": "ENFORCED", "clients": [{"name": "a"}]}),
        after,
    ]);
    assert_eq!(answer(&world, "MfaConfig.MfaConfiguration"), "OFF");
    assert_eq!(answer(&world, "UserPoolTier"), "LITE");
}

#[test]
fn scopes_come_before_the_clients_that_name_them_and_go_after() {
    let turn = |scope: &str| {
        let api = json!({"identifier": "https://api", "name": "api",
            "scopes": [{"scope_name": scope, "scope_description": "It"}]});
        json!({"resource_servers": [api], "clients": [{"name": "a", "allowed_oauth_flows_user_pool_client": true,
            "allowed_oauth_flows": ["code"], "callback_urls": ["https://a.example"],
            "allowed_oauth_scopes": [format!("https://api/{scope}")]}]})
    };
    let world = settled(&[turn("read")]);
    let plan = planned(&world, turn("write"));
    let operations: Vec<String> = operations(&plan).into_iter().map(|(operation, _)| operation).collect();
    assert_eq!(operations, ["UpdateResourceServer", "UpdateUserPoolClient", "UpdateResourceServer"]);
    assert_eq!(plan.steps[0].body["Scopes"].as_array().unwrap().len(), 2);
    assert_eq!(plan.steps[2].body["Scopes"].as_array().unwrap().len(), 1);
    assert_eq!(plan.steps[2].after, [0, 1]);
    settled(&[turn("read"), turn("write")]);
}

#[test]
fn identifiers_move_from_provider_to_provider() {
    let provider = |name: &str, identifiers: &[&str]| {
        let details = json!({"client_id": "orders", "authorize_scopes": "openid", "attributes_request_method": "GET",
            "oidc_issuer": "https://idp.orders.example"});
        json!({"provider_name": name.repeat(3), "provider_type": "OIDC", "provider_details": details,
            "idp_identifiers": identifiers})
    };
    let turn = |providers: &[(&str, &[&str])]| {
        let providers: Vec<Json> = providers.iter().map(|(name, identifiers)| provider(name, identifiers)).collect();
        json!({"identity_providers": providers, "clients": [{"name": "web"}]})
    };
    let world = settled(&[
        turn(&[("B", &["b.example", "both.example"]), ("C", &["c.example"])]),
        // To one that comes and sorts before, from one that stays.
        turn(&[("A", &["both.example"]), ("B", &["b.example"]), ("C", &["c.example"])]),
        // Around a circle.
        turn(&[("A", &["b.example"]), ("B", &["c.example"]), ("C", &["both.example"])]),
        // From one that goes, to one that comes and to one that stays.
        turn(&[("B", &["b.example"]), ("C", &["c.example"]), ("D", &["both.example"])]),
    ]);
    assert_eq!(world.recorded.len(), 5, "{:?}", world.recorded.keys());
    let plan = planned(&world, turn(&[("E", &["b.example"]), ("C", &["c.example"]), ("D", &["both.example"])]));
    let requests: Vec<&str> = plan.steps.iter().map(|step| step.operation.as_str()).collect();
    assert_eq!(requests, ["UpdateIdentityProvider", "CreateIdentityProvider", "DeleteIdentityProvider"]);
}
