//! Terraform's types.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

/// A type constraint as Terraform writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `any`: whatever the value is. Also the type of a bare `null`.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(…)`
    List(Box<Type>),
    /// `set(…)`
    Set(Box<Type>),
    /// `map(…)`
    Map(Box<Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
    /// `object({…})`
    Object(BTreeMap<String, ObjectAttribute>),
}

/// One attribute of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectAttribute {
    /// Its own type.
    pub ty: Type,
    /// Whether it may be left out: `optional(…)`.
    pub optional: bool,
    /// What stands in for it then, and for null: the second argument of `optional`.
    pub default: Option<crate::Value>,
}

impl Eq for ObjectAttribute {}

impl ObjectAttribute {
    /// An attribute that must be there.
    pub fn required(ty: Type) -> Self {
        ObjectAttribute { ty, optional: false, default: None }
    }
}

impl Type {
    /// As `terraform output -json` writes it, in the words of go-cty: `"string"`, `["list", "string"]`,
    /// `["object", {"name": "string"}]`; `"dynamic"` for any.
    pub fn to_json(&self) -> Json {
        match self {
            Type::Any => json!("dynamic"),
            Type::Bool => json!("bool"),
            Type::Number => json!("number"),
            Type::String => json!("string"),
            Type::List(inner) => json!(["list", inner.to_json()]),
            Type::Set(inner) => json!(["set", inner.to_json()]),
            Type::Map(inner) => json!(["map", inner.to_json()]),
            Type::Tuple(items) => json!(["tuple", items.iter().map(Type::to_json).collect::<Vec<_>>()]),
            Type::Object(attributes) => {
                let of = |(name, attribute): (&String, &ObjectAttribute)| (name.clone(), attribute.ty.to_json());
                json!(["object", Json::Object(attributes.iter().map(of).collect())])
            }
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Any => f.write_str("any"),
            Type::Bool => f.write_str("bool"),
            Type::Number => f.write_str("number"),
            Type::String => f.write_str("string"),
            Type::List(inner) => write!(f, "list({inner})"),
            Type::Set(inner) => write!(f, "set({inner})"),
            Type::Map(inner) => write!(f, "map({inner})"),
            Type::Tuple(items) => {
                f.write_str("tuple([")?;
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("])")
            }
            Type::Object(attributes) => {
                f.write_str("object({")?;
                for (position, (name, attribute)) in attributes.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    if attribute.optional {
                        write!(f, "{name} = optional({})", attribute.ty)?;
                    } else {
                        write!(f, "{name} = {}", attribute.ty)?;
                    }
                }
                f.write_str("})")
            }
        }
    }
}
