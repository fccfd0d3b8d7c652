//! Errors of OAuth 2, by their names (RFC 6749, 4.1.2.1 and 5.2).

use serde_json::json;

use crate::oauth::request::Reply;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OauthError {
    InvalidRequest,
    InvalidGrant,
    InvalidScope,
    UnauthorizedClient,
    UnsupportedGrantType,
    /// RFC 7009, 2.2.1
    UnsupportedTokenType,
    ServerError,
    /// What is not built here, in words.
    NotBuilt(&'static str),
}

impl OauthError {
    /// In answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            OauthError::InvalidRequest => "invalid_request",
            OauthError::InvalidGrant => "invalid_grant",
            OauthError::InvalidScope => "invalid_scope",
            OauthError::UnauthorizedClient => "unauthorized_client",
            OauthError::UnsupportedGrantType => "unsupported_grant_type",
            OauthError::UnsupportedTokenType => "unsupported_token_type",
            OauthError::ServerError | OauthError::NotBuilt(_) => "server_error",
        }
    }

    /// The answer of an endpoint.
    pub(super) fn reply(self) -> Reply {
        match self {
            OauthError::NotBuilt(words) => Reply::json(501, &json!({"error": self.name(), "error_description": words})),
            OauthError::ServerError => Reply::json(500, &json!({"error": self.name()})),
            _ => Reply::json(400, &json!({"error": self.name()})),
        }
    }
}
