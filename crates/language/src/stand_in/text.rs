//! The texts of stand-ins: templates of the table, filled in.

use std::rc::Rc;

use poolform_value::{Type, Value, convert};
use sha2::{Digest, Sha256};

use super::StandIns;
use super::draw::{Lot, draw};
use super::table::{ARNS, ENDINGS, Made, ROWS};
use crate::instance::{Evaluator, Instance, Repetition};
use crate::module::Resource;

/// How long a word may be that is made of an address: what a label of a host name may have, and room for an ending.
const LONGEST: usize = 50;
const HEX: &str = "0123456789abcdef";
/// Attributes whose name says nothing of the value: the name of what they are of may.
const UNTELLING: &[&str] = &["value", "insecure_value", "secret_string"];

/// What the table says of an attribute.
pub(super) enum MadeUp {
    Value(Value),
    /// As for a type without rows, and never shown.
    Secret,
}

/// `attribute` of an instance of `resource`, where its type has a row for it.
pub(super) fn made<'e>(
    instance: &Rc<Instance<'e>>,
    resource: &'e Resource,
    repetition: &Repetition,
    attribute: &str,
) -> Option<MadeUp> {
    let ty = resource.block.label(0);
    let (_, _, made) = ROWS.iter().find(|(types, name, _)| *name == attribute && types.contains(&ty))?;
    let plain = resource.address();
    let span = &resource.block.header;
    let argument = |name: &str| {
        let value = instance.argument(resource, &plain, repetition, name, span)?;
        let value = instance.scope(repetition).settle(value.as_ref().clone(), &Type::Any);
        value.first_unknown().is_none().then_some(value)
    };
    let address = instance.absolute(&format!("{plain}{}", repetition.suffix()));
    let region = || crate::aws::region(instance, &resource.block).ok().flatten();
    let fill = |template: &str| {
        let of_argument = |name: &str| {
            let value = convert(&argument(name)?, &Type::String).ok()?;
            value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        fill(template, &address, instance.evaluator.inputs.stand_ins.as_ref(), &of_argument, &region)
    };
    let value = match made {
        Made::Text(template) => fill(template).into(),
        Made::Texts(templates) => Value::tuple(templates.iter().map(|template| fill(template).into()).collect()),
        Made::Argument(name) => argument(name)?,
        Made::Drawn => draw(ty, attribute, &address, &argument),
        Made::Secret => return Some(MadeUp::Secret),
    };
    Some(MadeUp::Value(value.marked(ty == "random_password")))
}

/// What stands for a reference of which only the name is known.
pub(super) fn of_reference(evaluator: &Evaluator<'_>, reference: &str) -> String {
    of_name(evaluator, reference, &[]).unwrap_or_else(|| {
        format!("stand-in-for-{}", reference.replace("[\"", ".").replace("\"]", "").replace('[', ".").replace(']', ""))
    })
}

/// What the last word of a reference says that it is; `first` are rows that go before the others.
pub(super) fn of_name(evaluator: &Evaluator<'_>, reference: &str, first: &[(&[&str], &'static str)]) -> Option<String> {
    let mut words = reference.rsplit(['.', '[', ']', '"', '(', ')']).filter(|word| !word.is_empty());
    let last = words.find(|word| !UNTELLING.contains(word)).unwrap_or_default().to_lowercase();
    let ends = |ending: &&str| last == **ending || last.ends_with(&format!("_{ending}"));
    let template = if ends(&"arn") {
        let whole = reference.to_lowercase();
        ARNS.iter().find(|(words, _)| words.is_empty() || words.iter().any(|word| whole.contains(word)))?.1
    } else {
        first.iter().chain(ENDINGS).find(|(endings, _)| endings.iter().any(&ends))?.1
    };
    Some(fill(template, reference, evaluator.inputs.stand_ins.as_ref(), &|_| None, &|| None))
}

