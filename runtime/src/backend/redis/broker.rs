//! The broker, on streams or on lists. It owns the connection's consumers; it must not know how they read, or how a queue is
//! kept.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::consumer::{Connection, Desk, QueueConsumer};
use super::link::Link;
use super::lists::Lists;
use super::place::{Place, is_on_lists};
use super::store::Store;
use super::streams::Streams;
use super::{RedisOptions, declaration, topology};
use crate::broker::{BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Topology};
use crate::dsn::Dsn;
use crate::error::Error;
use crate::message::{BoxFuture, Outgoing, Wait};

/// A connection to a Redis server as a broker: on streams with `redis:`, on lists with `redis+list:`.
///
/// Streams carry ids, headers and traces with each message, and are what services in Rust use among themselves. Lists are
/// for queues that are shared with peers of the Python library: the element is the payload and nothing else.
pub struct Redis {
    connection: Connection,
    capabilities: Capabilities,
    desks: Mutex<Vec<Weak<Desk>>>,
}

impl Redis {
    /// Connects to the server of a DSN (the module says what stands in it), again and again until one answers.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) at once for a DSN that is none, and where the server refuses user, password or certificate;
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) where nobody answers for the DSN's `connect_timeout`. Cancelled, nothing stays
    /// behind.
    pub async fn connect(dsn: &Dsn, options: RedisOptions) -> Result<Self, Error> {
        let place = Place::from_dsn(dsn)?;
        let store: &dyn Store = if is_on_lists(dsn) { &Lists } else { &Streams };
        let mut capabilities = store.capabilities(&options);
        let link = Arc::new(Link::connect(place).await?);
        // The copies of a message would go to several servers, and some could be lost alone.
        capabilities.fanout &= !link.is_cluster();
        capabilities.topic &= !link.is_cluster();
        Ok(Self {
            connection: Connection {
                link,
                store,
                has_headers: capabilities.headers,
                known: Arc::default(),
                prefix: options.prefix,
                lease: options.lease,
                max_payload: options.max_payload,
                max_dead_letters: options.max_dead_letters.max(1),
            },
            capabilities,
            desks: Mutex::default(),
        })
    }

    pub(super) fn store(&self) -> &'static dyn Store {
        self.connection.store
    }

    pub(super) fn link(&self) -> &Link {
        &self.connection.link
    }

    pub(super) fn prefix(&self) -> &str {
        &self.connection.prefix
    }
}

impl BrokerBackend for Redis {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.link().check_open()?;
            topology.check(&self.capabilities)?;
            let (link, prefix) = (self.link(), self.prefix());
            let kinds = topology::check(link, prefix, topology).await?;
            for it in &topology.queues {
                declaration::declare(link, (prefix, self.store()), it).await?;
            }
            topology::declare_exchanges(link, prefix, (topology, kinds)).await?;
            self.connection.known.learn(topology);
            Ok(())
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        let sending = self.connection.sending();
        Wait::later(async move { sending.send(batch).await })
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async move {
            self.link().check_open()?;
            let declaration = declaration::queue(self.link(), self.prefix(), queue).await?;
            let connection = self.connection.clone();
            let (consumer, desk) = QueueConsumer::attach(connection, declaration, options).await?;
            let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
            desks.retain(|it| it.strong_count() > 0);
            desks.push(Arc::downgrade(&desk));
            Ok(Box::new(consumer) as Box<dyn Consumer>)
        })
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        Some(self)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            if self.link().is_closed() {
                return Ok(());
            }
            let desks =
                std::mem::take(&mut *self.desks.lock().unwrap_or_else(PoisonError::into_inner));
            let mut left = Ok(());
            for desk in desks.iter().filter_map(Weak::upgrade) {
                left = left.and(desk.leave().await);
            }
            self.link().close().await;
            left
        })
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}
