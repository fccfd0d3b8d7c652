//! Checks a request against the API model, and answers in the service's words.
//!
//! Two things are stricter than the service: a member that the model does not have is refused by name (the service
//! drops it in silence, which is how a misspelt setting is lost), and nothing is coerced from one JSON type to another.

use poolform_model::{Constraint, Content, Object, Operation, Refusal, Shape, Step, Violation, shape, violations};
use serde_json::Value as Json;

use crate::forms::hash_order;
use crate::forms::members::Members;
use crate::forms::refusal::{UNKNOWN_MEMBER, WRONG_TYPE};

/// Numbers that arrive as 0 when they are left out, so that the limit of the number speaks [ListResourceServers.2025-07].
const ABSENT_IS_ZERO: &[(&str, &str)] = &[("ListUserPools", "MaxResults"), ("ListResourceServers", "MaxResults")];

/// Numbers whose 0 is taken as absent (API reference, PasswordPolicyType: "If you submit a value of 0, Amazon Cognito treats
/// it as a null value"; of the older twin, tf PR#8845, where the pair of 0 and TemporaryPasswordValidityDays is what the
/// service takes). SDKs that know no absent number send it with every policy and every AdminCreateUserConfig. A client's
/// RefreshTokenValidity is the third such number, and takes its unit along (`client.rs`); of all others that may be 0 it is a
/// value: Precedence, PasswordHistorySize, RetryGracePeriodSeconds, or the most that a page holds (`Call::limit`).
const ZERO_IS_ABSENT: &[&[&str]] = &[
    &["Policies", "PasswordPolicy", "TemporaryPasswordValidityDays"],
    &["AdminCreateUserConfig", "UnusedAccountValidityDays"],
];

/// Shapes that the model marks as sensitive and whose values are shown nevertheless (tf#38167 of 2024: `clientId`).
const SHOWN_ALL_THE_SAME: &[&str] = &["clientId"];

/// Members whose pattern is not checked as a limit: business rules answer in other words (refusals D1).
const NO_PATTERN: &[&str] = &["domain"];

/// The pattern of passwords in the model, and the one that the service prints and goes by (V1, dict): spaces may stand
/// inside.
const PASSWORD: (&str, &str) = (r"[\S]+", r"^[\S]+.*[\S]+$");

/// Members that the service names differently in its sentences than the model does
/// (pf:invite-message-username-placeholder).
const OTHER_NAMES: &[(&str, &str)] =
    &[("adminCreateUserConfig.inviteMessageTemplate", "adminCreateUserConfig.inviteMessage")];

/// Limits that the service has and the model has not: path of the member, pattern as printed, what must be in it,
/// evidence.
const MORE_PATTERNS: &[(&str, &str, &str, &str)] = &[
    (
        "AdminCreateUserConfig.InviteMessageTemplate.EmailMessage",
        r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s]*",
        "{####}",
        "V1, pf:invite-message-username-placeholder",
    ),
    (
        "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage",
        r".*\{####\}.*",
        "{####}",
        "inferred from the e-mail's; the pattern is that of other text messages",
    ),
];

/// Fills in what arrives as zero when it is absent, and takes away what is absent when it is zero.
pub(crate) fn complete(operation: &Operation, body: &mut Object) {
    for path in ZERO_IS_ABSENT {
        drop_zero(body, path);
    }
    for (name, member) in ABSENT_IS_ZERO {
        if operation.name == *name && !body.contains_key(*member) {
            body.insert((*member).to_owned(), Json::from(0));
        }
    }
}

/// Removes the number at a path if it is 0.
fn drop_zero(body: &mut Object, path: &[&str]) {
    match path {
        [] => {}
        [name] => {
            if body.number(name) == Some(0) {
                body.shift_remove(*name);
            }
        }
        [first, rest @ ..] => {
            if let Some(Json::Object(inner)) = body.get_mut(*first) {
                drop_zero(inner, rest);
            }
        }
    }
}

/// Whether the request keeps to the model.
pub(crate) fn check(operation: &Operation, body: &Object) -> Result<(), Refusal> {
    let Some(input) = shape(operation.input) else { return Ok(()) };
    let value = Json::Object(body.clone());
    let found: Vec<Violation> = violations(input, &value).into_iter().filter_map(as_the_service).collect();
    for violation in &found {
        if let Constraint::Type(expected) = violation.constraint {
            return Err(WRONG_TYPE.with(&[&article(expected), &path(&violation.path)]));
        }
    }
    for violation in &found {
        if violation.constraint == Constraint::Unknown {
            return Err(unknown(operation, input, violation));
        }
    }
    let mut sentences: Vec<String> =
        found.iter().filter(|violation| !is_left_to_rules(violation)).map(|broken| sentence(input, broken)).collect();
    sentences.extend(more_patterns(body));
    if sentences.is_empty() {
        return Ok(());
    }
    let errors = if sentences.len() == 1 { "error" } else { "errors" };
    Err(Refusal::new(
        "InvalidParameterException",
        format!("{} validation {errors} detected: {}", sentences.len(), sentences.join("; ")),
    ))
}

