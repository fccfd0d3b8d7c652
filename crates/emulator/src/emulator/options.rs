//! How an emulator behaves.

use std::sync::Arc;

use crate::forms::clock::{Clock, SystemClock};
use crate::kept::store::Durability;
use crate::outside::message::Outbox;
use crate::outside::providers::Providers;
use crate::outside::trigger::Triggers;
use crate::rules::omission::Omission;
use crate::rules::quota::Quotas;

/// How an emulator behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// `us-east-1`: part of every pool's id and ARN.
    pub region: String,
    /// `123456789012`: part of every ARN. Roles of other accounts are refused as the service refuses them.
    pub account: String,
    /// What an update does with members left out.
    pub omission: Omission,
    /// How many of everything there may be.
    pub quotas: Quotas,
    /// What an answered write survives.
    pub durability: Durability,
    /// The time of answers.
    pub clock: Arc<dyn Clock>,
    /// Who is told of messages to users.
    pub outbox: Outbox,
    /// Where triggers are.
    pub triggers: Triggers,
    /// Where identity providers are played.
    pub providers: Providers,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            omission: Omission::default(),
            quotas: Quotas::default(),
            durability: Durability::default(),
            clock: Arc::new(SystemClock),
            outbox: Outbox::default(),
            triggers: Triggers::default(),
            providers: Providers::default(),
        }
    }
}
