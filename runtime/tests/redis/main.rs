//! The Redis backend as a broker, by its trait alone, on a real server: what each sentence of the trait's documentation
//! promises. `MICROAGENT_TEST_REDIS` is the server's DSN, by default the one on this machine; who has none says
//! `MICROAGENT_SKIP_REDIS=1`, and is told what was not tested.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bus;
mod consumers;
mod dead_letters;
mod delivery;
mod lists;
mod ordered;
mod outages;
mod queues;
mod topology;

use std::sync::Arc;
use std::time::Duration;

use microagent::backend::redis::{Redis, RedisOptions};
use microagent::broker::{
    Binding, BrokerBackend, Cause, ConsumeOptions, Consumer, ExchangeDeclaration, ExchangeKind,
    MaxLength, Overflow, QueueCounts, QueueDeclaration, Reason, Settlement, Topology, Verdict,
};
use microagent::message::{Address, Delivery, Message, MessageId, Outgoing};
use microagent::{Dsn, Error, ErrorKind};

/// Short, since tests wait for its end.
const LEASE: Duration = Duration::from_secs(2);
const SOON: Duration = Duration::from_secs(10);

fn dsn() -> Dsn {
    let text = std::env::var("MICROAGENT_TEST_REDIS");
    Dsn::parse(&text.unwrap_or("redis://127.0.0.1:6379".to_owned())).unwrap()
}

/// Whether the developer asked for it.
fn skipped() -> bool {
    let skipped = std::env::var_os("MICROAGENT_SKIP_REDIS").is_some_and(|it| it == "1");
    if skipped {
        #[expect(
            clippy::print_stderr,
            reason = "nobody is to believe that it was tested"
        )]
        {
            eprintln!("MICROAGENT_SKIP_REDIS=1: NOTHING OF REDIS WAS TESTED HERE");
        }
    }
    skipped
}

/// Schemes of the ways to keep queues. What holds for both is tested on both.
const STREAMS: &str = "redis";
const LISTS: &str = "redis+list";
const STORES: [&str; 2] = [STREAMS, LISTS];

/// A body that runs on a server, with queues kept in either way, in names of its own.
async fn on_redis<F: Future<Output = ()>>(body: impl Fn(Redis) -> F) {
    if !skipped() {
        for store in STORES {
            on_redis_kept(store, &body).await;
        }
    }
}

/// The same in one of these ways.
async fn on_redis_kept<F: Future<Output = ()>>(store: &str, body: impl Fn(Redis) -> F) {
    if !skipped() {
        let prefix = fresh_prefix();
        body(connect(store, &prefix).await).await;
        clean_up(&prefix).await;
    }
}

/// The same with two connections.
async fn on_two_of_redis<F: Future<Output = ()>>(body: impl Fn(Redis, Redis) -> F) {
    if !skipped() {
        for store in STORES {
            let prefix = fresh_prefix();
            body(connect(store, &prefix).await, connect(store, &prefix).await).await;
            clean_up(&prefix).await;
        }
    }
}

/// A connection past the backend.
async fn direct(dsn: &Dsn) -> ::redis::aio::MultiplexedConnection {
    let client = ::redis::Client::open(dsn.expose()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// Takes away what a test that succeeded has left under its prefix.
async fn clean_up(prefix: &str) {
    let mut direct = direct(&dsn()).await;
    let mut find = ::redis::cmd("KEYS");
    let keys: Vec<String> = find
        .arg(format!("*{prefix}*"))
        .query_async(&mut direct)
        .await
        .unwrap();
    let mut delete = ::redis::cmd("DEL");
    let _: i64 = delete
        .arg("")
        .arg(keys)
        .query_async(&mut direct)
        .await
        .unwrap();
}

fn fresh_prefix() -> String {
    format!("test:{}:", MessageId::fresh())
}

/// A DSN that has its queues kept so.
fn kept(store: &str, dsn: &Dsn) -> Dsn {
    let (_, place) = dsn.expose().split_once(':').unwrap();
    Dsn::parse(&format!("{store}:{place}")).unwrap()
}

async fn connect(store: &str, prefix: &str) -> Redis {
    let options = RedisOptions {
        lease: LEASE,
        prefix: prefix.into(),
        ..RedisOptions::default()
    };
    let dsn = kept(store, &dsn());
    tokio::time::timeout(SOON, Redis::connect(&dsn, options))
        .await
        .unwrap_or_else(|_| panic!("no redis at {dsn}: start one, or set MICROAGENT_TEST_REDIS"))
        .unwrap()
}

async fn declare(redis: &Redis, queues: &[QueueDeclaration]) {
    let topology = Topology {
        queues: queues.to_vec(),
        ..Topology::default()
    };
    redis.declare(&topology).await.unwrap();
}

fn queue(name: &str, change: impl FnOnce(&mut QueueDeclaration)) -> QueueDeclaration {
    let mut declaration = QueueDeclaration::new(name);
    change(&mut declaration);
    declaration
}

async fn send(redis: &Redis, mut outgoing: Outgoing) -> Result<(), Error> {
    redis.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap()
}

fn to_queue(name: &str, body: &str) -> Outgoing {
    let message = Message::new(body.to_owned());
    Outgoing::new(Address::Queue(name.into()), message)
}

async fn put(redis: &Redis, bodies: &[&str]) {
    for body in bodies {
        send(redis, to_queue("q", body)).await.unwrap();
    }
}

async fn consumer(redis: &Redis, name: &str, prefetch: usize) -> Box<dyn Consumer> {
    let options = ConsumeOptions {
        prefetch,
        name: "test".into(),
    };
    redis.consume(&name.into(), &options).await.unwrap()
}

/// The next so many, however they come.
async fn take(consumer: &dyn Consumer, count: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    while deliveries.len() < count {
        let left = count - deliveries.len();
        let next = consumer.next(left, &mut deliveries);
        tokio::time::timeout(SOON, next).await.unwrap().unwrap();
    }
    deliveries
}

/// Nothing comes for a while.
async fn assert_nothing_comes(consumer: &dyn Consumer, what: &str) {
    let mut deliveries = Vec::new();
    let next = consumer.next(9, &mut deliveries);
    let ended = tokio::time::timeout(LEASE * 2, next).await;
    assert!(ended.is_err(), "{what}: {deliveries:?}");
}

async fn settle(consumer: &dyn Consumer, delivery: &Delivery, verdict: Verdict) -> usize {
    let tag = delivery.tag;
    let mut batch = vec![Settlement { tag, verdict }];
    let settled = consumer.settle(&mut batch).await.unwrap();
    assert!(batch.is_empty());
    settled.late
}

fn retry(after: Duration) -> Verdict {
    Verdict::Retry {
        after,
        counted: true,
    }
}

fn rejected(detail: &str) -> Verdict {
    Verdict::DeadLetter(Cause {
        reason: Reason::Rejected,
        detail: detail.into(),
    })
}

fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|it| std::str::from_utf8(&it.message.body).unwrap())
        .collect()
}

async fn counts(redis: &Redis, name: &str) -> QueueCounts {
    redis.inspect().unwrap().counts(name).await.unwrap()
}
