//! The attributes of resources, from the rows of their kinds, and what is no row: ids, what Cognito makes up, and what is
//! between the user and poolform.

pub use crate::argument::Simple;
use crate::argument::{Argument, Default, Kind as Type};
use crate::kinds::{Extra, Kind};

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

/// The kinds that poolform's provider has resources for.
pub fn offered() -> impl Iterator<Item = &'static Kind> {
    crate::kinds::KINDS.iter().copied().filter(|kind| kind.terraform.offered)
}

/// The kind of a resource type.
pub fn kind_of(type_name: &str) -> Option<&'static Kind> {
    offered().find(|kind| self::type_name(kind) == type_name)
}

/// The attribute that holds the pool's id, of the pool and of its parts.
pub fn pool_attribute(kind: &Kind) -> &'static str {
    if kind.is_pool() { "id" } else { POOL_ID }
}

/// The attribute that holds a member of an identity: what Cognito makes up is the id.
pub fn attribute_of(kind: &Kind, member: &str) -> &'static str {
    match member {
        "UserPoolId" => pool_attribute(kind),
        member => kind.arguments.iter().find(|row| row.api == member).map_or("id", Argument::resource_path),
    }
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
            sensitive: row.secret,
            doc: row.doc,
        };
        add(&mut attributes, path, attribute);
    }
    attributes
}

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

fn add_extras(extras: &'static [Extra], shape: fn(Simple) -> Shape, attributes: &mut Vec<Attribute>) {
    let attribute = |(name, ty, sensitive, doc): &Extra| Attribute {
        name: name.rsplit('.').next().unwrap_or(name),
        shape: shape(*ty),
        required: false,
        sensitive: *sensitive,
        doc,
    };
    for row in extras {
        add(attributes, row.0, attribute(row));
    }
}

/// Every attribute of a kind's resource.
pub fn attributes(kind: &Kind) -> Vec<Attribute> {
    let mut attributes = of_rows(kind.arguments);
    if !kind.is_pool() {
        attributes.push(Attribute {
            name: POOL_ID,
            shape: Shape::Own(Simple::String),
            required: true,
            sensitive: false,
            doc: "Id of the pool that it belongs to.",
        });
    }
    add_extras(kind.terraform.computed, Shape::Computed, &mut attributes);
    add_extras(kind.terraform.own, Shape::Own, &mut attributes);
    attributes
}
