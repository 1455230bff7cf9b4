//! Many lives of a market of agents, and that each can be led again.

#![expect(clippy::print_stdout, reason = "what happened is the result")]

use std::collections::BTreeMap;

use microagent::testing::simulation::Simulation;

#[test]
fn a_seed_replays_event_by_event() {
    let simulation = Simulation::seeds(200).traced();
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
fn nothing_is_lost_and_nothing_comes_twice_unsaid() {
    let lives = Simulation::seeds(1_000).run(simulation::live);
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
}
