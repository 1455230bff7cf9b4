//! Slots: how many handlers run, what they hold, and leases.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_hanging_handler_frees_its_slot_at_the_timeout() {
    let memory = memory().await;
    put(&memory, &["hangs", "next"]).await;
    let (log, began) = (Log::default(), Instant::now());
    let work = each({
        let log = log.clone();
        move |delivery| {
            log.note(&delivery, began);
            let hangs = delivery.message.body == "hangs";
            async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        }
    });
    let policy = Policy {
        timeout: 5 * SECOND,
        attempts: 2,
        ..Policy::default()
    };
    let consuming = start(&memory, policy, work).await;
    settle(&memory).await;
    let log = log.take();
    assert_eq!(log[1].0, "next");
    assert_eq!(log[1].2, 5 * SECOND);
    assert_eq!(consuming.stats().timed_out, 2);
}

#[tokio::test(start_paused = true)]
async fn concurrency_is_a_limit_that_is_reached() {
    for concurrency in [1, 3, 16] {
        let memory = memory().await;
        put(&memory, &["x"; 40]).await;
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let work = each({
            let (running, most) = (Arc::clone(&running), Arc::clone(&most));
            move |_| {
                let running = Arc::clone(&running);
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                async move {
                    sleep(SECOND).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                }
            }
        });
        let policy = Policy {
            concurrency,
            ..Policy::default()
        };
        let began = Instant::now();
        let _consuming = start(&memory, policy, work).await;
        settle(&memory).await;
        assert_eq!(most.load(Ordering::SeqCst), concurrency);
        let rounds = u32::try_from(40_usize.div_ceil(concurrency)).unwrap();
        assert!(began.elapsed() < rounds * SECOND + SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_hoards_nothing() {
    let memory = memory().await;
    put(&memory, &["x"; 20]).await;
    let slow = || {
        each(|_| async {
            sleep(10 * SECOND).await;
            Ok(())
        })
    };
    let _one = start(&memory, Policy::default(), slow()).await;
    sleep(SECOND).await;
    assert!(counts(&memory).await.in_flight <= 2);
    let began = Instant::now();
    let _others = [
        start(&memory, Policy::default(), slow()).await,
        start(&memory, Policy::default(), slow()).await,
        start(&memory, Policy::default(), slow()).await,
    ];
    settle(&memory).await;
    assert!(began.elapsed() <= 61 * SECOND, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_outlives_the_lease_is_not_delivered_twice() {
    let memory = memory().await;
    put(&memory, &["x"]).await;
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let slow = Work::Each(Arc::new(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            sleep(300 * SECOND).await;
            Ok(())
        })
    }));
    let policy = Policy {
        timeout: 600 * SECOND,
        ..Policy::default()
    };
    let one = start(&memory, policy.clone(), slow.clone()).await;
    let two = start(&memory, policy, slow).await;
    settle(&memory).await;
    assert_eq!(tried.load(Ordering::Relaxed), 1);
    assert_eq!(one.stats().late + two.stats().late, 0);
}

/// Quick handlers share few workers; one that blocks its thread must keep nothing from the others for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_blocked_thread_holds_up_nothing_that_another_slot_can_do() {
    let memory = memory().await;
    let (free, freed) = std::sync::mpsc::channel();
    let freed = Arc::new(Mutex::new(freed));
    let work = each(move |delivery| {
        let (free, freed) = (free.clone(), Arc::clone(&freed));
        async move {
            match &*delivery.message.body {
                b"blocks" => freed.lock().unwrap().recv_timeout(30 * SECOND)?,
                b"frees" => free.send(())?,
                _ => {}
            }
            Ok(())
        }
    });
    let policy = Policy {
        concurrency: 2,
        attempts: 1,
        ..Policy::default()
    };
    let consuming = start(&memory, policy, work).await;
    for round in 1..=5 {
        put(&memory, &["quick"; 100]).await;
        settle(&memory).await;
        put(&memory, &["blocks", "frees"]).await;
        settle(&memory).await;
        assert_eq!(consuming.stats().succeeded, 102 * round);
    }
}
