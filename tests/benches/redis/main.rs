//! Agents on Redis against the loops that one would write by hand on the same client, and against the library in Python:
//! `tests/servers/run cargo bench -p microagent-tests --bench redis`. What is compared takes turns on the same server, and of
//! several rounds the best counts, so that other work on the machine disturbs both alike; what a message costs on the
//! processors, here and in the server, is counted over all rounds. `MICROAGENT_PYTHON` is a Python
//! that has the library; without it that part is left out. `-- call` runs the rows that have this word, and nothing else.

#![expect(clippy::print_stdout, reason = "it prints its tables")]

mod agents;
mod bare;
mod cost;
mod memory;
mod python;
mod work;

use std::env;

use tokio::runtime::{Builder, Runtime};

use self::work::{Figures, Load};

const ROUNDS: usize = 5;

fn main() {
    let Ok(dsn) = env::var("MICROAGENT_TEST_REDIS") else {
        println!(
            "Without a server: tests/servers/run cargo bench -p microagent-tests --bench redis"
        );
        return;
    };
    // Cargo adds a flag of its own.
    let wanted = env::args().skip(1).find(|it| !it.starts_with('-'));
    if wanted.is_none() {
        memory::print(&dsn);
    }
    println!("\n{}", work::HEADING);
    for load in Load::all() {
        let name = load.to_string();
        if wanted.as_ref().is_none_or(|it| name.contains(it)) {
            let (bare, agents) = compare(&dsn, load);
            println!("{}", work::row(load, bare, agents));
        }
    }
    if wanted.is_none() {
        python::print(&dsn);
    }
}

fn two_workers() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.expect("the system gives threads")
}

/// The best of both, which take turns, and what a message costs in all rounds.
fn compare(dsn: &str, load: Load) -> (Figures, Figures) {
    let mut server = cost::Server::at(dsn);
    let (mut bare, mut agents) = (Figures::WORST, Figures::WORST);
    for _ in 0..ROUNDS {
        let run = || two_workers().block_on(bare::run(dsn, load));
        bare = bare.better(server.measured(run));
        let run = || two_workers().block_on(agents::run(dsn, load));
        agents = agents.better(server.measured(run));
    }
    let messages = load.mode.messages() * ROUNDS as u64;
    (bare.per_message(messages), agents.per_message(messages))
}
