//! A deterministic simulation: whole agents on one memory broker and bus under paused time, where one seed decides all that
//! happens. Owns the seeds, their threads and the report of one that fails.

mod books;
mod bus;
mod core;
mod link;
mod process;
mod report;
mod sim;
mod trace;
mod trouble;

use std::collections::BTreeMap;
use std::env;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::core::{Core, roll};
pub(super) use self::report::text_of;
use self::report::{Failed, report};
use self::trace::Trace;
use crate::backend::memory::{Memory, MemoryOptions};
use crate::clock::Clock;
use crate::random::seeded::Seeded;

pub use self::books::Balance;
pub use self::process::Process;
pub use self::sim::Sim;
pub use self::trouble::Trouble;

/// No life is longer; one that is hangs.
const LONGEST: Duration = Duration::from_hours(24);
/// What a killed process may take to be gone.
const GONE: Duration = Duration::from_mins(1);

/// Lives that are led from seeds, each on its own broker and bus, in time that is paused.
///
/// All that is drawn comes from the seed: the order of messages, how long the broker takes, what goes wrong and when, ids and
/// jitter. A seed replays exactly, as long as a life draws its own decisions by [`Sim::roll`], reads no clock but tokio's
/// and iterates over no hash map. Handlers that use threads (`spawn_blocking`, a pool of their own) do not replay: when such
/// a thread is done is the operating system's matter.
///
/// Each life ends by stopping all processes in order, and fails where the books of a queue are not even: each message that
/// the broker took was acknowledged, given up, dropped by a limit that was declared, or waits; none was delivered
/// under a wrong attempt number or after its end; no task is left behind.
///
/// ```
/// # use std::time::Duration;
/// # use microagent::testing::simulation::Simulation;
/// # fn agents() -> Vec<microagent::Agent> { Vec::new() }
/// Simulation::seeds(10).run(|sim| async move {
///     sim.process("mail", agents).start().await;
///     for _ in 0..20 {
///         sim.trouble();
///         // sim.broker().send_mailer(..).await, with a note of what was confirmed
///         tokio::time::sleep(sim.moment(Duration::from_secs(2))).await;
///     }
///     sim.calm().await;
///     sim.settle().await;
///     // assert that what was confirmed was handled
/// });
/// ```
///
/// In the environment, `SIMULATION_SEEDS=10000` leads more lives, and `SIMULATION_SEED=17` only that one.
#[derive(Clone, Debug)]
pub struct Simulation {
    seeds: Range<u64>,
    lease: Duration,
    traced: bool,
}

/// How often what happened, by name.
pub type Counts = BTreeMap<&'static str, u64>;

/// What a life came to.
#[derive(Clone, Debug)]
pub struct Life<T> {
    /// Where it came from.
    pub seed: u64,
    /// What it returned.
    pub outcome: T,
    /// Of all events, with their times.
    pub digest: u64,
    /// How many.
    pub events: u64,
    /// How often what happened, by name.
    pub counts: Counts,
    /// The events, line by line; empty where it was not asked for by [`Simulation::traced`].
    pub trace: String,
}

impl Simulation {
    /// Lives from so many seeds, from 0; the environment may say otherwise.
    ///
    /// # Panics
    /// Where `SIMULATION_SEED` or `SIMULATION_SEEDS` is no number.
    pub fn seeds(count: u64) -> Self {
        let number = |name| {
            let text = env::var(name).ok()?;
            Some(
                text.parse::<u64>()
                    .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
            )
        };
        match number("SIMULATION_SEED") {
            Some(seed) => Self::seed(seed),
            None => Self::of(0..number("SIMULATION_SEEDS").unwrap_or(count)),
        }
    }

    /// The life of one seed, whatever the environment says.
    pub fn seed(seed: u64) -> Self {
        Self::of(seed..seed.saturating_add(1))
    }

    fn of(seeds: Range<u64>) -> Self {
        Self {
            seeds,
            lease: Duration::from_secs(30),
            traced: false,
        }
    }

    /// How long the broker waits for a consumer that says nothing. Default: 30 s.
    #[must_use = "it is a changed copy"]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Keeps the text of all events.
    #[must_use = "it is a changed copy"]
    pub fn traced(self) -> Self {
        Self {
            traced: true,
            ..self
        }
    }

