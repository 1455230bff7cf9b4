//! The same messages through the library in Python, in a process of its own.

use std::env;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/redis/python/peer.py");

pub(crate) fn print(dsn: &str) {
    let Some(python) = env::var_os("MICROAGENT_PYTHON") else {
        println!("\nMICROAGENT_PYTHON names no Python that has the library.");
        return;
    };
    println!(
        "\nThe library in Python: signals, calls, and queues as lists, which it takes without acknowledging."
    );
    println!("| what | sent | a second | p50, p99 µs |\n|---|---|---|---|");
    let status = Command::new(python).arg(SCRIPT).arg(dsn).status();
    assert!(
        status
            .expect("the Python of MICROAGENT_PYTHON runs")
            .success()
    );
}
