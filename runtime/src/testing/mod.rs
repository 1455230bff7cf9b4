//! For tests of agents: a [`World`] in which they run on the memory backend, under a clock that the test moves. What
//! only sends can be tested with less, with a [`Recorder`](crate::Recorder).

mod tap;

/// What drives a broker, for tests of backends: the way from a consumer to handlers and back.
pub mod delivery {
    pub use crate::delivery::{
        Attachment, Backoff, Consuming, DeliveryStats, DrainReport, HandleBatch, HandleEach,
        Monitor, Policy, Work, attach, consume,
    };
}

/// What drives a bus, for tests of backends: questions and those who answer them.
pub mod rpc {
    pub use crate::rpc::{
        Asker, AskerStats, Handle, ListenMonitor, ListenPolicy, ListenReport, ListenStats,
        ListenerAttachment, Listening, Replies, Reply, Unanswered, attach,
    };
}

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use microagent_contract::codec::{Codec, decode_with};
use microagent_contract::{Broker, Bus, Call, Exchange, Queue, Signal};

use self::tap::{Tap, Way};
use crate::agent::Agent;
use crate::backend::memory::{Memory, MemoryOptions};
use crate::broker::DeadLetter;
use crate::clock::Clock;
use crate::connect::Backends;
use crate::error::Error;
use crate::run::{Running, app};
use crate::schedule::{Counts, ScheduleId};

/// Under paused time a sleep ends when nothing else can go on.
const BREATH: Duration = Duration::from_millis(1);

/// Agents that run on a memory bus and broker of their own. The clock starts at 2024-01-01T00:00Z, a Monday.
///
/// Made for paused time (`#[tokio::test(start_paused = true)]`), where waiting takes no time and nothing depends on how
/// fast the machine is. Dropped, the agents end at once.
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
    running: Running,
    tap: Arc<Tap>,
    clock: Clock,
}

impl World {
    /// Starts the agents, and comes back when all are ready.
    ///
    /// # Errors
    /// Where one could not be made, or failed before it was ready.
    pub async fn start(agents: impl IntoIterator<Item = Agent>) -> Result<Self, Error> {
        let epoch: DateTime<Utc> = DateTime::from_timestamp(1_704_067_200, 0)
            .expect("the year 2024 is within chrono's range");
        let memory = Memory::with_options(MemoryOptions {
            epoch: epoch.into(),
            ..MemoryOptions::default()
        });
        let tap = Arc::new(Tap::new(memory));
        let clock = Clock::starting_at(epoch);
        let backends = Backends {
            bus: Arc::clone(&tap) as _,
            broker: Arc::clone(&tap) as _,
        };
        let running = app(agents).start_apart(backends, clock.clone()).await?;
        Ok(Self {
            running,
            tap,
            clock,
        })
    }

    /// The bus that the agents share.
    pub fn bus(&self) -> &Bus {
        self.running.bus()
    }

    /// The broker that the agents share.
    pub fn broker(&self) -> &Broker {
        self.running.broker()
    }

    /// What the agents' clock shows.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Waits until nothing is in flight: every message that could be handled now was handled, and no handler or run goes
    /// on. What is delayed, or waits for a retry, stays; [`advance`](Self::advance) gets there.
    pub async fn settle(&self) {
        loop {
            tokio::time::sleep(BREATH).await;
            if !self.running.is_busy() && self.tap.is_idle().await {
                return;
            }
        }
    }

    /// Lets this much time pass, with all that is due in it at its own time, and settles.
    pub async fn advance(&self, time: Duration) {
        tokio::time::sleep(time).await;
        self.settle().await;
    }

    /// What was sent to queue `Q` by name, in order; copies that came by an exchange are not among it.
    ///
    /// # Panics
    /// Where something was sent that is not what the contract says.
    pub fn sent<Q: Queue>(&self) -> Vec<Q::Payload> {
        self.read::<Q::Codec, Q::Payload>(Way::Sent, Q::META.wire())
    }

    /// What was published to exchange `E`, in order.
    ///
    /// # Panics
    /// Where something was published that is not what the contract says.
    pub fn published<E: Exchange>(&self) -> Vec<E::Payload> {
        self.read::<E::Codec, E::Payload>(Way::Published, E::META.wire())
    }

    /// What was emitted or asked on signal `S`, in order, whether somebody heard it or not.
    ///
    /// # Panics
    /// Where something was emitted that is not what the contract says.
    pub fn emitted<S: Signal>(&self) -> Vec<S::Payload> {
        self.read::<S::Codec, S::Payload>(Way::Emitted, S::META.wire())
    }

    /// What call `C` was made with, in order, whether it was answered or not.
    ///
    /// # Panics
    /// Where it was made with something that is not what the contract says.
    pub fn called<C: Call>(&self) -> Vec<C::Payload> {
        self.read::<C::Codec, C::Payload>(Way::Called, C::META.wire())
    }

    fn read<C: Codec<T>, T>(&self, way: Way, wire: &str) -> Vec<T> {
        let bodies = self.tap.bodies(way, wire);
        let decode = |body: &bytes::Bytes| {
            decode_with::<C, T>(body).expect("what was sent keeps its contract")
        };
        bodies.iter().map(decode).collect()
    }

    /// The dead letters of queue `Q`, the oldest first.
    pub async fn dead_letters<Q: Queue>(&self) -> Vec<DeadLetter> {
        self.tap.dead_letters(Q::META.wire()).await
    }

    /// How many runs of a schedule have begun.
    pub fn runs(&self, schedule: ScheduleId) -> u64 {
        self.schedule(schedule).runs
    }

    /// What became of the due times of a schedule: runs, and how many of them failed or were late, what was skipped, and
    /// what was missed.
    pub fn schedule(&self, schedule: ScheduleId) -> Counts {
        self.running.book().counts(schedule)
    }

    /// Sets the agents' clock, forward or back, as happens when a machine wakes or its clock is corrected. Time passes as
    /// before: cron follows the clock, intervals don't notice, and neither do queues.
    pub fn set_clock(&self, to: DateTime<Utc>) {
        self.clock.set(to - self.clock.now());
    }

    /// Ends the agents in order, as a first signal does.
    ///
    /// # Errors
    /// Where an agent failed, now or before.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("now", &self.now())
            .finish_non_exhaustive()
    }
}
