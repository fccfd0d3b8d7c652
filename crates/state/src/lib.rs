//! The state: ids, what was declared, account, region and endpoint; outputs that are not sensitive. Never a secret.
//!
//! [`Backend`] is what a place to keep it must do; [`Local`] keeps it in a file, [`Remote`] in an object store.

#![allow(clippy::disallowed_methods, reason = "this crate is at the edge: it waits, reads or writes")]

mod format;
mod group;
mod journal;
mod local;
mod remote;

pub use format::{FormatError, Pending, State, VERSION};
pub use local::Local;
pub use remote::{Holder, Objects, Remote};

use std::fmt;

/// Why a state could not be read, written or locked; with a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateError {
    /// Somebody else holds its lock: trying again later may do.
    Held(String),
    /// It cannot be had, or is not one: trying again changes nothing.
    Unusable(String),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(text) | Self::Unusable(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for StateError {}

/// Something that happened during an apply and must outlive the process.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A create is about to be sent.
    Intend {
        /// Whose.
        address: String,
        /// Which.
        pending: Pending,
    },
    /// A create was refused: nothing was made.
    Refused {
        /// Whose.
        address: String,
    },
    /// Something is there.
    Remember {
        /// Whose.
        address: String,
        /// What is remembered.
        recorded: poolform_core::Recorded,
    },
    /// Something is gone.
    Forget {
        /// Whose.
        address: String,
    },
}

/// A place to keep a state.
pub trait Backend: Send + Sync {
    /// Where it is, for messages.
    fn place(&self) -> String;
    /// The state with everything that the journal adds to it; an empty one where there is none yet.
    fn read(&self) -> Result<State, StateError>;
    /// Replaces it and empties the journal.
    fn write(&self, state: &State) -> Result<(), StateError>;
    /// Adds to the journal. Durable when it returns.
    fn append(&self, event: &Event) -> Result<(), StateError>;
    /// Keeps everybody else out until the guard is dropped.
    fn lock(&self, why: &str) -> Result<Box<dyn Guard>, StateError>;
    /// Keeps bytes beside the state, under its name and this one; where.
    fn set_aside(&self, name: &str, bytes: &[u8]) -> Result<String, StateError>;
    /// What was kept at a place that [`Backend::set_aside`] told; None where nothing is.
    fn aside(&self, place: &str) -> Result<Option<Vec<u8>>, StateError>;
    /// Throws away what was kept under a name.
    fn drop_aside(&self, name: &str) -> Result<(), StateError>;
    /// Takes away the lock of a process that is gone, by the id that its refusal told.
    fn force_unlock(&self, id: &str) -> Result<(), StateError>;
}

/// Holds a lock until it is dropped.
pub trait Guard: Send {}
