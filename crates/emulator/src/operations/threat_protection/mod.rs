//! What threat protection does: SetRiskConfiguration, DescribeRiskConfiguration.
//!
//! Set is whole; with nothing but names it takes the configuration away (API page). What a client has wins over what the pool
//! has.

use std::net::IpAddr;

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::arn::region;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, CIDR, NO_ADD_ON, NOTIFY_REGION};
use crate::kept::entry::Entry;
use crate::kept::pool::Pool;
use crate::kept::shelf::RISK_CONFIGURATIONS;
use crate::kept::store::{Reader, Writer};
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};
use crate::rules::call::Call;
use crate::rules::pool::ses_regions;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] =
    &[("SetRiskConfiguration", Write(set)), ("DescribeRiskConfiguration", Read(describe))];

const SHAPE: &str = "RiskConfigurationType";
const MEMBERS: &[&str] =
    &["CompromisedCredentialsRiskConfiguration", "AccountTakeoverRiskConfiguration", "RiskExceptionConfiguration"];

/// The name under which a pool's own is kept: no client's.
const OF_POOL: &str = "";

/// SetRiskConfiguration
fn set(call: &Call, writer: &mut Writer) -> Answer {
    expect_add_on(&call.pool(writer.reader())?)?;
    let client = call.client_or(OF_POOL, writer.reader())?;
    check(call)?;
    let mut entry = Entry { answer: named(call, client) };
    for name in MEMBERS {
        if let Some(value) = call.body.member(name) {
            entry.answer.insert((*name).to_owned(), value.clone());
        }
    }
    if !MEMBERS.iter().any(|name| entry.answer.contains_key(*name)) {
        writer.remove(RISK_CONFIGURATIONS, call.pool_id(), client)?;
        return Ok(only("RiskConfiguration", entry.shown(SHAPE)));
    }
    entry.answer.insert("LastModifiedDate".to_owned(), call.stamp());
    writer.put(RISK_CONFIGURATIONS, call.pool_id(), client, &entry)?;
    Ok(only("RiskConfiguration", entry.shown(SHAPE)))
}

/// DescribeRiskConfiguration
fn describe(call: &Call, reader: &dyn Reader) -> Answer {
    expect_add_on(&call.pool(reader)?)?;
    let client = call.client_or(OF_POOL, reader)?;
    let found: Option<Entry> = reader.get(RISK_CONFIGURATIONS, call.pool_id(), client)?;
    let entry = found.unwrap_or_else(|| Entry { answer: named(call, client) });
    Ok(only("RiskConfiguration", entry.shown(SHAPE)))
}

/// Removes what belongs to a client.
pub(crate) fn forget_client(writer: &mut Writer, pool: &str, client: &str) -> Answer<()> {
    writer.remove(RISK_CONFIGURATIONS, pool, client).map(|_| ())
}

fn named(call: &Call, client: &str) -> Object {
    let client = (client != OF_POOL).then(|| ("ClientId".to_owned(), json!(client)));
    [("UserPoolId".to_owned(), json!(call.pool_id()))].into_iter().chain(client).collect()
}

fn expect_add_on(pool: &Pool) -> Answer<()> {
    let mode = pool.answer.object("UserPoolAddOns").and_then(|add_ons| add_ons.text("AdvancedSecurityMode"));
    if mode.is_some_and(|mode| mode != "OFF") { Ok(()) } else { NO_ADD_ON.refuse() }
}

fn check(call: &Call) -> Answer<()> {
    let exceptions = call.body.object("RiskExceptionConfiguration");
    let ranges = ["BlockedIPRangeList", "SkippedIPRangeList"];
    let ranges = ranges.iter().flat_map(|name| exceptions.map_or(&[][..], |exceptions| exceptions.list(name)));
    if !ranges.filter_map(Json::as_str).all(is_cidr) {
        return CIDR.refuse();
    }
    let takeover = call.body.object("AccountTakeoverRiskConfiguration");
    let notify = takeover.and_then(|takeover| takeover.object("NotifyConfiguration"));
    if let Some(source) = notify.and_then(|notify| notify.text("SourceArn")) {
        let allowed = ses_regions(call.region);
        if !allowed.contains(&region(source)) {
            return Err(NOTIFY_REGION.with(&[&allowed.join(", ")]));
        }
    }
    Ok(())
}

/// Whether a text is an address and the length of its prefix.
fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match address.parse() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}
