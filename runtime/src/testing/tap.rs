//! The connection of one process of a world: a broker and a bus that note what goes through them, and fail where the
//! test wants it. They change nothing else.

use std::sync::Arc;

use super::seen::{Seen, Way};
use crate::backend::memory::Memory;
use crate::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Settled, Settlement, Topology,
};
use crate::bus::{Audience, BusBackend, BusCapabilities, Interest, Publication, Subscription};
use crate::error::Error;
use crate::message::{Address, BoxFuture, Delivery, Outgoing, Tag, Wait};

#[derive(Debug)]
pub(super) struct Tap {
    pub(super) memory: Memory,
    pub(super) seen: Arc<Seen>,
}

impl Tap {
    async fn send_one(&self, outgoing: &mut Outgoing) {
        let (way, name) = match &outgoing.to {
            Address::Queue(name) => (Way::Sent, Arc::clone(name)),
            Address::Exchange(name) => (Way::Published, Arc::clone(name)),
        };
        if let Some(error) = self.seen.failure(&name) {
            outgoing.result = Some(Err(error));
            return;
        }
        let body = outgoing.message.body.clone();
        self.memory.send(std::slice::from_mut(outgoing)).await;
        if matches!(outgoing.result, Some(Ok(()))) {
            self.seen.left(way, &name, body);
        }
    }

    async fn publish_one(&self, publication: &mut Publication) {
        let left = match &publication.to {
            Audience::Everyone { subject, .. } => Some((Way::Emitted, subject)),
            Audience::One { subject, .. } => Some((Way::Called, subject)),
            Audience::Asker { .. } => None,
        };
        if let Some((way, subject)) = left {
            if let Some(error) = self.seen.failure(subject) {
                publication.result = Some(Err(error));
                return;
            }
            let body = publication.message.body.clone();
            self.seen.left(way, subject, body);
        }
        self.memory.publish(std::slice::from_mut(publication)).await;
    }
}

impl BrokerBackend for Tap {
    fn capabilities(&self) -> &Capabilities {
        BrokerBackend::capabilities(&self.memory)
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        let queues = topology.queues.iter().map(|it| Arc::clone(&it.name));
        self.seen.declared(queues);
        self.memory.declare(topology)
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        Wait::later(async move {
            for outgoing in batch {
                self.send_one(outgoing).await;
            }
        })
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async move {
            let consumer = TapConsumer {
                inner: self.memory.consume(queue, options).await?,
                queue: Arc::clone(queue),
                seen: Arc::clone(&self.seen),
            };
            Ok(Box::new(consumer) as Box<dyn Consumer>)
        })
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
        Wait::later(async move {
            for publication in batch {
                self.publish_one(publication).await;
            }
        })
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

/// A consumer that notes what it is given.
#[derive(Debug)]
struct TapConsumer {
    inner: Box<dyn Consumer>,
    queue: Arc<str>,
    seen: Arc<Seen>,
}

impl Consumer for TapConsumer {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        Wait::later(async move {
            let before = into.len();
            let ended = self.inner.next(limit, into).await;
            self.seen
                .delivered(&self.queue, into.get(before..).unwrap_or_default());
            ended
        })
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        self.inner.settle(batch)
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        self.inner.renew(held)
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        self.inner.stop()
    }

    fn is_attached(&self) -> bool {
        self.inner.is_attached()
    }
}
