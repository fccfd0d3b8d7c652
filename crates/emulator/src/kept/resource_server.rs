//! Resource servers, as kept.

use std::collections::BTreeSet;

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::members::{Members, in_model_order};
use crate::forms::refusal::Answer;
use crate::kept::shelf::RESOURCE_SERVERS;
use crate::kept::store::Reader;

/// A resource server as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ResourceServer {
    /// The members of ResourceServerType, scopes as they were sent.
    pub(crate) answer: Object,
}

impl ResourceServer {
    /// As a later read shows it: scopes sorted by name [CloudControl.UserPoolResourceServer.2026-06].
    pub(crate) fn described(mut self) -> Json {
        if let Some(Json::Array(scopes)) = self.answer.get_mut("Scopes") {
            scopes.sort_by(|one, other| one.text("ScopeName").cmp(&other.text("ScopeName")));
        }
        Json::Object(in_model_order("ResourceServerType", self.answer))
    }
}

/// The scopes that clients of a pool can ask for, as `IDENTIFIER/NAME`.
pub(crate) fn scopes(reader: &dyn Reader, pool: &str) -> Answer<BTreeSet<String>> {
    let mut scopes = BTreeSet::new();
    for server in reader.all::<ResourceServer>(RESOURCE_SERVERS, pool)? {
        let identifier = server.answer.text("Identifier").unwrap_or_default();
        for scope in server.answer.list("Scopes") {
            scopes.insert(format!("{identifier}/{}", scope.text("ScopeName").unwrap_or_default()));
        }
    }
    Ok(scopes)
}
