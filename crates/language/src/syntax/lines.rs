//! Lines of templates: quoted text must stay on one, heredocs are read line by line.

use std::ops::Range;

use super::Part;

/// What a look at the letters finds that the parser behind [`super::native`] gets wrong.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    /// The first quoted string that a line break interrupts: where its quote stands. The parser takes such strings,
    /// Terraform does not, and what follows an unclosed one makes no sense.
    pub broken_string: Option<usize>,
    /// Heredocs without a line. The parser reads on to the end of the next heredoc of the same name.
    pub empty_heredocs: Vec<Range<usize>>,
    /// All heredocs, from their first line's end on.
    pub heredocs: Vec<Range<usize>>,
    /// Where braces, brackets and parentheses of the language open (1) and close (-1).
    pub braces: Vec<(usize, i64)>,
}

/// The statements of a file: a block or an argument each, from the first letter of its line. One that is not closed ends
/// where the next line begins like a block of Terraform's.
pub(super) fn statements(text: &str) -> Vec<Range<usize>> {
    let mut starts: Vec<usize> = Vec::new();
    let Oddities { braces, heredocs, .. } = oddities(text);
    let mut braces = braces.into_iter().peekable();
    let mut depth = 0_i64;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let word: String = line.chars().take_while(|each| each.is_alphanumeric() || *each == '_').collect();
        let begins = !word.is_empty() && !word.starts_with(|each: char| each.is_ascii_digit());
        let text_line = heredocs.iter().any(|range| range.contains(&at));
        if begins && !text_line && (depth <= 0 || BLOCKS.contains(&word.as_str())) {
            starts.push(at);
            depth = 0;
        }
        at += line.len();
        while let Some((_, change)) = braces.next_if(|(place, _)| *place < at) {
            depth += change;
        }
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]).collect::<Vec<_>>();
    starts.into_iter().zip(ends).map(|(start, end)| start..end).collect()
}

