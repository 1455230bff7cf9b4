//! Row 27, its first half: a handler that takes three times the lease is not disturbed, since its lease is renewed, and its
//! message comes to nobody else.

use microagent::Outcome;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Jobs, Patient, ScorecardSenders, patient};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const QUEUE: &str = "scorecard.jobs";
const SENT: u64 = 20;

#[derive(Clone)]
struct Slow {
    ledger: Ledger,
    takes: Duration,
}

impl Patient for Slow {
    async fn consume_jobs(&self, cx: &patient::Context, job: Jobs) -> Outcome {
        self.ledger.note(cx, job.number);
        sleep(self.takes).await;
        Ok(())
    }
}

#[test]
fn a_handler_may_take_longer_than_the_lease() {
    row(27, take_three_leases);
}

async fn take_three_leases(stage: Stage) -> Counters {
    let lease = stage.broker().capabilities().lease;
    let lease = lease.expect("the backend has leases");
    let slow = Slow {
        ledger: Ledger::default(),
        takes: 3 * lease,
    };
    // Two who would both like to have it.
    let one = stage.start([slow.clone().agent()]).await;
    let other = stage.start([slow.clone().agent()]).await;
    let began = Instant::now();
    let sent = stage.of(SENT, 8);
    for number in 0..sent {
        let sending = one.broker().send_jobs(Jobs::new(number));
        sending.await.expect("it is sent");
    }
    stage.drained(QUEUE).await;
    let calls = slow.ledger.by_number();
    let duplicates = slow.ledger.count() - calls.len();
    assert_eq!((calls.len() as u64, duplicates), (sent, 0));
    assert!(calls.values().all(|it| it[0].attempt == 1));
    assert!(began.elapsed() >= 3 * lease);
    for running in [one, other] {
        running.stop().await.expect("it stops in order");
    }
    Counters::new()
        .and("lease", format!("{lease:?}"))
        .and("handlers take", format!("{:?}", 3 * lease))
        .and("sent", sent)
        .and("processed", calls.len())
        .and("duplicates", duplicates)
}
