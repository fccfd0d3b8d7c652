//! What the parser behind [`super::native`] is given in place of what it does not take and Terraform does.

use std::borrow::Cow;
use std::ops::Range;

use hcl_edit::parser::Error as ParseError;

use super::refused::{Refused, refused};

/// How many keys that stand twice are read.
const DUPLICATES: usize = 500;

/// Parses a text. Terraform takes the last of several equal keys of an object, and numbers of any size; the parser refuses
/// them, and is given another key and zeros of the same length in their place. Both are read again from the source, so nobody
/// sees it.
pub(super) fn parse<T>(text: &str, parser: impl Fn(&str) -> Result<T, ParseError>) -> Result<T, ParseError> {
    let mut text = Cow::Borrowed(text);
    let (mut last, mut tries) = (usize::MAX, 0);
    for _ in 0..DUPLICATES {
        let error = match parser(&text) {
            Err(error) => error,
            outcome => return outcome,
        };
        let at = error.location().offset();
        if refused(&error) != Refused::Key {
            let large = large_numbers(&text);
            if large.is_empty() {
                return Err(error);
            }
            for digits in large {
                let zeros = "0".repeat(digits.len());
                text.to_mut().replace_range(digits, &zeros);
            }
            continue;
        }
        // Another try for the same key: what stood in its place was taken as well.
        (last, tries) = (at, if at == last { tries + 1 } else { 0 });
        let Some(key) = key_at(&text, at) else { return Err(error) };
        let stand_in = stand_in(key.len(), tries);
        text.to_mut().replace_range(key, &stand_in);
    }
    parser(&text)
}

/// Where the letters of the key at `at` are; None where it is no name and no plain text.
fn key_at(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let (start, end) = match rest.strip_prefix('"') {
        Some(inner) => (at + 1, at + 1 + inner.find('"')?),
        None => {
            let length = rest.find(|each: char| !(each.is_alphanumeric() || matches!(each, '_' | '-')));
            (at, at + length.unwrap_or(rest.len()))
        }
    };
    let inner = text.get(start..end)?;
    // A quote in an interpolation would end the key too early, and leave a brace open.
    let whole = inner.matches('{').count() == inner.matches('}').count();
    (start < end && whole && !inner.contains(['\\', '\n'])).then_some(start..end)
}

/// The digits that make numbers too large for a double: more than 308 of them, or an exponent of more than two. Those in texts
/// are among them, which does no harm: texts are read from the source.
fn large_numbers(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            at += 1;
            continue;
        }
        let before = &bytes[..at];
        let exponent = matches!(before.strip_suffix(b"+").unwrap_or(before), [.., b'0'..=b'9', b'e' | b'E']);
        let zeros = bytes[at..at + digits].iter().all(|digit| *digit == b'0');
        if !zeros && (digits > 308 || exponent && digits > 2) {
            found.push(at..at + digits);
        }
        at += digits;
    }
    found
}

/// The `number`th name of a length in bytes. In upper case: no keyword is.
fn stand_in(length: usize, mut number: usize) -> String {
    let mut letters = vec![b'A'; length];
    for letter in letters.iter_mut().rev() {
        *letter += (number % 26) as u8;
        number /= 26;
    }
    letters.into_iter().map(char::from).collect()
}
