//! What a row's value breaks: the row's own rule and the limits of the API model for its member.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bigdecimal::ToPrimitive;
use poolform_model::{Constraint, Shape, Violation, violations};
use poolform_value::{AttributePath, Content, Diagnostic, Diagnostics, Value};
use serde_json::Value as Json;

use crate::argument::{Argument, Kind, Rule};

/// Says what is wrong with `value`, already of the row's type, neither null nor unknown. `shape` is the API's shape of
/// the member that it goes to.
pub(crate) fn check(
    row: &Argument,
    shape: Option<&Shape>,
    value: &Value,
    json: &Json,
    call: &str,
    path: &AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let hidden = value.contains_sensitive();
    let own = match row.kind {
        Kind::Set => value.items().unwrap_or_default().iter().find_map(|item| broken_rule(&row.rule, item, hidden)),
        _ => None,
    }
    .or_else(|| broken_rule(&row.rule, value, hidden));
    if let Some(reason) = own {
        diagnostics.push(invalid(row, reason, call, path));
        return;
    }
    if let Some(shape) = shape {
        // One broken limit is enough to say: length and pattern mostly break together.
        if let Some(violation) = violations(shape, json).into_iter().next() {
            diagnostics.push(invalid(row, limit(&violation, hidden), call, path));
        }
    }
}

fn invalid(row: &Argument, reason: String, call: &str, path: &AttributePath) -> Diagnostic {
    Diagnostic::error("Invalid value for an argument", format!("The argument \"{}\" {reason}.", row.name))
        .about(call, path)
}

fn broken_rule(rule: &Rule, value: &Value, hidden: bool) -> Option<String> {
    let shown = || if hidden { "(sensitive)".to_owned() } else { format!("{value:?}") };
    match rule {
        Rule::None => None,
        Rule::OneOf(allowed) => {
            let text = value.as_str()?;
            (!allowed.contains(&text)).then(|| format!("must be one of {}; it is {}", list(allowed), shown()))
        }
        Rule::OneOfAnyCase(allowed) => {
            let text = value.as_str()?;
            (!allowed.iter().any(|each| each.eq_ignore_ascii_case(text)))
                .then(|| format!("must be one of {}, in any letter case; it is {}", list(allowed), shown()))
        }
        Rule::Contains(parts) => {
            let text = value.as_str()?;
            let missing: Vec<&str> = parts.iter().copied().filter(|part| !text.contains(part)).collect();
            (!missing.is_empty()).then(|| format!("must contain {}, which Cognito replaces", list(&missing)))
        }
        Rule::Between(least, most) => {
            let number = value.as_number()?.to_i64();
            number
                .is_none_or(|number| number < *least || number > *most)
                .then(|| format!("must be between {least} and {most}; it is {}", shown()))
        }
        Rule::AtMost(most) => {
            let count = match &value.content {
                Content::Map(_, members) | Content::Object(members) => members.len(),
                _ => value.items()?.len(),
            };
            (count > *most).then(|| format!("may have at most {most} elements; it has {count}"))
        }
        Rule::Link => {
            let text = value.as_str()?;
            let valid = text.find("{##").is_some_and(|start| text[start + 3..].contains("##}"));
            (!valid).then(|| "must contain {##text##}, which Cognito makes a link".to_owned())
        }
        Rule::Json => {
            let error = serde_json::from_str::<Json>(value.as_str()?).err()?;
            Some(format!("must be JSON, as jsonencode(...) makes it: {error}"))
        }
        Rule::Base64 => {
            let is_base64 = BASE64.decode(value.as_str()?).is_ok();
            (!is_base64).then(|| "must be bytes in base64, as filebase64(...) gives them".to_owned())
        }
        Rule::Arn => {
            let text = value.as_str()?;
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let valid = parts.len() == 6 && parts[0] == "arn" && [1, 2, 5].iter().all(|part| !parts[*part].is_empty());
            (!valid)
                .then(|| format!("must be an ARN (arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE); it is {}", shown()))
        }
    }
}

pub(crate) fn limit(violation: &Violation, hidden: bool) -> String {
    let shown = if hidden || violation.sensitive { "(sensitive)".to_owned() } else { violation.value.to_string() };
    sentence(&violation.constraint, &shown)
}

fn sentence(constraint: &Constraint, shown: &str) -> String {
    match constraint {
        Constraint::NotNull => "must not be null".to_owned(),
        Constraint::MinLength(least) => format!("must have a length of at least {least}; it is {shown}"),
        Constraint::MaxLength(most) => format!("must have a length of at most {most}; it is {shown}"),
        Constraint::MinValue(least) => format!("must be at least {least}; it is {shown}"),
        Constraint::MaxValue(most) => format!("must be at most {most}; it is {shown}"),
        Constraint::Pattern(pattern) => format!("must match {pattern} as a whole; it is {shown}"),
        Constraint::Values(values) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            format!("must be one of {}; it is {shown}", list(&values))
        }
        Constraint::Element(inner) => match inner.first() {
            Some(first) => format!("has an element that {}", sentence(first, shown)),
            None => "has an element that Cognito refuses".to_owned(),
        },
        Constraint::Type(expected) => format!("must be a {expected}"),
        Constraint::Unknown => "is not known to the API".to_owned(),
    }
}

fn list(items: &[&str]) -> String {
    items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ")
}
