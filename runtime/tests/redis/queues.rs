//! What a queue declares: delays, times to live, limits.

use super::*;

const LONG: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_delayed_message_comes_at_its_time_and_lets_others_pass() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let began = tokio::time::Instant::now();
        let (soon, late) = (Duration::from_millis(500), Duration::from_millis(1500));
        for (body, after) in [("late", late), ("soon", soon), ("soon", soon)] {
            let mut outgoing = to_queue("q", body);
            outgoing.after = Some(after);
            send(&redis, outgoing).await.unwrap();
        }
        put(&redis, &["now"]).await;
        assert_eq!(counts(&redis, "q").await.delayed, 3);
        let consumer = consumer(&redis, "q", 9).await;
        for (body, at) in [
            ("now", Duration::ZERO),
            ("soon", soon),
            ("soon", soon),
            ("late", late),
        ] {
            assert_eq!(bodies(&take(&*consumer, 1).await), [body]);
            assert!(began.elapsed() >= at, "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn messages_expire_by_the_smaller_time_to_live() {
    on_redis(|redis| async move {
        let short = Duration::from_millis(50);
        for (number, (own, of_queue, arrives)) in [
            (None, None, true),
            (Some(short), None, false),
            (None, Some(short), false),
            (Some(short), Some(LONG), false),
            (Some(LONG), Some(short), false),
            (Some(LONG), Some(LONG), true),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("q{number}");
            declare(&redis, &[queue(&name, |it| it.ttl = of_queue)]).await;
            let mut outgoing = to_queue(&name, "a");
            outgoing.ttl = own;
            send(&redis, outgoing).await.unwrap();
            tokio::time::sleep(short * 4).await;
            let consumer = consumer(&redis, &name, 9).await;
            send(&redis, to_queue(&name, "last")).await.unwrap();
            let came = take(&*consumer, 1).await;
            let first = if arrives { "a" } else { "last" };
            assert_eq!(bodies(&came), [first], "{own:?} {of_queue:?}");
            settle(&*consumer, &came[0], Verdict::Ack).await;
            let expired = counts(&redis, &name).await.expired;
            assert_eq!(expired, u64::from(!arrives), "{own:?} {of_queue:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_makes_room_in_a_full_queue() {
    on_redis(|redis| async move {
        let limit = MaxLength {
            messages: 2,
            overflow: Overflow::Reject,
        };
        declare(&redis, &[queue("q", |it| it.max_length = Some(limit))]).await;
        let mut short = to_queue("q", "short");
        short.ttl = Some(Duration::from_millis(50));
        put(&redis, &["long"]).await;
        send(&redis, short).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        put(&redis, &["new"]).await;
        let counted = counts(&redis, "q").await;
        assert_eq!((counted.ready, counted.expired), (2, 1));
        let full = send(&redis, to_queue("q", "more")).await.unwrap_err();
        assert_eq!(full.kind(), ErrorKind::Full);
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_rejects_or_drops_the_oldest_as_declared() {
    on_redis(|redis| async move {
        for (overflow, results, left, dropped) in [
            (Overflow::Reject, [true, true, false], ["a", "b"], 0),
            (Overflow::DropOldest, [true, true, true], ["b", "c"], 1),
        ] {
            let name = format!("{overflow:?}");
            let limit = MaxLength {
                messages: 2,
                overflow,
            };
            declare(&redis, &[queue(&name, |it| it.max_length = Some(limit))]).await;
            for (body, expected) in ["a", "b", "c"].into_iter().zip(results) {
                let sent = send(&redis, to_queue(&name, body)).await;
                let sent = sent.map_err(|it| it.kind());
                let refused = Err(ErrorKind::Full);
                assert_eq!(sent, if expected { Ok(()) } else { refused });
            }
            assert_eq!(counts(&redis, &name).await.dropped, dropped);
            let consumer = consumer(&redis, &name, 9).await;
            assert_eq!(bodies(&take(&*consumer, 2).await), left);
            // What is held counts, and can't be dropped.
            let full = send(&redis, to_queue(&name, "d")).await.unwrap_err();
            assert_eq!(full.kind(), ErrorKind::Full);
        }
    })
    .await;
}
