//! Declarations made by chance, most of them valid.

use std::collections::BTreeMap;

use poolform_value::Value;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::world::Arguments;

fn texts(items: &[&'static str]) -> impl Strategy<Value = Value> + use<> {
    let items: Vec<&'static str> = items.to_vec();
    let count = items.len();
    subsequence(items, 0..=count).prop_map(|items| Value::tuple(items.into_iter().map(Value::from).collect()))
}

fn one_of(items: &'static [&'static str]) -> impl Strategy<Value = Value> {
    select(items).prop_map(Value::from)
}

fn maybe(strategy: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    option::weighted(0.5, strategy)
}

fn object(entries: Vec<(&str, Option<Value>)>) -> Value {
    Value::object(entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))))
}

const SCOPES: &[&str] = &["openid", "email", "profile", "https://api.example/read", "https://api.example/write"];

fn client(name: &'static str) -> impl Strategy<Value = Value> {
    let tokens = (maybe((5..60_i64).prop_map(Value::from)), maybe((61..600_i64).prop_map(Value::from)), any::<bool>());
    let oauth =
        (any::<bool>(), texts(SCOPES), texts(&["https://a.example/cb", "http://localhost:3000/cb", "app://cb"]));
    let rest = (
        maybe(one_of(&["LEGACY", "ENABLED"])),
        maybe(any::<bool>().prop_map(Value::from)),
        maybe(texts(&["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"])),
        maybe(texts(&["email", "name"])),
        option::weighted(0.3, any::<bool>().prop_map(Value::from)),
    );
    (tokens, oauth, rest).prop_map(
        move |((access, refresh, units), (oauth, scopes, callbacks), (errors, revocation, flows, reads, secret))| {
            // Minutes keep every combination within the service's bounds.
            let minutes = units.then(|| {
                object(vec![("access_token", Some("minutes".into())), ("refresh_token", Some("minutes".into()))])
            });
            let usable = oauth
                && scopes.items().is_some_and(|items| !items.is_empty())
                && callbacks.items().is_some_and(|items| !items.is_empty());
            object(vec![
                ("name", Some(name.into())),
                ("access_token_validity", access.filter(|_| units)),
                (
                    "refresh_token_validity",
                    Some(refresh.filter(|_| units).unwrap_or_else(|| if units { 120.into() } else { 30.into() })),
                ),
                ("token_validity_units", minutes),
                ("allowed_oauth_flows_user_pool_client", usable.then(|| true.into())),
                ("allowed_oauth_flows", usable.then(|| Value::tuple(vec!["code".into()]))),
                ("allowed_oauth_scopes", usable.then_some(scopes)),
                ("callback_urls", usable.then_some(callbacks)),
                ("supported_identity_providers", usable.then(|| Value::tuple(vec!["COGNITO".into()]))),
                ("prevent_user_existence_errors", errors),
                ("enable_token_revocation", revocation),
                ("explicit_auth_flows", flows.map(with_refresh)),
                ("read_attributes", reads),
                ("generate_secret", secret),
            ])
        },
    )
}

fn with_refresh(flows: Value) -> Value {
    let mut items = flows.items().unwrap_or_default().to_vec();
    items.push("ALLOW_REFRESH_TOKEN_AUTH".into());
    Value::tuple(items)
}

fn attribute(name: &'static str) -> impl Strategy<Value = Value> {
    one_of(&["String", "Number", "DateTime", "Boolean"])
        .prop_map(move |ty| object(vec![("name", Some(name.into())), ("type", Some(ty))]))
}

fn group(name: &'static str) -> impl Strategy<Value = Value> {
    (maybe("[a-z ]{1,10}".prop_map(Value::from)), maybe((0..5_i64).prop_map(Value::from))).prop_map(
        move |(description, precedence)| {
            object(vec![("name", Some(name.into())), ("description", description), ("precedence", precedence)])
        },
    )
}

