//! Any bytes as requests to the local Cognito: each is answered in the form of the service, without panic or hang.
//!
//! The input is divided by lines that hold only `%%`; each part is a request: a line with the operation, or with the
//! whole `X-Amz-Target`, a content type and `signed` or something else, divided by `|`; then the body. The pools are
//! those of `seed.json`.

#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use poolform_emulator::{Durability, Emulator, Head, ManualClock, Options, answer};
use serde_json::Value;

static SEED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("seed.json")).expect("JSON"));

const JSON: &str = "application/x-amz-json-1.1";
const TARGET: &str = "AWSCognitoIdentityProviderService";

/// More requests make an input slow, and the search with it.
const REQUESTS: usize = 8;

fn divided<'b>(bytes: &'b [u8], divider: &[u8]) -> (&'b [u8], Option<&'b [u8]>) {
    match bytes.windows(divider.len()).position(|window| window == divider) {
        Some(at) => (&bytes[..at], Some(&bytes[at + divider.len()..])),
        None => (bytes, None),
    }
}

fn head(line: &[u8]) -> Head {
    let line = String::from_utf8_lossy(line);
    let mut fields = line.split('|').map(str::to_owned);
    let target = fields.next().map(|name| if name.contains('.') { name } else { format!("{TARGET}.{name}") });
    let content_type = Some(fields.next().unwrap_or_else(|| JSON.to_owned()));
    Head { target, content_type, signed: fields.next().is_none_or(|word| word == "signed") }
}

fuzz_target!(|bytes: &[u8]| {
    let clock = Arc::new(ManualClock::new(1_795_413_600_123));
    let emulator = Emulator::in_memory(Options { clock, durability: Durability::default(), ..Options::default() });
    emulator.seed(&SEED).expect("the seed fits");
    let mut rest = Some(bytes);
    for _ in 0..REQUESTS {
        let Some(bytes) = rest else { break };
        let (request, others) = divided(bytes, b"\n%%\n");
        rest = others;
        let (line, body) = divided(request, b"\n");
        let reply = answer(&emulator, &head(line), body.unwrap_or_default());
        match reply.status {
            // An operation without an output shape answers nothing.
            200 => assert!(reply.body.is_empty() || serde_json::from_slice::<Value>(&reply.body).is_ok()),
            400..500 => assert!(reply.refused.is_some() || reply.status == 404),
            status => panic!("{status}: {}", String::from_utf8_lossy(&reply.body)),
        }
    }
});