/// What begins a block of a file of Terraform's.
const BLOCKS: &[&str] = &[
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// Looks through `text` as far as its first broken string.
pub(super) fn oddities(text: &str) -> Oddities {
    let mut found = Oddities::default();
    let bytes = text.as_bytes();
    // One entry per open `"`: where it stands, and how many braces are open in the interpolation it is in.
    let mut open: Vec<(usize, Option<usize>)> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let in_text = matches!(open.last(), Some((_, None)));
        if in_text {
            match rest {
                [b'\n', ..] => {
                    found.broken_string = open.last().map(|(start, _)| *start);
                    return found;
                }
                [b'\\', _, ..] => at += 1,
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => at += 2,
                [b'$' | b'%', b'{', ..] => {
                    if let Some(last) = open.last_mut() {
                        last.1 = Some(0);
                    }
                    at += 1;
                }
                [b'"', ..] => {
                    open.pop();
                }
                _ => {}
            }
            at += 1;
            continue;
        }
        match rest {
            [b'"', ..] => open.push((at, None)),
            [b'(' | b'[', ..] => found.braces.push((at, 1)),
            [b')' | b']', ..] => found.braces.push((at, -1)),
            [b'{', ..] => {
                found.braces.push((at, 1));
                if let Some((_, Some(braces))) = open.last_mut() {
                    *braces += 1;
                }
            }
            [b'}', ..] => {
                // The one that ends an interpolation was not counted when it opened.
                if !matches!(open.last(), Some((_, Some(0)))) {
                    found.braces.push((at, -1));
                }
                if let Some((_, inside)) = open.last_mut()
                    && let Some(braces) = inside
                {
                    *inside = braces.checked_sub(1);
                }
            }
            [b'#', ..] | [b'/', b'/', ..] => {
                at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                continue;
            }
            [b'/', b'*', ..] => {
                at += text.get(at..).and_then(|text| text.find("*/")).unwrap_or(rest.len());
            }
            [b'<', b'<', ..] => {
                if let Some((length, last)) = text.get(at..).and_then(heredoc) {
                    if text[at..at + length].lines().count() == 1 {
                        found.empty_heredocs.push(at..at + length + last);
                    }
                    let body = text[at..].find('\n').map_or(at, |end| at + end + 1);
                    found.heredocs.push(body..at + length + last);
                    at += length;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// How long the heredoc at the start of `text` is up to its last line, and that line up to the end of its word.
fn heredoc(text: &str) -> Option<(usize, usize)> {
    let line_end = text.find('\n')?;
    let word = text[2..line_end].trim_start_matches('-').trim_end();
    if word.is_empty() || !word.chars().all(|character| character.is_alphanumeric() || "_-".contains(character)) {
        return None;
    }
    let mut length = line_end + 1;
    for line in text[line_end + 1..].split_inclusive('\n') {
        if line.trim() == word {
            return Some((length, line.trim_end().len()));
        }
        length += line.len();
    }
    Some((text.len(), 0))
}

/// A template in the order of its text, as Terraform's own reader sees it: lines of text and what stands between.
pub(super) enum Flat<'p> {
    Text(&'p mut String),
    /// An interpolation or directive: whether it strips what is before and after it.
    Control(bool, bool),
}

/// Applies strip markers: each eats the white space of the one line of text next to it.
pub(super) fn strip(flat: &mut [Flat<'_>]) {
    for at in 0..flat.len() {
        let Flat::Control(before, after) = flat[at] else { continue };
        if before
            && at > 0
            && let Flat::Text(text) = &mut flat[at - 1]
        {
            text.truncate(text.trim_end().len());
        }
        if after && let Some(Flat::Text(text)) = flat.get_mut(at + 1) {
            **text = text.trim_start().to_owned();
        }
    }
}

/// Takes the common indentation off the lines of a `<<-` heredoc, as Terraform does: the blank ones do not count, and
/// one that begins with an interpolation has none.
pub(super) fn flush(flat: &mut [Flat<'_>]) {
    let mut least = usize::MAX;
    let mut starts: Vec<usize> = Vec::new();
    let mut line_start = true;
    for (at, token) in flat.iter().enumerate() {
        if std::mem::take(&mut line_start) {
            match token {
                Flat::Text(text) if text.trim().is_empty() && text.ends_with('\n') => {}
                Flat::Text(text) => {
                    least = least.min(text.chars().take_while(|character| character.is_whitespace()).count());
                    starts.push(at);
                }
                Flat::Control(..) => least = 0,
            }
        }
        if let Flat::Text(text) = token {
            line_start = text.ends_with('\n');
        }
    }
    for at in starts {
        if let Flat::Text(text) = &mut flat[at] {
            **text = text.chars().skip(least).collect();
        }
    }
}

/// Joins neighbouring texts and drops empty ones.
pub(super) fn meld(parts: Vec<Part>) -> Vec<Part> {
    let mut melded: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Text(text) if text.is_empty() => {}
            Part::Text(text) => match melded.last_mut() {
                Some(Part::Text(last)) => last.push_str(&text),
                _ => melded.push(Part::Text(text)),
            },
            Part::If { condition, then, otherwise } => {
                melded.push(Part::If { condition, then: meld(then), otherwise: meld(otherwise) });
            }
            Part::For { key_name, value_name, collection, body } => {
                melded.push(Part::For { key_name, value_name, collection, body: meld(body) });
            }
            other => melded.push(other),
        }
    }
    melded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_strings_over_several_lines() {
        let broken_string = |text| oddities(text).broken_string;
        assert_eq!(broken_string("a = \"x\"\nb = \"${f(\n\"y\")}\" # \"\n/* \"\n */"), None);
        assert_eq!(broken_string("a = <<-EOT\n  \"\n  EOT\nb = \"${ { a = \"}\" } }\""), None);
        assert_eq!(broken_string("a = \"x\\\"\"\nb = \"unclosed\n}"), Some(14));
        assert_eq!(broken_string("a = \"$${\n\""), Some(4));
        assert_eq!(broken_string("\"${\"a\n"), Some(3));
    }

    #[test]
    fn statements_are_told_apart_though_one_is_not_closed() {
        let text = "a = \"${f({ b = 1 })}\"\nresource \"x\" \"y\" {\n  c = [\n}\n\nlocals {\n  d = <<EOT\nlocals {\nEOT\n}\ne = 1\n";
        let found: Vec<&str> = statements(text).into_iter().map(|range| text[range].lines().next().unwrap()).collect();
        assert_eq!(found, ["a = \"${f({ b = 1 })}\"", "resource \"x\" \"y\" {", "locals {", "e = 1"]);
    }

    #[test]
    fn finds_heredocs_without_lines() {
        let text = "a = <<EOT\nEOT\nb = <<-X\n  X\nc = <<X\n\nX\nd = \"<<X\"\n# <<X\n";
        assert_eq!(oddities(text).empty_heredocs, [4..13, 18..26]);
    }
}
