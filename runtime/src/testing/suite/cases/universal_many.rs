//! Watermill's universal cases with many messages, consumers or connections.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::broker::{Settlement, Verdict};
use crate::message::Delivery;
use crate::testing::suite::equipment::{Broker, PATIENCE, Scene, Worker, bodies, retry, to_queue};

cases! { "universal", Broker:
    concurrent_subscribe [] "many consumers of one queue share all messages";
    concurrent_subscribe_multiple_topics [] "many queues of one connection are consumed at once";
    continue_after_subscribe_close [] "consumers that come and go lose nothing between them";
    concurrent_close [] "connections that close at once harm nobody";
    continue_after_errors [] "however often messages fail, none is lost";
    publisher_close [] "many senders at once lose nothing";
    reconnect [Switch] "connections that are lost under many senders lose nothing that was confirmed";
}

/// Settles all that comes, and tells of each.
pub(super) async fn consume_all(worker: Worker, told: mpsc::Sender<Delivery>) {
    loop {
        let mut deliveries = Vec::new();
        if worker.0.next(100, &mut deliveries).await.is_err() {
            return;
        }
        for delivery in deliveries {
            if acknowledged(&worker, &delivery).await && told.send(delivery).await.is_err() {
                return;
            }
        }
    }
}

/// Whether it was in time, asked as often as a lost connection makes that necessary. Late after an error is in time: it was
/// done, and the answer was lost.
async fn acknowledged(worker: &Worker, delivery: &Delivery) -> bool {
    let (tag, verdict) = (delivery.tag, Verdict::Ack);
    let mut batch = vec![Settlement { tag, verdict }];
    let mut failed = false;
    loop {
        match worker.0.settle(&mut batch).await {
            Ok(settled) => return settled.late == 0 || failed,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
        failed = true;
    }
}

/// The numbers of that many distinct messages.
pub(super) async fn distinct(told: &mut mpsc::Receiver<Delivery>, count: usize) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    while numbers.len() < count {
        let next = tokio::time::timeout(PATIENCE, told.recv()).await;
        let Ok(Some(delivery)) = next else {
            panic!("{} of {count} came", numbers.len());
        };
        numbers.insert(number_of(&delivery));
    }
    numbers
}

fn number_of(delivery: &Delivery) -> usize {
    let text = std::str::from_utf8(&delivery.message.body).unwrap_or_default();
    text.parse().expect("a number that the case sent")
}

/// Watermill: `TestConcurrentSubscribe`, 5000 messages and 50 subscribers, 100 and 10 in a quick run.
async fn concurrent_subscribe(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let (count, consumers) = (scene.count(100, 5000), scene.count(10, 50));
    broker.put_numbers("q", count).await;
    let (tell, mut told) = mpsc::channel(count);
    let mut tasks = JoinSet::new();
    for _ in 0..consumers {
        let worker = scene.broker().await.worker("q", 10).await;
        tasks.spawn(consume_all(worker, tell.clone()));
    }
    assert_eq!(distinct(&mut told, count).await.len(), count);
    assert!(told.try_recv().is_err(), "nothing comes twice");
}

/// Watermill: `TestConcurrentSubscribeMultipleTopics`, 100 messages on each of 20 topics, 50 on 10 in a quick run.
async fn concurrent_subscribe_multiple_topics(scene: &Scene) {
    let broker = scene.broker().await;
    let (count, queues) = (scene.count(50, 100), scene.count(10, 20));
    let mut tasks = JoinSet::new();
    for number in 0..queues {
        let (broker, name) = (broker.clone(), format!("q.{number}"));
        tasks.spawn(async move {
            broker.queue(&name).await;
            broker.put_numbers(&name, count).await;
            let came = broker.worker(&name, 20).await.take_and_ack(count).await;
            let expected: Vec<_> = (0..count).map(|it| it.to_string()).collect();
            assert_eq!(bodies(&came), expected, "{name}");
        });
    }
    assert_eq!(tasks.join_all().await.len(), queues);
}

