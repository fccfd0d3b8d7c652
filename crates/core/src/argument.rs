//! A row per argument: everything that decoding, defaulting, checking, comparing, a provider's schema and the
//! reference page need to know about it.

use std::collections::BTreeMap;

use poolform_value::{ObjectAttribute, Type, Value};
use serde_json::Value as Json;

/// The type of an argument.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `string`
    String,
    /// `bool`
    Bool,
    /// `number`, a whole one: the API has no others.
    Number,
    /// `set(string)`: order does not matter.
    Set,
    /// `map(string)`
    Map,
    /// `any`, never looked into.
    Any,
    /// One object with these attributes.
    Record(&'static [Argument]),
    /// A list of objects with these attributes.
    Records(&'static [Argument]),
}

/// The type of an attribute of a Terraform resource that is no object.
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

/// What stands for an argument that is not given.
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// It must be given.
    Required,
    /// Nothing is sent.
    Null,
    /// This text.
    Text(&'static str),
    /// This truth.
    Bool(bool),
    /// This number.
    Number(i64),
    /// These texts.
    Texts(&'static [&'static str]),
    /// The empty list or map.
    Empty,
}

/// What is sent when a setting that was declared no longer is: Cognito's own default.
#[derive(Clone, Copy, Debug)]
pub enum Reset {
    /// The member is left out, which gives it Cognito's default.
    Omit,
    /// This JSON, because leaving the member out may keep the old value.
    Json(&'static str),
    /// Cognito cannot unset it; the reason.
    Never(&'static str),
}

/// What an argument's value must satisfy beyond the limits that the API model states for its member.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Nothing more.
    None,
    /// One of these, letter case as written. For sets: each element.
    OneOf(&'static [&'static str]),
    /// One of these, letter case aside.
    OneOfAnyCase(&'static [&'static str]),
    /// Contains each of these.
    Contains(&'static [&'static str]),
    /// A number within these bounds, both included.
    Between(i64, i64),
    /// At most this many elements.
    AtMost(usize),
    /// Starts with `arn:` and has the parts of one.
    Arn,
    /// Contains `{##text##}`, which Cognito makes a link.
    Link,
    /// Is JSON.
    Json,
    /// Bytes in base64.
    Base64,
}

/// A row.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// As it is written in the files.
    pub name: &'static str,
    /// An older or documented spelling that means the same, empty for none.
    pub alias: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What stands for it.
    pub default: Default,
    /// Where its value goes: a path from the root of the kind's settings, or within an element of a
    /// [`Kind::Records`]. Empty when it goes nowhere by itself.
    pub api: &'static str,
    /// The name of the module's variable that gives the default for all items, empty for none.
    pub shared: &'static str,
    /// What is sent once it is no longer declared.
    pub reset: Reset,
    /// What it must satisfy beyond the model.
    pub rule: Rule,
    /// Why it cannot change once it is there, empty when it can.
    pub immutable: &'static str,
    /// Whether the API wants its number as text.
    pub as_text: bool,
    /// Where the API has other words than the argument: its JSON, and the argument's. For showing.
    pub words: &'static [(&'static str, &'static str)],
    /// Whether code in the kind's file places its value at `api`, because a row cannot say how.
    pub by_code: bool,
    /// Where it stands in the kind's Terraform resource, in the AWS provider's words: a path whose outer parts are lists
    /// of one object (`password_policy.minimum_length`). Empty where that is its name.
    pub resource: &'static str,
    /// Its type there, where that is another one. A row with `words` then has the API's words there.
    pub resource_kind: Option<Kind>,
    /// Another path there that means the same, empty for none: older attributes of the AWS provider.
    pub resource_alias: &'static str,
    /// Whether only resources have it: the module, whose arguments are the original's, has no name for it.
    pub only_in_resource: bool,
    /// Whether no answer shows it: it counts when the thing is made, and is no difference afterwards.
    pub write_only: bool,
    /// Whether what was sent is remembered by its fingerprint, since no answer shows it: another value is a difference.
    pub fingerprinted: bool,
    /// The kind whose id it is, where it is the id of another part of the pool.
    pub id_of: Option<&'static crate::kinds::Kind>,
    /// Whether it is JSON in a text.
    pub json: bool,
    /// Whether its value must never be shown, however it is written.
    pub secret: bool,
    /// What the AWS provider sends where it is absent from its resource, or from a block of it that is written; null for
    /// nothing. In the module's words.
    pub provider_default: Default,
    /// One line: what it is, unit, bounds, source of its literals.
    pub doc: &'static str,
}

const fn row(name: &'static str, kind: Kind) -> Argument {
    Argument {
        name,
        alias: "",
        kind,
        default: Default::Null,
        api: "",
        shared: "",
        reset: Reset::Omit,
        rule: Rule::None,
        immutable: "",
        as_text: false,
        words: &[],
        by_code: false,
        resource: "",
        resource_kind: None,
        resource_alias: "",
        only_in_resource: false,
        write_only: false,
        fingerprinted: false,
        id_of: None,
        json: false,
        secret: false,
        provider_default: Default::Null,
        doc: "",
    }
}

/// A `string` row.
pub const fn string(name: &'static str) -> Argument {
    row(name, Kind::String)
}

/// A `bool` row.
pub const fn bool(name: &'static str) -> Argument {
    row(name, Kind::Bool)
}

/// A `number` row.
pub const fn number(name: &'static str) -> Argument {
    row(name, Kind::Number)
}

/// A `set(string)` row.
pub const fn set(name: &'static str) -> Argument {
    row(name, Kind::Set)
}

/// A `map(string)` row.
pub const fn map(name: &'static str) -> Argument {
    row(name, Kind::Map)
}