/// A violation by the service's own pattern; None where that one is kept.
fn as_the_service(violation: Violation) -> Option<Violation> {
    let is_password = matches!(violation.path.last(), Some(Step::Member(name)) if name.ends_with("Password"));
    match (&violation.constraint, &violation.value) {
        (Constraint::Pattern(pattern), Json::String(text)) if is_password && pattern == PASSWORD.0 => {
            let edges = [text.chars().next(), text.chars().next_back()];
            let kept = text.chars().count() > 1 && edges.iter().flatten().all(|letter| !letter.is_whitespace());
            let constraint = Constraint::Pattern(PASSWORD.1.to_owned());
            (!kept).then_some(Violation { constraint, ..violation })
        }
        _ => Some(violation),
    }
}

fn is_left_to_rules(violation: &Violation) -> bool {
    matches!(violation.constraint, Constraint::Pattern(_)) && NO_PATTERN.contains(&path(&violation.path).as_str())
}

fn more_patterns(body: &Object) -> Vec<String> {
    let mut sentences = Vec::new();
    for (member, pattern, needed, _) in MORE_PATTERNS {
        let mut names = member.split('.');
        let first = names.next().and_then(|name| body.member(name));
        let Some(text) = names.fold(first, |at, name| at.and_then(|at| at.member(name))).and_then(Json::as_str) else {
            continue;
        };
        if !text.contains(needed) {
            let steps: Vec<Step> = member.split('.').map(|name| Step::Member(name.to_owned())).collect();
            sentences.push(format!(
                "Value '{}' at '{}' failed to satisfy constraint: {}",
                ascii(text),
                path(&steps),
                Constraint::Pattern((*pattern).to_owned())
            ));
        }
    }
    sentences
}

/// `Value 'x' at 'member' failed to satisfy constraint: …`
fn sentence(input: &Shape, violation: &Violation) -> String {
    let place = path(&violation.path);
    let shown = !violation.sensitive || SHOWN_ALL_THE_SAME.contains(&place.as_str());
    let value = match &violation.value {
        Json::Null => " null".to_owned(),
        _ if !shown => String::new(),
        Json::String(text) => format!(" '{}'", ascii(text)),
        value => format!(" '{}'", ascii(&printed(at(input, &violation.path), value))),
    };
    format!("Value{value} at '{place}' failed to satisfy constraint: {}", constraint(&violation.constraint))
}

/// A limit in the service's words; values of an enum in the service's order.
fn constraint(limit: &Constraint) -> String {
    match limit {
        Constraint::Values(values) => Constraint::Values(hash_order::ordered(values.clone())).to_string(),
        Constraint::Element(limits) => {
            let words: Vec<String> = limits.iter().map(constraint).collect();
            format!("Member must satisfy constraint: [{}]", words.join(", "))
        }
        other => other.to_string(),
    }
}

/// The shape at a path.
fn at<'a>(root: &'a Shape, steps: &[Step]) -> Option<&'a Shape> {
    let mut here = root;
    for step in steps {
        here = match (step, &here.content) {
            (Step::Member(name), _) => here.member(name)?,
            (Step::Index(_) | Step::Key(_), Content::List(inner) | Content::Map(_, inner)) => shape(inner)?,
            _ => return None,
        };
    }
    Some(here)
}

