//! An emulator: what is kept, how it behaves, and the way of a request to its operation.

pub(crate) mod dispatch;
mod options;
pub(crate) mod seed;

pub use crate::emulator::options::Options;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use poolform_model::Response;
use serde_json::Value as Json;

use crate::emulator::seed::SeedError;
use crate::kept::keys::KeyRing;
use crate::kept::store::{OpenError, Store};
use crate::outside::message;
use crate::outside::trace::Trace;

/// The local Cognito. One of them serves any number of threads; share it in an [`Arc`].
pub struct Emulator {
    pub(crate) store: Arc<Store>,
    options: Options,
    pub(crate) keys: Arc<KeyRing>,
    /// Where a server offers it.
    address: Arc<RwLock<Option<String>>>,
    /// The last requests.
    pub(crate) trace: Arc<Trace>,
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
