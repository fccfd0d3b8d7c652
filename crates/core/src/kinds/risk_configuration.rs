//! What threat protection does, for a pool or for one client. Built on SetRiskConfiguration, DescribeRiskConfiguration.
//!
//! Set is whole, and with nothing but names it takes all away. Must exist first: the pool with threat protection, which needs the
//! tier PLUS, and the client.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::Value as Json;

use super::{Asked, Kind, PLAIN, Rules, Terraform, client};
use crate::argument::{Argument, Reset, Rule, Simple, bool, set, string};
use crate::decode::Decoded;
use crate::plan::{self, Draft, Drafting, Phase};
use crate::resource::Desired;
use crate::setting;

const TAKEOVER: &str = "AccountTakeoverRiskConfiguration";
const CREDENTIALS: &str = "CompromisedCredentialsRiskConfiguration";
const EXCEPTIONS: &str = "RiskExceptionConfiguration";
const CLIENT: &str = "ClientId";

/// Actions (AccountTakeoverEventActionType).
const ACTIONS: Rule = Rule::OneOf(&["BLOCK", "MFA_IF_CONFIGURED", "MFA_REQUIRED", "NO_ACTION"]);

/// The rows of one action: what happens at a level of risk, and whether the user is told.
macro_rules! action {
    ($level:literal, $member:literal, $event:literal, $notify:literal) => {
        [
            string($event)
                .only_in_resource()
                .resource(concat!("account_takeover_risk_configuration.actions.", $level, ".event_action"))
                .api(concat!("AccountTakeoverRiskConfiguration.Actions.", $member, ".EventAction"))
                .rule(ACTIONS)
                .doc("What happens: BLOCK, MFA_IF_CONFIGURED, MFA_REQUIRED or NO_ACTION."),
            bool($notify)
                .only_in_resource()
                .resource(concat!("account_takeover_risk_configuration.actions.", $level, ".notify"))
                .api(concat!("AccountTakeoverRiskConfiguration.Actions.", $member, ".Notify"))
                .doc("Whether the user is told by mail."),
        ]
    };
}

/// The rows of one mail.
macro_rules! mail {
    ($block:literal, $member:literal, $subject:literal, $html:literal, $text:literal) => {
        [
            string($subject)
                .only_in_resource()
                .resource(concat!("account_takeover_risk_configuration.notify_configuration.", $block, ".subject"))
                .api(concat!("AccountTakeoverRiskConfiguration.NotifyConfiguration.", $member, ".Subject"))
                .doc("Subject, 1 to 140 characters."),
            string($html)
                .only_in_resource()
                .resource(concat!("account_takeover_risk_configuration.notify_configuration.", $block, ".html_body"))
                .api(concat!("AccountTakeoverRiskConfiguration.NotifyConfiguration.", $member, ".HtmlBody"))
                .doc("The mail as HTML, 6 to 20,000 characters."),
            string($text)
                .only_in_resource()
                .resource(concat!("account_takeover_risk_configuration.notify_configuration.", $block, ".text_body"))
                .api(concat!("AccountTakeoverRiskConfiguration.NotifyConfiguration.", $member, ".TextBody"))
                .doc("The mail as text, 6 to 20,000 characters."),
        ]
    };
}

const LOW: [Argument; 2] = action!("low_action", "LowAction", "low_action", "low_notify");
const MEDIUM: [Argument; 2] = action!("medium_action", "MediumAction", "medium_action", "medium_notify");
const HIGH: [Argument; 2] = action!("high_action", "HighAction", "high_action", "high_notify");
const BLOCKED: [Argument; 3] =
    mail!("block_email", "BlockEmail", "block_email_subject", "block_email_html_body", "block_email_text_body");
const PASSED: [Argument; 3] = mail!(
    "no_action_email",
    "NoActionEmail",
    "no_action_email_subject",
    "no_action_email_html_body",
    "no_action_email_text_body"
);
const CHALLENGED: [Argument; 3] =
    mail!("mfa_email", "MfaEmail", "mfa_email_subject", "mfa_email_html_body", "mfa_email_text_body");