/// Watermill: `TestContinueAfterSubscribeClose`, 5000 messages read in 5 turns, 50 in 2 in a quick run.
async fn continue_after_subscribe_close(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let (count, turns) = (scene.count(50, 5000), scene.count(2, 5));
    broker.put_numbers("q", count).await;
    let mut seen = BTreeSet::new();
    for _ in 0..turns {
        let other = scene.broker().await;
        let worker = other.worker("q", 100).await;
        let came = worker.take_and_ack(count / turns).await;
        seen.extend(came.iter().map(number_of));
        // It leaves with messages in its hands.
        if seen.len() < count {
            worker.next(100).await;
        }
        other.close().await;
    }
    assert_eq!(seen.len(), count);
}

/// Watermill: `TestConcurrentClose`, 10 subscribers that close at once, and 50 messages.
async fn concurrent_close(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let other = scene.broker().await;
        tasks.spawn(async move {
            let worker = other.worker("q", 9).await;
            other.close().await;
            worker.has_ended().await;
        });
    }
    tasks.join_all().await;
    let sender = scene.broker().await;
    sender.put_numbers("q", 50).await;
    sender.close().await;
    let worker = broker.worker("q", 50).await;
    let came = worker.take_and_ack(50).await;
    let distinct: BTreeSet<_> = came.iter().map(number_of).collect();
    assert_eq!(distinct.len(), 50);
}

/// Watermill: `TestContinueAfterErrors`, 50 messages, 3 subscribers with 100 errors each, one with 5 in a quick run.
async fn continue_after_errors(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 50).await;
    let (consumers, errors) = (scene.count(1, 3), scene.count(5, 100));
    for _ in 0..consumers {
        let other = scene.broker().await;
        let worker = other.worker("q", 1).await;
        for _ in 0..errors {
            let failed = worker.take_one().await;
            assert_eq!(worker.settle(&failed, retry(Duration::ZERO)).await, 0);
        }
        other.close().await;
    }
    let came = broker.worker("q", 50).await.take_and_ack(50).await;
    let distinct: BTreeSet<_> = came.iter().map(number_of).collect();
    assert_eq!(distinct.len(), 50);
    let failures: u32 = came.iter().map(|it| it.attempt - 1).sum();
    // Who closes may hold one more, which counts where crashes do.
    let most = consumers * (errors + 1);
    assert!(
        (consumers * errors..=most).contains(&(failures as usize)),
        "{failures}"
    );
}

/// Watermill: `TestPublisherClose`, 10,000 messages of 20 senders at once, 100 in a quick run.
async fn publisher_close(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let count = scene.count(100, 10_000);
    let sender = scene.broker().await;
    let mut tasks = JoinSet::new();
    for first in 0..20 {
        let sender = sender.clone();
        tasks.spawn(async move {
            for number in (first..count).step_by(20) {
                sender.put("q", &[&number.to_string()]).await;
            }
        });
    }
    tasks.join_all().await;
    sender.close().await;
    let came = broker.worker("q", 100).await.take_and_ack(count).await;
    let distinct: BTreeSet<_> = came.iter().map(number_of).collect();
    assert_eq!(distinct.len(), count);
}

/// Watermill: `TestReconnect`, 10,000 messages of 100 senders and two restarts, 500 of 10 in a quick run. Here connections are
/// cut; a server that is restarted is the matter of its backend's own tests.
async fn reconnect(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let (count, senders) = (scene.count(500, 10_000), scene.count(10, 100));
    let (tell, mut told) = mpsc::channel(count);
    let mut tasks = JoinSet::new();
    tasks.spawn(consume_all(
        scene.broker().await.worker("q", 50).await,
        tell,
    ));
    let sent = Arc::new(tokio::sync::Semaphore::new(0));
    for first in 0..senders {
        let (broker, sent) = (broker.clone(), Arc::clone(&sent));
        tasks.spawn(async move {
            for number in (first..count).step_by(senders) {
                send_surely(&broker, &number.to_string()).await;
                sent.add_permits(1);
            }
        });
    }
    for part in [count / 3, count / 2 - count / 3] {
        let reached = sent.acquire_many(u32::try_from(part).expect("a small number"));
        let reached = tokio::time::timeout(PATIENCE, reached).await;
        reached
            .expect("sending goes on")
            .expect("it is never closed")
            .forget();
        scene.lose_connections(Duration::from_millis(200));
    }
    assert_eq!(distinct(&mut told, count).await.len(), count);
}

/// Sends until it is confirmed, as many times as it takes.
pub(super) async fn send_surely(broker: &Broker, body: &str) {
    while broker.send(to_queue("q", body)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
