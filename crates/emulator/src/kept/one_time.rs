//! What is good for one use or has been revoked: sessions, secret blocks, rotated refresh tokens, sign-ins. Each is
//! remembered for as long as it could be shown again.

use serde::{Deserialize, Serialize};

use crate::forms::refusal::Answer;
use crate::kept::shelf::ONE_TIME;
use crate::kept::store::{Reader, Writer};

/// Records past their time that a new one clears away.
const CLEARED: usize = 8;

/// What is known of one.
#[derive(Clone, Copy, Default, Deserialize, Serialize)]
pub(crate) struct Usage {
    /// When it was used up, milliseconds since 1970; 0 while it was not.
    pub(crate) at: i64,
    /// Wrong answers so far.
    pub(crate) failures: u32,
}

/// Sorted by the time after which it cannot be shown any more, milliseconds.
fn name(until: i64, id: &str) -> String {
    format!("{until:015}-{id}")
}

/// What is known of one; nothing of one that was never used.
pub(crate) fn look_up(reader: &dyn Reader, pool_id: &str, until: i64, id: &str) -> Answer<Usage> {
    Ok(reader.get(ONE_TIME, pool_id, &name(until, id))?.unwrap_or_default())
}

/// Keeps what is known of one, and clears away what no longer matters.
pub(crate) fn keep(writer: &mut Writer, now: i64, pool_id: &str, until: i64, id: &str, one: Usage) -> Answer<()> {
    let now = name(now, "");
    let mut past = Vec::new();
    writer.reader().visit(ONE_TIME, pool_id, None, &mut |name, _| {
        let old = name < now.as_str();
        if old {
            past.push(name.to_owned());
        }
        Ok(old && past.len() < CLEARED)
    })?;
    for old in past {
        writer.remove(ONE_TIME, pool_id, &old)?;
    }
    writer.put(ONE_TIME, pool_id, &name(until, id), &one)
}

/// Uses one up; false when it has been used before.
pub(crate) fn use_up(writer: &mut Writer, now: i64, pool_id: &str, until: i64, id: &str) -> Answer<bool> {
    let known = look_up(writer.reader(), pool_id, until, id)?;
    if known.at != 0 {
        return Ok(false);
    }
    keep(writer, now, pool_id, until, id, Usage { at: now, ..known })?;
    Ok(true)
}

/// Sign-ins that were revoked are found by their id alone, so they stay: sorted after all others.
fn revoked(origin: &str) -> String {
    format!("revoked-{origin}")
}

/// Revokes a sign-in: its refresh token and every token that came of it.
pub(crate) fn revoke(writer: &mut Writer, now: i64, pool_id: &str, origin: &str) -> Answer<()> {
    writer.put(ONE_TIME, pool_id, &revoked(origin), &Usage { at: now, failures: 0 })
}

pub(crate) fn is_revoked(reader: &dyn Reader, pool_id: &str, origin: &str) -> Answer<bool> {
    Ok(reader.bytes(ONE_TIME, pool_id, &revoked(origin))?.is_some())
}
