//! Transactions around triggers.
//!
//! A trigger may well call this server back, so none is called while a transaction is open. An operation that needs the
//! answer of one inside runs like this:
//!
//! 1. The change runs. Where it asks for an answer that is not there yet ([`Transaction::ask`]), it breaks off, and
//!    nothing of it is kept.
//! 2. The trigger is called, outside, and its answer noted.
//! 3. The change runs again from the beginning, on the store as it is by now. Questions are answered in the order in which
//!    they are asked, from the notes; the first one beyond them goes back to 2.
//! 4. When a run comes to its end, what it wrote is kept. Then triggers are called that come after a change
//!    ([`Transaction::ask_after`]), and then messages are told: nobody hears of what was not kept.
//!
//! So a change must be the same each time it runs, but for what the store says: it takes the time from its [`Call`], and the
//! id of a new user from [`Transaction::sub`].

use std::ops::{Deref, DerefMut};

use serde_json::Value as Json;

use crate::forms::identifier;
use crate::forms::refusal::{Answer, fault, is_fault};
use crate::kept::pool::Pool;
use crate::kept::store::Writer;
use crate::outside::effects::Effects;
use crate::outside::message::Message;
use crate::outside::trigger::{Event, Invocation, LeftOut, Triggers};
use crate::rules::call::Call;

/// What is known from earlier runs.
#[derive(Default)]
struct Replay {
    /// Answers of triggers, in the order in which they are asked for.
    answers: Vec<Json>,
    /// The `sub` of a new user: the same in every run.
    sub: Option<String>,
}

/// What one run does beside writing.
#[derive(Default)]
struct Run {
    /// How many answers it has used.
    used: usize,
    /// What it broke off for.
    pending: Option<Invocation>,
    /// What is called when it is kept.
    after: Vec<Invocation>,
    /// Messages that are told when it is kept.
    messages: Vec<Message>,
    /// Triggers that would have been called, and were left out.
    left_out: Vec<LeftOut>,
    /// Whether what it wrote is kept, refused or not.
    kept: bool,
}

/// A transaction in which triggers answer and messages are sent. It writes as a [`Writer`] does.
pub(crate) struct Transaction<'a, 'w> {
    writer: &'a mut Writer<'w>,
    triggers: &'a Triggers,
    replay: &'a mut Replay,
    run: &'a mut Run,
}

impl<'w> Deref for Transaction<'_, 'w> {
    type Target = Writer<'w>;

    fn deref(&self) -> &Writer<'w> {
        self.writer
    }
}

impl<'w> DerefMut for Transaction<'_, 'w> {
    fn deref_mut(&mut self) -> &mut Writer<'w> {
        self.writer
    }
}

impl Transaction<'_, '_> {
    /// The answer of a trigger; None where the pool declares none.
    pub(crate) fn ask(&mut self, call: &Call, event: Event) -> Answer<Option<Json>> {
        let Some(invocation) = event.invocation(call, self.triggers, &mut self.run.left_out)? else { return Ok(None) };
        if let Some(answer) = self.replay.answers.get(self.run.used) {
            self.run.used += 1;
            return Ok(Some(answer.clone()));
        }
        self.run.pending = Some(invocation);
        // Never seen: the run is over, and another begins.
        Err(fault("a trigger was not called"))
    }

    /// Calls a trigger after the change is kept.
    pub(crate) fn ask_after(&mut self, call: &Call, event: Event) -> Answer<()> {
        self.run.after.extend(event.invocation(call, self.triggers, &mut self.run.left_out)?);
        Ok(())
    }

    /// Refuses when the pool declares a trigger that cannot be called at all, and was not left out.
    pub(crate) fn expect_none(&mut self, pool: (&str, &Pool), user: &str, source: &str) -> Answer<()> {
        self.triggers.expect_none(&mut self.run.left_out, pool, user, source)
    }

    /// Tells of a message when the change is kept.
    pub(crate) fn tell(&mut self, message: Message) {
        self.run.messages.push(message);
    }

    /// The id of a new user.
    pub(crate) fn sub(&mut self, call: &Call) -> String {
        self.replay.sub.get_or_insert_with(|| identifier::sub(call.region)).clone()
    }
}

impl Effects<'_> {
    /// Changes the store, with triggers and messages.
    pub(crate) fn transact<T>(&self, call: &Call, change: impl Fn(&mut Transaction) -> Answer<T>) -> Answer<T> {
        let mut replay = Replay::default();
        let (mut run, outcome) = loop {
            let (mut run, outcome) = self.run_once(&mut replay, &change);
            match run.pending.take() {
                Some(invocation) => replay.answers.push(invocation.run()?),
                None => break (run, outcome),
            }
        };
        self.outside.tell_left_out(call, &run.left_out);
        let after = std::mem::take(&mut run.after);
        let outcome = outcome.and_then(|value| {
            for invocation in after {
                invocation.run()?;
            }
            Ok(value)
        });
        self.outside.tell_messages(&run.messages);
        outcome
    }

    fn run_once<T>(&self, replay: &mut Replay, change: impl Fn(&mut Transaction) -> Answer<T>) -> (Run, Answer<T>) {
        let mut run = Run::default();
        let outcome = self.vault.write(|writer| {
            let triggers = self.outside.triggers;
            let outcome = change(&mut Transaction { writer, triggers, replay, run: &mut run });
            run.kept = outcome.is_ok() || writer.is_kept_when_refused();
            outcome
        });
        if !run.kept || outcome.as_ref().is_err_and(is_fault) {
            run.messages.clear();
        }
        (run, outcome)
    }
}
