//! `mag`, the command line of microagent: checks, formats, generates, imports, explains, begins projects. Each command is a
//! module that returns how the process ends; only `output` writes to the terminal.
//!
//! Invariants: the exit codes are those of sysexits; a closed pipe is no failure; nothing that exists is overwritten
//! without being asked to.

mod arguments;
mod check;
mod exit;
mod explain;
mod format;
mod generate;
mod import;
mod metadata;
mod new;
mod output;
mod project;
mod source;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::exit::{Exit, Failure};
use crate::output::Output;

fn main() -> ExitCode {
    let mut output = Output::standard();
    let exit = match Arguments::try_parse() {
        Ok(arguments) => end(run(arguments.command, &mut output), &mut output),
        Err(error) => usage(&error, &mut output),
    };
    ExitCode::from(exit.code())
}

fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Fmt(arguments) => format::run(&arguments, output),
        Command::Gen(arguments) => generate::run(&arguments, output),
        Command::Import(arguments) => import::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::New(arguments) => new::run(&arguments, output),
    }
}

fn end(result: Result<Exit, Failure>, output: &mut Output) -> Exit {
    match result.and_then(|exit| output.flush().map(|()| exit)) {
        Ok(exit) => exit,
        Err(failure) => {
            // There is no further place to say that this could not be said.
            let _ = output.error(&failure.message);
            let _ = output.flush();
            failure.exit
        }
    }
}

/// Help and version are answers; everything else is a command line that we don't understand.
fn usage(error: &clap::Error, output: &mut Output) -> Exit {
    let text = error.render();
    if error.use_stderr() {
        let said = output.note(&text.to_string());
        return end(said.map(|()| Exit::Usage), output);
    }
    let said = output.answer(&text.to_string());
    end(said.map(|()| Exit::Good), output)
}
