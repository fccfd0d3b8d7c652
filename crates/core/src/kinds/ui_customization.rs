//! Look of the classic hosted pages, for one client or for all. Built on SetUICustomization, GetUICustomization.
//!
//! Set is whole, and with nothing but names it takes the look away. No answer shows the picture: it is sent with every change,
//! and one that was set elsewhere goes with the first. Must exist first: the pool's domain, and the client.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

use super::rules::{date_of, shown_attributes, text_of};
use super::{Asked, Kind, PLAIN, Rules, Terraform, client};
use crate::argument::{Argument, Reset, Rule, Simple, string};
use crate::decode::Decoded;
use crate::output::Endpoints;
use crate::plan::{self, Draft, Drafting, Phase};
use crate::resource::{Desired, Form, Observed};
use crate::setting;

/// One look.
pub static ARGUMENTS: &[Argument] = &[
    string("client_id")
        .only_in_resource()
        .api(CLIENT)
        .by_code()
        .id_of(&client::KIND)
        .reset(Reset::Never("it names whose look it is"))
        .doc("Id of the client whose pages look so; ALL, the default, for all that have no look of their own."),
    string("css")
        .only_in_resource()
        .api("CSS")
        .doc("Rules for the classes that the pages have, such as .logo-customizable."),
    string("image_file")
        .only_in_resource()
        .api(PICTURE)
        .rule(Rule::Base64)
        .fingerprinted()
        .doc("Logo, a PNG or JPEG of 128 KiB at most, as filebase64(...) gives it."),
];

const CLIENT: &str = "ClientId";
const PICTURE: &str = "ImageFile";
/// Who stands for all clients (API page).
const ALL: &str = "ALL";

/// Look of the classic hosted pages.
pub static KIND: Kind = Kind {
    name: "UICustomization",
    noun: "look of the classic pages",
    segment: "ui_customization",
    key: CLIENT,
    arguments: ARGUMENTS,
    create: "SetUICustomization",
    update: "SetUICustomization",
    delete: "SetUICustomization",
    look: &[("GetUICustomization", "UICustomization", "")],
    identity: &[("UserPoolId", "UserPoolId"), (CLIENT, CLIENT)],
    asked: Asked::OfClients { all: Some(ALL) },
    terraform: Terraform {
        aws_type: "aws_cognito_user_pool_ui_customization",
        offered: true,
        id: Some(','),
        import: Some(','),
        computed: &[
            ("id", Simple::String, false, "POOL,CLIENT."),
            ("creation_date", Simple::String, false, "When it was made."),
            ("css_version", Simple::String, false, "Version of the CSS."),
            ("image_url", Simple::String, false, "Address of the picture."),
            ("last_modified_date", Simple::String, false, "When it was changed."),
        ],
        own: &[],
        example: "  user_pool_id = poolform_user_pool_domain.domain.user_pool_id\n  css          = \".logo-customizable { max-width: 60%; }\"\n",
        example_id: "us-east-1_AbCdEfGhI,ALL",
    },
    rules: &UiCustomization,
    ..PLAIN
};

struct UiCustomization;

impl Rules for UiCustomization {
    fn place(&self, decoded: &Decoded, _tags: &Object, _form: Form, settings: &mut Object) {
        let given = decoded.get("client_id").filter(|client| !client.is_null());
        let client = match given {
            Some(client) => client.as_str(),
            None => Some(ALL),
        };
        settings.extend(client.map(|client| (CLIENT.to_owned(), json!(client))));
    }

    fn check(&self, decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        let given = |name: &str| decoded.get(name).is_some_and(|value| !value.is_null());
        if !given("css") && !given("image_file") {
            let detail = "One of css and image_file is needed. Give one of them, or both.";
            let missing = Diagnostic::error("Missing required argument", detail);
            diagnostics.push(missing.about(&desired.call, &desired.place("")));
        }
    }

    /// A client without a look of its own is answered with that of all, and nobody's with nothing.
    fn found(&self, identity: &Object, answer: Object) -> Option<Object> {
        (answer.get(CLIENT) == identity.get(CLIENT)).then_some(answer)
    }

    fn is_wanting(&self, path: &str, observed: &Observed) -> bool {
        // What a Terraform state says is no whole answer.
        let answered = observed.answer.contains_key("CSSVersion");
        path == PICTURE && answered && setting::get(&observed.answer, "ImageUrl").is_null()
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        let mut drafts = plan::part(drafting, Phase::OfClient, Phase::OfClientRemoval);
        let picture = drafting.desired.map(|desired| setting::get(&desired.settings, PICTURE));
        if let (Some(picture), Some(last)) = (picture.filter(|picture| !picture.is_null()), drafts.last_mut()) {
            last.body.insert(PICTURE.to_owned(), picture.clone());
        }
        drafts
    }

    fn attributes(&self, kind: &Kind, observed: &Observed, _: &Json, _: &Json, endpoints: &Endpoints<'_>) -> Object {
        let answer = &observed.answer;
        let text = |member: &str| text_of(answer, member);
        let date = |member: &str| date_of(answer, member, endpoints);
        let mut found = shown_attributes(kind, observed);
        found.extend([
            ("client_id".to_owned(), text(CLIENT)),
            ("css_version".to_owned(), text("CSSVersion")),
            ("image_url".to_owned(), text("ImageUrl")),
            ("creation_date".to_owned(), date("CreationDate")),
            ("last_modified_date".to_owned(), date("LastModifiedDate")),
        ]);
        found
    }
}
