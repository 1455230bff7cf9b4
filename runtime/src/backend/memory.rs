//! The backend inside one process. It behaves like a broker (competing consumers, leases, attempts, dead letters), so that a
//! test written on it means something; it is the reference for the acceptance suite. It must not know the delivery driver.
//!
//! Nothing outlives the process. Time is the runtime's, so that a test can pause it. No task runs behind it: whoever waits
//! for a message minds the queue's next timer.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use self::bus::{Connection, Switchboard};
use self::consumer::{MemoryConsumer, Seating};
use self::store::Store;
use crate::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, DeadLetter, Inspect, QueueCounts,
    Topology,
};
use crate::bus::{BusBackend, BusCapabilities, Interest, Publication, Subscription};
use crate::error::{Error, ErrorKind};
use crate::message::{BoxFuture, Outgoing, Wait};

mod bus;
mod cell;
mod consumer;
mod delayed;
mod dice;
mod exchange;
mod faults;
mod leases;
mod queue;
mod ready;
mod slab;
mod store;

pub use self::bus::{BusFaultCounts, BusFaults};
pub use self::faults::Faults;

/// A connection to a broker and bus inside this process. A clone is another connection to the same one: closing it leaves
/// the others open.
pub struct Memory {
    shared: Arc<Shared>,
    closed: AtomicBool,
    seatings: Mutex<Vec<Weak<Seating>>>,
    bus: Connection,
}

#[derive(Debug)]
struct Shared {
    store: Arc<Store>,
    switchboard: Arc<Switchboard>,
    capabilities: Capabilities,
    bus_capabilities: BusCapabilities,
}

/// Limits and times of a memory backend.
#[derive(Debug, Clone)]
pub struct MemoryOptions {
    /// How long a delivery stays with its consumer without being renewed. Default: 30 s.
    pub lease: Duration,
    /// The largest message with headers and keys, in bytes. Default: 1 MiB.
    pub max_payload: usize,
    /// Messages of a queue at most, whatever it declares, and dead letters of a queue at most. Messages beyond it are refused
    /// or drop the oldest as the queue declares; the oldest dead letter makes room for a new one and is counted as dropped.
    /// Default: 1,000,000.
    pub max_messages: usize,
    /// What the calendar says when the backend is made. Default: the system's time.
    pub epoch: SystemTime,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            max_payload: 1024 * 1024,
            max_messages: 1_000_000,
            epoch: SystemTime::now(),
        }
    }
}

impl Memory {
    /// One of its own, with the default options.
    pub fn new() -> Self {
        Self::with_options(MemoryOptions::default())
    }

    /// One of its own.
    pub fn with_options(options: MemoryOptions) -> Self {
        Self::connect(Arc::new(Shared::new(options)))
    }

    /// The one of this name in this process, with the default options: what the DSN `memory:name` means, and `memory:` for
    /// the empty name. It lives as long as someone is connected to it.
    pub fn named(name: &str) -> Self {
        static NAMED: LazyLock<Mutex<BTreeMap<String, Weak<Shared>>>> =
            LazyLock::new(Mutex::default);
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        named.retain(|_, shared| shared.strong_count() > 0);
        if let Some(shared) = named.get(name).and_then(Weak::upgrade) {
            return Self::connect(shared);
        }
        let shared = Arc::new(Shared::new(MemoryOptions::default()));
        named.insert(name.to_owned(), Arc::downgrade(&shared));
        Self::connect(shared)
    }

    /// The one that a DSN names: `memory:` or `memory:name`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a DSN that does not begin with `memory:`; it is not repeated in the message.
    pub fn from_dsn(dsn: &str) -> Result<Self, Error> {
        let name = dsn.strip_prefix("memory:").ok_or_else(|| {
            Error::new(ErrorKind::Invalid, "a DSN of memory begins with `memory:`")
        })?;
        Ok(Self::named(name))
    }

    /// The switch by which a test makes the broker fail. It is shared by all connections.
    pub fn faults(&self) -> &Faults {
        &self.shared.store.faults
    }

    /// All connections to the broker are lost for this long. What consumers hold goes back with the attempt counted, sends are
    /// refused, and consumers attach again by themselves.
    pub fn lose_connection(&self, away: Duration) {
        self.shared.store.lose_connection(away);
    }

    /// The switch by which a test makes the bus fail. It is shared by all connections.
    pub fn bus_faults(&self) -> &BusFaults {
        &self.shared.switchboard.faults
    }

    /// This connection to the bus, and no clone of it, is lost for this long; losing it again begins anew.
    ///
    /// What is published through it is refused with [`ErrorKind::Unavailable`], and so is subscribing. Its subscriptions
    /// are not attached and count a gap: signals and answers of other connections don't reach them and are counted in
    /// [`BusFaultCounts::missed`], calls wait for others or its return. What they had received before they still hand
    /// out. They attach again by themselves.
    pub fn lose_bus_connection(&self, away: Duration) {
        self.bus.lose(away);
    }

