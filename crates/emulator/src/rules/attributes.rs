//! Attributes of users: what fits the pool's schema, and who may change what.

use serde_json::{Value as Json, json};

use crate::forms::contact::{self, is_email, is_phone};
use crate::forms::members::Members;
use crate::forms::refusal::{ATTRIBUTES, Answer, EMAIL_FORM, IMMUTABLE, NULL_VALUE, PHONE_FORM, PREFERRED_EARLY};
use crate::kept::pool::Pool;
use crate::kept::user::User;

/// What is complained of an attribute that the pool does not have.
const UNKNOWN: &str = "Attribute does not exist in the schema.";

pub(crate) fn schema<'a>(pool: &'a Pool, name: &str) -> Option<&'a Json> {
    pool.answer.list("SchemaAttributes").iter().find(|attribute| attribute.text("Name") == Some(name))
}

/// Names and values that fit the pool's attributes.
pub(crate) fn check(pool: &Pool, given: &[Json]) -> Answer<Vec<(String, String)>> {
    let mut complaints = String::new();
    let mut attributes = Vec::new();
    for entry in given {
        let name = entry.text("Name").unwrap_or_default();
        let Some(value) = entry.text("Value") else { return Err(NULL_VALUE.with(&[name])) };
        let complaint = match schema(pool, name) {
            None => Some(UNKNOWN.to_owned()),
            Some(_) if matches!(name, "sub" | "identities") => Some("Attribute cannot be updated.".to_owned()),
            // An empty value takes the attribute away (API reference).
            Some(_) if value.is_empty() => None,
            Some(attribute) => complaint(attribute, value),
        };
        match complaint {
            Some(complaint) => complaints.push_str(&format!("{name}: {complaint}\n")),
            None => attributes.push((name.to_owned(), kept(pool, name, value).to_owned())),
        }
    }
    if !complaints.is_empty() {
        return Err(ATTRIBUTES.with(&[&complaints]));
    }
    for (name, value) in &attributes {
        match name.as_str() {
            "email" if !value.is_empty() && !is_email(value) => return EMAIL_FORM.refuse(),
            "phone_number" if !value.is_empty() && !is_phone(value) => return PHONE_FORM.refuse(),
            _ => {}
        }
    }
    Ok(attributes)
}

/// Names of attributes that exist.
pub(crate) fn check_names(pool: &Pool, names: &[&str]) -> Answer<()> {
    let unknown: String =
        names.iter().filter(|name| schema(pool, name).is_none()).map(|name| format!("{name}: {UNKNOWN}\n")).collect();
    if unknown.is_empty() { Ok(()) } else { Err(ATTRIBUTES.with(&[&unknown])) }
}

/// A truth value, in any letter case: a test of moto that was verified on the service sends `True` (5.2.5,
/// test_forgot_password_with_email_delivery_details). What the service keeps then is not recorded.
fn boolean(value: &str) -> Option<&'static str> {
    ["true", "false"].into_iter().find(|one| value.eq_ignore_ascii_case(one))
}

/// A value as it is kept: truth values in lower case.
pub(crate) fn kept<'a>(pool: &Pool, name: &str, value: &'a str) -> &'a str {
    let of = schema(pool, name).and_then(|attribute| attribute.text("AttributeDataType"));
    if of == Some("Boolean") { boolean(value).unwrap_or(value) } else { value }
}

/// What is wrong with a value, in our own words.
fn complaint(attribute: &Json, value: &str) -> Option<String> {
    let limit = |group: &str, name: &str| {
        attribute.member(group).and_then(|limits| limits.text(name)).and_then(|limit| limit.parse::<i64>().ok())
    };
    match attribute.text("AttributeDataType") {
        Some("Boolean") => boolean(value).is_none().then(|| "The value must be true or false.".to_owned()),
        Some("Number") => {
            let Ok(number) = value.parse::<i64>() else { return Some("The value must be a whole number.".to_owned()) };
            let least = limit("NumberAttributeConstraints", "MinValue");
            let most = limit("NumberAttributeConstraints", "MaxValue");
            (least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most))
                .then(|| "The value is out of range.".to_owned())
        }
        Some("String") => {
            let length = i64::try_from(value.encode_utf16().count()).unwrap_or(i64::MAX);
            let least = limit("StringAttributeConstraints", "MinLength");
            let most = limit("StringAttributeConstraints", "MaxLength");
            (least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most))
                .then(|| "The length of the value is out of range.".to_owned())
        }
        _ => None,
    }
}

/// The pool's required attributes, but for `sub`.
pub(crate) fn required(pool: &Pool) -> impl Iterator<Item = &str> {
    pool.answer
        .list("SchemaAttributes")
        .iter()
        .filter(|attribute| attribute.flag("Required") == Some(true))
        .filter_map(|attribute| attribute.text("Name"))
        .filter(|name| *name != "sub")
}

/// Refuses when a required attribute is not among these (S2; the structured names of `name` and `address` as there).
pub(crate) fn check_required(pool: &Pool, has: impl Fn(&str) -> bool) -> Answer<()> {
    let missing: String = required(pool)
        .filter(|name| !has(name))
        .map(|name| match name {
            "name" => "name.formatted: The attribute name.formatted is required\n".to_owned(),
            _ => format!("{name}: The attribute is required\n"),
        })
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(ATTRIBUTES.with(&[&missing])) }
}

/// Refuses a change of an attribute that cannot change. The first value of an attribute that the user does not have is
/// one too (developer guide: immutable attributes are written at sign-up only).
pub(crate) fn check_mutable(pool: &Pool, names: impl IntoIterator<Item = impl AsRef<str>>) -> Answer<()> {
    let fixed: String = names
        .into_iter()
        .filter(|name| schema(pool, name.as_ref()).is_some_and(|attribute| attribute.flag("Mutable") == Some(false)))
        .map(|name| format!("user.{}: Attribute cannot be updated.\n", name.as_ref()))
        .collect();
    if fixed.is_empty() { Ok(()) } else { Err(IMMUTABLE.with(&[&fixed])) }
}

/// Refuses a preferred user name that would be an alias of an account that is not confirmed yet (developer guide, aliases:
/// "The value cannot be provided during registration").
pub(crate) fn expect_no_early_alias(pool: &Pool, status: &str, given: &[(String, String)]) -> Answer<()> {
    let is_alias = pool.answer.texts("AliasAttributes").contains(&"preferred_username");
    if status == "UNCONFIRMED"
        && is_alias
        && given.iter().any(|(name, value)| name == "preferred_username" && !value.is_empty())
    {
        return PREFERRED_EARLY.refuse();
    }
    Ok(())
}

/// The user's attributes as a list, of which `keep` picks.
pub(crate) fn shown(user: &User, keep: impl Fn(&str) -> bool) -> Json {
    user.attributes()
        .filter(|(name, _)| keep(name))
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect()
}

/// For SignUp: refuses a sign-up that lacks what the pool requires.
pub(crate) fn expect_required(pool: &Pool, attributes: &[(String, String)], given: &str) -> Answer<()> {
    let by_name = pool.answer.texts("UsernameAttributes");
    let name_is = if contact::is_email(given) { "email" } else { "phone_number" };
    check_required(pool, |required| {
        attributes.iter().any(|(name, value)| name == required && !value.is_empty())
            || (by_name.contains(&required) && required == name_is)
    })
}
