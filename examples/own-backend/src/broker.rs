//! The broker: queues and exchanges as directories. Knows names and files by their module, and nothing of the bus.

mod consumer;
mod inspect;
mod store;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use microagent::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Topology,
};
use microagent::message::{BoxFuture, Outgoing, Wait};
use microagent::{Error, ErrorKind};

use self::consumer::{FileConsumer, Holder};
use self::store::Store;
use crate::MAX_PAYLOAD;

/// A connection to the queues and exchanges of a directory.
#[derive(Debug)]
pub struct FileBroker {
    capabilities: Capabilities,
    store: Store,
    closed: AtomicBool,
    holders: Mutex<Vec<Weak<Holder>>>,
}

impl FileBroker {
    /// A connection of its own; the directory is made by the first declaration.
    pub fn new(directory: &Path) -> Self {
        Self {
            capabilities: Capabilities {
                name: "files",
                durable: true,
                delayed: true,
                ttl: true,
                fanout: true,
                topic: true,
                headers: true,
                counts_crashes: true,
                uncounted_return: true,
                max_payload: MAX_PAYLOAD,
                ..Capabilities::default()
            },
            store: Store::new(directory),
            closed: AtomicBool::new(false),
            holders: Mutex::default(),
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "the files were closed"));
        }
        Ok(())
    }

    fn holders(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Holder>>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BrokerBackend for FileBroker {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async {
            self.check_open()?;
            topology.check(&self.capabilities)?;
            self.store.check(topology)?;
            self.store.declare(topology)
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        for outgoing in batch {
            let open = self.check_open();
            outgoing.result = Some(open.and_then(|()| self.store.send(outgoing)));
        }
        Wait::ready(())
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async {
            self.check_open()?;
            let holder = Arc::new(Holder::new(&self.store, queue, options.prefetch)?);
            let mut holders = self.holders();
            holders.retain(|it| it.strong_count() > 0);
            holders.push(Arc::downgrade(&holder));
            Ok(Box::new(FileConsumer(holder)) as Box<dyn Consumer>)
        })
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        Some(self)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.closed.store(true, Ordering::Release);
        for holder in self.holders().drain(..).filter_map(|it| it.upgrade()) {
            holder.leave();
        }
        Box::pin(async { Ok(()) })
    }
}
