//! What senders remember of the topology, so that a message costs no question. Knows no messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::link::Link;
use super::store::Store;
use super::topology::{self, Exchange};
use crate::broker::Topology;
use crate::error::Error;

/// What senders remember of the topology: never what decides, only what spares a question.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Queues that one command can send to.
    plain: BTreeSet<Arc<str>>,
    exchanges: BTreeMap<Arc<str>, Arc<Exchange>>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has just been declared.
    pub(super) fn learn(&self, topology: &Topology, store: &dyn Store) {
        let plain = topology.queues.iter().filter(|it| store.is_plain(it));
        let mut inner = self.lock();
        inner.plain.extend(plain.map(|it| Arc::clone(&it.name)));
    }

    pub(super) fn is_plain(&self, queue: &str) -> bool {
        self.lock().plain.contains(queue)
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

    /// It is no longer what was read.
    pub(super) fn forget(&self, exchange: &str) {
        self.lock().exchanges.remove(exchange);
    }
}
