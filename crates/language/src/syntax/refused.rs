//! Why the parser refuses a text. It says so in words alone; they are read here and nowhere else.

use hcl_edit::parser::Error as ParseError;

/// What of its refusals makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A key that stands twice in an object.
    Key,
    /// An argument that stands twice in a block.
    Argument,
    /// More levels than the parser takes.
    Nesting,
    /// More binary operators in a row than the parser takes.
    Chain,
    /// A statement that it gives up on as a whole: it says no more than where that begins.
    Whole,
    /// Anything else, for its own words.
    Other,
}

/// What the messages of hcl-edit 0.10 have in them.
const WORDS: &[(&str, Refused)] = &[
    ("redefined object key", Refused::Key),
    ("redefined attribute", Refused::Argument),
    ("nested levels", Refused::Nesting),
    ("chained binary", Refused::Chain),
];

pub(super) fn refused(error: &ParseError) -> Refused {
    let message = error.message();
    match WORDS.iter().find(|(words, _)| message.contains(words)) {
        Some((_, refused)) => *refused,
        None if message == "unexpected token" => Refused::Whole,
        None => Refused::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, refused};

    #[test]
    fn the_parser_says_it_in_these_words() {
        let of = |text: &str| refused(&hcl_edit::parser::parse_body(text).unwrap_err());
        assert_eq!(of("a = { b = 1, b = 2 }\n"), Refused::Key);
        assert_eq!(of("a = 1\na = 2\n"), Refused::Argument);
        assert_eq!(of(&format!("a = {}1{}\n", "[".repeat(80), "]".repeat(80))), Refused::Nesting);
        assert_eq!(of(&format!("a = 1{}\n", " + 1".repeat(200))), Refused::Chain);
        assert_eq!(of("a = 1 b\n"), Refused::Other);
    }
}
