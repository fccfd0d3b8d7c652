//! What somebody tries who wants in: tokens that are not, codes again, who is a user, bodies and clients that wear a server
//! out. Addresses, scopes and codes of OAuth are in conformance/test_oauth.py.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poolform_emulator::server::{Server, ServerOptions};
use poolform_emulator::{Emulator, Options, implemented};
use poolform_model::{Failure, operation, shape};
use serde_json::{Value as Json, json};

use crate::world::World;

const HOUR: i64 = 3_600_000;
const PASSWORD: &str = "Permanent-1";

/// Two pools, `pool` and `other`, each with a client and a user `anna` who has signed in: `in` and `in-other`.
fn signed_in() -> World {
    let mut world = World::new(|_| {});
    for (pool, client, name) in [("pool", "client", "in"), ("other", "client-other", "in-other")] {
        let id = format!("${{{pool}.UserPool.Id}}");
        world.run(pool, "CreateUserPool", &json!({"PoolName": pool}));
        let flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];
        let settings = json!({"UserPoolId": id, "ClientName": "c", "ExplicitAuthFlows": flows,
            "PreventUserExistenceErrors": "ENABLED"});
        world.run(client, "CreateUserPoolClient", &settings);
        world.run("_", "AdminCreateUser", &json!({"UserPoolId": id, "Username": "anna", "MessageAction": "SUPPRESS"}));
        let password = json!({"UserPoolId": id, "Username": "anna", "Password": PASSWORD, "Permanent": true});
        world.run("_", "AdminSetUserPassword", &password);
        let client = format!("${{{client}.UserPoolClient.ClientId}}");
        let parameters = json!({"USERNAME": "anna", "PASSWORD": PASSWORD});
        let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        world.run(name, "InitiateAuth", &body);
    }
    world
}

/// The operations whose access token says who calls.
fn by_token() -> Vec<&'static str> {
    let takes = |name: &str| shape(operation(name).unwrap().input).unwrap().member("AccessToken").is_some();
    implemented().map(|(name, _)| name).filter(|name| takes(name)).collect()
}

/// A body that an operation takes, but for its token.
fn body(name: &str, token: &str) -> Json {
    let input = shape(operation(name).unwrap().input).unwrap();
    let mut body = json!({"AccessToken": token});
    for (member, value) in [
        ("UserAttributes", json!([{"Name": "nickname", "Value": "mallory"}])),
        ("UserAttributeNames", json!(["nickname"])),
        ("AttributeName", json!("email")),
        ("Code", json!("123456")),
        ("UserCode", json!("123456")),
        ("PreviousPassword", json!(PASSWORD)),
        ("ProposedPassword", json!("Mallorys-1")),
        ("DeviceKey", json!("us-east-1_11111111-1111-1111-1111-111111111111")),
    ] {
        if input.member(member).is_some() {
            body[member] = value;
        }
    }
    body
}

/// Every operation refuses the token, and nothing has changed.
#[track_caller]
fn nobody_gets_in(world: &World, token: &str, words: &str) {
    refused_by_all(world, token, |_| ("NotAuthorizedException", words));
}

/// As [`nobody_gets_in`], in words that differ by operation.
#[track_caller]
fn refused_by_all<'a>(world: &World, token: &str, expected: impl Fn(&str) -> (&'a str, &'a str)) {
    let users = |world: &World| {
        ["pool", "other"]
            .map(|pool| world.call("ListUsers", &json!({"UserPoolId": format!("${{{pool}.UserPool.Id}}")})).unwrap())
    };
    let before = users(world);
    for name in by_token() {
        let refused = world.refused(name, &body(name, token));
        let (code, words) = expected(name);
        assert_eq!(refused["error"]["name"], code, "{name}: {refused}");
        assert_eq!(refused["error"]["message"], words, "{name}");
    }
    assert_eq!(users(world), before);
}

