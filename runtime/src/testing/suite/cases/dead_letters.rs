//! Messages that were given up: kept whole with the reason, and put back once.

use std::sync::Arc;
use std::time::Duration;

use crate::broker::{Cause, Overflow, Reason, Verdict};
use crate::message::Outgoing;
use crate::testing::suite::equipment::{Scene, bodies, body, queue, rejected, retry, to_queue};

cases! { "dead_letters", Broker:
    a_dead_letter_has_bytes_reason_and_history [Inspect] "a dead letter has its raw bytes, cause, attempts, origin and times";
    each_reason_is_told [Inspect] "each reason to give a message up is told apart";
    they_come_back_once [Inspect] "a dead letter is put back once, as new as on its first attempt";
    the_oldest_come_back_first [Inspect] "dead letters are read and put back from the oldest on";
    a_full_queue_takes_no_more_of_them_back [Inspect, OverflowReject] "what a full queue has no place for stays a dead letter";
    those_behind_a_dead_letter_go_on [] "a message that is given up holds nobody up";
    ids_and_headers_stay_with_them [Inspect, Headers] "a dead letter and its return are the message that was sent";
    a_declared_queue_takes_them_as_messages [] "a queue that is declared for them gets them as messages";
    there_they_tell_their_cause [Headers] "a dead letter that is a message has its cause and origin in headers";
    where_there_is_no_such_queue_they_stay [Inspect] "dead letters whose queue does not exist are kept with their own";
}

fn dead(reason: Reason, detail: &str) -> Verdict {
    Verdict::DeadLetter(Cause {
        reason,
        detail: detail.into(),
    })
}

/// Bytes that are no text.
fn raw() -> Outgoing {
    let mut outgoing = to_queue("q", "");
    Arc::make_mut(&mut outgoing.message).body = vec![0xff, 0x00, 0xfe].into();
    outgoing
}

async fn a_dead_letter_has_bytes_reason_and_history(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.send(raw()).await.expect("it is sent");
    let worker = broker.worker("q", 9).await;
    let first = worker.take_one().await;
    let wait = Duration::from_millis(200);
    worker.settle(&first, retry(wait)).await;
    let second = worker.take_one().await;
    assert_eq!(
        worker.settle(&second, rejected("not ours: line 1")).await,
        0
    );
    let letters = broker.dead_letters("q").await;
    let [letter] = &letters[..] else {
        panic!("one was given up: {letters:?}")
    };
    assert_eq!(&letter.message.body[..], [0xff, 0x00, 0xfe]);
    assert_eq!(letter.cause.reason, Reason::Rejected);
    assert_eq!(&*letter.cause.detail, "not ours: line 1");
    assert_eq!((&*letter.queue, letter.attempts), ("q", 2));
    assert_eq!(letter.first_seen, first.first_seen);
    assert!(letter.died_at >= first.first_seen + wait, "{letter:?}");
    broker
        .counts_become("q", |it| it.dead == 1 && it.in_flight == 0)
        .await;
}

async fn each_reason_is_told(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let reasons = [Reason::Undecodable, Reason::Rejected, Reason::Exhausted];
    broker.put("q", &["0", "1", "2"]).await;
    let worker = broker.worker("q", 1).await;
    for reason in reasons {
        let held = worker.take_one().await;
        worker.settle(&held, dead(reason, reason.as_str())).await;
    }
    let letters = broker.dead_letters("q").await;
    let told: Vec<_> = letters.iter().map(|it| it.cause.reason).collect();
    assert_eq!(told, reasons);
    assert!(
        letters
            .iter()
            .all(|it| *it.cause.detail == *it.cause.reason.as_str())
    );
}

async fn they_come_back_once(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let first = worker.take_one().await;
    worker.settle(&first, retry(Duration::ZERO)).await;
    let second = worker.take_one().await;
    worker.settle(&second, rejected("no")).await;
    let inspect = broker.inspect();
    assert_eq!(inspect.redrive("q", 9).await.expect("it is put back"), 1);
    assert_eq!(inspect.redrive("q", 9).await.expect("none is left"), 0);
    assert!(broker.dead_letters("q").await.is_empty());
    let again = worker.take_one().await;
    assert_eq!((body(&again), again.attempt), ("a", 1));
    assert_eq!(again.first_seen, first.first_seen);
    worker.ack(&again).await;
    worker.nothing_comes(Duration::from_millis(200)).await;
}

