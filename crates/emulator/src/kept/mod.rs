//! What is kept: the store, the records in it, and the keys of pools.

pub(crate) mod attempts;
pub(crate) mod client;
pub(crate) mod code;
pub(crate) mod device;
pub(crate) mod domain;
pub(crate) mod entry;
pub(crate) mod factor;
pub(crate) mod group;
pub(crate) mod identity_provider;
pub(crate) mod keys;
pub(crate) mod one_time;
pub(crate) mod paging;
pub(crate) mod password;
pub(crate) mod pool;
pub(crate) mod resource_server;
pub(crate) mod session;
pub(crate) mod shelf;
#[allow(clippy::disallowed_methods, reason = "the store is a file, with a note of its holder beside it")]
pub(crate) mod store;
pub(crate) mod user;
pub(crate) mod vault;
