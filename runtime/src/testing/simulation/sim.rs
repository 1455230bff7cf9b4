//! The world of one life, as the test that lives it sees it. Owns its processes, and the checks that every life has to pass.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use microagent_contract::{Broker, Bus, Queue};
use tokio::time::{Instant, sleep};

use super::books::Balance;
use super::bus::backends;
use super::core::{Core, roll};
use super::link::Link;
use super::process::Process;
use super::trouble::{self, Trouble};
use crate::agent::Agent;
use crate::broker::{DeadLetter, Inspect};
use crate::message::MessageId;
use crate::port::{broker_port, bus_port};

/// How long it is waited, at first, before it is looked again whether all is done, and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// A message that is not done by then is one that nobody is woken for.
const PATIENCE: Duration = Duration::from_mins(30);

/// One broker, one bus and the processes on them, under a seed. Cheap to clone, and may be given to handlers.
#[derive(Clone)]
pub struct Sim {
    seed: u64,
    core: Arc<Core>,
    processes: Arc<Mutex<Vec<Process>>>,
    wrong: Arc<Mutex<Vec<String>>>,
    bus: Bus,
    broker: Broker,
}

impl Sim {
    pub(super) fn new(seed: u64, core: &Arc<Core>) -> Self {
        let backends = backends(&Link::new(core, "outside".into()));
        Self {
            seed,
            core: Arc::clone(core),
            processes: Arc::default(),
            wrong: Arc::default(),
            bus: Bus::new(bus_port(&backends.bus, &"outside".into())),
            broker: Broker::new(broker_port(&backends.broker)),
        }
    }

    /// The seed of this life.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A process of these agents, which are made anew at each start. It has not been started.
    pub fn process(
        &self,
        name: &str,
        agents: impl Fn() -> Vec<Agent> + Send + Sync + 'static,
    ) -> Process {
        let process = Process::new(&self.core, name, agents);
        let mut processes = self.processes.lock();
        let processes = processes
            .as_mut()
            .unwrap_or_else(|poison| &mut *poison.get_mut());
        processes.push(process.clone());
        process
    }

    fn processes(&self) -> Vec<Process> {
        let processes = self.processes.lock();
        processes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bus, for a client that is none of the processes. It has the same troubles.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The broker, for a client that is none of the processes. It has the same troubles.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// A number below `sides`, drawn from the seed: for all that a test decides, in handlers too.
    pub fn roll(&self, sides: u64) -> u64 {
        roll(sides)
    }

    /// A time below `most`, drawn from the seed, in whole milliseconds.
    pub fn moment(&self, most: Duration) -> Duration {
        let millis = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.roll(millis))
    }

    /// Writes a line into the trace.
    pub fn note(&self, what: impl fmt::Display) {
        self.core.note(format_args!("{what}"));
    }

    /// Counts one, beside what is counted anyway; see [`Life::counts`](super::Life::counts).
    pub fn count(&self, what: &'static str) {
        self.core.count(what);
    }

    /// Counts several.
    pub fn count_many(&self, what: &'static str, count: u64) {
        self.core.count_many(what, count);
    }

    /// Fails this life when it ends: for what a handler sees, whose panic is an attempt that failed and no more.
    pub fn fail(&self, what: impl Into<String>) {
        let what = what.into();
        self.core.note(format_args!("WRONG: {what}"));
        let mut wrong = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        wrong.push(what);
    }

    /// Lets something go wrong, drawn from all that can.
    pub fn trouble(&self) {
        let place = usize::try_from(self.roll(Trouble::ALL.len() as u64)).unwrap_or(0);
        self.cause(Trouble::ALL[place]);
    }

    /// Lets this go wrong.
    pub fn cause(&self, trouble: Trouble) {
        self.core.set_calm(false);
        trouble::cause(&self.core, trouble, &self.processes());
    }

    /// Ends all troubles, and starts what does not run. Comes back when all processes are ready.
    ///
    /// # Panics
    /// Where a process can't be started.
    pub async fn calm(&self) {
        trouble::end(&self.core).await;
        for process in self.processes() {
            if process.is_running() && !process.is_ready() {
                // It starts, and then there is nothing to do, or it stops.
                process.start().await;
            }
            if !process.is_ready() {
                process.stop().await;
                let started = process.start().await;
                assert!(started, "{} can't be started", process.name());
            }
        }
    }

    /// Waits until every queue that somebody consumes is empty.
    ///
    /// # Panics
    /// Where that does not come: a message is waiting, and nobody was woken for it.
    pub async fn settle(&self) {
        let began = Instant::now();
        let mut look = LOOK.0;
        loop {
            let Some((queue, counts)) = self.unsettled().await else {
                return;
            };
            assert!(
                began.elapsed() < PATIENCE,
                "queue {queue} does not come to rest: {counts}"
            );
            sleep(look).await;
            look = look.mul_f64(1.2).min(LOOK.1);
        }
    }

    async fn unsettled(&self) -> Option<(Arc<str>, String)> {
        let queues = self.core.books().queues();
        for queue in queues {
            let Ok(counts) = self.core.memory.counts(&queue).await else {
                continue;
            };
            if counts.consumers > 0 && counts.ready + counts.delayed + counts.in_flight > 0 {
                return Some((queue, format!("{counts:?}")));
            }
        }
        None
    }

    /// The books of queue `Q` as they stand.
    pub async fn balance<Q: Queue>(&self) -> Balance {
        self.balance_of(Q::META.wire()).await
    }

    async fn balance_of(&self, queue: &str) -> Balance {
        let counts = self.core.memory.counts(queue).await.unwrap_or_default();
        self.core.books().balance(queue, &counts)
    }

    /// The broker was told that this message of queue `Q` is done, and heard it.
    pub fn is_acked<Q: Queue>(&self, id: &MessageId) -> bool {
        self.core.books().is_acked(Q::META.wire(), id)
    }

    /// All messages of queue `Q` that are done, by id.
    pub fn acked<Q: Queue>(&self) -> Vec<MessageId> {
        self.core.books().acked(Q::META.wire())
    }

    /// The dead letters of queue `Q`, the oldest first.
    pub async fn dead_letters<Q: Queue>(&self) -> Vec<DeadLetter> {
        let letters = Inspect::dead_letters(&self.core.memory, Q::META.wire(), usize::MAX).await;
        // A queue that nobody has declared has none.
        letters.unwrap_or_default()
    }

    /// Stops what runs and checks what every life has to keep.
    pub(super) async fn end(&self) {
        trouble::end(&self.core).await;
        for process in self.processes() {
            process.stop().await;
        }
        // What the test itself has asked has an inbox, and its task.
        if let Err(error) = self.bus.clone().close().await {
            self.fail(format!("the bus of the test was not closed: {error}"));
        }
        let queues = self.core.books().queues();
        let mut wrong = self.core.books().wrong().to_vec();
        wrong.append(&mut self.wrong.lock().unwrap_or_else(PoisonError::into_inner));
        for queue in queues {
            let balance = self.balance_of(&queue).await;
            if !balance.is_even() {
                wrong.push(format!("{queue}: not conserved: {balance}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sim")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
