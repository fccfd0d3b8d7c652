//! A journal's lines: one JSON document per event.

use crate::Event;

/// An event as a line.
pub(crate) fn line(event: &Event) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    Ok(line)
}

/// The events of a journal. A last line that was cut short was never acknowledged; any other that cannot be read is
/// damage.
pub(crate) fn events(text: &str) -> serde_json::Result<Vec<Event>> {
    text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(serde_json::from_str).collect()
}
