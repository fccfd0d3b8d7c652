//! What an apply does when Cognito does not do as it is told.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use poolform_apply::{Fate, Intent, Journal, recover, run};
use poolform_core::check::Checked;
use poolform_core::{Recorded, Step};
use poolform_model::{Cognito, Failure, Object, Refusal, Request, Response};
use poolform_value::Value;
use serde_json::json;

use crate::world::{Arguments, Quiet, World};

fn arguments(clients: &[&str]) -> Arguments {
    let clients = clients.iter().map(|name| Value::object([("name", Value::from(*name))])).collect();
    Arguments::from([("name".to_owned(), "orders".into()), ("clients".to_owned(), Value::tuple(clients))])
}

/// A clock that is wrong by decades: recovery must not depend on it.
const FAR_AHEAD: f64 = 4.0e9;

/// Refuses, or loses the answer of, the nth call of an operation.
struct Faulty<'a> {
    inner: &'a dyn Cognito,
    operation: &'static str,
    at: u32,
    lost: bool,
    code: &'static str,
    seen: AtomicU32,
}

impl Cognito for Faulty<'_> {
    fn call(&self, request: &Request) -> Response {
        if request.operation == self.operation && self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            if self.lost {
                let _ = self.inner.call(request);
                return Err(Failure::Unreachable("the connection broke".to_owned()));
            }
            return Err(Refusal::new(self.code, "no more").into());
        }
        self.inner.call(request)
    }
}

fn faulty<'a>(inner: &'a dyn Cognito, operation: &'static str, at: u32, lost: bool) -> Faulty<'a> {
    Faulty { inner, operation, at, lost, code: "LimitExceededException", seen: AtomicU32::new(0) }
}

#[test]
fn independent_steps_go_on_and_the_next_apply_finishes() {
    let mut world = World::new();
    let wanted = arguments(&["a", "b", "c"]);
    let (plan, observed, _) = world.plan(Some(&wanted));
    let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
    let outcome = world.carry_out(&plan, observed, Some(&faulty(&cognito, "CreateUserPoolClient", 0, false)));
    world.cognito = cognito;
    assert_eq!((outcome.failed.len(), outcome.skipped.len()), (1, 0), "{outcome:?}");
    assert!(outcome.uncertain.is_empty());
    assert_eq!(world.recorded.len(), 3, "the pool and two clients");
    assert!(world.apply(Some(&wanted)));
    assert_eq!(world.recorded.len(), 4);
    assert!(world.plan(Some(&wanted)).0.is_empty());
}

/// A journal whose disk is full once the requests are over.
struct Full;

impl Journal for Full {
    fn intend(&self, _: &Step, _: &Recorded, _: &BTreeSet<String>) -> Result<(), String> {
        Ok(())
    }
    fn refused(&self, _: &str) -> Result<(), String> {
        Err("the disk is full".to_owned())
    }
    fn remember(&self, _: &str, _: &Recorded) -> Result<(), String> {
        Err("the disk is full".to_owned())
    }
    fn forget(&self, _: &str) -> Result<(), String> {
        Err("the disk is full".to_owned())
    }
}

#[test]
fn what_cannot_be_remembered_is_said() {
    let mut world = World::new();
    assert!(world.apply(Some(&arguments(&["a", "b"]))));
    // A client that is gone is only forgotten, without a request; so is what was declared of the pool.
    let recorded = world.recorded.clone();
    let client = recorded.keys().find(|address| address.contains("\"a\"")).unwrap().clone();
    let body = recorded[&client].identity.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    world.cognito.call(&Request::new("DeleteUserPoolClient", body)).unwrap();
    let (plan, observed, said) = world.plan(Some(&arguments(&["b"])));
    assert!(!said.has_errors() && plan.steps.is_empty(), "{plan:#?}");
    let plan = Checked::new(plan, &world.permissions, &recorded).unwrap();
    let quiet = Quiet(std::sync::Mutex::new(Vec::new()));
    let outcome = run(&plan, &world.cognito, observed, recorded.clone(), &Full, &quiet, 1);
    assert_eq!(outcome.unkept, [(client.clone(), "the disk is full".to_owned())]);
    assert!(outcome.recorded.contains_key(&client), "it is looked for again");
}

