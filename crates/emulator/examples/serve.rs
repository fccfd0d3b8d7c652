//! Serves a local Cognito: `serve [PORT] [STORE] [SEED]`. Port 0 takes a free one; `-` stands for a store in memory.
//! Prints its address on a line of its own when it is ready.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "files, time, processes and printing are what it is for"
)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use poolform_emulator::server::{DEFAULT_PORT, Server, ServerOptions, interrupted};
use poolform_emulator::{Emulator, Options, Tls};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (flags, arguments): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| argument.starts_with("--"));
    let port = arguments.first().map_or(Ok(DEFAULT_PORT), |port| port.parse())?;
    let options = Options::default();
    let tls = flags.iter().any(|flag| flag == "--tls").then(|| Tls::self_made(&options.region)).transpose()?;
    let emulator = match arguments.get(1).map(String::as_str) {
        None | Some("-") => Emulator::in_memory(options),
        Some(path) => Emulator::open(Path::new(path), options)?,
    };
    if let Some(seed) = arguments.get(2) {
        let loaded = emulator.seed(&serde_json::from_slice(&std::fs::read(seed)?)?)?;
        eprintln!("{loaded} pools from {seed}");
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = Server::bind(Arc::new(emulator), &ServerOptions { port, tls })?;
    println!("{scheme}://127.0.0.1:{}", server.port());
    server.run_until(interrupted())?;
    Ok(())
}
