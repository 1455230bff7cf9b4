//! Consumers that are gone without a word, and leases that end.

use std::time::Duration;

use crate::broker::Verdict;
use crate::testing::suite::equipment::{Scene, bodies, body};

cases! { "crashes", Broker:
    what_a_dropped_consumer_held_goes_to_others [] "a consumer that is gone loses nothing, and its settlements are late";
    a_crash_counts_as_an_attempt [CountsCrashes] "what a consumer held when it was gone has an attempt more, what it did not hold has not";
    crashes_add_up [CountsCrashes] "a message that kills its consumers is seen to do so";
    messages_outlive_those_who_sent_them [Durable] "what was confirmed is there when every connection is gone";
    a_lease_ends_unless_it_is_renewed [Lease] "what is not renewed goes to others as the next attempt, and what is renewed stays";
    a_late_settlement_does_nothing [Lease] "after its lease a delivery is settled by its new holder alone";
    what_is_renewed_stays_for_many_leases [Lease] "who goes on renewing goes on holding";
}

async fn what_a_dropped_consumer_held_goes_to_others(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a", "b", "c"]).await;
    let crashing = scene.broker().await.worker("q", 2).await;
    crashing.take(2).await;
    drop(crashing);
    let mut came = broker.worker("q", 9).await.take_and_ack(3).await;
    came.sort_by_key(|it| it.message.body.clone());
    assert_eq!(bodies(&came), ["a", "b", "c"]);
}

async fn a_crash_counts_as_an_attempt(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a", "b"]).await;
    let crashing = broker.worker("q", 1).await;
    let held = crashing.take_one().await;
    drop(crashing);
    let other = broker.worker("q", 9).await;
    // The first may come a lease later.
    let mut again = other.take_and_ack(2).await;
    again.sort_by_key(|it| it.message.body.clone());
    assert_eq!(bodies(&again), ["a", "b"]);
    assert_eq!((again[0].attempt, again[1].attempt), (2, 1));
    assert_eq!(again[0].first_seen, held.first_seen);
    assert_eq!(
        other.settle(&held, Verdict::Ack).await,
        1,
        "of another consumer"
    );
}

async fn crashes_add_up(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["deadly"]).await;
    for attempt in 1..=3 {
        let worker = scene.broker().await.worker("q", 1).await;
        assert_eq!(worker.take_one().await.attempt, attempt);
    }
}

async fn messages_outlive_those_who_sent_them(scene: &Scene) {
    let sender = scene.broker().await;
    sender.queue("q").await;
    sender.put("q", &["a", "b"]).await;
    sender.close().await;
    drop(sender);
    let came = scene
        .broker()
        .await
        .worker("q", 9)
        .await
        .take_and_ack(2)
        .await;
    assert_eq!(bodies(&came), ["a", "b"]);
}

/// How often a holder renews, as the runtime does.
fn third(lease: Option<Duration>) -> Duration {
    lease.expect("the case needs it") / 3
}

async fn a_lease_ends_unless_it_is_renewed(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["lost", "kept"]).await;
    let one = broker.worker("q", 2).await;
    let held = one.take(2).await;
    let other = scene.broker().await.worker("q", 9).await;
    let renewing = async {
        loop {
            one.0.renew(&[held[1].tag]).await.expect("it renews");
            tokio::time::sleep(third(broker.capabilities().lease)).await;
        }
    };
    let again = tokio::select! {
        biased;
        again = other.take_one() => again,
        () = renewing => unreachable!("it renews until it is dropped"),
    };
    assert_eq!((body(&again), again.attempt), ("lost", 2));
    other.ack(&again).await;
    one.ack(&held[1]).await;
}

async fn a_late_settlement_does_nothing(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let one = broker.worker("q", 1).await;
    let held = one.take_one().await;
    let other = scene.broker().await.worker("q", 1).await;
    let again = other.take_one().await;
    one.0
        .renew(&[held.tag])
        .await
        .expect("what is not held is left out");
    for verdict in [Verdict::Ack, Verdict::Return] {
        assert_eq!(one.settle(&held, verdict).await, 1);
    }
    other.ack(&again).await;
    broker
        .counts_become("q", |it| it.ready + it.delayed + it.in_flight == 0)
        .await;
}

async fn what_is_renewed_stays_for_many_leases(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["long"]).await;
    let one = broker.worker("q", 1).await;
    let held = one.take_one().await;
    let other = scene.broker().await.worker("q", 1).await;
    for _ in 0..8 {
        one.0.renew(&[held.tag]).await.expect("it renews");
        other
            .nothing_comes(third(broker.capabilities().lease))
            .await;
    }
    one.ack(&held).await;
}
