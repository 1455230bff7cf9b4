//! What a queue declares: delays, times to live, limits, priorities, order.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_delayed_message_comes_at_its_time_and_lets_others_pass() {
    let memory = memory_with(|_| {}).await;
    for (body, after) in [("late", 20), ("soon", 10)] {
        let mut outgoing = to_queue("q", body);
        outgoing.after = Some(after * SECOND);
        send(&memory, outgoing).await.unwrap();
    }
    put(&memory, &["now"]).await;
    let consumer = consumer(&memory, "q", 9).await;
    let began = tokio::time::Instant::now();
    for (body, at) in [("now", 0), ("soon", 10), ("late", 20)] {
        assert_eq!(bodies(&next(&*consumer, 9).await), [body]);
        assert_eq!(began.elapsed(), at * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_timer_that_came_later_and_is_earlier_wakes_those_who_wait() {
    let memory = memory_with(|_| {}).await;
    let mut late = to_queue("q", "late");
    late.after = Some(3600 * SECOND);
    send(&memory, late).await.unwrap();
    let mut waiting = Vec::new();
    for _ in 0..3 {
        let consumer = consumer(&memory, "q", 1).await;
        waiting.push(tokio::spawn(async move {
            let deliveries = soon(&*consumer, 1).await;
            for delivery in &deliveries {
                settle(&*consumer, delivery, Verdict::Ack).await;
            }
            deliveries.len()
        }));
    }
    tokio::task::yield_now().await;
    let mut early = to_queue("q", "early");
    early.after = Some(SECOND / 2);
    send(&memory, early).await.unwrap();
    let mut got = 0;
    for task in waiting {
        got += task.await.unwrap();
    }
    assert_eq!(got, 1);
}

#[tokio::test(start_paused = true)]
async fn messages_expire_by_the_smaller_time_to_live() {
    for (own, of_queue, lives) in [
        (None, None, 1_000_000),
        (Some(5), None, 5),
        (None, Some(7), 7),
        (Some(5), Some(7), 5),
        (Some(9), Some(7), 7),
    ] {
        for (waited, arrives) in [(lives - 1, true), (lives, false)] {
            let memory = memory_with(|it| it.ttl = of_queue.map(Duration::from_secs)).await;
            let mut outgoing = to_queue("q", "a");
            outgoing.ttl = own.map(Duration::from_secs);
            send(&memory, outgoing).await.unwrap();
            tokio::time::advance(Duration::from_secs(waited)).await;
            let consumer = consumer(&memory, "q", 9).await;
            let case = format!("{own:?} {of_queue:?} {waited}");
            if lives == 1_000_000 || arrives {
                assert_eq!(next(&*consumer, 9).await.len(), 1, "{case}");
            } else {
                assert!(soon(&*consumer, 9).await.is_empty(), "{case}");
                assert_eq!(counts(&memory, "q").await.expired, 1, "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_rejects_or_drops_the_oldest_as_declared() {
    for (overflow, results, left, dropped) in [
        (Overflow::Reject, [true, true, false], ["a", "b"], 0),
        (Overflow::DropOldest, [true, true, true], ["b", "c"], 1),
    ] {
        let memory = memory_with(|it| {
            it.max_length = Some(MaxLength {
                messages: 2,
                overflow,
            });
        })
        .await;
        for (body, expected) in ["a", "b", "c"].into_iter().zip(results) {
            match send(&memory, to_queue("q", body)).await {
                Ok(()) => assert!(expected),
                Err(error) => {
                    assert!(!expected);
                    assert_eq!(error.kind(), ErrorKind::Full);
                }
            }
        }
        assert_eq!(counts(&memory, "q").await.dropped, dropped);
        let consumer = consumer(&memory, "q", 9).await;
        assert_eq!(bodies(&next(&*consumer, 9).await), left);
        // What is held counts, and can't be dropped.
        let full = send(&memory, to_queue("q", "d")).await.unwrap_err();
        assert_eq!(full.kind(), ErrorKind::Full);
    }
}

#[tokio::test(start_paused = true)]
async fn higher_priorities_come_first_up_to_the_largest_told_apart() {
    let memory = memory_with(|it| it.max_priority = 5).await;
    for (body, priority) in [("a", 0), ("b", 5), ("c", 1), ("d", 200), ("e", 1)] {
        let mut outgoing = to_queue("q", body);
        Arc::make_mut(&mut outgoing.message).priority = priority;
        send(&memory, outgoing).await.unwrap();
    }
    let consumer = consumer(&memory, "q", 9).await;
    assert_eq!(
        bodies(&next(&*consumer, 9).await),
        ["b", "d", "c", "e", "a"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_ordered_queue_gives_one_message_per_key_and_a_failed_one_holds_up_its_own() {
    let memory = memory_with(|it| it.partitions = Some(4)).await;
    for (key, body) in [
        ("x", "x1"),
        ("x", "x2"),
        ("y", "y1"),
        ("x", "x3"),
        ("y", "y2"),
    ] {
        let mut outgoing = to_queue("q", body);
        Arc::make_mut(&mut outgoing.message).partition_key = Some(key.into());
        send(&memory, outgoing).await.unwrap();
    }
    let one = consumer(&memory, "q", 9).await;
    let other = consumer(&memory, "q", 9).await;
    let first = next(&*one, 9).await;
    assert_eq!(bodies(&first), ["x1", "y1"]);
    assert!(first.iter().all(|it| it.partition.is_some_and(|it| it < 4)));
    assert!(soon(&*other, 9).await.is_empty());
    settle(&*one, &first[0], retry(10 * SECOND)).await;
    settle(&*one, &first[1], Verdict::Ack).await;
    let second = next(&*other, 9).await;
    assert_eq!(bodies(&second), ["y2"]);
    assert!(soon(&*one, 9).await.is_empty());
    let again = next(&*one, 9).await;
    assert_eq!((bodies(&again), again[0].attempt), (vec!["x1"], 2));
    settle(&*one, &again[0], rejected("no")).await;
    assert_eq!(bodies(&next(&*other, 9).await), ["x2"]);
}
