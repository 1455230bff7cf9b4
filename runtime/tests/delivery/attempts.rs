//! Attempts: backoff, verdicts, what is counted and what comes too late.

use super::*;

#[tokio::test(start_paused = true)]
async fn failures_are_retried_with_backoff_and_others_go_on() {
    let memory = memory().await;
    put(&memory, &["bad", "good"]).await;
    let (log, began) = (Log::default(), Instant::now());
    let work = each({
        let log = log.clone();
        move |delivery| {
            log.note(&delivery, began);
            let bad = delivery.message.body == "bad" && delivery.attempt < 4;
            async move { if bad { Err("not yet")? } else { Ok(()) } }
        }
    });
    let consuming = start(&memory, Policy::default(), work).await;
    settle(&memory).await;
    let log = log.take();
    let bad: Vec<_> = log.iter().filter(|it| it.0 == "bad").collect();
    assert_eq!(bad.iter().map(|it| it.1).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for (pair, expected) in bad.windows(2).zip([1, 2, 4]) {
        let waited = pair[1].2.as_secs_f64() - pair[0].2.as_secs_f64();
        let expected = f64::from(expected);
        assert!(
            (0.8 * expected..=1.2 * expected + 0.01).contains(&waited),
            "{waited}"
        );
    }
    let good = log.iter().find(|it| it.0 == "good").unwrap();
    assert!(good.2 < SECOND / 10, "{good:?}");
    let stats = consuming.stats();
    assert_eq!((stats.succeeded, stats.failed, stats.retried), (2, 3, 3));
}

#[tokio::test(start_paused = true)]
#[expect(clippy::too_many_lines, reason = "a flat table of cases")]
async fn every_way_to_fail_has_its_verdict() {
    type Handler = fn(Delivery) -> BoxFuture<'static, Outcome>;
    let cases: [(&str, Handler, u32, Option<Reason>, &str); 9] = [
        ("ok", |_| Box::pin(async { Ok(()) }), 1, None, ""),
        (
            "error",
            |_| Box::pin(async { Err("smtp is down")? }),
            3,
            Some(Reason::Exhausted),
            "smtp is down",
        ),
        (
            "reject",
            |_| Box::pin(async { Err(Failure::reject("no such user")) }),
            1,
            Some(Reason::Rejected),
            "no such user",
        ),
        (
            "retry after",
            |_| Box::pin(async { Err(Failure::retry_after(7 * SECOND)) }),
            3,
            Some(Reason::Exhausted),
            "7s",
        ),
        (
            "panic",
            |_| Box::pin(async { panic!("of number {}", 7) }),
            3,
            Some(Reason::Exhausted),
            "panicked: of number 7",
        ),
        (
            "panic before the future",
            |_| panic!("early"),
            3,
            Some(Reason::Exhausted),
            "panicked: early",
        ),
        (
            "panic in drop",
            |_| {
                let bomb = Bomb;
                Box::pin(async move {
                    let _bomb = bomb;
                    Ok(())
                })
            },
            3,
            Some(Reason::Exhausted),
            "panicked: dropped",
        ),
        (
            "hang",
            |_| Box::pin(std::future::pending()),
            3,
            Some(Reason::Exhausted),
            "took longer than 60s",
        ),
        (
            "hang, then panic in drop",
            |_| {
                let bomb = Bomb;
                Box::pin(async move {
                    let _bomb = bomb;
                    std::future::pending().await
                })
            },
            3,
            Some(Reason::Exhausted),
            "took longer than 60s",
        ),
    ];
    for (name, handler, attempts, reason, detail) in cases {
        let memory = memory().await;
        let message = Message::new(vec![0xff, b'x']);
        let id = message.id.clone();
        send(&memory, message).await;
        let tried = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&tried);
        let policy = Policy {
            attempts: 3,
            ..Policy::default()
        };
        let work = Work::Each(Arc::new(move |delivery| {
            count.fetch_add(1, Ordering::Relaxed);
            handler(delivery)
        }));
        let consuming = start(&memory, policy, work).await;
        settle(&memory).await;
        assert_eq!(tried.load(Ordering::Relaxed), attempts as usize, "{name}");
        let letters = letters(&memory).await;
        assert_eq!(letters.first().map(|it| it.cause.reason), reason, "{name}");
        if let [letter] = &letters[..] {
            assert_eq!(
                (letter.attempts, &letter.message.id),
                (attempts, &id),
                "{name}"
            );
            assert_eq!(&letter.message.body[..], [0xff, b'x'], "{name}");
            assert!(letter.cause.detail.contains(detail), "{name}: {letter:?}");
        }
        let report = consuming.drain(Instant::now()).await;
        assert_eq!(report, DrainReport::default(), "{name}");
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_that_ended_with_their_process_count() {
    let memory = memory().await;
    put(&memory, &["poison", "good"]).await;
    let hang = || each(|_| std::future::pending());
    let policy = Policy {
        attempts: 3,
        prefetch: Some(1),
        ..Policy::default()
    };
    for _ in 0..3 {
        let crashing = start(&memory, policy.clone(), hang()).await;
        sleep(SECOND).await;
        drop(crashing);
        sleep(SECOND).await;
    }
    let good = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&good);
    let work = each(move |delivery| {
        assert_eq!(delivery.message.body, "good");
        count.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let consuming = start(&memory, policy, work).await;
    settle(&memory).await;
    assert_eq!(good.load(Ordering::Relaxed), 1);
    let letters = letters(&memory).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].message.body, "poison");
    assert_eq!(letters[0].cause.reason, Reason::Exhausted);
    assert_eq!(consuming.stats().dead_lettered, 1);
}

/// The broker can't tell what its consumer had begun, so one that gives up after it holds nothing else.
#[tokio::test(start_paused = true)]
async fn a_crash_and_a_lost_connection_count_for_what_had_not_begun() {
    let cases = [(1, Some(3), 0), (1, None, 2), (2, Some(3), 3), (2, None, 3)];
    for ((attempts, prefetch, handled), loses_connection) in
        cases.iter().flat_map(|it| [(*it, false), (*it, true)])
    {
        let memory = memory().await;
        put(&memory, &["begun", "waits", "waits"]).await;
        let policy = Policy {
            attempts,
            prefetch,
            ..Policy::default()
        };
        let hang = each(|_| std::future::pending());
        let crashing = start(&memory, policy.clone(), hang).await;
        sleep(SECOND).await;
        if loses_connection {
            memory.lose_connection(SECOND);
            sleep(2 * SECOND).await;
        }
        drop(crashing);
        let consuming = start(&memory, policy, each(|_| async { Ok(()) })).await;
        settle(&memory).await;
        assert_eq!(consuming.stats().succeeded, handled);
        assert_eq!(letters(&memory).await.len() as u64, 3 - handled);
    }
}

#[tokio::test(start_paused = true)]
async fn a_settlement_that_comes_too_late_is_counted_and_nothing_else() {
    // The clock jumps over the lease while the handler's thread stands still, as after SIGSTOP.
    let memory = Memory::with_options(MemoryOptions {
        lease: SECOND,
        ..MemoryOptions::default()
    });
    let topology = Topology {
        queues: vec![QueueDeclaration::new("q")],
        ..Topology::default()
    };
    memory.declare(&topology).await.unwrap();
    put(&memory, &["x"]).await;
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let memory_inside = memory.clone();
    let work = each(move |_| {
        let first = count.fetch_add(1, Ordering::Relaxed) == 0;
        let memory = memory_inside.clone();
        async move {
            if first {
                tokio::time::advance(5 * SECOND).await;
                counts(&memory).await;
            }
            Ok(())
        }
    });
    let consuming = start(&memory, Policy::default(), work).await;
    settle(&memory).await;
    assert_eq!(tried.load(Ordering::Relaxed), 2);
    assert_eq!(consuming.stats().late, 1);
    assert!(consuming.is_attached());
}

#[tokio::test(start_paused = true)]
async fn backoff_of_a_seed_is_the_same_each_time() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let memory = memory().await;
        put(&memory, &["a", "b", "c"]).await;
        let (log, began) = (Log::default(), Instant::now());
        let work = each({
            let log = log.clone();
            move |delivery| {
                log.note(&delivery, began);
                async { Err("no")? }
            }
        });
        let policy = Policy {
            seed: Some(42),
            backoff: Backoff {
                first: SECOND,
                most: 3 * SECOND,
            },
            ..Policy::default()
        };
        let _consuming = start(&memory, policy, work).await;
        settle(&memory).await;
        runs.push(log.take());
    }
    assert_eq!(runs[0].len(), 12);
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(start_paused = true)]
async fn no_wait_for_the_next_attempt_is_too_long() {
    let memory = memory().await;
    put(&memory, &["never", "good"]).await;
    let work = each(|delivery| async move {
        if delivery.message.body == "never" {
            return Err(Failure::retry_after(Duration::MAX));
        }
        Ok(())
    });
    let consuming = start(&memory, Policy::default(), work).await;
    sleep(SECOND).await;
    assert_eq!(counts(&memory).await.delayed, 1);
    assert_eq!(consuming.stats().succeeded, 1);
}

