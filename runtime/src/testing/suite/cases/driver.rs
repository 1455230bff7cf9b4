//! The way of messages under the runtime's own driver: what agents see of a backend.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::broker::Reason;
use crate::delivery::{Backoff, Consuming, HandleEach, Policy, Work, consume};
use crate::failure::{Failure, Outcome};
use crate::message::Delivery;
use crate::testing::suite::equipment::{Broker, PATIENCE, Scene, becomes, body};

cases! { "driver", Broker:
    messages_are_done_tried_again_or_given_up [] "handlers that succeed, fail at first or fail for good end their messages as the driver decides";
    the_last_attempt_is_a_dead_letter [Inspect] "what fails on its last attempt is given up with its attempts and cause";
    a_drain_hands_back_what_was_not_started [UncountedReturn] "a drain loses nothing, and what was not started has no attempt more";
    a_handler_may_outlive_its_lease [Lease] "a message that is worked on for longer than a lease is not delivered twice";
    batches_are_settled_one_by_one [] "each message of a batch has its own end";
}

/// How often each body was handled.
type Seen = Arc<Mutex<BTreeMap<String, u32>>>;

fn note(seen: &Seen, delivery: &Delivery) -> (String, u32) {
    let body = body(delivery).to_owned();
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let tries = seen.entry(body.clone()).or_default();
    *tries += 1;
    (body, *tries)
}

fn seen_so_far(seen: &Seen) -> Vec<(String, u32)> {
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.clone().into_iter().collect()
}

/// `once` fails at first, `never` always.
fn judge(body: &str, tries: u32) -> Outcome {
    match body {
        "once" if tries == 1 => Err(Failure::new("not yet")),
        "never" => Err(Failure::new("no")),
        _ => Ok(()),
    }
}

fn judging(seen: &Seen) -> HandleEach {
    let seen = Arc::clone(seen);
    Arc::new(move |delivery| {
        let (body, tries) = note(&seen, &delivery);
        Box::pin(async move { judge(&body, tries) })
    })
}

fn policy() -> Policy {
    let wait = Duration::from_millis(50);
    Policy {
        attempts: 3,
        backoff: Backoff {
            first: wait,
            most: wait,
        },
        ..Policy::default()
    }
}

async fn start(broker: &Broker, policy: Policy, work: Work) -> Consuming {
    let consuming = consume(&*broker.0, &"q".into(), policy, work).await;
    consuming.expect("the driver attaches")
}

fn expected(all: &[(&str, u32)]) -> Vec<(String, u32)> {
    all.iter()
        .map(|(body, tries)| ((*body).to_owned(), *tries))
        .collect()
}

async fn messages_are_done_tried_again_or_given_up(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let seen = Seen::default();
    let consuming = start(&broker, policy(), Work::Each(judging(&seen))).await;
    broker.put("q", &["good", "once", "never"]).await;
    becomes("all have ended", async || {
        let stats = consuming.stats();
        stats.succeeded == 2 && stats.dead_lettered == 1
    })
    .await;
    let tries = expected(&[("good", 1), ("never", 3), ("once", 2)]);
    assert_eq!(seen_so_far(&seen), tries);
    let report = consuming.drain(Instant::now() + PATIENCE).await;
    assert_eq!(report.unsettled, 0);
    broker
        .worker("q", 9)
        .await
        .nothing_comes(broker.past_lease())
        .await;
}

async fn the_last_attempt_is_a_dead_letter(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let seen = Seen::default();
    let consuming = start(&broker, policy(), Work::Each(judging(&seen))).await;
    broker.put("q", &["never"]).await;
    broker
        .counts_become("q", |it| it.dead == 1 && it.in_flight + it.delayed == 0)
        .await;
    let letters = broker.dead_letters("q").await;
    assert_eq!(letters[0].cause.reason, Reason::Exhausted);
    assert_eq!(letters[0].attempts, 3);
    assert!(letters[0].cause.detail.contains("no"), "{letters:?}");
    consuming.drain(Instant::now() + PATIENCE).await;
}

async fn a_drain_hands_back_what_was_not_started(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let count = scene.count(100, 1000);
    broker.put_numbers("q", count).await;
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let slowly: HandleEach = Arc::new(move |delivery| {
        note(&noted, &delivery);
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(())
        })
    });
    let policy = Policy {
        prefetch: Some(50),
        ..policy()
    };
    let consuming = start(&broker, policy, Work::Each(slowly)).await;
    becomes("some are done", async || consuming.stats().succeeded >= 3).await;
    let report = consuming.drain(Instant::now() + PATIENCE).await;
    assert_eq!((report.unfinished, report.unsettled), (0, 0));
    assert!(report.returned > 0, "{report:?}");
    let done = seen_so_far(&seen);
    assert!(done.iter().all(|(_, tries)| *tries == 1));
    let rest = broker
        .worker("q", 100)
        .await
        .take_and_ack(count - done.len())
        .await;
    assert!(rest.iter().all(|it| it.attempt == 1), "none was counted");
    for delivery in &rest {
        note(&seen, delivery);
    }
    let all = seen_so_far(&seen);
    assert_eq!(all.len(), count);
    assert!(all.iter().all(|(_, tries)| *tries == 1), "each once");
}

async fn a_handler_may_outlive_its_lease(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let lease = broker.capabilities().lease.expect("the case needs it");
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let long: HandleEach = Arc::new(move |delivery| {
        note(&noted, &delivery);
        Box::pin(async move {
            tokio::time::sleep(lease * 3 / 2).await;
            Ok(())
        })
    });
    let policy = Policy {
        timeout: lease * 10,
        ..policy()
    };
    let consuming = start(&broker, policy.clone(), Work::Each(Arc::clone(&long))).await;
    let other = start(&broker, policy, Work::Each(long)).await;
    broker.put("q", &["long"]).await;
    becomes("it is done", async || {
        consuming.stats().succeeded + other.stats().succeeded == 1
    })
    .await;
    assert_eq!(seen_so_far(&seen), expected(&[("long", 1)]));
    assert_eq!(consuming.stats().late + other.stats().late, 0);
}

async fn batches_are_settled_one_by_one(scene: &Scene) {
    let broker = scene.broker().await;
    broker.queue("q").await;
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let work = Work::Batch(Arc::new(move |deliveries: Vec<Delivery>| {
        let judged = deliveries.iter().map(|it| {
            let (body, tries) = note(&noted, it);
            judge(&body, tries)
        });
        let judged: Vec<_> = judged.collect();
        crate::delivery::BatchRun::of(async move { judged })
    }));
    let policy = Policy {
        batch: 10,
        ..policy()
    };
    broker.put("q", &["a", "once", "b", "never", "c"]).await;
    let consuming = start(&broker, policy, work).await;
    becomes("all have ended", async || {
        let stats = consuming.stats();
        stats.succeeded == 4 && stats.dead_lettered == 1
    })
    .await;
    let tries = expected(&[("a", 1), ("b", 1), ("c", 1), ("never", 3), ("once", 2)]);
    assert_eq!(seen_so_far(&seen), tries);
    consuming.drain(Instant::now() + PATIENCE).await;
}