fn listed<S: Strategy<Value = Value>>(
    names: &'static [&'static str],
    one: impl Fn(&'static str) -> S + 'static,
) -> impl Strategy<Value = Value> {
    btree_set(select(names), 0..=names.len())
        .prop_flat_map(move |names| names.into_iter().map(&one).collect::<Vec<_>>())
        .prop_map(Value::tuple)
}

const ROLE: &str = "arn:aws:iam::123456789012:role/sms";
const IDENTITY: &str = "arn:aws:ses:us-east-1:123456789012:identity/orders.example";

fn google() -> impl Strategy<Value = Value> {
    ("[a-z]{1,6}", any::<bool>(), "[a-z]{1,6}").prop_map(|(secret, mapped, identifier)| {
        let mapping = object(vec![("email", Some("email".into())), ("name", mapped.then(|| "name".into()))]);
        object(vec![
            ("provider_name", Some("Google".into())),
            ("provider_type", Some("Google".into())),
            (
                "provider_details",
                Some(object(vec![
                    ("client_id", Some("orders".into())),
                    ("client_secret", Some(Value::from(secret).marked(true))),
                    ("authorize_scopes", Some("openid email".into())),
                ])),
            ),
            ("attribute_mapping", Some(mapping)),
            ("idp_identifiers", Some(Value::tuple(vec![identifier.into()]))),
        ])
    })
}

/// Arguments that are null although they have a default.
const NULLS: &[&str] = &[
    "advanced_security_mode",
    "account_recovery_mechanisms",
    "allow_admin_create_user_only",
    "allow_software_mfa_token",
    "auto_verified_attributes",
    "challenge_required_on_new_device",
    "default_email_option",
    "deletion_protection",
    "email_message",
    "email_message_by_link",
    "email_sending_account",
    "email_subject",
    "invite_email_message",
    "invite_email_subject",
    "invite_sms_message",
    "mfa_configuration",
    "module_enabled",
    "module_tags",
    "password_require_lowercase",
    "schema_attributes",
    "sms_authentication_message",
    "sms_message",
    "tags",
    "temporary_password_validity_days",
    "user_device_tracking",
];

/// More arguments of the same pool.
fn more() -> impl Strategy<Value = Arguments> {
    let sms = object(vec![("external_id", Some("orders".into())), ("sns_caller_arn", Some(ROLE.into()))]);
    let senders =
        (maybe(Just("a@orders.example".into())), maybe(Just("Orders <a@orders.example>".into())), any::<bool>());
    let signing = prop_oneof![
        4 => Just((None, None)),
        1 => texts(&["email", "phone_number"]).prop_map(|names| (Some(names), None)),
        1 => texts(&["email", "phone_number"]).prop_map(|names| (None, Some(names))),
    ];
    let threat = prop_oneof![
        3 => Just((None, None)),
        1 => Just((Some("AUDIT"), None)),
        1 => Just((Some("ENFORCED"), Some("PLUS"))),
        1 => Just((Some("OFF"), Some("LITE"))),
        1 => Just((None, Some("ESSENTIALS"))),
    ];
    let triggers = maybe("arn:aws:lambda:us-east-1:123456789012:function:[a-z]{1,3}".prop_map(Value::from));
    let enabled = option::weighted(0.2, prop_oneof![4 => Just(true), 1 => Just(false)]);
    let nulls = subsequence(NULLS.to_vec(), 0..=4);
    (option::weighted(0.3, Just(sms)), senders, signing, threat, triggers, maybe(google()), enabled, nulls).prop_map(
        |(sms, (reply, from, developer), (aliases, names), (mode, tier), trigger, provider, enabled, nulls)| {
            let given: BTreeMap<&str, Option<Value>> = BTreeMap::from([
                ("sms_configuration", sms),
                ("email_reply_to_address", reply),
                ("email_from_address", from.filter(|_| developer)),
                ("email_source_arn", developer.then(|| IDENTITY.into())),
                ("email_sending_account", developer.then(|| "DEVELOPER".into())),
                ("alias_attributes", aliases),
                ("username_attributes", names),
                ("advanced_security_mode", mode.map(Value::from)),
                ("user_pool_tier", tier.map(Value::from)),
                ("lambda_user_migration", trigger),
                ("identity_providers", provider.map(|provider| Value::tuple(vec![provider]))),
                ("module_enabled", enabled.map(Value::from)),
            ]);
            // Without DEVELOPER the identity would need a sending policy, which none has here.
            let nulls = nulls.into_iter().filter(|name| !(developer && *name == "email_sending_account"));
            let nulls = nulls.map(|name| (name, Some(Value::null())));
            given
                .into_iter()
                .filter(|(_, value)| value.is_some())
                .chain(nulls)
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect()
        },
    )
}

