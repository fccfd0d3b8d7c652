//! A record that has nothing but what an answer shows of it.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::members::in_model_order;

/// What is shown, and for pictures what is served.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Entry {
    /// The members of the answer.
    pub(crate) answer: Object,
}

impl Entry {
    /// The members in the order of a shape; those that the shape lacks are left out.
    pub(crate) fn shown(self, shape: &str) -> Json {
        Json::Object(in_model_order(shape, self.answer))
    }
}
