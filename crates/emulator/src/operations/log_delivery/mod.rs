//! Where logs go: SetLogDeliveryConfiguration, GetLogDeliveryConfiguration.
//!
//! Set is whole, and an empty list takes all away.

use serde_json::{Value as Json, json};

use crate::forms::arn::{account, region};
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, LOG_COMBINATION, LOG_GROUP, LOG_REQUEST};
use crate::kept::entry::Entry;
use crate::kept::shelf::LOG_DELIVERIES;
use crate::kept::store::{Reader, Writer};
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Write};
use crate::rules::call::Call;
use crate::rules::tier;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] =
    &[("SetLogDeliveryConfiguration", Write(set)), ("GetLogDeliveryConfiguration", Read(get))];

/// Where logs can go, and how a request says it.
const DESTINATIONS: &[&str] = &["CloudWatchLogsConfiguration", "S3Configuration", "FirehoseConfiguration"];

/// SetLogDeliveryConfiguration
fn set(call: &Call, writer: &mut Writer) -> Answer {
    let pool = call.pool(writer.reader())?;
    let wanted: Vec<Json> =
        call.body.list("LogConfigurations").iter().filter(|each| !each.is_null()).cloned().collect();
    check(call, &wanted)?;
    // The export of user activity is a feature of PLUS (feature plans page).
    if wanted.iter().any(|each| each.text("EventSource") == Some("userAuthEvents")) {
        tier::expect_plus(&pool.answer, tier::ACTIVITY_LOG)?;
    }
    let mut entry = Entry::default();
    entry.answer.insert("UserPoolId".to_owned(), json!(call.pool_id()));
    entry.answer.insert("LogConfigurations".to_owned(), Json::Array(wanted));
    writer.put(LOG_DELIVERIES, call.pool_id(), "", &entry)?;
    Ok(only("LogDeliveryConfiguration", entry.shown(SHAPE)))
}

const SHAPE: &str = "LogDeliveryConfigurationType";

/// GetLogDeliveryConfiguration
fn get(call: &Call, reader: &dyn Reader) -> Answer {
    call.expect_pool(reader)?;
    let found: Option<Entry> = reader.get(LOG_DELIVERIES, call.pool_id(), "")?;
    let none = || json!({"UserPoolId": call.pool_id(), "LogConfigurations": []});
    Ok(only("LogDeliveryConfiguration", found.map_or_else(none, |entry| entry.shown(SHAPE))))
}

fn check(call: &Call, wanted: &[Json]) -> Answer<()> {
    let source = |each: &Json| each.text("EventSource").unwrap_or_default().to_owned();
    let nowhere = |each: &&Json| !DESTINATIONS.iter().any(|name| each.member(name).is_some());
    let homeless: Vec<String> = wanted.iter().filter(nowhere).map(source).collect();
    let sources: Vec<String> = wanted.iter().map(source).collect();
    let mut twice: Vec<String> = Vec::new();
    for (position, source) in sources.iter().enumerate() {
        if sources[..position].contains(source) && !twice.contains(source) {
            twice.push(source.clone());
        }
    }
    let mut faults = Vec::new();
    if !homeless.is_empty() {
        faults.push(format!("Following event sources in request have no destination: [{}].", homeless.join(", ")));
    }
    if !twice.is_empty() {
        // The service's own spelling.
        faults.push(format!("Following event sources appear more then once in a request: [{}].", twice.join(", ")));
    }
    if !faults.is_empty() {
        return Err(LOG_REQUEST.with(&[&faults.join(" ")]));
    }
    let groups: Vec<String> = wanted.iter().filter_map(|each| group_faults(call, each)).collect();
    if !groups.is_empty() {
        return Err(LOG_GROUP.with(&[&groups.join(", ")]));
    }
    for each in wanted {
        let notification = each.text("EventSource") == Some("userNotification");
        let level = each.text("LogLevel").unwrap_or_default();
        let only_groups = DESTINATIONS[1..].iter().all(|name| each.member(name).is_none());
        // The combinations that the API page allows.
        if notification != (level == "ERROR") || notification && !only_groups {
            return Err(LOG_COMBINATION.with(&[&source(each), level]));
        }
    }
    Ok(())
}

/// What is wrong with a log group, in the service's words.
fn group_faults(call: &Call, each: &Json) -> Option<String> {
    let arn = each.member("CloudWatchLogsConfiguration")?.text("LogGroupArn")?;
    let mut faults = String::new();
    if account(arn) != call.account {
        faults.push_str("ARN does not belong to invoking account. ");
    }
    if region(arn) != call.region {
        faults.push_str("ARN does not belong to current region. ");
    }
    (!faults.is_empty())
        .then(|| format!("CloudWatch log group arn {arn} failed with the following validation errors: {faults}"))
}
