//! What senders remember of the topology, so that a message costs no question. Knows no messages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::declaration;
use super::link::Link;
use super::topology::{self, Exchange};
use crate::broker::{QueueDeclaration, Topology};
use crate::error::Error;
use crate::message::Address;

/// What senders remember of the topology: never what decides, only what spares a question.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    queues: BTreeMap<Arc<str>, Arc<QueueDeclaration>>,
    exchanges: BTreeMap<Arc<str>, Arc<Exchange>>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has just been declared.
    pub(super) fn learn(&self, topology: &Topology) {
        let queues = topology.queues.iter().cloned().map(Arc::new);
        let named = queues.map(|it| (Arc::clone(&it.name), it));
        self.lock().queues.extend(named);
    }

    /// The declaration of a queue that exists, or did.
    pub(super) async fn queue(
        &self,
        (link, prefix): (&Link, &str),
        name: &Arc<str>,
    ) -> Result<Arc<QueueDeclaration>, Error> {
        if let Some(queue) = self.lock().queues.get(name) {
            return Ok(Arc::clone(queue));
        }
        let queue = Arc::new(declaration::queue(link, prefix, name).await?);
        self.lock()
            .queues
            .insert(Arc::clone(name), Arc::clone(&queue));
        Ok(queue)
    }

    /// An exchange as it was last read.
    pub(super) async fn exchange(
        &self,
        (link, prefix): (&Link, &str),
        name: &Arc<str>,
    ) -> Result<Arc<Exchange>, Error> {
        if let Some(exchange) = self.lock().exchanges.get(name) {
            return Ok(Arc::clone(exchange));
        }
        let exchange = topology::exchange(link, prefix, name).await?;
        let exchange = Arc::new(exchange);
        let mut inner = self.lock();
        inner
            .exchanges
            .insert(Arc::clone(name), Arc::clone(&exchange));
        Ok(exchange)
    }

    /// They are no longer what was read.
    pub(super) fn forget(&self, address: &Address) {
        let mut inner = self.lock();
        match address {
            Address::Queue(queue) => drop(inner.queues.remove(queue)),
            // Bound to other queues, or to one that is gone.
            Address::Exchange(exchange) => drop(inner.exchanges.remove(exchange)),
        }
    }
}
