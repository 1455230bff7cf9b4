//! What the directory promises beyond the shop: messages outlive their processes, and are lost or repeated by no verdict.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use std::{env, fs, process};

use microagent::ErrorKind;
use microagent::broker::{
    Binding, BrokerBackend, Cause, ConsumeOptions, Consumer, ExchangeDeclaration, ExchangeKind,
    MaxLength, Overflow, QueueDeclaration, Reason, Settlement, Topology, Verdict,
};
use microagent::bus::{Audience, BusBackend, Form, Interest, Publication, Reach, ReplyTo};
use microagent::message::{Address, Delivery, Message, Outgoing};
use own_backend::{FileBroker, FileBus};

/// A directory of one test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(env::temp_dir().join(format!("own-backend-test-{}-{count}", process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn topology(change: impl FnOnce(&mut QueueDeclaration)) -> Topology {
    let mut queue = QueueDeclaration::new("shop/q");
    change(&mut queue);
    Topology {
        queues: vec![queue],
        exchanges: vec![ExchangeDeclaration {
            name: "topic".into(),
            kind: ExchangeKind::Topic,
        }],
        bindings: ["a.*", "*.b"]
            .map(|pattern| Binding {
                exchange: "topic".into(),
                queue: "shop/q".into(),
                pattern: Some(pattern.into()),
            })
            .to_vec(),
    }
}

async fn broker(directory: &Path) -> FileBroker {
    let broker = FileBroker::new(directory);
    broker.declare(&topology(|_| {})).await.unwrap();
    broker
}

async fn send(broker: &FileBroker, to: Address, body: &str) -> Result<(), ErrorKind> {
    let mut message = Message::new(body.to_owned());
    message.headers.insert("tenant", "acme").unwrap();
    message.routing_key = Some("a.b".into());
    let mut outgoing = Outgoing::new(to, message);
    broker.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap().map_err(|it| it.kind())
}

async fn put(broker: &FileBroker, bodies: &[&str]) {
    for body in bodies {
        let to = Address::Queue("shop/q".into());
        send(broker, to, body).await.unwrap();
    }
}

async fn consumer(broker: &FileBroker) -> Box<dyn Consumer> {
    let options = ConsumeOptions {
        prefetch: 9,
        name: "test".into(),
    };
    broker.consume(&"shop/q".into(), &options).await.unwrap()
}

async fn next(consumer: &dyn Consumer) -> Vec<(String, u32, Delivery)> {
    let mut deliveries = Vec::new();
    consumer.next(9, &mut deliveries).await.unwrap();
    let told = |it: Delivery| {
        let body = String::from_utf8(it.message.body.to_vec()).unwrap();
        (body, it.attempt, it)
    };
    deliveries.into_iter().map(told).collect()
}

async fn settle(consumer: &dyn Consumer, delivery: &Delivery, verdict: Verdict) -> usize {
    let tag = delivery.tag;
    let mut batch = vec![Settlement { tag, verdict }];
    consumer.settle(&mut batch).await.unwrap().late
}

#[tokio::test]
async fn messages_outlive_the_connection_that_sent_them() {
    let directory = Directory::new();
    let first = broker(&directory.0).await;
    put(&first, &["a", "b"]).await;
    first.close().await.unwrap();
    let to = || Address::Queue("shop/q".into());
    assert_eq!(send(&first, to(), "c").await, Err(ErrorKind::Closed));

    let second = broker(&directory.0).await;
    let one = consumer(&second).await;
    let got = next(&*one).await;
    assert_eq!((&*got[0].0, &*got[1].0, got[0].1), ("a", "b", 1));
    assert_eq!(got[0].2.message.headers.get("tenant"), Some("acme"));
    drop(one);
    let other = consumer(&second).await;
    let again = next(&*other).await;
    assert_eq!((again.len(), again[0].1), (2, 2), "a crash counts");
}

#[tokio::test]
async fn what_a_dead_process_held_goes_to_others() {
    let directory = Directory::new();
    let broker = broker(&directory.0).await;
    put(&broker, &["a"]).await;
    let one = consumer(&broker).await;
    next(&*one).await;
    // A process that is gone has left its seat behind, and the lock beside it is free.
    let held = directory.0.join("queues/shop%2fq/held");
    let seat = fs::read_dir(&held).unwrap().map(|it| it.unwrap().path());
    let seat = seat.into_iter().find(|it| it.is_dir()).unwrap();
    fs::rename(seat, held.join("gone")).unwrap();
    fs::write(held.join("gone.lock"), "9").unwrap();

    let other = consumer(&broker).await;
    let got = next(&*other).await;
    assert_eq!((&*got[0].0, got[0].1), ("a", 2));
    assert!(!held.join("gone").exists());
}

