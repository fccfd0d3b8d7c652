//! What is kept, as an operation in several steps is given it: the records, and the keys of pools.

use std::sync::Arc;

use poolform_model::Refusal;

use crate::forms::refusal::Answer;
use crate::kept::keys::{KeyRing, Keys};
use crate::kept::store::{Reader, Store, Writer};

/// The records and the keys.
#[derive(Clone, Copy)]
pub(crate) struct Vault<'a> {
    pub(crate) store: &'a Store,
    pub(crate) key_ring: &'a KeyRing,
}

impl Vault<'_> {
    /// Reads, as of one moment.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&dyn Reader) -> Result<T, Refusal>) -> Answer<T> {
        self.store.read(read)
    }

    /// Reads and writes in one transaction, which is kept when `change` succeeds.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Writer) -> Result<T, Refusal>) -> Answer<T> {
        self.store.write(change)
    }

    /// The keys of a pool that is there; made if it has none yet.
    pub(crate) fn keys(&self, pool_id: &str) -> Answer<Arc<Keys>> {
        self.key_ring.of_pool(self.store, pool_id)
    }
}
