//! How a row runs: once per backend, each time on a runtime and a stage of its own. Knows no row.
//!
//! On a server a row takes real time, and has less to do: `MICROAGENT_SCORECARD=full` gives it all. `MICROAGENT_TEST_REDIS` is
//! the DSN of a Redis server, by default the one on this machine; who has none says `MICROAGENT_SKIP_REDIS=1`.

mod answers;
mod ledger;
mod redis;
mod report;
mod stage;
mod watched;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::backend::memory::Memory;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::BoxFuture;
use tokio::runtime::{Builder, Runtime};

use self::report::Time;

pub use self::answers::Answers;
pub use self::ledger::{Entry, Ledger};
pub use self::report::Counters;
pub use self::stage::Stage;
pub use self::watched::Watched;

/// What a row may take of paused time, and of real time in its short and in its full form.
const PAUSED_LIMIT: Duration = Duration::from_hours(24);
const SHORT_LIMIT: Duration = Duration::from_mins(2);
const FULL_LIMIT: Duration = Duration::from_hours(1);

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
    connect: for<'a> fn(dsn: &'a str) -> BoxFuture<'a, Arc<dyn BrokerBackend>>,
    /// The same for the bus, to say what no agent would.
    connect_bus: for<'a> fn(dsn: &'a str) -> BoxFuture<'a, Arc<dyn BusBackend>>,
}

/// All that there are.
pub const BACKENDS: &[Backend] = &[
    Backend {
        name: "memory",
        in_process: true,
        dsn: |row| format!("memory:{row}"),
        connect: |dsn| Box::pin(async move { Arc::new(memory(dsn)) as Arc<dyn BrokerBackend> }),
        connect_bus: |dsn| Box::pin(async move { Arc::new(memory(dsn)) as Arc<dyn BusBackend> }),
    },
    Backend {
        name: "redis",
        in_process: false,
        dsn: redis::dsn,
        connect: |dsn| Box::pin(redis::connect(dsn)),
        connect_bus: |dsn| Box::pin(redis::connect_bus(dsn)),
    },
];

fn memory(dsn: &str) -> Memory {
    Memory::from_dsn(dsn).expect("it is a DSN of memory")
}

impl Backend {
    /// False where the developer asked to do without it.
    fn is_wanted(&self) -> bool {
        self.name != "redis" || !redis::is_skipped()
    }

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
    for backend in BACKENDS.iter().filter(|it| it.is_wanted()) {
        let time = backend.time();
        play(number, backend, (&runtime(time), time), &scenario);
    }
}

/// The same in real time on this many threads, for rows that are about threads.
pub fn row_on_threads(number: u32, threads: usize, scenario: impl AsyncFn(Stage) -> Counters) {
    for backend in BACKENDS.iter().filter(|it| it.is_wanted()) {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.enable_all().worker_threads(threads).build();
        let runtime = runtime.expect("a runtime can be made");
        play(number, backend, (&runtime, Time::Real), &scenario);
        // A row may leave threads behind that never end.
        runtime.shutdown_background();
    }
}

/// The same in this process alone, for rows whose scenario takes days of the clock.
pub fn row_in_process(number: u32, scenario: impl AsyncFn(Stage) -> Counters) {
    for backend in BACKENDS.iter().filter(|it| it.in_process) {
        let time = backend.time();
        play(number, backend, (&runtime(time), time), &scenario);
    }
}

/// Whether rows on servers are to do all that they can.
fn is_full() -> bool {
    std::env::var_os("MICROAGENT_SCORECARD").is_some_and(|it| it == "full")
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
        Time::Real if is_full() => FULL_LIMIT,
        Time::Real => SHORT_LIMIT,
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let counters = runtime.block_on(async {
        let stage = Stage::new(&format!("row{number}-{count}"), backend).await;
        let played = tokio::time::timeout(limit, scenario(stage)).await;
        played.expect("a row comes to its end")
    });
    report::print(number, backend.name, time, &counters);
}
