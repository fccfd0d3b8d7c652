//! The provider for Terraform and OpenTofu: plugin protocol 6 in front of the core. A resource per kind; its schema follows
//! from the kind's rows, its plan from the core's comparison, its apply from the core's plan and `poolform_apply`. Which
//! Cognito it talks to, whoever starts it hands over.

#![allow(clippy::disallowed_methods, reason = "this crate is at the edge: it listens, and keeps a journal")]

mod configuration;
mod data_source;
mod handshake;
mod journal;
pub mod module;
pub mod pages;
mod provider;
mod resource;
mod schema;
mod server;
pub mod wire;

pub use configuration::{Connect, Connection};
pub use handshake::{CLIENT_CERTIFICATE, COOKIE, Handshake, HandshakeError, PROTOCOL, VERSIONS};
pub use provider::Provider;
pub use resource::import_id;
pub use schema::type_name;
pub use server::serve;
