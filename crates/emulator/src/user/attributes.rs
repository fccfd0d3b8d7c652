//! Attributes of users: what fits the pool's schema, who may change what, what a change does to verification.

use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::forms::contact::{is_email, is_phone};
use crate::forms::members::Members;
use crate::forms::refusal::{
    ALIAS_TAKEN, ATTRIBUTES, Answer, EMAIL_FORM, IMMUTABLE, NULL_VALUE, PHONE_FORM, PREFERRED_EARLY, VERIFIED_ALONE,
};
use crate::kept::code::Code;
use crate::kept::pool::Pool;
use crate::kept::store::Writer;
use crate::kept::user::{Takes, User, claim_aliases, keep, verified_flag};
use crate::message;
use crate::message::Reason;
use crate::transaction::Transaction;

/// What is complained of an attribute that the pool does not have.
const UNKNOWN: &str = "Attribute does not exist in the schema.";

fn schema<'a>(pool: &'a Pool, name: &str) -> Option<&'a Json> {
    pool.answer.list("SchemaAttributes").iter().find(|attribute| attribute.text("Name") == Some(name))
}

/// Names and values that fit the pool's attributes.
pub(super) fn check(pool: &Pool, given: &[Json]) -> Answer<Vec<(String, String)>> {
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
pub(super) fn check_names(pool: &Pool, names: &[&str]) -> Answer<()> {
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
fn kept<'a>(pool: &Pool, name: &str, value: &'a str) -> &'a str {
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
pub(super) fn check_required(pool: &Pool, has: impl Fn(&str) -> bool) -> Answer<()> {
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
pub(super) fn check_mutable(pool: &Pool, names: impl IntoIterator<Item = impl AsRef<str>>) -> Answer<()> {
    let fixed: String = names
        .into_iter()
        .filter(|name| schema(pool, name.as_ref()).is_some_and(|attribute| attribute.flag("Mutable") == Some(false)))
        .map(|name| format!("user.{}: Attribute cannot be updated.\n", name.as_ref()))
        .collect();
    if fixed.is_empty() { Ok(()) } else { Err(IMMUTABLE.with(&[&fixed])) }
}

/// Refuses a preferred user name that would be an alias of an account that is not confirmed yet (developer guide, aliases:
/// "The value cannot be provided during registration").
pub(super) fn expect_no_early_alias(pool: &Pool, status: &str, given: &[(String, String)]) -> Answer<()> {
    let is_alias = pool.answer.texts("AliasAttributes").contains(&"preferred_username");
    if status == "UNCONFIRMED"
        && is_alias
        && given.iter().any(|(name, value)| name == "preferred_username" && !value.is_empty())
    {
        return PREFERRED_EARLY.refuse();
    }
    Ok(())
}

/// Changes attributes of a user and writes it. An address that changes is no longer verified, unless the request says
/// that it is; where the pool verifies it by itself, a code goes to it. Where the pool keeps the old value until the new
/// one is verified (UserAttributeUpdateSettings), the new one waits. Answers CodeDeliveryDetailsList.
pub(crate) fn set_attributes(
    call: &Call,
    transaction: &mut Transaction,
    pool: (&str, &Pool),
    before: &User,
    given: &[Json],
) -> Answer<Vec<Json>> {
    let attributes = check(pool.1, given)?;
    check_mutable(pool.1, attributes.iter().map(|(name, _)| name))?;
    expect_no_early_alias(pool.1, before.status(), &attributes)?;
    let says = |flag: &str| attributes.iter().find(|(name, _)| name == flag).map(|(_, value)| value.as_str());
    for attribute in ["email", "phone_number"] {
        if says(&verified_flag(attribute)) == Some("true")
            && says(attribute).or(before.attribute(attribute)).is_none_or(str::is_empty)
        {
            return Err(VERIFIED_ALONE.with(&[attribute, attribute]));
        }
    }
    let verified = pool.1.answer.texts("AutoVerifiedAttributes");
    let settings = pool.1.answer.object("UserAttributeUpdateSettings");
    let waits = settings.map(|one| one.texts("AttributesRequireVerificationBeforeUpdate")).unwrap_or_default();
    let mut user = before.clone();
    let mut to_send = Vec::new();
    for (name, value) in &attributes {
        let changed = user.attribute(name) != Some(value.as_str());
        let is_address = matches!(name.as_str(), "email" | "phone_number");
        let vouched = says(&verified_flag(name)) == Some("true");
        if value.is_empty() {
            check_required(pool.1, |required| required != name)?;
            user.remove_attribute(name);
            user.remove_attribute(&verified_flag(name));
        } else if is_address && changed && !vouched {
            let sends = verified.contains(&name.as_str());
            if sends && waits.contains(&name.as_str()) && user.attribute(name).is_some() {
                user.pending.insert(name.clone(), value.clone());
            } else {
                user.set_attribute(name, value);
                if user.attribute(&verified_flag(name)).is_some() || sends {
                    user.set_attribute(&verified_flag(name), "false");
                }
            }
            if sends {
                to_send.push((name.as_str(), value.as_str()));
            }
        } else {
            user.set_attribute(name, value);
        }
    }
    user.touch(call.now);
    // An address that an administrator says is verified is taken from whoever has it as an alias (boto3#3213: no refusal, the
    // other user's is no longer verified).
    let vouched = ["email", "phone_number"].into_iter().filter(|name| says(&verified_flag(name)) == Some("true"));
    claim_aliases(transaction, pool, &user, &Takes::Only(vouched.collect()), &ALIAS_TAKEN)?;
    let mut delivered = Vec::new();
    for to in to_send {
        let code = Code::new(to.0, call.now);
        let receiver = (before, before.name());
        let reason = Reason::UpdateUserAttribute;
        delivered.push(message::send(call, transaction, pool, receiver, reason, to, &code.value)?);
        user.codes.insert(to.0.to_owned(), code);
    }
    keep(transaction, pool, Some(before), &user)?;
    Ok(delivered)
}

/// Sets attributes that the user gives with its first password: those that cannot change later among them.
pub(crate) fn set_first(
    call: &Call,
    transaction: &mut Transaction,
    pool: (&str, &Pool),
    before: &User,
    given: &[Json],
) -> Answer<()> {
    let absent = |entry: &&Json| entry.text("Name").is_some_and(|name| before.attribute(name).is_none());
    let mut user = before.clone();
    let first: Vec<Json> = given.iter().filter(absent).cloned().collect();
    for (name, value) in check(pool.1, &first)? {
        user.set_attribute(&name, &value);
    }
    claim_aliases(transaction, pool, &user, &Takes::Nothing, &ALIAS_TAKEN)?;
    keep(transaction, pool, Some(before), &user)?;
    let later: Vec<Json> = given.iter().filter(|entry| !absent(entry)).cloned().collect();
    if !later.is_empty() {
        set_attributes(call, transaction, pool, &user, &later)?;
    }
    Ok(())
}

/// Takes attributes away and writes the user.
pub(crate) fn remove_attributes(
    call: &Call,
    writer: &mut Writer,
    pool: (&str, &Pool),
    before: &User,
    names: &[&str],
) -> Answer<()> {
    check_names(pool.1, names)?;
    check_mutable(pool.1, names)?;
    check_required(pool.1, |name| !names.contains(&name))?;
    let mut user = before.clone();
    for name in names {
        user.remove_attribute(name);
        if matches!(*name, "email" | "phone_number") {
            user.remove_attribute(&verified_flag(name));
        }
    }
    user.touch(call.now);
    keep(writer, pool, Some(before), &user)
}

/// The user's attributes as a list, of which `keep` picks.
pub(crate) fn shown(user: &User, keep: impl Fn(&str) -> bool) -> Json {
    user.attributes()
        .filter(|(name, _)| keep(name))
        .map(|(name, value)| json!({"Name": name, "Value": value}))
        .collect()
}