#[test]
fn a_refusal_that_stays_is_told_from_one_that_passes() {
    for (code, stays) in [("InvalidParameterException", true), ("TooManyRequestsException", false)] {
        let mut world = World::new();
        let (plan, observed, _) = world.plan(Some(&arguments(&["a"])));
        let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
        let refusing = Faulty { code, ..faulty(&cognito, "CreateUserPoolClient", 0, false) };
        let outcome = world.carry_out(&plan, observed, Some(&refusing));
        assert_eq!((outcome.failed.len(), !outcome.refused.is_empty()), (1, stays), "{code}: {outcome:?}");
    }
}

#[test]
fn a_failed_pool_skips_what_needs_it() {
    let mut world = World::new();
    let (plan, observed, _) = world.plan(Some(&arguments(&["a"])));
    let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
    let outcome = world.carry_out(&plan, observed, Some(&faulty(&cognito, "CreateUserPool", 0, false)));
    assert_eq!((outcome.failed.len(), outcome.skipped.len()), (1, 2), "{outcome:?}");
    assert!(outcome.recorded.is_empty());
}

#[test]
fn a_pool_without_its_mfa_configuration_is_finished_by_the_next_apply() {
    let mut world = World::new();
    let wanted = arguments(&[]);
    let (plan, observed, _) = world.plan(Some(&wanted));
    let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
    world.carry_out(&plan, observed, Some(&faulty(&cognito, "SetUserPoolMfaConfig", 0, false)));
    world.cognito = cognito;
    let (plan, _, said) = world.plan(Some(&wanted));
    assert!(!said.has_errors());
    let operations: Vec<&str> = plan.steps.iter().map(|step| step.operation.as_str()).collect();
    assert_eq!(operations, ["SetUserPoolMfaConfig"]);
    assert!(world.apply(Some(&wanted)));
    assert!(world.plan(Some(&wanted)).0.is_empty());
}

#[test]
fn a_lost_answer_is_found_again() {
    for (operation, kind, name, address) in [
        ("CreateUserPool", "UserPool", "orders", "module.pool"),
        ("CreateUserPoolClient", "Client", "a", "module.pool.client[\"a\"]"),
    ] {
        let mut world = World::new();
        let wanted = arguments(&["a"]);
        let (plan, observed, _) = world.plan(Some(&wanted));
        let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
        let outcome = world.carry_out(&plan, observed, Some(&faulty(&cognito, operation, 0, true)));
        world.cognito = cognito;
        assert!(outcome.uncertain.contains(address), "{outcome:?}");
        let intents = [Intent {
            pool: "module.pool".to_owned(),
            address: address.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
            since: FAR_AHEAD,
            existing: BTreeSet::new(),
        }];
        let fates = recover(&world.cognito, &intents, &world.recorded).unwrap();
        let Some(Fate::Made(recorded)) = fates.get(address) else { panic!("{fates:?}") };
        world.recorded.insert(address.to_owned(), recorded.clone());
        assert!(world.apply(Some(&wanted)));
        let list = Request::new("ListUserPools", Object::from_iter([("MaxResults".to_owned(), json!(60))]));
        assert_eq!(world.cognito.call(&list).unwrap()["UserPools"].as_array().unwrap().len(), 1);
        assert!(world.plan(Some(&wanted)).0.is_empty());
    }
}

#[test]
fn two_of_the_same_name_are_left_to_a_person() {
    let world = World::new();
    for _ in 0..2 {
        let body = Object::from_iter([("PoolName".to_owned(), json!("orders"))]);
        world.cognito.call(&Request::new("CreateUserPool", body)).unwrap();
    }
    let intents = [Intent {
        pool: "module.pool".to_owned(),
        address: "module.pool".to_owned(),
        kind: "UserPool".to_owned(),
        name: "orders".to_owned(),
        since: FAR_AHEAD,
        existing: BTreeSet::new(),
    }];
    let fates = recover(&world.cognito, &intents, &world.recorded).unwrap();
    assert!(matches!(&fates["module.pool"], Fate::Unclear(ids) if ids.len() == 2), "{fates:?}");
}

