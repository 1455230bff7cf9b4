//! The acceptance suite on Redis streams.

#![expect(
    clippy::print_stderr,
    reason = "nobody is to believe that it was tested"
)]

mod server;

use std::process::ExitCode;

fn main() -> ExitCode {
    server::main("redis")
}
