//! Row 5: a message that comes after ten idle minutes is processed within a second.

use std::time::Duration;

use microagent::Outcome;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Jobs, ScorecardSenders, Worker, worker};
use tokio::time::{Instant, sleep};

const IDLE: Duration = Duration::from_mins(10);
/// Ten times what a read waits on a server.
const SHORT_IDLE: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_secs(1);

struct Noting(Ledger);

impl Worker for Noting {
    async fn consume_jobs(&self, cx: &worker::Context, job: Jobs) -> Outcome {
        self.0.note(cx, job.number);
        Ok(())
    }
}

#[test]
fn one_message_after_ten_idle_minutes() {
    row(5, idle_then_one);
}

async fn idle_then_one(stage: Stage) -> Counters {
    let ledger = Ledger::default();
    let running = stage.start([Noting(ledger.clone()).agent()]).await;
    let idle = stage.of(IDLE, SHORT_IDLE);
    sleep(idle).await;
    let sent = Instant::now();
    let broker = running.broker();
    broker.send_jobs(Jobs::new(1)).await.expect("it is sent");
    stage.drained("scorecard.jobs").await;
    let waits: Vec<_> = ledger.all().iter().map(|it| it.at - sent).collect();
    assert!(matches!(waits[..], [wait] if wait <= SOON), "{waits:?}");
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("idle", format!("{idle:?}"))
        .and("sent", 1)
        .and("processed", waits.len())
        .and("after", format!("{:?}", waits[0]))
}
