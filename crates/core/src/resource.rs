//! What ought to exist, what was answered, and what the state remembers, per address.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use poolform_value::AttributePath;
use serde::{Deserialize, Serialize};

use crate::address::call_of;

/// `module.pool`, `module.pool.client["web"]`, `module.pool["blue"].domain`.
pub type Address = String;

/// In whose words something is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The module's arguments.
    Module,
    /// The attributes of a Terraform resource.
    Resource,
}

/// One thing that ought to exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// Its address.
    pub address: Address,
    /// The name of its [`crate::kinds::Kind`].
    pub kind: &'static str,
    /// Settings whose changes are not made, by `ignore_changes`: paths, entries of maps as `PATH["KEY"]`, empty for all.
    pub ignored: BTreeSet<String>,
    /// In whose words it is declared.
    pub form: Form,
    /// The settings that are declared, in the shape of the kind's tree. Null at a path says that it must be unset.
    pub settings: Object,
    /// Settings whose value must never be shown: the path, and the key for one entry of a map.
    pub secret: BTreeSet<(String, Option<String>)>,
    /// Settings that are ids of other parts of the pool, which are declared too: the address of the part. They are not among
    /// `settings`.
    pub ids: BTreeMap<&'static str, Address>,
    /// Where it is declared, for diagnostics: its call, or its own resource.
    pub call: Address,
    /// The address of its pool; its own where it is one.
    pub pool: Address,
    /// Where a setting is declared, by its path in `settings`; `""` is the thing as a whole.
    pub places: BTreeMap<String, AttributePath>,
    /// Names of the arguments whose value is not known yet or was refused by itself: they are not among `settings`, and
    /// nothing can be said about what they leave out.
    pub undecided: BTreeSet<&'static str>,
}

impl Recorded {
    /// The address of the pool of what is recorded at `address`.
    pub fn pool_of<'a>(&'a self, address: &'a str) -> &'a str {
        if self.pool.is_empty() { call_of(address) } else { &self.pool }
    }
}

/// What is said instead of a value that must never be shown.
const HIDDEN: &str = "(sensitive)";

/// A key as an address and an expression have it: in Terraform's quotes.
pub(crate) fn quoted(key: &str) -> String {
    // JSON's escapes are the language's; templates are kept from starting.
    serde_json::Value::from(key).to_string().replace("${", "$${").replace("%{", "%%{")
}

impl Desired {
    /// Whether the value of a setting, or any part of it, must never be shown.
    pub(crate) fn hides(&self, path: &str) -> bool {
        self.secret.iter().any(|(secret, _)| {
            let within = |outer: &str, inner: &str| {
                inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            within(path, secret) || within(secret, path)
        })
    }

    /// Whether changes of a setting, or of one entry of a map, are not made.
    pub(crate) fn ignores(&self, path: &str, key: Option<&str>) -> bool {
        let entry = key.map(|key| format!("{path}[{}]", quoted(key)));
        self.ignored.iter().any(|ignored| {
            ignored.is_empty() || entry.as_ref() == Some(ignored) || crate::address::within(path, ignored)
        })
    }

    /// Whether the values of these arguments are known and right by themselves. A rule between arguments says nothing until
    /// all of its own are.
    pub(crate) fn decided(&self, arguments: &[&str]) -> bool {
        !arguments.iter().any(|argument| self.undecided.contains(argument))
    }

    /// Whether the value of one entry of a map must never be shown.
    pub(crate) fn hides_entry(&self, path: &str, key: &str) -> bool {
        self.hides_all(path) || self.secret.contains(&(path.to_owned(), Some(key.to_owned())))
    }

    /// Whether a setting must never be shown as a whole, keys included.
    pub(crate) fn hides_all(&self, path: &str) -> bool {
        self.secret.contains(&(path.to_owned(), None))
    }

    /// What may be said of a value of a setting.
    pub fn shown(&self, path: &str, value: impl std::fmt::Display) -> String {
        if self.hides(path) { HIDDEN.to_owned() } else { value.to_string() }
    }

    /// The place of a setting, or of the nearest one around it.
    pub fn place(&self, path: &str) -> AttributePath {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return place.clone();
            }
            match path.rsplit_once('.') {
                Some((outer, _)) => path = outer,
                None => return self.places.get("").cloned().unwrap_or_default(),
            }
        }
    }
}

/// What Cognito answered about one thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// Its settings in the shape of the kind's tree, for comparison.
    pub settings: Object,
    /// The answer itself, every member of it, for the full echo of an update and for outputs.
    pub answer: Object,
    /// Whether users would be lost with it: only asked before a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<bool>,
}

/// What the state remembers about one thing: never a value that is secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The name of its kind.
    pub kind: String,
    /// The address of its pool, where its own does not begin with it: of resources that are declared by themselves.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pool: Address,
    /// The members that name it in requests: `UserPoolId`, `ClientId`, `Domain` …
    pub identity: BTreeMap<String, String>,
    /// Paths of the settings that were declared when it was last applied.
    pub declared: BTreeSet<String>,
    /// For settings that are maps: the keys that were declared. Others in the same map are left alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, BTreeSet<String>>,
    /// Paths of the settings that the files marked as sensitive then, entries of maps as `PATH["KEY"]`: what Cognito has
    /// under them stays secret after they are taken out of the files.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden: BTreeSet<String>,
}
