//! One request on its way through an operation.

use std::cell::{Cell, RefCell};

use poolform_model::{Object, Operation, Refusal};
use serde_json::Value as Json;

use crate::Options;
use crate::app::App;
use crate::clock::stamp;
use crate::identifier;
use crate::keys::KeyRing;
use crate::members::Members;
use crate::message::Message;
use crate::refusal::{NO_CLIENT, NO_POOL, NO_USER, TOKEN_INVALID, fault, is_fault};
use crate::store::{CLIENT_POOLS, CLIENTS, Reader, Store, USER_POOLS, Writer};
use crate::trigger::{Event, Invocation, LeftOut};
use crate::user_pool::Pool;

/// What an operation answers.
pub(crate) type Answer<T = Object> = Result<T, Refusal>;

/// A request whose shape has been checked, and what every operation needs beside it.
pub(crate) struct Call<'a> {
    /// What is asked for; none for requests to a domain.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) body: &'a Object,
    pub(crate) options: &'a Options,
    /// The time of the whole call, milliseconds since 1970.
    pub(crate) now: i64,
    /// Its id, which tokens made by it carry as `event_id`.
    pub(crate) id: &'a str,
    /// Whether it comes from a page of a domain instead of the API.
    pub(crate) hosted: bool,
    /// Where tokens say they come from, without the pool's id: `http://127.0.0.1:9229`.
    pub(crate) issuer: &'a str,
    /// The keys of pools.
    pub(crate) keys: &'a KeyRing,
    /// Messages of this call that were kept, told to the outside when it is over.
    pub(crate) sent: RefCell<Vec<Message>>,
    /// Triggers that would have been called, and were left out.
    pub(crate) left_out: RefCell<Vec<LeftOut>>,
    /// Triggers called by transactions of this call.
    pub(crate) replay: RefCell<Replay>,
}

/// Triggers of a transaction: those that have answered, in the order in which they are asked for, and what is yet to be
/// called.
#[derive(Default)]
pub(crate) struct Replay {
    answers: Vec<Json>,
    /// How many answers this run has used.
    used: usize,
    /// What this run broke off for.
    pending: Option<Invocation>,
    /// What is called when this run is kept.
    after: Vec<Invocation>,
    /// The client, where the request does not name it.
    client: Option<String>,
    /// The `sub` of a new user: the same in every run.
    sub: Option<String>,
}

impl Call<'_> {
    /// A required text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.text(name).unwrap_or_default()
    }

    /// Changes the store. A run that needs a trigger breaks off, and runs again with the trigger's answer; triggers that
    /// come after a change are called when it is kept, and messages are told only then.
    pub(crate) fn write<T>(&self, store: &Store, change: impl Fn(&mut Writer) -> Answer<T>) -> Answer<T> {
        loop {
            {
                let mut replay = self.replay.borrow_mut();
                (replay.used, replay.pending) = (0, None);
                replay.after.clear();
            }
            let (sent, left_out) = (self.sent.borrow().len(), self.left_out.borrow().len());
            let kept = Cell::new(false);
            let outcome = store.write(|writer| {
                let outcome = change(writer);
                kept.set(outcome.is_ok() || writer.is_kept_when_refused());
                outcome
            });
            if !kept.get() || outcome.as_ref().is_err_and(is_fault) {
                self.sent.borrow_mut().truncate(sent);
            }
            let pending = self.replay.borrow_mut().pending.take();
            if let Some(invocation) = pending {
                self.left_out.borrow_mut().truncate(left_out);
                let answer = invocation.run()?;
                self.replay.borrow_mut().answers.push(answer);
                continue;
            }
            let value = outcome?;
            self.replay.borrow_mut().answers.clear();
            let after = std::mem::take(&mut self.replay.borrow_mut().after);
            for invocation in after {
                invocation.run()?;
            }
            return Ok(value);
        }
    }

    /// The answer of a trigger, inside of [`Call::write`].
    pub(crate) fn triggered(&self, event: Event) -> Answer<Option<Json>> {
        let Some(invocation) = event.invocation(self)? else { return Ok(None) };
        let mut replay = self.replay.borrow_mut();
        match replay.answers.get(replay.used).cloned() {
            Some(answer) => {
                replay.used += 1;
                Ok(Some(answer))
            }
            None => {
                replay.pending = Some(invocation);
                // Never seen: the run is over, and another begins.
                Err(fault("a trigger was not called"))
            }
        }
    }

    /// Calls a trigger after the change of [`Call::write`] is kept.
    pub(crate) fn trigger_after(&self, event: Event) -> Answer<()> {
        if let Some(invocation) = event.invocation(self)? {
            self.replay.borrow_mut().after.push(invocation);
        }
        Ok(())
    }

    /// The client on whose behalf this is, if any.
    pub(crate) fn client(&self) -> Option<String> {
        self.body.text("ClientId").map(str::to_owned).or_else(|| self.replay.borrow().client.clone())
    }

    /// Says who the client is, where the request does not.
    pub(crate) fn set_client(&self, id: &str) {
        self.replay.borrow_mut().client = Some(id.to_owned());
    }

    /// The id of a new user.
    pub(crate) fn sub(&self) -> String {
        self.replay.borrow_mut().sub.get_or_insert_with(|| identifier::sub(&self.options.region)).clone()
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
        if identifier::region_of(self.pool_id()) == self.options.region {
            Ok(())
        } else {
            Err(NO_POOL.with(&[self.pool_id()]))
        }
    }

    /// Refuses by what is said of a user who is gone. Operations whose model has no word for it say that the token is
    /// nobody's.
    pub(crate) fn no_bearer(&self) -> Refusal {
        let declared = self.operation.is_some_and(|operation| operation.errors.iter().any(|one| one == NO_USER.code));
        if declared { NO_USER.with(&[]) } else { TOKEN_INVALID.with(&[]) }
    }

    /// The client that the request names, in its pool.
    pub(crate) fn named_client(&self, reader: &dyn Reader) -> Answer<crate::client::Client> {
        self.expect_pool(reader)?;
        let id = self.text("ClientId");
        reader.get(CLIENTS, self.pool_id(), id)?.ok_or_else(|| NO_CLIENT.with(&[id]))
    }

    /// The client that a request of an app names, with its pool.
    pub(crate) fn app(&self, reader: &dyn Reader) -> Answer<App> {
        let id = self.text("ClientId");
        let pool_id: Option<String> = reader.get(CLIENT_POOLS, "", id)?;
        match pool_id {
            Some(pool_id) => App::read(reader, pool_id, id),
            None => Err(NO_CLIENT.with(&[id])),
        }
    }

    /// As [`Call::app`], for an operation that names the pool too.
    pub(crate) fn app_of_pool(&self, reader: &dyn Reader) -> Answer<App> {
        self.expect_pool(reader)?;
        App::read(reader, self.pool_id().to_owned(), self.text("ClientId"))
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
pub(crate) fn pool(reader: &dyn Reader, id: &str) -> Answer<Pool> {
    reader.get(USER_POOLS, "", id)?.ok_or_else(|| NO_POOL.with(&[id]))
}
