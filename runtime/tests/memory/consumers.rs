//! Consumers: order, competition, verdicts and leases.

use super::*;

#[tokio::test(start_paused = true)]
async fn messages_come_in_order_once_and_within_the_prefetch() {
    let memory = memory_with(|_| {}).await;
    put(&memory, &["a", "b", "c", "d"]).await;
    let consumer = consumer(&memory, "q", 3).await;
    let first = next(&*consumer, 2).await;
    assert_eq!(bodies(&first), ["a", "b"]);
    assert!(first.iter().all(|it| it.attempt == 1));
    let third = next(&*consumer, 9).await;
    assert_eq!(bodies(&third), ["c"]);
    assert!(soon(&*consumer, 9).await.is_empty());
    assert_eq!(settle(&*consumer, &first[0], Verdict::Ack).await, 0);
    assert_eq!(bodies(&next(&*consumer, 9).await), ["d"]);
    let expected = QueueCounts {
        in_flight: 3,
        consumers: 1,
        ..QueueCounts::default()
    };
    assert_eq!(counts(&memory, "q").await, expected);
}

#[tokio::test(start_paused = true)]
async fn competing_consumers_share_and_take_turns() {
    let memory = memory_with(|_| {}).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let consumer = consumer(&memory, "q", 1).await;
        tasks.spawn(async move {
            let mut seen = 0;
            while let [delivery] = &soon(&*consumer, 1).await[..] {
                seen += 1;
                settle(&*consumer, delivery, Verdict::Ack).await;
            }
            seen
        });
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
        put(&memory, &["x"]).await;
    }
    let mut seen = tasks.join_all().await;
    seen.sort_unstable();
    assert_eq!(seen.iter().sum::<usize>(), 100);
    assert!(seen[0] >= 20, "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_goes_away_while_it_is_woken_loses_nothing() {
    let memory = memory_with(|_| {}).await;
    let (one, other) = (
        consumer(&memory, "q", 9).await,
        consumer(&memory, "q", 9).await,
    );
    let mut taken = Vec::new();
    let mut woken = Box::pin(one.next(9, &mut taken));
    assert!(poll_once(&mut woken).await.is_none());
    let waiting = tokio::spawn(async move { bodies(&soon(&*other, 9).await).len() });
    tokio::task::yield_now().await;
    put(&memory, &["a"]).await;
    drop(woken);
    assert_eq!(waiting.await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_consumer_at_its_prefetch_keeps_nothing_from_others() {
    let memory = memory_with(|_| {}).await;
    let (sated, other) = (
        consumer(&memory, "q", 1).await,
        consumer(&memory, "q", 1).await,
    );
    put(&memory, &["a"]).await;
    let held = next(&*sated, 1).await;
    let mut more = Vec::new();
    let mut waiting = Box::pin(sated.next(1, &mut more));
    assert!(poll_once(&mut waiting).await.is_none());
    let task = tokio::spawn(async move { bodies(&soon(&*other, 1).await).len() });
    tokio::task::yield_now().await;
    put(&memory, &["b"]).await;
    assert_eq!(task.await.unwrap(), 1);
    settle(&*sated, &held[0], Verdict::Ack).await;
    put(&memory, &["c"]).await;
    waiting.await.unwrap();
    assert_eq!(more.len(), 1);
}

/// One poll.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        let polled = std::pin::Pin::new(&mut *future).poll(cx);
        std::task::Poll::Ready(match polled {
            std::task::Poll::Ready(value) => Some(value),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_verdict_decides_when_and_with_which_attempt_it_comes_again() {
    for (name, verdict, wait, attempt) in [
        ("retry", retry(10 * SECOND), 10, Some(2)),
        ("retry at once", retry(Duration::ZERO), 0, Some(2)),
        (
            "retry uncounted",
            Verdict::Retry {
                after: 3 * SECOND,
                counted: false,
            },
            3,
            Some(1),
        ),
        ("return", Verdict::Return, 0, Some(1)),
        ("ack", Verdict::Ack, 0, None),
        ("dead", rejected("no"), 0, None),
    ] {
        let memory = memory_with(|_| {}).await;
        put(&memory, &["a"]).await;
        let consumer = consumer(&memory, "q", 9).await;
        let first = next(&*consumer, 9).await.remove(0);
        settle(&*consumer, &first, verdict).await;
        let began = tokio::time::Instant::now();
        let again = tokio::time::timeout(60 * SECOND, next(&*consumer, 9)).await;
        let Some(attempt) = attempt else {
            assert!(again.is_err(), "{name}");
            continue;
        };
        let again = again.unwrap();
        assert_eq!(again[0].attempt, attempt, "{name}");
        assert_eq!(again[0].message, first.message, "{name}");
        assert_eq!(again[0].first_seen, first.first_seen, "{name}");
        assert_eq!(began.elapsed().as_secs(), wait, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_back_keeps_its_place() {
    let memory = memory_with(|_| {}).await;
    put(&memory, &["a", "b", "c"]).await;
    let consumer = consumer(&memory, "q", 9).await;
    let held = next(&*consumer, 2).await;
    settle(&*consumer, &held[1], Verdict::Return).await;
    settle(&*consumer, &held[0], Verdict::Return).await;
    assert_eq!(bodies(&next(&*consumer, 9).await), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_lease_ends_unless_it_is_renewed_and_a_late_settlement_does_nothing() {
    let memory = memory_with(|_| {}).await;
    put(&memory, &["lost", "kept"]).await;
    let one = consumer(&memory, "q", 9).await;
    let other = consumer(&memory, "q", 9).await;
    let held = next(&*one, 9).await;
    let waiting = tokio::spawn(async move {
        let again = next(&*other, 9).await;
        (other, again)
    });
    tokio::time::sleep(20 * SECOND).await;
    one.renew(&[held[1].tag]).await.unwrap();
    tokio::time::sleep(11 * SECOND).await;
    let (other, again) = waiting.await.unwrap();
    assert_eq!(bodies(&again), ["lost"]);
    assert_eq!(again[0].attempt, 2);
    assert_eq!(settle(&*one, &held[0], Verdict::Ack).await, 1);
    assert_eq!(settle(&*one, &held[1], Verdict::Ack).await, 0);
    assert_eq!(settle(&*one, &held[1], Verdict::Ack).await, 1);
    assert_eq!(settle(&*other, &again[0], Verdict::Ack).await, 0);
    assert_eq!(counts(&memory, "q").await.in_flight, 0);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_consumer_is_a_crash_that_counts() {
    let memory = memory_with(|_| {}).await;
    put(&memory, &["a", "b"]).await;
    let crashing = consumer(&memory, "q", 1).await;
    let held = next(&*crashing, 1).await;
    drop(crashing);
    let other = consumer(&memory, "q", 9).await;
    let again = next(&*other, 9).await;
    assert_eq!(bodies(&again), ["a", "b"]);
    assert_eq!((again[0].attempt, again[1].attempt), (2, 1));
    assert_eq!(settle(&*other, &held[0], Verdict::Ack).await, 1);
}
