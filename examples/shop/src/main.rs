//! The shop where `MICROAGENT_BUS` and `MICROAGENT_BROKER` say, inside one process unless they do.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let place = |variable| env::var(variable).unwrap_or_else(|_| "memory:".into());
    let (bus, broker) = (place("MICROAGENT_BUS"), place("MICROAGENT_BROKER"));
    shop::day().bus(bus).broker(broker).main()
}
