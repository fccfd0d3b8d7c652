//! What the caller knows of resource types, and what it is told of their instances.

use std::collections::BTreeMap;

use poolform_value::{AttributePath, Span, Type, Value};

use crate::aws::Provider;

/// What a block may contain: given by the caller, who knows the types of resources.
#[derive(Clone, Debug, Default)]
pub struct BlockSchema {
    /// Its arguments and what is exported, by name.
    pub attributes: BTreeMap<String, AttributeSchema>,
    /// The kinds of blocks in it, by name.
    pub blocks: BTreeMap<String, NestedBlock>,
}

/// An attribute of a block, in the words of Terraform's plugin protocol.
#[derive(Clone, Debug)]
pub struct AttributeSchema {
    /// What a value is converted to.
    pub ty: Type,
    /// Whether it must be written.
    pub required: bool,
    /// Whether it may be written.
    pub optional: bool,
    /// Whether the service says what it is where it is not written.
    pub computed: bool,
    /// Whether it must not be shown.
    pub sensitive: bool,
}

/// A kind of block in another one.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// What several of them make.
    pub nesting: Nesting,
    /// How many there are at least.
    pub min: usize,
    /// How many there are at most; none where any number may be.
    pub max: Option<usize>,
    /// What each contains.
    pub block: BlockSchema,
}

/// What several blocks of a kind make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// A list: their order says something.
    List,
    /// A set: neither their order nor one that stands twice says anything.
    Set,
}

/// The types that the caller knows.
pub trait Schemas: Sync {
    /// What a `resource` block of this type contains; none where the type is not known.
    fn resource(&self, resource_type: &str) -> Option<&BlockSchema>;

    /// What a `data` block of this type contains; none where the type is not known.
    fn data(&self, data_type: &str) -> Option<&BlockSchema>;
}

/// Schemas that know no type.
#[derive(Clone, Copy, Debug)]
pub struct NoSchemas;

impl Schemas for NoSchemas {
    fn resource(&self, _: &str) -> Option<&BlockSchema> {
        None
    }

    fn data(&self, _: &str) -> Option<&BlockSchema> {
        None
    }
}

/// One instance of a wanted resource, evaluated and decoded by its schema.
#[derive(Clone, Debug)]
pub struct ResourceInstance {
    /// Terraform's own: `module.auth["x"].aws_cognito_user_pool.this[0]`; a data source's begins its last part with `data.`.
    pub address: String,
    /// `aws_cognito_user_pool`
    pub resource_type: String,
    /// The second label of the block.
    pub name: String,
    /// The header of the block.
    pub span: Span,
    /// What is written: an object of arguments by name, of the types of the schema, and of nested blocks, each kind a tuple
    /// of objects under its name. What is not written or null is absent. Blocks of an unknown number are one unknown value.
    /// What is wrong in itself has been reported and is here as an unknown value without an origin.
    pub body: Value,
    /// The `lifecycle` block.
    pub lifecycle: Lifecycle,
    /// References, as written.
    pub depends_on: Vec<String>,
    /// The provider configuration that the resource uses.
    pub provider: Provider,
}

/// What is written of one instance of a resource that nobody has a schema of.
#[derive(Clone, Debug)]
pub struct WrittenResource {
    /// Terraform's own.
    pub address: String,
    /// `aws_lambda_function`
    pub resource_type: String,
    /// What is written, as far as it could be evaluated; blocks are tuples of objects under their name.
    pub body: Value,
    /// The region that it is in, as stand-ins of it say.
    pub region: Option<String>,
    /// The header of the block.
    pub span: Span,
}

/// A `lifecycle` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// What may differ without being changed.
    pub ignore_changes: IgnoreChanges,
    /// Whether destroying it is refused.
    pub prevent_destroy: bool,
    /// Whether a replacement is made before the old one goes.
    pub create_before_destroy: bool,
    /// References whose changes replace it: of an instance as the root would write them, with keys worked out.
    pub replace_triggered_by: Vec<String>,
}

/// `ignore_changes`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgnoreChanges {
    /// `all`
    All,
    /// These attributes and what is in them: `tags["owner"]`, `password_policy[0].minimum_length`.
    Paths(Vec<AttributePath>),
}

impl Default for IgnoreChanges {
    fn default() -> Self {
        IgnoreChanges::Paths(Vec::new())
    }
}
