//! What is kept: the store, the records in it, and the keys of pools.

pub(crate) mod session;
