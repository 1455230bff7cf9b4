//! Queues that are ordered by key.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::broker::Verdict;
use crate::message::{Delivery, Outgoing};
use crate::testing::suite::equipment::{
    Broker, PATIENCE, Scene, Worker, bodies, body, fan, queue, rejected, retry, to_exchange,
    to_queue,
};

cases! { "ordered", Broker:
    one_message_of_a_key_at_a_time [Ordered] "a message comes when the one before it of its key is settled, whoever consumes";
    a_failed_message_holds_up_its_own_key [Ordered] "while a retry waits, its key waits and other keys go on";
    a_dead_letter_lets_its_key_go_on [Ordered] "a message that is given up frees its key";
    a_crash_keeps_the_order [Ordered, CountsCrashes] "what a consumer held when it was gone comes before what is behind it";
    order_holds_under_load_and_failures [Ordered] "many keys, consumers and failures leave each key in order";
    a_partition_is_fixed_by_the_key [Ordered] "messages of one key have one partition, within the declared number";
    each_queue_of_an_exchange_reads_its_own_key [OrderedCopies, Fanout] "a copy has the key that its queue reads in the body";
    dead_letters_have_a_key_of_their_own [Ordered] "an ordered queue of dead letters reads its own key";
}

fn with_key(key: &str, body: &str) -> Outgoing {
    let mut outgoing = to_queue("q", body);
    Arc::make_mut(&mut outgoing.message).partition_key = Some(key.to_owned().into());
    outgoing
}

async fn ordered(scene: &Scene) -> Broker {
    let broker = scene.broker().await;
    broker
        .queues(vec![queue("q", |it| it.partitions = Some(4))])
        .await;
    broker
}

async fn put(broker: &Broker, messages: &[(&str, &str)]) {
    let batch = messages.iter().map(|(key, body)| with_key(key, body));
    broker.send_batch(batch.collect()).await;
}

const SHORT: Duration = Duration::from_millis(200);

async fn one_message_of_a_key_at_a_time(scene: &Scene) {
    let broker = ordered(scene).await;
    put(&broker, &[("x", "x1"), ("x", "x2"), ("x", "x3")]).await;
    let one = broker.worker("q", 9).await;
    let other = scene.broker().await.worker("q", 9).await;
    for expected in ["x1", "x2", "x3"] {
        let (held, holder, idle) = tokio::select! {
            biased;
            held = one.take_one() => (held, &one, &other),
            held = other.take_one() => (held, &other, &one),
        };
        assert_eq!(body(&held), expected);
        idle.nothing_comes(SHORT).await;
        holder.nothing_comes(SHORT).await;
        holder.ack(&held).await;
    }
}

async fn a_failed_message_holds_up_its_own_key(scene: &Scene) {
    let broker = ordered(scene).await;
    put(
        &broker,
        &[("x", "x1"), ("x", "x2"), ("y", "y1"), ("y", "y2")],
    )
    .await;
    let worker = broker.worker("q", 9).await;
    let mut first = worker.take(2).await;
    first.sort_by_key(|it| it.message.body.clone());
    assert_eq!(bodies(&first), ["x1", "y1"]);
    worker
        .settle(&first[0], retry(Duration::from_millis(500)))
        .await;
    worker.ack(&first[1]).await;
    let came = worker.take_and_ack(3).await;
    assert_eq!(bodies(&came), ["y2", "x1", "x2"]);
    assert_eq!(came[1].attempt, 2);
}

async fn a_dead_letter_lets_its_key_go_on(scene: &Scene) {
    let broker = ordered(scene).await;
    put(&broker, &[("x", "x1"), ("x", "x2")]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    worker.settle(&held, rejected("no")).await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["x2"]);
}

async fn a_crash_keeps_the_order(scene: &Scene) {
    let broker = ordered(scene).await;
    put(&broker, &[("x", "x1"), ("x", "x2"), ("x", "x3")]).await;
    let crashing = scene.broker().await.worker("q", 9).await;
    crashing.take_one().await;
    drop(crashing);
    let came = broker.worker("q", 9).await.take_and_ack(3).await;
    assert_eq!(bodies(&came), ["x1", "x2", "x3"]);
    let attempts: Vec<_> = came.iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [2, 1, 1]);
}

