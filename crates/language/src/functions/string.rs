//! Functions of text. Characters are what a reader sees as one: grapheme clusters.

use poolform_value::Value;
use unicode_segmentation::UnicodeSegmentation;

use super::{Context, Failure, items, text, texts, whole};

type Outcome = Result<Value, Failure>;

pub(super) fn chomp(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).trim_end_matches(['\r', '\n']).into())
}

pub(super) fn endswith(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).ends_with(text(arguments, 1)).into())
}

pub(super) fn startswith(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).starts_with(text(arguments, 1)).into())
}

pub(super) fn strcontains(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).contains(text(arguments, 1)).into())
}

pub(super) fn indent(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let spaces: usize = whole(arguments, 0)?;
    if spaces > 10_000 {
        return Failure::argument(0, "at most 10000 spaces are possible");
    }
    let text = text(arguments, 1);
    context.scope.meter.charge_text(spaces * text.matches('\n').count())?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(spaces))).into())
}

pub(super) fn join(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    if arguments.len() < 2 {
        return Failure::whole("at least one list is required");
    }
    let mut parts = Vec::new();
    for position in 1..arguments.len() {
        for (index, item) in items(arguments, position).iter().enumerate() {
            match item.as_str() {
                Some(text) => parts.push(text),
                None => {
                    return Failure::argument(
                        position,
                        format!("element {index} is null; cannot concatenate null values"),
                    );
                }
            }
        }
    }
    let separator = text(arguments, 0);
    context
        .scope
        .meter
        .charge_text(separator.len() * parts.len() + parts.iter().map(|part| part.len()).sum::<usize>())?;
    Ok(parts.join(separator).into())
}

pub(super) fn lower(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    // Letter by letter, as Go does: a final sigma is a sigma.
    Ok(text(arguments, 0).chars().flat_map(|letter| single(letter, letter.to_lowercase())).collect::<String>().into())
}

pub(super) fn upper(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).chars().flat_map(|letter| single(letter, letter.to_uppercase())).collect::<String>().into())
}

/// The one letter that `mapped` is, or the letter itself where there would be several: ß stays.
fn single(letter: char, mut mapped: impl Iterator<Item = char>) -> Option<char> {
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => Some(one),
        _ => Some(letter),
    }
}

pub(super) fn split(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (separator, text) = (text(arguments, 0), text(arguments, 1));
    if separator.is_empty() {
        return Ok(texts(text.chars().map(String::from)));
    }
    Ok(texts(text.split(separator).map(str::to_owned)))
}

pub(super) fn strrev(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).graphemes(true).rev().collect::<String>().into())
}

pub(super) fn substr(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (offset, length): (i64, i64) = (whole(arguments, 1)?, whole(arguments, 2)?);
    let characters: Vec<&str> = text(arguments, 0).graphemes(true).collect();
    let count = characters.len() as i64;
    // From the end, where negative.
    let start = if offset < 0 { offset.saturating_add(count).max(0) } else { offset };
    if start >= count {
        return Ok("".into());
    }
    let end = if length < 0 { count } else { start.saturating_add(length).min(count) };
    Ok(characters[start as usize..end as usize].concat().into())
}

pub(super) fn title(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut titled = String::new();
    let mut before = ' ';
    for letter in text(arguments, 0).chars() {
        // Go's rule for where a word begins.
        let separates = if before.is_ascii() {
            !before.is_ascii_alphanumeric() && before != '_'
        } else {
            !before.is_alphanumeric() && before.is_whitespace()
        };
        if separates {
            titled.extend(single(letter, letter.to_uppercase()));
        } else {
            titled.push(letter);
        }
        before = letter;
    }
    Ok(titled.into())
}

pub(super) fn trim(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let cutset: Vec<char> = text(arguments, 1).chars().collect();
    Ok(text(arguments, 0).trim_matches(|letter| cutset.contains(&letter)).into())
}

pub(super) fn trimprefix(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let text = text(arguments, 0);
    Ok(text.strip_prefix(super::text(arguments, 1)).unwrap_or(text).into())
}

pub(super) fn trimsuffix(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let text = text(arguments, 0);
    Ok(text.strip_suffix(super::text(arguments, 1)).unwrap_or(text).into())
}

pub(super) fn trimspace(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(text(arguments, 0).trim().into())
}
