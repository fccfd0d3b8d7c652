//! What surrounds a pool: triggers, messages to users, requests to elsewhere, and the transactions around them.

pub(crate) mod delivery;
pub(crate) mod effects;
pub(crate) mod message;
pub(crate) mod outbound;
pub(crate) mod providers;
pub(crate) mod sign_up_events;
pub(crate) mod trace;
pub(crate) mod transaction;
pub(crate) mod trigger;
