//! The local Cognito: a strict emulation of the Amazon Cognito user pool API, a function from Request to Response over
//! its own store.
//!
//! Rules, words and defaults are those of the real service as far as they have been recorded; each table names its
//! evidence in the form of the recordings: `[DescribeUserPool.2025-05.essentials.console]` is a recorded answer, `P1`
//! and the like are rows of the recorded refusals, `C1` and the like the collected rules of the service.

mod app;
mod call;
mod client;
mod client_rules;
mod client_secret;
mod device;
mod dispatch;
mod domain;
mod effects;
#[cfg(test)]
mod faults;
mod filter;
mod forms;
mod group;
mod identity_provider;
mod inspector;
mod kept;
mod membership;
mod message;
mod mfa;
mod oauth;
mod omission;
mod outbound;
mod page;
mod password;
mod pool_rules;
mod quota;
mod resource_server;
mod rules;
mod schema;
mod seed;
pub mod server;
mod sign_in;
mod tags;
mod tier;
#[allow(clippy::disallowed_methods, reason = "a certificate is kept in files")]
mod tls;
mod token;
mod token_changes;
mod trace;
mod transaction;
mod trigger;
mod user;
mod user_pool;
mod validation;
mod well_known;
mod wire;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use poolform_model::{Cognito, Request, Response};
use serde_json::Value as Json;

pub use crate::dispatch::{Reach, implemented};
pub use crate::forms::clock::{Clock, ManualClock, MovableClock, SystemClock};
pub use crate::forms::refusal;
use crate::kept::keys::KeyRing;
use crate::kept::store::Store;
pub use crate::kept::store::{Durability, Holder, OpenError};
pub use crate::message::{Message, Outbox};
pub use crate::oauth::{Providers, pages_at};
pub use crate::omission::Omission;
pub use crate::quota::Quotas;
pub use crate::seed::SeedError;
pub use crate::tls::Tls;
use crate::trace::Trace;
pub use crate::trigger::{LeftOut, Triggers};
pub use crate::wire::{Head, Reply, answer};
#[doc(hidden)] // for the fuzz target, which reads requests as the server does
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

/// The local Cognito. One of them serves any number of threads; share it in an [`Arc`].
pub struct Emulator {
    store: Arc<Store>,
    options: Options,
    keys: Arc<KeyRing>,
    /// Where a server offers it.
    address: Arc<RwLock<Option<String>>>,
    /// The last requests.
    trace: Arc<Trace>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Nothing of what is kept: it holds secrets.
        f.debug_struct("Emulator").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Emulator {
    /// Opens the store at `path`, or makes one there.
    ///
    /// # Errors
    /// When another process holds it, when it is of a newer format, and when it cannot be used.
    pub fn open(path: &Path, options: Options) -> Result<Emulator, OpenError> {
        Ok(Emulator::on(Store::open(path, options.durability)?, options))
    }

    /// An emulator whose pools go with the process.
    pub fn in_memory(options: Options) -> Emulator {
        let store = Store::in_memory().expect("a store in memory needs nothing but memory");
        Emulator::on(store, options)
    }

    fn on(store: Store, options: Options) -> Emulator {
        let (keys, address, trace) = (Arc::default(), Arc::default(), Arc::default());
        Emulator { store: Arc::new(store), options, keys, address, trace }
    }

    /// Loads pools with given ids: a list of `{"pool", "mfa", "clients", "domain", "resource_servers", "groups",
    /// "identity_providers", "users"}`, each in the shape in which the API answers it. A pool that is there already is
    /// left as it is. How many were loaded.
    ///
    /// # Errors
    /// When something in it does not fit the API model; nothing is loaded then.
    pub fn seed(&self, json: &Json) -> Result<usize, SeedError> {
        seed::load(&self.store, &self.options, json)
    }

    /// The same store, for pools of another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Emulator {
        let options = Options { region: region.to_owned(), ..self.options.clone() };
        let (store, keys, address) = (Arc::clone(&self.store), Arc::clone(&self.keys), Arc::clone(&self.address));
        Emulator { store, options, keys, address, trace: Arc::clone(&self.trace) }
    }

    /// How it behaves.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Tells other processes that find the store in use where this one serves it, see [`OpenError::Held`].
    pub fn announce(&self, address: &str) {
        self.store.announce(Some(address));
        *self.address.write().unwrap_or_else(PoisonError::into_inner) = Some(address.to_owned());
    }

    /// Where tokens come from, without the pool's id: where a server offers it, or else what the service says.
    pub(crate) fn issuer(&self) -> String {
        let address = self.address.read().unwrap_or_else(PoisonError::into_inner);
        address.clone().unwrap_or_else(|| format!("https://cognito-idp.{}.amazonaws.com", self.options.region))
    }

    /// Carries out a request whose id is known: tokens carry it.
    pub(crate) fn call_with_id(&self, request: &Request, id: &str) -> Response {
        dispatch::call(self, request, id).map_err(Into::into)
    }

    /// What is answered under a pool's `.well-known`; None for a path that is nothing, and for a pool that is not there.
    pub(crate) fn well_known(&self, path: &str) -> refusal::Answer<Option<Json>> {
        well_known::answer(&self.store, &self.keys, &self.issuer(), path)
    }

    /// Messages that were sent to users, newest first, as `/_poolform/messages` shows them: of one pool or of all, to one
    /// address or user or to all.
    ///
    /// # Errors
    /// When the store fails.
    pub fn messages(&self, pool: Option<&str>, to: Option<&str>) -> Response {
        let listed = self.store.read(|reader| match pool {
            Some(pool) => message::list(reader, pool, to),
            None => message::list_all(reader, to),
        });
        listed.map_err(Into::into)
    }
}

impl Cognito for Emulator {
    fn call(&self, request: &Request) -> Response {
        self.call_with_id(request, &forms::identifier::uuid())
    }
}
