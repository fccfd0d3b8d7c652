//! The forms of e-mail addresses and phone numbers.

/// Whether a text has the form of an e-mail address.
pub(crate) fn is_email(text: &str) -> bool {
    match text.rsplit_once('@') {
        Some((local, host)) => {
            !local.is_empty()
                && !host.is_empty()
                && !text.contains(char::is_whitespace)
                && !local.contains('@')
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
        }
        None => false,
    }
}

/// `+` and up to 15 digits.
pub(crate) fn is_phone(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|digits| (2..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}
