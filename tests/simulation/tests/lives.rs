//! Many lives of a market of agents, and that each can be led again.

#![expect(clippy::print_stdout, reason = "what happened is the result")]

use std::collections::BTreeMap;
use std::time::Duration;

use microagent::testing::simulation::Simulation;

/// Leases are short, so that those of the dead end within a life.
fn lives(count: u64) -> Simulation {
    Simulation::seeds(count).lease(Duration::from_secs(5))
}

#[test]
fn a_seed_replays_event_by_event() {
    let simulation = lives(200).traced();
    let (first, second) = (
        simulation.run(simulation::live),
        simulation.run(simulation::live),
    );
    for (first, second) in first.iter().zip(&second) {
        let differs = first
            .trace
            .lines()
            .zip(second.trace.lines())
            .position(|(a, b)| a != b);
        assert_eq!(
            first.trace, second.trace,
            "seed {} differs at {differs:?}",
            first.seed
        );
        assert_eq!(first.digest, second.digest, "seed {}", first.seed);
    }
}

#[test]
fn a_seed_that_fails_says_why_and_how_to_replay_it() {
    let failing = || {
        Simulation::seed(7).run(|sim| async move {
            sim.note("so far so good");
            sim.fail(format!("drew {}", sim.roll(1_000)));
        })
    };
    let panic = std::panic::catch_unwind(failing).expect_err("it fails");
    let report = panic.downcast_ref::<String>().expect("it says why");
    for part in [
        "seed 7 failed: drew ",
        "SIMULATION_SEED=7 cargo test -p simulation a_seed_that_fails",
        "the last of 3 events",
        "so far so good",
    ] {
        assert!(report.contains(part), "{part} is not in:\n{report}");
    }
}

/// What has to happen at least once in a hundred lives: a simulation in which nothing happens proves nothing.
const OFTEN: &[&str] = &[
    "acks",
    "answers that came",
    "broker connections lost",
    "bus connections lost",
    "calls that failed",
    "calls that nobody heard",
    "calls that timed out",
    "calls that were not sent",
    "confirmations lost",
    "crashes",
    "cron runs",
    "dead letters",
    "declared errors",
    "double deliveries asked for",
    "half-open connections",
    "handlers that hang",
    "hooks that fail",
    "late settlements",
    "messages dropped by a limit",
    "messages expired",
    "panics",
    "processes that failed",
    "questions with several answers",
    "redeliveries",
    "replies",
    "retries",
    "returns",
    "sends refused",
    "servers that fail",
    "settlements lost",
    "signals heard",
    "stops in order",
];

#[test]
fn nothing_is_lost_and_nothing_comes_twice_unsaid() {
    let lives = lives(10_000).run(simulation::live);
    let mut totals = BTreeMap::new();
    for life in &lives {
        *totals.entry("events").or_insert(0) += life.events;
        for (what, count) in &life.counts {
            *totals.entry(what).or_insert(0) += count;
        }
    }
    println!("{} seeds", lives.len());
    for (what, count) in &totals {
        println!("{count:>10} {what}");
    }
    let hundreds = lives.len() as u64 / 100;
    for what in OFTEN {
        let count = totals.get(what).copied().unwrap_or(0);
        assert!(
            count >= hundreds,
            "{what}: {count} in {hundreds} hundred lives"
        );
    }
}