#[tokio::test]
async fn a_verdict_decides_when_and_with_which_attempt_it_comes_again() {
    let directory = Directory::new();
    let broker = broker(&directory.0).await;
    put(&broker, &["a", "b"]).await;
    let consumer = consumer(&broker).await;
    let got = next(&*consumer).await;
    assert_eq!(settle(&*consumer, &got[0].2, Verdict::Return).await, 0);
    assert_eq!(settle(&*consumer, &got[0].2, Verdict::Ack).await, 1, "late");
    let again = next(&*consumer).await;
    assert_eq!((again.len(), &*again[0].0, again[0].1), (1, "a", 1));
    let later = Verdict::Retry {
        after: Duration::from_millis(30),
        counted: true,
    };
    settle(&*consumer, &again[0].2, later).await;
    let again = next(&*consumer).await;
    assert_eq!((again.len(), &*again[0].0, again[0].1), (1, "a", 2));
    settle(&*consumer, &again[0].2, Verdict::Ack).await;

    let rejected = Verdict::DeadLetter(Cause {
        reason: Reason::Rejected,
        detail: "no".into(),
    });
    settle(&*consumer, &got[1].2, rejected).await;
    let inspect = broker.inspect().unwrap();
    let letters = inspect.dead_letters("shop/q", 9).await.unwrap();
    assert_eq!(&letters[0].message.body[..], b"b");
    assert_eq!((&*letters[0].cause.detail, letters[0].attempts), ("no", 1));
    assert_eq!(inspect.redrive("shop/q", 9).await.unwrap(), 1);
    assert_eq!(next(&*consumer).await[0].1, 1);
    let counts = inspect.counts("shop/q").await.unwrap();
    assert_eq!((counts.in_flight, counts.ready, counts.dead), (1, 0, 0));
}

#[tokio::test]
async fn an_exchange_makes_one_copy_and_what_expires_is_counted() {
    let directory = Directory::new();
    let broker = broker(&directory.0).await;
    let inspect = broker.inspect().unwrap();
    send(&broker, Address::Exchange("topic".into()), "x")
        .await
        .unwrap();
    assert_eq!(inspect.counts("shop/q").await.unwrap().ready, 1);
    for (to, kind) in [
        (Address::Exchange("none".into()), ErrorKind::NotFound),
        (Address::Queue("none".into()), ErrorKind::NotFound),
    ] {
        assert_eq!(send(&broker, to, "x").await, Err(kind));
    }
    let mut outgoing = Outgoing::new(Address::Queue("shop/q".into()), Message::new("y"));
    outgoing.ttl = Some(Duration::ZERO);
    broker.send(std::slice::from_mut(&mut outgoing)).await;
    let consumer = consumer(&broker).await;
    assert_eq!(next(&*consumer).await.len(), 1);
    assert_eq!(inspect.counts("shop/q").await.unwrap().expired, 1);
}

#[tokio::test]
async fn what_it_cannot_do_or_has_otherwise_is_refused() {
    type Ask = fn(&mut QueueDeclaration);
    let directory = Directory::new();
    let broker = broker(&directory.0).await;
    let cases: [(Ask, ErrorKind); 4] = [
        (|it| it.partitions = Some(2), ErrorKind::Unsupported),
        (|it| it.max_priority = 1, ErrorKind::Unsupported),
        (
            |it| {
                it.max_length = Some(MaxLength {
                    messages: 1,
                    overflow: Overflow::Reject,
                });
            },
            ErrorKind::Unsupported,
        ),
        (
            |it| it.ttl = Some(Duration::from_secs(1)),
            ErrorKind::Mismatch,
        ),
    ];
    for (ask, kind) in cases {
        let error = broker.declare(&topology(ask)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains("shop/q"), "{error}");
    }
}

fn to(subject: &str, within: Option<u64>) -> Publication {
    let reply_to = ReplyTo {
        inbox: "inbox".into(),
        number: Some(7),
    };
    let subject: Arc<str> = subject.into();
    Publication {
        to: match within {
            None => Audience::Everyone {
                subject,
                reply_to: Some(reply_to),
            },
            Some(within) => Audience::One {
                subject,
                reply_to,
                within: Duration::from_millis(within),
            },
        },
        sender: "test".into(),
        message: Message::new("x").into(),
        result: None,
    }
}

async fn publish(bus: &FileBus, mut publication: Publication) -> Reach {
    bus.publish(std::slice::from_mut(&mut publication)).await;
    publication.result.unwrap().unwrap()
}

#[tokio::test]
async fn a_slow_listener_loses_what_is_beyond_its_buffer_and_knows_it() {
    let directory = Directory::new();
    let bus = FileBus::new(&directory.0);
    assert_eq!(publish(&bus, to("s", None)).await, Reach::Nobody);
    let interest = || Interest::Signals(vec!["s".into()]);
    let slow = bus.subscribe(interest(), 1).await.unwrap();
    let quick = bus.subscribe(interest(), 9).await.unwrap();
    assert_eq!(publish(&bus, to("s", None)).await, Reach::Subscriptions(2));
    assert_eq!(publish(&bus, to("s", None)).await, Reach::Subscriptions(1));
    for (subscription, heard, lost) in [(slow, 1, 1), (quick, 2, 0)] {
        let mut received = Vec::new();
        subscription.next(9, &mut received).await.unwrap();
        assert_eq!(received.len(), heard);
        assert_eq!(subscription.lost().overflowed, lost);
    }
    assert_eq!(publish(&bus, to("s", None)).await, Reach::Nobody);
}

#[tokio::test]
async fn a_call_is_taken_by_one_and_not_when_it_is_late() {
    let directory = Directory::new();
    let bus = FileBus::new(&directory.0);
    let interest = || Interest::Calls(vec!["c".into()]);
    let one = bus.subscribe(interest(), 9).await.unwrap();
    let other = bus.subscribe(interest(), 9).await.unwrap();
    publish(&bus, to("c", Some(0))).await;
    publish(&bus, to("c", Some(60_000))).await;
    let mut received = Vec::new();
    one.next(9, &mut received).await.unwrap();
    assert!(matches!(&received[0].form, Form::Call { reply_to, .. } if reply_to.number == Some(7)));
    assert_eq!((received.len(), one.lost().late), (1, 1));
    let waited = tokio::time::timeout(Duration::from_millis(30), other.next(9, &mut received));
    assert!(waited.await.is_err());
    assert_eq!(received.len(), 1);
}
