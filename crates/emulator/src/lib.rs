//! The local Cognito: a strict emulation of the Amazon Cognito user pool API, a function from Request to Response over
//! its own store.
//!
//! Rules, words and defaults are those of the real service as far as they have been recorded; each table names its
//! evidence in the form of the recordings: `[DescribeUserPool.2025-05.essentials.console]` is a recorded answer, `P1`
//! and the like are rows of the recorded refusals, `C1` and the like the collected rules of the service.
//!
//! The modules below are its layers, from the bottom to the top. A file imports from its own layer and from those above it
//! in this list, so a request passes down and an answer up: the server hands a request to a domain or to the emulator, that
//! finds the operation, and the operation applies rules to what is kept. What surrounds a pool, its triggers and whoever
//! reads its messages, lies below the operations: they call it, it knows none of them, and they are given it as a value.
//! `tests/it/layers.rs` reads the list from here and fails on an import that climbs.

/// How the service writes and computes things, whatever is kept.
mod forms;

/// What is kept: the store, the records in it, the keys of pools.
mod kept;

/// What is true of it: what a call may ask, limits, settings, attributes, passwords, plans, tokens.
mod rules;

/// What surrounds it: triggers, messages, requests to elsewhere, and the transactions around them.
mod outside;

/// What is asked: a folder for each family of operations.
mod operations;

/// One emulator, and the way of a request to its operation.
mod emulator;

/// What a domain offers: OAuth and pages.
mod oauth;

/// What serves it: HTTP, TLS, the bytes of requests, the inspector.
pub mod server;

pub use crate::emulator::seed::SeedError;
pub use crate::emulator::{Emulator, Options};
pub use crate::forms::clock::{Clock, ManualClock, MovableClock, SystemClock};
pub use crate::forms::refusal;
pub use crate::kept::store::{Durability, Holder, OpenError};
pub use crate::operations::implemented;
pub use crate::operations::run::Reach;
pub use crate::outside::message::{Message, Outbox};
pub use crate::outside::providers::Providers;
pub use crate::outside::trigger::{LeftOut, Triggers};
pub use crate::rules::domain_address::pages_at;
pub use crate::rules::omission::Omission;
pub use crate::rules::quota::Quotas;
pub use crate::server::tls::Tls;
#[doc(hidden)] // for the fuzz target, which reads requests as the server does
pub use crate::server::wire::{Head, Reply, answer};