fn coded(value: &Json) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[test]
fn tokens_that_are_forged_foreign_or_of_another_kind() {
    let world = signed_in();
    assert!(by_token().len() >= 14, "{:?}", by_token());
    let token = |path: &str| world.answered(path).as_str().unwrap().to_owned();
    let (access, foreign) =
        (token("in.AuthenticationResult.AccessToken"), token("in-other.AuthenticationResult.AccessToken"));
    world.call("GetUser", &json!({"AccessToken": access})).unwrap();
    let parts: Vec<&str> = access.split('.').collect();
    let read = |part: &str| -> Json { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let (head, claims) = (read(parts[0]), read(parts[1]));
    let changed = |name: &str, value: Json| {
        let mut claims = claims.clone();
        claims[name] = value;
        format!("{}.{}.{}", parts[0], coded(&claims), parts[2])
    };
    let mut signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    signature[100] ^= 1;
    let other_parts: Vec<&str> = foreign.split('.').collect();
    // A public key that is taken for a secret is an old trick.
    let keyed = {
        let text = format!("{}.{}", coded(&json!({"kid": head["kid"], "alg": "HS256"})), parts[1]);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, head["kid"].as_str().unwrap().as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, text.as_bytes())))
    };
    for forged in [
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(&signature)),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.", coded(&json!({"alg": "none"})), parts[1]),
        keyed,
        changed("username", json!("bert")),
        changed("exp", json!(9_999_999_999_i64)),
        changed("client_id", json!("another")),
        // Signed by the key of another pool, and claims of one under the signature of the other.
        format!("{}.{}.{}", parts[0], parts[1], other_parts[2]),
        format!("{}.{}.{}", other_parts[0], parts[1], other_parts[2]),
        changed("iss", read(other_parts[1])["iss"].clone()),
        // Tokens of another kind.
        token("in.AuthenticationResult.IdToken"),
        "a.b.c".to_owned(),
        "..".to_owned(),
    ] {
        nobody_gets_in(&world, &forged, "Invalid Access Token");
    }
    // The pattern of the member is wider than a token.
    let refresh = token("in.AuthenticationResult.RefreshToken");
    assert_eq!(world.refused("GetUser", &json!({"AccessToken": refresh}))["error"]["message"], "Invalid Access Token");
    // A token of another pool is good there and nowhere else: it never reaches this pool's user of the same name.
    let body = json!({"AccessToken": foreign, "UserAttributes": [{"Name": "nickname", "Value": "other"}]});
    world.call("UpdateUserAttributes", &body).unwrap();
    let shown = world.call("GetUser", &json!({"AccessToken": access})).unwrap();
    assert!(!shown["UserAttributes"].to_string().contains("nickname"), "{shown:?}");
    let client = "${client.UserPoolClient.ClientId}";
    let foreign = json!({"REFRESH_TOKEN": token("in-other.AuthenticationResult.RefreshToken")});
    let body = json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": foreign});
    assert_eq!(world.refused("InitiateAuth", &body)["error"]["message"], "Invalid Refresh Token.");
}

#[test]
fn tokens_that_are_over() {
    let world = signed_in();
    let access = world.answered("in.AuthenticationResult.AccessToken").as_str().unwrap().to_owned();
    let id = "${pool.UserPool.Id}";
    world.call("AdminUserGlobalSignOut", &json!({"UserPoolId": id, "Username": "anna"})).unwrap();
    nobody_gets_in(&world, &access, "Access Token has been revoked");
    let world = signed_in();
    let access = world.answered("in.AuthenticationResult.AccessToken").as_str().unwrap().to_owned();
    world.clock.advance(HOUR);
    nobody_gets_in(&world, &access, "Access Token has expired");
    // Of a user who was deleted: sdk-android#366 has the words, and the operations that declare no such exception keep to
    // what they declare.
    let world = signed_in();
    let access = world.answered("in.AuthenticationResult.AccessToken").as_str().unwrap().to_owned();
    world.call("AdminDeleteUser", &json!({"UserPoolId": id, "Username": "anna"})).unwrap();
    let gone = |name: &str| {
        let declared = &poolform_model::operation(name).unwrap().errors;
        if declared.iter().any(|error| error == "UserNotFoundException") {
            ("UserNotFoundException", "User does not exist.")
        } else {
            ("NotAuthorizedException", "Invalid Access Token")
        }
    };
    assert_eq!(gone("GetUser").0, "UserNotFoundException");
    refused_by_all(&world, &access, gone);
    let client = "${client.UserPoolClient.ClientId}";
    let token = "${in.AuthenticationResult.RefreshToken}";
    let refresh = json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": {"REFRESH_TOKEN": token}});
    let by_token = json!({"ClientId": client, "RefreshToken": token});
    for (operation, body) in [("InitiateAuth", &refresh), ("GetTokensFromRefreshToken", &by_token)] {
        let refused = world.refused(operation, body);
        assert_eq!(refused["error"], json!({"name": "UserNotFoundException", "message": "User does not exist."}));
    }
    // The same when somebody else has the name by now.
    let again = json!({"UserPoolId": id, "Username": "anna", "MessageAction": "SUPPRESS"});
    world.call("AdminCreateUser", &again).unwrap();
    refused_by_all(&world, &access, gone);
}

