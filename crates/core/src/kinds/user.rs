//! User that the files declare. Built on AdminCreateUser, AdminGetUser, AdminUpdateUserAttributes,
//! AdminDeleteUserAttributes, AdminSetUserPassword, AdminEnableUser, AdminDisableUser, AdminDeleteUser.
//!
//! Cannot change in place: the name. What no answer shows (passwords, what triggers are given) counts when the user is made,
//! and is the user's own from then on. Must exist first: the pool and its custom attributes.
//!
//! Its tree of settings has attributes as a map by their full names, where requests and answers have a list.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Segment, Value};
use serde_json::{Value as Json, json};

use super::rules::{date_of, text_of};
use super::user_pool::{self, STANDARD_ATTRIBUTES};
use super::{Kind, PLAIN, Rules, Terraform};
use crate::argument::{Argument, Default, Reset, Rule, Simple, bool, map, set, string};
use crate::decode::Decoded;
use crate::fold::Fold;
use crate::output::Endpoints;
use crate::plan::{Draft, Drafting, Phase, Siblings};
use crate::resource::{Desired, Form, Observed};
use crate::setting;

const MADE_ONCE: Reset = Reset::Never("it counts when the user is made");

/// One user.
pub static ARGUMENTS: &[Argument] = &[
    string("username")
        .only_in_resource()
        .api("Username")
        .required()
        .doc("What the user signs in with, 1 to 128 characters; where users are their addresses, the address."),
    map("attributes").only_in_resource().api(ATTRIBUTES).by_code().doc(
        "Attributes by name; one that is no standard attribute is a custom one, with or without custom: before it.",
    ),
    bool("enabled")
        .only_in_resource()
        .api(ENABLED)
        .by_code()
        .provider_default(Default::Bool(true))
        .reset(Reset::Json("true"))
        .doc("Whether the user may sign in."),
    string("password")
        .only_in_resource()
        .api(PASSWORD)
        .by_code()
        .write_only()
        .secret()
        .reset(MADE_ONCE)
        .doc("Password that stays, set when the user is made; later changes here are not seen."),
    string("temporary_password")
        .only_in_resource()
        .api("TemporaryPassword")
        .write_only()
        .secret()
        .reset(MADE_ONCE)
        .doc("Password of the invitation, which the user changes at the first sign-in."),
    set("desired_delivery_mediums")
        .only_in_resource()
        .api("DesiredDeliveryMediums")
        .write_only()
        .rule(Rule::OneOf(&["SMS", "EMAIL"]))
        .reset(MADE_ONCE)
        .doc("How the invitation is sent: EMAIL, SMS."),
    bool("force_alias_creation")
        .only_in_resource()
        .api("ForceAliasCreation")
        .write_only()
        .reset(MADE_ONCE)
        .doc("Whether an alias that another user has moves to this one."),
    string("message_action")
        .only_in_resource()
        .api("MessageAction")
        .write_only()
        .rule(Rule::OneOf(&["RESEND", "SUPPRESS"]))
        .reset(MADE_ONCE)
        .doc("SUPPRESS sends no invitation; RESEND sends it again to a user that is there."),
    map("client_metadata")
        .only_in_resource()
        .api("ClientMetadata")
        .write_only()
        .reset(MADE_ONCE)
        .doc("What triggers are given besides."),
    map("validation_data")
        .only_in_resource()
        .api(VALIDATION)
        .by_code()
        .write_only()
        .reset(MADE_ONCE)
        .doc("What the trigger before a sign-up is given besides."),
];

const ATTRIBUTES: &str = "UserAttributes";
const ENABLED: &str = "Enabled";
const PASSWORD: &str = "Password";
const VALIDATION: &str = "ValidationData";

