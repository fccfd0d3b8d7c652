//! The command as its users run it, on the embedded Cognito and on moto.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests are at the edge")]

mod adoption;
mod advice;
mod audit;
mod bucket;
mod canonical;
mod command;
mod data;
mod declared;
mod dev;
mod drift;
mod endpoints;
mod faults;
mod golden;
mod invalid;
mod killed;
mod moto;
mod outputs;
mod places;
mod protocol;
mod replacement;
mod roots;
mod safety;
mod settings;
mod strangers;
mod targets;
mod terraform;
mod triggered;
