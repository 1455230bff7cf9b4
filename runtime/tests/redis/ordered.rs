//! Ordered queues: of each key one message at a time, over all consumers and connections, whatever becomes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use microagent::testing::delivery::{Policy, Work, consume};
use microagent::{Failure, Outcome};
use tokio::time::sleep;

use super::*;

fn ordered(name: &str) -> QueueDeclaration {
    queue(name, |it| it.partitions = Some(4))
}

fn keyed(key: &str, body: &str) -> Outgoing {
    let mut outgoing = to_queue("q", body);
    Arc::make_mut(&mut outgoing.message).partition_key = Some(key.to_owned().into());
    outgoing
}

async fn put_keyed(redis: &Redis, messages: &[(&str, &str)]) {
    for (key, body) in messages {
        send(redis, keyed(key, body)).await.unwrap();
    }
}

/// What ends a message makes way for the next one of its key, and nothing else does.
#[tokio::test]
async fn a_key_is_busy_until_its_message_is_settled_for_good() {
    on_redis_kept(STREAMS, |redis| async move {
        let soon = Duration::from_millis(300);
        for (number, (verdict, then)) in [
            (Verdict::Ack, ("a2", 1)),
            (rejected("no"), ("a2", 1)),
            (Verdict::Return, ("a1", 1)),
            (retry(soon), ("a1", 2)),
            (retry(Duration::ZERO), ("a1", 2)),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("q{number}");
            declare(&redis, &[ordered(&name)]).await;
            for (key, body) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")] {
                let mut outgoing = keyed(key, body);
                outgoing.to = Address::Queue(name.as_str().into());
                send(&redis, outgoing).await.unwrap();
            }
            let consumer = consumer(&redis, &name, 9).await;
            let first = take(&*consumer, 2).await;
            assert_eq!(bodies(&first), ["a1", "b1"]);
            assert!(first.iter().all(|it| it.partition.is_some()));
            let waiting = counts(&redis, &name).await;
            assert_eq!((waiting.ready, waiting.in_flight), (2, 2), "{name}");
            settle(&*consumer, &first[0], verdict).await;
            let next = take(&*consumer, 1).await;
            assert_eq!((bodies(&next)[0], next[0].attempt), then, "{name}");
            assert_eq!(settle(&*consumer, &first[0], Verdict::Ack).await, 1);
            for delivery in next {
                settle(&*consumer, &delivery, Verdict::Ack).await;
            }
            let rest = if then.0 == "a1" { "a2" } else { "a3" };
            assert_eq!(bodies(&take(&*consumer, 1).await), [rest], "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_retry_waits_beside_others_and_before_those_of_its_key() {
    on_redis_kept(STREAMS, |redis| async move {
        declare(&redis, &[ordered("q")]).await;
        let messages = [("a", "a1"), ("b", "b1"), ("a", "a2"), ("b", "b2")];
        put_keyed(&redis, &messages).await;
        let one = consumer(&redis, "q", 1).await;
        let first = take(&*one, 1).await;
        assert_eq!(bodies(&first), ["a1"]);
        settle(&*one, &first[0], retry(LEASE)).await;
        let delayed = counts(&redis, "q").await;
        assert_eq!((delayed.delayed, delayed.ready), (1, 3));
        for expected in ["b1", "b2", "a1", "a2"] {
            let next = take(&*one, 1).await;
            assert_eq!(bodies(&next), [expected]);
            assert_eq!(next[0].attempt, if expected == "a1" { 2 } else { 1 });
            settle(&*one, &next[0], Verdict::Ack).await;
        }
        assert_eq!(counts(&redis, "q").await.in_flight, 0);
    })
    .await;
}

#[tokio::test]
async fn the_next_of_a_key_waits_for_the_lease_of_who_is_gone() {
    on_redis_kept(STREAMS, |redis| async move {
        declare(&redis, &[ordered("q")]).await;
        put_keyed(&redis, &[("a", "a1"), ("a", "a2")]).await;
        let crashing = consumer(&redis, "q", 9).await;
        let held = take(&*crashing, 1).await;
        drop(crashing);
        let other = consumer(&redis, "q", 9).await;
        let again = take(&*other, 1).await;
        assert_eq!((bodies(&again)[0], again[0].attempt), ("a1", 2));
        assert_eq!(settle(&*other, &held[0], Verdict::Ack).await, 1);
        settle(&*other, &again[0], Verdict::Ack).await;
        assert_eq!(bodies(&take(&*other, 1).await), ["a2"]);
    })
    .await;
}

#[tokio::test]
async fn what_expired_or_was_deleted_holds_up_nobody() {
    on_redis_kept(STREAMS, |redis| async move {
        declare(&redis, &[ordered("q")]).await;
        let mut short = keyed("a", "short");
        short.ttl = Some(Duration::from_millis(50));
        let consumer = consumer(&redis, "q", 9).await;
        put_keyed(&redis, &[("a", "a1")]).await;
        let first = take(&*consumer, 1).await;
        send(&redis, short).await.unwrap();
        put_keyed(&redis, &[("a", "a2")]).await;
        sleep(Duration::from_millis(200)).await;
        settle(&*consumer, &first[0], Verdict::Ack).await;
        assert_eq!(bodies(&take(&*consumer, 1).await), ["a2"]);
        assert_eq!(counts(&redis, "q").await.expired, 1);
    })
    .await;
}

#[tokio::test]
async fn each_ordered_queue_of_an_exchange_reads_its_own_key() {
    on_redis_kept(STREAMS, |redis| async move {
        let by = |name: &str, key: &str| {
            let mut queue = ordered(name);
            queue.key = vec![key.into()];
            queue
        };
        let topology = Topology {
            queues: vec![
                by("users", "user"),
                by("shops", "shop"),
                queue("all", |_| {}),
            ],
            exchanges: vec![ExchangeDeclaration {
                name: "news".into(),
                kind: ExchangeKind::Fanout,
            }],
            bindings: ["users", "shops", "all"]
                .map(|it| Binding {
                    exchange: "news".into(),
                    queue: it.into(),
                    pattern: None,
                })
                .into(),
        };
        redis.declare(&topology).await.unwrap();
        for (user, shop) in [(1, 1), (1, 2), (2, 1)] {
            let body = format!(r#"{{"user":{user},"shop":{shop}}}"#);
            let to = Address::Exchange("news".into());
            send(&redis, Outgoing::new(to, Message::new(body)))
                .await
                .unwrap();
        }
        // One of each key at first.
        for (name, first, then) in [
            ("users", [(1, 1), (2, 1)], (1, 2)),
            ("shops", [(1, 1), (1, 2)], (2, 1)),
        ] {
            let body = |(user, shop)| format!(r#"{{"user":{user},"shop":{shop}}}"#);
            let consumer = consumer(&redis, name, 9).await;
            let held = take(&*consumer, 2).await;
            assert_eq!(bodies(&held), first.map(body));
            settle(&*consumer, &held[0], Verdict::Ack).await;
            assert_eq!(bodies(&take(&*consumer, 1).await), [body(then)]);
        }
        let consumer = consumer(&redis, "all", 9).await;
        assert_eq!(take(&*consumer, 3).await.len(), 3);
    })
    .await;
}

/// What the handlers of all replicas did.
#[derive(Default)]
struct Books {
    running: BTreeSet<String>,
    overlaps: usize,
    seen: BTreeMap<String, Vec<u32>>,
    replicas: BTreeSet<usize>,
}

/// A key that is being handled, until its handler has ended or was cancelled.
struct Running(Arc<Mutex<Books>>, String);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().unwrap().running.remove(&self.1);
    }
}

fn failing_at_times(books: &Arc<Mutex<Books>>, replica: usize) -> Work {
    let books = Arc::clone(books);
    Work::Each(Arc::new(move |delivery: Delivery| {
        let key = delivery.message.partition_key.clone().unwrap();
        let key = String::from_utf8(key.to_vec()).unwrap();
        let attempt = delivery.attempt;
        let number: u32 = bodies(&[delivery])[0].parse().unwrap();
        let running = Running(Arc::clone(&books), key.clone());
        {
            let mut all = books.lock().unwrap();
            all.replicas.insert(replica);
            all.overlaps += usize::from(!all.running.insert(key.clone()));
        }
        Box::pin(async move {
            sleep(Duration::from_millis(10)).await;
            if number % 5 == 2 && attempt == 1 {
                return Err(Failure::retry_after(Duration::from_millis(50)));
            }
            let mut all = running.0.lock().unwrap();
            all.seen.entry(key).or_default().push(number);
            drop(all);
            Outcome::Ok(())
        })
    }))
}

#[tokio::test]
async fn replicas_share_the_keys_and_one_that_crashes_is_followed_in_order() {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    let redis = connect(STREAMS, &prefix).await;
    declare(&redis, &[ordered("q")]).await;
    for number in 0..20 {
        for key in 0..6 {
            let message = keyed(&format!("key {key}"), &number.to_string());
            send(&redis, message).await.unwrap();
        }
    }
    let books: Arc<Mutex<Books>> = Arc::default();
    let policy = Policy {
        concurrency: 2,
        prefetch: Some(2),
        ordered: true,
        ..Policy::default()
    };
    let mut replicas = Vec::new();
    for replica in 0..3 {
        let connection = connect(STREAMS, &prefix).await;
        let work = failing_at_times(&books, replica);
        let consuming = consume(&connection, &"q".into(), policy.clone(), work).await;
        replicas.push((consuming.unwrap(), connection));
    }
    while books
        .lock()
        .unwrap()
        .seen
        .values()
        .map(Vec::len)
        .sum::<usize>()
        < 20
    {
        sleep(Duration::from_millis(5)).await;
    }
    drop(replicas.pop());
    let done = async {
        loop {
            let counts = counts(&redis, "q").await;
            if counts.ready + counts.delayed + counts.in_flight == 0 {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON * 3, done).await.unwrap();
    drop(replicas);
    clean_up(&prefix).await;
    let books = books.lock().unwrap();
    assert_eq!((books.overlaps, books.replicas.len()), (0, 3));
    let all: Vec<_> = (0..20).collect();
    for (key, numbers) in &books.seen {
        // What was done, and not settled when its replica was gone, is done again.
        let mut numbers = numbers.clone();
        numbers.dedup();
        assert_eq!(numbers, all, "{key}");
    }
    assert_eq!(books.seen.len(), 6);
}
