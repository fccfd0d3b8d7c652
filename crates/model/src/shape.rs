//! Operations and shapes of the API model.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value as Json;

use crate::pattern::Pattern;

/// The API model of the service, as its SDKs are generated from; documentation removed.
const MODEL: &str = include_str!("cognito-idp-2016-04-18.json");

/// One operation of the API.
#[derive(Debug)]
pub struct Operation {
    /// `CreateUserPool`
    pub name: String,
    /// Its request.
    pub input: &'static str,
    /// Its response; None for operations that answer with an empty body.
    pub output: Option<&'static str>,
    /// Names of the exceptions it declares.
    pub errors: Vec<String>,
    /// Whether a call must be signed. The others are the public ones that apps call with tokens.
    pub signed: bool,
}

/// One shape: what kind of data, and its limits.
#[derive(Debug)]
pub struct Shape {
    /// `UserPoolNameType`
    pub name: String,
    /// What it holds.
    pub content: Content,
    /// Least length (strings in characters, lists and maps in entries) or value.
    pub min: Option<i64>,
    /// Greatest length or value.
    pub max: Option<i64>,
    /// What a string must match as a whole.
    pub pattern: Option<Pattern>,
    /// The strings that are allowed; empty when any is.
    pub values: Vec<String>,
    /// Whether it must never be shown.
    pub sensitive: bool,
}

/// What a shape holds. Other shapes are referred to by name, see [`shape`].
#[derive(Debug)]
pub enum Content {
    /// Named members in the order of the model, and the names of those that must be there.
    Structure {
        /// Member name and the name of its shape.
        members: Vec<(String, String)>,
        /// Names of required members.
        required: Vec<String>,
    },
    /// Any number of one shape.
    List(String),
    /// Strings to one shape: the names of the key's and the value's shapes.
    Map(String, String),
    /// Text.
    String,
    /// A 32-bit number.
    Integer,
    /// A 64-bit number.
    Long,
    /// A truth value.
    Boolean,
    /// Bytes in base64.
    Blob,
    /// Seconds since 1970 as a number with fractions.
    Timestamp,
    /// Any JSON at all, which the model does not describe further: a passkey's credential, the settings of a branding.
    Document,
}

impl Shape {
    /// The shape of a member of a structure.
    pub fn member(&self, name: &str) -> Option<&'static Shape> {
        match &self.content {
            Content::Structure { members, .. } => {
                members.iter().find(|(member, _)| member == name).and_then(|(_, target)| shape(target))
            }
            _ => None,
        }
    }

    /// The member names of a structure, in the order of the model; empty for anything else.
    pub fn member_names(&self) -> impl Iterator<Item = &str> {
        let members = match &self.content {
            Content::Structure { members, .. } => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|(name, _)| name.as_str())
    }
}

struct Model {
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

fn model() -> &'static Model {
    static LOADED: OnceLock<Model> = OnceLock::new();
    LOADED.get_or_init(|| {
        let mut json: Json = serde_json::from_str(MODEL).expect("the embedded model is JSON");
        let mut entries = |key: &str| match json[key].take() {
            Json::Object(entries) => entries,
            _ => serde_json::Map::new(),
        };
        Model {
            operations: entries("operations")
                .iter()
                .map(|(name, entry)| (name.clone(), read_operation(name, entry)))
                .collect(),
            shapes: entries("shapes").iter().map(|(name, entry)| (name.clone(), read_shape(name, entry))).collect(),
        }
    })
}

fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

fn texts(json: &Json) -> Vec<String> {
    json.as_array().map(|items| items.iter().map(text).collect()).unwrap_or_default()
}

fn read_operation(name: &str, entry: &Json) -> Operation {
    // Leaked once per process: operations live as long as the model, which is never dropped.
    let keep = |json: &Json| json["shape"].as_str().map(|name| &*Box::leak(name.to_owned().into_boxed_str()));
    Operation {
        name: name.to_owned(),
        input: keep(&entry["input"]).expect("every operation of the embedded model has an input"),
        output: keep(&entry["output"]),
        errors: entry["errors"]
            .as_array()
            .map(|errors| errors.iter().map(|error| text(&error["shape"])).collect())
            .unwrap_or_default(),
        signed: entry.get("authtype").is_none(),
    }
}

fn read_shape(name: &str, entry: &Json) -> Shape {
    let target = |key: &str| text(&entry[key]["shape"]);
    let content = match entry["type"].as_str().unwrap_or_default() {
        _ if entry["document"].as_bool() == Some(true) => Content::Document,
        "structure" => Content::Structure {
            members: entry["members"]
                .as_object()
                .map(|members| {
                    members.iter().map(|(member, target)| (member.clone(), text(&target["shape"]))).collect()
                })
                .unwrap_or_default(),
            required: texts(&entry["required"]),
        },
        "list" => Content::List(target("member")),
        "map" => Content::Map(target("key"), target("value")),
        "integer" => Content::Integer,
        "long" => Content::Long,
        "boolean" => Content::Boolean,
        "blob" => Content::Blob,
        "timestamp" => Content::Timestamp,
        _ => Content::String,
    };
    Shape {
        name: name.to_owned(),
        content,
        min: entry["min"].as_i64(),
        max: entry["max"].as_i64(),
        pattern: entry["pattern"].as_str().map(Pattern::new),
        values: texts(&entry["enum"]),
        sensitive: entry["sensitive"].as_bool().unwrap_or_default(),
    }
}

/// The operation of that name.
pub fn operation(name: &str) -> Option<&'static Operation> {
    model().operations.get(name)
}

/// All operations, by name.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    model().operations.values()
}

/// The shape of that name.
pub fn shape(name: &str) -> Option<&'static Shape> {
    model().shapes.get(name)
}

/// The shape at `path` below the shape named `root`: `Policies.PasswordPolicy.MinimumLength` below
/// `CreateUserPoolRequest`. A `[]` steps into a list or the values of a map: `Schema[].Name`.
pub fn resolve(root: &str, path: &str) -> Option<&'static Shape> {
    let mut at = shape(root)?;
    for part in path.split('.') {
        let name = part.trim_end_matches("[]");
        at = at.member(name)?;
        for _ in 0..(part.len() - name.len()) / 2 {
            at = match &at.content {
                Content::List(inner) | Content::Map(_, inner) => shape(inner)?,
                _ => return None,
            };
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_the_whole_api() {
        assert_eq!(operations().count(), 153);
        assert_eq!(model().shapes.len(), 730);
        assert!(operation("CreateUserPool").is_some_and(|operation| operation.signed));
        assert!(operation("SignUp").is_some_and(|operation| !operation.signed));
    }

    #[test]
    fn documents_are_marked_in_the_model() {
        for (root, member) in [
            ("CompleteWebAuthnRegistrationRequest", "Credential"),
            ("StartWebAuthnRegistrationResponse", "CredentialCreationOptions"),
            ("CreateManagedLoginBrandingRequest", "Settings"),
            ("UpdateManagedLoginBrandingRequest", "Settings"),
        ] {
            assert!(matches!(resolve(root, member).unwrap().content, Content::Document), "{root}.{member}");
        }
    }

    #[test]
    fn resolves_paths_into_lists() {
        let minimum = resolve("CreateUserPoolRequest", "Policies.PasswordPolicy.MinimumLength").unwrap();
        assert_eq!((minimum.min, minimum.max), (Some(6), Some(99)));
        assert_eq!(resolve("CreateUserPoolRequest", "Schema[].Name").unwrap().max, Some(20));
        assert!(resolve("CreateUserPoolRequest", "Schema[].Nmae").is_none());
    }
}
