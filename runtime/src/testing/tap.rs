//! A broker and a bus that remember what went through them, for tests to read back. They change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::backend::memory::Memory;
use crate::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, DeadLetter, Inspect, Topology,
};
use crate::bus::{Audience, BusBackend, BusCapabilities, Interest, Publication, Subscription};
use crate::error::Error;
use crate::message::{Address, BoxFuture, Outgoing, Wait};

#[derive(Debug)]
pub(super) struct Tap {
    memory: Memory,
    seen: Mutex<Seen>,
}

/// How a message left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// To a queue, by name.
    Sent,
    /// To an exchange.
    Published,
    /// To everyone who receives a signal, with or without a question.
    Emitted,
    /// To one who answers a call.
    Called,
}

#[derive(Debug, Default)]
struct Seen {
    queues: BTreeSet<Arc<str>>,
    bodies: BTreeMap<(Way, Arc<str>), Vec<Bytes>>,
}

impl Seen {
    fn keep(&mut self, way: Way, wire: &Arc<str>, body: Bytes) {
        let bodies = self.bodies.entry((way, Arc::clone(wire)));
        bodies.or_default().push(body);
    }
}

impl Tap {
    pub(super) fn new(memory: Memory) -> Self {
        Self {
            memory,
            seen: Mutex::default(),
        }
    }

    /// What left so under this wire name, in order.
    pub(super) fn bodies(&self, way: Way, wire: &str) -> Vec<Bytes> {
        let key = (way, Arc::from(wire));
        self.seen().bodies.get(&key).cloned().unwrap_or_default()
    }

    pub(super) async fn dead_letters(&self, queue: &str) -> Vec<DeadLetter> {
        let letters = Inspect::dead_letters(&self.memory, queue, usize::MAX).await;
        // A queue that nobody has declared has none.
        letters.unwrap_or_default()
    }

    /// No consumer holds a message, and none that is ready could be consumed.
    pub(super) async fn is_idle(&self) -> bool {
        let queues: Vec<_> = self.seen().queues.iter().cloned().collect();
        for queue in queues {
            let Ok(counts) = self.memory.counts(&queue).await else {
                continue;
            };
            if counts.in_flight > 0 || (counts.ready > 0 && counts.consumers > 0) {
                return false;
            }
        }
        true
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BrokerBackend for Tap {
    fn capabilities(&self) -> &Capabilities {
        BrokerBackend::capabilities(&self.memory)
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        let queues = topology.queues.iter().map(|it| Arc::clone(&it.name));
        self.seen().queues.extend(queues);
        self.memory.declare(topology)
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        Wait::later(async move {
            let bodies: Vec<_> = batch.iter().map(|it| it.message.body.clone()).collect();
            self.memory.send(batch).await;
            let mut seen = self.seen();
            for (outgoing, body) in batch.iter().zip(bodies) {
                if matches!(outgoing.result, Some(Ok(()))) {
                    let (way, name) = match &outgoing.to {
                        Address::Queue(name) => (Way::Sent, name),
                        Address::Exchange(name) => (Way::Published, name),
                    };
                    seen.keep(way, name, body);
                }
            }
        })
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        self.memory.consume(queue, options)
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        self.memory.inspect()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        BrokerBackend::close(&self.memory)
    }
}

impl BusBackend for Tap {
    fn capabilities(&self) -> &BusCapabilities {
        BusBackend::capabilities(&self.memory)
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        for publication in batch.iter() {
            let (way, subject) = match &publication.to {
                Audience::Everyone { subject, .. } => (Way::Emitted, subject),
                Audience::One { subject, .. } => (Way::Called, subject),
                Audience::Asker { .. } => continue,
            };
            let body = publication.message.body.clone();
            self.seen().keep(way, subject, body);
        }
        self.memory.publish(batch)
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        self.memory.subscribe(interest, buffer)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        BusBackend::close(&self.memory)
    }
}
