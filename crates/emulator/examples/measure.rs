//! Prints the figures that the emulator is judged by: `measure FOLDER`.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "files, time, processes and printing are what it is for"
)]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use poolform_emulator::{Durability, Emulator, Options};
use poolform_model::{Cognito, Object, Request};
use serde_json::{Value as Json, json};

fn call(emulator: &Emulator, operation: &str, body: Json) -> Result<Object, Box<dyn Error>> {
    let Json::Object(body) = body else { return Err("a body is an object".into()) };
    Ok(emulator.call(&Request::new(operation, body))?)
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS: unknown").to_owned()
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: measure FOLDER")?;
    for durability in [Durability::Process, Durability::Power] {
        let path = Path::new(&folder).join(format!("{durability:?}"));
        let _ = std::fs::remove_file(&path);
        let options = Options { durability, ..Options::default() };
        let start = Instant::now();
        let emulator = Emulator::open(&path, options.clone())?;
        println!("{durability:?}: a new store in {:?}, {}", start.elapsed(), resident());
        let start = Instant::now();
        let made = call(&emulator, "CreateUserPool", json!({"PoolName": "p"}))?;
        println!("  first request (reads the model) {:?}, {}", start.elapsed(), resident());
        let pool = made["UserPool"]["Id"].clone();
        let start = Instant::now();
        let mut ids = Vec::new();
        for number in 0..1000 {
            let body = json!({"UserPoolId": pool, "ClientName": format!("client-{number}"), "GenerateSecret": true});
            ids.push(call(&emulator, "CreateUserPoolClient", body)?["UserPoolClient"]["ClientId"].clone());
        }
        println!("  1,000 CreateUserPoolClient {:?}, {}", start.elapsed(), resident());
        let start = Instant::now();
        for id in &ids {
            call(&emulator, "DescribeUserPoolClient", json!({"UserPoolId": pool, "ClientId": id}))?;
        }
        println!("  1,000 DescribeUserPoolClient {:?}", start.elapsed());
        let copy = path.with_extension("copy");
        std::fs::copy(&path, &copy)?;
        drop(emulator);
        let start = Instant::now();
        drop(Emulator::open(&path, options.clone())?);
        println!("  opened and closed {:?}", start.elapsed());
        let start = Instant::now();
        let emulator = Emulator::open(&copy, options)?;
        println!("  opened as after a kill {:?}, {} bytes", start.elapsed(), std::fs::metadata(&copy)?.len());
        drop(emulator);
        let _ = std::fs::remove_file(copy);
    }
    Ok(())
}
