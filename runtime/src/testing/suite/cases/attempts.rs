//! What each verdict makes of a message.

use std::time::Duration;

use tokio::time::Instant;

use crate::broker::{Settlement, Verdict};
use crate::testing::suite::equipment::{PATIENCE, Scene, bodies, body, rejected, retry, to_queue};

cases! { "attempts", Broker:
    what_is_acknowledged_never_comes_again [] "an acknowledged message is gone, past all leases";
    a_retry_waits_its_time_and_counts [] "a retry comes after its time, as the next attempt of the same message";
    a_retry_without_a_wait_comes_at_once [] "a retry after no time is an attempt like any";
    an_uncounted_retry_keeps_its_attempt [] "a retry that does not count comes after its time with the same attempt";
    others_pass_a_retry [] "while a retry waits, others are delivered";
    attempts_go_on_wherever_it_comes_next [] "attempts are counted in what is stored, over consumers and connections";
    a_retry_outlives_who_asked_for_it [] "the broker keeps the schedule of a retry when consumer and connection are gone";
    equal_messages_that_wait_stay_several [] "two messages that are equal and wait are two";
    what_is_handed_back_keeps_its_place [UncountedReturn] "what is handed back comes again in its place with the same attempt";
    a_batch_has_a_verdict_for_each [] "each of a batch of settlements has its own verdict";
    settling_twice_does_nothing [] "a second settlement is late, changes nothing and is no error";
}

/// Long enough to be told from at once, short enough to wait for.
const WAIT: Duration = Duration::from_millis(400);

fn uncounted(after: Duration) -> Verdict {
    Verdict::Retry {
        after,
        counted: false,
    }
}

async fn what_is_acknowledged_never_comes_again(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    assert_eq!(held.attempt, 1);
    worker.ack(&held).await;
    worker.nothing_comes(broker.past_lease()).await;
}

async fn a_retry_waits_its_time_and_counts(scene: &Scene) {
    comes_again(scene, retry(WAIT), WAIT, 2).await;
}

async fn a_retry_without_a_wait_comes_at_once(scene: &Scene) {
    comes_again(scene, retry(Duration::ZERO), Duration::ZERO, 2).await;
}

async fn an_uncounted_retry_keeps_its_attempt(scene: &Scene) {
    comes_again(scene, uncounted(WAIT), WAIT, 1).await;
}

/// The same message, not before that and as that attempt.
async fn comes_again(scene: &Scene, verdict: Verdict, after: Duration, attempt: u32) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let first = worker.take_one().await;
    let began = Instant::now();
    assert_eq!(worker.settle(&first, verdict).await, 0);
    let again = worker.take_one().await;
    assert!(began.elapsed() >= after, "too early: {:?}", began.elapsed());
    assert_eq!(again.attempt, attempt);
    assert_eq!(again.message, first.message);
    assert_eq!(again.first_seen, first.first_seen);
    worker.ack(&again).await;
}

async fn others_pass_a_retry(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["fails", "a", "b"]).await;
    let worker = broker.worker("q", 1).await;
    let failed = worker.take_one().await;
    worker.settle(&failed, retry(WAIT)).await;
    let rest = worker.take_and_ack(3).await;
    assert_eq!(bodies(&rest), ["a", "b", "fails"]);
}

async fn attempts_go_on_wherever_it_comes_next(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    for attempt in 1..=5 {
        let other = scene.broker().await;
        let worker = other.worker("q", 1).await;
        let held = worker.take_one().await;
        assert_eq!(held.attempt, attempt);
        worker.settle(&held, retry(Duration::ZERO)).await;
        worker.stop().await;
        other.close().await;
    }
}

async fn a_retry_outlives_who_asked_for_it(scene: &Scene) {
    let (broker, other) = (scene.broker().await, scene.broker().await);
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = other.worker("q", 1).await;
    let held = worker.take_one().await;
    worker.settle(&held, retry(WAIT)).await;
    drop(worker);
    other.close().await;
    let again = broker.worker("q", 1).await.take_one().await;
    assert_eq!((body(&again), again.attempt), ("a", 2));
}

async fn equal_messages_that_wait_stay_several(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["same", "same", "same"]).await;
    let worker = broker.worker("q", 9).await;
    for held in worker.take(3).await {
        worker.settle(&held, retry(WAIT)).await;
    }
    let again = worker.take_and_ack(3).await;
    assert!(again.iter().all(|it| it.attempt == 2), "{again:?}");
}

async fn what_is_handed_back_keeps_its_place(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a", "b", "c"]).await;
    let one = broker.worker("q", 2).await;
    let held = one.take(2).await;
    one.stop().await;
    one.settle(&held[1], Verdict::Return).await;
    one.settle(&held[0], Verdict::Return).await;
    let again = broker.worker("q", 9).await.take(3).await;
    assert_eq!(bodies(&again), ["a", "b", "c"]);
    assert!(again.iter().all(|it| it.attempt == 1), "{again:?}");
}

async fn a_batch_has_a_verdict_for_each(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let names = ["ack", "retry", "uncounted", "return", "dead"];
    broker.put("q", &names).await;
    let worker = broker.worker("q", 5).await;
    let held = worker.take(5).await;
    let verdicts = [
        Verdict::Ack,
        retry(Duration::ZERO),
        uncounted(Duration::ZERO),
        Verdict::Return,
        rejected("no"),
    ];
    let tags = held.iter().map(|it| it.tag);
    let batch = tags
        .zip(verdicts)
        .map(|(tag, verdict)| Settlement { tag, verdict });
    assert_eq!(worker.settle_batch(batch.collect()).await, 0);
    let mut again = worker.take(3).await;
    again.sort_by_key(|it| it.message.body.clone());
    assert_eq!(bodies(&again), ["retry", "return", "uncounted"]);
    let returned = if broker.capabilities().uncounted_return {
        1
    } else {
        again[1].attempt
    };
    let attempts: Vec<_> = again.iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [2, returned, 1]);
    worker.ack_all(&again).await;
    broker
        .counts_become("q", |it| {
            it.ready + it.delayed + it.in_flight == 0 && it.dead == 1
        })
        .await;
}

async fn settling_twice_does_nothing(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.send(to_queue("q", "a")).await.expect("it is sent");
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    worker.settle(&held, retry(Duration::ZERO)).await;
    for verdict in [
        Verdict::Ack,
        rejected("no"),
        Verdict::Return,
        retry(PATIENCE),
    ] {
        assert_eq!(worker.settle(&held, verdict).await, 1);
    }
    let again = worker.take_one().await;
    assert_eq!(again.attempt, 2);
    assert_eq!(worker.settle(&held, Verdict::Ack).await, 1, "an old tag");
    worker.ack(&again).await;
}