/// Fails each message whose number has this digit on its first attempt, and tells of what is done before it is settled, since
/// the next of the key may come at once.
async fn work(worker: Worker, done: mpsc::Sender<Delivery>) {
    loop {
        for delivery in worker.next(5).await {
            if delivery.attempt == 1 && delivery.message.body.ends_with(b"3") {
                worker
                    .settle(&delivery, retry(Duration::from_millis(50)))
                    .await;
                continue;
            }
            let _ = done.send(delivery.clone()).await;
            worker.settle(&delivery, Verdict::Ack).await;
        }
    }
}

async fn order_holds_under_load_and_failures(scene: &Scene) {
    let broker = ordered(scene).await;
    let (keys, each) = (16, scene.count(10, 200));
    let (done, mut told) = mpsc::channel(keys * each);
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let worker = scene.broker().await.worker("q", 10).await;
        tasks.spawn(work(worker, done.clone()));
    }
    for number in 0..each {
        let to = |key: usize| with_key(&key.to_string(), &format!("{key} {number}"));
        broker.send_batch((0..keys).map(to).collect()).await;
    }
    let mut reached = BTreeMap::<String, usize>::new();
    for count in 0..keys * each {
        let next = tokio::time::timeout(PATIENCE, told.recv()).await;
        let Ok(Some(delivery)) = next else {
            panic!("{count} of {} came", keys * each);
        };
        let body = String::from_utf8_lossy(&delivery.message.body).into_owned();
        let (key, number) = body.split_once(' ').expect("as it was sent");
        let next = reached.entry(key.to_owned()).or_default();
        assert_eq!(number, next.to_string(), "of key {key}");
        *next += 1;
    }
}

async fn a_partition_is_fixed_by_the_key(scene: &Scene) {
    let broker = ordered(scene).await;
    let worker = broker.worker("q", 1).await;
    let mut partitions = BTreeMap::new();
    for _ in 0..2 {
        for key in ["a", "b", "c", "d", "e"] {
            put(&broker, &[(key, key)]).await;
            let came = worker.take_and_ack(1).await.remove(0);
            let partition = came.partition.expect("an ordered queue has partitions");
            assert!(partition < 4, "{came:?}");
            assert_eq!(*partitions.entry(key).or_insert(partition), partition);
        }
    }
}

async fn each_queue_of_an_exchange_reads_its_own_key(scene: &Scene) {
    let broker = scene.broker().await;
    let mut topology = fan("all", &["by.user", "by.shop"]);
    for (declaration, key) in topology.queues.iter_mut().zip(["user", "shop"]) {
        declaration.partitions = Some(2);
        declaration.key = vec![key.into()];
    }
    broker.declare(&topology).await.expect("it is declared");
    for body in [
        r#"{"user":"a","shop":1}"#,
        r#"{"user":"b","shop":1}"#,
        r#"{"user":"a","shop":2}"#,
        "no object",
    ] {
        broker
            .send(to_exchange("all", "", body))
            .await
            .expect("it is sent");
    }
    // One message per key is on its way at a time; what has no key is in order among itself.
    for (queue, keys) in [
        ("by.user", [Some("a"), Some("b"), None]),
        ("by.shop", [Some("1"), Some("2"), None]),
    ] {
        let worker = broker.worker(queue, 9).await;
        let held = worker.comes_within(SHORT).await;
        let mut came: Vec<_> = held
            .iter()
            .map(|it| it.message.partition_key.clone())
            .collect();
        let mut expected: Vec<_> = keys
            .map(|it| it.map(|it| it.as_bytes().to_vec().into()))
            .into();
        came.sort();
        expected.sort();
        assert_eq!(came, expected, "{queue}");
    }
}

async fn dead_letters_have_a_key_of_their_own(scene: &Scene) {
    let broker = scene.broker().await;
    let main = queue("q", |it| {
        it.dead_letter = Some("morgue".into());
        it.partitions = Some(2);
    });
    let morgue = queue("morgue", |it| {
        it.key = vec!["user".into()];
        it.partitions = Some(2);
    });
    broker.queues(vec![main, morgue]).await;
    let worker = broker.worker("q", 1).await;
    for user in ["ada", "bob"] {
        put(&broker, &[("left", &format!(r#"{{"user":"{user}"}}"#))]).await;
        let held = worker.take_one().await;
        worker.settle(&held, rejected("no")).await;
    }
    let dead = broker.worker("morgue", 9).await.take(2).await;
    let mut keys: Vec<_> = dead
        .iter()
        .map(|it| it.message.partition_key.clone())
        .collect();
    keys.sort();
    assert_eq!(keys, [Some("ada".into()), Some("bob".into())]);
}
