//! Row 7: a handler that fails k of N attempts is tried as often as that takes, on the exponential schedule; what it never
//! handles is kept as a dead letter that says all there is to know, and comes back once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use microagent::Outcome;
use microagent::broker::Reason;
use scorecard::support::{Counters, Entry, Ledger, Stage, row};
use scorecard::{Jobs, ScorecardSenders, Worker, worker};

const QUEUE: &str = "scorecard.jobs";
/// N: the first attempt and three retries, as the language gives.
const ATTEMPTS: u64 = 4;
/// Messages for each k.
const EACH: u64 = 100;
/// The schedule in seconds, before jitter.
const SCHEDULE: [f64; 3] = [1.0, 2.0, 4.0];
/// What jitter makes of it, and a millisecond of the clock.
const SPREAD: (f64, f64) = (0.8, 1.201);

#[derive(Clone, Default)]
struct Failing {
    ledger: Ledger,
    mended: Arc<AtomicBool>,
}

impl Worker for Failing {
    /// Message `k` of five fails its first k attempts.
    async fn consume_jobs(&self, cx: &worker::Context, job: Jobs) -> Outcome {
        let attempt = self.ledger.note(cx, job.number);
        let failures = job.number % (ATTEMPTS + 1);
        if u64::from(attempt) <= failures && !self.mended.load(Ordering::SeqCst) {
            Err(format!("attempt {attempt} of message {failures}"))?;
        }
        Ok(())
    }
}

#[test]
fn attempts_backoff_dead_letters_and_redrive() {
    row(7, fail_and_redrive);
}

async fn fail_and_redrive(stage: Stage) -> Counters {
    let failing = Failing::default();
    let running = stage.start([failing.clone().agent()]).await;
    let each = stage.of(EACH, 20);
    let sent = each * (ATTEMPTS + 1);
    for number in 0..sent {
        let sending = running.broker().send_jobs(Jobs::new(number));
        sending.await.expect("it is sent");
    }
    stage.drained(QUEUE).await;
    let (attempts, spread) = check_attempts(&stage, &failing.ledger);
    let dead = check_dead_letters(&stage, &failing.ledger).await;
    assert_eq!(dead as u64, each);

    failing.mended.store(true, Ordering::SeqCst);
    let before = failing.ledger.take();
    let redriven = stage.redrive(QUEUE).await;
    assert_eq!((redriven, stage.redrive(QUEUE).await), (dead, 0));
    stage.drained(QUEUE).await;
    check_redriven(&failing.ledger, (&before, each));
    assert_eq!(stage.counts(QUEUE).await.dead, 0);
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("sent", sent)
        .and("attempts", attempts)
        .and(
            "waits",
            format!("{:.3}..{:.3} of schedule", spread.0, spread.1),
        )
        .and("dead", dead)
        .and("redriven and processed", redriven)
}

/// How many there were, and the shortest and longest wait against the schedule.
fn check_attempts(stage: &Stage, ledger: &Ledger) -> (usize, (f64, f64)) {
    let mut spread = (f64::INFINITY, 0.0_f64);
    for (number, calls) in ledger.by_number() {
        let expected = (number % (ATTEMPTS + 1) + 1).min(ATTEMPTS);
        let attempts: Vec<_> = calls.iter().map(|it| u64::from(it.attempt)).collect();
        assert_eq!(attempts, (1..=expected).collect::<Vec<_>>(), "{number}");
        for (pair, planned) in calls.windows(2).zip(SCHEDULE) {
            let waited = pair[1].at - pair[0].at;
            let most = stage.at_most(Duration::from_secs_f64(planned * SPREAD.1));
            let share = waited.as_secs_f64() / planned;
            assert!(share >= SPREAD.0 && waited <= most, "{number}: {share}");
            spread = (spread.0.min(share), spread.1.max(share));
        }
    }
    (ledger.count(), spread)
}

async fn check_dead_letters(stage: &Stage, ledger: &Ledger) -> usize {
    let calls = ledger.by_number();
    let letters = stage.dead_letters(QUEUE).await;
    for letter in &letters {
        let last = calls.values().filter_map(|it| it.last());
        let tried = last.clone().find(|it| it.id == letter.message.id);
        let tried = tried.expect("it is one of those that were tried");
        assert_eq!(tried.number % (ATTEMPTS + 1), ATTEMPTS);
        assert_eq!(letter.cause.reason, Reason::Exhausted);
        assert_eq!(&*letter.cause.detail, "attempt 4 of message 4");
        assert_eq!(u64::from(letter.attempts), ATTEMPTS);
        assert_eq!(letter.first_seen, tried.first_seen);
        assert_eq!(&*letter.queue, QUEUE);
        let raw = format!(r#"{{"number":{},"text":""}}"#, tried.number);
        assert_eq!(letter.message.body, raw);
    }
    letters.len()
}

/// Each once, as a first attempt, and still known by its id.
fn check_redriven(ledger: &Ledger, (before, each): (&[Entry], u64)) {
    let calls = ledger.by_number();
    assert_eq!(calls.len() as u64, each);
    for (number, calls) in calls {
        let [call] = &calls[..] else {
            panic!("message {number} came back {} times", calls.len());
        };
        let known = before.iter().find(|it| it.number == number);
        let known = known.expect("it was tried before");
        assert_eq!((call.attempt, &call.id), (1, &known.id));
        assert_eq!(call.first_seen, known.first_seen);
    }
}