/// What is in a list or a set that stands in: one text where its name says of what kind, since URLs must not be none.
pub(super) fn listed(
    evaluator: &Evaluator<'_>,
    reference: &str,
    inner: &Type,
    first: &[(&[&str], &'static str)],
) -> Vec<Value> {
    let text = (*inner == Type::String).then(|| of_name(evaluator, reference, first)).flatten();
    text.map(Value::from).into_iter().collect()
}

/// Fills a template of the table in.
fn fill(
    template: &str,
    address: &str,
    stand_ins: Option<&StandIns>,
    argument: &dyn Fn(&str) -> Option<String>,
    region: &dyn Fn() -> Option<String>,
) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, hole)) = rest.split_once('{') {
        text.push_str(before);
        let (choices, after) = hole.split_once('}').unwrap_or((hole, ""));
        rest = after;
        let filled = choices.split('|').find_map(|choice| match choice.strip_prefix('@') {
            Some(name) => Some(given(name, address, stand_ins, region)),
            None => match choice.strip_prefix('\'') {
                Some(literal) => Some(literal.trim_end_matches('\'').to_owned()),
                None => match choice.strip_suffix('~') {
                    Some(name) => argument(name).map(|text| text.rsplit(':').next().unwrap_or_default().to_owned()),
                    None => argument(choice),
                },
            },
        });
        text.push_str(&filled.unwrap_or_default());
    }
    text.push_str(rest);
    text
}

fn given(name: &str, address: &str, stand_ins: Option<&StandIns>, region: &dyn Fn() -> Option<String>) -> String {
    let of = |field: fn(&StandIns) -> &String| stand_ins.map(|stand_ins| field(stand_ins).clone()).unwrap_or_default();
    let drawn = |characters: &str, count: &str| {
        let count = count.trim_end_matches(')').parse().unwrap_or_default();
        Lot::new(address).text(characters, count)
    };
    match name.split_once('(') {
        Some(("hex", count)) => drawn(HEX, count),
        Some(("digits", count)) => drawn("123456789", count),
        Some(("letters", count)) => drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count),
        _ => match name {
            "partition" => of(|it| &it.partition),
            "account" => of(|it| &it.account),
            "region" => region().unwrap_or_else(|| of(|it| &it.region)),
            "uuid" => Lot::new(address).uuid(),
            "slug" => slug(address),
            _ => slug(&own_name(address)),
        },
    }
}

/// An address without the types in it: `module.edge.aws_lb.web[0]` is `edge.web[0]`.
fn own_name(address: &str) -> String {
    let mut names = String::new();
    let mut rest = address;
    while let Some(inner) = rest.strip_prefix("module.") {
        // A key may hold points: it ends with a bracket.
        let end = match inner.find(['.', '[']) {
            Some(at) if inner[at..].starts_with("[\"") => inner.find("\"].").map_or(inner.len(), |at| at + 2),
            Some(at) if inner[at..].starts_with('[') => inner.find("].").map_or(inner.len(), |at| at + 1),
            Some(at) => at,
            None => inner.len(),
        };
        names.push_str(&inner[..end]);
        names.push('.');
        rest = inner[end..].trim_start_matches('.');
    }
    let rest = rest.trim_start_matches("data.");
    names.push_str(rest.split_once('.').map_or(rest, |(_, name)| name));
    names
}

/// `text` as one word of small letters, digits and dashes.
fn slug(text: &str) -> String {
    let mut word = String::new();
    for character in text.chars() {
        match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => word.push(letter),
            _ if word.is_empty() || word.ends_with('-') => {}
            _ => word.push('-'),
        }
    }
    let word = word.trim_end_matches('-');
    if word.len() <= LONGEST {
        return if word.is_empty() { "x".to_owned() } else { word.to_owned() };
    }
    let digest = Sha256::digest(text);
    format!(
        "{}-{:02x}{:02x}{:02x}{:02x}",
        &word[..LONGEST - 9].trim_end_matches('-'),
        digest[0],
        digest[1],
        digest[2],
        digest[3]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for (address, name) in [
            ("aws_lb.web", "web"),
            ("module.edge.aws_lb.web_1[0]", "edge-web-1-0"),
            ("module.edge[\"a.b\"].data.aws_lb.web[\"X\"]", "edge-a-b-web-x"),
            ("module.edge[0].aws_lb.web", "edge-0-web"),
            ("é", "x"),
        ] {
            assert_eq!(slug(&own_name(address)), name, "{address}");
        }
        let long = slug(&"module.x.".repeat(20));
        assert!(long.len() <= LONGEST && !long.ends_with('-'), "{long}");
    }
}
