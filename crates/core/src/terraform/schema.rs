//! The attributes of resources, from the rows of their kinds, and what is no row: ids, what Cognito makes up, and what is
//! between the user and poolform.

use crate::argument::{Argument, Default, Kind as Type};
use crate::kinds::Kind;

/// The type of an attribute that is no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Simple {
    /// `string`
    String,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `set(string)`
    Set,
    /// `list(string)`
    List,
    /// `map(string)`
    Map,
}

/// What an attribute is made of.
#[derive(Clone, Debug)]
pub enum Shape {
    /// The value of a row.
    Row(&'static Argument, Simple),
    /// A row that is a set of objects.
    Records(&'static Argument, Vec<Attribute>),
    /// A list of one object, or none.
    Group(Vec<Attribute>),
    /// What Cognito makes up.
    Computed(Simple),
    /// Between the user and poolform.
    Own(Simple),
}

/// An attribute of a resource.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub shape: Shape,
    /// Whether it must be given.
    pub required: bool,
    /// Whether its value is hidden.
    pub sensitive: bool,
    /// One line.
    pub doc: &'static str,
}

/// The resource type of a kind: `poolform_user_pool_client`.
pub fn type_name(kind: &Kind) -> String {
    super::own_type(kind)
}

/// The kind of a resource type.
pub fn kind_of(type_name: &str) -> Option<&'static Kind> {
    crate::kinds::KINDS.iter().copied().find(|kind| self::type_name(kind) == type_name)
}

/// The attribute that holds the pool's id, of the pool and of its parts.
pub fn pool_attribute(kind: &Kind) -> &'static str {
    if kind.segment.is_empty() { "id" } else { POOL_ID }
}

/// The attribute of parts that names their pool.
pub const POOL_ID: &str = "user_pool_id";

fn simple(kind: Type) -> Simple {
    match kind {
        Type::Bool => Simple::Bool,
        Type::Number => Simple::Number,
        Type::Set => Simple::Set,
        Type::Map => Simple::Map,
        _ => Simple::String,
    }
}

/// Whether a row is the id of the pool, which every part has in the same way.
pub fn names_the_pool(row: &Argument) -> bool {
    row.api == "UserPoolId"
}

fn add(attributes: &mut Vec<Attribute>, path: &'static str, attribute: Attribute) {
    let Some((outer, rest)) = path.split_once('.') else {
        attributes.push(attribute);
        return;
    };
    let position = attributes.iter().position(|each| each.name == outer).unwrap_or_else(|| {
        attributes.push(Attribute {
            name: outer,
            shape: Shape::Group(Vec::new()),
            required: false,
            sensitive: false,
            doc: "",
        });
        attributes.len() - 1
    });
    if let Shape::Group(inner) = &mut attributes[position].shape {
        add(inner, rest, attribute);
    }
}

fn of_rows(rows: &'static [Argument]) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    for row in rows.iter().filter(|row| !names_the_pool(row)) {
        let path = row.resource_path();
        let shape = match row.kind {
            Type::Record(inner) => Shape::Group(of_rows(inner)),
            Type::Records(inner) => Shape::Records(row, of_rows(inner)),
            kind => Shape::Row(row, simple(row.resource_kind.unwrap_or(kind))),
        };
        let attribute = Attribute {
            name: path.rsplit('.').next().unwrap_or(path),
            shape,
            required: matches!(row.default, Default::Required) && !path.contains('.'),
            sensitive: row.api == "ProviderDetails",
            doc: row.doc,
        };
        add(&mut attributes, path, attribute);
    }
    attributes
}

type Extra = (&'static str, Simple, bool, &'static str);

