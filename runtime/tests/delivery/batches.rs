//! Batches, and queues in order.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_batch_is_as_large_as_it_may_and_each_message_has_its_own_outcome() {
    let memory = memory().await;
    put(&memory, &["a", "b", "bad", "d", "reject"]).await;
    let log: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let work = Work::Batch(Arc::new({
        let log = Arc::clone(&log);
        move |deliveries: Vec<Delivery>| {
            let bodies: Vec<_> = deliveries.iter().map(body).collect();
            let outcome = |it: &String| match &**it {
                "bad" => Err(Failure::new("bad")),
                "reject" => Err(Failure::reject("no")),
                _ => Ok(()),
            };
            let outcomes: Vec<_> = bodies.iter().map(outcome).collect();
            log.lock().unwrap().push(bodies);
            BatchRun::of(async move { outcomes })
        }
    }));
    let policy = Policy {
        batch: 3,
        batch_wait: SECOND / 2,
        attempts: 2,
        ..Policy::default()
    };
    let began = Instant::now();
    let consuming = start(&memory, policy, work).await;
    sleep(SECOND / 4).await;
    put(&memory, &["f"]).await;
    settle(&memory).await;
    assert!(began.elapsed() < 3 * SECOND);
    let log = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(
        log,
        [vec!["a", "b", "bad"], vec!["d", "reject", "f"], vec!["bad"]]
    );
    let reasons: Vec<_> = letters(&memory)
        .await
        .iter()
        .map(|it| it.cause.reason)
        .collect();
    assert_eq!(reasons, [Reason::Rejected, Reason::Exhausted]);
    let expected = DeliveryStats {
        succeeded: 4,
        failed: 3,
        retried: 1,
        dead_lettered: 2,
        ..DeliveryStats::default()
    };
    assert_eq!(consuming.stats(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_as_a_whole_fails_each() {
    type Handler = fn(Vec<Delivery>) -> BatchRun;
    let cases: [(&str, Handler, &str); 3] = [
        ("panic", |_| panic!("all"), "panicked: all"),
        (
            "hang",
            |_| BatchRun::of(std::future::pending()),
            "took longer",
        ),
        (
            "too few",
            |_| BatchRun::of(async { vec![Ok(())] }),
            "1 outcomes were returned for a batch of 2",
        ),
    ];
    for (name, handler, detail) in cases {
        let memory = memory().await;
        put(&memory, &["a", "b"]).await;
        let policy = Policy {
            batch: 2,
            attempts: 1,
            ..Policy::default()
        };
        let _consuming = start(&memory, policy, Work::Batch(Arc::new(handler))).await;
        settle(&memory).await;
        let letters = letters(&memory).await;
        assert_eq!(letters.len(), 2, "{name}");
        assert!(
            letters.iter().all(|it| it.cause.detail.contains(detail)),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_ordered_queue_is_handled_in_order_by_key_whatever_fails() {
    let memory = memory_with(|it| it.partitions = Some(4)).await;
    for number in 0..60 {
        let mut message = Message::new(format!("{}", number / 3));
        message.partition_key = Some(format!("key {}", number % 3).into());
        send(&memory, message).await;
    }
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let work = || {
        let seen = Arc::clone(&seen);
        each(move |delivery| {
            let seen = Arc::clone(&seen);
            async move {
                sleep(SECOND / 10).await;
                let number: u32 = body(&delivery).parse().unwrap();
                if number % 5 == 2 && delivery.attempt < 3 {
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
        ..Policy::default()
    };
    let _one = start(&memory, policy.clone(), work()).await;
    let _other = start(&memory, policy, work()).await;
    settle(&memory).await;
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    for numbers in seen.values() {
        assert_eq!(*numbers, (0..20).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_for_more_holds_back_nothing_of_the_one_before() {
    let memory = memory().await;
    put(&memory, &["a", "b", "c"]).await;
    let sizes: Arc<Mutex<Vec<usize>>> = Arc::default();
    let work = Work::Batch(Arc::new({
        let sizes = Arc::clone(&sizes);
        move |deliveries: Vec<Delivery>| {
            sizes.lock().unwrap().push(deliveries.len());
            BatchRun::of(async move { deliveries.iter().map(|_| Ok(())).collect() })
        }
    }));
    let policy = Policy {
        batch: 2,
        batch_wait: 600 * SECOND,
        ..Policy::default()
    };
    let consuming = start(&memory, policy, work).await;
    sleep(SECOND).await;
    assert_eq!(counts(&memory).await.in_flight, 1);
    sleep(700 * SECOND).await;
    assert_eq!(*sizes.lock().unwrap(), [2, 1]);
    assert_eq!(consuming.stats().late, 0);
}
