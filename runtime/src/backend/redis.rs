//! The backend on a Redis server, 7.0 or later: queues are streams with a consumer group, the bus is pub/sub. It owns what is
//! kept there and the connections; it must not know the delivery driver. Here is what brokers and bus share.
//!
//! Messages are as durable as the server is told to be: with `appendonly yes` and `appendfsync always` a confirmed message
//! outlives a crash of the machine, with `everysec` all but those of the last second do.
//!
//! Queues and exchanges are declared in hashes, an exchange keeps its bindings in a set. Whatever takes more than one step
//! is a script, and time is the server's.

use std::sync::Arc;
use std::time::Duration;

use ::redis::Client;

use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};

mod answer;
mod broker;
mod bus;
mod consumer;
mod declaration;
mod entry;
mod inspect;
mod keys;
mod known;
mod link;
mod reader;
mod scripts;
mod send;
mod settle;
mod store;
mod streams;
mod topology;

pub use self::broker::Redis;
pub use self::bus::RedisBus;

/// Limits, times and names of a Redis backend.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    /// How long a delivery stays with its consumer without being renewed. Default: 30 s.
    pub lease: Duration,
    /// The largest message with headers and keys, in bytes. Default: 1 MiB.
    pub max_payload: usize,
    /// Dead letters of a queue at most: the oldest makes room for a new one and is counted as dropped. Default: 1,000,000.
    pub max_dead_letters: usize,
    /// Stands before the name of each queue and exchange. Default: empty.
    pub prefix: Arc<str>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            max_payload: 1024 * 1024,
            max_dead_letters: 1_000_000,
            prefix: "".into(),
        }
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
        dsn.check_options(&["lease", "prefix"])?;
        let mut options = Self::default();
        if let Some(lease) = dsn.seconds("lease")? {
            options.lease = lease;
        }
        options.prefix = dsn.option("prefix").unwrap_or_default().into();
        Ok(options)
    }
}
