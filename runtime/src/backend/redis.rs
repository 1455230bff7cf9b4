//! The backend on a Redis server, 7.0 or later: queues are streams with a consumer group, the bus is pub/sub. It owns what is
//! kept there and the connections; it must not know the delivery driver. Here is what brokers and bus share.
//!
//! Messages are as durable as the server is told to be: with `appendonly yes` and `appendfsync always` a confirmed message
//! outlives a crash of the machine, with `everysec` all but those of the last second do.
//!
//! Queues and exchanges are declared in hashes, an exchange keeps its bindings in a set. Whatever takes more than one step
//! is a script, and time is the server's.
//!
//! # Where the server is
//!
//! | DSN | Means |
//! |---|---|
//! | `redis://[[user]:password@]host[:6379][/database]` | one server |
//! | `rediss://…` | the same under TLS; crate feature `tls` |
//! | `redis+list://…`, `rediss+list://…` | as a broker, queues on lists, shared with peers of the Python library; else they are streams |
//! | `redis+unix:///path/to.sock` | a socket in the file system |
//! | `redis+sentinel://[[user]:password@]host[:26379],…/master[/database]` | the server that leads, as sentinels say; with `rediss+sentinel` under TLS |
//! | `redis+cluster://[[user]:password@]host[:6379],…` | a cluster, of which some servers are named; with `rediss+cluster` under TLS |
//!
//! User and password are those of the server's ACL; a password without a user is the default user's. Any character may
//! stand percent-encoded. [`Dsn`] has the whole grammar.
//!
//! | Option | Default | Means |
//! |---|---|---|
//! | `lease` | 30 | seconds that a delivery stays with its consumer without being renewed |
//! | `prefix` | none | stands before the name of each queue, exchange and channel |
//! | `channels` | `PUBSUB` | the first word of each channel, behind `prefix`: what the Python library calls the prefix of its bus |
//! | `connect_timeout` | 30 | seconds that the first connection may take; then connecting fails, and a program ends with code 69 |
//! | `reconnect_timeout` | none | seconds that an outage may last; then everything fails with [`Closed`](crate::ErrorKind::Closed). Without it, never |
//! | `wait` | 0 | replicas that must have a message before its send succeeds; too few within 1 s is a [`Timeout`](crate::ErrorKind::Timeout), and the message may be sent twice |
//! | `ca` | what the system trusts | PEM file of the authorities that the server's certificate may come from; `rediss` only, like the next three |
//! | `cert`, `key` | none | PEM files of the client's certificate and its key |
//! | `insecure` | | `yes`: whoever answers is taken for the server; logged as a warning |
//! | `sentinel_user`, `sentinel_password` | none | who asks the sentinels |
//!
//! # Outages
//!
//! A connection that is cut is noticed at once, one that leads nowhere within 10 s: each is asked every 5 s, or reads with a
//! deadline. All come back by themselves, with backoff from 0.1 s to 20 s (4 s within a limit) and full jitter. Meanwhile a
//! command waits 4 s and fails with [`Unavailable`](crate::ErrorKind::Unavailable): then nothing was sent. One that was under
//! way fails with [`Timeout`](crate::ErrorKind::Timeout). A bus counts each gap of a subscription.
//!
//! A failover that sentinels lead is followed: each new connection asks them, and goes to no server that only follows.
//! What the old server confirmed right before its end may be lost, unless `wait` had a replica confirm it too.
//!
//! Under TLS, the certificates of servers have to be for the names or addresses that sentinels or the cluster tell.
//!
//! # Clusters
//!
//! The keys of a queue share a hash tag, so each queue lives on one server, and a slot that moves is followed. Exchanges
//! are refused: their copies would lie on several servers, and no script could put all or none. Calls of one prefix share
//! a slot. Signals reach everyone, but nobody is told that no one listens: each server counts its own subscriptions.
//!
//! # Permissions
//!
//! A user needs `~prefix* ~{prefix* &* -@all +@read +@write +@pubsub +@connection +@scripting +time`, `+role` where there are sentinels, `+cluster|slots` in
//! a cluster, and `+wait` where the DSN says `wait`. A command that is not allowed is an error of the configuration, and says so.

use std::sync::Arc;
use std::time::Duration;

use crate::dsn::Dsn;
use crate::error::Error;

mod answer;
mod broker;
mod bus;
mod cluster;
mod consumer;
mod declaration;
mod entry;
mod fault;
mod inspect;
mod keys;
mod known;
mod link;
mod lists;
mod node;
mod open;
mod place;
mod reader;
mod scripts;
mod send;
mod sentinel;
mod settle;
mod slot;
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
    /// The first word of each channel, behind the prefix. Default: `PUBSUB`, as in the Python library.
    pub channels: Arc<str>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            max_payload: 1024 * 1024,
            max_dead_letters: 1_000_000,
            prefix: "".into(),
            channels: "PUBSUB".into(),
        }
    }
}

impl RedisOptions {
    /// What a DSN says of them behind its question mark; the module lists its options.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for an option that nobody knows, or a lease that is none.
    pub fn from_dsn(dsn: &Dsn) -> Result<Self, Error> {
        place::check_options(dsn)?;
        let mut options = Self::default();
        if let Some(lease) = dsn.seconds("lease")? {
            options.lease = lease;
        }
        options.prefix = dsn.option("prefix").unwrap_or_default().into();
        if let Some(channels) = dsn.option("channels") {
            options.channels = channels.into();
        }
        Ok(options)
    }
}
