//! Lines that many threads append at the same time, made durable together: one write for all that wait.

use std::sync::{Condvar, Mutex, PoisonError};

/// Shared by all who append.
#[derive(Default)]
pub(crate) struct Group {
    shared: Mutex<Waiting>,
    written: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Lines taken in, and lines that are durable.
    taken: u64,
    durable: u64,
    busy: bool,
    failed: Option<String>,
}

impl Group {
    /// Takes in a line and returns once `write` has made it durable, for this thread or by another one.
    pub(crate) fn append(&self, line: &[u8], write: &dyn Fn(Vec<u8>) -> Result<(), String>) -> Result<(), String> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.lines.extend(line);
        shared.taken += 1;
        let mine = shared.taken;
        loop {
            if let Some(reason) = &shared.failed {
                return Err(reason.clone());
            }
            if shared.durable >= mine {
                return Ok(());
            }
            if shared.busy {
                shared = self.written.wait(shared).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // This thread writes for all that wait.
            shared.busy = true;
            let lines = std::mem::take(&mut shared.lines);
            let up_to = shared.taken;
            drop(shared);
            let result = write(lines);
            shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            shared.busy = false;
            match result {
                Ok(()) => shared.durable = up_to,
                Err(reason) => shared.failed = Some(reason),
            }
            self.written.notify_all();
        }
    }
}
