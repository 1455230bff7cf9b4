//! How a world begins: its agents, the time of day, and what is answered where no agent does.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use microagent_contract::__private::Stub;
use microagent_contract::{Broker, Bus, Canned, Question};

use super::seen::Seen;
use super::stubs::{CannedLine, listen};
use super::tap::Tap;
use super::{Memory, World};
use crate::agent::Agent;
use crate::backend::memory::MemoryOptions;
use crate::broker::BrokerBackend;
use crate::bus::BusBackend;
use crate::clock::Clock;
use crate::connect::OUTSIDE;
use crate::error::Error;
use crate::port::{broker_port, bus_port};

/// 2024-01-01T00:00Z, a Monday.
const EPOCH: Duration = Duration::from_hours(473_352);

/// How long is waited for what does not come, on the world's clock.
const PATIENCE: Duration = Duration::from_mins(10);

/// Messages that may be sent while the clock stands still.
const MOST_AT_ONCE: u64 = 100_000;

/// A world that has not begun; made by [`World::builder`].
///
/// ```
/// # use microagent_contract::__private as __rt;
/// # #[derive(Debug, PartialEq)]
/// # pub struct Charge { cents: u64 }
/// # __rt::object! { Charge { "cents" => cents: u64, Required; } }
/// # mod calls {
/// #     use super::__rt;
/// #     __rt::calls! {
/// #         Charge: super::Charge as __rt::Plain => u64 as __rt::Replies<__rt::Plain>
/// #             = __rt::CallMeta::new("pay", "charge", "pay.charge");
/// #     }
/// # }
/// # trait PaySenders: __rt::Port {
/// #     fn call_charge(&self, charge: Charge) -> __rt::Calling<'_, u64> { __rt::call::<calls::Charge>(self, charge) }
/// # }
/// # impl<P: __rt::Port> PaySenders for P {}
/// use microagent::testing::World;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> microagent::Result<()> {
/// # let agents = [];
/// let world = World::builder(agents)
///     .answer::<calls::Charge>(|charge| charge.cents / 100)
///     .start()
///     .await?;
/// assert_eq!(world.bus().call_charge(Charge { cents: 700 }).await?, 7);
/// # world.stop().await
/// # }
/// ```
#[must_use = "nothing begins before `start`"]
pub struct WorldBuilder {
    agents: Vec<Agent>,
    canned: Vec<CannedLine>,
    epoch: SystemTime,
    patience: Duration,
    most_at_once: u64,
}

impl WorldBuilder {
    pub(super) fn new(agents: Vec<Agent>) -> Self {
        Self {
            agents,
            canned: Vec::new(),
            epoch: SystemTime::UNIX_EPOCH + EPOCH,
            patience: PATIENCE,
            most_at_once: MOST_AT_ONCE,
        }
    }

    /// Questions of `Q` are answered by this function, from the start on. Agents that answer them do as well: a signal
    /// has one answer more then, and a call one who answers more.
    ///
    /// Where the function panics the asker is told that the receiver failed.
    pub fn answer<Q: Question>(
        self,
        mut answer: impl FnMut(Q::Asks) -> Q::Answer + Send + 'static,
    ) -> Self {
        self.answer_with::<Q>(move |asked| Canned::Answer(answer(asked)))
    }

    /// As [`answer`](Self::answer), by a function that may say as well that the receiver fails, or is silent.
    pub fn answer_with<Q: Question>(
        self,
        answer: impl FnMut(Q::Asks) -> Canned<Q::Answer> + Send + 'static,
    ) -> Self {
        self.stub::<Q>(Stub::new::<Q>(answer))
    }

    /// Questions of `Q` get these answers, one after the other, and then the last one again and again.
    ///
    /// # Panics
    /// Where there is no answer, or one breaks its contract.
    pub fn answer_in_turn<Q: Question>(
        self,
        answers: impl IntoIterator<Item = Canned<Q::Answer>>,
    ) -> Self {
        self.stub::<Q>(Stub::in_turn::<Q>(answers))
    }

    /// What the clock shows when the agents start. Default: 2024-01-01T00:00Z, a Monday.
    pub fn clock(mut self, start: SystemTime) -> Self {
        self.epoch = start;
        self
    }

    /// How long [`World::settle`] and [`World::until`] wait, on the world's clock, before they fail. Default: 10 minutes.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How many messages may be sent while the clock stands still, before a wait fails. Default: 100,000.
    pub fn most_at_once(mut self, messages: u64) -> Self {
        self.most_at_once = messages;
        self
    }

    /// Starts the agents, and comes back when all are ready.
    ///
    /// # Errors
    /// Where one could not be made, or failed before it was ready. Cancelled, they end at once.
    pub async fn start(self) -> Result<World, Error> {
        let memory = Memory::with_options(MemoryOptions {
            epoch: self.epoch,
            ..MemoryOptions::default()
        });
        let seen = Arc::new(Seen::default());
        let tap = Arc::new(Tap { memory, seen });
        let bus: Arc<dyn BusBackend> = Arc::clone(&tap) as _;
        let broker: Arc<dyn BrokerBackend> = Arc::clone(&tap) as _;
        let mut canned = Vec::with_capacity(self.canned.len());
        for line in self.canned {
            canned.push(listen(&bus, line).await?);
        }
        let mut world = World {
            agents: None,
            bus: Bus::new(bus_port(&bus, &OUTSIDE.into())),
            broker: Broker::new(broker_port(&broker)),
            tap,
            clock: Clock::starting_at(DateTime::<Utc>::from(self.epoch)),
            patience: self.patience,
            most_at_once: self.most_at_once,
            insides: Mutex::default(),
            _canned: canned,
        };
        world.agents = Some(world.join(self.agents).await?);
        Ok(world)
    }

    fn stub<Q: Question>(mut self, stub: Stub) -> Self {
        self.canned.retain(|it| it.wire != Q::WIRE);
        self.canned.push(CannedLine {
            wire: Q::WIRE,
            kind: Q::KIND,
            stub,
        });
        self
    }
}

impl fmt::Debug for WorldBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorldBuilder")
            .field("agents", &self.agents)
            .field("canned", &self.canned)
            .finish_non_exhaustive()
    }
}