/// User.
pub static KIND: Kind = Kind {
    name: "User",
    noun: "user",
    segment: "user",
    key: "Username",
    arguments: ARGUMENTS,
    create: "AdminCreateUser",
    update: "AdminUpdateUserAttributes",
    delete: "AdminDeleteUser",
    look: &[("AdminGetUser", "", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("Username", "Username")],
    beyond_model: &[ATTRIBUTES, ENABLED, PASSWORD, VALIDATION],
    secret_keys: &[PASSWORD, "TemporaryPassword"],
    advice: super::advice::USER,
    terraform: Terraform {
        aws_type: "aws_cognito_user",
        offered: false,
        id: Some('/'),
        import: Some('/'),
        computed: &[
            ("id", Simple::String, false, "POOL/USERNAME."),
            ("creation_date", Simple::String, false, "When the user was made."),
            ("last_modified_date", Simple::String, false, "When the user was changed."),
            ("mfa_setting_list", Simple::Set, false, "Factors that the user has."),
            ("preferred_mfa_setting", Simple::String, false, "The factor that the user prefers."),
            ("status", Simple::String, false, "CONFIRMED, FORCE_CHANGE_PASSWORD and the like."),
            ("sub", Simple::String, false, "What tokens call the user."),
        ],
        own: &[],
        example: "",
        example_id: "",
    },
    rules: &User,
    ..PLAIN
};

struct User;

/// An attribute's full name: what is no standard attribute is a custom one (the AWS provider's rule).
fn full_name(name: &str) -> String {
    let known = STANDARD_ATTRIBUTES.contains(&name) || name.contains(':');
    if known { name.to_owned() } else { format!("custom:{name}") }
}

/// A map as the API has it: a list of names and values.
fn listed(map: &Json) -> Json {
    let pairs = map.as_object().into_iter().flatten();
    Json::Array(pairs.map(|(name, value)| json!({"Name": name, "Value": value})).collect())
}

fn mapped(list: &Json) -> Object {
    let pairs = list.as_array().into_iter().flatten();
    pairs.filter_map(|each| Some((each["Name"].as_str()?.to_owned(), each["Value"].clone()))).collect()
}

impl Rules for User {
    fn place(&self, decoded: &Decoded, _tags: &Object, _form: Form, settings: &mut Object) {
        let texts = |argument: &str, name: fn(&str) -> String| -> Object {
            let members = decoded.get(argument).and_then(Value::members).into_iter().flatten();
            members.filter_map(|(key, value)| Some((name(key), json!(value.as_str()?)))).collect()
        };
        for (argument, path, name) in [
            ("attributes", ATTRIBUTES, full_name as fn(&str) -> String),
            ("validation_data", VALIDATION, str::to_owned),
        ] {
            let found = texts(argument, name);
            if !found.is_empty() {
                settings.insert(path.to_owned(), Json::Object(found));
            }
        }
        if let Some(enabled) = decoded.get("enabled").and_then(Value::as_bool) {
            settings.insert(ENABLED.to_owned(), json!(enabled));
        }
        if let Some(password) = decoded.get("password").and_then(Value::as_str) {
            settings.insert(PASSWORD.to_owned(), json!(password));
        }
    }

    fn check(&self, decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        let given = |name: &str| decoded.get(name).is_some_and(|value| !value.is_null());
        let attributes = decoded.get("attributes").and_then(Value::members);
        let mut names: Vec<String> = attributes.into_iter().flatten().map(|(name, _)| full_name(name)).collect();
        names.sort();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let detail = format!(
                "The attribute \"{}\" is given with and without custom: before it. Give one of them.",
                twice[0].trim_start_matches("custom:")
            );
            let place = desired.place(ATTRIBUTES);
            diagnostics.push(Diagnostic::error("Attribute given twice", detail).about(&desired.call, &place));
        }
        if given("password") && given("temporary_password") {
            let detail = "\"temporary_password\" conflicts with password. Give one of them.";
            diagnostics.push(
                Diagnostic::error("Conflicting configuration arguments", detail)
                    .about(&desired.call, &desired.place("TemporaryPassword")),
            );
        }
    }

    fn check_siblings(&self, siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
        let desired = siblings.desired;
        if let Some(schema) = user_pool::schema_of(siblings) {
            let exists = |name: &str| {
                user_pool::exactly(siblings.pool, name).is_some() || user_pool::attribute_exists(&schema, name)
            };
            let given = setting::get(&desired.settings, ATTRIBUTES).as_object();
            for name in given.into_iter().flatten().map(|(name, _)| name).filter(|name| !exists(name)) {
                let bare = user_pool::bare_name(name);
                let shown = desired.shown(ATTRIBUTES, format_args!("\"{bare}\""));
                let detail = format!(
                    "The attribute {shown} does not exist {}. Declare it in a schema block of the pool, or leave it out here.",
                    siblings.where_to()
                );
                let place = desired.place(ATTRIBUTES).then(Segment::Key(bare.to_owned()));
                diagnostics.push(Diagnostic::error("Unknown attribute", detail).about(&desired.call, &place));
            }
        }
        // A password counts when the user is made.
        for (path, argument) in [(PASSWORD, "password"), ("TemporaryPassword", "temporary_password")] {
            let Some(password) = setting::get(&desired.settings, path).as_str().filter(|_| siblings.is_new) else {
                continue;
            };
            let lacking = user_pool::lacking(siblings, password);
            if !lacking.is_empty() {
                let detail = format!(
                    "{argument} does not have what the pool's policy asks for: {}. Give another one, or change password_policy \
                     of the pool.",
                    lacking.join(", ")
                );
                let place = desired.place(path);
                diagnostics.push(Diagnostic::error("Password against the policy", detail).about(&desired.call, &place));
            }
        }
    }

    fn settle(&self, answer: &Object) -> Object {
        let mut settings = Object::new();
        for member in ["Username", ENABLED] {
            settings.extend(answer.get(member).map(|value| (member.to_owned(), value.clone())));
        }
        settings.insert(ATTRIBUTES.to_owned(), Json::Object(mapped(setting::get(answer, ATTRIBUTES))));
        settings
    }

    /// A password that stays was not set yet while the user must change the one of the invitation.
    fn is_wanting(&self, path: &str, observed: &Observed) -> bool {
        path == PASSWORD && setting::get(&observed.answer, "UserStatus") == "FORCE_CHANGE_PASSWORD"
    }

    fn alike(&self) -> Fold {
        Fold::Case
    }

    /// Where users are their addresses, Cognito makes up a name, and shows that.
    fn same(&self, path: &str, _desired: &Json, _observed: &Json) -> Option<bool> {
        (path == "Username").then_some(true)
    }

    /// What nobody declares of a user is the user's own.
    fn derives(&self, _settings: &Object, path: &str, _key: &str) -> bool {
        path == ATTRIBUTES
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        match (drafting.desired, drafting.identity()) {
            (None, None) => Vec::new(),
            (None, Some(identity)) => {
                let mut delete =
                    Draft::new(drafting, KIND.delete, identity, Phase::PartRemoval, drafting.why_it_goes());
                delete.forgets = true;
                vec![delete]
            }
            (Some(desired), None) => creation(drafting, &desired.settings),
            (Some(desired), Some(identity)) if drafting.replaces => {
                let mut create = creation(drafting, &desired.settings);
                create.iter_mut().for_each(|draft| draft.chained = true);
                let delete = Draft::new(drafting, KIND.delete, identity, Phase::Part, drafting.why_it_goes());
                std::iter::once(delete).chain(create).collect()
            }
            (Some(_), Some(identity)) => update(drafting, &identity),
        }
    }

    fn attributes(&self, _: &Kind, observed: &Observed, _: &Json, _: &Json, endpoints: &Endpoints<'_>) -> Object {
        let answer = &observed.answer;
        let text = |member: &str| text_of(answer, member);
        let date = |member: &str| date_of(answer, member, endpoints);
        let attributes = mapped(setting::get(answer, ATTRIBUTES));
        let sub = attributes.get("sub").cloned().unwrap_or(Json::Null);
        let bare = attributes.into_iter().map(|(name, value)| (name.trim_start_matches("custom:").to_owned(), value));
        Object::from_iter([
            ("username".to_owned(), text("Username")),
            ("attributes".to_owned(), Json::Object(bare.collect())),
            ("enabled".to_owned(), answer.get(ENABLED).cloned().unwrap_or(Json::Null)),
            ("creation_date".to_owned(), date("UserCreateDate")),
            ("last_modified_date".to_owned(), date("UserLastModifiedDate")),
            ("mfa_setting_list".to_owned(), answer.get("UserMFASettingList").cloned().unwrap_or_else(|| json!([]))),
            ("preferred_mfa_setting".to_owned(), text("PreferredMfaSetting")),
            ("status".to_owned(), text("UserStatus")),
            ("sub".to_owned(), sub),
        ])
    }
}

