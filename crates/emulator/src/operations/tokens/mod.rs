//! Tokens: giving them, renewing them, revoking them.

pub(crate) mod issue;
pub(crate) mod refresh;

use crate::operations::run::Operation;
use crate::operations::run::Run::{Outside, Steps};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] =
    &[("GetTokensFromRefreshToken", Outside(refresh::get_tokens)), ("RevokeToken", Steps(refresh::revoke))];
