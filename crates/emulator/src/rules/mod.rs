//! What is true of what is kept: what a call may ask, and what is refused.

pub(crate) mod app_client;
pub(crate) mod attributes;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod domain_address;
pub(crate) mod lockout;
pub(crate) mod mfa;
pub(crate) mod omission;
pub(crate) mod password;
pub(crate) mod pool;
pub(crate) mod quota;
pub(crate) mod schema;
pub(crate) mod sign_in;
pub(crate) mod tier;
pub(crate) mod token;
pub(crate) mod token_changes;
pub(crate) mod user;
pub(crate) mod validation;
