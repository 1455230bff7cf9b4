//! Messages that wait before they are delivered, and those that don't live long enough.

use std::time::Duration;

use tokio::time::Instant;

use crate::testing::suite::equipment::{Scene, bodies, queue, to_queue};

cases! { "timing", Broker:
    a_delayed_message_comes_at_its_time [Delayed] "a delayed message is not delivered before its time, and others pass";
    a_delay_outlives_its_sender [Delayed] "the broker keeps the schedule of a message whose sender is gone";
    a_delayed_message_wakes_who_waits [Delayed] "a consumer that already waits gets a message when its time has come";
    equal_delayed_messages_stay_several [Delayed] "two messages that are equal and wait are two";
    the_smaller_time_to_live_decides [Ttl] "a message expires by its own time to live or the queue's, and is counted";
    what_is_delivered_in_time_does_not_expire [Ttl] "a time to live is that of waiting, not of handling";
}

const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_hours(1);

async fn a_delayed_message_comes_at_its_time(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let began = Instant::now();
    let (soon, late) = (Duration::from_millis(500), Duration::from_millis(1500));
    for (body, after) in [("late", late), ("soon", soon)] {
        let mut outgoing = to_queue("q", body);
        outgoing.after = Some(after);
        broker.send(outgoing).await.expect("it is sent");
    }
    broker.put("q", &["now"]).await;
    broker
        .counts_become("q", |it| it.delayed == 2 && it.ready == 1)
        .await;
    let worker = broker.worker("q", 9).await;
    for (body, at) in [("now", Duration::ZERO), ("soon", soon), ("late", late)] {
        assert_eq!(bodies(&worker.take_and_ack(1).await), [body]);
        assert!(
            began.elapsed() >= at,
            "{body} came after {:?}",
            began.elapsed()
        );
    }
}

async fn a_delay_outlives_its_sender(scene: &Scene) {
    let (broker, sender) = (scene.broker().await, scene.broker().await);
    broker.queue("q").await;
    let mut outgoing = to_queue("q", "a");
    outgoing.after = Some(Duration::from_millis(300));
    sender.send(outgoing).await.expect("it is sent");
    sender.close().await;
    let came = broker.worker("q", 9).await.take_and_ack(1).await;
    assert_eq!((bodies(&came), came[0].attempt), (vec!["a"], 1));
}

async fn a_delayed_message_wakes_who_waits(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let mut far = to_queue("q", "far");
    far.after = Some(LONG);
    broker.send(far).await.expect("it is sent");
    let one = broker.worker("q", 9).await;
    let other = scene.broker().await.worker("q", 9).await;
    let sending = async {
        let mut near = to_queue("q", "near");
        near.after = Some(Duration::from_millis(300));
        broker.send(near).await.expect("it is sent");
    };
    let waiting = async {
        tokio::select! {
            biased;
            came = one.take_and_ack(1) => came,
            came = other.take_and_ack(1) => came,
        }
    };
    let (came, ()) = tokio::join!(waiting, sending);
    assert_eq!(bodies(&came), ["near"]);
}

async fn equal_delayed_messages_stay_several(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let one = to_queue("q", "same");
    for _ in 0..3 {
        let mut outgoing = to_queue("q", "same");
        outgoing.message = one.message.clone();
        outgoing.after = Some(Duration::from_millis(200));
        broker.send(outgoing).await.expect("it is sent");
    }
    let worker = broker.worker("q", 9).await;
    worker.take_and_ack(3).await;
    worker.nothing_comes(Duration::from_millis(200)).await;
}

async fn the_smaller_time_to_live_decides(scene: &Scene) {
    let broker = scene.broker().await;
    let cases = [
        (None, None, true),
        (Some(SHORT), None, false),
        (None, Some(SHORT), false),
        (Some(SHORT), Some(LONG), false),
        (Some(LONG), Some(SHORT), false),
        (Some(LONG), Some(LONG), true),
    ];
    for (number, (own, of_queue, _)) in cases.into_iter().enumerate() {
        let name = format!("q.{number}");
        broker
            .queues(vec![queue(&name, |it| it.ttl = of_queue)])
            .await;
        let mut outgoing = to_queue(&name, "a");
        outgoing.ttl = own;
        broker.send(outgoing).await.expect("it is sent");
    }
    tokio::time::sleep(SHORT * 4).await;
    for (number, (own, of_queue, arrives)) in cases.into_iter().enumerate() {
        let name = format!("q.{number}");
        let worker = broker.worker(&name, 9).await;
        let came = worker.comes_within(Duration::from_millis(300)).await;
        assert_eq!(came.len(), usize::from(arrives), "{own:?} {of_queue:?}");
        let expired = u64::from(!arrives);
        broker
            .counts_become(&name, |it| it.expired == expired && it.ready == 0)
            .await;
    }
}

async fn what_is_delivered_in_time_does_not_expire(scene: &Scene) {
    let broker = scene.broker().await;
    let ttl = Duration::from_secs(3);
    broker
        .queues(vec![queue("q", |it| it.ttl = Some(ttl))])
        .await;
    let worker = broker.worker("q", 9).await;
    broker.put("q", &["a"]).await;
    let held = worker.take_one().await;
    let until = Instant::now() + ttl + SHORT;
    while Instant::now() < until {
        worker.0.renew(&[held.tag]).await.expect("it renews");
        tokio::time::sleep(SHORT * 4).await;
    }
    worker.ack(&held).await;
    broker
        .counts_become("q", |it| it.expired == 0 && it.in_flight == 0)
        .await;
}
