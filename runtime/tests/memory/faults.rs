//! Faults on demand.

use super::*;

#[tokio::test(start_paused = true)]
async fn faults_happen_as_often_as_they_were_asked_for() {
    let memory = memory_with(|_| {}).await;
    let faults = memory.faults();
    faults.refuse_sends(1);
    faults.lose_confirmations(1);
    for (body, result) in [
        ("refused", Err(ErrorKind::Unavailable)),
        ("unconfirmed", Err(ErrorKind::Timeout)),
        ("sent", Ok(())),
    ] {
        let sent = send(&memory, to_queue("q", body)).await;
        assert_eq!(sent.map_err(|it| it.kind()), result);
    }
    faults.deliver_twice(1);
    let one = consumer(&memory, "q", 9).await;
    let first = next(&*one, 1).await;
    let again = next(&*one, 9).await;
    assert_eq!(bodies(&first), ["unconfirmed"]);
    assert_eq!(bodies(&again), ["unconfirmed", "sent"]);
    assert_eq!((again[0].attempt, again[1].attempt), (2, 1));
    assert_eq!(settle(&*one, &first[0], Verdict::Ack).await, 1);
    assert_eq!(settle(&*one, &again[0], Verdict::Ack).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_gives_back_what_is_held_and_comes_back_by_itself() {
    let memory = memory_with(|_| {}).await;
    put(&memory, &["a"]).await;
    let one = consumer(&memory, "q", 9).await;
    let held = next(&*one, 9).await;
    memory.lose_connection(10 * SECOND);
    assert!(!one.is_attached());
    let refused = send(&memory, to_queue("q", "b")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert_eq!(settle(&*one, &held[0], Verdict::Ack).await, 1);
    let began = tokio::time::Instant::now();
    let again = next(&*one, 9).await;
    assert_eq!(began.elapsed(), 10 * SECOND);
    assert_eq!((bodies(&again), again[0].attempt), (vec!["a"], 2));
    assert!(one.is_attached());
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_when_the_connection_is_lost_go_on_after_it() {
    let memory = memory_with(|_| {}).await;
    let mut far = to_queue("q", "far");
    far.after = Some(3600 * SECOND);
    send(&memory, far).await.unwrap();
    put(&memory, &["a"]).await;
    let holding = consumer(&memory, "q", 1).await;
    let _held = next(&*holding, 1).await;
    let waiting = consumer(&memory, "q", 9).await;
    let waiting = tokio::spawn(async move {
        let deliveries = next(&*waiting, 9).await;
        bodies(&deliveries).len()
    });
    tokio::task::yield_now().await;
    let began = tokio::time::Instant::now();
    memory.lose_connection(5 * SECOND);
    assert_eq!(waiting.await.unwrap(), 1);
    assert_eq!(began.elapsed(), 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn slow_and_shuffled_is_the_same_for_the_same_seed_and_loses_nothing() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let memory = memory_with(|_| {}).await;
        memory.faults().shuffle(7);
        put(&memory, &["a", "b", "c", "d", "e", "f", "g", "h"]).await;
        memory.faults().be_slow(SECOND);
        let one = consumer(&memory, "q", 9).await;
        let began = tokio::time::Instant::now();
        let deliveries = next(&*one, 9).await;
        assert_eq!(began.elapsed(), SECOND);
        runs.push(bodies(&deliveries).concat());
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], "abcdefgh");
    let mut sorted: Vec<_> = runs[0].chars().collect();
    sorted.sort_unstable();
    assert_eq!(sorted.iter().collect::<String>(), "abcdefgh");
}
