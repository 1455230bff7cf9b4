//! Queues with a length, and priorities.

use std::sync::Arc;

use crate::broker::{MaxLength, Overflow, Verdict};
use crate::error::ErrorKind;
use crate::testing::suite::equipment::{Broker, Scene, bodies, queue, to_queue};

cases! { "limits", Broker:
    a_full_queue_rejects [OverflowReject] "one message more than a queue may have is refused as full";
    room_is_made_by_settling [OverflowReject] "what is held counts against the length until it is settled";
    a_full_queue_drops_the_oldest [OverflowDropOldest] "one message more than a queue may have takes the place of the oldest that waits";
    what_is_held_is_never_dropped [OverflowDropOldest] "where all is held, one message more is refused as full";
    what_waits_for_its_time_counts [OverflowReject, Delayed] "delayed messages count against the length";
    a_batch_beyond_the_length_is_told_one_by_one [OverflowReject] "of a batch as much is taken as there is room, and each message is told";
    higher_priorities_come_first [Priorities] "larger priorities come first, and those beyond the queue's largest count as it";
}

/// A length.
pub(super) fn of(messages: usize, overflow: Overflow) -> MaxLength {
    MaxLength { messages, overflow }
}

async fn bounded(scene: &Scene, messages: usize, overflow: Overflow) -> Broker {
    let broker = scene.broker().await;
    let limit = of(messages, overflow);
    broker
        .queues(vec![queue("q", |it| it.max_length = Some(limit))])
        .await;
    broker
}

async fn a_full_queue_rejects(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::Reject).await;
    broker.put("q", &["a", "b"]).await;
    // Whoever sends, from wherever.
    for sender in [&broker, &scene.broker().await] {
        let refused = sender.try_send(to_queue("q", "c")).await;
        assert_eq!(refused, Err(ErrorKind::Full));
    }
    let worker = broker.worker("q", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(2).await), ["a", "b"]);
}

async fn room_is_made_by_settling(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::Reject).await;
    broker.put("q", &["a", "b"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take(2).await;
    let refused = broker.try_send(to_queue("q", "c")).await;
    assert_eq!(refused, Err(ErrorKind::Full));
    worker.ack(&held[0]).await;
    broker.put("q", &["c"]).await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["c"]);
}

async fn a_full_queue_drops_the_oldest(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::DropOldest).await;
    broker.put("q", &["a", "b", "c", "d"]).await;
    broker
        .counts_become("q", |it| it.dropped == 2 && it.ready == 2)
        .await;
    let worker = broker.worker("q", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(2).await), ["c", "d"]);
}

async fn what_is_held_is_never_dropped(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::DropOldest).await;
    broker.put("q", &["a", "b"]).await;
    let worker = broker.worker("q", 2).await;
    let held = worker.take(2).await;
    let refused = broker.try_send(to_queue("q", "c")).await;
    assert_eq!(refused, Err(ErrorKind::Full));
    assert_eq!(worker.settle(&held[0], Verdict::Ack).await, 0);
    assert_eq!(worker.settle(&held[1], Verdict::Ack).await, 0);
    broker.put("q", &["c"]).await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["c"]);
}

async fn what_waits_for_its_time_counts(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::Reject).await;
    let mut delayed = to_queue("q", "later");
    delayed.after = Some(std::time::Duration::from_hours(1));
    broker.send(delayed).await.expect("it is sent");
    broker.put("q", &["a"]).await;
    let refused = broker.try_send(to_queue("q", "b")).await;
    assert_eq!(refused, Err(ErrorKind::Full));
}

async fn a_batch_beyond_the_length_is_told_one_by_one(scene: &Scene) {
    let broker = bounded(scene, 2, Overflow::Reject).await;
    let mut batch: Vec<_> = ["a", "b", "c", "d"].map(|it| to_queue("q", it)).into();
    broker.0.send(&mut batch).await;
    let results = batch.into_iter().map(|it| it.result.expect("each has one"));
    let results: Vec<_> = results.map(|it| it.map_err(|it| it.kind())).collect();
    let full = Err(ErrorKind::Full);
    assert_eq!(results, [Ok(()), Ok(()), full, full]);
    let worker = broker.worker("q", 9).await;
    assert_eq!(bodies(&worker.take_and_ack(2).await), ["a", "b"]);
}

async fn higher_priorities_come_first(scene: &Scene) {
    let broker = scene.broker().await;
    broker
        .queues(vec![queue("q", |it| it.max_priority = 5)])
        .await;
    for (body, priority) in [("a", 0), ("b", 5), ("c", 1), ("d", 200), ("e", 1)] {
        let mut outgoing = to_queue("q", body);
        Arc::make_mut(&mut outgoing.message).priority = priority;
        broker.send(outgoing).await.expect("it is sent");
    }
    let worker = broker.worker("q", 9).await;
    assert_eq!(bodies(&worker.take(5).await), ["b", "d", "c", "e", "a"]);
}
