//! Which limits of the model a value breaks.

use std::fmt;

use serde_json::Value as Json;

use crate::shape::{Content, Shape, shape};

/// One step from a request's root to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A member of a structure.
    Member(String),
    /// An element of a list, counted from 0.
    Index(usize),
    /// An entry of a map.
    Key(String),
}

/// A limit that a value breaks. `Display` is the service's sentence about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// A required member is absent or null.
    NotNull,
    /// A string, list or map is too short.
    MinLength(i64),
    /// A string, list or map is too long.
    MaxLength(i64),
    /// A number is too small.
    MinValue(i64),
    /// A number is too great.
    MaxValue(i64),
    /// A string does not match.
    Pattern(String),
    /// A string is none of these.
    Values(Vec<String>),
    /// An element of a list, or a key or value of a map, breaks these limits of its own. The service reports it at the
    /// list.
    Element(Vec<Constraint>),
    /// The JSON type is another one; the name of the expected one. The service refuses such a body before it looks at
    /// limits.
    Type(&'static str),
    /// The model has no such member.
    Unknown,
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Constraint::NotNull => f.write_str("Member must not be null"),
            Constraint::MinLength(least) => write!(f, "Member must have length greater than or equal to {least}"),
            Constraint::MaxLength(most) => write!(f, "Member must have length less than or equal to {most}"),
            Constraint::MinValue(least) => write!(f, "Member must have value greater than or equal to {least}"),
            Constraint::MaxValue(most) => write!(f, "Member must have value less than or equal to {most}"),
            Constraint::Pattern(pattern) => write!(f, "Member must satisfy regular expression pattern: {pattern}"),
            Constraint::Values(values) => write!(f, "Member must satisfy enum value set: [{}]", values.join(", ")),
            Constraint::Element(constraints) => {
                f.write_str("Member must satisfy constraint: [")?;
                for (position, constraint) in constraints.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{constraint}")?;
                }
                f.write_str("]")
            }
            Constraint::Type(expected) => write!(f, "Member must be a {expected}"),
            Constraint::Unknown => f.write_str("Member is not in the API model"),
        }
    }
}

/// A value that breaks a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// From the root of the request.
    pub path: Vec<Step>,
    /// The value, null when it is absent.
    pub value: Json,
    /// Whether the value must not be shown.
    pub sensitive: bool,
    /// Which limit.
    pub constraint: Constraint,
}

/// Every limit of `shape` that `value` breaks, in the order of the model's members.
pub fn violations(shape: &Shape, value: &Json) -> Vec<Violation> {
    let mut found = Vec::new();
    walk(shape, value, &mut Vec::new(), &mut found);
    found
}

fn walk(at: &Shape, value: &Json, path: &mut Vec<Step>, found: &mut Vec<Violation>) {
    let report = |constraint: Constraint, path: &[Step], found: &mut Vec<Violation>| {
        found.push(Violation { path: path.to_vec(), value: value.clone(), sensitive: at.sensitive, constraint });
    };
    if let Some(expected) = wrong_type(at, value) {
        report(Constraint::Type(expected), path, found);
        return;
    }
    match (&at.content, value) {
        (Content::Structure { members, required }, Json::Object(given)) => {
            for name in given.keys().filter(|name| !members.iter().any(|(member, _)| member == *name)) {
                path.push(Step::Member(name.clone()));
                report(Constraint::Unknown, path, found);
                path.pop();
            }
            for (name, target) in members {
                path.push(Step::Member(name.clone()));
                match given.get(name) {
                    None | Some(Json::Null) => {
                        if required.contains(name) {
                            found.push(Violation {
                                path: path.clone(),
                                value: Json::Null,
                                sensitive: false,
                                constraint: Constraint::NotNull,
                            });
                        }
                    }
                    Some(inner) => {
                        if let Some(target) = shape(target) {
                            walk(target, inner, path, found);
                        }
                    }
                }
                path.pop();
            }
        }
        (Content::List(target), Json::Array(items)) => {
            for constraint in length(at, items.len()) {
                report(constraint, path, found);
            }
            let Some(target) = shape(target) else { return };
            if matches!(target.content, Content::String) {
                // Limits of strings in a list are reported once, at the list.
                if items.iter().any(|item| !item.is_string()) {
                    for (index, item) in items.iter().enumerate() {
                        path.push(Step::Index(index));
                        walk(target, item, path, found);
                        path.pop();
                    }
                    return;
                }
                let mut broken: Vec<Constraint> = Vec::new();
                for item in items {
                    for constraint in text(target, item.as_str().unwrap_or_default()) {
                        if !broken.contains(&constraint) {
                            broken.push(constraint);
                        }
                    }
                }
                if !broken.is_empty() {
                    report(Constraint::Element(broken), path, found);
                }
                return;
            }
            for (index, item) in items.iter().enumerate() {
                path.push(Step::Index(index));
                walk(target, item, path, found);
                path.pop();
            }
        }
        (Content::Map(key_target, target), Json::Object(entries)) => {
            for constraint in length(at, entries.len()) {
                report(constraint, path, found);
            }
            let broken_keys: Vec<Constraint> = match shape(key_target) {
                Some(key_shape) => {
                    entries.keys().flat_map(|key| text(key_shape, key)).fold(Vec::new(), |mut unique, constraint| {
                        if !unique.contains(&constraint) {
                            unique.push(constraint);
                        }
                        unique
                    })
                }
                None => Vec::new(),
            };
            if !broken_keys.is_empty() {
                report(Constraint::Element(broken_keys), path, found);
            }
            if let Some(target) = shape(target) {
                for (key, inner) in entries {
                    path.push(Step::Key(key.clone()));
                    walk(target, inner, path, found);
                    path.pop();
                }
            }
        }
        (Content::String, Json::String(given)) => {
            for constraint in text(at, given) {
                report(constraint, path, found);
            }
        }
        (Content::Integer | Content::Long, Json::Number(number)) => {
            let number = number.as_i64().unwrap_or(i64::MAX);
            if let Some(least) = at.min.filter(|least| number < *least) {
                report(Constraint::MinValue(least), path, found);
            }
            if let Some(most) = at.max.filter(|most| number > *most) {
                report(Constraint::MaxValue(most), path, found);
            }
        }
        _ => {}
    }
}

