//! The forms of the service, whatever is kept: ids, dates, refusals, the order of members, certificates, the arithmetic of SRP
//! and of authenticator apps.

pub(crate) mod arn;
pub(crate) mod certificate;
#[allow(clippy::disallowed_methods, reason = "the machine's clock is one of the clocks")]
pub(crate) mod clock;
pub(crate) mod contact;
pub(crate) mod encryption;
pub(crate) mod hash_order;
pub(crate) mod identifier;
pub(crate) mod members;
pub mod refusal;
pub(crate) mod srp;
pub(crate) mod totp;
