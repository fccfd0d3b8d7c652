//! One request on its way through an operation.

use poolform_model::{Object, Refusal};
use serde_json::Value as Json;

use crate::Options;
use crate::clock::stamp;
use crate::members::Members;
use crate::refusal::{NO_CLIENT, NO_POOL};
use crate::store::{CLIENTS, Look, USER_POOLS};
use crate::user_pool::Pool;

/// What an operation answers.
pub(crate) type Answer<T = Object> = Result<T, Refusal>;

/// A request whose shape has been checked, and what every operation needs beside it.
pub(crate) struct Call<'a> {
    pub(crate) body: &'a Object,
    pub(crate) options: &'a Options,
    /// The time of the whole call, milliseconds since 1970.
    pub(crate) now: i64,
}

impl Call<'_> {
    /// A required text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.text(name).unwrap_or_default()
    }

    /// The pool's id.
    pub(crate) fn pool_id(&self) -> &str {
        self.text("UserPoolId")
    }

    /// The pool that the request names.
    pub(crate) fn pool(&self, look: &dyn Look) -> Answer<Pool> {
        pool(look, self.pool_id())
    }

    /// Refuses when the request names no pool, without reading all of it.
    pub(crate) fn expect_pool(&self, look: &dyn Look) -> Answer<()> {
        match look.bytes(USER_POOLS, "", self.pool_id())? {
            Some(_) => Ok(()),
            None => Err(NO_POOL.with(&[self.pool_id()])),
        }
    }

    /// The client that the request names, in its pool.
    pub(crate) fn client(&self, look: &dyn Look) -> Answer<crate::client::Client> {
        self.expect_pool(look)?;
        let id = self.text("ClientId");
        look.get(CLIENTS, self.pool_id(), id)?.ok_or_else(|| NO_CLIENT.with(&[id]))
    }

    /// Now, as a member of an answer.
    pub(crate) fn stamp(&self) -> Json {
        stamp(self.now)
    }

    /// The greatest number of entries of a page.
    pub(crate) fn limit(&self, member: &str, most: usize) -> usize {
        match self.body.number(member).and_then(|number| usize::try_from(number).ok()) {
            Some(number) if (1..=most).contains(&number) => number,
            _ => most,
        }
    }
}

/// A pool by its id.
pub(crate) fn pool(look: &dyn Look, id: &str) -> Answer<Pool> {
    look.get(USER_POOLS, "", id)?.ok_or_else(|| NO_POOL.with(&[id]))
}
