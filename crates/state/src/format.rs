//! What a state file says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use poolform_core::{Address, Recorded};
use serde::{Deserialize, Serialize};

use crate::Event;

/// The layout that this version writes.
pub const VERSION: u32 = 1;

/// A create whose answer was never kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// Name of the kind.
    pub kind: String,
    /// What was sent.
    pub operation: String,
    /// The name that it was to have.
    pub name: String,
    /// When, in seconds since 1970.
    pub since: f64,
    /// What will be remembered of it, identity apart.
    #[serde(default)]
    pub record: Recorded,
    /// The ids of those that had its name already.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub existing: BTreeSet<String>,
}

/// A state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Its layout, [`VERSION`].
    pub version: u32,
    /// Counts the writes.
    pub serial: u64,
    /// The region, once anything was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The account, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The endpoint, where it is not the service's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// What is managed.
    pub resources: BTreeMap<Address, Recorded>,
    /// Creates whose outcome is unknown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<Address, Pending>,
    /// The root's outputs that are not sensitive.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Their types, as `terraform output -json` writes them. None in a state of before they were kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output_types: BTreeMap<String, serde_json::Value>,
    /// Names of the root's outputs that are sensitive; their values are read from Cognito when asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive_outputs: Vec<String>,
    /// How many events of the journal are in it that were never folded in. Not kept.
    #[serde(skip)]
    pub replayed: u64,
}

/// Why bytes are no state that this version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// No JSON, or not of this shape; what the reader found.
    Damaged(String),
    /// A layout of a later version.
    Newer(u32),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Damaged(found) => write!(f, "it is damaged: {found}"),
            FormatError::Newer(version) => {
                write!(
                    f,
                    "it has layout {version}, and this version of poolform reads layouts up to {VERSION}; use a later one"
                )
            }
        }
    }
}

impl State {
    /// Reads a state.
    pub fn parse(bytes: &[u8]) -> Result<State, FormatError> {
        #[derive(Deserialize)]
        struct Layout {
            version: u32,
        }
        let damaged = |error: serde_json::Error| FormatError::Damaged(error.to_string());
        let layout: Layout = serde_json::from_slice(bytes).map_err(damaged)?;
        if layout.version > VERSION {
            return Err(FormatError::Newer(layout.version));
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// Writes it, for people too.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a state has nothing but texts and numbers");
        bytes.push(b'\n');
        bytes
    }

    /// Takes in what happened.
    pub fn replay(&mut self, event: Event) {
        // Every event makes another state of it: a plan that was made before is no longer of this one.
        self.serial += 1;
        self.replayed += 1;
        match event {
            Event::Refused { address } => {
                self.pending.remove(&address);
            }
            Event::Intend { address, pending } => {
                self.pending.insert(address, pending);
            }
            Event::Remember { address, recorded } => {
                self.pending.remove(&address);
                self.resources.insert(address, recorded);
            }
            Event::Forget { address } => {
                self.pending.remove(&address);
                self.resources.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_later_layouts_and_damage() {
        assert_eq!(State::parse(br#"{"version": 99}"#), Err(FormatError::Newer(99)));
        assert!(matches!(State::parse(b"{\"version\": 1, "), Err(FormatError::Damaged(_))));
    }

    #[test]
    fn reads_what_it_writes() {
        let mut state = State { version: VERSION, serial: 7, ..State::default() };
        state.replay(Event::Intend { address: "module.pool".to_owned(), pending: Pending::default() });
        assert_eq!(state.serial, 8);
        let read = State::parse(&state.to_bytes()).unwrap();
        assert_eq!(State { replayed: 1, ..read }, state);
        state.replay(Event::Remember { address: "module.pool".to_owned(), recorded: Recorded::default() });
        assert!(state.pending.is_empty() && state.resources.len() == 1);
    }
}
