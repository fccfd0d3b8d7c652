//! Managed login: CreateManagedLoginBranding, DescribeManagedLoginBranding, DescribeManagedLoginBrandingByClient,
//! UpdateManagedLoginBranding, DeleteManagedLoginBranding.
//!
//! A client has one at most. An update keeps the assets and the settings that it leaves out (API page).

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{ASSETS, Answer, BRANDING_EXISTS, BRANDING_SOURCE, NO_BRANDING, NO_BRANDING_OF_CLIENT};
use crate::kept::entry::Entry;
use crate::kept::shelf::MANAGED_LOGIN_BRANDINGS;
use crate::kept::store::{Reader, Writer};
use crate::rules::call::Call;

const SHAPE: &str = "ManagedLoginBrandingType";
const ID: &str = "ManagedLoginBrandingId";
const PROVIDED: &str = "UseCognitoProvidedValues";

/// Categories that an extension is kept to (API page of AssetType).
const KEPT_TO: &[(&str, &str)] = &[("ICO", "FAVICON_ICO"), ("SVG", "FAVICON_SVG")];

/// CreateManagedLoginBranding
pub(crate) fn create(call: &Call, writer: &mut Writer) -> Answer {
    call.named_client(writer.reader())?;
    let client = call.text("ClientId");
    check(call)?;
    if writer.reader().bytes(MANAGED_LOGIN_BRANDINGS, call.pool_id(), client)?.is_some() {
        return Err(BRANDING_EXISTS.with(&[client]));
    }
    let mut entry = Entry::default();
    for (name, value) in [
        (ID, json!(identifier::uuid())),
        ("UserPoolId", json!(call.pool_id())),
        // No answer shows it; the record is found by it.
        ("ClientId", json!(client)),
        ("Assets", json!([])),
        ("CreationDate", call.stamp()),
    ] {
        entry.answer.insert(name.to_owned(), value);
    }
    keep(call, writer, entry)
}

/// DescribeManagedLoginBranding. Merged resources are shown without Cognito's own defaults, which are not recorded.
pub(crate) fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    Ok(shown(by_id(call, reader)?))
}

/// DescribeManagedLoginBrandingByClient
pub(crate) fn describe_by_client(call: &Call, reader: &dyn Reader) -> Answer {
    call.named_client(reader)?;
    let client = call.text("ClientId");
    match reader.get(MANAGED_LOGIN_BRANDINGS, call.pool_id(), client)? {
        Some(entry) => Ok(shown(entry)),
        None => Err(NO_BRANDING_OF_CLIENT.with(&[client])),
    }
}

/// UpdateManagedLoginBranding
pub(crate) fn update(call: &Call, writer: &mut Writer) -> Answer {
    let entry = by_id(call, writer.reader())?;
    check(call)?;
    keep(call, writer, entry)
}

/// DeleteManagedLoginBranding
pub(crate) fn delete(call: &Call, writer: &mut Writer) -> Answer {
    let entry = by_id(call, writer.reader())?;
    writer.remove(MANAGED_LOGIN_BRANDINGS, call.pool_id(), entry.answer.text("ClientId").unwrap_or_default())?;
    Ok(Object::new())
}

fn shown(entry: Entry) -> Object {
    only("ManagedLoginBranding", entry.shown(SHAPE))
}

fn by_id(call: &Call, reader: &dyn Reader) -> Answer<Entry> {
    call.expect_pool(reader)?;
    let id = (ID, call.text(ID));
    let found = Entry::by_id(reader, MANAGED_LOGIN_BRANDINGS, call.pool_id(), id)?;
    found.map_or_else(|| NO_BRANDING.refuse(), Ok)
}

/// What the request says replaces what the record says.
fn keep(call: &Call, writer: &mut Writer, mut entry: Entry) -> Answer {
    let provided = call.body.flag(PROVIDED) == Some(true);
    entry.answer.insert(PROVIDED.to_owned(), json!(provided));
    if provided {
        entry.answer.shift_remove("Settings");
    }
    for name in ["Settings", "Assets"] {
        if let Some(value) = call.body.member(name) {
            entry.answer.insert(name.to_owned(), value.clone());
        }
    }
    entry.answer.insert("LastModifiedDate".to_owned(), call.stamp());
    let client = entry.answer.text("ClientId").unwrap_or_default().to_owned();
    writer.put(MANAGED_LOGIN_BRANDINGS, call.pool_id(), &client, &entry)?;
    Ok(shown(entry))
}

fn check(call: &Call) -> Answer<()> {
    let provided = call.body.flag(PROVIDED) == Some(true);
    if provided == call.body.member("Settings").is_some() {
        return BRANDING_SOURCE.refuse();
    }
    let wrong: Vec<String> = call.body.list("Assets").iter().filter_map(wrong_kind).collect();
    if wrong.is_empty() { Ok(()) } else { Err(ASSETS.with(&[&wrong.join(", ")])) }
}

/// What is wrong with the kind of an asset.
fn wrong_kind(asset: &Json) -> Option<String> {
    let text = |name: &str| asset.text(name).unwrap_or_default();
    let (_, only) = KEPT_TO.iter().find(|(extension, _)| *extension == text("Extension"))?;
    let is_icon = text("Category").starts_with("FAVICON");
    // Other pictures may be SVG; ICO is for the icon alone (pf:managed-login-branding-asset-extension).
    let wrong = if *only == "FAVICON_ICO" { text("Category") != *only } else { is_icon && text("Category") != *only };
    wrong.then(|| {
        format!(
            "{{category: {}, extension: {}, colorMode: {}, errorMessage: the extension is not one of the category}}",
            text("Category"),
            text("Extension"),
            text("ColorMode")
        )
    })
}
