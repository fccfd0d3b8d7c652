//! Many callers at once, and the figures that the rest of the program relies on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Value as Json, json};

use crate::world::{World, folder};

fn call(emulator: &Emulator, operation: &str, body: Json) -> Result<Json, poolform_model::Failure> {
    let Json::Object(body) = body else { panic!("an object") };
    emulator.call(&Request::new(operation, body)).map(Json::Object)
}

#[test]
fn many_threads_write_and_read_one_pool() {
    let emulator = Arc::new(Emulator::in_memory(Options::default()));
    let pool = call(&emulator, "CreateUserPool", json!({"PoolName": "p"})).unwrap()["UserPool"]["Id"].clone();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (emulator, pool) = (Arc::clone(&emulator), pool.clone());
            scope.spawn(move || {
                for number in 0..25 {
                    let name = format!("c-{thread}-{number}");
                    let made = call(&emulator, "CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": name}))
                        .unwrap();
                    let id = made["UserPoolClient"]["ClientId"].clone();
                    let found =
                        call(&emulator, "DescribeUserPoolClient", json!({"UserPoolId": pool, "ClientId": id})).unwrap();
                    assert_eq!(found["UserPoolClient"]["ClientName"], name);
                }
            });
        }
    });
    let mut names = BTreeSet::new();
    let mut token = Json::Null;
    loop {
        let page =
            call(&emulator, "ListUserPoolClients", json!({"UserPoolId": pool, "MaxResults": 7, "NextToken": token}))
                .unwrap();
        names.extend(page["UserPoolClients"].as_array().unwrap().iter().map(|client| client["ClientName"].to_string()));
        match page.get("NextToken") {
            Some(next) => token = next.clone(),
            None => break,
        }
    }
    assert_eq!(names.len(), 200);
}

#[test]
fn a_group_is_created_once_however_many_try() {
    let emulator = Emulator::in_memory(Options::default());
    let pool = call(&emulator, "CreateUserPool", json!({"PoolName": "p"})).unwrap()["UserPool"]["Id"].clone();
    let won = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| call(&emulator, "CreateGroup", json!({"UserPoolId": pool, "GroupName": "g"})).is_ok())
            })
            .collect();
        tries.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
    });
    assert_eq!(won, 1);
}

#[test]
fn quotas_are_counted() {
    let mut world = World::new(|options| {
        options.quotas.user_pools = 2;
        options.quotas.clients = 1;
        options.quotas.groups = 1;
        options.quotas.resource_servers = 1;
        options.quotas.identity_providers = 1;
        options.quotas.custom_attributes = 1;
        options.quotas.custom_domains = 1;
        options.quotas.tags = 1;
    });
    let pool = json!("${a.UserPool.Id}");
    let custom = |name: &str| json!({"Name": name, "AttributeDataType": "String"});
    world.run("a", "CreateUserPool", &json!({"PoolName": "a", "Schema": [custom("x")], "UserPoolTags": {"a": "b"}}));
    world.run("b", "CreateUserPool", &json!({"PoolName": "b"}));
    let oidc = |name: &str| {
        json!({"UserPoolId": pool, "ProviderName": name, "ProviderType": "OIDC", "ProviderDetails":
            {"client_id": "i", "authorize_scopes": "openid", "oidc_issuer": "https://a/", "attributes_request_method": "GET"}})
    };
    let certificate = json!({"CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c"});
    let full = [
        ("CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": "c"})),
        ("CreateResourceServer", json!({"UserPoolId": pool, "Identifier": "i", "Name": "n"})),
        ("CreateIdentityProvider", oidc("one")),
        (
            "CreateUserPoolDomain",
            json!({"UserPoolId": pool, "Domain": "a.b.example", "CustomDomainConfig": certificate}),
        ),
    ];
    for (operation, body) in &full {
        world.run("x", operation, body);
    }
    let beyond = [
        ("CreateUserPool", json!({"PoolName": "c"})),
        ("CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": "c"})),
        ("CreateResourceServer", json!({"UserPoolId": pool, "Identifier": "j", "Name": "n"})),
        ("CreateIdentityProvider", oidc("two")),
        // The provider brought a group of its own.
        ("CreateGroup", json!({"UserPoolId": pool, "GroupName": "g"})),
        ("AddCustomAttributes", json!({"UserPoolId": pool, "CustomAttributes": [custom("y")]})),
        (
            "CreateUserPoolDomain",
            json!({"UserPoolId": "${b.UserPool.Id}", "Domain": "c.d.example", "CustomDomainConfig": certificate}),
        ),
        ("TagResource", json!({"ResourceArn": "${a.UserPool.Arn}", "Tags": {"c": "d"}})),
    ];
    for (operation, body) in &beyond {
        assert_eq!(world.call(operation, body).unwrap_err().code(), Some("LimitExceededException"), "{operation}");
    }
}

/// Generous limits: they are for a slip of an order of magnitude, not for the machine's mood.
#[test]
fn a_thousand_clients_take_no_time() {
    let folder = folder("thousand");
    let emulator = Emulator::open(&folder.join("store"), Options::default()).unwrap();
    let pool = call(&emulator, "CreateUserPool", json!({"PoolName": "p"})).unwrap()["UserPool"]["Id"].clone();
    let start = Instant::now();
    for number in 0..1000 {
        let body = json!({"UserPoolId": pool, "ClientName": format!("client-{number}"), "GenerateSecret": true});
        call(&emulator, "CreateUserPoolClient", body).unwrap();
    }
    let taken = start.elapsed();
    drop(emulator);
    let start = Instant::now();
    let emulator = Emulator::open(&folder.join("store"), Options::default()).unwrap();
    let opened = start.elapsed();
    println!("1000 clients in {taken:?}, opened in {opened:?}");
    assert!(taken < Duration::from_secs(10), "1000 clients took {taken:?}");
    assert!(opened < Duration::from_millis(200), "opening took {opened:?}");
    let page = call(&emulator, "ListUserPoolClients", json!({"UserPoolId": pool})).unwrap();
    assert_eq!(page["UserPoolClients"].as_array().unwrap().len(), 60);
}
