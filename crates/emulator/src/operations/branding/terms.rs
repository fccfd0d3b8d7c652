//! Documents that managed login links to: CreateTerms, DescribeTerms, UpdateTerms, DeleteTerms, ListTerms.
//!
//! A client has one of each name at most. An update keeps what it leaves out: not measured, and nothing is lost by it.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, NO_TERMS, TERMS_DEFAULT, TERMS_EXIST};
use crate::kept::entry::Entry;
use crate::kept::paging;
use crate::kept::shelf;
use crate::kept::store::{Reader, Writer};
use crate::rules::call::Call;

/// The names that there are (API model: TermsNameType).
pub(crate) const NAMES: &[&str] = &["terms-of-use", "privacy-policy"];

const SHAPE: &str = "TermsType";
const ID: &str = "TermsId";
/// Members that can change.
const MEMBERS: &[&str] = &["TermsName", "TermsSource", "Enforcement", "Links"];

/// The name of a record.
pub(crate) fn key(client: &str, name: &str) -> String {
    format!("{client}\n{name}")
}

/// CreateTerms
pub(crate) fn create(call: &Call, writer: &mut Writer) -> Answer {
    call.named_client(writer.reader())?;
    let mut entry = Entry::default();
    for (name, value) in [
        (ID, json!(identifier::uuid())),
        ("UserPoolId", json!(call.pool_id())),
        ("ClientId", json!(call.text("ClientId"))),
        ("CreationDate", call.stamp()),
    ] {
        entry.answer.insert(name.to_owned(), value);
    }
    keep(call, writer, entry, None)
}

/// DescribeTerms
pub(crate) fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    Ok(only("Terms", by_id(call, reader)?.shown(SHAPE)))
}

/// UpdateTerms
pub(crate) fn update(call: &Call, writer: &mut Writer) -> Answer {
    let entry = by_id(call, writer.reader())?;
    let before = own_key(&entry);
    keep(call, writer, entry, Some(&before))
}

/// DeleteTerms
pub(crate) fn delete(call: &Call, writer: &mut Writer) -> Answer {
    let entry = by_id(call, writer.reader())?;
    writer.remove(shelf::TERMS, call.pool_id(), &own_key(&entry))?;
    Ok(Object::new())
}

/// ListTerms
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let (limit, token) = (call.limit("MaxResults", 60), call.body.text("NextToken"));
    let (all, token) = paging::page::<Entry>(reader, shelf::TERMS, call.pool_id(), limit, token)?;
    let shown = all.into_iter().map(|entry| entry.shown("TermsDescriptionType"));
    let mut answer = only("Terms", shown.collect::<Vec<Json>>());
    answer.extend(token.map(|token| ("NextToken".to_owned(), json!(token))));
    Ok(answer)
}

fn own_key(entry: &Entry) -> String {
    let text = |name: &str| entry.answer.text(name).unwrap_or_default();
    key(text("ClientId"), text("TermsName"))
}

fn by_id(call: &Call, reader: &dyn Reader) -> Answer<Entry> {
    call.expect_pool(reader)?;
    let found = Entry::by_id(reader, shelf::TERMS, call.pool_id(), (ID, call.text(ID)))?;
    found.map_or_else(|| NO_TERMS.refuse(), Ok)
}

/// What the request says replaces what the record says, which stood under the name `before`.
fn keep(call: &Call, writer: &mut Writer, mut entry: Entry, before: Option<&str>) -> Answer {
    for name in MEMBERS {
        if let Some(value) = call.body.member(name) {
            entry.answer.insert((*name).to_owned(), value.clone());
        }
    }
    if entry.answer.object("Links").is_some_and(|links| !links.contains_key("cognito:default")) {
        return TERMS_DEFAULT.refuse();
    }
    let key = own_key(&entry);
    if before != Some(key.as_str()) {
        if writer.reader().bytes(shelf::TERMS, call.pool_id(), &key)?.is_some() {
            return TERMS_EXIST.refuse();
        }
        if let Some(before) = before {
            writer.remove(shelf::TERMS, call.pool_id(), before)?;
        }
    }
    entry.answer.insert("LastModifiedDate".to_owned(), call.stamp());
    writer.put(shelf::TERMS, call.pool_id(), &key, &entry)?;
    Ok(only("Terms", entry.shown(SHAPE)))
}
