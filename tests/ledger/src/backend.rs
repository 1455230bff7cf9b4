//! The backends that are put to the test, a row each: the server that they need, their DSN, how to look into them.

use std::sync::Arc;

use microagent::Dsn;
use microagent::backend::redis::{Redis, RedisOptions};
use microagent::broker::BrokerBackend;
use microagent::message::BoxFuture;

use crate::Result;
use crate::proxy::{Side, Trap};
use crate::server::{Kind, REDIS};
use crate::subject::Subject;

/// A backend under test.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) server: &'static Kind,
    /// The DSN of the server behind this port, with a lease in seconds.
    pub(crate) dsn: fn(u16, u64) -> String,
    pub(crate) connect: fn(Dsn) -> Connecting,
    /// The scenarios of every test run, by name; all where it names none.
    quick: &'static [&'static str],
    points: &'static [Point],
    /// None where the Python library is not compared.
    points_of_python: &'static [Point],
}

/// A backend to look into.
pub(crate) type Connecting = BoxFuture<'static, Result<Arc<dyn BrokerBackend>>>;

/// A point of the protocol at which a connection goes silent.
pub(crate) type Point = (&'static str, Trap);

impl Backend {
    /// Whether every test run has this scenario.
    pub(crate) fn is_quick(&self, scenario: &str) -> bool {
        self.quick.is_empty() || self.quick.contains(&scenario)
    }

    /// Whether it is what this library works on.
    pub(crate) fn serves(&self, subject: &Subject) -> bool {
        !self.points(subject).is_empty()
    }

    /// What a library says on the wire, point by point.
    pub(crate) fn points(&self, subject: &Subject) -> &'static [Point] {
        match subject {
            Subject::Rust(_) => self.points,
            Subject::Python(_) => self.points_of_python,
        }
    }
}

/// Nothing of what was seen goes through.
const NONE: usize = 0;
/// All of it does, and nothing after it.
const ALL: usize = usize::MAX;

const fn at(from: Side, sees: &'static [u8], lets: usize) -> Trap {
    Trap { from, sees, lets }
}

/// Each message has this in the middle of its body.
const BODY: &[u8] = b"\"hold\"";
const ACK: &[u8] = b"\r\nack\r\n";

pub(crate) const BACKENDS: &[Backend] = &[
    Backend {
        name: "redis",
        server: &REDIS,
        dsn: |port, lease| format!("redis://127.0.0.1:{port}?lease={lease}"),
        connect: redis,
        quick: &[],
        points: &[
            ("connecting", at(Side::Client, b"", NONE)),
            ("waiting", at(Side::Client, b"XREADGROUP", ALL)),
            ("delivery", at(Side::Server, BODY, 4)),
            ("acknowledging", at(Side::Client, ACK, NONE)),
            ("acknowledged", at(Side::Client, ACK, ALL)),
            ("sending", at(Side::Client, b"XADD", NONE)),
            ("sent", at(Side::Client, b"XADD", ALL)),
        ],
        points_of_python: &[
            ("connecting", at(Side::Client, b"", NONE)),
            ("waiting", at(Side::Client, b"BLPOP", ALL)),
            ("delivery", at(Side::Server, BODY, 4)),
            ("sending", at(Side::Client, b"RPUSH", NONE)),
            ("sent", at(Side::Client, b"RPUSH", ALL)),
        ],
    },
    Backend {
        name: "redis-lists",
        server: &REDIS,
        dsn: |port, lease| format!("redis+list://127.0.0.1:{port}?lease={lease}"),
        connect: redis,
        quick: &["kill-consumer", "terminate", "kill-server"],
        points: &[
            ("connecting", at(Side::Client, b"", NONE)),
            ("waiting", at(Side::Client, b"BLMOVE", ALL)),
            ("delivery", at(Side::Server, BODY, 4)),
            ("acknowledging", at(Side::Client, ACK, NONE)),
            ("acknowledged", at(Side::Client, ACK, ALL)),
            ("sending", at(Side::Client, b"RPUSH", NONE)),
            ("sent", at(Side::Client, b"RPUSH", ALL)),
        ],
        points_of_python: &[],
    },
];

fn redis(dsn: Dsn) -> Connecting {
    Box::pin(async move {
        let options = RedisOptions::from_dsn(&dsn)?;
        let redis: Arc<dyn BrokerBackend> = Arc::new(Redis::connect(&dsn, options).await?);
        Ok(redis)
    })
}
