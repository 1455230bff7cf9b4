//! Where rows find a Redis server, and what of it is theirs. Knows no row.

use std::io::Write as _;
use std::sync::Arc;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Client, cmd};
use microagent::Dsn;
use microagent::backend::redis::{Redis, RedisBus, RedisOptions};
use microagent::broker::BrokerBackend;
use microagent::bus::BusBackend;
use microagent::message::MessageId;

/// A server, with names that nobody else has there, and a lease that a row can wait for.
pub(super) fn dsn(row: &str) -> String {
    let server = std::env::var("MICROAGENT_TEST_REDIS");
    let server = server.unwrap_or("redis://127.0.0.1:6379".to_owned());
    let own = MessageId::fresh();
    format!("{server}?connect_timeout=10&lease=2&prefix={row}-{own}.")
}

/// The same with queues on lists.
pub(super) fn dsn_on_lists(row: &str) -> String {
    dsn(row).replacen("://", "+list://", 1)
}

fn read(dsn: &str) -> (Dsn, RedisOptions) {
    let dsn = Dsn::parse(dsn).expect("MICROAGENT_TEST_REDIS is a DSN");
    let options = RedisOptions::from_dsn(&dsn).expect("it has no options of its own");
    (dsn, options)
}

pub(super) async fn connect(dsn: &str) -> Arc<dyn BrokerBackend> {
    let (dsn, options) = read(dsn);
    let connected = Redis::connect(&dsn, options).await;
    Arc::new(
        connected
            .unwrap_or_else(|error| panic!("{error}: start one, or set MICROAGENT_TEST_REDIS")),
    )
}

pub(super) async fn connect_bus(dsn: &str) -> Arc<dyn BusBackend> {
    let (dsn, options) = read(dsn);
    let connected = RedisBus::connect(&dsn, options).await;
    Arc::new(
        connected
            .unwrap_or_else(|error| panic!("{error}: start one, or set MICROAGENT_TEST_REDIS")),
    )
}

/// Says on the wire what no backend would, in the channels of a row.
#[derive(Debug)]
pub struct Wire {
    connection: MultiplexedConnection,
    /// What stands before all of them.
    channels: String,
}

/// A plain client of the server of a DSN.
pub(super) async fn wire(dsn: &str) -> Wire {
    let (_, options) = read(dsn);
    let server = dsn.split('?').next().unwrap_or_default();
    let client = Client::open(server).expect("it is a DSN of Redis");
    let connection = client.get_multiplexed_async_connection().await;
    Wire {
        connection: connection.expect("the server is there"),
        channels: format!("{}{}", options.prefix, options.channels),
    }
}

impl Wire {
    /// Publishes in the channel of this name behind the prefix of all.
    pub async fn publish(&mut self, channel: &[u8], body: &[u8]) {
        let channel = [self.channels.as_bytes(), b":", channel].concat();
        let mut command = cmd("PUBLISH");
        let published = command.arg(channel).arg(body);
        let published = published.exec_async(&mut self.connection).await;
        published.expect("the server takes it");
    }

    /// Puts something where those look who answer this call.
    pub async fn push_call(&mut self, subject: &str, bytes: &[u8]) {
        let list = format!("{{{}}}:{subject}:calls", self.channels);
        let mut command = cmd("RPUSH");
        let pushed = command.arg(list).arg(bytes);
        let pushed = pushed.exec_async(&mut self.connection).await;
        pushed.expect("the server takes it");
    }
}

/// Whether the developer asked to do without, who is told what that means.
pub(super) fn is_skipped() -> bool {
    let skipped = std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1");
    if skipped {
        let line = b"MICROAGENT_SKIP_REDIS=1: NO ROW WAS PLAYED ON REDIS\n";
        let written = std::io::stdout().lock().write_all(line);
        written.expect("the line can be written");
    }
    skipped
}
