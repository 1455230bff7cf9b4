//! Consumers: order, competition, verdicts and leases.

use super::*;

#[tokio::test]
async fn messages_come_in_order_once_and_within_the_prefetch() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["a", "b", "c", "d"]).await;
        let consumer = consumer(&redis, "q", 3).await;
        let first = take(&*consumer, 2).await;
        assert_eq!(bodies(&first), ["a", "b"]);
        assert!(first.iter().all(|it| it.attempt == 1));
        assert_eq!(bodies(&take(&*consumer, 1).await), ["c"]);
        let expected = QueueCounts {
            ready: 1,
            in_flight: 3,
            consumers: 1,
            ..QueueCounts::default()
        };
        assert_eq!(counts(&redis, "q").await, expected);
        assert_eq!(settle(&*consumer, &first[0], Verdict::Ack).await, 0);
        assert_eq!(bodies(&take(&*consumer, 1).await), ["d"]);
    })
    .await;
}

#[tokio::test]
async fn competing_consumers_share_all_and_nothing_twice() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let mut tasks = tokio::task::JoinSet::new();
        let (seen, mut all) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..4 {
            let consumer = consumer(&redis, "q", 5).await;
            let seen = seen.clone();
            tasks.spawn(async move {
                loop {
                    let delivery = take(&*consumer, 1).await.remove(0);
                    settle(&*consumer, &delivery, Verdict::Ack).await;
                    seen.send(bodies(&[delivery])[0].to_owned()).unwrap();
                }
            });
        }
        let mut batch: Vec<_> = (0..200).map(|it| to_queue("q", &it.to_string())).collect();
        redis.send(&mut batch).await;
        let mut got = Vec::new();
        for _ in 0..200 {
            got.push(all.recv().await.unwrap().parse::<u32>().unwrap());
        }
        got.sort_unstable();
        assert_eq!(got, (0..200).collect::<Vec<_>>());
        assert_eq!(counts(&redis, "q").await.in_flight, 0);
    })
    .await;
}

#[tokio::test]
async fn a_verdict_decides_whether_and_with_which_attempt_it_comes_again() {
    on_redis(|redis| async move {
        let uncounted = Verdict::Retry {
            after: Duration::from_millis(300),
            counted: false,
        };
        for (number, (verdict, attempt)) in [
            (retry(Duration::from_millis(300)), Some(2)),
            (retry(Duration::ZERO), Some(2)),
            (uncounted, Some(1)),
            (Verdict::Return, Some(1)),
            (Verdict::Ack, None),
            (rejected("no"), None),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("q{number}");
            declare(&redis, &[queue(&name, |_| {})]).await;
            let mut sent = to_queue(&name, "a");
            let travels = redis.capabilities().headers;
            if travels {
                let message = Arc::make_mut(&mut sent.message);
                message.headers.insert("tenant", "acme").unwrap();
                message.routing_key = Some("x.y".into());
                message.partition_key = Some(vec![0xff, 0].into());
            }
            let message = sent.message.clone();
            send(&redis, sent).await.unwrap();
            let consumer = consumer(&redis, &name, 9).await;
            let first = take(&*consumer, 1).await.remove(0);
            assert_eq!(first.message.body, message.body);
            assert!(first.message == message || !travels);
            // What a bare payload was given is forgotten when it goes back as it came.
            let kept = travels || !matches!(verdict, Verdict::Return);
            settle(&*consumer, &first, verdict).await;
            let Some(attempt) = attempt else {
                assert_nothing_comes(&*consumer, &name).await;
                continue;
            };
            let again = take(&*consumer, 1).await.remove(0);
            assert_eq!(again.attempt, attempt, "{name}");
            assert_eq!(again.message.body, message.body, "{name}");
            if kept {
                assert_eq!(again.message, first.message, "{name}");
                assert_eq!(again.first_seen, first.first_seen, "{name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_died_with_two_consumers_comes_a_few_at_a_time_and_then_alone() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let all: Vec<_> = ('a'..='l').map(String::from).collect();
        put(&redis, &all.iter().map(|it| &**it).collect::<Vec<_>>()).await;
        for together in [12, 12] {
            let dies = consumer(&redis, "q", 20).await;
            assert_eq!(take(&*dies, together).await.len(), together);
        }
        let dies = consumer(&redis, "q", 20).await;
        take_no_more_than(&*dies, 8, 3).await;
        drop(dies);
        let lives = consumer(&redis, "q", 20).await;
        for (together, attempt) in [(4, 3), (1, 4), (1, 4)] {
            for delivery in take_no_more_than(&*lives, together, attempt).await {
                settle(&*lives, &delivery, Verdict::Ack).await;
            }
        }
    })
    .await;
}

/// So many of this attempt come, and no more beside them while they are held.
async fn take_no_more_than(consumer: &dyn Consumer, count: usize, attempt: u32) -> Vec<Delivery> {
    let taken = take(consumer, count).await;
    assert!(taken.iter().all(|it| it.attempt == attempt), "{taken:?}");
    let mut more = Vec::new();
    let next = tokio::time::timeout(LEASE * 3 / 4, consumer.next(9, &mut more));
    assert!(next.await.is_err(), "{more:?}");
    taken
}

#[tokio::test]
async fn what_is_handed_back_keeps_its_place() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["a", "b", "c"]).await;
        let one = consumer(&redis, "q", 2).await;
        let held = take(&*one, 2).await;
        one.stop().await.unwrap();
        settle(&*one, &held[1], Verdict::Return).await;
        settle(&*one, &held[0], Verdict::Return).await;
        let other = consumer(&redis, "q", 9).await;
        let again = take(&*other, 3).await;
        assert_eq!(bodies(&again), ["a", "b", "c"]);
        assert!(again.iter().all(|it| it.attempt == 1));
    })
    .await;
}

