//! For tests of agents: a [`World`] in which they run on the memory backend, under a clock that the test moves. What
//! only sends can be tested with less, with a [`Recorder`](crate::Recorder); what must hold whatever goes wrong, with a
//! [`simulation`].
//!
//! Feature `testing` has it, for tests alone:
//!
//! ```toml
//! [dev-dependencies]
//! microagent = { version = "*", features = ["testing"] }
//! tokio = { version = "1", features = ["macros", "rt", "test-util"] }
//! ```

mod builder;
mod looking;
mod process;
mod seen;
pub mod simulation;
mod stubs;
pub mod suite;
mod tap;
mod waiting;

/// What drives a broker, for tests of backends: the way from a consumer to handlers and back.
pub mod delivery {
    pub use crate::delivery::{
        Attachment, Backoff, BatchRun, Consuming, Dedupe, DeliveryStats, DrainReport, HandleBatch,
        HandleEach, Monitor, Policy, Work, attach, consume,
    };
    pub use crate::watchdog::Watched;
}

/// What drives a bus, for tests of backends: questions and those who answer them.
pub mod rpc {
    pub use crate::rpc::{
        Asker, AskerMonitor, AskerStats, Handle, ListenMonitor, ListenPolicy, ListenReport,
        ListenStats, ListenerAttachment, Listening, Replies, Reply, Unanswered, attach,
    };
}

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use microagent_contract::{Broker, Bus, Channel, SendErrorKind};

use self::tap::Tap;
use crate::agent::Agent;
use crate::backend::memory::{BusFaults, Faults, Memory};
use crate::busy::Busy;
use crate::clock::Clock;
use crate::connect::Backends;
use crate::error::Error;
use crate::port::kind_of;
use crate::rpc::Listening;
use crate::run::app;
use crate::schedule::Book;

pub use microagent_contract::Canned;

pub use self::builder::WorldBuilder;
pub use self::looking::{Attempt, Dead};
pub use self::process::Process;

/// Agents that run on a memory bus and broker of their own. The clock starts at 2024-01-01T00:00Z, a Monday.
///
/// Made for paused time (`#[tokio::test(start_paused = true)]`), where waiting takes no time and nothing depends on how
/// fast the machine is. What is sent is remembered as long as the world lives. Dropped, the agents end at once.
///
/// ```
/// # use microagent::testing::World;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> microagent::Result<()> {
/// # let agents = [];
/// let world = World::start(agents).await?;
/// world.advance(std::time::Duration::from_secs(4 * 3600)).await;
/// assert!(world.now().to_rfc3339().starts_with("2024-01-01T04:00:00"));
/// world.stop().await
/// # }
/// ```
pub struct World {
    /// None once they were ended.
    agents: Option<Process>,
    /// Of the world itself, for handles and canned answers.
    tap: Arc<Tap>,
    bus: Bus,
    broker: Broker,
    clock: Clock,
    patience: Duration,
    most_at_once: u64,
    insides: Mutex<Vec<Inside>>,
    _canned: Vec<Listening>,
}

/// What the world sees of a process from the inside.
struct Inside {
    busy: Busy,
    book: Arc<Book>,
}

impl World {
    /// Starts the agents, and comes back when all are ready.
    ///
    /// # Errors
    /// Where one could not be made, or failed before it was ready. Cancelled, they end at once.
    pub async fn start(agents: impl IntoIterator<Item = Agent>) -> Result<Self, Error> {
        Self::builder(agents).start().await
    }

    /// Agents to start, and what else there is to be in their world: answers to what none of them answers.
    pub fn builder(agents: impl IntoIterator<Item = Agent>) -> WorldBuilder {
        WorldBuilder::new(agents.into_iter().collect())
    }

