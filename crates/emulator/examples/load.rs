//! Loads a local Cognito, for `bench/sign_in.py`: `load PORT KIND CONNECTIONS SECONDS POOL CLIENT FIRST USERS`.
//!
//! KIND is `sign-up` (new users from number FIRST on), `sign-in` (USER_PASSWORD_AUTH of the users below USERS, one after the
//! other), `srp` (USER_SRP_AUTH of the same, both requests) or `seed` (signs users below USERS up and confirms them, however
//! long it takes). Each connection sends one request at a time. Prints JSON: how many were answered, in how many seconds,
//! p50 and p99 of those in milliseconds, how many failed, and the first failure.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "threads, time and printing are what it is for"
)]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use num_bigint::BigUint;
use serde_json::{Value as Json, json};

/// The password of every user.
const PASSWORD: &str = "Secret-pass-1";
/// Failures after which a load ends.
const FAILURES: usize = 500;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A connection, opened again where the server closes it.
struct Connection {
    port: u16,
    open: Option<BufReader<TcpStream>>,
}

impl Connection {
    /// Sends one request: the status and the answer.
    fn send(&mut self, operation: &str, body: &Json) -> Outcome<(u16, Json)> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(("127.0.0.1", self.port))?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                BufReader::new(stream)
            }
        };
        let body = body.to_string();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: \
             AWSCognitoIdentityProviderService.{operation}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=test/20261124/us-east-1/cognito-idp/aws4_request\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        );
        stream.get_mut().write_all(head.as_bytes())?;
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
        let (mut length, mut closes) = (None, line.starts_with("HTTP/1.0"));
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let lower = line.trim().to_ascii_lowercase();
            match lower.split_once(':') {
                Some(("content-length", value)) => length = Some(value.trim().parse::<usize>()?),
                Some(("connection", value)) => closes = value.trim() == "close",
                Some(_) => {}
                None => break,
            }
        }
        let mut answer = vec![0; length.ok_or("an answer without a length")?];
        stream.read_exact(&mut answer)?;
        if !closes {
            self.open = Some(stream);
        }
        Ok((status, serde_json::from_slice(&answer).unwrap_or(Json::Null)))
    }

    /// As [`Connection::send`]; an error when it is refused.
    fn done(&mut self, operation: &str, body: &Json) -> Outcome<Json> {
        match self.send(operation, body)? {
            (200, answer) => Ok(answer),
            (status, answer) => Err(format!("{operation}: {status} {answer}").into()),
        }
    }
}

fn name(number: usize) -> String {
    format!("user{number}@orders.example")
}

struct Load {
    kind: String,
    pool: String,
    client: String,
    users: usize,
}

impl Load {
    fn sign_up(&self, connection: &mut Connection, number: usize) -> Outcome<Json> {
        let attributes = json!([{"Name": "email", "Value": name(number)}]);
        let body = json!({
            "ClientId": self.client, "Username": name(number), "Password": PASSWORD, "UserAttributes": attributes,
        });
        connection.done("SignUp", &body)
    }