/// What Cognito makes up, per kind: name, type, whether it is hidden, what it is.
const COMPUTED: &[(&str, &[Extra])] = &[
    (
        "UserPool",
        &[
            ("id", Simple::String, false, "Id of the pool."),
            ("arn", Simple::String, false, "ARN of the pool."),
            ("creation_date", Simple::String, false, "When it was made."),
            ("custom_domain", Simple::String, false, "Its domain, where that is a full name."),
            ("domain", Simple::String, false, "Its domain, where that is a prefix."),
            ("email_verification_message", Simple::String, false, "Text of the mail with a code."),
            ("email_verification_subject", Simple::String, false, "Subject of the mail with a code."),
            ("endpoint", Simple::String, false, "Issuer of its tokens, without https://."),
            ("estimated_number_of_users", Simple::Number, false, "Cognito's estimate, which lags."),
            ("last_modified_date", Simple::String, false, "When it was changed."),
            ("sms_verification_message", Simple::String, false, "SMS of a verification code."),
            (
                "user_attribute_update_settings.attributes_require_verification_before_update",
                Simple::Set,
                false,
                "Attributes whose new value counts once it is verified.",
            ),
            ("email_configuration.configuration_set", Simple::String, false, "Configuration set of SES."),
            ("lambda_config.kms_key_id", Simple::String, false, "Key for messages that triggers send."),
            ("sms_configuration.sns_region", Simple::String, false, "Region that sends SMS."),
            ("tags_all", Simple::Map, false, "All of its tags, the provider's default_tags included."),
        ],
    ),
    (
        "Client",
        &[
            ("id", Simple::String, false, "Client id."),
            ("auth_session_validity", Simple::Number, false, "How long a sign-in may take, in minutes."),
            ("client_secret", Simple::String, true, "Its secret; null with store_secret = false."),
            (
                "enable_propagate_additional_user_context_data",
                Simple::Bool,
                false,
                "Whether context of users is passed on to threat protection.",
            ),
        ],
    ),
    (
        "Domain",
        &[
            ("id", Simple::String, false, "The domain."),
            ("aws_account_id", Simple::String, false, "Account of the pool."),
            ("cloudfront_distribution", Simple::String, false, "Host name that the domain's DNS record must name."),
            ("cloudfront_distribution_arn", Simple::String, false, "The same, as the AWS provider calls it."),
            ("cloudfront_distribution_zone_id", Simple::String, false, "Route 53 zone of all such host names."),
            ("s3_bucket", Simple::String, false, "Where Cognito keeps the pages' files."),
            ("version", Simple::String, false, "Version of the pages."),
        ],
    ),
    (
        "ResourceServer",
        &[
            ("id", Simple::String, false, "POOL|IDENTIFIER."),
            ("scope_identifiers", Simple::List, false, "IDENTIFIER/SCOPE of each scope, as clients name them."),
        ],
    ),
    ("Group", &[("id", Simple::String, false, "POOL/NAME.")]),
    ("IdentityProvider", &[("id", Simple::String, false, "POOL:NAME.")]),
];

/// What is between the user and poolform, per kind.
const OWN: &[(&str, &[Extra])] = &[
    (
        "UserPool",
        &[
            (
                ALLOW_DELETE,
                Simple::Bool,
                false,
                "Whether the pool may be deleted although it has users. Counts once applied.",
            ),
            (
                ALLOW_REPLACE,
                Simple::Bool,
                false,
                "Whether a change that is not possible in place may replace the pool, and lose its users and ids.",
            ),
        ],
    ),
    (
        "Client",
        &[
            (
                ALLOW_REPLACE,
                Simple::Bool,
                false,
                "Whether a change that is not possible in place may replace the client, and lose its id.",
            ),
            (STORE_SECRET, Simple::Bool, false, "Whether client_secret is kept in the state; true unless told."),
        ],
    ),
];

/// The attribute that allows the deletion of a pool with users.
pub const ALLOW_DELETE: &str = "allow_delete";
/// The attribute that allows a replacement.
pub const ALLOW_REPLACE: &str = "allow_replace";
/// The attribute that keeps a client's secret out of the state.
pub const STORE_SECRET: &str = "store_secret";

/// What stands for an attribute of ours that is not given.
pub fn own_default(name: &str) -> bool {
    name == STORE_SECRET
}

fn of_table(
    table: &[(&str, &'static [Extra])],
    kind: &Kind,
    shape: fn(Simple) -> Shape,
    attributes: &mut Vec<Attribute>,
) {
    let rows = table.iter().find(|(name, _)| *name == kind.name).map_or(&[][..], |(_, rows)| rows);
    let attribute = |(name, ty, sensitive, doc): &Extra| Attribute {
        name: name.rsplit('.').next().unwrap_or(name),
        shape: shape(*ty),
        required: false,
        sensitive: *sensitive,
        doc,
    };
    for row in rows {
        add(attributes, row.0, attribute(row));
    }
}

/// Every attribute of a kind's resource.
pub fn attributes(kind: &Kind) -> Vec<Attribute> {
    let mut attributes = of_rows(kind.arguments);
    if !kind.segment.is_empty() {
        attributes.push(Attribute {
            name: POOL_ID,
            shape: Shape::Own(Simple::String),
            required: true,
            sensitive: false,
            doc: "Id of the pool that it belongs to.",
        });
    }
    of_table(COMPUTED, kind, Shape::Computed, &mut attributes);
    of_table(OWN, kind, Shape::Own, &mut attributes);
    attributes
}