/// A value as Java prints it.
fn printed(of: Option<&Shape>, value: &Json) -> String {
    if of.is_some_and(|shape| shape.sensitive) {
        return "***".to_owned();
    }
    match value {
        Json::Null => "null".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            let inner = of.and_then(|list| match &list.content {
                Content::List(inner) => shape(inner),
                _ => None,
            });
            let items: Vec<String> = items.iter().map(|item| printed(inner, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(members) => {
            let Some(of) = of else { return String::new() };
            match &of.content {
                Content::Structure { members: all, .. } => {
                    let parts: Vec<String> = all
                        .iter()
                        .map(|(name, target)| {
                            let value = members.get(name).unwrap_or(&Json::Null);
                            format!("{}={}", lowered(name), printed(shape(target), value))
                        })
                        .collect();
                    format!("{}({})", of.name, parts.join(", "))
                }
                Content::Map(_, target) => {
                    let parts: Vec<String> =
                        members.iter().map(|(key, value)| format!("{key}={}", printed(shape(target), value))).collect();
                    format!("{{{}}}", parts.join(", "))
                }
                _ => String::new(),
            }
        }
        other => other.to_string(),
    }
}

/// Characters outside ASCII are echoed as question marks (pf:client-name).
fn ascii(text: &str) -> String {
    text.chars().map(|character| if character.is_ascii() { character } else { '?' }).collect()
}

fn lowered(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// `schema.1.member.name`
pub(crate) fn path(steps: &[Step]) -> String {
    let parts: Vec<String> = steps
        .iter()
        .map(|step| match step {
            Step::Member(name) => lowered(name),
            Step::Index(index) => format!("{}.member", index + 1),
            Step::Key(key) => key.clone(),
        })
        .collect();
    let mut text = parts.join(".");
    for (model, service) in OTHER_NAMES {
        if let Some(rest) = text.strip_prefix(model) {
            text = format!("{service}{rest}");
        }
    }
    text
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// Names the member, and the one that was probably meant.
fn unknown(operation: &Operation, input: &Shape, violation: &Violation) -> Refusal {
    let Some((Step::Member(name), steps)) = violation.path.split_last() else {
        return UNKNOWN_MEMBER.with(&["", &operation.name, ""]);
    };
    let hint = at(input, steps)
        .and_then(|parent| {
            let near = parent.member_names().map(|member| (distance(member, name), member)).min()?;
            (near.0 <= name.len() / 3 + 1).then(|| format!(" Did you mean '{}'?", near.1))
        })
        .unwrap_or_default();
    let names: Vec<String> = violation
        .path
        .iter()
        .map(|step| match step {
            Step::Member(name) | Step::Key(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    UNKNOWN_MEMBER.with(&[&names.join("."), &operation.name, &hint])
}

/// How many letters must be added, removed or changed to make one word of the other, letter case apart.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let change = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(operation: &str, body: Json) -> String {
        let operation = poolform_model::operation(operation).unwrap();
        let mut body = body.as_object().unwrap().clone();
        complete(operation, &mut body);
        check(operation, &body).map_or_else(|refusal| refusal.message, |()| "accepted".to_owned())
    }

    #[test]
    fn one_and_several() {
        assert_eq!(
            refusal("DescribeUserPoolClient", json!({"UserPoolId": "us-east-1_a", "ClientId": ""})),
            "2 validation errors detected: Value '' at 'clientId' failed to satisfy constraint: Member must have \
             length greater than or equal to 1; Value '' at 'clientId' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w+]+"
        );
        assert_eq!(
            refusal("AdminGetUser", json!({"UserPoolId": "us-east-1_a", "Username": ""})).split(';').next(),
            Some(
                "2 validation errors detected: Value at 'username' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1"
            )
        );
        assert_eq!(
            refusal("ListUserPools", json!({})),
            "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have \
             value greater than or equal to 1"
        );
    }

    #[test]
    fn lists_of_objects_are_printed_as_java_does() {
        let entries: Vec<Json> = (0..51).map(|number| json!({"Name": format!("c{number}")})).collect();
        let message = refusal("CreateUserPool", json!({"PoolName": "p", "Schema": entries}));
        assert!(
            message.starts_with(
                "1 validation error detected: Value '[SchemaAttributeType(name=c0, attributeDataType=null, \
                 developerOnlyAttribute=null, mutable=null, required=null, numberAttributeConstraints=null, \
                 stringAttributeConstraints=null), SchemaAttributeType(name=c1,"
            ),
            "{message}"
        );
        assert!(
            message.ends_with(
                "at 'schema' failed to satisfy constraint: Member must have length less than or equal to 50"
            )
        );
    }

    #[test]
    fn unknown_members_and_wrong_types_are_named() {
        assert_eq!(
            refusal("CreateUserPool", json!({"PoolName": "p", "Policies": {"PasswordPolicy": {"MinLength": 8}}})),
            "Member 'Policies.PasswordPolicy.MinLength' is not in the API model of CreateUserPool. Did you mean \
             'MinimumLength'? See docs/reference/local.md."
        );
        assert_eq!(
            refusal("CreateUserPool", json!({"PoolName": "p", "Colour": 1})),
            "Member 'Colour' is not in the API model of CreateUserPool. See docs/reference/local.md."
        );
        assert_eq!(refusal("CreateUserPool", json!({"PoolName": true})), "Expected a string at 'poolName'");
    }
}
