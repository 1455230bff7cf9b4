//! A broker that counts what consumers hold, at every instant, and may have a smaller limit than the one behind it.
//! It changes nothing else, and works on any backend.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use microagent::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Settled, Settlement, Topology,
};
use microagent::message::{BoxFuture, Delivery, Outgoing, Tag, Wait};
use microagent::{Error, Result};

/// A broker under observation.
#[derive(Debug)]
pub struct Watched {
    broker: Arc<dyn BrokerBackend>,
    capabilities: Capabilities,
    held: Arc<Held>,
}

/// Deliveries that are not settled.
#[derive(Debug, Default)]
struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
    prefetch: AtomicUsize,
}

impl Watched {
    /// Observes a broker.
    pub fn new(broker: Arc<dyn BrokerBackend>) -> Self {
        Self {
            capabilities: broker.capabilities().clone(),
            broker,
            held: Arc::default(),
        }
    }

    /// The same, and says that messages are at most this large.
    #[must_use]
    pub fn with_max_payload(mut self, bytes: usize) -> Self {
        self.capabilities.max_payload = bytes;
        self
    }

    /// The most that all consumers together have held.
    pub fn most_held(&self) -> usize {
        self.held.most.load(Ordering::SeqCst)
    }

    /// What all consumers together may hold.
    pub fn prefetch(&self) -> usize {
        self.held.prefetch.load(Ordering::SeqCst)
    }
}

impl BrokerBackend for Watched {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<()>> {
        self.broker.declare(topology)
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        self.broker.send(batch)
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>>> {
        Box::pin(async move {
            let consumer = self.broker.consume(queue, options).await?;
            self.held
                .prefetch
                .fetch_add(options.prefetch, Ordering::SeqCst);
            let held = Arc::clone(&self.held);
            Ok(Box::new(WatchedConsumer { consumer, held }) as Box<dyn Consumer>)
        })
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        self.broker.inspect()
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.broker.close()
    }
}

#[derive(Debug)]
struct WatchedConsumer {
    consumer: Box<dyn Consumer>,
    held: Arc<Held>,
}

impl Consumer for WatchedConsumer {
    fn next<'a>(&'a self, limit: usize, into: &'a mut Vec<Delivery>) -> Wait<'a, Result<()>> {
        Wait::later(async move {
            let before = into.len();
            let fetched = self.consumer.next(limit, into).await;
            let count = into.len() - before;
            let now = self.held.now.fetch_add(count, Ordering::SeqCst) + count;
            self.held.most.fetch_max(now, Ordering::SeqCst);
            fetched
        })
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled>> {
        Wait::later(async move {
            let before = batch.len();
            let settled = self.consumer.settle(batch).await;
            let count = before - batch.len();
            self.held.now.fetch_sub(count, Ordering::SeqCst);
            settled
        })
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        self.consumer.renew(held)
    }

    fn stop(&self) -> Wait<'_, Result<()>> {
        self.consumer.stop()
    }

    fn is_attached(&self) -> bool {
        self.consumer.is_attached()
    }
}
