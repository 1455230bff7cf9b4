//! What all connections to one memory share: queues, exchanges and the clock. Knows how messages get into queues; how
//! they get out is the consumer's.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::MemoryOptions;
use super::cell::Cell;
use super::exchange::Exchange;
use super::faults::{Faults, SendFault};
use super::queue::{Now, Queue};
use super::ready::Stored;
use crate::broker::{
    DeadLetter, ExchangeDeclaration, ExchangeKind, Overflow, QueueDeclaration, Topology,
};
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Message, Outgoing};

/// The queues and exchanges of one memory.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) options: MemoryOptions,
    pub(super) faults: Faults,
    began: Instant,
    registry: RwLock<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    queues: BTreeMap<Arc<str>, Arc<Cell>>,
    exchanges: BTreeMap<Arc<str>, Exchange>,
}

impl Store {
    pub(super) fn new(options: MemoryOptions) -> Self {
        Self {
            options,
            faults: Faults::default(),
            began: Instant::now(),
            registry: RwLock::default(),
        }
    }

    /// The moment on both clocks; the calendar moves with the runtime's clock, so that a paused one pauses it.
    pub(super) fn now(&self) -> Now {
        let instant = Instant::now();
        let wall = self.wall_at(instant);
        Now { instant, wall }
    }

    fn wall_at(&self, instant: Instant) -> SystemTime {
        self.options.epoch + instant.saturating_duration_since(self.began)
    }

