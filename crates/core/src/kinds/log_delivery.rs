//! Where a pool's logs go. Built on SetLogDeliveryConfiguration, GetLogDeliveryConfiguration.
//!
//! Set is whole, and an empty list takes all away. Must exist first: the pool.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

use super::{Asked, Kind, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Rule, Simple, records, string};
use crate::decode::Decoded;
use crate::plan::{self, Draft, Drafting, Phase};
use crate::resource::Desired;
use crate::setting;

static ENTRY: &[Argument] = &[
    string("event_source")
        .only_in_resource()
        .api("EventSource")
        .required()
        .rule(Rule::OneOf(&["userNotification", "userAuthEvents"]))
        .doc("userNotification: messages that could not be sent; userAuthEvents: what users do, which needs the tier PLUS."),
    string("log_level")
        .only_in_resource()
        .api("LogLevel")
        .required()
        .rule(Rule::OneOf(&["ERROR", "INFO"]))
        .doc("ERROR for userNotification, INFO for userAuthEvents."),
    string("log_group_arn")
        .only_in_resource()
        .resource("cloud_watch_logs_configuration.log_group_arn")
        .api("CloudWatchLogsConfiguration.LogGroupArn")
        .rule(Rule::Arn)
        .doc("Log group of CloudWatch."),
    string("bucket_arn")
        .only_in_resource()
        .resource("s3_configuration.bucket_arn")
        .api("S3Configuration.BucketArn")
        .doc("Bucket of S3, for userAuthEvents."),
    string("stream_arn")
        .only_in_resource()
        .resource("firehose_configuration.stream_arn")
        .api("FirehoseConfiguration.StreamArn")
        .rule(Rule::Arn)
        .doc("Stream of Firehose, for userAuthEvents."),
];

/// Where logs go.
pub static ARGUMENTS: &[Argument] = &[records("log_configurations", ENTRY)
    .only_in_resource()
    .api(ENTRIES)
    .required()
    .rule(Rule::AtMost(2))
    .doc("What is logged and where to, for each of the two sources at most once.")];

const ENTRIES: &str = "LogConfigurations";

/// Where logs go.
pub static KIND: Kind = Kind {
    name: "LogDelivery",
    noun: "log delivery",
    segment: "log_delivery_configuration",
    key: "",
    arguments: ARGUMENTS,
    create: "SetLogDeliveryConfiguration",
    update: "SetLogDeliveryConfiguration",
    delete: "SetLogDeliveryConfiguration",
    look: &[("GetLogDeliveryConfiguration", "LogDeliveryConfiguration", "")],
    identity: &[("UserPoolId", "UserPoolId")],
    asked: Asked::OfPool,
    terraform: Terraform {
        aws_type: "aws_cognito_log_delivery_configuration",
        offered: true,
        id: None,
        import: None,
        computed: &[("id", Simple::String, false, "Id of the pool.")],
        own: &[],
        example: "  user_pool_id = poolform_user_pool.pool.id\n  log_configurations = [{\n    event_source                   = \"userNotification\"\n    log_level                      = \"ERROR\"\n    cloud_watch_logs_configuration = [{ log_group_arn = \"arn:aws:logs:us-east-1:123456789012:log-group:cognito\" }]\n  }]\n",
        example_id: "us-east-1_AbCdEfGhI",
    },
    rules: &LogDelivery,
    ..PLAIN
};

struct LogDelivery;

impl Rules for LogDelivery {
    fn check(&self, _decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        let entries = setting::get(&desired.settings, ENTRIES).as_array().map_or(&[][..], Vec::as_slice);
        let mut error = |summary: &str, detail: String| {
            diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(ENTRIES)));
        };
        let has = |entry: &Json, member: &str| !setting::is_empty(&entry[member]);
        for (position, entry) in entries.iter().enumerate() {
            let text = |member: &str| entry[member].as_str().unwrap_or_default();
            let (source, level) = (text("EventSource"), text("LogLevel"));
            let beyond = has(entry, "S3Configuration") || has(entry, "FirehoseConfiguration");
            if entries[..position].iter().any(|other| other["EventSource"] == entry["EventSource"]) {
                error("Duplicate source of logs", format!("{source} is logged twice. Cognito takes each source once."));
            } else if !beyond && !has(entry, "CloudWatchLogsConfiguration") {
                let detail = format!(
                    "{source} goes nowhere. Give cloud_watch_logs_configuration, or for userAuthEvents s3_configuration or \
                     firehose_configuration."
                );
                error("Logs without a destination", detail);
            } else if source == "userNotification" && (level != "ERROR" || beyond) {
                error(
                    "Logs that Cognito does not have",
                    "userNotification is logged at ERROR, to CloudWatch alone.".to_owned(),
                );
            } else if source == "userAuthEvents" && level != "INFO" {
                error("Logs that Cognito does not have", "userAuthEvents is logged at INFO.".to_owned());
            }
        }
    }

    fn found(&self, _identity: &Object, answer: Object) -> Option<Object> {
        (!setting::is_empty(setting::get(&answer, ENTRIES))).then_some(answer)
    }

    fn same(&self, path: &str, desired: &Json, observed: &Json) -> Option<bool> {
        (path == ENTRIES).then(|| setting::sorted(desired) == setting::sorted(observed))
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        let mut drafts = plan::part(drafting, Phase::OfClient, Phase::OfClientRemoval);
        for draft in &mut drafts {
            draft.body.entry(ENTRIES).or_insert_with(|| json!([]));
        }
        drafts
    }
}
