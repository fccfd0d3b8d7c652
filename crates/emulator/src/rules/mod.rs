//! What is true of what is kept.

pub(crate) mod sign_in;
