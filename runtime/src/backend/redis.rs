//! The backend on a Redis server, 7.0 or later: queues are streams with a consumer group, the bus is pub/sub. It owns what is
//! kept there and the connections; it must not know the delivery driver.
//!
//! Messages are as durable as the server is told to be: with `appendonly yes` and `appendfsync always` a confirmed message
//! outlives a crash of the machine, with `everysec` all but those of the last second do.
//!
//! A queue's entries stand under its name; beside it, under `{name}:…`, are what waits for its time (a sorted set), its
//! dead letters (a stream) and its declaration (a hash). An exchange keeps its bindings in a set. Whatever takes more than
//! one step is a script, and time is the server's.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ::redis::Client;

use self::consumer::{Connection, Desk, StreamConsumer};
use self::link::Link;
use self::send::Sending;
use crate::broker::{BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Topology};
use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};
use crate::message::{BoxFuture, Outgoing, Wait};

mod bus;
mod consumer;
mod entry;
mod inspect;
mod keys;
mod link;
mod reader;
mod scripts;
mod send;
mod topology;

pub use self::bus::RedisBus;

/// A connection to a Redis server as a broker.
pub struct Redis {
    connection: Connection,
    capabilities: Capabilities,
    desks: Mutex<Vec<Weak<Desk>>>,
}

/// Limits, times and names of a Redis backend.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// How long a delivery stays with its consumer without being renewed. Default: 30 s.
    pub lease: Duration,
    /// The largest message with headers and keys, in bytes. Default: 1 MiB.
    pub max_payload: usize,
    /// Stands before the name of each queue and exchange. Default: empty.
    pub prefix: Arc<str>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            max_payload: 1024 * 1024,
            prefix: "".into(),
        }
    }
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

/// What the client makes of the DSN without our options. Nothing has been connected yet.
fn client(dsn: &Dsn) -> Result<Client, Error> {
    let (place, _) = dsn.expose().split_once('?').unwrap_or((dsn.expose(), ""));
    Client::open(place).map_err(|error| {
        let message = format!(
            "`{dsn}` is no place of a redis server: {}",
            error.category()
        );
        Error::new(ErrorKind::Config, message)
    })
}

impl RedisOptions {
    /// What a DSN says behind its question mark: `lease`, in seconds, and `prefix`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for another name, or a lease that is none.
    pub fn from_dsn(dsn: &Dsn) -> Result<Self, Error> {
        let mut options = Self::default();
        let (_, query) = dsn.expose().split_once('?').unwrap_or_default();
        for option in query.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match (name, value.parse::<u32>()) {
                ("lease", Ok(seconds @ 1..)) => options.lease = Duration::from_secs(seconds.into()),
                ("prefix", _) => options.prefix = value.into(),
                _ => {
                    let message =
                        format!("`{dsn}`: there are `lease`, in whole seconds, and `prefix`");
                    return Err(Error::new(ErrorKind::Config, message));
                }
            }
        }
        Ok(options)
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
            topology::declare(self.link(), self.prefix(), topology).await?;
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
            let declaration = topology::queue(self.link(), self.prefix(), queue).await?;
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