/// An `any` row.
pub const fn any(name: &'static str) -> Argument {
    row(name, Kind::Any)
}

/// A row of one object.
pub const fn record(name: &'static str, attributes: &'static [Argument]) -> Argument {
    row(name, Kind::Record(attributes))
}

/// A row of a list of objects; empty unless given.
pub const fn records(name: &'static str, attributes: &'static [Argument]) -> Argument {
    row(name, Kind::Records(attributes)).or(Default::Empty)
}

impl Argument {
    /// It must be given.
    #[must_use]
    pub const fn required(self) -> Self {
        self.or(Default::Required)
    }

    /// Its default.
    #[must_use]
    pub const fn or(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    /// Where its value goes.
    #[must_use]
    pub const fn api(mut self, path: &'static str) -> Self {
        self.api = path;
        self
    }

    /// Another spelling.
    #[must_use]
    pub const fn alias(mut self, name: &'static str) -> Self {
        self.alias = name;
        self
    }

    /// The variable that gives the default for all items.
    #[must_use]
    pub const fn shared(mut self, variable: &'static str) -> Self {
        self.shared = variable;
        self
    }

    /// What is sent once it is no longer declared.
    #[must_use]
    pub const fn reset(mut self, reset: Reset) -> Self {
        self.reset = reset;
        self
    }

    /// What it must satisfy.
    #[must_use]
    pub const fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// It cannot change; why.
    #[must_use]
    pub const fn immutable(mut self, reason: &'static str) -> Self {
        self.immutable = reason;
        self
    }

    /// The API wants the number as text.
    #[must_use]
    pub const fn as_text(mut self) -> Self {
        self.as_text = true;
        self
    }

    /// The API's words and the argument's.
    #[must_use]
    pub const fn words(mut self, words: &'static [(&'static str, &'static str)]) -> Self {
        self.words = words;
        self
    }

    /// A value of the API in the argument's words.
    pub fn in_words(&self, api: &Json) -> Json {
        let text = api.to_string();
        let word = self.words.iter().find(|(from, _)| *from == text).map(|(_, word)| *word);
        word.and_then(|word| serde_json::from_str(word).ok()).unwrap_or_else(|| api.clone())
    }

    /// The kind's file places its value.
    #[must_use]
    pub const fn by_code(mut self) -> Self {
        self.by_code = true;
        self
    }

    /// Where it stands in the kind's Terraform resource.
    #[must_use]
    pub const fn resource(mut self, path: &'static str) -> Self {
        self.resource = path;
        self
    }

    /// Where it stands in the kind's Terraform resource, as a value of another type.
    #[must_use]
    pub const fn resource_as(mut self, path: &'static str, kind: Kind) -> Self {
        self.resource = path;
        self.resource_kind = Some(kind);
        self
    }

    /// Another path in the kind's Terraform resource that means the same.
    #[must_use]
    pub const fn resource_alias(mut self, path: &'static str) -> Self {
        self.resource_alias = path;
        self
    }

    /// Only the kind's Terraform resource has it.
    #[must_use]
    pub const fn only_in_resource(mut self) -> Self {
        self.only_in_resource = true;
        self
    }

    /// No answer shows it.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// No answer shows it, and another value than the one that was sent is a difference.
    #[must_use]
    pub const fn fingerprinted(mut self) -> Self {
        self.write_only = true;
        self.fingerprinted = true;
        self
    }

    /// It is the id of another part of the pool, of that kind.
    #[must_use]
    pub const fn id_of(mut self, kind: &'static crate::kinds::Kind) -> Self {
        self.id_of = Some(kind);
        self
    }

    /// It is JSON in a text, and a value of any form to the API.
    #[must_use]
    pub const fn json(mut self) -> Self {
        self.json = true;
        self
    }

    /// Its value must never be shown.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// What the AWS provider sends where its resource does not give it.
    #[must_use]
    pub const fn provider_default(mut self, default: Default) -> Self {
        self.provider_default = default;
        self
    }

    /// Its path in the kind's Terraform resource.
    pub fn resource_path(&self) -> &'static str {
        if self.resource.is_empty() { self.name } else { self.resource }
    }

    /// Its documentation line.
    #[must_use]
    pub const fn doc(mut self, line: &'static str) -> Self {
        self.doc = line;
        self
    }

    /// The type as Terraform writes it.
    pub fn ty(&self) -> Type {
        let object = |attributes: &'static [Argument]| {
            Type::Object(
                attributes
                    .iter()
                    .map(|attribute| {
                        let optional = !matches!(attribute.default, Default::Required);
                        let inner = ObjectAttribute { ty: attribute.ty(), optional, default: None };
                        (attribute.name.to_owned(), inner)
                    })
                    .collect::<BTreeMap<_, _>>(),
            )
        };
        match self.kind {
            Kind::String => Type::String,
            Kind::Bool => Type::Bool,
            Kind::Number => Type::Number,
            Kind::Set => Type::Set(Box::new(Type::String)),
            Kind::Map => Type::Map(Box::new(Type::String)),
            Kind::Any => Type::Any,
            Kind::Record(attributes) => object(attributes),
            Kind::Records(attributes) => Type::List(Box::new(object(attributes))),
        }
    }

    /// The value of its default; null for a required one.
    pub fn default_value(&self) -> Value {
        match self.default {
            Default::Required | Default::Null => Value::null(),
            Default::Text(text) => text.into(),
            Default::Bool(value) => value.into(),
            Default::Number(number) => number.into(),
            Default::Texts(texts) => Value::tuple(texts.iter().map(|text| Value::from(*text)).collect()),
            Default::Empty => match self.kind {
                Kind::Map | Kind::Record(_) => Value::object::<String>([]),
                _ => Value::tuple(Vec::new()),
            },
        }
    }
}
