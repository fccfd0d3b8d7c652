//! The model's string patterns, which are Java's, as this program matches them.

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

/// A pattern as the service prints it, compiled on first use.
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        Pattern { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// The pattern as the model writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all of `value` matches, as the service asks.
    pub fn matches(&self, value: &str) -> bool {
        match self.compiled.get_or_init(|| Regex::new(&translate(&self.text)).ok()) {
            Some(regex) => regex.is_match(value),
            // The unit test compiles every pattern of the model, so none ends here.
            None => true,
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Java's dialect in Rust's: `\w` and `\s` are ASCII there, the match is of the whole text, and the one look-behind of
/// the model ("does not end in a full stop") has a form without it.
fn translate(java: &str) -> String {
    if java == r"^[0-9A-Za-z\.\-_]*(?<!\.)$" {
        return r"\A(?:[0-9A-Za-z.\-_]*[0-9A-Za-z\-_])?\z".to_owned();
    }
    let mut rust = String::from(r"\A(?:");
    let mut in_class = false;
    let mut characters = java.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, in_class) {
            ('\\', _) => match (characters.next(), in_class) {
                (Some('w'), true) => rust.push_str("a-zA-Z0-9_"),
                (Some('w'), false) => rust.push_str("[a-zA-Z0-9_]"),
                (Some('s'), true) => rust.push_str(r" \t\n\x0B\f\r"),
                (Some('s'), false) => rust.push_str(r"[ \t\n\x0B\f\r]"),
                (Some(other), _) => rust.extend(['\\', other]),
                (None, _) => rust.push_str(r"\\"),
            },
            ('[', false) => {
                in_class = true;
                rust.push('[');
            }
            (']', true) => {
                in_class = false;
                rust.push(']');
            }
            // A hyphen that is no range in Java, as in `[\w+-]` or `0-9-_`, must not become an operator here.
            ('-', true) if characters.peek() == Some(&'_') => rust.push_str(r"\-"),
            (other, _) => rust.push(other),
        }
    }
    rust.push_str(r")\z");
    rust
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_model_compiles() {
        let model: serde_json::Value = serde_json::from_str(include_str!("cognito-idp-2016-04-18.json")).unwrap();
        for (name, shape) in model["shapes"].as_object().unwrap() {
            if let Some(pattern) = shape["pattern"].as_str() {
                assert!(Regex::new(&translate(pattern)).is_ok(), "{name}: {pattern} -> {}", translate(pattern));
            }
        }
    }

    #[test]
    fn matches_whole_texts_in_ascii_words() {
        let id = Pattern::new(r"[\w-]+_[0-9a-zA-Z]+");
        assert!(id.matches("us-east-1_EXAMPLE1"));
        assert!(!id.matches("us-east-1_EXAMPLE1\n"));
        assert!(!Pattern::new(r"[\w\s+=,.@-]+").matches("Größe"));
        assert!(Pattern::new(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+").matches("Größe"));
        let relying_party = Pattern::new(r"^[0-9A-Za-z\.\-_]*(?<!\.)$");
        assert!(relying_party.matches("") && relying_party.matches("a.b") && !relying_party.matches("a."));
    }
}
