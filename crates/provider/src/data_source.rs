//! What is only read: data sources for a pool and a client that are there, and the secret of a client that nothing keeps.

use std::collections::BTreeMap;

use poolform_core::kinds::{Kind, client, user_pool};
use poolform_core::{Recorded, setting};
use poolform_value::{AttributePath, Diagnostic, Value};

use crate::configuration::Connection;
use crate::resource::{imported, look, text};

/// A data source: its kind, and what it takes: attribute, what it is, member that it gives.
pub struct Source {
    /// What it reads.
    pub kind: &'static Kind,
    /// Its arguments.
    pub takes: &'static [(&'static str, &'static str)],
    members: &'static [&'static str],
}

/// Every data source, by the type of the resource that it reads.
pub static SOURCES: &[Source] = &[
    Source { kind: &user_pool::KIND, takes: &[("user_pool_id", "Id of the pool.")], members: &["UserPoolId"] },
    Source {
        kind: &client::KIND,
        takes: &[("user_pool_id", "Id of the pool."), ("client_id", "Id of the client.")],
        members: &["UserPoolId", "ClientId"],
    },
];

/// The ephemeral resource.
pub const SECRET: &str = "poolform_user_pool_client_secret";

/// What the ephemeral resource takes.
pub const SECRET_TAKES: &[(&str, &str)] = SOURCES[1].takes;

impl Source {
    /// Everything that there is, with what was asked for.
    ///
    /// # Errors
    /// When it is not there, or cannot be read.
    pub fn read(&self, asked: &Value, connection: &Connection) -> Result<Value, Diagnostic> {
        let observed = self.observe(asked, connection)?;
        let (mut state, _) = imported(self.kind, &observed, connection);
        if let poolform_value::Content::Object(members) = &mut state.content {
            for (name, _) in self.takes {
                members.insert((*name).to_owned(), text(asked, name).unwrap_or_default().into());
            }
            for own in [crate::schema::ALLOW_DELETE, crate::schema::ALLOW_REPLACE, crate::schema::STORE_SECRET] {
                members.remove(own);
            }
        }
        Ok(state)
    }

    /// The secret of a client, for as long as Terraform needs it.
    ///
    /// # Errors
    /// When the client is not there, or cannot be read.
    pub fn secret(&self, asked: &Value, connection: &Connection) -> Result<Value, Diagnostic> {
        let observed = self.observe(asked, connection)?;
        let secret = setting::get(&observed.answer, "ClientSecret").as_str().map_or_else(Value::null, Value::from);
        let asked = self.takes.iter().map(|(name, _)| (*name, text(asked, name).unwrap_or_default().into()));
        Ok(Value::object(asked.chain([("client_secret", secret)])))
    }

    fn observe(&self, asked: &Value, connection: &Connection) -> Result<poolform_core::Observed, Diagnostic> {
        let identity: BTreeMap<String, String> = self
            .members
            .iter()
            .zip(self.takes)
            .map(|(member, (name, _))| ((*member).to_owned(), text(asked, name).unwrap_or_default().to_owned()))
            .collect();
        let at = self.takes.last().map_or_else(AttributePath::default, |(name, _)| AttributePath::argument(name));
        let named = identity.values().cloned().collect::<Vec<_>>().join(", ");
        let recorded = Recorded { kind: self.kind.name.to_owned(), identity, ..Recorded::default() };
        match look(connection, recorded) {
            Ok(Some(observed)) => Ok(observed),
            Ok(None) => {
                let detail = format!("There is no {} {named} in this account and region.", self.kind.noun);
                Err(Diagnostic::error("Not found", detail).about("", &at))
            }
            Err(error) => {
                let detail = format!("{} failed: {}.", error.operation, error.failure);
                Err(Diagnostic::error("Cognito could not be read", detail).about("", &at))
            }
        }
    }
}