    /// The bus, for the test to speak on. It outlives the agents.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The broker, for the test to send to. It outlives the agents.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What the agents' clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Sets the agents' clock, forward or back, as happens when a machine wakes or its clock is corrected. Time passes as
    /// before: cron follows the clock, intervals don't notice, and neither do queues.
    pub fn set_clock(&self, to: DateTime<Utc>) {
        self.clock.set(to - self.clock.now());
    }

    /// Starts other agents beside those of the world, as another process on the same bus and broker.
    ///
    /// # Errors
    /// Where one could not be made, or failed before it was ready. Cancelled, they end at once.
    ///
    /// ```
    /// # use microagent::testing::World;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> microagent::Result<()> {
    /// # let (agents, others) = ([], []);
    /// let world = World::start(agents).await?;
    /// let process = world.join(others).await?;
    /// process.crash().await;
    /// # world.stop().await
    /// # }
    /// ```
    pub async fn join(&self, agents: impl IntoIterator<Item = Agent>) -> Result<Process, Error> {
        let tap = Arc::new(Tap {
            memory: self.tap.memory.clone(),
            seen: Arc::clone(&self.tap.seen),
        });
        let backends = Backends::given(Arc::clone(&tap) as _, Arc::clone(&tap) as _);
        let starting = app(agents)
            // A test that blocks is seen to, and 10,000 worlds need not have as many threads.
            .blocked_after(Duration::MAX)
            .start_apart(backends, self.clock.clone());
        let running = starting.await?;
        self.insides().push(Inside {
            busy: running.busy(),
            book: running.book(),
        });
        Ok(Process { running, tap })
    }

    /// Ends the agents at once, as SIGKILL does, and waits until they are gone; see [`Process::crash`]. What is sent
    /// afterwards waits for [`restart`](Self::restart).
    pub async fn crash(&mut self) {
        if let Some(agents) = self.agents.take() {
            agents.crash().await;
        }
    }

    /// Ends the agents in order, unless they are gone already, and starts these on the same bus and broker, as a
    /// deployment does.
    ///
    /// # Errors
    /// Where an agent of before failed, or one of these could not be made or failed before it was ready. Cancelled, there
    /// may be no agents.
    pub async fn restart(&mut self, agents: impl IntoIterator<Item = Agent>) -> Result<(), Error> {
        if let Some(agents) = self.agents.take() {
            agents.stop().await?;
        }
        self.agents = Some(self.join(agents).await?);
        Ok(())
    }

    /// Ends the agents in order, as a first signal does.
    ///
    /// # Errors
    /// Where an agent failed, now or before. Cancelled, they end at once.
    pub async fn stop(self) -> Result<(), Error> {
        match self.agents {
            Some(agents) => agents.stop().await,
            None => Ok(()),
        }
    }

    /// The next `count` messages on this channel are not sent, whoever sends them, and their senders are told this. A
    /// later call takes the place of an earlier one.
    pub fn fail_sends<C: Channel>(&self, count: usize, kind: SendErrorKind) {
        self.tap.seen.fail(C::WIRE, count, kind_of(kind));
    }

    /// All connections to the broker are lost for this long; see [`Memory::lose_connection`].
    pub fn lose_broker(&self, away: Duration) {
        self.tap.memory.lose_connection(away);
    }

    /// The agents' connection to the bus is lost for this long; that of the test is not.
    pub fn lose_bus(&self, away: Duration) {
        if let Some(agents) = &self.agents {
            agents.lose_bus(away);
        }
    }

    /// What else can go wrong with the broker, on any channel: deliveries twice, lost confirmations, slowness.
    pub fn faults(&self) -> &Faults {
        self.tap.memory.faults()
    }

    /// What else can go wrong with the bus.
    pub fn bus_faults(&self) -> &BusFaults {
        self.tap.memory.bus_faults()
    }

    fn insides(&self) -> MutexGuard<'_, Vec<Inside>> {
        self.insides.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now())
            .field("running", &self.agents.is_some())
            .finish_non_exhaustive()
    }
}