fn creation(drafting: &Drafting<'_>, settings: &Object) -> Vec<Draft> {
    let mut body = setting::compact(settings);
    let enabled = body.remove(ENABLED);
    let password = body.remove(PASSWORD);
    for member in [ATTRIBUTES, VALIDATION] {
        if let Some(map) = body.get(member).map(listed) {
            body.insert(member.to_owned(), map);
        }
    }
    let named = || Object::from_iter([("Username".to_owned(), setting::get(settings, "Username").clone())]);
    let mut create = Draft::new(drafting, KIND.create, body, Phase::Part, "new");
    create.remembers = true;
    let mut drafts = vec![create];
    if let Some(password) = password {
        let mut body = named();
        body.extend([(PASSWORD.to_owned(), password), ("Permanent".to_owned(), json!(true))]);
        drafts.push(Draft::new(drafting, "AdminSetUserPassword", body, Phase::Part, "the password that stays"));
    }
    if enabled == Some(json!(false)) {
        drafts.push(Draft::new(drafting, "AdminDisableUser", named(), Phase::Part, "enabled = false"));
    }
    for (position, draft) in drafts.iter_mut().enumerate() {
        draft.holes.push(drafting.pool_hole());
        draft.chained = position > 0;
    }
    drafts
}

fn update(drafting: &Drafting<'_>, identity: &Object) -> Vec<Draft> {
    let with = |more: Vec<(&str, Json)>| {
        let mut body = identity.clone();
        body.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        body
    };
    let attributes = || drafting.changes.iter().filter(|change| change.path == ATTRIBUTES && change.key.is_some());
    let name = |change: &crate::change::SettingChange| change.key.clone().unwrap_or_default();
    let (go, come): (Vec<_>, Vec<_>) = attributes().partition(|change| change.new.is_null());
    let mut drafts = Vec::new();
    if !come.is_empty() {
        let list = come.iter().map(|change| json!({"Name": name(change), "Value": change.new})).collect();
        let body = with(vec![(ATTRIBUTES, Json::Array(list))]);
        drafts.push(Draft::new(drafting, KIND.update, body, Phase::Part, "only what changes"));
    }
    if !go.is_empty() {
        let names = go.iter().map(|change| json!(name(change))).collect();
        let body = with(vec![("UserAttributeNames", Json::Array(names))]);
        drafts.push(Draft::new(drafting, "AdminDeleteUserAttributes", body, Phase::Part, "no longer declared"));
    }
    if let Some(change) = drafting.changes.iter().find(|change| change.path == ENABLED) {
        let operation = if change.new == json!(false) { "AdminDisableUser" } else { "AdminEnableUser" };
        drafts.push(Draft::new(drafting, operation, with(Vec::new()), Phase::Part, "in place"));
    }
    if let Some(change) = drafting.changes.iter().find(|change| change.path == PASSWORD) {
        let body = with(vec![(PASSWORD, change.new.clone()), ("Permanent", json!(true))]);
        drafts.push(Draft::new(drafting, "AdminSetUserPassword", body, Phase::Part, "it was not set yet"));
    }
    for draft in drafts.iter_mut().skip(1) {
        draft.chained = true;
    }
    drafts
}
