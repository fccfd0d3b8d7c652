//! The provider's configuration, and what whoever starts the provider makes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use poolform_core::{Context, Endpoints};
use poolform_model::Cognito;
use poolform_value::{Diagnostics, Value};

/// A Cognito, and what tokens of its pools say where they are from.
pub struct Connection {
    /// What answers.
    pub cognito: Arc<dyn Cognito>,
    /// From a pool's id to its issuer.
    pub issuer: Box<dyn Fn(&str) -> String + Send + Sync>,
    /// The provider's `default_tags`.
    pub default_tags: BTreeMap<String, String>,
    /// What tells this Cognito from others of one workspace: endpoint, region, whose account. Only compared.
    pub place: String,
}

/// From a configuration to a connection: arguments by name, blocks as lists of objects.
pub type Connect = Box<dyn Fn(&BTreeMap<String, Value>) -> Result<Connection, Diagnostics> + Send + Sync>;

impl Connection {
    /// What surrounds declarations.
    pub fn context(&self) -> Context {
        Context { default_tags: self.default_tags.clone() }
    }

    /// Runs `with` with where pools are reached.
    pub fn endpoints<T>(&self, with: impl FnOnce(&Endpoints<'_>) -> T) -> T {
        // No attribute of a resource tells where keys or pages are.
        let none = |_: &str| String::new();
        let pages = |_: &str, _: &str| String::new();
        with(&Endpoints { issuer: &*self.issuer, keys: &none, pages: &pages, date: &rfc3339 })
    }
}

fn rfc3339(seconds: f64) -> String {
    // Cognito's dates are seconds with a fraction; Terraform shows whole ones.
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit an i64 for the next 292 billion years")]
    let whole = seconds as i64;
    jiff::Timestamp::from_second(whole).map(|timestamp| timestamp.to_string()).unwrap_or_default()
}
