//! Functions of regular expressions.

use poolform_value::{Content, Type, Value};
use regex::{Captures, Regex};

use super::{Context, Failure, text};

type Outcome = Result<Value, Failure>;

/// Terraform's dialect in ours: its classes `\d`, `\w`, `\s` and the border `\b` are about ASCII, and inside brackets
/// nothing but brackets and dashes is special.
fn translated(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    let mut class: Option<usize> = None;
    while let Some(character) = rest.next() {
        if let Some(position) = class.as_mut() {
            *position += 1;
        }
        match (character, class) {
            ('\\', _) => {
                let inside = class.is_some();
                match rest.next() {
                    Some('Q') if !inside => {
                        let quoted: String = rest.clone().collect();
                        let length = quoted.find("\\E").unwrap_or(quoted.len());
                        result.push_str(&regex::escape(&quoted[..length]));
                        let skipped = quoted[..length].chars().count() + if length < quoted.len() { 2 } else { 0 };
                        rest.by_ref().take(skipped).for_each(drop);
                    }
                    Some('d') => result.push_str(if inside { "0-9" } else { "[0-9]" }),
                    Some('w') => result.push_str(if inside { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                    Some('s') => result.push_str(if inside { "\\t\\n\\f\\r " } else { "[\\t\\n\\f\\r ]" }),
                    Some('D') => result.push_str("[^0-9]"),
                    Some('W') => result.push_str("[^0-9A-Za-z_]"),
                    Some('S') => result.push_str("[^\\t\\n\\f\\r ]"),
                    Some(border @ ('b' | 'B')) if !inside => result.push_str(&format!("(?-u:\\{border})")),
                    Some(other) => result.extend(['\\', other]),
                    None => result.push('\\'),
                }
            }
            ('[', None) => {
                class = Some(0);
                result.push('[');
                if rest.peek() == Some(&'^') {
                    rest.next();
                    result.push('^');
                }
                if rest.peek() == Some(&']') {
                    rest.next();
                    result.push_str("\\]");
                }
            }
            ('[', Some(_)) if rest.peek() == Some(&':') => {
                result.push('[');
                for named in rest.by_ref() {
                    result.push(named);
                    if named == ']' {
                        break;
                    }
                }
            }
            ('[', Some(_)) => result.push_str("\\["),
            (']', Some(_)) => {
                class = None;
                result.push(']');
            }
            ('&' | '~', Some(_)) => result.extend(['\\', character]),
            ('-', Some(1)) => result.push_str("\\-"),
            // From something to a dash: two dashes would be a difference of sets.
            ('-', Some(_)) if rest.peek() == Some(&'-') => {
                rest.next();
                result.push_str("-\\-");
            }
            (other, _) => result.push(other),
        }
    }
    result
}

fn compiled(pattern: &str, position: usize) -> Result<Regex, Failure> {
    if pattern.len() > 10_000 {
        return Failure::argument(position, "the pattern is too long");
    }
    Regex::new(&translated(pattern)).map_err(|error| {
        let reason = match error {
            regex::Error::Syntax(text) => {
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
            other => other.to_string(),
        };
        Failure::Argument(position, format!("invalid regexp pattern: {reason}"))
    })
}

/// What a match is worth: its text, a tuple of its groups, or an object of its named groups.
fn matched(pattern: &Regex, captures: &Captures<'_>) -> Value {
    let group = |found: Option<regex::Match<'_>>| match found {
        Some(found) => Value::from(found.as_str()),
        None => Content::Null(Type::String).into(),
    };
    let named: Vec<&str> = pattern.capture_names().flatten().collect();
    if !named.is_empty() {
        return Value::object(named.into_iter().map(|name| (name, group(captures.name(name)))));
    }
    if captures.len() > 1 {
        return Value::tuple(captures.iter().skip(1).map(group).collect());
    }
    group(captures.get(0))
}

fn groups_are_of_one_kind(pattern: &Regex) -> Result<(), Failure> {
    let named = pattern.capture_names().flatten().count();
    if named > 0 && named + 1 < pattern.captures_len() {
        return Failure::argument(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups");
    }
    Ok(())
}

pub(super) fn regex(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let pattern = compiled(text(arguments, 0), 0)?;
    groups_are_of_one_kind(&pattern)?;
    match pattern.captures(text(arguments, 1)) {
        Some(captures) => Ok(matched(&pattern, &captures)),
        None => Failure::whole("pattern did not match any part of the given string"),
    }
}

pub(super) fn regexall(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let pattern = compiled(text(arguments, 0), 0)?;
    groups_are_of_one_kind(&pattern)?;
    let found: Vec<Value> =
        pattern.captures_iter(text(arguments, 1)).map(|captures| matched(&pattern, &captures)).collect();
    let ty = match found.first() {
        Some(first) => first.ty(),
        None if pattern.captures_len() > 1 => Type::Any,
        None => Type::String,
    };
    Ok(Content::List(ty, found).into())
}

pub(super) fn replace(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (text, wanted, replacement) = (text(arguments, 0), text(arguments, 1), super::text(arguments, 2));
    let replaced = match wanted.strip_prefix('/').and_then(|inner| inner.strip_suffix('/')) {
        Some(pattern) => {
            let pattern = compiled(pattern, 1)?;
            let count = pattern.find_iter(text).count();
            context.scope.meter.charge_text(count.saturating_mul(replacement.len()))?;
            pattern.replace_all(text, replacement).into_owned()
        }
        None => {
            let count = if wanted.is_empty() { text.len() + 1 } else { text.matches(wanted).count() };
            context.scope.meter.charge_text(count.saturating_mul(replacement.len()))?;
            text.replace(wanted, replacement)
        }
    };
    Ok(replaced.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_the_dialect_of_re2() {
        for (pattern, text, matches) in [
            (r"^\d+$", "12", true),
            (r"^\d+$", "\u{661}", false),
            (r"^[\w-]+$", "a-b_1", true),
            (r"^[^\s]+$", "ab", true),
            (r"^[]a]+$", "]a", true),
            (r"^[a[]+$", "a[", true),
            (r"^[a&&b]+$", "&a", true),
            (r"^[[:alpha:]]+$", "ab", true),
            (r"^\Qa.b\E+$", "a.bb", true),
            (r"\bb\b", "a b c", true),
            (r"^[+--]$", ",", true),
        ] {
            let compiled = compiled(pattern, 0).expect("a pattern");
            assert_eq!(compiled.is_match(text), matches, "{pattern} on {text}");
        }
        assert!(compiled("(?P<a>x)(y", 0).is_err());
    }
}
