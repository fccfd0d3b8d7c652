//! Domains of pools, as kept.
//!
//! A name is unique in the Region, so here in the store.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::kept::shelf::DOMAINS;
use crate::kept::store::{Reader, Writer};

/// A domain as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Domain {
    /// The members of DomainDescriptionType.
    pub(crate) answer: Object,
}

/// The part of the shelf that a name is in. A prefix is one of its region, which stands beside it in the name of the host
/// (`PREFIX.auth.REGION.amazoncognito.com`); a custom domain is a name of its own.
pub(crate) fn scope<'r>(name: &str, region: &'r str) -> &'r str {
    if name.contains('.') { "" } else { region }
}

/// The domain of a name, in a region.
pub(crate) fn find(reader: &dyn Reader, name: &str, region: &str) -> Answer<Option<Domain>> {
    match reader.get(DOMAINS, scope(name, region), name)? {
        Some(found) => Ok(Some(found)),
        None => without_region(reader, name, region),
    }
}

/// The same, as older stores have it: prefixes without their region.
fn without_region(reader: &dyn Reader, name: &str, region: &str) -> Answer<Option<Domain>> {
    let found: Option<Domain> = reader.get(DOMAINS, "", name)?;
    Ok(found.filter(|domain| domain.answer.text("UserPoolId").map(identifier::region_of) == Some(region)))
}

pub(crate) fn forget(writer: &mut Writer, name: &str, region: &str) -> Answer<()> {
    writer.remove(DOMAINS, scope(name, region), name)?;
    if without_region(writer.reader(), name, region)?.is_some() {
        writer.remove(DOMAINS, "", name)?;
    }
    Ok(())
}

/// A domain that a seed brings.
pub(crate) fn seeded(answer: Object) -> Domain {
    Domain { answer }
}

/// Whether a domain's name is a custom one.
pub(crate) fn is_custom(answer: &Object) -> bool {
    answer.text("Domain").is_some_and(|name| name.contains('.'))
        || answer
            .member("CustomDomainConfig")
            .is_some_and(|config: &Json| config.as_object().is_some_and(|members| !members.is_empty()))
}