/// Arguments of one pool, most of them valid.
pub fn arguments() -> impl Strategy<Value = Arguments> {
    (usual(), more()).prop_map(|(mut usual, more)| {
        usual.extend(more);
        usual
    })
}

/// Arguments that most pools have. Schema entries have one type each per name, so that two declarations can follow each other.
fn usual() -> impl Strategy<Value = Arguments> {
    let pool = (
        "[a-z]{3,12}",
        maybe(one_of(&["OFF", "OPTIONAL", "ON"])),
        maybe(one_of(&["OFF", "ALWAYS", "user_opt_in"])),
        maybe((6..99_i64).prop_map(Value::from)),
        maybe(any::<bool>().prop_map(Value::from)),
        maybe(texts(&["email"])),
        maybe(one_of(&["CONFIRM_WITH_CODE", "CONFIRM_WITH_LINK"])),
        maybe("[a-zA-Z ]{1,20}".prop_map(Value::from)),
        maybe(any::<bool>().prop_map(Value::from)),
    );
    let lists = (
        listed(&["web", "ios", "Job (nightly)"], client),
        listed(&["admins", "staff"], group),
        maybe(vec(attribute("tenant"), 0..=1).prop_map(Value::tuple)),
        option::weighted(0.4, select(&["orders-a", "orders-b"][..])),
        btree_map("[a-z.]{1,6}", "[a-z]{0,5}", 0..4),
        any::<bool>(),
        maybe(texts(&["email"]).prop_map(|_| {
            Value::tuple(vec![object(vec![("name", Some("verified_email".into())), ("priority", Some(1.into()))])])
        })),
        maybe("arn:aws:lambda:us-east-1:123456789012:function:[a-z]{1,8}".prop_map(Value::from)),
    );
    (pool, lists).prop_map(|(pool, lists)| {
        let (name, mfa, devices, length, admin_only, verified, option, subject, protection) = pool;
        let (clients, groups, schema, domain, tags, servers, recovery, trigger) = lists;
        let server = object(vec![
            ("identifier", Some("https://api.example".into())),
            ("name", Some("API".into())),
            (
                "scopes",
                Some(Value::tuple(
                    ["read", "write"]
                        .into_iter()
                        .map(|scope| {
                            object(vec![("scope_name", Some(scope.into())), ("scope_description", Some(scope.into()))])
                        })
                        .collect(),
                )),
            ),
        ]);
        // Scopes of clients need the resource server.
        let needed = format!("{clients:?}").contains("api.example");
        let given: BTreeMap<&str, Option<Value>> = BTreeMap::from([
            ("name", Some(Value::from(name))),
            ("mfa_configuration", mfa),
            ("user_device_tracking", devices),
            ("password_minimum_length", length),
            ("allow_admin_create_user_only", admin_only),
            ("auto_verified_attributes", verified),
            ("default_email_option", option),
            ("email_subject", subject),
            ("deletion_protection", protection),
            ("clients", Some(clients)),
            ("user_groups", Some(groups)),
            ("schema_attributes", schema),
            ("domain", domain.map(Value::from)),
            ("tags", Some(Value::object(tags.into_iter().map(|(key, value)| (key, Value::from(value)))))),
            ("resource_servers", Some(Value::tuple(if servers || needed { vec![server] } else { Vec::new() }))),
            ("account_recovery_mechanisms", recovery),
            ("lambda_pre_sign_up", trigger),
        ]);
        given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}