/// The medians of how long two calls take, by turns.
fn medians(tries: u32, mut one: impl FnMut(u32), mut other: impl FnMut(u32)) -> (Duration, Duration) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for number in 0..tries {
        let start = Instant::now();
        one(number);
        first.push(start.elapsed());
        let start = Instant::now();
        other(number);
        second.push(start.elapsed());
    }
    first.sort_unstable();
    second.sort_unstable();
    (first[first.len() / 2], second[second.len() / 2])
}

#[test]
fn neither_words_nor_time_tell_who_is_a_user() {
    let world = signed_in();
    let (id, client) = ("${pool.UserPool.Id}", "${client.UserPoolClient.ClientId}");
    // Many users, so that nobody is locked out.
    for number in 0..20 {
        let name = format!("user{number}");
        let made = json!({"UserPoolId": id, "Username": name, "MessageAction": "SUPPRESS"});
        world.call("AdminCreateUser", &made).unwrap();
        let password = json!({"UserPoolId": id, "Username": name, "Password": PASSWORD, "Permanent": true});
        world.call("AdminSetUserPassword", &password).unwrap();
    }
    let wrong = "Incorrect username or password.";
    let by_password = |name: &str| {
        let parameters = json!({"USERNAME": name, "PASSWORD": "Wrong-pass-1"});
        let body = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        let refused = world.refused("InitiateAuth", &body);
        assert_eq!(
            (&refused["error"]["name"], &refused["error"]["message"]),
            (&json!("NotAuthorizedException"), &json!(wrong))
        );
    };
    let by_srp = |name: &str| {
        let parameters = json!({"USERNAME": name, "SRP_A": "2"});
        let body = json!({"ClientId": client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
        let asked = world.call("InitiateAuth", &body).unwrap()["ChallengeParameters"].clone();
        assert_eq!(asked.as_object().unwrap().len(), 5);
        let responses = json!({"USERNAME": name, "PASSWORD_CLAIM_SECRET_BLOCK": asked["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": "d3Jvbmc=", "TIMESTAMP": "Mon Nov 23 06:00:00 UTC 2026"});
        let body = json!({"ClientId": client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
        assert_eq!(world.refused("RespondToAuthChallenge", &body)["error"]["message"], wrong);
    };
    for (what, attempt) in [("password", &by_password as &dyn Fn(&str)), ("SRP", &by_srp)] {
        // Each user fails three times at most; the lock ends with the clock.
        world.clock.advance(HOUR);
        attempt("nobody");
        let (there, not_there) = medians(
            60,
            |number| attempt(&format!("user{}", number % 20)),
            |number| attempt(&format!("nobody{number}")),
        );
        let ratio = there.as_secs_f64() / not_there.as_secs_f64();
        println!("{what}: a user {there:?}, nobody {not_there:?}");
        assert!((0.4..2.5).contains(&ratio), "{what}: a user {there:?}, nobody {not_there:?}");
    }
}

#[test]
fn asking_for_a_code_does_not_tell_who_is_a_user() {
    let mut world = World::new(|_| {});
    let settings = json!({"PoolName": "p", "AutoVerifiedAttributes": ["email"]});
    world.run("pool", "CreateUserPool", &settings);
    let id = "${pool.UserPool.Id}";
    let hides = json!({"UserPoolId": id, "ClientName": "c", "PreventUserExistenceErrors": "ENABLED"});
    world.run("client", "CreateUserPoolClient", &hides);
    let client = "${client.UserPoolClient.ClientId}";
    for number in 0..40 {
        let given = json!([{"Name": "email", "Value": format!("user{number}@orders.example")}]);
        let name = format!("user{number}");
        let body = json!({"ClientId": client, "Username": name, "Password": PASSWORD, "UserAttributes": given});
        world.call("SignUp", &body).unwrap();
        if number % 2 == 0 {
            world.call("AdminConfirmSignUp", &json!({"UserPoolId": id, "Username": name})).unwrap();
            let verified = json!([{"Name": "email_verified", "Value": "true"}]);
            let body = json!({"UserPoolId": id, "Username": name, "UserAttributes": verified});
            world.call("AdminUpdateUserAttributes", &body).unwrap();
        }
    }
    for (operation, first) in [("ForgotPassword", 0), ("ResendConfirmationCode", 1)] {
        let ask = |name: &str| {
            let answer = world.call(operation, &json!({"ClientId": client, "Username": name})).unwrap();
            assert_eq!(answer["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL", "{operation} of {name}");
        };
        let (there, not_there) = medians(
            100,
            |number| ask(&format!("user{}", (number % 20) * 2 + first)),
            |number| ask(&format!("nobody{number}")),
        );
        let ratio = there.as_secs_f64() / not_there.as_secs_f64();
        println!("{operation}: a user {there:?}, nobody {not_there:?}");
        assert!((0.4..2.5).contains(&ratio), "{operation}: a user {there:?}, nobody {not_there:?}");
    }
}

#[test]
fn a_code_is_good_once() {
    let mut world = World::new(|_| {});
    let settings = json!({"PoolName": "p", "AutoVerifiedAttributes": ["email"]});
    world.run("pool", "CreateUserPool", &settings);
    world.run("client", "CreateUserPoolClient", &json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "c"}));
    let client = "${client.UserPoolClient.ClientId}";
    let email = json!([{"Name": "email", "Value": "anna@orders.example"}]);
    let body = json!({"ClientId": client, "Username": "anna", "Password": PASSWORD, "UserAttributes": email});
    world.run("_", "SignUp", &body);
    let confirm = json!({"ClientId": client, "Username": "anna", "ConfirmationCode": "${message.code}"});
    world.run("_", "ConfirmSignUp", &confirm);
    assert_eq!(world.refused("ConfirmSignUp", &confirm)["error"]["name"], "NotAuthorizedException");
    world.run("_", "ForgotPassword", &json!({"ClientId": client, "Username": "anna"}));
    let reset = json!({"ClientId": client, "Username": "anna", "ConfirmationCode": "${message.code}", "Password": "Second-pass-1"});
    world.run("_", "ConfirmForgotPassword", &reset);
    assert_eq!(world.refused("ConfirmForgotPassword", &reset)["error"]["name"], "ExpiredCodeException");
    // A code for one purpose or user is none for another.
    let other = json!([{"Name": "email", "Value": "bert@orders.example"}]);
    let body = json!({"ClientId": client, "Username": "bert", "Password": PASSWORD, "UserAttributes": other});
    world.run("_", "SignUp", &body);
    world.run("_", "ForgotPassword", &json!({"ClientId": client, "Username": "anna"}));
    let swapped = json!({"ClientId": client, "Username": "bert", "ConfirmationCode": "${message.code}"});
    assert_eq!(world.refused("ConfirmSignUp", &swapped)["error"]["name"], "CodeMismatchException");
}

fn served() -> (poolform_emulator::server::Running, u16) {
    let emulator = Arc::new(Emulator::in_memory(Options::default()));
    let server = Server::bind(emulator, &ServerOptions { port: 0, tls: None }).unwrap().start().unwrap();
    let port = server.port();
    (server, port)
}

fn head(target: &str, length: usize) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Authorization: x\r\nX-Amz-Target: AWSCognitoIdentityProviderService.{target}\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// The status of the answer; None where the server hung up before it could be read.
fn ask(port: u16, bytes: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server that has seen enough does not read on.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

#[test]
fn bodies_that_are_broken_or_huge() {
    let (_server, port) = served();
    let deep = format!(r#"{{"PoolName":{}"x"{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{\"PoolName\":\xff\xfe}",
        b"{\"PoolName\":\"\\ud800\"}",
        b"{\"PoolName\":1e999}",
        b"\x00\x00",
        deep.as_bytes(),
    ];
    for body in bodies {
        let status = ask(port, &[head("CreateUserPool", body.len()).as_bytes(), body].concat());
        assert_eq!(status, Some(400), "{:?}", String::from_utf8_lossy(&body[..body.len().min(60)]));
    }
    let huge = format!(r#"{{"PoolName":"{}"}}"#, "x".repeat(10 << 20));
    let status = ask(port, &[head("CreateUserPool", huge.len()).as_bytes(), huge.as_bytes()].concat());
    assert_eq!(status, Some(413));
    // Pages take forms, which are no longer.
    let text = head("CreateUserPool", huge.len()).replace("POST / ", "POST /login ");
    let status = ask(port, &[text.as_bytes(), huge.as_bytes()].concat());
    assert!(matches!(status, Some(404 | 413) | None), "{status:?}");
    assert_eq!(ask(port, b"GET / HTTP/1.1\r\n\xff: \x00\r\n\r\n"), Some(400));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(5000));
    assert!(matches!(ask(port, many.as_bytes()), Some(400..=499) | None));
    let body = br#"{"MaxResults":1}"#;
    assert_eq!(ask(port, &[head("ListUserPools", body.len()).as_bytes(), body].concat()), Some(200), "it goes on");
}

#[test]
fn slow_clients_keep_nobody_waiting() {
    let (_server, port) = served();
    let body = br#"{"MaxResults":1}"#;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        // Some stop in their headers, some in their bodies.
        let text = head("ListUserPools", body.len());
        let sent = if number % 2 == 0 { &text[..20] } else { &text };
        stream.write_all(sent.as_bytes()).unwrap();
        slow.push(stream);
    }
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(ask(port, &[head("ListUserPools", body.len()).as_bytes(), body].concat()), Some(200));
    }
    assert!(start.elapsed() < Duration::from_secs(10), "20 requests took {:?}", start.elapsed());
    // One of the slow ones goes on, and is answered.
    let mut stream = slow.remove(1);
    stream.write_all(body).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_secret_hash_is_of_the_name_and_the_client() {
    let mut world = World::furnished();
    let id = "${pool.UserPool.Id}";
    let flows = ["ALLOW_USER_PASSWORD_AUTH"];
    for name in ["one", "two"] {
        let settings =
            json!({"UserPoolId": id, "ClientName": name, "GenerateSecret": true, "ExplicitAuthFlows": flows});
        world.run(name, "CreateUserPoolClient", &settings);
    }
    world.run("_", "AdminCreateUser", &json!({"UserPoolId": id, "Username": "anna", "MessageAction": "SUPPRESS"}));
    let password = json!({"UserPoolId": id, "Username": "anna", "Password": PASSWORD, "Permanent": true});
    world.run("_", "AdminSetUserPassword", &password);
    let text = |path: &str| world.answered(path).as_str().unwrap().to_owned();
    let (client, secret) = (text("one.UserPoolClient.ClientId"), text("one.UserPoolClient.ClientSecret"));
    let hash = |secret: &str, message: String| {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(aws_lc_rs::hmac::sign(&key, message.as_bytes()))
    };
    let sign_in = |hash: &str| {
        let parameters = json!({"USERNAME": "anna", "PASSWORD": PASSWORD, "SECRET_HASH": hash});
        world.call(
            "InitiateAuth",
            &json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}),
        )
    };
    for wrong in [
        hash(&text("two.UserPoolClient.ClientSecret"), format!("anna{client}")),
        hash(&secret, format!("bert{client}")),
        hash(&secret, format!("{client}anna")),
        hash(&secret, "anna".to_owned()),
        secret.clone(),
    ] {
        let Err(Failure::Refused(refusal)) = sign_in(&wrong) else { panic!("{wrong} is taken") };
        assert_eq!(refusal.message, format!("SecretHash does not match for the client: {client}"));
    }
    sign_in(&hash(&secret, format!("anna{client}"))).unwrap();
}
