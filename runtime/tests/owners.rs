//! Every task and thread that the runtime begins has an owner that waits for its end. The list of places is short and
//! stands here; a new one has to say who that is.

#![allow(clippy::unwrap_used, reason = "a test crate")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// File, how many places in it begin a task or a thread, and who waits for their end.
const OWNERS: &[(&str, usize, &str)] = &[
    ("agent/attach.rs", 2, "`Attached::drain` joins the set"),
    (
        "agent/life.rs",
        2,
        "`Tasks`, joined by `drain`; aborted with the agent",
    ),
    (
        "backend/redis/bus.rs",
        2,
        "the subscription: aborted by its drop",
    ),
    (
        "backend/redis/consumer.rs",
        1,
        "the consumer: its `stop` awaits the reader's end, its drop aborts it",
    ),
    (
        "backend/redis/node.rs",
        1,
        "`Node`: awaited when it is closed, aborted by its drop",
    ),
    (
        "backend/redis/open.rs",
        1,
        "`Opened`, which aborts it when it is dropped",
    ),
    (
        "delivery.rs",
        1,
        "`Consuming`: awaited by `drain`, aborted by its drop",
    ),
    (
        "delivery/pump.rs",
        1,
        "`Pump`: joined by `drain`, aborted by its drop",
    ),
    (
        "rpc/inbox.rs",
        1,
        "`Inbox`, awaited when it is closed, aborted by its drop",
    ),
    (
        "rpc/listen.rs",
        2,
        "`Listening` for its line, the line for its handlers",
    ),
    ("run/mod.rs", 1, "`supervise` joins the agents"),
    (
        "run/running.rs",
        1,
        "`Running::ended`; a dropped `Running` has it end by itself",
    ),
    ("schedule/runner.rs", 1, "`Runner::finish` joins the runs"),
    ("testing/simulation/mod.rs", 1, "the scope of threads"),
    (
        "testing/simulation/process.rs",
        1,
        "the process of the simulation",
    ),
    (
        "testing/suite/cases/consumers.rs",
        1,
        "the case's set, which ends with it",
    ),
    (
        "testing/suite/cases/ordered.rs",
        1,
        "the case's set, which ends with it",
    ),
    (
        "testing/suite/cases/questions.rs",
        2,
        "the case's sets, which it joins",
    ),
    (
        "testing/suite/cases/topology.rs",
        1,
        "the case's set, which it joins",
    ),
    (
        "testing/suite/cases/universal_many.rs",
        6,
        "each case's set, joined or ended with it",
    ),
    ("testing/suite/run.rs", 1, "the scope of threads"),
    (
        "watchdog.rs",
        1,
        "`Watchdog` joins its thread when it is dropped",
    ),
];

/// What begins a task or a thread.
const BEGINNINGS: &[&str] = &["spawn(", "spawn_blocking(", "spawn_local(", "spawn_on("];

fn count(folder: &Path, under: &str, found: &mut BTreeMap<String, usize>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{under}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            count(&path, &format!("{name}/"), found);
        } else if !name.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let lines = code.lines().filter(|it| !it.trim_start().starts_with("//"));
            let places = lines
                .filter(|line| BEGINNINGS.iter().any(|it| line.contains(it)))
                .count();
            if places > 0 {
                found.insert(name, places);
            }
        }
    }
}

#[test]
fn every_task_has_an_owner() {
    let mut found = BTreeMap::new();
    count(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "",
        &mut found,
    );
    let listed: BTreeMap<_, _> = OWNERS
        .iter()
        .map(|(file, places, _)| ((*file).to_owned(), *places))
        .collect();
    assert_eq!(
        found, listed,
        "a place that begins a task is not in the list: add it with its owner"
    );
    assert!(OWNERS.iter().all(|(.., owner)| !owner.is_empty()));
}
