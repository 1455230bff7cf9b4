//! What a row plays on: a broker and a bus that no other row shares. Knows the backend by the table and the public traits.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::broker::{BrokerBackend, DeadLetter, Inspect, QueueCounts, Topology};
use microagent::bus::BusBackend;
use microagent::message::{Address, Message, Outgoing};
use microagent::{Agent, Running};
use tokio::time::sleep;

use super::{Backend, Watched, Wire, redis};

/// How often queues are looked into.
const GLANCE: Duration = Duration::from_millis(10);
/// How long a busy machine may keep a thread from its turn.
const BUSY: Duration = Duration::from_secs(2);

/// A broker and a bus of one row.
#[derive(Debug)]
pub struct Stage {
    row: u32,
    backend: &'static Backend,
    dsn: String,
    /// Time is not paused, and the row is to be short.
    is_short: bool,
    is_paused: bool,
    broker: Arc<dyn BrokerBackend>,
    bus: Arc<dyn BusBackend>,
}

impl Stage {
    pub(super) async fn new(row: u32, backend: &'static Backend) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dsn = (backend.dsn)(&format!("row{row}-{count}"));
        let broker = (backend.connect)(&dsn).await;
        let bus = (backend.connect_bus)(&dsn).await;
        Self {
            row,
            backend,
            dsn,
            is_short: !backend.in_process && !super::is_full(),
            is_paused: backend.in_process,
            broker,
            bus,
        }
    }

    /// Another one on the same server, that shares no names with this one: what waits there keeps nobody waiting here.
    pub async fn another(&self) -> Self {
        Self::new(self.row, self.backend).await
    }

    /// Whether messages keep the ids that they were sent with.
    pub fn keeps_ids(&self) -> bool {
        self.broker.capabilities().headers
    }

    /// Starts agents as a process of their own would: what they share with others is the backend alone.
    pub async fn start(&self, agents: impl IntoIterator<Item = Agent>) -> Running {
        let app = microagent::app(agents).bus(&self.dsn).broker(&self.dsn);
        app.start().await.expect("the agents start")
    }

    /// The same, with a watchdog that reports handlers which block their thread for so long.
    pub async fn start_watching(
        &self,
        agents: impl IntoIterator<Item = Agent>,
        blocked_after: Duration,
    ) -> Running {
        let app = microagent::app(agents).bus(&self.dsn).broker(&self.dsn);
        let started = app.blocked_after(blocked_after).start().await;
        started.expect("the agents start")
    }

    /// Starts agents by way of a broker that is watched.
    pub async fn start_watched(
        &self,
        agents: impl IntoIterator<Item = Agent>,
        broker: Arc<Watched>,
    ) -> Running {
        let app = microagent::app(agents)
            .bus(&self.dsn)
            .broker_backend(broker);
        app.start().await.expect("the agents start")
    }

    /// A connection that can be watched.
    pub async fn connect(&self) -> Arc<dyn BrokerBackend> {
        (self.backend.connect)(&self.dsn).await
    }

    /// How much there is to do: all of it, or what a short row on a server has time for.
    pub fn of<T>(&self, all: T, short: T) -> T {
        if self.is_short { short } else { all }
    }

    /// What a wait may take: under paused time what the row says, and more on a machine that others keep busy.
    pub fn at_most(&self, wait: Duration) -> Duration {
        if self.is_paused { wait } else { wait + BUSY }
    }

    /// A connection of the row's own, to do what no agent does.
    pub fn broker(&self) -> &dyn BrokerBackend {
        &*self.broker
    }

    /// The same for the bus.
    pub fn bus(&self) -> &Arc<dyn BusBackend> {
        &self.bus
    }

    /// Who talks past the bus to the server behind it, where there is one.
    pub async fn wire(&self) -> Option<Wire> {
        if self.backend.in_process {
            return None;
        }
        Some(redis::wire(&self.dsn).await)
    }

    /// Makes queues that no agent has declared yet.
    pub async fn declare(&self, topology: &Topology) {
        let declared = self.broker.declare(topology).await;
        declared.expect("the topology is one that the backend can do");
    }

    /// Sends a message to a queue as it stands, past all that checks payloads.
    pub async fn send_raw(&self, queue: &str, message: Message) {
        let mut batch = [Outgoing::new(Address::Queue(queue.into()), message)];
        self.broker.send(&mut batch).await;
        let [outgoing] = batch;
        let sent = outgoing.result.expect("each message has a result");
        sent.expect("the queue takes it");
    }

    /// Waits until something came to be that is not told by a queue, as long as the row may take.
    pub async fn until_so(&self, is_so: impl Fn() -> bool) {
        while !is_so() {
            sleep(GLANCE).await;
        }
    }

    /// Looks into a queue.
    pub async fn counts(&self, queue: &str) -> QueueCounts {
        let counts = self.inspect().counts(queue).await;
        counts.expect("the queue was declared")
    }

    /// All dead letters of a queue, the oldest first.
    pub async fn dead_letters(&self, queue: &str) -> Vec<DeadLetter> {
        let letters = self.inspect().dead_letters(queue, usize::MAX).await;
        letters.expect("the queue was declared")
    }

    /// Puts all dead letters of a queue back, and says how many.
    pub async fn redrive(&self, queue: &str) -> usize {
        let redriven = self.inspect().redrive(queue, usize::MAX).await;
        redriven.expect("the queue was declared")
    }

    /// Waits until nothing of the queue waits, is delayed or is held; dead letters stay.
    pub async fn drained(&self, queue: &str) {
        self.until(
            |counts| counts.ready + counts.delayed + counts.in_flight == 0,
            queue,
        )
        .await;
    }

    /// Waits until the counts of a queue are what they should be, as long as the row may take.
    pub async fn until(&self, wanted: impl Fn(QueueCounts) -> bool, queue: &str) {
        while !wanted(self.counts(queue).await) {
            sleep(GLANCE).await;
        }
    }

    fn inspect(&self) -> &dyn Inspect {
        self.broker
            .inspect()
            .expect("the backend looks into queues")
    }
}
