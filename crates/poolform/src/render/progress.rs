//! What an apply shows while it works: a line per step on standard error, or a JSON line on standard output.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use poolform_apply::Progress;
use poolform_core::Step;
use serde_json::json;

use super::json::line;
use super::output::say;

/// Shows progress, and knows whether somebody asked to stop.
pub struct Shown {
    json: bool,
    stop: Arc<AtomicBool>,
}

impl Shown {
    /// For people, or for machines. Ctrl-C asks to stop: the steps in flight are finished and kept.
    pub fn new(json: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        // Without a handler an interrupt kills at once, which the journal survives too.
        let _ = ctrlc::set_handler(move || {
            if !asked.swap(true, Ordering::SeqCst) {
                say("Stopping after the requests in flight. What was done is kept; apply again to go on.");
            }
        });
        Shown { json, stop }
    }
}

impl Progress for Shown {
    fn started(&self, step: &Step) {
        if self.json {
            say_line(
                &json!({"schema": "poolform.step/1", "event": "started", "address": step.address, "operation": step.operation}),
            );
        }
    }

    fn finished(&self, step: &Step, took: Duration, failure: Option<&str>) {
        let milliseconds = took.as_millis();
        if self.json {
            let event = if failure.is_some() { "failed" } else { "done" };
            say_line(&json!({"schema": "poolform.step/1", "event": event, "address": step.address,
                "operation": step.operation, "milliseconds": milliseconds, "error": failure}));
        } else if failure.is_none() {
            say(&format!("{}: {} done ({milliseconds} ms)", step.address, step.operation));
        } else {
            say(&format!("{}: {} failed ({milliseconds} ms)", step.address, step.operation));
        }
    }

    fn waiting(&self, step: &Step, is: &str) {
        if !self.json {
            say(&format!("{}: still {is}", step.address));
        }
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// Progress is not worth stopping an apply half way.
fn say_line(json: &serde_json::Value) {
    let _ = line(json);
}
