//! Look of managed login, for one client. Built on CreateManagedLoginBranding, DescribeManagedLoginBrandingByClient,
//! UpdateManagedLoginBranding, DeleteManagedLoginBranding.
//!
//! It is found by its client, which has one at most, and changed by an id of its own. Cannot change in place: the client. An
//! update keeps assets that it leaves out, so that they are always sent. Must exist first: the client.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Value};
use serde_json::{Value as Json, json};

use super::rules::{shown_attributes, text_of};
use super::{Asked, Kind, PLAIN, Rules, Terraform, client};
use crate::argument::{Argument, Reset, Rule, Simple, bool, records, string};
use crate::decode::Decoded;
use crate::output::Endpoints;
use crate::plan::{self, Draft, Drafting, Phase};
use crate::resource::{Desired, Observed};
use crate::setting;

/// One asset: enumerations of AssetType.
static ASSET: &[Argument] = &[
    string("category").only_in_resource().api("Category").required().doc("Where it stands, such as PAGE_HEADER_LOGO."),
    string("color_mode").only_in_resource().api("ColorMode").required().doc("LIGHT, DARK or DYNAMIC."),
    string("extension").only_in_resource().api("Extension").required().doc("ICO, JPEG, PNG, SVG or WEBP."),
    string("bytes")
        .only_in_resource()
        .api("Bytes")
        .rule(Rule::Base64)
        .doc("The picture, as filebase64(...) gives it; 1,000,000 bytes at most."),
    string("resource_id").only_in_resource().api("ResourceId").doc("Id of a picture that is there already."),
];

/// One look.
pub static ARGUMENTS: &[Argument] = &[
    string("client_id")
        .only_in_resource()
        .api(CLIENT)
        .required()
        .id_of(&client::KIND)
        .reset(Reset::Never("it names whose look it is"))
        .doc("Id of the client whose pages look so."),
    bool("use_cognito_provided_values")
        .only_in_resource()
        .api(PROVIDED)
        .reset(Reset::Json("false"))
        .doc("Whether it is Cognito's own look; not together with settings."),
    string("settings")
        .only_in_resource()
        .api(SETTINGS)
        .json()
        .rule(Rule::Json)
        .doc("The look as JSON, as jsonencode(...) makes it; not together with use_cognito_provided_values."),
    records("asset", ASSET)
        .only_in_resource()
        .api(ASSETS)
        .rule(Rule::AtMost(40))
        .reset(Reset::Json("[]"))
        .doc("Pictures, 40 at most."),
];

const CLIENT: &str = "ClientId";
const ID: &str = "ManagedLoginBrandingId";
const PROVIDED: &str = "UseCognitoProvidedValues";
const SETTINGS: &str = "Settings";
const ASSETS: &str = "Assets";

/// Look of managed login.
pub static KIND: Kind = Kind {
    name: "ManagedLoginBranding",
    noun: "look of managed login",
    segment: "managed_login_branding",
    key: CLIENT,
    arguments: ARGUMENTS,
    create: "CreateManagedLoginBranding",
    update: "UpdateManagedLoginBranding",
    delete: "DeleteManagedLoginBranding",
    look: &[("DescribeManagedLoginBrandingByClient", "ManagedLoginBranding", "")],
    identity: &[("UserPoolId", "UserPoolId"), (CLIENT, CLIENT)],
    asked: Asked::OfClients { all: None },
    terraform: Terraform {
        aws_type: "aws_cognito_managed_login_branding",
        offered: true,
        id: Some(','),
        import: Some(','),
        computed: &[
            ("id", Simple::String, false, "POOL,CLIENT."),
            ("managed_login_branding_id", Simple::String, false, "Its own id."),
            ("settings_all", Simple::String, false, "The settings as Cognito answers them."),
        ],
        own: &[],
        example: "  user_pool_id                = poolform_user_pool.pool.id\n  client_id                   = poolform_user_pool_client.web.id\n  use_cognito_provided_values = true\n",
        example_id: "us-east-1_AbCdEfGhI,1example23456789",
    },
    rules: &ManagedLoginBranding,
    ..PLAIN
};

struct ManagedLoginBranding;

impl Rules for ManagedLoginBranding {
    /// Recorded refusal: "useCognitoProvidedValues or settings should be specified (but not both)".
    fn check(&self, decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        let provided = decoded.get("use_cognito_provided_values").and_then(Value::as_bool) == Some(true);
        let settings = decoded.get("settings").is_some_and(|value| !value.is_null());
        if provided == settings {
            let detail = "Exactly one is needed: use_cognito_provided_values = true, or settings.";
            let place = desired.place(if provided { SETTINGS } else { "" });
            diagnostics.push(Diagnostic::error("Look without one source", detail).about(&desired.call, &place));
        }
    }

    fn settle(&self, answer: &Object) -> Object {
        let mut settings = setting::compact(answer);
        // Settings that say nothing are settings.
        settings.extend(answer.get(SETTINGS).map(|value| (SETTINGS.to_owned(), value.clone())));
        settings
    }

    fn same(&self, path: &str, desired: &Json, observed: &Json) -> Option<bool> {
        match path {
            // Not every answer shows whose it is.
            CLIENT => Some(observed.is_null() || desired == observed),
            ASSETS => Some(setting::sorted(desired) == setting::sorted(observed)),
            SETTINGS => Some(desired == observed),
            _ => None,
        }
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        let mut drafts = plan::part(drafting, Phase::OfClient, Phase::OfClientRemoval);
        let id = drafting.observed.map_or(&Json::Null, |observed| setting::get(&observed.answer, ID));
        for draft in drafts.iter_mut().filter(|draft| draft.operation != KIND.create) {
            draft.body.shift_remove(CLIENT);
            draft.body.insert(ID.to_owned(), id.clone());
        }
        for draft in drafts.iter_mut().filter(|draft| draft.operation == KIND.update) {
            draft.body.entry(ASSETS).or_insert_with(|| json!([]));
            // Exactly one source; the other one is what was there.
            if draft.body.get(PROVIDED) == Some(&json!(true)) {
                draft.body.shift_remove(SETTINGS);
            }
        }
        drafts
    }

    fn attributes(&self, kind: &Kind, observed: &Observed, _: &Json, _: &Json, _: &Endpoints<'_>) -> Object {
        let mut found = shown_attributes(kind, observed);
        let all = observed.answer.get(SETTINGS).map_or_else(|| json!(""), |settings| json!(settings.to_string()));
        found.extend([
            ("managed_login_branding_id".to_owned(), text_of(&observed.answer, ID)),
            ("settings_all".to_owned(), all),
        ]);
        found
    }
}
