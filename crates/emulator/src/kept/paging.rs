//! Answers of list operations, one page at a time.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poolform_model::Refusal;
use serde::de::DeserializeOwned;

use crate::forms::refusal::BAD_TOKEN;
use crate::kept::shelf::Shelf;
use crate::kept::store::{Reader, decode};

/// The page of records after the one a token names, and the token of the next page. Records come in the order of
/// their names; the service's own order is not known.
pub(crate) fn page<T: DeserializeOwned>(
    reader: &dyn Reader,
    shelf: Shelf,
    scope: &str,
    limit: usize,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    filtered(reader, shelf, scope, limit, token, |_| true, |_: &T| true)
}

/// As [`page`], of the records that `keep` picks. Those whose bytes are not `likely` are passed over without being read.
pub(crate) fn filtered<T: DeserializeOwned>(
    reader: &dyn Reader,
    shelf: Shelf,
    scope: &str,
    limit: usize,
    token: Option<&str>,
    likely: impl Fn(&[u8]) -> bool,
    keep: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let after = token.map(|token| name_in(token, scope)).transpose()?;
    let mut found = Vec::new();
    let mut last = String::new();
    let mut more = false;
    reader.visit(shelf, scope, after.as_deref(), &mut |name, bytes| {
        if !likely(bytes) {
            return Ok(true);
        }
        let record: T = decode(bytes)?;
        if !keep(&record) {
            return Ok(true);
        }
        if found.len() == limit {
            more = true;
            return Ok(false);
        }
        found.push(record);
        name.clone_into(&mut last);
        Ok(true)
    })?;
    Ok((found, more.then(|| self::token(scope, &last))))
}

/// A token for what comes after a name.
pub(crate) fn token(scope: &str, last: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{scope}\n{last}"))
}

/// The name in a token made for this scope.
pub(crate) fn name_in(token: &str, scope: &str) -> Result<String, Refusal> {
    let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match text.as_deref().and_then(|text| text.split_once('\n')) {
        Some((found, name)) if found == scope => Ok(name.to_owned()),
        _ => BAD_TOKEN.refuse(),
    }
}
