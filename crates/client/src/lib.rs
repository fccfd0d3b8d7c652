//! Cognito on AWS, or behind any endpoint that speaks its protocol: AWS JSON 1.1, signed by Signature Version 4.
//!
//! Credentials and region come from `aws-config`: environment, profiles, SSO, processes, roles, containers, instances.
//! Bodies are raw JSON both ways, so that members that this program does not know survive a full echo.

#![allow(clippy::disallowed_methods, reason = "this crate is at the edge: it waits, reads or writes")]

mod bucket;
mod caller;
mod connect;
mod exchange;

pub use bucket::{Bucket, BucketSettings, Condition, PutError};
pub use caller::CallerIdentity;
pub use connect::{AssumeRole, ConnectError, Settings, configured_endpoint, connect};
pub use exchange::Aws;
