//! The dedupe window: what was handled to the end is not handled again, whatever brings it again; all else is.

use super::*;

use microagent::testing::delivery::Dedupe;

/// Remembers for longer than any test takes.
fn remembering() -> Policy {
    Policy {
        dedupe: Some(Dedupe::new(3600 * SECOND)),
        ..Policy::default()
    }
}

fn keyed(key: &str, body: impl Into<String>) -> Message {
    let mut message = Message::new(body.into());
    message.partition_key = Some(key.to_owned().into());
    message
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_each_message_once_and_a_failed_one_again() {
    let memory = memory().await;
    let messages = ["a", "bad", "c"].map(Message::new);
    for message in messages.iter().chain(&messages) {
        send(&memory, message.clone()).await;
    }
    let log: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let work = Work::Batch(Arc::new({
        let log = Arc::clone(&log);
        move |deliveries: Vec<Delivery>| {
            let outcomes: Vec<_> = deliveries
                .iter()
                .map(|it| match (&*body(it), it.attempt) {
                    ("bad", 1) => Err(Failure::retry_after(SECOND / 2)),
                    _ => Ok(()),
                })
                .collect();
            log.lock()
                .unwrap()
                .push(deliveries.iter().map(body).collect());
            BatchRun::of(async move { outcomes })
        }
    }));
    let policy = Policy {
        batch: 10,
        batch_wait: SECOND / 10,
        ..remembering()
    };
    let consuming = start(&memory, policy, work).await;
    settle(&memory).await;
    let log = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(log, [vec!["a", "bad", "c"], vec!["bad"]]);
    let stats = consuming.stats();
    assert_eq!((stats.succeeded, stats.deduplicated), (3, 3));
    assert_eq!((stats.failed, stats.dead_lettered), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_lets_a_message_be_handled_again_only_where_its_handler_failed() {
    for (name, fails, attempts) in [("succeeds", false, &[1][..]), ("fails", true, &[1, 2])] {
        let memory = memory().await;
        memory.faults().deliver_twice(1);
        put(&memory, &["x"]).await;
        let log = Log::default();
        let began = Instant::now();
        let work = || {
            let log = log.clone();
            each(move |delivery| {
                log.note(&delivery, began);
                async move {
                    sleep(5 * SECOND / 2).await;
                    if fails && delivery.attempt == 1 {
                        Err("not yet")?;
                    }
                    Ok(())
                }
            })
        };
        let policy = remembering();
        let one = start(&memory, policy.clone(), work()).await;
        let other = start(&memory, policy, work()).await;
        settle(&memory).await;
        let log = log.take();
        let seen: Vec<_> = log.iter().map(|it| it.1).collect();
        assert_eq!(seen, attempts, "{name}");
        // Never two at once: the second waits until the first has ended.
        assert!(log.iter().skip(1).all(|it| it.2 >= 5 * SECOND / 2));
        let (one, other) = (one.stats(), other.stats());
        assert_eq!(one.late + other.late, 1, "{name}");
        assert_eq!(one.succeeded + other.succeeded, 1, "{name}");
        let deduplicated = one.deduplicated + other.deduplicated;
        assert_eq!(deduplicated, u64::from(!fails), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_settlement_that_comes_too_late_has_no_second_effect() {
    let memory = memory().await;
    put(&memory, &["x"]).await;
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let inside = memory.clone();
    // The clock jumps over the lease while the handler's thread stands still, as after SIGSTOP.
    let work = each(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        let memory = inside.clone();
        async move {
            tokio::time::advance(31 * SECOND).await;
            counts(&memory).await;
            Ok(())
        }
    });
    let consuming = start(&memory, remembering(), work).await;
    settle(&memory).await;
    assert_eq!(tried.load(Ordering::Relaxed), 1);
    let stats = consuming.stats();
    assert_eq!((stats.late, stats.deduplicated), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn whatever_ends_an_attempt_but_success_lets_it_be_made_again() {
    type Handler = fn() -> BoxFuture<'static, Outcome>;
    let cases: [(&str, Handler); 4] = [
        ("error", || Box::pin(async { Err("no")? })),
        ("retry", || {
            Box::pin(async { Err(Failure::retry_after(SECOND)) })
        }),
        ("panic", || panic!("as asked")),
        ("hang", || Box::pin(std::future::pending())),
    ];
    for (name, first) in cases {
        let memory = memory().await;
        let message = Message::new("x");
        send(&memory, message.clone()).await;
        let (log, began) = (Log::default(), Instant::now());
        let work = each({
            let log = log.clone();
            move |delivery| -> BoxFuture<'static, Outcome> {
                log.note(&delivery, began);
                match delivery.attempt {
                    1 => first(),
                    _ => Box::pin(async { Ok(()) }),
                }
            }
        });
        let consuming = start(&memory, remembering(), work).await;
        settle(&memory).await;
        // And once it was handled, never again.
        send(&memory, message).await;
        settle(&memory).await;
        let attempts: Vec<_> = log.take().iter().map(|it| it.1).collect();
        assert_eq!(attempts, [1, 2], "{name}");
        assert_eq!(consuming.stats().deduplicated, 1, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_cancelled_by_a_drain_or_given_up_is_handled_again() {
    let memory = memory().await;
    put(&memory, &["slow", "reject"]).await;
    let (log, began) = (Log::default(), Instant::now());
    let work = |patient: bool| {
        let log = log.clone();
        each(move |delivery| {
            log.note(&delivery, began);
            async move {
                match &*body(&delivery) {
                    "slow" if !patient => std::future::pending().await,
                    "reject" if !patient => Err(Failure::reject("not now")),
                    _ => Ok(()),
                }
            }
        })
    };
    let policy = Policy {
        concurrency: 2,
        ..remembering()
    };
    let first = start(&memory, policy.clone(), work(false)).await;
    sleep(SECOND).await;
    let report = first.drain(Instant::now() + SECOND).await;
    assert_eq!(report.unfinished, 1);
    assert_eq!(log.take().len(), 2);
    let inspect = memory.inspect().unwrap();
    assert_eq!(inspect.redrive("q", 9).await.unwrap(), 1);

    let second = start(&memory, policy, work(true)).await;
    settle(&memory).await;
    let mut again: Vec<_> = log.take().into_iter().map(|it| (it.0, it.1)).collect();
    again.sort();
    assert_eq!(again, [("reject".to_owned(), 1), ("slow".to_owned(), 2)]);
    assert_eq!(second.stats().deduplicated, 0);
}

#[tokio::test(start_paused = true)]
async fn an_ordered_queue_keeps_its_order_while_duplicates_and_lost_leases_come() {
    let memory = memory_with(|it| it.partitions = Some(4)).await;
    for number in 0..20_u32 {
        for key in ["x", "y", "z"] {
            let message = keyed(key, number.to_string());
            send(&memory, message.clone()).await;
            send(&memory, message).await;
        }
    }
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let work = || {
        let seen = Arc::clone(&seen);
        each(move |delivery| {
            let seen = Arc::clone(&seen);
            async move {
                sleep(SECOND / 10).await;
                let number: u32 = body(&delivery).parse().unwrap();
                if number % 7 == 3 && delivery.attempt == 1 {
                    Err("not yet")?;
                }
                let key = delivery.message.partition_key.as_ref().unwrap().to_vec();
                seen.lock().unwrap().entry(key).or_default().push(number);
                Ok(())
            }
        })
    };
    let policy = Policy {
        concurrency: 4,
        ordered: true,
        ..remembering()
    };
    let one = start(&memory, policy.clone(), work()).await;
    let other = start(&memory, policy, work()).await;
    // Now and then, so that no message loses all its attempts to it.
    for _ in 0..10 {
        memory.faults().deliver_twice(1);
        sleep(3 * SECOND).await;
    }
    settle(&memory).await;
    assert_eq!(counts(&memory).await.dead, 0);
    assert!(one.stats().late + other.stats().late > 0);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for numbers in seen.values() {
        assert_eq!(*numbers, (0..20).collect::<Vec<_>>());
    }
}
