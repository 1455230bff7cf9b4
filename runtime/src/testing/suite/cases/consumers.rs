//! Consumers: how much they get, that they share, and how they stop.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::universal_many::{consume_all, distinct};
use crate::error::ErrorKind;
use crate::testing::suite::equipment::{Scene, bodies, poll_once, to_queue};

cases! { "consumers", Broker:
    no_more_comes_than_was_asked_for [] "a call hands out at least one message and at most its limit";
    no_more_is_held_than_the_prefetch [] "unsettled messages never exceed the prefetch";
    those_who_compete_get_nothing_twice [] "a message that is settled in time goes to one consumer alone";
    who_holds_enough_keeps_nothing_from_others [] "a consumer at its prefetch leaves the rest to others";
    a_call_that_is_dropped_loses_nothing [] "a wait for messages may be dropped at any moment";
    a_message_that_is_sent_wakes_who_waits [] "a consumer that waits gets what is sent then";
    a_queue_that_nobody_declared_is_not_found [] "to consume what does not exist is refused";
    who_stops_gets_no_more_and_may_settle [] "a stopped consumer gets nothing new, and settles what it holds";
    what_was_not_handed_out_goes_to_others_after_a_stop [] "a stop leaves no message behind";
    a_closed_connection_ends_all_on_it [] "closing ends consumers and refuses sends, and closing twice is fine";
    a_closed_connection_gives_back_what_it_held [] "what a closed connection held goes to others";
}

async fn no_more_comes_than_was_asked_for(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 20).await;
    let worker = broker.worker("q", 20).await;
    let mut count = 0;
    for limit in [1, 2, 3, 14] {
        // It panics where more come.
        count += worker.next(limit).await.len();
    }
    let rest = 20 - count;
    worker.take(rest).await;
    let mut nothing = Vec::new();
    let none = worker.0.next(0, &mut nothing).await;
    assert!(
        none.is_ok() && nothing.is_empty(),
        "asked for none: {nothing:?}"
    );
}

async fn no_more_is_held_than_the_prefetch(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 10).await;
    let worker = broker.worker("q", 3).await;
    let held = worker.take(3).await;
    worker.nothing_comes(Duration::from_millis(200)).await;
    broker
        .counts_become("q", |it| it.in_flight == 3 && it.ready == 7)
        .await;
    worker.ack(&held[1]).await;
    assert_eq!(bodies(&worker.next(9).await), ["3"]);
    worker.nothing_comes(Duration::from_millis(200)).await;
}

async fn those_who_compete_get_nothing_twice(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let count = scene.count(400, 10_000);
    let (tell, mut told) = mpsc::channel(count);
    let mut tasks = JoinSet::new();
    for _ in 0..2 {
        let connection = scene.broker().await;
        for prefetch in [1, 7] {
            let worker = connection.worker("q", prefetch).await;
            tasks.spawn(consume_all(worker, tell.clone()));
        }
    }
    for first in (0..count).step_by(100) {
        let to = |it: usize| to_queue("q", &it.to_string());
        broker
            .send_batch((first..first + 100).map(to).collect())
            .await;
    }
    assert_eq!(distinct(&mut told, count).await.len(), count);
    assert!(told.try_recv().is_err(), "nothing comes twice");
    broker
        .counts_become("q", |it| it.ready + it.in_flight == 0)
        .await;
}

async fn who_holds_enough_keeps_nothing_from_others(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["held"]).await;
    let sated = scene.broker().await.worker("q", 1).await;
    let held = sated.take_one().await;
    let mut more = Vec::new();
    let mut waiting = Box::pin(sated.0.next(1, &mut more));
    assert!(poll_once(&mut waiting).await.is_none());
    broker.put_numbers("q", 20).await;
    let other = broker.worker("q", 9).await;
    other.take_and_ack(20).await;
    drop(waiting);
    assert!(more.is_empty());
    sated.ack(&held).await;
}

async fn a_call_that_is_dropped_loses_nothing(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let worker = broker.worker("q", 100).await;
    let mut came = Vec::new();
    for number in 0..50 {
        drop(poll_once(&mut Box::pin(worker.0.next(9, &mut came))).await);
        broker.put("q", &[&number.to_string()]).await;
        let next = worker.0.next(9, &mut came);
        drop(tokio::time::timeout(Duration::from_micros(number * 40), next).await);
    }
    let rest = 50 - came.len();
    came.extend(worker.take(rest).await);
    let expected: Vec<_> = (0..50).map(|it| it.to_string()).collect();
    assert_eq!(bodies(&came), expected);
    assert!(came.iter().all(|it| it.attempt == 1), "{came:?}");
    worker.ack_all(&came).await;
}

async fn a_message_that_is_sent_wakes_who_waits(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let worker = scene.broker().await.worker("q", 9).await;
    let waiting = worker.take_and_ack(1);
    let sending = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        broker.put("q", &["a"]).await;
    };
    let (came, ()) = tokio::join!(waiting, sending);
    assert_eq!(bodies(&came), ["a"]);
}

async fn a_queue_that_nobody_declared_is_not_found(scene: &Scene) {
    let broker = scene.broker().await;
    let refused = broker.try_worker("nowhere", 9).await;
    let kind = refused.err().map(|it| it.kind());
    assert_eq!(kind, Some(ErrorKind::NotFound));
}

async fn who_stops_gets_no_more_and_may_settle(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 1).await;
    let held = worker.take_one().await;
    worker.stop().await;
    worker.stop().await;
    broker.put("q", &["b"]).await;
    worker.has_ended().await;
    worker.ack(&held).await;
    let other = broker.worker("q", 9).await;
    assert_eq!(bodies(&other.take_and_ack(1).await), ["b"]);
    other.nothing_comes(Duration::from_millis(200)).await;
}

async fn what_was_not_handed_out_goes_to_others_after_a_stop(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 20).await;
    let worker = broker.worker("q", 20).await;
    let mut held = worker.next(1).await;
    worker.stop().await;
    // What was assigned already may still come.
    while worker.0.next(1, &mut held).await.is_ok() {}
    worker.ack_all(&held).await;
    let other = broker.worker("q", 20).await;
    let rest = other.take_and_ack(20 - held.len()).await;
    let all: BTreeSet<_> = held
        .iter()
        .chain(&rest)
        .map(|it| it.message.body.clone())
        .collect();
    assert_eq!(all.len(), 20);
    assert!(rest.iter().all(|it| it.attempt == 1) || !broker.capabilities().uncounted_return);
}

async fn a_closed_connection_ends_all_on_it(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let worker = broker.worker("q", 9).await;
    broker.close().await;
    broker.close().await;
    assert!(!worker.0.is_attached());
    worker.has_ended().await;
    let refused = broker.try_send(to_queue("q", "a")).await;
    assert_eq!(refused, Err(ErrorKind::Closed));
    let refused = broker.try_worker("q", 9).await;
    assert_eq!(refused.err().map(|it| it.kind()), Some(ErrorKind::Closed));
}

async fn a_closed_connection_gives_back_what_it_held(scene: &Scene) {
    let (broker, other) = (scene.broker().await, scene.broker().await);
    broker.queue("q").await;
    broker.put("q", &["a", "b", "c"]).await;
    let worker = broker.worker("q", 9).await;
    worker.take(2).await;
    broker.close().await;
    let came = other.worker("q", 9).await.take_and_ack(3).await;
    let distinct: BTreeSet<_> = bodies(&came).into_iter().collect();
    assert_eq!(distinct.len(), 3);
}
