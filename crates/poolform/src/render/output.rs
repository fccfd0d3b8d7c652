//! Standard output, which may be closed or full.

use std::io::{ErrorKind, Write};

use crate::stop::Stop;

/// Prints a formatted line on standard output, and returns from the function when that cannot be written.
macro_rules! print_line {
    () => { $crate::render::output::line("")? };
    ($($argument:tt)*) => { $crate::render::output::line(&format!($($argument)*))? };
}

/// Says a formatted line on standard error.
macro_rules! say {
    ($($argument:tt)*) => { $crate::render::output::say(&format!($($argument)*)) };
}

/// Prints `text`. A reader that has gone (`| head`) wants no more and is no error; anything else is: what was asked for
/// was not delivered.
pub fn print(text: &str) -> Result<(), Stop> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Stop::message("Output not written", format!("Standard output cannot be written: {error}.")))
        }
        _ => Ok(()),
    }
}

/// Prints `text` and a line end.
pub fn line(text: &str) -> Result<(), Stop> {
    print(&format!("{text}\n"))
}

/// Says something on standard error, where nobody may be listening.
pub fn say(text: &str) {
    // There is no place left to report to.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
