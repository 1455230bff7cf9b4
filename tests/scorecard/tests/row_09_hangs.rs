//! Row 9: a handler that hangs gives its slot back when its time is over, and is not tried for ever; handlers that block
//! their threads, fewer than there are, do not keep others from theirs, and each is reported once.

use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use microagent::Outcome;
use microagent::broker::Reason;
use scorecard::support::{Counters, Ledger, Stage, row, row_on_threads};
use scorecard::{Crowd, Hasty, Jobs, ScorecardSenders, crowd, hasty};
use tokio::time::{Instant, sleep};

const QUEUE: &str = "scorecard.jobs";
/// As the schema says.
const TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 3;

struct Hanging(Ledger);

impl Hasty for Hanging {
    async fn consume_jobs(&self, cx: &hasty::Context, job: Jobs) -> Outcome {
        self.0.note(cx, job.number);
        if job.number == 0 {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[test]
fn a_slot_is_free_when_the_time_is_over() {
    row(9, hang_and_go_on);
}

async fn hang_and_go_on(stage: Stage) -> Counters {
    let ledger = Ledger::default();
    let running = stage.start([Hanging(ledger.clone()).agent()]).await;
    let began = Instant::now();
    for number in 0..=100 {
        let sending = running.broker().send_jobs(Jobs::new(number));
        sending.await.expect("it is sent");
    }
    stage.drained(QUEUE).await;
    let calls = ledger.by_number();
    let free = calls[&1][0].at - began;
    assert!(
        free <= stage.at_most(TIMEOUT + Duration::from_secs(1)),
        "{free:?}"
    );
    assert_eq!(calls[&0].len(), ATTEMPTS);
    assert!(calls.iter().skip(1).all(|(_, calls)| calls.len() == 1));
    let letters = stage.dead_letters(QUEUE).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].cause.reason, Reason::Exhausted);
    assert_eq!(&*letters[0].cause.detail, "took longer than 2s");
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("hung", 1)
        .and("its attempts", calls[&0].len())
        .and("timeout", format!("{TIMEOUT:?}"))
        .and("slot free after", format!("{free:?}"))
        .and("others processed", calls.len() - 1)
}

/// Threads of the runtime, and handlers that block one each.
const THREADS: usize = 4;
const BLOCKED: u64 = 3;
const OTHERS: u64 = 1000;
/// Longer than a machine that is busy holds up a thread.
const BLOCKED_AFTER: Duration = Duration::from_secs(1);

struct Blocking {
    ledger: Ledger,
    /// Says when the blocked may go on.
    gates: Mutex<Vec<mpsc::Receiver<()>>>,
}

impl Crowd for Blocking {
    async fn consume_jobs(&self, cx: &crowd::Context, job: Jobs) -> Outcome {
        self.ledger.note(cx, job.number);
        if job.number % 100 == 50 {
            let gate = self
                .gates
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            // As long as the row goes on, and then until its end of the gate is gone.
            let _ = gate.map(|it| it.recv());
        }
        Ok(())
    }
}

#[test]
fn blocked_threads_do_not_keep_the_others() {
    row_on_threads(9, THREADS, block_and_go_on);
}

async fn block_and_go_on(stage: Stage) -> Counters {
    let ledger = Ledger::default();
    let (doors, gates): (Vec<_>, Vec<_>) = (0..BLOCKED).map(|_| mpsc::channel()).unzip();
    let agent = Blocking {
        ledger: ledger.clone(),
        gates: Mutex::new(gates),
    };
    let running = stage.start_watching([agent.agent()], BLOCKED_AFTER).await;
    let began = Instant::now();
    for number in 0..OTHERS + BLOCKED {
        let sending = running.broker().send_jobs(Jobs::new(number));
        sending.await.expect("it is sent");
    }
    let blocked = usize::try_from(BLOCKED).expect("few");
    let others_done =
        |it: microagent::broker::QueueCounts| it.ready == 0 && it.in_flight == blocked;
    stage.until(others_done, QUEUE).await;
    let took = began.elapsed();
    // Each is found where it stands, in the middle of its handler.
    while running.blocked() < BLOCKED {
        sleep(Duration::from_millis(10)).await;
    }
    let found = began.elapsed();
    assert!(found >= BLOCKED_AFTER, "{found:?}");
    drop(doors);
    stage.drained(QUEUE).await;
    let calls = ledger.by_number();
    assert!(calls.values().all(|it| it.len() == 1), "{calls:?}");
    assert_eq!(running.blocked(), BLOCKED, "each once, and no other");
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("threads", THREADS)
        .and("blocked", BLOCKED)
        .and("others processed meanwhile", OTHERS)
        .and("in", format!("{took:.1?}"))
        .and("reported as blocked", BLOCKED)
        .and("processed", calls.len())
}
