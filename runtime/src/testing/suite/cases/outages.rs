//! Connections that are lost, where the place can cut them.

use std::time::Duration;

use super::universal_many::send_surely;
use crate::broker::Verdict;
use crate::testing::suite::equipment::{
    PATIENCE, Scene, becomes, bodies, body, calls, everyone, one, signals, texts, to_queue,
};

cases! { "outages", Switch:
    a_consumer_comes_back_by_itself [Broker] "a consumer attaches again after its connection was lost, and consumes";
    what_was_held_when_the_connection_was_lost_comes_again [Broker] "a lost connection ends what was held: it comes again, and settling it is late or was in time";
    a_send_over_a_lost_connection_says_so [Broker] "a send that has not arrived fails with what may work later";
    a_subscription_comes_back_and_counts_the_gap [Bus] "a subscription attaches again and counts what it may have missed";
    calls_are_answered_after_the_connection_is_back [Bus, Calls] "who answers calls does so again";
}

const AWAY: Duration = Duration::from_millis(500);

async fn a_consumer_comes_back_by_itself(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let worker = broker.worker("q", 9).await;
    for text in ["before", "after", "after that"] {
        send_surely(&broker, text).await;
        // One that nobody confirmed may come twice.
        loop {
            let delivery = worker.take_one().await;
            worker.settle(&delivery, Verdict::Ack).await;
            if body(&delivery) == text {
                break;
            }
        }
        scene.lose_connections(AWAY);
        becomes("the loss is noticed", async || !worker.0.is_attached()).await;
        worker.is_attached_again().await;
    }
}

async fn what_was_held_when_the_connection_was_lost_comes_again(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    scene.lose_connections(AWAY);
    becomes("the loss is noticed", async || !worker.0.is_attached()).await;
    let again = worker.take_one().await;
    assert_eq!(body(&again), "a");
    if broker.capabilities().counts_crashes {
        assert_eq!(again.attempt, 2);
    }
    assert_eq!(worker.settle(&held, Verdict::Ack).await, 1, "an old tag");
    worker.ack(&again).await;
    worker.nothing_comes(broker.past_lease()).await;
}

async fn a_send_over_a_lost_connection_says_so(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    scene.lose_connections(PATIENCE / 4);
    let failed = broker.try_send(to_queue("q", "a")).await;
    let kind = failed.expect_err("nobody can have confirmed it");
    assert!(kind.is_transient(), "{kind:?}");
    send_surely(&broker, "b").await;
    let worker = broker.worker("q", 9).await;
    let mut came = Vec::new();
    while !bodies(&came).contains(&"b") {
        came.extend(worker.take_and_ack(1).await);
    }
}

async fn a_subscription_comes_back_and_counts_the_gap(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = here.listen(signals(&["s"]), 99).await;
    there.emit("s", "before").await;
    assert_eq!(texts(&ear.hear(1).await), ["before"]);
    assert_eq!(ear.0.lost().gaps, 0);
    scene.lose_connections(AWAY);
    becomes("the loss is noticed", async || !ear.0.is_attached()).await;
    ear.is_attached_again().await;
    assert_eq!(ear.0.lost().gaps, 1);
    becomes("it can be published again", async || {
        there.say(everyone("s"), "after").await.is_ok()
    })
    .await;
    assert_eq!(texts(&ear.hear(1).await), ["after"]);
}

async fn calls_are_answered_after_the_connection_is_back(scene: &Scene) {
    let (here, there) = (scene.bus().await, scene.bus().await);
    let ear = here.listen(calls(&["c"]), 99).await;
    scene.lose_connections(AWAY);
    becomes("the loss is noticed", async || !ear.0.is_attached()).await;
    ear.is_attached_again().await;
    becomes("it can be called again", async || {
        use crate::bus::Reach;
        !matches!(
            there.say(one("c", PATIENCE), "x").await,
            Err(_) | Ok(Reach::Nobody)
        )
    })
    .await;
    assert_eq!(texts(&ear.hear(1).await), ["x"]);
}