    fn connect(shared: Arc<Shared>) -> Self {
        Self {
            bus: Connection::new(&shared.switchboard),
            shared,
            closed: AtomicBool::new(false),
            seatings: Mutex::default(),
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "memory has been closed"));
        }
        Ok(())
    }

    /// What [`BrokerBackend::close`] and [`BusBackend::close`] do: consumers and subscriptions of this connection end.
    fn disconnect(&self) {
        self.closed.store(true, Ordering::Release);
        for seating in take(&self.seatings) {
            seating.leave();
        }
        self.bus.close();
    }
}

impl Shared {
    fn new(options: MemoryOptions) -> Self {
        let capabilities = Capabilities {
            name: "memory",
            durable: false,
            delayed: true,
            ordered: true,
            ordered_copies: true,
            max_priority: u8::MAX,
            ttl: true,
            overflow_reject: true,
            overflow_drop_oldest: true,
            fanout: true,
            topic: true,
            headers: true,
            counts_crashes: true,
            uncounted_return: true,
            lease: Some(options.lease),
            max_payload: options.max_payload,
        };
        let bus_capabilities = BusCapabilities {
            name: "memory",
            calls: true,
            headers: true,
            tells_nobody: true,
            max_payload: options.max_payload,
        };
        Self {
            switchboard: Arc::new(Switchboard::new(options.max_payload)),
            store: Arc::new(Store::new(options)),
            capabilities,
            bus_capabilities,
        }
    }
}

/// Those that still live; the list is empty afterwards.
fn take<T>(list: &Mutex<Vec<Weak<T>>>) -> Vec<Arc<T>> {
    let list = std::mem::take(&mut *list.lock().unwrap_or_else(PoisonError::into_inner));
    list.iter().filter_map(Weak::upgrade).collect()
}

fn remember<T>(list: &Mutex<Vec<Weak<T>>>, value: &Arc<T>) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    list.retain(|it| it.strong_count() > 0);
    list.push(Arc::downgrade(value));
}

impl BrokerBackend for Memory {
    fn capabilities(&self) -> &Capabilities {
        &self.shared.capabilities
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.check_open()?;
            topology.check(&self.shared.capabilities)?;
            self.shared.store.declare(topology)
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        if self.check_open().is_err() {
            for outgoing in batch {
                outgoing.result = Some(self.check_open());
            }
            return Wait::ready(());
        }
        let store = &self.shared.store;
        let delay = store.faults.delay();
        if delay.is_zero() {
            store.send(batch);
            return Wait::ready(());
        }
        Wait::later(async move {
            tokio::time::sleep(delay).await;
            store.send(batch);
        })
    }

    fn send_now(&self, outgoing: &mut Outgoing) -> bool {
        let store = &self.shared.store;
        let now = store.faults.delay().is_zero() && self.check_open().is_ok();
        if now {
            store.send(std::slice::from_mut(outgoing));
        }
        now
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let store = &self.shared.store;
            let cell = store.cell(queue)?;
            let seating = Arc::new(Seating::new(store, &cell, options.prefetch));
            remember(&self.seatings, &seating);
            Ok(Box::new(MemoryConsumer(seating)) as Box<dyn Consumer>)
        })
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        Some(self)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.disconnect();
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Inspect for Memory {
    fn counts<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueCounts, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let cell = self.shared.store.cell(queue)?;
            Ok(cell.lock().queue.counts(self.shared.store.now()))
        })
    }

    fn dead_letters<'a>(
        &'a self,
        queue: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<DeadLetter>, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let cell = self.shared.store.cell(queue)?;
            let inner = cell.lock();
            Ok(inner.queue.dead().iter().take(limit).cloned().collect())
        })
    }

    fn redrive<'a>(&'a self, queue: &'a str, limit: usize) -> BoxFuture<'a, Result<usize, Error>> {
        Box::pin(async move {
            self.check_open()?;
            let cell = self.shared.store.cell(queue)?;
            let now = self.shared.store.now();
            let mut inner = cell.lock();
            let count = inner.queue.redrive(limit, now);
            cell.announce(&mut inner, now);
            Ok(count)
        })
    }
}

impl BusBackend for Memory {
    fn capabilities(&self) -> &BusCapabilities {
        &self.shared.bus_capabilities
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        self.bus.publish(batch)
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        Box::pin(std::future::ready(self.bus.subscribe(interest, buffer)))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.disconnect();
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self::connect(Arc::clone(&self.shared))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
