//! The `poolform` command: the only place that prints, reads the environment and decides exit codes.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "the command is the edge")]

mod cli;
mod commands;
mod connection;
mod disk;
mod ownership;
mod render;
mod root;
mod saved;
mod stop;
mod workspace;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::stop::{Exit, Stop};

fn main() -> ExitCode {
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
    let directory = cli.chdir.as_deref().unwrap_or(".");
    if !std::path::Path::new(directory).is_dir() {
        return Err(Stop::message("No such directory", format!("-chdir names {directory}, which is no directory.")));
    }
    match &cli.command {
        Command::Plan(args) if args.refresh_only => commands::drift::run(directory, args),
        Command::Plan(args) => commands::plan::run(directory, args),
        Command::Apply(args) => commands::apply::run(directory, args, false),
        Command::Destroy(args) => commands::apply::run(directory, args, true),
        Command::Output(args) => commands::output::run(directory, args),
        Command::Show(args) => commands::show::run(directory, args),
        Command::Validate(args) => commands::validate::run(directory, args),
        Command::Adopt(args) => commands::adopt::run(directory, args),
        Command::Workspace(args) => commands::workspace::run(directory, args),
        Command::Serve(args) => commands::serve::run(directory, args),
    }
}
