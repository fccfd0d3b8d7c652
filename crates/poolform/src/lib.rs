//! The programs: the `poolform` command, and the provider for Terraform. The only place that prints, reads the environment
//! and decides exit codes.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "the command is the edge")]

// First, for its macros.
#[macro_use]
mod render;
mod already;
mod backend;
mod cli;
mod commands;
mod connection;
mod data;
mod disk;
mod functions;
mod ownership;
mod provider_connection;
mod relocate;
mod resources;
mod root;
mod saved;
mod stop;
mod targets;
mod terraforms;
mod triggers;
mod workspace;
mod world;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
pub use crate::provider_connection::serve_provider;
use crate::stop::{Exit, Stop};

/// The command, from its arguments to its exit code.
pub fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            let shown = error.exit_code() == 0;
            // Help and version go to standard output; nothing can be done when that is closed.
            let _ = error.print();
            return if shown { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    if cli.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    match run(&cli) {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Changes) => ExitCode::from(2),
        Err(stop) => {
            stop.report();
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<Exit, Stop> {
    if cli.command.is_json() {
        stop::speak_json();
    }
    // As in Terraform, every path on the command line is relative to the directory that -chdir names.
    if let Some(directory) = &cli.chdir {
        root::remember_working_directory();
        std::env::set_current_dir(directory).map_err(|error| {
            Stop::message("No such directory", format!("-chdir names {directory}, which cannot be entered: {error}."))
        })?;
    }
    let directory = ".";
    match &cli.command {
        Command::Plan(args) if args.refresh_only => commands::drift::run(directory, args),
        Command::Plan(args) => commands::plan::run(directory, args),
        Command::Apply(args) => commands::apply::run(directory, args, args.destroy),
        Command::Destroy(args) => commands::apply::run(directory, args, true),
        Command::Output(args) => commands::output::run(directory, args),
        Command::Show(args) => commands::show::run(directory, args),
        Command::Validate(args) => commands::validate::run(directory, args),
        Command::Check(args) => commands::check::run(directory, args),
        Command::Adopt(args) => commands::adopt::run(directory, args),
        Command::Migrate(args) => commands::migrate::run(args),
        Command::Workspace(args) => commands::workspace::run(directory, args),
        Command::RotateSecret(args) => commands::rotate_secret::run(directory, args),
        Command::Restore(args) => commands::restore::run(directory, args),
        Command::ForceUnlock(args) => commands::force_unlock::run(directory, args),
        Command::Dev(args) => commands::dev::run(directory, args),
        Command::Env(args) => commands::env::run(directory, args),
        Command::Serve(args) => commands::serve::run(directory, args),
        Command::Version => {
            render::output::line(concat!("poolform ", env!("CARGO_PKG_VERSION")))?;
            Ok(Exit::Fine)
        }
    }
}
