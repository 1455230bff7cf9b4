//! How a row runs: once per backend, each time on a runtime and a stage of its own. Knows no row.

mod answers;
mod ledger;
mod report;
mod stage;
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::backend::memory::Memory;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use tokio::runtime::{Builder, Runtime};

use self::report::Time;

pub use self::answers::Answers;
pub use self::ledger::{Entry, Ledger};
pub use self::report::Counters;
pub use self::stage::Stage;
pub use self::watched::Watched;

/// What a row may take of paused time, and of real time.
const PAUSED_LIMIT: Duration = Duration::from_hours(24);
const REAL_LIMIT: Duration = Duration::from_mins(1);

/// A backend that rows run on.
#[derive(Debug)]
pub struct Backend {
    /// As it stands in the lines.
    pub name: &'static str,
    /// Whether all of it lives in this process, so that its time can be paused.
    in_process: bool,
    /// The DSN of a broker and a bus that no other row shares.
    dsn: fn(row: &str) -> String,
    /// A connection of the row's own, to look into queues and to send what no agent would.
    connect: fn(dsn: &str) -> Arc<dyn BrokerBackend>,
    /// The same for the bus, to say what no agent would.
    connect_bus: fn(dsn: &str) -> Arc<dyn BusBackend>,
}

/// All that there are.
pub const BACKENDS: &[Backend] = &[Backend {
    name: "memory",
    in_process: true,
    dsn: |row| format!("memory:{row}"),
    connect: |dsn| Arc::new(Memory::from_dsn(dsn).expect("it is a DSN of memory")),
    connect_bus: |dsn| Arc::new(Memory::from_dsn(dsn).expect("it is a DSN of memory")),
}];

impl Backend {
    fn time(&self) -> Time {
        if self.in_process {
            Time::Paused
        } else {
            Time::Real
        }
    }
}

fn runtime(time: Time) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(time == Time::Paused);
    builder.build().expect("a runtime can be made")
}

/// Runs a row on every backend, under paused time where the backend lives in this process, and prints what it counted.
pub fn row(number: u32, scenario: impl AsyncFn(Stage) -> Counters) {
    for backend in BACKENDS {
        let time = backend.time();
        play(number, backend, (&runtime(time), time), &scenario);
    }
}

/// The same in real time on this many threads, for rows that are about threads.
pub fn row_on_threads(number: u32, threads: usize, scenario: impl AsyncFn(Stage) -> Counters) {
    for backend in BACKENDS {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.enable_all().worker_threads(threads).build();
        let runtime = runtime.expect("a runtime can be made");
        play(number, backend, (&runtime, Time::Real), &scenario);
        // A row may leave threads behind that never end.
        runtime.shutdown_background();
    }
}

/// Runs a row that no backend has a part in, and prints what it counted.
pub fn row_without_backend(number: u32, scenario: impl FnOnce() -> Counters) {
    report::print(number, "no backend", Time::Real, &scenario());
}

fn play(
    number: u32,
    backend: &Backend,
    (runtime, time): (&Runtime, Time),
    scenario: &impl AsyncFn(Stage) -> Counters,
) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let limit = match time {
        Time::Paused => PAUSED_LIMIT,
        Time::Real => REAL_LIMIT,
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let counters = runtime.block_on(async {
        let stage = Stage::new(&format!("row{number}-{count}"), backend);
        let played = tokio::time::timeout(limit, scenario(stage)).await;
        played.expect("a row comes to its end")
    });
    report::print(number, backend.name, time, &counters);
}