    fn read(&self) -> RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Registry> {
        self.registry
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cell(&self, queue: &str) -> Result<Arc<Cell>, Error> {
        let registry = self.read();
        registry
            .queues
            .get(queue)
            .cloned()
            .ok_or_else(|| not_found("queue", queue))
    }

    /// Checks all, then declares all.
    pub(super) fn declare(&self, topology: &Topology) -> Result<(), Error> {
        let mut registry = self.write();
        for queue in &topology.queues {
            registry.check_queue(queue)?;
        }
        for exchange in &topology.exchanges {
            registry.check_exchange(exchange)?;
        }
        registry.check_bindings(topology)?;
        for queue in &topology.queues {
            if !registry.queues.contains_key(&queue.name) {
                let (lease, most) = (self.options.lease, self.options.max_messages);
                let cell = Cell::new(Queue::new(queue.clone(), lease, most));
                registry
                    .queues
                    .insert(Arc::clone(&queue.name), Arc::new(cell));
            }
        }
        for ExchangeDeclaration { name, kind } in &topology.exchanges {
            let exchanges = &mut registry.exchanges;
            exchanges
                .entry(Arc::clone(name))
                .or_insert_with(|| Exchange::new(*kind));
        }
        let Registry { queues, exchanges } = &mut *registry;
        for binding in &topology.bindings {
            if let (Some(exchange), Some(cell)) = (
                exchanges.get_mut(&binding.exchange),
                queues.get(&binding.queue),
            ) {
                let pattern = binding.pattern.as_deref().unwrap_or("#");
                exchange.bind(&binding.queue, cell, pattern);
            }
        }
        Ok(())
    }

    /// Sends a batch; what goes to one queue in a row takes its lock once.
    pub(super) fn send(&self, batch: &mut [Outgoing]) {
        let now = self.now();
        let registry = self.read();
        for run in batch.chunk_by_mut(|one, other| one.to == other.to) {
            match &run[0].to {
                Address::Queue(name) => match registry.queues.get(name) {
                    Some(cell) => self.send_to_queue(cell, run, now),
                    None => fail(run, "queue"),
                },
                Address::Exchange(name) => match registry.exchanges.get(name) {
                    Some(exchange) => {
                        for outgoing in run {
                            outgoing.result = Some(self.send_to_exchange(exchange, outgoing, now));
                        }
                    }
                    None => fail(run, "exchange"),
                },
            }
        }
    }

    fn send_to_queue(&self, cell: &Cell, run: &mut [Outgoing], now: Now) {
        let mut inner = cell.lock();
        inner.queue.advance(now);
        for outgoing in run {
            let fault = self.faults.of_send(now.instant);
            let stored = self.check_size(&outgoing.message).and_then(|()| {
                if fault == SendFault::Refused {
                    return Ok(());
                }
                if !inner.queue.has_room(now) {
                    return Err(full(&inner.queue));
                }
                let (stored, due) = store(outgoing, now);
                inner.queue.push(stored, due, now);
                Ok(())
            });
            outgoing.result = Some(stored.and_then(|()| fault.result(Ok(()))));
        }
        cell.announce(&mut inner, now);
    }

    fn send_to_exchange(
        &self,
        exchange: &Exchange,
        outgoing: &mut Outgoing,
        now: Now,
    ) -> Result<(), Error> {
        self.check_size(&outgoing.message)?;
        let fault = self.faults.of_send(now.instant);
        if fault == SendFault::Refused {
            return fault.result(Ok(()));
        }
        let cells = exchange.route(outgoing.message.routing_key.as_deref().unwrap_or(""));
        if cells.is_empty() {
            let message = format!("exchange `{}` has no queue for it", outgoing.to.name());
            return Err(Error::new(ErrorKind::Unroutable, message));
        }
        // Routes are sorted by name, so that two senders never wait for each other.
        let mut locked: Vec<_> = cells.iter().map(|cell| cell.lock()).collect();
        for inner in &mut locked {
            inner.queue.advance(now);
            if !inner.queue.has_room(now) {
                return Err(full(&inner.queue));
            }
        }
        let (stored, due) = store(outgoing, now);
        for (inner, cell) in locked.iter_mut().zip(&cells) {
            inner.queue.push(stored.clone(), due, now);
            cell.announce(inner, now);
        }
        fault.result(Ok(()))
    }

    /// The connection of everyone is lost: what is held goes back, as after a crash.
    pub(super) fn lose_connection(&self, away: Duration) {
        let now = self.now();
        self.faults.go_away(deadline::since(now.instant, away));
        for cell in self.read().queues.values() {
            let mut inner = cell.lock();
            inner.queue.give_back_all();
            cell.announce(&mut inner, now);
        }
    }

    fn check_size(&self, message: &Message) -> Result<(), Error> {
        let (size, most) = (message.size(), self.options.max_payload);
        if size > most {
            let message = format!("a message of {size} bytes exceeds the limit of {most}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(())
    }

    /// Keeps a dead letter: in the queue that was declared for it, else beside its own queue. Where that queue has no room
    /// it stays beside its own, so that none is lost.
    pub(super) fn bury(&self, origin: &Cell, letter: DeadLetter, now: Now) {
        let target = origin.lock().queue.declaration.dead_letter.clone();
        let cell = target.and_then(|name| self.cell(&name).ok());
        if let Some(cell) = cell {
            let mut inner = cell.lock();
            if inner.queue.has_room(now) {
                inner.queue.push(revive(letter), None, now);
                cell.announce(&mut inner, now);
                return;
            }
        }
        let most = self.options.max_messages;
        origin.lock().queue.bury(letter, most);
    }
}

impl Registry {
    fn check_queue(&self, queue: &QueueDeclaration) -> Result<(), Error> {
        let refuse = |what: &str| {
            let message = format!("queue `{}`: {what}, which memory can't do", queue.name);
            Err(Error::new(ErrorKind::Unsupported, message))
        };
        if queue.partitions.is_some() && queue.max_priority > 0 {
            return refuse("ordered and with priorities");
        }
        let drops = |it: crate::broker::MaxLength| it.overflow == Overflow::DropOldest;
        if queue.partitions.is_some() && queue.max_length.is_some_and(drops) {
            return refuse("ordered and drops the oldest");
        }
        let Some(cell) = self.queues.get(&queue.name) else {
            return Ok(());
        };
        let inner = cell.lock();
        if inner.queue.declaration == *queue {
            return Ok(());
        }
        let message = format!("declared {queue:?}, exists {:?}", inner.queue.declaration);
        Err(Error::new(ErrorKind::Mismatch, message))
    }

    fn check_exchange(&self, declared: &ExchangeDeclaration) -> Result<(), Error> {
        match self.exchanges.get(&declared.name) {
            Some(exists) if exists.kind != declared.kind => Err(Error::new(
                ErrorKind::Mismatch,
                format!(
                    "exchange `{}`: declared {:?}, exists {:?}",
                    declared.name, declared.kind, exists.kind
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_bindings(&self, topology: &Topology) -> Result<(), Error> {
        for binding in &topology.bindings {
            let queue = &binding.queue;
            if !self.queues.contains_key(queue)
                && !topology.queues.iter().any(|it| it.name == *queue)
            {
                return Err(not_found("queue", queue));
            }
            let exchange = &binding.exchange;
            let exists = self.exchanges.get(exchange).map(|it| it.kind);
            let declared = topology.exchanges.iter().find(|it| it.name == *exchange);
            match exists.or(declared.map(|it| it.kind)) {
                None => {
                    let message =
                        format!("queue `{queue}` is bound to `{exchange}`, which is no exchange");
                    return Err(Error::new(ErrorKind::NotFound, message));
                }
                Some(ExchangeKind::Topic) if binding.pattern.is_none() => {
                    let message = format!("queue `{queue}` on `{exchange}` has no pattern");
                    return Err(Error::new(ErrorKind::Invalid, message));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// A message as its queue keeps it, and when it is due.
fn store(outgoing: &Outgoing, now: Now) -> (Stored, Option<Instant>) {
    let stored = Stored {
        message: Arc::clone(&outgoing.message),
        attempts: 0,
        first_seen: now.wall,
        expires: outgoing.ttl.map(|ttl| deadline::since(now.instant, ttl)),
        sequence: 0,
    };
    let due = outgoing
        .after
        .map(|after| deadline::since(now.instant, after));
    (stored, due)
}

/// A dead letter as a message of the queue that takes it.
fn revive(letter: DeadLetter) -> Stored {
    let first_seen = letter.first_seen;
    Stored {
        message: letter.into_message().into(),
        attempts: 0,
        first_seen,
        expires: None,
        sequence: 0,
    }
}

fn fail(run: &mut [Outgoing], what: &str) {
    for outgoing in run {
        outgoing.result = Some(Err(not_found(what, outgoing.to.name())));
    }
}

fn not_found(what: &str, name: &str) -> Error {
    let message = format!("{what} `{name}` has not been declared");
    Error::new(ErrorKind::NotFound, message)
}

fn full(queue: &Queue) -> Error {
    let message = format!("queue `{}` is at its limit", queue.declaration.name);
    Error::new(ErrorKind::Full, message)
}
