//! Row 8: a panic in a handler, in the `Drop` of what it holds, and in a task that it spawned, is a failed attempt of that
//! message; the process lives and all others are handled.

use std::collections::BTreeMap;

use microagent::Outcome;
use microagent::broker::Reason;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Crowd, Jobs, ScorecardSenders, crowd};

const QUEUE: &str = "scorecard.jobs";
const GOOD: u64 = 1000;
const EACH: u64 = 20;
/// Ways to panic that count as failed, with what the dead letter says of them.
const WAYS: [(&str, &str); 5] = [
    ("handler", "panicked: in the handler"),
    ("drop", "panicked: in drop"),
    ("drop after an error", "panicked: in drop"),
    ("payload", "panicked"),
    ("task", "panicked"),
];

#[derive(Clone, Default)]
struct Panicking(Ledger);

/// Panics when it goes.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

impl Crowd for Panicking {
    async fn consume_jobs(&self, cx: &crowd::Context, job: Jobs) -> Outcome {
        self.0.note(cx, job.number);
        match &*job.text {
            "handler" => panic!("in the handler"),
            "drop" => {
                let _bomb = Bomb;
                tokio::task::yield_now().await;
            }
            "drop after an error" => {
                let _bomb = Bomb;
                Err("no luck")?;
            }
            "payload" => std::panic::panic_any(Bomb),
            "task" => tokio::spawn(async { panic!("in a task") }).await?,
            "stray" => drop(tokio::spawn(async {
                panic!("in a task that nobody awaits")
            })),
            _ => {}
        }
        Ok(())
    }
}

#[test]
fn panics_are_failed_attempts_and_nothing_else() {
    row(8, panic_in_every_way);
}

async fn panic_in_every_way(stage: Stage) -> Counters {
    let agent = Panicking::default();
    let running = stage.start([agent.clone().agent()]).await;
    let ways = WAYS.map(|(way, _)| way);
    let texts = ways.into_iter().chain(["stray"]);
    let bad = texts.flat_map(|it| std::iter::repeat_n(it, usize::try_from(EACH).expect("few")));
    let all = bad.chain(std::iter::repeat_n("", usize::try_from(GOOD).expect("few")));
    for (number, text) in (0..).zip(all) {
        let job = Jobs {
            text: text.to_owned(),
            ..Jobs::new(number)
        };
        running.broker().send_jobs(job).await.expect("it is sent");
    }
    stage.drained(QUEUE).await;

    let mut dead = BTreeMap::<String, u64>::new();
    for letter in stage.dead_letters(QUEUE).await {
        let body = String::from_utf8_lossy(&letter.message.body);
        let (way, detail) = WAYS
            .into_iter()
            .rfind(|(way, _)| body.contains(way))
            .expect("a way");
        assert!(
            letter.cause.detail.contains(detail),
            "{way}: {:?}",
            letter.cause
        );
        assert_eq!(
            (letter.cause.reason, letter.attempts),
            (Reason::Exhausted, 4)
        );
        *dead.entry(way.to_owned()).or_default() += 1;
    }
    let expected = WAYS.map(|(way, _)| (way.to_owned(), EACH));
    assert_eq!(dead, BTreeMap::from(expected));
    let bad = WAYS.len() as u64 * EACH;
    let calls = agent.0.by_number();
    let good = calls.iter().filter(|(number, _)| **number >= bad);
    let good: Vec<_> = good.map(|(_, calls)| calls.len()).collect();
    assert_eq!(good, vec![1; usize::try_from(GOOD + EACH).expect("few")]);
    running
        .stop()
        .await
        .expect("the process lives and stops in order");
    Counters::new()
        .and("sent", calls.len())
        .and("processed", good.len())
        .and("panicked", bad)
        .and("dead after 4 attempts", dead.values().sum::<u64>())
}
