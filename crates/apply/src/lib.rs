//! Carrying out plans against a Cognito: looking, running steps, keeping a journal, and wrappers around a connection.

#![allow(clippy::disallowed_methods, reason = "this crate is at the edge: it waits, reads or writes")]

mod observe;
mod recover;
mod run;
mod there;
mod wrappers;

pub use observe::{LookError, Part, client_secrets, has_users, look, observe, observe_parts, parts};
pub use recover::{Fate, Intent, recover};
pub use run::{Journal, Outcome, Progress, run};
pub use there::{Coming, called, listed, signing_certificate, there_already};
pub use wrappers::{Logged, Paced, Retrying};
