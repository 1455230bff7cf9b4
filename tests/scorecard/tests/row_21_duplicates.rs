//! Row 21: with a dedupe window a message that comes twice has one effect, wherever its first delivery is by then, and
//! the attempt that its handler sees is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::Outcome;
use microagent::message::Message;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Careful, Jobs, ScorecardSenders, careful};
use tokio::time::sleep;

const QUEUE: &str = "scorecard.jobs";
const EACH: u64 = 500;
/// Longer than the window that the schema says.
const LATER: Duration = Duration::from_mins(11);

/// Even messages succeed at once, odd ones fail once; either takes a moment, in which its duplicate comes.
#[derive(Clone, Default)]
struct Counting {
    calls: Ledger,
    effects: Arc<AtomicUsize>,
}

impl Careful for Counting {
    async fn consume_jobs(&self, cx: &careful::Context, job: Jobs) -> Outcome {
        let attempt = self.calls.note(cx, job.number);
        sleep(Duration::from_millis(1)).await;
        if job.number % 2 == 1 && attempt == 1 {
            Err("not yet")?;
        }
        self.effects.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn a_duplicate_has_no_effect() {
    row(21, send_everything_twice);
}

async fn send_everything_twice(stage: Stage) -> Counters {
    if !stage.keeps_ids() {
        return Counters::new().and(
            "left out",
            "an id is what duplicates have in common, and its messages have none",
        );
    }
    let agent = Counting::default();
    // Two agents of one run share the memory, and compete.
    let agents = [agent.clone().agent(), agent.clone().agent()];
    let running = stage.start(agents).await;
    running
        .broker()
        .send_jobs(Jobs::new(0))
        .await
        .expect("it is sent");
    stage.drained(QUEUE).await;
    let each = stage.of(EACH, 50);
    let messages: Vec<_> = (0..2 * each).map(message).collect();
    for message in &messages {
        stage.send_raw(QUEUE, message.clone()).await;
        stage.send_raw(QUEUE, message.clone()).await;
    }
    stage.drained(QUEUE).await;
    // And once more, when all have been handled.
    for message in &messages {
        stage.send_raw(QUEUE, message.clone()).await;
    }
    stage.drained(QUEUE).await;
    let effects = agent.effects.load(Ordering::SeqCst) - 1;
    assert_eq!(effects as u64, 2 * each);
    assert_eq!(stage.counts(QUEUE).await.dead, 0);
    check_attempts(&agent.calls);

    let counters = Counters::new()
        .and("messages", messages.len())
        .and("duplicates", 2 * messages.len())
        .and("effects", effects)
        .and("calls", agent.calls.count());
    let counters = match stage.of(Some(LATER), None) {
        None => counters,
        Some(later) => {
            sleep(later).await;
            stage.send_raw(QUEUE, messages[0].clone()).await;
            stage.drained(QUEUE).await;
            let after = agent.effects.load(Ordering::SeqCst) - 1 - effects;
            assert_eq!(after, 1, "the window is over");
            counters.and("effects of one duplicate after the window", after)
        }
    };
    running.stop().await.expect("it stops in order");
    counters
}

fn message(number: u64) -> Message {
    Message::new(format!(r#"{{"number":{number},"text":""}}"#))
}

/// A first attempt for each, and a second one for those that failed once; a duplicate of what failed is a first attempt of
/// its own.
fn check_attempts(calls: &Ledger) {
    for (number, calls) in calls.by_number() {
        let attempts: Vec<_> = calls.iter().map(|it| it.attempt).collect();
        match attempts[..] {
            [1] if number % 2 == 0 => {}
            // The first one was sent by the agents' own broker as well.
            [1, 1] if number == 0 => {}
            [1, 1, 2] | [1, 2] if number % 2 == 1 => {}
            _ => panic!("message {number}: {attempts:?}"),
        }
    }
}
