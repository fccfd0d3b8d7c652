//! One call of an operation: what is asked, by whom and when. It is a value; what an operation may touch beside it is what its
//! signature says.

use poolform_model::{Object, Operation, Refusal};
use serde_json::Value as Json;

use crate::forms::clock::stamp;
use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_CLIENT, NO_POOL, NO_USER, TOKEN_INVALID};
use crate::kept::client::Client;
use crate::kept::pool::{Pool, pool};
use crate::kept::shelf::{CLIENT_POOLS, CLIENTS, USER_POOLS};
use crate::kept::store::Reader;
use crate::rules::app_client::AppClient;
use crate::rules::omission::Omission;
use crate::rules::quota::Quotas;

/// A request whose shape has been checked, and the account that it is made to.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// What is asked for; none for requests to a domain.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) body: &'a Object,
    /// Where it is made to: `us-east-1`.
    pub(crate) region: &'a str,
    /// The account's number.
    pub(crate) account: &'a str,
    /// How many of everything the account may have.
    pub(crate) quotas: &'a Quotas,
    /// What an update does with members left out.
    pub(crate) omission: Omission,
    /// The time of the whole call, milliseconds since 1970.
    pub(crate) now: i64,
    /// Its id, which tokens made by it carry as `event_id`.
    pub(crate) id: &'a str,
    /// Whether it comes from a page of a domain instead of the API.
    pub(crate) hosted: bool,
    /// Where tokens say they come from, without the pool's id: `http://127.0.0.1:9229`.
    pub(crate) issuer: &'a str,
    /// The client on whose behalf it is made, where the body does not name it.
    pub(crate) on_behalf: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// The same call, made on behalf of a client.
    pub(crate) fn of_client(&self, client: &'a str) -> Call<'a> {
        Call { on_behalf: Some(client), ..*self }
    }
}

impl Call<'_> {
    /// A required text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.text(name).unwrap_or_default()
    }

    /// The client on whose behalf this is, if any.
    pub(crate) fn client(&self) -> Option<&str> {
        self.body.text("ClientId").or(self.on_behalf)
    }

    /// The pool's id.
    pub(crate) fn pool_id(&self) -> &str {
        self.text("UserPoolId")
    }

    /// The pool that the request names.
    pub(crate) fn pool(&self, reader: &dyn Reader) -> Answer<Pool> {
        self.expect_here()?;
        pool(reader, self.pool_id())
    }

    /// Refuses when the request names no pool, without reading all of it.
    pub(crate) fn expect_pool(&self, reader: &dyn Reader) -> Answer<()> {
        self.expect_here()?;
        match reader.bytes(USER_POOLS, "", self.pool_id())? {
            Some(_) => Ok(()),
            None => Err(NO_POOL.with(&[self.pool_id()])),
        }
    }

    /// Refuses when the pool is one of another region than the request: each region has pools of its own, and knows of no
    /// other's.
    fn expect_here(&self) -> Answer<()> {
        if identifier::region_of(self.pool_id()) == self.region { Ok(()) } else { Err(NO_POOL.with(&[self.pool_id()])) }
    }

    /// Refuses by what is said of a user who is gone. Operations whose model has no word for it say that the token is
    /// nobody's.
    pub(crate) fn no_bearer(&self) -> Refusal {
        let declared = self.operation.is_some_and(|operation| operation.errors.iter().any(|one| one == NO_USER.code));
        if declared { NO_USER.with(&[]) } else { TOKEN_INVALID.with(&[]) }
    }

    /// The client that the request names, in its pool.
    pub(crate) fn named_client(&self, reader: &dyn Reader) -> Answer<Client> {
        self.expect_pool(reader)?;
        let id = self.text("ClientId");
        reader.get(CLIENTS, self.pool_id(), id)?.ok_or_else(|| NO_CLIENT.with(&[id]))
    }

    /// The id of the client that the request names in its pool, or who stands for all clients where it names none, or that.
    pub(crate) fn client_or<'c>(&'c self, all: &'c str, reader: &dyn Reader) -> Answer<&'c str> {
        let id = self.body.text("ClientId").unwrap_or(all);
        if id != all && reader.bytes(CLIENTS, self.pool_id(), id)?.is_none() {
            return Err(NO_CLIENT.with(&[id]));
        }
        Ok(id)
    }

    /// The client that a request of an app names, with its pool.
    pub(crate) fn app(&self, reader: &dyn Reader) -> Answer<AppClient> {
        let id = self.text("ClientId");
        let pool_id: Option<String> = reader.get(CLIENT_POOLS, "", id)?;
        match pool_id {
            Some(pool_id) => AppClient::read(reader, pool_id, id),
            None => Err(NO_CLIENT.with(&[id])),
        }
    }

    /// As [`Call::app`], for an operation that names the pool too.
    pub(crate) fn app_of_pool(&self, reader: &dyn Reader) -> Answer<AppClient> {
        self.expect_pool(reader)?;
        AppClient::read(reader, self.pool_id().to_owned(), self.text("ClientId"))
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