#[tokio::test]
async fn a_lease_ends_unless_it_is_renewed_and_a_late_settlement_does_nothing() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["lost", "kept"]).await;
        let one = consumer(&redis, "q", 2).await;
        let held = take(&*one, 2).await;
        let other = consumer(&redis, "q", 9).await;
        let renewing = async {
            loop {
                one.renew(&[held[1].tag]).await.unwrap();
                tokio::time::sleep(LEASE / 10).await;
            }
        };
        let again = tokio::select! {
            again = take(&*other, 1) => again,
            () = renewing => unreachable!("it renews until it is dropped"),
        };
        assert_eq!(bodies(&again), ["lost"]);
        assert_eq!(again[0].attempt, 2);
        assert_eq!(settle(&*one, &held[0], Verdict::Ack).await, 1);
        assert_eq!(settle(&*one, &held[1], Verdict::Ack).await, 0);
        assert_eq!(settle(&*one, &held[1], Verdict::Ack).await, 1);
        assert_eq!(settle(&*other, &again[0], Verdict::Ack).await, 0);
        assert_eq!(counts(&redis, "q").await.in_flight, 0);
    })
    .await;
}

#[tokio::test]
async fn what_has_not_been_asked_for_yet_keeps_its_lease() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let busy = consumer(&redis, "q", 2).await;
        put(&redis, &["a", "b"]).await;
        let first = take(&*busy, 1).await;
        settle(&*busy, &first[0], Verdict::Ack).await;
        let other = consumer(&redis, "q", 9).await;
        assert_nothing_comes(&*other, "the buffer of another").await;
        let second = take(&*busy, 1).await;
        assert_eq!((bodies(&second)[0], second[0].attempt), ("b", 1));
        assert_eq!(settle(&*busy, &second[0], Verdict::Ack).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_consumer_is_a_crash_that_counts() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["a", "b"]).await;
        let crashing = consumer(&redis, "q", 1).await;
        let held = take(&*crashing, 1).await;
        drop(crashing);
        let other = consumer(&redis, "q", 9).await;
        let mut again = take(&*other, 2).await;
        again.sort_by_key(|it| it.message.body.clone());
        assert_eq!(bodies(&again), ["a", "b"]);
        assert_eq!((again[0].attempt, again[1].attempt), (2, 1));
        assert_eq!(settle(&*other, &held[0], Verdict::Ack).await, 1);
    })
    .await;
}

#[tokio::test]
async fn stopping_ends_the_intake_and_closing_gives_back() {
    on_two_of_redis(|redis, other_connection| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        put(&redis, &["a", "b"]).await;
        let one = consumer(&redis, "q", 1).await;
        let held = take(&*one, 1).await;
        one.stop().await.unwrap();
        one.stop().await.unwrap();
        let ended = one.next(1, &mut Vec::new()).await.unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::Closed);
        assert_eq!(settle(&*one, &held[0], Verdict::Ack).await, 0);

        let two = consumer(&redis, "q", 9).await;
        take(&*two, 1).await;
        redis.close().await.unwrap();
        redis.close().await.unwrap();
        assert!(!two.is_attached());
        let ended = two.next(1, &mut Vec::new()).await.unwrap_err();
        assert_eq!(ended.kind(), ErrorKind::Closed);
        let refused = send(&redis, to_queue("q", "c")).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Closed);
        let three = consumer(&other_connection, "q", 9).await;
        assert_eq!(take(&*three, 1).await[0].attempt, 2);
    })
    .await;
}
