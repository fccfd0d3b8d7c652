//! The emulator as its callers see it.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "files, time, processes and printing are what it is for"
)]

mod durability;
mod hostile;
mod noise;
mod omission;
mod recorded;
mod refusals;
mod seeds;
mod sign_in;
mod threads;
mod wire;
mod world;
