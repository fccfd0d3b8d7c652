//! Identity providers, as kept.

use poolform_model::Object;
use serde::{Deserialize, Serialize};

use crate::forms::refusal::Answer;
use crate::kept::shelf::IDENTITY_PROVIDERS;
use crate::kept::store::Reader;

/// A provider as it is kept.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Provider {
    /// The members of IdentityProviderType; ProviderDetails holds the client's secret.
    pub(crate) answer: Object,
}

/// Names that a client can support: those of the providers and the pool's own.
pub(crate) fn is_known(reader: &dyn Reader, pool: &str, name: &str) -> Answer<bool> {
    Ok(name == "COGNITO" || reader.bytes(IDENTITY_PROVIDERS, pool, name)?.is_some())
}
