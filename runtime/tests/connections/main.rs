//! Connections to Redis servers of the tests' own: how they are named, secured, lost and made again, and that no password is
//! shown meanwhile. `MICROAGENT_REDIS_SERVER` is the program of a server, by default `redis-server`; who has none says
//! `MICROAGENT_SKIP_REDIS=1`, and is told what was not tested.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod clusters;
mod outages;
mod places;
mod secrets;
mod sentinels;
mod server;
mod tls;

use std::time::Duration;

use microagent::backend::redis::{Redis, RedisOptions};
use microagent::broker::{BrokerBackend, QueueDeclaration, Topology};
use microagent::message::{Address, Message, Outgoing};
use microagent::{Dsn, Error, ErrorKind};
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything takes that works.
const SOON: Duration = Duration::from_secs(20);

/// Whether the developer asked for it. Every test begins with it.
fn skipped() -> bool {
    secrets::listen_everywhere();
    let skipped = std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1");
    if skipped {
        #[expect(
            clippy::print_stderr,
            reason = "nobody is to believe that it was tested"
        )]
        {
            eprintln!("MICROAGENT_SKIP_REDIS=1: NO CONNECTION TO REDIS WAS TESTED HERE");
        }
    }
    skipped
}

/// What connecting as a broker comes to.
async fn connect(dsn: &str) -> Result<Redis, Error> {
    let dsn = Dsn::parse(dsn)?;
    let options = RedisOptions::from_dsn(&dsn)?;
    timeout(2 * SOON, Redis::connect(&dsn, options))
        .await
        .expect("connecting has a deadline of its own")
}

async fn refused(dsn: &str) -> Error {
    connect(dsn).await.expect_err(dsn)
}

async fn declare(redis: &Redis) -> Result<(), Error> {
    let topology = Topology {
        queues: vec![QueueDeclaration::new("q")],
        ..Topology::default()
    };
    redis.declare(&topology).await
}

async fn send(redis: &Redis, body: &str) -> Result<(), Error> {
    let address = Address::Queue("q".into());
    let mut outgoing = Outgoing::new(address, Message::new(body.to_owned()));
    redis.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap()
}

/// Waits until it is so.
async fn until<F: Future<Output = bool>>(what: &str, so: impl Fn() -> F) -> Duration {
    let began = Instant::now();
    while !so().await {
        assert!(began.elapsed() < 2 * SOON, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}
