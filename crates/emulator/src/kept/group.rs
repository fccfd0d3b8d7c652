//! Groups and who is in them, as kept.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::members::in_model_order;

/// A group as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Group {
    /// The members of GroupType.
    pub(crate) answer: Object,
}

impl Group {
    /// Absent members are absent, not null; a Precedence of 0 is kept [CreateGroup.2025-07.precedence-0].
    pub(crate) fn shown(self) -> Json {
        Json::Object(in_model_order("GroupType", self.answer))
    }
}

/// The name by which a group is found.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The name of the group of users who come from a provider.
pub(crate) fn of_provider(pool_id: &str, provider: &str) -> String {
    format!("{pool_id}_{provider}")
}

/// The name of a membership's record.
pub(crate) fn membership(group: &str, user: &str) -> String {
    format!("{group}\n{user}")
}
