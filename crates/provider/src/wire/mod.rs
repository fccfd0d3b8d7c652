//! What goes over the wire: the protocol's messages, and Terraform's values in msgpack.

pub mod messages;
mod msgpack;

pub use msgpack::{WireError, decode, encode};
