//! A record that has nothing but what an answer shows of it.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::members::{Members, in_model_order};
use crate::forms::refusal::Answer;
use crate::kept::shelf::Shelf;
use crate::kept::store::Reader;

/// What is shown, and for pictures what is served.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Entry {
    /// The members of the answer.
    pub(crate) answer: Object,
}

impl Entry {
    /// The one of a shelf whose `member` is `id`: a pool has few of them.
    pub(crate) fn by_id(
        reader: &dyn Reader,
        shelf: Shelf,
        pool: &str,
        (member, id): (&str, &str),
    ) -> Answer<Option<Entry>> {
        let all: Vec<Entry> = reader.all(shelf, pool)?;
        Ok(all.into_iter().find(|entry| entry.answer.text(member) == Some(id)))
    }

    /// The members in the order of a shape; those that the shape lacks are left out.
    pub(crate) fn shown(self, shape: &str) -> Json {
        Json::Object(in_model_order(shape, self.answer))
    }
}
