//! What the Cognito user pool API is: its operations, shapes and limits, requests and responses. Data, no transport.
//!
//! The tables are the service's own model (`cognito-idp`, 2016-04-18), read once per process.

mod cognito;
mod constraint;
mod pattern;
mod shape;

pub use cognito::{Cognito, Failure, Object, Refusal, Request, Response};
pub use constraint::{Constraint, Step, Violation, violations};
pub use shape::{Content, Operation, Shape, operation, operations, resolve, shape};

/// The prefix of the `X-Amz-Target` header: `PREFIX.Operation`.
pub const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService";

/// The service's name in a signature's scope and in host names.
pub const SERVICE: &str = "cognito-idp";
