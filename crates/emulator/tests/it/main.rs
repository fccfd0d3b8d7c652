//! The emulator as its callers see it.

mod durability;
mod noise;
mod omission;
mod recorded;
mod refusals;
mod seeds;
mod threads;
mod wire;
mod world;
