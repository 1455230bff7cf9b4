//! The end of a consumer: in order, idle, or by the broker.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_drain_hands_back_finishes_requeues_and_reports() {
    let memory = memory().await;
    put(&memory, &["quick", "slow", "waiting", "waiting"]).await;
    let work = each(|delivery| async move {
        let seconds = if delivery.message.body == "quick" {
            5
        } else {
            50
        };
        sleep(seconds * SECOND).await;
        Ok(())
    });
    let policy = Policy {
        concurrency: 2,
        prefetch: Some(4),
        ..Policy::default()
    };
    let consuming = start(&memory, policy, work).await;
    sleep(SECOND).await;
    assert!(consuming.is_attached());
    assert_eq!(counts(&memory).await.in_flight, 4);
    let began = Instant::now();
    let report = consuming.drain(began + 25 * SECOND).await;
    let expected = DrainReport {
        returned: 2,
        finished: 1,
        unfinished: 1,
        unsettled: 0,
    };
    assert_eq!(report, expected);
    assert_eq!(began.elapsed(), 25 * SECOND);
    let left = counts(&memory).await;
    assert_eq!((left.ready, left.in_flight, left.consumers), (3, 0, 0));

    let attempts: Arc<Mutex<Vec<(String, u32)>>> = Arc::default();
    let work = each({
        let attempts = Arc::clone(&attempts);
        move |delivery| {
            attempts
                .lock()
                .unwrap()
                .push((body(&delivery), delivery.attempt));
            async { Ok(()) }
        }
    });
    let _other = start(&memory, Policy::default(), work).await;
    settle(&memory).await;
    let mut attempts = std::mem::take(&mut *attempts.lock().unwrap());
    attempts.sort();
    let expected = [("slow", 2), ("waiting", 1), ("waiting", 1)];
    assert_eq!(
        attempts,
        expected.map(|(body, attempt)| (body.to_owned(), attempt))
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_drain_is_quick_and_a_closed_broker_ends_the_consumer() {
    let memory = memory().await;
    let work = || each(|_| async { Ok(()) });
    let consuming = start(&memory, Policy::default(), work()).await;
    let began = Instant::now();
    consuming.drain(began + 25 * SECOND).await;
    assert_eq!(began.elapsed(), Duration::ZERO);

    let consuming = start(&memory, Policy::default(), work()).await;
    BrokerBackend::close(&memory).await.unwrap();
    assert_eq!(consuming.ended().await.kind(), ErrorKind::Closed);
    assert_eq!(consuming.ended().await.kind(), ErrorKind::Closed);
    tokio::task::yield_now().await;
    assert!(!consuming.is_attached());
    consuming.drain(Instant::now()).await;
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_for_more_goes_back_uncounted() {
    let memory = memory().await;
    put(&memory, &["a", "b", "c"]).await;
    let work = || {
        Work::Batch(Arc::new(|deliveries: Vec<Delivery>| {
            assert!(deliveries.iter().all(|it| it.attempt == 1));
            BatchRun::of(async move { deliveries.iter().map(|_| Ok(())).collect() })
        }))
    };
    let policy = Policy {
        batch: 10,
        batch_wait: 60 * SECOND,
        attempts: 1,
        ..Policy::default()
    };
    let consuming = start(&memory, policy.clone(), work()).await;
    sleep(SECOND).await;
    let began = Instant::now();
    let report = consuming.drain(began + 25 * SECOND).await;
    let expected = DrainReport {
        returned: 3,
        ..DrainReport::default()
    };
    assert_eq!((report, began.elapsed()), (expected, Duration::ZERO));

    let other = start(&memory, policy, work()).await;
    settle(&memory).await;
    assert_eq!(other.stats().succeeded, 3);
}
