//! Messages through generated senders, the memory backend and a generated handler, against a bare channel with `serde_json`
//! doing the same work: `cargo bench -p microagent-tests --bench messages`. One table per question, all in one run; what is
//! compared takes turns, and of several rounds the best counts, so that other work on the machine disturbs both alike.

#![expect(clippy::print_stdout, reason = "it prints its tables")]

mod agents;
mod bare;
mod latency;
mod processes;
mod work;

use tokio::runtime::{Builder, Runtime};

use self::work::{Cost, Load};

const ROUNDS: usize = 5;
const MESSAGES: u64 = 102_400;

/// Which handlers there are.
#[derive(Clone, Copy)]
enum Consumers {
    /// One agent that runs so many handlers at once.
    Slots(usize),
    /// So many agents with one handler each, which compete.
    Agents(usize),
}

fn main() {
    if processes::is_child() {
        return;
    }
    throughput();
    allocations();
    latency::print();
    processes::print();
}

fn current_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives an event queue")
}

fn two_workers() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.expect("the system gives threads")
}

fn throughput() {
    println!(
        "Messages a second, the best of {ROUNDS} rounds of {MESSAGES}. A sender awaits each message before the next."
    );
    println!(
        "| runtime | senders | consumers | bare/s | agents/s | ratio | bare CPU ns | agents CPU ns |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (flavour, runtime) in [("1 thread", current_thread()), ("2 workers", two_workers())] {
        for senders in [1, 8] {
            for consumers in [
                Consumers::Slots(1),
                Consumers::Slots(100),
                Consumers::Slots(1_000),
                Consumers::Agents(100),
                Consumers::Agents(1_000),
            ] {
                let load = Load {
                    senders,
                    messages: MESSAGES,
                };
                let (bare, agents) = compare(&runtime, load, consumers);
                let ratio = bare.nanoseconds / agents.nanoseconds;
                println!(
                    "| {flavour} | {senders} | {consumers} | {:.0} | {:.0} | {ratio:.2} | {:.0} | {:.0} |",
                    1e9 / bare.nanoseconds,
                    1e9 / agents.nanoseconds,
                    bare.cpu,
                    agents.cpu
                );
            }
        }
    }
}

/// What a message costs in both, which take turns.
fn compare(runtime: &Runtime, load: Load, consumers: Consumers) -> (Cost, Cost) {
    let mut best = (Cost::WORST, Cost::WORST);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(runtime.block_on(bare::run(load, consumers)));
        best.1 = best.1.min(runtime.block_on(agents::run(load, consumers)));
    }
    best
}

/// On one thread, where each allocation can be told; of two loads the difference, so that starting is not counted.
fn allocations() {
    let count = |messages| {
        let load = Load {
            senders: 1,
            messages,
        };
        let bare = allocation_counter::measure(|| {
            current_thread().block_on(bare::run(load, Consumers::Slots(1)));
        });
        let agents = allocation_counter::measure(|| {
            current_thread().block_on(agents::run(load, Consumers::Slots(1)));
        });
        (bare.count_total, agents.count_total)
    };
    let (once, twice) = (count(MESSAGES), count(2 * MESSAGES));
    let each = |once: u64, twice: u64| work::share(twice - once, MESSAGES);
    let (bare, agents) = (each(once.0, twice.0), each(once.1, twice.1));
    println!(
        "\nAllocations a message: bare {bare:.2}, agents {agents:.2}, beside the bare loop {:.2}.",
        agents - bare
    );
}

impl std::fmt::Display for Consumers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Slots(count) => write!(f, "1 agent, {count} at once"),
            Self::Agents(count) => write!(f, "{count} agents"),
        }
    }
}
