//! Kills, stalls and cuts real processes and servers, and counts from the ledgers that they keep what became of each message.
//! The same program is the processes: `ledger work` consumes, `ledger send` sends.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose purpose is to print a table"
)]

mod account;
mod arguments;
mod backend;
mod book;
mod process;
mod proxy;
mod report;
mod run;
mod scenarios;
mod send;
mod server;
mod stage;
mod subject;
mod work;

microagent::include_schema!(ledger);

use std::process::ExitCode;

use crate::arguments::Arguments;

/// Whatever goes wrong is told and ends the run.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    let role = words.next_if(|it| !it.starts_with("--"));
    let ended = match role.as_deref() {
        Some("work") => Arguments::parse(words, work::ARGUMENTS).and_then(|it| work::run(&it)),
        Some("send") => Arguments::parse(words, send::ARGUMENTS).and_then(|it| send::run(&it)),
        Some(role) => Err(format!("`{role}` is no role; there is `work` and `send`").into()),
        None => Arguments::parse(words, run::ARGUMENTS).and_then(|it| run::run(&it)),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