#[test]
fn what_changes_between_plan_and_write_stops_the_apply() {
    let mut world = World::new();
    assert!(world.apply(Some(&arguments(&["a"]))));
    let mut wanted = arguments(&["a", "b"]);
    wanted.insert("password_minimum_length".to_owned(), Value::from(30));
    let (plan, observed, _) = world.plan(Some(&wanted));
    let id = world.recorded["module.pool"].identity["UserPoolId"].clone();
    let theirs = json!({"UserPoolId": id, "MfaConfiguration": "OPTIONAL", "UserPoolTags": {"theirs": "1"}});
    world.cognito.call(&Request::new("UpdateUserPool", theirs.as_object().unwrap().clone())).unwrap();
    let before = world.settings();
    let outcome = world.carry_out(&plan, observed, None);
    let (_, reason) = &outcome.failed[0];
    assert!(reason.contains("since the plan was made") && reason.contains("plan again"), "{reason}");
    assert!(outcome.done.is_empty() && outcome.skipped.len() == plan.steps.len() - 1, "{outcome:?}");
    assert_eq!(world.settings(), before, "nothing of theirs is undone");
    assert!(world.apply(Some(&wanted)));
    let observed = poolform_apply::observe(&world.cognito, &world.recorded, 1).unwrap();
    assert_eq!(observed["module.pool"].answer["UserPoolTags"], json!({"theirs": "1"}));
}

#[test]
fn namesakes_that_were_there_before_are_not_ours() {
    let world = World::new();
    let body = Object::from_iter([("PoolName".to_owned(), json!("orders"))]);
    let theirs = world.cognito.call(&Request::new("CreateUserPool", body)).unwrap();
    let intents = [Intent {
        pool: "module.pool".to_owned(),
        address: "module.pool".to_owned(),
        kind: "UserPool".to_owned(),
        name: "orders".to_owned(),
        since: 0.0,
        existing: BTreeSet::from([theirs["UserPool"]["Id"].as_str().unwrap().to_owned()]),
    }];
    let fates = recover(&world.cognito, &intents, &world.recorded).unwrap();
    assert_eq!(fates["module.pool"], Fate::Absent);
}

/// Somebody sets a trigger of the pool at the first update of a client.
struct Meddled<'a> {
    inner: &'a dyn Cognito,
    done: AtomicU32,
    pool: String,
}

const GUARD: &str = "arn:aws:lambda:us-east-1:123456789012:function:guard";

impl Cognito for Meddled<'_> {
    fn call(&self, request: &Request) -> Response {
        if request.operation == "UpdateUserPoolClient" && self.done.fetch_add(1, Ordering::SeqCst) == 0 {
            let theirs = json!({"UserPoolId": self.pool, "LambdaConfig": {"PreSignUp": GUARD}});
            self.inner.call(&Request::new("UpdateUserPool", theirs.as_object().unwrap().clone())).unwrap();
        }
        self.inner.call(request)
    }
}

#[test]
fn what_changes_between_two_writes_of_one_apply_is_not_undone() {
    let mut world = World::new();
    let mut wanted = arguments(&["a"]);
    wanted.insert("user_pool_tier".to_owned(), Value::from("PLUS"));
    assert!(world.apply(Some(&wanted)));
    wanted.insert("user_pool_tier".to_owned(), Value::from("ESSENTIALS"));
    wanted.insert("password_minimum_length".to_owned(), Value::from(30));
    wanted.insert("default_client_access_token_validity".to_owned(), Value::from(2));
    let (plan, observed, _) = world.plan(Some(&wanted));
    let pool = world.recorded["module.pool"].identity["UserPoolId"].clone();
    let cognito = std::mem::replace(&mut world.cognito, World::new().cognito);
    let meddled = Meddled { inner: &cognito, done: AtomicU32::new(0), pool };
    let outcome = world.carry_out(&plan, observed, Some(&meddled));
    let (step, reason) = &outcome.failed[0];
    assert_eq!(plan.steps[*step].body["UserPoolTier"], json!("ESSENTIALS"));
    assert!(reason.contains("since the plan was made"), "{reason}");
    world.cognito = cognito;
    let observed = poolform_apply::observe(&world.cognito, &world.recorded, 1).unwrap();
    assert_eq!(observed["module.pool"].answer["LambdaConfig"]["PreSignUp"], json!(GUARD));
}
