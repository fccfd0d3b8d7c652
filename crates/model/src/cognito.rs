//! Requests, responses, and whoever answers them.

use std::fmt;

/// A JSON object, members in the order in which they came.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// An operation and its body.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// `CreateUserPool`; one of [`crate::operations`].
    pub operation: String,
    /// The members of its input shape.
    pub body: Object,
    /// The address that it is about, empty where there is none. Never sent: it tells which of several connections takes
    /// it.
    pub address: String,
}

impl Request {
    /// A request.
    pub fn new(operation: &str, body: Object) -> Self {
        Request { operation: operation.to_owned(), body, address: String::new() }
    }

    /// This request about an address.
    #[must_use]
    pub fn about(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    /// Whether it changes nothing.
    pub fn is_read(&self) -> bool {
        ["Describe", "Get", "List", "AdminGet", "AdminList"].iter().any(|verb| self.operation.starts_with(verb))
    }
}

/// What comes back: the members of the output shape, or why there are none.
pub type Response = Result<Object, Failure>;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The service answered that it will not.
    Refused(Refusal),
    /// No answer came: no route, a time-out, a broken connection, something that is not Cognito. Whether the request
    /// was carried out is unknown.
    Unreachable(String),
}

/// The service's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// `InvalidParameterException`
    pub code: String,
    /// The service's own words.
    pub message: String,
    /// The HTTP status: 400 for all but faults of the service.
    pub status: u16,
}

impl Refusal {
    /// A refusal with status 400, as the service sends nearly all of them.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Refusal { code: code.to_owned(), message: message.into(), status: 400 }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::Refused(refusal)
    }
}

impl Failure {
    /// The exception's name, when the service refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Failure::Refused(refusal) => Some(&refusal.code),
            Failure::Unreachable(_) => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => write!(f, "{}: {}", refusal.code, refusal.message),
            Failure::Unreachable(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Failure {}

/// A Cognito: on AWS, behind an endpoint, or embedded.
pub trait Cognito: Send + Sync {
    /// Carries out one request. Blocks until there is an answer.
    fn call(&self, request: &Request) -> Response;
}

impl<C: Cognito + ?Sized> Cognito for std::sync::Arc<C> {
    fn call(&self, request: &Request) -> Response {
        (**self).call(request)
    }
}
