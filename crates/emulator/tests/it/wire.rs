//! The emulator over HTTP, byte by byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use poolform_emulator::server::{Running, Server, ServerOptions};
use poolform_emulator::{Emulator, Options, Tls, implemented};
use poolform_model::operations;
use serde_json::Value as Json;

fn server() -> Running {
    let emulator = Arc::new(Emulator::in_memory(Options::default()));
    Server::bind(emulator, &ServerOptions { port: 0, tls: None }).unwrap().start().unwrap()
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

fn send(port: u16, text: &str) -> Reply {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n" + body
}

fn call(port: u16, operation: &str, body: &str) -> Reply {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", &target),
        ("Authorization", "AWS4-HMAC-SHA256 x"),
    ];
    send(port, &request("POST", "/", &headers, body))
}

#[test]
fn answers_have_the_form_of_the_service() {
    let server = server();
    let reply = call(server.port(), "CreateUserPool", r#"{"PoolName":"p"}"#);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(reply.header("x-amzn-requestid").unwrap().len(), 36);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let date = reply.body.split("\"CreationDate\":").nth(1).unwrap().split(',').next().unwrap();
    assert!(date.starts_with("1.") && date.ends_with("E9"), "{date}");
    let pool: Json = serde_json::from_str(&reply.body).unwrap();
    let id = pool["UserPool"]["Id"].as_str().unwrap();

    let reply = call(server.port(), "UpdateUserPool", &format!(r#"{{"UserPoolId":"{id}"}}"#));
    assert_eq!((reply.status, reply.body.as_str()), (200, "{}"), "a shape without members");
    let reply = call(server.port(), "DeleteUserPool", &format!(r#"{{"UserPoolId":"{id}"}}"#));
    assert_eq!((reply.status, reply.body.as_str()), (200, ""), "no shape [DeleteUserPool.2017-11]");
    assert_eq!(reply.header("content-length"), Some("0"));

    let reply = call(server.port(), "DescribeUserPool", &format!(r#"{{"UserPoolId":"{id}"}}"#));
    assert_eq!(reply.status, 400);
    let text = format!("User pool {id} does not exist.");
    assert_eq!(reply.body, format!(r#"{{"__type":"ResourceNotFoundException","message":"{text}"}}"#));
    assert_eq!(reply.header("x-amzn-errortype"), Some("ResourceNotFoundException:"));
    assert_eq!(reply.header("x-amzn-errormessage"), Some(text.as_str()));
}

#[test]
fn what_comes_before_the_operation() {
    let server = server();
    let port = server.port();
    let json = ("Content-Type", "application/x-amz-json-1.1");
    let target = ("X-Amz-Target", "AWSCognitoIdentityProviderService.ListUserPools");
    let reply = send(port, &request("POST", "/", &[json, target], "{}"));
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (400, r#"{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}"#)
    );
    for wrong in [
        "AWSCognitoIdentityProviderService.listUserPools",
        "AWSCognitoIdentityService.ListUserPools",
        "ListUserPools",
        "",
    ] {
        let reply = send(port, &request("POST", "/", &[json, ("X-Amz-Target", wrong)], "{}"));
        assert_eq!((reply.status, reply.body.as_str()), (400, r#"{"__type":"UnknownOperationException"}"#), "{wrong}");
    }
    let reply = send(port, &request("POST", "/", &[("Content-Type", "text/plain"), target], "{}"));
    assert_eq!((reply.status, reply.body.trim()), (404, "<UnknownOperationException/>"));
    assert_eq!(
        call(port, "ListUserPools", "[]").body,
        r#"{"__type":"SerializationException","Message":"Expected map or null"}"#
    );
    for bad in ["{", "\u{fffd}", "{\"MaxResults\":1e400}", &"[".repeat(100_000), "{\"a\":\u{0}}"] {
        let reply = call(port, "ListUserPools", bad);
        assert_eq!(reply.status, 400);
        assert!(reply.body.starts_with(r#"{"__type":"SerializationException","Message":"#), "{}", reply.body);
    }
    // No body is no members.
    assert!(call(port, "ListUserPools", "").body.contains("Value '0' at 'maxResults'"));
}

#[test]
fn every_operation_of_the_model_answers() {
    let server = server();
    let built: Vec<&str> = implemented().map(|(name, _)| name).collect();
    for operation in operations() {
        let reply = call(server.port(), &operation.name, "{}");
        let answer: Json = serde_json::from_str(&reply.body).unwrap_or_default();
        if built.contains(&operation.name.as_str()) {
            assert_ne!(answer["__type"], "NotImplementedException", "{}", operation.name);
        } else {
            assert_eq!(
                (reply.status, answer["__type"].as_str()),
                (400, Some("NotImplementedException")),
                "{}",
                operation.name
            );
            assert!(answer["message"].as_str().unwrap().contains(&operation.name), "{}", reply.body);
        }
    }
}

#[test]
fn pages_of_this_machine_only() {
    let server = server();
    let port = server.port();
    let reply = send(
        port,
        &request("OPTIONS", "/", &[("Origin", "http://localhost:3000"), ("Access-Control-Request-Method", "POST")], ""),
    );
    assert_eq!(reply.status, 204);
    assert!(reply.header("access-control-allow-headers").unwrap().contains("x-amz-target"));
    let reply = send(port, &request("OPTIONS", "/", &[("Origin", "https://example.com")], ""));
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (403, None));
    let reply = send(port, &request("GET", "/health", &[], ""));
    assert_eq!(reply.status, 200);
    let reply = send(port, &request("GET", "/nothing", &[], ""));
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("GET /nothing"), "{}", reply.body);
}

#[test]
fn a_connection_serves_many_requests_and_large_bodies_are_refused() {
    let server = server();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let body = r#"{"MaxResults":1}"#;
    for _ in 0..3 {
        let text = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-amz-json-1.1\r\nAuthorization: x\r\nX-Amz-Target: AWSCognitoIdentityProviderService.ListUserPools\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = [0; 2048];
        let read = stream.read(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(text.starts_with("HTTP/1.1 200") && text.ends_with(r#"{"UserPools":[]}"#), "{text}");
    }
    // A client that reads while it writes sees why it is refused; hostile.rs has those that do not.
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut reading = stream.try_clone().unwrap();
    let headers = [("Content-Type", "application/x-amz-json-1.1"), ("Authorization", "x")];
    let text = request("POST", "/", &headers, &"x".repeat(5 << 20));
    std::thread::spawn(move || {
        let _ = (&stream).write_all(text.as_bytes());
    });
    let mut answer = [0; 12];
    reading.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn nothing_is_served_beyond_loopback_and_a_taken_port_is_refused() {
    let server = server();
    let emulator = Arc::new(Emulator::in_memory(Options::default()));
    assert!(Server::bind(emulator, &ServerOptions { port: server.port(), tls: None }).is_err());
    let port = server.port();
    drop(server);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "stopped");
}

#[test]
fn a_certificate_is_made_once_and_never_shown() {
    let folder = crate::world::folder("certificate");
    let made = Tls::kept_in(&folder, "us-east-1").unwrap();
    let again = Tls::kept_in(&folder, "us-east-1").unwrap();
    assert_eq!(made.certificate_pem(), again.certificate_pem());
    assert!(!format!("{made:?}").contains("PRIVATE"));
    let emulator = Arc::new(Emulator::in_memory(Options::default()));
    let server = Server::bind(emulator, &ServerOptions { port: 0, tls: Some(made) }).unwrap().start().unwrap();
    // Plain HTTP to the HTTPS port is closed, not answered.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/1.1"));
}

#[test]
fn discovery_is_as_recorded() {
    let server = server();
    let port = server.port();
    let pool: Json = serde_json::from_str(&call(port, "CreateUserPool", r#"{"PoolName":"p"}"#).body).unwrap();
    let id = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
    let get = |path: &str, host: &str| {
        let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        send(port, &text)
    };
    let keys = get(&format!("/{id}/.well-known/jwks.json"), "127.0.0.1");
    let recorded = crate::world::fixture("recorded/jwks.2025-08.json")["response"].clone();
    let names = |value: &Json| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let ours: Json = serde_json::from_str(&keys.body).unwrap();
    assert_eq!(ours["keys"].as_array().unwrap().len(), recorded["keys"].as_array().unwrap().len());
    for (own, their) in ours["keys"].as_array().unwrap().iter().zip(recorded["keys"].as_array().unwrap()) {
        assert_eq!(names(own), names(their));
        assert_eq!((own["kid"].as_str().unwrap().len(), own["n"].as_str().unwrap().len()), (44, 342));
    }
    call(port, "CreateUserPoolDomain", &format!(r#"{{"Domain":"orders","UserPoolId":"{id}"}}"#));
    let discovered = get(&format!("/{id}/.well-known/openid-configuration"), "127.0.0.1");
    let ours: Json = serde_json::from_str(&discovered.body).unwrap();
    for name in ["prefix-domain", "custom-domain", "2025-07"] {
        let recorded = crate::world::fixture(&format!("recorded/openid-configuration.{name}.json"))["response"].clone();
        let mut own = names(&ours);
        if name == "2025-07" {
            // Read up to the token endpoint.
            own.truncate(recorded.as_object().unwrap().len());
        } else {
            // Since 2024 there are two more.
            own.retain(|member| !matches!(member.as_str(), "end_session_endpoint" | "revocation_endpoint"));
        }
        assert_eq!(own, names(&recorded));
        for (member, value) in recorded.as_object().unwrap().iter().filter(|(_, value)| value.is_array()) {
            assert_eq!(&ours[member], value);
        }
    }
    assert_eq!(ours["issuer"], format!("http://127.0.0.1:{port}/{id}"));
    // Browsers go to the domain's name; an app without a resolver for it asks at the address that every program has.
    let named = |member: &str| ours[member].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        named("authorization_endpoint"),
        format!("http://orders.auth.us-east-1.localhost:{port}/oauth2/authorize")
    );
    assert_eq!(named("end_session_endpoint"), format!("http://orders.auth.us-east-1.localhost:{port}/logout"));
    for (member, path) in [("token", "token"), ("userinfo", "userInfo"), ("revocation", "revoke")] {
        assert_eq!(named(&format!("{member}_endpoint")), format!("http://127.0.0.1:{port}/{id}/oauth2/{path}"));
    }
    // Containers have a name of their own for this machine; a page under such a name is a stranger's.
    let revoke = |host: &str, more: &str| {
        let head = format!("POST /{id}/oauth2/revoke HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}");
        send(port, &format!("{head}Content-Length: 0\r\n\r\n")).status
    };
    assert_eq!((revoke("127.0.0.1", ""), revoke("host.docker.internal:9229", "")), (401, 401));
    assert_eq!(revoke("evil.example", "Origin: http://evil.example\r\n"), 403);
    let recorded = crate::world::fixture("recorded/well-known.2025-08.wrong-path.json")["response"].clone();
    let wrong = get(&format!("/{id}/.well-known/openid_configuration"), "127.0.0.1");
    assert_eq!(serde_json::from_str::<Json>(&wrong.body).unwrap(), recorded["cognito-idp host"]);
    let wrong = get("/nothing", "orders.auth.us-east-1.localhost");
    assert_eq!(serde_json::from_str::<Json>(&wrong.body).unwrap(), recorded["hosted UI host"]);
}

#[test]
fn messages_are_shown_under_names_of_this_machine_only() {
    let server = server();
    let get = |host: &str| {
        let text = format!("GET /_poolform/messages HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        send(server.port(), &text)
    };
    assert_eq!(get("127.0.0.1:9229").body, "{\"messages\":[]}\n");
    assert_eq!(get("evil.example").status, 403, "a name that somebody pointed at this machine");
}