fn wrong_type(at: &Shape, value: &Json) -> Option<&'static str> {
    let (fits, expected) = match at.content {
        Content::Structure { .. } | Content::Map(..) => (value.is_object(), "map"),
        Content::List(_) => (value.is_array(), "list"),
        Content::String | Content::Blob => (value.is_string(), "string"),
        Content::Integer | Content::Long => (value.is_i64() || value.is_u64(), "number"),
        Content::Boolean => (value.is_boolean(), "boolean"),
        Content::Timestamp => (value.is_number(), "timestamp"),
        Content::Document => (true, "document"),
    };
    (!fits).then_some(expected)
}

fn length(at: &Shape, length: usize) -> Vec<Constraint> {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let short = at.min.filter(|least| length < *least).map(Constraint::MinLength);
    let long = at.max.filter(|most| length > *most).map(Constraint::MaxLength);
    short.into_iter().chain(long).collect()
}

fn text(at: &Shape, given: &str) -> Vec<Constraint> {
    // Java counts UTF-16 units.
    let mut broken = length(at, given.encode_utf16().count());
    if let Some(pattern) = at.pattern.as_ref().filter(|pattern| !pattern.matches(given)) {
        broken.push(Constraint::Pattern(pattern.as_str().to_owned()));
    }
    if !at.values.is_empty() && !at.values.iter().any(|value| value == given) {
        broken.push(Constraint::Values(at.values.clone()));
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(root: &str, value: &Json) -> Vec<(String, String)> {
        violations(shape(root).unwrap(), value)
            .into_iter()
            .map(|violation| {
                let path: Vec<String> = violation
                    .path
                    .iter()
                    .map(|step| match step {
                        Step::Member(name) | Step::Key(name) => name.clone(),
                        Step::Index(index) => index.to_string(),
                    })
                    .collect();
                (path.join("."), violation.constraint.to_string())
            })
            .collect()
    }

    #[test]
    fn reports_every_broken_limit_with_its_place() {
        let broken = of(
            "CreateUserPoolRequest",
            &json!({"Policies": {"PasswordPolicy": {"MinimumLength": 4}}, "Schema": [{"Name": ""}], "Colour": "red"}),
        );
        assert_eq!(
            broken,
            [
                ("Colour".to_owned(), "Member is not in the API model".to_owned()),
                ("PoolName".to_owned(), "Member must not be null".to_owned()),
                (
                    "Policies.PasswordPolicy.MinimumLength".to_owned(),
                    "Member must have value greater than or equal to 6".to_owned()
                ),
                ("Schema.0.Name".to_owned(), "Member must have length greater than or equal to 1".to_owned()),
                (
                    "Schema.0.Name".to_owned(),
                    "Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+".to_owned()
                ),
            ]
        );
    }

    /// The model marks a shape without members as `document: true`: what is in it is no unknown member. The contents are those
    /// of the AWS CLI's examples of both operations.
    #[test]
    fn a_document_may_hold_anything() {
        let credential = json!({"id": "a", "response": {"transports": ["internal"]}, "clientExtensionResults": {}});
        let body = json!({"AccessToken": "a", "Credential": credential});
        assert_eq!(of("CompleteWebAuthnRegistrationRequest", &body), []);
        let settings = json!({"categories": {"auth": {"authMethodOrder": [[{"display": "BUTTON"}]]}}, "depth": 1.5});
        let body = json!({"UserPoolId": "us-east-1_a", "ClientId": "c", "Settings": settings});
        assert_eq!(of("CreateManagedLoginBrandingRequest", &body), []);
    }

    #[test]
    fn strings_in_lists_are_reported_at_the_list() {
        let broken = of(
            "CreateUserPoolClientRequest",
            &json!({"UserPoolId": "us-east-1_a", "ClientName": "c", "AllowedOAuthFlows": ["magic", "code"]}),
        );
        assert_eq!(broken.len(), 1);
        assert_eq!(broken[0].0, "AllowedOAuthFlows");
        assert!(broken[0].1.starts_with("Member must satisfy constraint: [Member must satisfy enum value set: ["));
    }
}
