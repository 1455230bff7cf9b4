//! The broker on streams: each queue is a stream with one consumer group. It owns the connections' consumers; it must not know
//! how they read.
//!
//! A queue's entries stand under its name; beside it, under `{name}:…`, are what waits for its time (a sorted set), its
//! dead letters (a stream) and its declaration (a hash).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use self::consumer::{Connection, Desk, StreamConsumer};
use self::send::Sending;
use super::link::Link;
use super::{RedisOptions, client, declaration, topology};
use crate::broker::{BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Topology};
use crate::dsn::Dsn;
use crate::error::Error;
use crate::message::{BoxFuture, Outgoing, Wait};

mod consumer;
mod entry;
mod inspect;
mod queue;
mod reader;
mod send;
mod settle;

/// The consumer group of every queue: consumers compete, whichever agent they belong to.
const GROUP: &str = "microagent";

/// A connection to a Redis server as a broker.
pub struct Redis {
    connection: Connection,
    capabilities: Capabilities,
    desks: Mutex<Vec<Weak<Desk>>>,
}

impl Redis {
    /// Connects to `redis://user:password@host:port/database`, and waits for as long as nobody answers there.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a DSN that is none, and where the server refuses user or password. Cancelled, nothing stays
    /// behind.
    pub async fn connect(dsn: &Dsn, options: RedisOptions) -> Result<Self, Error> {
        let client = client(dsn)?;
        let link = Arc::new(Link::connect(client).await?);
        Ok(Self {
            capabilities: capabilities(&options),
            connection: Connection {
                link,
                known: Arc::default(),
                prefix: options.prefix,
                lease: options.lease,
                max_payload: options.max_payload,
            },
            desks: Mutex::default(),
        })
    }

    fn link(&self) -> &Link {
        &self.connection.link
    }

    fn prefix(&self) -> &str {
        &self.connection.prefix
    }
}

fn capabilities(options: &RedisOptions) -> Capabilities {
    Capabilities {
        name: "redis streams",
        durable: true,
        delayed: true,
        ordered: false,
        ordered_copies: false,
        max_priority: 0,
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
                queue::declare(link, prefix, it).await?;
            }
            topology::declare_exchanges(link, prefix, (topology, kinds)).await?;
            self.connection.known.learn(topology);
            Ok(())
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        let Connection {
            link,
            known,
            prefix,
            max_payload,
            ..
        } = &self.connection;
        let sending = Sending {
            link,
            prefix,
            known,
            max_payload: *max_payload,
        };
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
            let (consumer, desk) = StreamConsumer::attach(connection, declaration, options).await?;
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