async fn the_oldest_come_back_first(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.put_numbers("q", 5).await;
    let worker = broker.worker("q", 1).await;
    for _ in 0..5 {
        let held = worker.take_one().await;
        worker.settle(&held, rejected("no")).await;
    }
    let two = broker
        .inspect()
        .dead_letters("q", 2)
        .await
        .expect("they can be read");
    let two: Vec<_> = two.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(two, ["0", "1"]);
    let redriven = broker.inspect().redrive("q", 3).await;
    assert_eq!(redriven.expect("they are put back"), 3);
    let came = worker.take_and_ack(3).await;
    assert_eq!(bodies(&came), ["0", "1", "2"]);
    let left = broker.dead_letters("q").await;
    let left: Vec<_> = left.iter().map(|it| it.message.body.clone()).collect();
    assert_eq!(left, ["3", "4"]);
}

async fn a_full_queue_takes_no_more_of_them_back(scene: &Scene) {
    let broker = scene.broker().await;
    let limit = super::limits::of(2, Overflow::Reject);
    broker
        .queues(vec![queue("q", |it| it.max_length = Some(limit))])
        .await;
    let worker = broker.worker("q", 1).await;
    for body in ["a", "b"] {
        broker.put("q", &[body]).await;
        let held = worker.take_one().await;
        worker.settle(&held, rejected("no")).await;
    }
    worker.stop().await;
    broker.put("q", &["c"]).await;
    let redriven = broker.inspect().redrive("q", 9).await;
    assert_eq!(redriven.expect("one has a place"), 1);
    assert_eq!(broker.counts("q").await.dead, 1);
}

async fn those_behind_a_dead_letter_go_on(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    broker.send(raw()).await.expect("it is sent");
    broker.put("q", &["good"]).await;
    let worker = broker.worker("q", 1).await;
    let poison = worker.take_one().await;
    worker
        .settle(&poison, dead(Reason::Undecodable, "no text"))
        .await;
    assert_eq!(bodies(&worker.take_and_ack(1).await), ["good"]);
    worker.nothing_comes(broker.past_lease()).await;
}

async fn ids_and_headers_stay_with_them(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let mut sent = raw();
    let message = Arc::make_mut(&mut sent.message);
    message
        .headers
        .insert("tenant", "acme")
        .expect("a header like any");
    message.routing_key = Some("a.b".into());
    let message = Arc::clone(&sent.message);
    broker.send(sent).await.expect("it is sent");
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    worker.settle(&held, rejected("no")).await;
    assert_eq!(broker.dead_letters("q").await[0].message, message);
    broker
        .inspect()
        .redrive("q", 9)
        .await
        .expect("it is put back");
    assert_eq!(worker.take_one().await.message, message);
}

async fn a_declared_queue_takes_them_as_messages(scene: &Scene) {
    let broker = scene.broker().await;
    let main = queue("q", |it| it.dead_letter = Some("morgue".into()));
    broker.queues(vec![main, queue("morgue", |_| {})]).await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    assert_eq!(worker.settle(&held, rejected("no")).await, 0);
    let morgue = broker.worker("morgue", 9).await;
    let dead = morgue.take_and_ack(1).await;
    assert_eq!((bodies(&dead), dead[0].attempt), (vec!["a"], 1));
    broker
        .counts_become("q", |it| it.dead + it.in_flight + it.ready == 0)
        .await;
}

async fn there_they_tell_their_cause(scene: &Scene) {
    let broker = scene.broker().await;
    let main = queue("q", |it| it.dead_letter = Some("morgue".into()));
    broker.queues(vec![main, queue("morgue", |_| {})]).await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    worker.settle(&held, rejected("line 1\nline 2")).await;
    let dead = broker.worker("morgue", 9).await.take_one().await;
    assert_eq!(dead.message.id, held.message.id);
    let headers: Vec<_> = dead.message.headers.iter().collect();
    let expected = [
        ("dead-letter-attempts", "1"),
        ("dead-letter-detail", "line 1 line 2"),
        ("dead-letter-queue", "q"),
        ("dead-letter-reason", "rejected"),
    ];
    assert_eq!(headers, expected);
}

async fn where_there_is_no_such_queue_they_stay(scene: &Scene) {
    let broker = scene.broker().await;
    let main = queue("q", |it| it.dead_letter = Some("nowhere".into()));
    broker.queues(vec![main]).await;
    broker.put("q", &["a"]).await;
    let worker = broker.worker("q", 9).await;
    let held = worker.take_one().await;
    assert_eq!(worker.settle(&held, rejected("no")).await, 0);
    broker
        .counts_become("q", |it| it.dead == 1 && it.in_flight == 0)
        .await;
}
