//! What an operation may reach beyond what is kept: the pool's triggers, and whoever is told of messages and of calls that
//! were left out. An operation gets it as a value in its signature, and one that does not have it cannot reach anything.

use std::ops::Deref;

use serde_json::Value as Json;

use crate::forms::refusal::Answer;
use crate::kept::vault::Vault;
use crate::outside::message::{Message, Outbox};
use crate::outside::providers::Providers;
use crate::outside::trace::Trace;
use crate::outside::trigger::{Event, LeftOut, Triggers};
use crate::rules::call::Call;

/// Everything outside.
#[derive(Clone, Copy)]
pub(crate) struct Outside<'a> {
    pub(crate) triggers: &'a Triggers,
    pub(crate) outbox: &'a Outbox,
    /// Where identity providers are played.
    pub(crate) providers: &'a Providers,
    pub(crate) trace: &'a Trace,
}

impl Outside<'_> {
    /// Tells of calls of triggers that were not made.
    pub(crate) fn tell_left_out(&self, call: &Call, left_out: &[LeftOut]) {
        for one in left_out {
            self.triggers.tell_left_out(one);
            self.trace.note_left_out(call.now, one, call.client().map(str::to_owned));
        }
    }

    /// Tells of messages that were kept.
    pub(crate) fn tell_messages(&self, messages: &[Message]) {
        for message in messages {
            self.outbox.tell(message);
        }
    }
}

/// What is kept, and everything outside.
#[derive(Clone, Copy)]
pub(crate) struct Effects<'a> {
    pub(crate) vault: Vault<'a>,
    pub(crate) outside: Outside<'a>,
}

impl<'a> Deref for Effects<'a> {
    type Target = Vault<'a>;

    fn deref(&self) -> &Vault<'a> {
        &self.vault
    }
}

impl Effects<'_> {
    /// The answer of a trigger, outside of transactions; None where the pool declares none.
    pub(crate) fn ask(&self, call: &Call, event: Event) -> Answer<Option<Json>> {
        let mut left_out = Vec::new();
        let invocation = event.invocation(call, self.outside.triggers, &mut left_out);
        self.outside.tell_left_out(call, &left_out);
        invocation?.map(|invocation| invocation.run()).transpose()
    }
}
