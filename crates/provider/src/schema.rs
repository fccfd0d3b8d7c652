//! The messages that tell Terraform which attributes resources have: those of [`poolform_core::terraform::schema`].

use poolform_core::kinds::Kind;
pub use poolform_core::terraform::schema::*;
use serde_json::json;

use crate::wire::messages as wire;

fn type_json(simple: Simple) -> Vec<u8> {
    let json = match simple {
        Simple::String => json!("string"),
        Simple::Bool => json!("bool"),
        Simple::Number => json!("number"),
        Simple::Set => json!(["set", "string"]),
        Simple::List => json!(["list", "string"]),
        Simple::Map => json!(["map", "string"]),
    };
    json.to_string().into_bytes()
}

/// How an attribute takes part in a schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Of a resource that is managed.
    Managed,
    /// Of an element of a set, which has no identity: what is not given stays null.
    Element,
    /// Of a data source: everything is read.
    Read,
}

fn to_wire(attribute: &Attribute, role: Role) -> wire::Attribute {
    let mut message = wire::Attribute {
        name: attribute.name.to_owned(),
        description: attribute.doc.to_owned(),
        description_kind: wire::MARKDOWN,
        sensitive: attribute.sensitive,
        ..wire::Attribute::default()
    };
    let nested = |inner: &[Attribute], nesting: i32, role: Role| wire::NestedObject {
        attributes: inner.iter().map(|each| to_wire(each, role)).collect(),
        nesting,
    };
    let settable = match &attribute.shape {
        Shape::Row(_, ty) | Shape::Own(ty) => {
            message.ty = type_json(*ty);
            true
        }
        Shape::Computed(ty) => {
            message.ty = type_json(*ty);
            false
        }
        Shape::Records(_, inner) => {
            let inside = if role == Role::Read { Role::Read } else { Role::Element };
            message.nested_type = Some(nested(inner, wire::SET, inside));
            true
        }
        Shape::Group(inner) => {
            message.nested_type = Some(nested(inner, wire::LIST, role));
            inner.iter().any(|each| !matches!(each.shape, Shape::Computed(_)))
        }
    };
    match role {
        Role::Read => message.computed = true,
        Role::Element => {
            message.required = attribute.required;
            message.optional = !attribute.required;
        }
        Role::Managed => {
            message.required = attribute.required;
            message.optional = settable && !attribute.required;
            message.computed = !attribute.required;
        }
    }
    message
}

fn schema(attributes: Vec<wire::Attribute>, blocks: Vec<wire::NestedBlock>, description: &str) -> wire::Schema {
    wire::Schema {
        version: VERSION,
        block: Some(wire::Block {
            version: VERSION,
            attributes,
            block_types: blocks,
            description: description.to_owned(),
            description_kind: wire::MARKDOWN,
        }),
    }
}

/// The version of every schema here. States of older ones are upgraded, of newer ones refused.
pub const VERSION: i64 = 0;

/// The schema of a kind's resource.
pub fn resource_schema(kind: &Kind) -> wire::Schema {
    let attributes = attributes(kind).iter().map(|attribute| to_wire(attribute, Role::Managed)).collect();
    schema(attributes, Vec::new(), &format!("A Cognito {}.", kind.noun))
}

/// The schema of a data source: what it takes, and everything that a kind's resource has.
pub fn data_source_schema(kind: &Kind, takes: &[(&'static str, &'static str)]) -> wire::Schema {
    let mut found: Vec<wire::Attribute> = takes.iter().map(|(name, doc)| given(name, doc)).collect();
    let all = attributes(kind);
    let read = all.iter().filter(|attribute| {
        !matches!(attribute.shape, Shape::Own(_)) && !takes.iter().any(|(name, _)| *name == attribute.name)
    });
    found.extend(read.map(|attribute| to_wire(attribute, Role::Read)));
    schema(found, Vec::new(), &format!("A Cognito {} that is there already.", kind.noun))
}

fn given(name: &str, doc: &str) -> wire::Attribute {
    wire::Attribute {
        name: name.to_owned(),
        ty: type_json(Simple::String),
        required: true,
        description: doc.to_owned(),
        ..wire::Attribute::default()
    }
}

/// The schema of the ephemeral secret.
pub fn secret_schema(takes: &[(&'static str, &'static str)]) -> wire::Schema {
    let mut attributes: Vec<wire::Attribute> = takes.iter().map(|(name, doc)| given(name, doc)).collect();
    attributes.push(wire::Attribute {
        name: "client_secret".to_owned(),
        ty: type_json(Simple::String),
        computed: true,
        sensitive: true,
        description: "The secret; null where the client has none, or was given others since.".to_owned(),
        ..wire::Attribute::default()
    });
    schema(attributes, Vec::new(), "The secret of an app client, which no state and no plan keeps.")
}

/// An optional setting of the provider: name, type, what it is.
type Setting = (&'static str, Simple, &'static str);

const PROVIDER: &[Setting] = &[
    ("access_key", Simple::String, "Access key id."),
    ("local", Simple::Bool, "Whether the embedded Cognito of the root's folder is meant, and nothing of AWS."),
    ("profile", Simple::String, "Profile of the AWS configuration files."),
    ("region", Simple::String, "Region."),
    ("secret_key", Simple::String, "Secret access key."),
    ("skip_credentials_validation", Simple::Bool, "As in the AWS provider; poolform does not ask STS anyway."),
    (
        "skip_metadata_api_check",
        Simple::String,
        "As in the AWS provider; poolform asks for metadata only for credentials.",
    ),
    ("skip_region_validation", Simple::Bool, "As in the AWS provider; poolform knows no list of regions."),
    ("skip_requesting_account_id", Simple::Bool, "As in the AWS provider; poolform does not ask for it."),
    ("token", Simple::String, "Session token."),
];

const BLOCKS: &[(&str, &[Setting], &str)] = &[
    (
        "assume_role",
        &[
            ("duration", Simple::String, "How long, such as 1h."),
            ("external_id", Simple::String, "External id in the trust policy."),
            ("policy", Simple::String, "Policy that narrows the session further."),
            ("role_arn", Simple::String, "The role."),
            ("session_name", Simple::String, "Name of the session."),
        ],
        "A role to assume.",
    ),
    ("default_tags", &[("tags", Simple::Map, "The tags.")], "Tags beneath those of every pool."),
    ("endpoints", &[("cognitoidp", Simple::String, "URL of Cognito.")], "Other endpoints than AWS's own."),
];

/// The provider's own schema.
pub fn provider_schema() -> wire::Schema {
    let optional = |(name, ty, doc): &Setting| wire::Attribute {
        name: (*name).to_owned(),
        ty: type_json(*ty),
        optional: true,
        sensitive: ["secret_key", "token"].contains(name),
        description: (*doc).to_owned(),
        ..wire::Attribute::default()
    };
    let block = |(name, settings, doc): &(&str, &[Setting], &str)| wire::NestedBlock {
        type_name: (*name).to_owned(),
        block: Some(wire::Block {
            attributes: settings.iter().map(optional).collect(),
            description: (*doc).to_owned(),
            ..wire::Block::default()
        }),
        nesting: wire::LIST,
        max_items: 1,
        ..wire::NestedBlock::default()
    };
    schema(PROVIDER.iter().map(optional).collect(), BLOCKS.iter().map(block).collect(), "Amazon Cognito user pools.")
}
