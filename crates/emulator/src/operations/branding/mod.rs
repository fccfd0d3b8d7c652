//! How sign-in pages look, and the documents that they link to.

pub(crate) mod classic;
pub(crate) mod managed_login;
pub(crate) mod terms;

use crate::forms::refusal::Answer;
use crate::kept::shelf::{MANAGED_LOGIN_BRANDINGS, TERMS, UI_CUSTOMIZATIONS};
use crate::kept::store::Writer;
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("SetUICustomization", Write(classic::set)),
    ("GetUICustomization", Read(classic::get)),
    ("CreateManagedLoginBranding", Write(managed_login::create)),
    ("DescribeManagedLoginBranding", Read(managed_login::describe)),
    ("DescribeManagedLoginBrandingByClient", Read(managed_login::describe_by_client)),
    ("UpdateManagedLoginBranding", Write(managed_login::update)),
    ("DeleteManagedLoginBranding", Write(managed_login::delete)),
    ("CreateTerms", Write(terms::create)),
    ("DescribeTerms", Read(terms::describe)),
    ("UpdateTerms", Write(terms::update)),
    ("DeleteTerms", Write(terms::delete)),
    ("ListTerms", Read(terms::list)),
];

/// Removes what belongs to a client.
pub(crate) fn forget_client(writer: &mut Writer, pool: &str, client: &str) -> Answer<()> {
    writer.remove(UI_CUSTOMIZATIONS, pool, client)?;
    writer.remove(MANAGED_LOGIN_BRANDINGS, pool, client)?;
    for name in terms::NAMES {
        writer.remove(TERMS, pool, &terms::key(client, name))?;
    }
    Ok(())
}