/// What threat protection does.
pub static ARGUMENTS: &[Argument] = &[
    string("client_id")
        .only_in_resource()
        .api(CLIENT)
        .id_of(&client::KIND)
        .reset(Reset::Never("it names whose it is"))
        .doc("Id of the client that it is for; without one it is for all that have none of their own."),
    string("compromised_credentials_action")
        .only_in_resource()
        .resource("compromised_credentials_risk_configuration.actions.event_action")
        .api("CompromisedCredentialsRiskConfiguration.Actions.EventAction")
        .rule(Rule::OneOf(&["BLOCK", "NO_ACTION"]))
        .doc("What happens to a password that is known elsewhere: BLOCK or NO_ACTION."),
    set("compromised_credentials_events")
        .only_in_resource()
        .resource("compromised_credentials_risk_configuration.event_filter")
        .api("CompromisedCredentialsRiskConfiguration.EventFilter")
        .rule(Rule::OneOf(&["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]))
        .doc("When passwords are looked at: SIGN_IN, PASSWORD_CHANGE, SIGN_UP; all of them unless told."),
    LOW[0],
    LOW[1],
    MEDIUM[0],
    MEDIUM[1],
    HIGH[0],
    HIGH[1],
    string("notify_source_arn")
        .only_in_resource()
        .resource("account_takeover_risk_configuration.notify_configuration.source_arn")
        .api("AccountTakeoverRiskConfiguration.NotifyConfiguration.SourceArn")
        .rule(Rule::Arn)
        .doc("SES identity that sends the mails."),
    string("notify_from")
        .only_in_resource()
        .resource("account_takeover_risk_configuration.notify_configuration.from")
        .api("AccountTakeoverRiskConfiguration.NotifyConfiguration.From")
        .doc("Sender as readers see it."),
    string("notify_reply_to")
        .only_in_resource()
        .resource("account_takeover_risk_configuration.notify_configuration.reply_to")
        .api("AccountTakeoverRiskConfiguration.NotifyConfiguration.ReplyTo")
        .doc("Where answers go."),
    BLOCKED[0],
    BLOCKED[1],
    BLOCKED[2],
    PASSED[0],
    PASSED[1],
    PASSED[2],
    CHALLENGED[0],
    CHALLENGED[1],
    CHALLENGED[2],
    set("blocked_ip_ranges")
        .only_in_resource()
        .resource("risk_exception_configuration.blocked_ip_range_list")
        .api("RiskExceptionConfiguration.BlockedIPRangeList")
        .rule(Rule::AtMost(200))
        .doc("Ranges of addresses that are always blocked, as 10.0.0.0/8; 200 at most."),
    set("skipped_ip_ranges")
        .only_in_resource()
        .resource("risk_exception_configuration.skipped_ip_range_list")
        .api("RiskExceptionConfiguration.SkippedIPRangeList")
        .rule(Rule::AtMost(200))
        .doc("Ranges of addresses whose risk is not looked at, as 10.0.0.0/8; 200 at most."),
];

/// What threat protection does.
pub static KIND: Kind = Kind {
    name: "RiskConfiguration",
    noun: "risk configuration",
    segment: "risk_configuration",
    key: CLIENT,
    arguments: ARGUMENTS,
    create: "SetRiskConfiguration",
    update: "SetRiskConfiguration",
    delete: "SetRiskConfiguration",
    look: &[("DescribeRiskConfiguration", "RiskConfiguration", "")],
    identity: &[("UserPoolId", "UserPoolId"), (CLIENT, CLIENT)],
    asked: Asked::OfClients { all: Some("") },
    advice: super::advice::RISK_CONFIGURATION,
    terraform: Terraform {
        aws_type: "aws_cognito_risk_configuration",
        offered: true,
        id: Some(':'),
        import: Some(':'),
        computed: &[("id", Simple::String, false, "POOL, or POOL:CLIENT.")],
        own: &[],
        example: "  user_pool_id = poolform_user_pool.pool.id\n  compromised_credentials_risk_configuration = [{\n    actions = [{ event_action = \"BLOCK\" }]\n  }]\n",
        example_id: "us-east-1_AbCdEfGhI",
    },
    rules: &RiskConfiguration,
    ..PLAIN
};

struct RiskConfiguration;

impl Rules for RiskConfiguration {
    fn check(&self, _decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        let has = |path: &str| !setting::is_empty(setting::get(&desired.settings, path));
        let mut error = |summary: &str, detail: String, path: &str| {
            diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
        };
        if ![TAKEOVER, CREDENTIALS, EXCEPTIONS].iter().any(|member| has(member)) {
            let detail = "Declare what happens: account_takeover_risk_configuration, \
                          compromised_credentials_risk_configuration or risk_exception_configuration.";
            error("Missing required argument", detail.to_owned(), "");
        }
        // What the API requires of an object that is there.
        if has(CREDENTIALS) && !has("CompromisedCredentialsRiskConfiguration.Actions.EventAction") {
            let detail = "compromised_credentials_risk_configuration needs actions with an event_action.";
            error("Missing required argument", detail.to_owned(), CREDENTIALS);
        }
        let actions = "AccountTakeoverRiskConfiguration.Actions";
        if has(TAKEOVER) && !has(actions) {
            let detail = "account_takeover_risk_configuration needs actions for one level of risk or more.";
            error("Missing required argument", detail.to_owned(), TAKEOVER);
        }
        for level in ["LowAction", "MediumAction", "HighAction"] {
            let [event, notify] = ["EventAction", "Notify"].map(|member| format!("{actions}.{level}.{member}"));
            let given = |path: &str| !setting::get(&desired.settings, path).is_null();
            if given(&event) != given(&notify) {
                let detail = "An action needs both event_action and notify.";
                error("Missing required argument", detail.to_owned(), if given(&event) { &event } else { &notify });
            }
        }
        let notify = "AccountTakeoverRiskConfiguration.NotifyConfiguration";
        if has(notify) && !has(&format!("{notify}.SourceArn")) {
            let detail = "notify_configuration needs source_arn, the SES identity that sends.";
            error("Missing required argument", detail.to_owned(), notify);
        }
        for list in ["BlockedIPRangeList", "SkippedIPRangeList"] {
            let path = format!("{EXCEPTIONS}.{list}");
            let ranges = setting::get(&desired.settings, &path).as_array().into_iter().flatten();
            for range in ranges.filter_map(Json::as_str).filter(|range| !is_range(range)) {
                let shown = desired.shown(&path, format_args!("\"{range}\""));
                let detail = format!("{shown} is no range of addresses, such as 10.0.0.0/8 or 2001:db8::/32.");
                error("Invalid range of addresses", detail, &path);
            }
        }
    }

    /// What nobody has set is answered by its names alone.
    fn found(&self, identity: &Object, answer: Object) -> Option<Object> {
        let says = [TAKEOVER, CREDENTIALS, EXCEPTIONS].iter().any(|member| answer.contains_key(*member));
        (says && answer.get(CLIENT) == identity.get(CLIENT)).then_some(answer)
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        plan::part(drafting, Phase::OfClient, Phase::OfClientRemoval)
    }
}

/// An address and the length of its prefix.
fn is_range(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let most = match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}
