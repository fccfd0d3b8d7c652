//! The emulator as its callers see it.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "files, time, processes and printing are what it is for"
)]

mod durability;
mod existence;
mod functions;
mod hostile;
mod layers;
mod names;
mod noise;
mod omission;
mod recorded;
mod refusals;
mod seeds;
mod settings;
mod sign_in;
mod threads;
mod triggers;
mod wire;
mod world;
