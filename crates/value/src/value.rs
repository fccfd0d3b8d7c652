//! Values as Terraform has them: typed, possibly null, possibly unknown, possibly sensitive.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bigdecimal::BigDecimal;

use crate::{ObjectAttribute, Span, Type};

/// What a value is made of. Collections know the type of their elements; tuples and objects have a type per element.
#[derive(Clone, PartialEq)]
pub enum Content {
    /// The absence of a value of a type; [`Type::Any`] for a bare `null`.
    Null(Type),
    /// A value that is not known here, and where it would have come from.
    Unknown(Type, Option<Arc<Origin>>),
    /// A truth value.
    Bool(bool),
    /// An exact decimal number, as Terraform's 512-bit numbers show themselves.
    Number(BigDecimal),
    /// Text in Unicode normal form as written.
    String(String),
    /// Elements of one type, in order.
    List(Type, Vec<Value>),
    /// Elements of one type, without duplicates, in Terraform's iteration order.
    Set(Type, Vec<Value>),
    /// Elements of one type by key.
    Map(Type, BTreeMap<String, Value>),
    /// Elements of any type, in order.
    Tuple(Vec<Value>),
    /// Attributes of any type by name.
    Object(BTreeMap<String, Value>),
}

/// The reference behind an unknown value: `module.lambdas.arn` and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The reference as written in the source.
    pub reference: String,
    /// Where it was written.
    pub span: Option<Span>,
}

/// A value, whether it must be hidden, and where it was written.
///
/// Equality looks at content and sensitivity, never at places.
#[derive(Clone)]
pub struct Value {
    /// What it is.
    pub content: Content,
    /// Whether it must never be shown. An element may be sensitive inside a container that is not.
    pub sensitive: bool,
    /// The expression that made it.
    pub span: Option<Span>,
    /// As an attribute of an object or an argument of a block: where its name stands.
    pub name_span: Option<Span>,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.sensitive == other.sensitive && self.content == other.content
    }
}

impl From<Content> for Value {
    fn from(content: Content) -> Self {
        Value { content, sensitive: false, span: None, name_span: None }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Content::Bool(value).into()
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Content::String(value.to_owned()).into()
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Content::String(value).into()
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Content::Number(value.into()).into()
    }
}

impl From<BigDecimal> for Value {
    fn from(value: BigDecimal) -> Self {
        Content::Number(value).into()
    }
}

impl Value {
    /// A bare `null`.
    pub fn null() -> Self {
        Content::Null(Type::Any).into()
    }

    /// An unknown value of unknown type that stands for `reference`.
    pub fn unknown(reference: &str, span: Option<Span>) -> Self {
        Content::Unknown(Type::Any, Some(Arc::new(Origin { reference: reference.to_owned(), span }))).into()
    }

    /// A tuple, as a `[…]` expression makes one.
    pub fn tuple(items: Vec<Value>) -> Self {
        Content::Tuple(items).into()
    }

    /// An object, as a `{…}` expression makes one.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Content::Object(attributes.into_iter().map(|(name, value)| (name.into(), value)).collect()).into()
    }

    /// This value, placed.
    #[must_use]
    pub fn at(mut self, span: Option<Span>) -> Self {
        self.span = span;
        self
    }

    /// This value, hidden when `sensitive` is true; never made visible.
    #[must_use]
    pub fn marked(mut self, sensitive: bool) -> Self {
        self.sensitive |= sensitive;
        self
    }

    /// Whether this is null, whatever its type.
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null(_))
    }

    /// Whether this value itself is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.content, Content::Unknown(..))
    }

    /// The elements of a list, set or tuple.
    pub fn items(&self) -> Option<&[Value]> {
        match &self.content {
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The elements of a map or the attributes of an object.
    pub fn members(&self) -> Option<&BTreeMap<String, Value>> {
        match &self.content {
            Content::Map(_, members) | Content::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.content {
            Content::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth of a bool.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.content {
            Content::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number of a number.
    pub fn as_number(&self) -> Option<&BigDecimal> {
        match &self.content {
            Content::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The first unknown in this value, itself included, depth first.
    pub fn first_unknown(&self) -> Option<&Value> {
        match &self.content {
            Content::Unknown(..) => Some(self),
            Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                items.iter().find_map(Value::first_unknown)
            }
            Content::Map(_, members) | Content::Object(members) => members.values().find_map(Value::first_unknown),
            _ => None,
        }
    }

    /// Whether this value or anything in it is sensitive.
    pub fn contains_sensitive(&self) -> bool {
        self.sensitive
            || match &self.content {
                Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
                    items.iter().any(Value::contains_sensitive)
                }
                Content::Map(_, members) | Content::Object(members) => members.values().any(Value::contains_sensitive),
                _ => false,
            }
    }

    /// The type of this value: what Terraform's `type()` would say.
    pub fn ty(&self) -> Type {
        match &self.content {
            Content::Null(ty) | Content::Unknown(ty, _) => ty.clone(),
            Content::Bool(_) => Type::Bool,
            Content::Number(_) => Type::Number,
            Content::String(_) => Type::String,
            Content::List(inner, _) => Type::List(Box::new(inner.clone())),
            Content::Set(inner, _) => Type::Set(Box::new(inner.clone())),
            Content::Map(inner, _) => Type::Map(Box::new(inner.clone())),
            Content::Tuple(items) => Type::Tuple(items.iter().map(Value::ty).collect()),
            Content::Object(attributes) => Type::Object(
                attributes.iter().map(|(name, value)| (name.clone(), ObjectAttribute::required(value.ty()))).collect(),
            ),
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Null(_) => f.write_str("null"),
            Content::Unknown(_, Some(origin)) => write!(f, "(unknown: {})", origin.reference),
            Content::Unknown(_, None) => f.write_str("(unknown)"),
            Content::Bool(value) => write!(f, "{value}"),
            Content::Number(number) => f.write_str(&crate::number_text(number)),
            Content::String(text) => write!(f, "{text:?}"),
            Content::List(_, items) => f.debug_tuple("list").field(items).finish(),
            Content::Set(_, items) => f.debug_tuple("set").field(items).finish(),
            Content::Map(_, members) => f.debug_tuple("map").field(members).finish(),
            Content::Tuple(items) => f.debug_list().entries(items).finish(),
            Content::Object(members) => f.debug_map().entries(members).finish(),
        }
    }
}

/// Shows the shape of a value and never a sensitive content.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensitive {
            return f.write_str("(sensitive)");
        }
        self.content.fmt(f)
    }
}
