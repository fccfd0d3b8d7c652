//! An emulator, and answers that later requests refer to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use poolform_emulator::{Clock, Emulator, ManualClock, Options};
use poolform_model::{Cognito, Failure, Object, Request};
use serde_json::{Value as Json, json};

/// 2026-11-23T06:00:00Z, in milliseconds.
pub const NOW: i64 = 1_795_413_600_123;

pub struct World {
    pub emulator: Emulator,
    pub clock: Arc<ManualClock>,
    answers: BTreeMap<String, Json>,
}

impl World {
    pub fn new(change: impl FnOnce(&mut Options)) -> World {
        let clock = Arc::new(ManualClock::new(NOW));
        let mut options = Options { clock: clock.clone(), ..Options::default() };
        change(&mut options);
        World { emulator: Emulator::in_memory(options), clock, answers: BTreeMap::new() }
    }

    /// With a plain pool named `pool` and a plain client in it named `client`.
    pub fn furnished() -> World {
        let mut world = World::new(|_| {});
        world.run("pool", "CreateUserPool", &json!({"PoolName": "pool"}));
        let body = json!({"UserPoolId": "${pool.UserPool.Id}", "ClientName": "client"});
        world.run("client", "CreateUserPoolClient", &body);
        world
    }

    pub fn call(&self, operation: &str, body: &Json) -> Result<Object, Failure> {
        let Json::Object(body) = self.filled(body) else { panic!("{operation}: the body is not an object") };
        self.emulator.call(&Request::new(operation, body))
    }

    /// Calls, and keeps the answer under a name.
    pub fn run(&mut self, name: &str, operation: &str, body: &Json) -> Json {
        let answer = self.call(operation, body).unwrap_or_else(|failure| panic!("{operation} {body}: {failure}"));
        self.answers.insert(name.to_owned(), Json::Object(answer.clone()));
        Json::Object(answer)
    }

    /// Calls what is refused: code and words, as a client shows them.
    pub fn refused(&self, operation: &str, body: &Json) -> Json {
        match self.call(operation, body) {
            Err(Failure::Refused(refusal)) => json!({"error": {"name": refusal.code, "message": refusal.message}}),
            other => panic!("{operation} {body} is not refused: {other:?}"),
        }
    }

    /// What was answered before: `pool.UserPool.Id`. `message.code` is the newest message's, `totp:app.SecretCode` the
    /// code of an authenticator app.
    pub fn answered(&self, path: &str) -> Json {
        if let Some(field) = path.strip_prefix("message.") {
            return self.emulator.messages(None, None).unwrap()["messages"][0][field].clone();
        }
        if let Some(path) = path.strip_prefix("totp:") {
            return json!(totp(self.answered(path).as_str().unwrap(), self.clock.now()));
        }
        let mut parts = path.split('.');
        let start = parts.next().and_then(|name| self.answers.get(name));
        let found = parts.fold(start, |at, part| at.and_then(|at| at.get(part)));
        found.cloned().unwrap_or_else(|| panic!("nothing was answered at {path}"))
    }

    /// `${pool.UserPool.Id}` replaced by what was answered.
    pub fn filled(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.filled_text(text)),
            Json::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Json::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.filled(value))).collect::<Object>().into()
            }
            other => other.clone(),
        }
    }

    pub fn filled_text(&self, text: &str) -> String {
        let mut parts = text.split("${");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (path, rest) = part.split_once('}').expect("a reference ends");
            filled.push_str(self.answered(path).as_str().expect("a reference is to a text"));
            filled.push_str(rest);
        }
        filled
    }
}

/// The code of an authenticator app (RFC 6238).
fn totp(secret: &str, now: i64) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = aws_lc_rs::hmac::sign(&key, &(now / 30_000).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 0xf);
    let word = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// A file beside the tests.
pub fn beside(name: &str) -> Json {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// A file of the repository's fixtures.
pub fn fixture(name: &str) -> Json {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name);
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap()
}

/// A folder of a test's own, empty.
pub fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}