#[tokio::test(start_paused = true)]
async fn who_says_when_it_is_tried_again_is_obeyed_and_the_attempts_count() {
    // Below the shortest wait of the backoff, within it, and beyond its longest.
    for wait in [SECOND / 10, 7 * SECOND, 90 * SECOND] {
        let memory = memory().await;
        put(&memory, &["busy", "good"]).await;
        let (log, began) = (Log::default(), Instant::now());
        let work = each({
            let log = log.clone();
            move |delivery| {
                log.note(&delivery, began);
                let busy = delivery.message.body == "busy";
                async move {
                    if busy {
                        return Err(Failure::retry_after(wait));
                    }
                    Ok(())
                }
            }
        });
        let policy = Policy {
            attempts: 3,
            ..Policy::default()
        };
        let consuming = start(&memory, policy, work).await;
        // Between any two attempts the only slot is free.
        for _ in 0..2 {
            sleep(wait / 2).await;
            put(&memory, &["good"]).await;
            sleep(wait / 2).await;
        }
        settle(&memory).await;
        let (busy, good): (Vec<_>, Vec<_>) = log.take().into_iter().partition(|it| it.0 == "busy");
        assert_eq!(busy.iter().map(|it| it.1).collect::<Vec<_>>(), [1, 2, 3]);
        // The timer of tokio knows milliseconds.
        let soon = Duration::from_millis(5);
        for pair in busy.windows(2) {
            let waited = pair[1].2.saturating_sub(pair[0].2);
            assert!((wait..=wait + soon).contains(&waited), "{waited:?}");
        }
        let expected = [Duration::ZERO, wait / 2, wait + wait / 2];
        for (it, expected) in good.iter().zip(expected) {
            assert!((expected..=expected + soon).contains(&it.2), "{it:?}");
        }
        assert_eq!(good.len(), 3);
        let stats = consuming.stats();
        assert_eq!(
            (stats.failed, stats.retried, stats.dead_lettered),
            (3, 2, 1)
        );
        assert_eq!(letters(&memory).await[0].attempts, 3);
    }
}

/// An error that can't be shown, and can't be dropped.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("not to be shown")
    }
}

impl std::error::Error for Broken {}

impl Drop for Broken {
    fn drop(&mut self) {
        panic!("not to be dropped")
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_panics_where_it_is_shown_or_dropped_costs_no_slot() {
    let memory = memory().await;
    put(&memory, &["bad", "bad", "good"]).await;
    let work = each(|delivery| async move {
        if delivery.message.body == "bad" {
            Err(Broken)?;
        }
        Ok(())
    });
    let policy = Policy {
        attempts: 2,
        ..Policy::default()
    };
    let consuming = start(&memory, policy, work).await;
    timeout(60 * SECOND, settle(&memory)).await.unwrap();
    let stats = consuming.stats();
    assert_eq!(
        (stats.succeeded, stats.failed, stats.dead_lettered),
        (1, 4, 2)
    );
    assert_eq!(letters(&memory).await.len(), 2);
}
