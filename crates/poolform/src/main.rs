//! The `poolform` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    poolform::main()
}
