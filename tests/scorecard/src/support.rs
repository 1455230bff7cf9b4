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
use std::time::Duration;

use microagent::backend::memory::Memory;
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::BoxFuture;
use tokio::runtime::{Builder, Runtime};

use self::report::Time;

pub use self::answers::{Answers, LATE};
pub use self::ledger::{Entry, Ledger};
pub use self::redis::Wire;
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
    /// Whether its bus is that of another row of this table.
    shares_bus: bool,
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
        shares_bus: false,
        dsn: |row| format!("memory:{row}"),
        connect: |dsn| Box::pin(async move { Arc::new(memory(dsn)) as Arc<dyn BrokerBackend> }),
        connect_bus: |dsn| Box::pin(async move { Arc::new(memory(dsn)) as Arc<dyn BusBackend> }),
    },
    Backend {
        name: "redis",
        in_process: false,
        shares_bus: false,
        dsn: redis::dsn,
        connect: |dsn| Box::pin(redis::connect(dsn)),
        connect_bus: |dsn| Box::pin(redis::connect_bus(dsn)),
    },
    Backend {
        name: "redis lists",
        in_process: false,
        shares_bus: true,
        dsn: redis::dsn_on_lists,
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
        self.in_process || !redis::is_skipped()
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
    row_where(|_| true, number, scenario);
}

/// The same on every bus, for rows that send nothing to a broker.
pub fn row_on_buses(number: u32, scenario: impl AsyncFn(Stage) -> Counters) {
    row_where(|it| !it.shares_bus, number, scenario);
}

/// The same in this process alone, for rows whose scenario takes days of the clock.
pub fn row_in_process(number: u32, scenario: impl AsyncFn(Stage) -> Counters) {
    row_where(|it| it.in_process, number, scenario);
}

fn row_where(
    is_meant: fn(&Backend) -> bool,
    number: u32,
    scenario: impl AsyncFn(Stage) -> Counters,
) {
    let backends = BACKENDS.iter().filter(|it| is_meant(it));
    for backend in backends.filter(|it| it.is_wanted()) {
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
    backend: &'static Backend,
    (runtime, time): (&Runtime, Time),
    scenario: &impl AsyncFn(Stage) -> Counters,
) {
    let limit = match time {
        Time::Paused => PAUSED_LIMIT,
        Time::Real if is_full() => FULL_LIMIT,
        Time::Real => SHORT_LIMIT,
    };
    let counters = runtime.block_on(async {
        let stage = Stage::new(number, backend).await;
        let played = tokio::time::timeout(limit, scenario(stage)).await;
        played.expect("a row comes to its end")
    });
    report::print(number, backend.name, time, &counters);
}
