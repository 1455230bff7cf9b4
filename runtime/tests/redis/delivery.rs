//! The delivery driver on Redis: the whole way of messages, and nothing left over.

use std::collections::BTreeMap;
use std::sync::Mutex;

use microagent::Failure;
use microagent::testing::delivery::{Backoff, Policy, Work, consume};

use super::*;

#[tokio::test]
async fn messages_are_tried_again_given_up_and_done() {
    on_redis(|redis| async move {
        declare(&redis, &[queue("q", |_| {})]).await;
        let seen: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let handle = move |delivery: Delivery| {
            let body = bodies(&[delivery])[0].to_owned();
            let mut seen = noted.lock().unwrap();
            let tries = seen.entry(body.clone()).or_default();
            *tries += 1;
            match &*body {
                "once" if *tries == 1 => Err(Failure::new("not yet")),
                "never" => Err(Failure::new("no")),
                _ => Ok(()),
            }
        };
        let work = Work::Each(Arc::new(move |delivery| {
            let outcome = handle(delivery);
            Box::pin(async move { outcome })
        }));
        let policy = Policy {
            attempts: 3,
            backoff: Backoff {
                first: Duration::from_millis(50),
                most: Duration::from_millis(50),
            },
            ..Policy::default()
        };
        let consuming = consume(&redis, &"q".into(), policy, work).await.unwrap();
        put(&redis, &["good", "once", "never"]).await;
        let done = async {
            loop {
                let counts = counts(&redis, "q").await;
                if counts.dead == 1 && counts.ready + counts.delayed + counts.in_flight == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SOON * 2, done).await.unwrap();
        let tries: Vec<_> = seen.lock().unwrap().clone().into_iter().collect();
        let expected = [("good", 1), ("never", 3), ("once", 2)];
        assert_eq!(
            tries,
            expected.map(|(body, tries)| (body.to_owned(), tries))
        );
        let letters = redis.inspect().unwrap().dead_letters("q", 9).await.unwrap();
        assert_eq!(letters[0].cause.reason, Reason::Exhausted);
        assert_eq!(letters[0].attempts, 3);
        let report = consuming.drain(tokio::time::Instant::now() + SOON).await;
        assert_eq!(report.unsettled, 0);
    })
    .await;
}
