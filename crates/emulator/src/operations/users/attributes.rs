//! Attributes of users: what fits the pool's schema, who may change what, what a change does to verification.

use serde_json::Value as Json;

use crate::forms::members::Members;
use crate::forms::refusal::{ALIAS_TAKEN, Answer, VERIFIED_ALONE};
use crate::kept::code::Code;
use crate::kept::pool::Pool;
use crate::kept::store::Writer;
use crate::kept::user::{TakenAliases, User, claim_aliases, keep, verified_flag};
use crate::outside::delivery;
use crate::outside::message::Reason;
use crate::outside::transaction::Transaction;
use crate::rules::attributes::{check, check_mutable, check_names, check_required, expect_no_early_alias};
use crate::rules::call::Call;

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
    claim_aliases(transaction, pool, &user, &TakenAliases::Only(vouched.collect()), &ALIAS_TAKEN)?;
    let mut delivered = Vec::new();
    for to in to_send {
        let code = Code::new(to.0, call.now);
        let receiver = (before, before.name());
        let reason = Reason::UpdateUserAttribute;
        delivered.push(delivery::send(call, transaction, pool, receiver, reason, to, &code.value)?);
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
    claim_aliases(transaction, pool, &user, &TakenAliases::Nothing, &ALIAS_TAKEN)?;
    keep(transaction, pool, Some(before), &user)?;
    let later: Vec<Json> = given.iter().filter(|entry| !absent(entry)).cloned().collect();
    if !later.is_empty() {
        set_attributes(call, transaction, pool, &user, &later)?;
    }
    Ok(())
}

/// TakenAliases attributes away and writes the user.
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