    /// One piece of work.
    fn work(&self, connection: &mut Connection, number: usize) -> Outcome<()> {
        match self.kind.as_str() {
            "sign-up" => {
                self.sign_up(connection, number)?;
            }
            "seed" => {
                self.sign_up(connection, number)?;
                connection.done("AdminConfirmSignUp", &json!({"UserPoolId": self.pool, "Username": name(number)}))?;
            }
            "sign-in" => {
                let parameters = json!({"USERNAME": name(number % self.users), "PASSWORD": PASSWORD});
                let body =
                    json!({"ClientId": self.client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
                expect_tokens(&connection.done("InitiateAuth", &body)?)?;
            }
            "srp" => self.prove(connection, &name(number % self.users))?,
            other => return Err(format!("no such kind: {other}").into()),
        }
        Ok(())
    }

    /// USER_SRP_AUTH with a client whose secret is 0, so that its public value is 1: half of a client's arithmetic is spared,
    /// the server's is the same.
    fn prove(&self, connection: &mut Connection, name: &str) -> Outcome<()> {
        let parameters = json!({"USERNAME": name, "SRP_A": "1"});
        let body = json!({"ClientId": self.client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
        let asked = connection.done("InitiateAuth", &body)?["ChallengeParameters"].clone();
        let text = |name: &str| asked[name].as_str().unwrap_or_default();
        let number = |text: &str| BigUint::parse_bytes(text.as_bytes(), 16).ok_or("a number that is none");
        let (user, group) = (text("USER_ID_FOR_SRP"), self.pool.split('_').nth(1).unwrap_or_default());
        let (server, salt) = (number(text("SRP_B"))?, number(text("SALT"))?);
        let prime = number(PRIME)?;
        let hash = |parts: &[&[u8]]| BigUint::from_bytes_be(digest(&SHA256, &parts.concat()).as_ref());
        let generator = BigUint::from(2_u8);
        let multiplier = hash(&[&padded(&prime), &padded(&generator)]);
        let scrambler = hash(&[&[1], &padded(&server)]);
        let identity = digest(&SHA256, format!("{group}{user}:{PASSWORD}").as_bytes());
        let x = hash(&[&padded(&salt), identity.as_ref()]);
        let verifier = generator.modpow(&x, &prime);
        let shared = ((server + &prime) - (multiplier * verifier) % &prime).modpow(&(&scrambler * x), &prime);
        let mut key = [0; 16];
        Salt::new(HKDF_SHA256, &padded(&scrambler))
            .extract(&padded(&shared))
            .expand(&[b"Caldera Derived Key"], Key)
            .and_then(|expanded| expanded.fill(&mut key))
            .map_err(|_| "no key")?;
        let (block, stamp) = (text("SECRET_BLOCK"), "Mon Nov 23 06:00:00 UTC 2026");
        let parts = [group.as_bytes(), user.as_bytes(), &STANDARD.decode(block)?, stamp.as_bytes()].concat();
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &parts);
        let responses = json!({
            "USERNAME": user, "TIMESTAMP": stamp, "PASSWORD_CLAIM_SECRET_BLOCK": block,
            "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(signature),
        });
        let body =
            json!({"ClientId": self.client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
        expect_tokens(&connection.done("RespondToAuthChallenge", &body)?)
    }
}

fn expect_tokens(answer: &Json) -> Outcome<()> {
    match answer["AuthenticationResult"]["AccessToken"].as_str() {
        Some(_) => Ok(()),
        None => Err(format!("no tokens: {answer}").into()),
    }
}

/// As Java writes a positive number.
fn padded(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes[0] & 0x80 != 0 {
        bytes.insert(0, 0);
    }
    bytes
}

/// The length of the key that both sides derive.
struct Key;

impl KeyType for Key {
    fn len(&self) -> usize {
        16
    }
}

/// The 3072-bit prime of RFC 3526.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F2411\
7C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D\
670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497C\
EA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0\
BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

fn main() -> Outcome<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [port, kind, connections, seconds, pool, client, first, users] = given.as_slice() else {
        return Err("usage: load PORT KIND CONNECTIONS SECONDS POOL CLIENT FIRST USERS".into());
    };
    let (port, first, users) = (port.parse::<u16>()?, first.parse::<usize>()?, users.parse()?);
    let load = Load { kind: kind.clone(), pool: pool.clone(), client: client.clone(), users };
    let patience = Duration::from_secs_f64(seconds.parse()?);
    let (next, times, refused) = (AtomicUsize::new(first), Mutex::new(Vec::new()), Mutex::new(None));
    let failed = AtomicUsize::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..connections.parse::<usize>().unwrap_or(1) {
            scope.spawn(|| {
                let mut connection = Connection { port, open: None };
                let mut own = Vec::new();
                while start.elapsed() < patience {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if load.kind == "seed" && number >= load.users {
                        break;
                    }
                    let begun = Instant::now();
                    if let Err(error) = load.work(&mut connection, number) {
                        refused.lock().expect("nobody panics").get_or_insert(error.to_string());
                        connection.open = None;
                        if failed.fetch_add(1, Ordering::Relaxed) >= FAILURES {
                            break;
                        }
                        continue;
                    }
                    own.push(begun.elapsed());
                }
                times.lock().expect("nobody panics").append(&mut own);
            });
        }
    });
    let elapsed = start.elapsed().as_secs_f64();
    let mut times = times.into_inner()?;
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
    let refused = refused.into_inner()?;
    println!(
        "{}",
        json!({
            "count": times.len(), "seconds": elapsed, "p50": at(50), "p99": at(99), "failed": failed.into_inner(), "refused": refused,
            "next": next.into_inner(),
        })
    );
    Ok(())
}