    /// Leads the lives, on as many threads as there are cores, and gives what they came to in the order of their seeds.
    ///
    /// # Panics
    /// Where a life panics, breaks a rule or hangs. The first such seed is led again, and the message holds the reason, the
    /// command that replays it and the last of what happened.
    pub fn run<T, F, Fut>(&self, life: F) -> Vec<Life<T>>
    where
        T: Send,
        F: Fn(Sim) -> Fut + Sync,
        Fut: Future<Output = T>,
    {
        let next = AtomicU64::new(self.seeds.start);
        let ended = Mutex::new(Vec::new());
        let failed = Mutex::new(Vec::new());
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= self.seeds.end {
                    return;
                }
                match self.lead(seed, self.traced, &life) {
                    Ok(life) => push(&ended, life),
                    Err(failure) => {
                        push(&failed, failure);
                        // Nobody begins another.
                        next.store(self.seeds.end, Ordering::Relaxed);
                    }
                }
            }
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let lives = usize::try_from(self.seeds.end - self.seeds.start).unwrap_or(usize::MAX);
        thread::scope(|scope| {
            for _ in 1..cores.min(lives) {
                scope.spawn(work);
            }
            work();
        });
        let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = failed.into_iter().min_by_key(|it| it.seed) {
            let again = self.lead(first.seed, true, &life);
            panic!("{}", report(&first, again.err()));
        }
        let mut lives = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        lives.sort_by_key(|it: &Life<T>| it.seed);
        lives
    }

    /// Leads one life on this thread.
    fn lead<T, F, Fut>(&self, seed: u64, traced: bool, life: &F) -> Result<Life<T>, Failed>
    where
        F: Fn(Sim) -> Fut,
        Fut: Future<Output = T>,
    {
        let _seeded = Seeded::new(seed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without I/O needs nothing of the system");
        let _inside = runtime.enter();
        let trace = Trace::new(traced);
        let whole = self.whole(seed, trace.clone(), life);
        let lived = catch_unwind(AssertUnwindSafe(|| runtime.block_on(whole)));
        let (digest, events, trace) = trace.end();
        match lived {
            Ok((outcome, counts)) => Ok(Life {
                seed,
                outcome,
                digest,
                events,
                counts,
                trace,
            }),
            Err(panic) => Err(Failed {
                seed,
                reason: text_of(&*panic),
                trace,
            }),
        }
    }

    /// A life, with what it has to pass in its end.
    async fn whole<T, F, Fut>(&self, seed: u64, trace: Trace, life: &F) -> (T, Counts)
    where
        F: Fn(Sim) -> Fut,
        Fut: Future<Output = T>,
    {
        let core = self.core(trace);
        let sim = Sim::new(seed, &core);
        let living = async {
            let outcome = life(sim.clone()).await;
            sim.end().await;
            outcome
        };
        let ended = tokio::time::timeout(LONGEST, living).await;
        let outcome = ended.expect("a life does not take a day");
        let counts = core.counts();
        drop((sim, core));
        tasks_are_gone().await;
        (outcome, counts)
    }

    fn core(&self, trace: Trace) -> Arc<Core> {
        // Lives are shorter than a minute, and some have to see the next one begin.
        let second = i64::try_from(roll(60)).expect("it is below 60");
        let epoch: DateTime<Utc> = DateTime::from_timestamp(1_704_067_200 + second, 0)
            .expect("the year 2024 is within chrono's range");
        let memory = Memory::with_options(MemoryOptions {
            lease: self.lease,
            epoch: epoch.into(),
            ..MemoryOptions::default()
        });
        Arc::new(Core::new(memory, Clock::starting_at(epoch), trace))
    }
}

/// Nothing goes on any more that anybody began.
async fn tasks_are_gone() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let began = tokio::time::Instant::now();
    while metrics.num_alive_tasks() > 0 {
        let left = metrics.num_alive_tasks();
        assert!(began.elapsed() < GONE, "{left} tasks were left behind");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn push<T>(list: &Mutex<Vec<T>>, value: T) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    list.push(value);
}
