//! One queue that agents in Rust and in Python share, on a list: each sends to the other, both work on it at once, and a
//! crash of the one in Rust loses nothing.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use interop::{Peer, SOON, fresh, place, skipped};

/// A queue of its own for each test.
struct Shared {
    prefix: String,
}

impl Shared {
    fn new(what: &str) -> Self {
        Self {
            prefix: fresh(what),
        }
    }

    fn rust(&self, role: &str, arguments: &[&str]) -> Peer {
        let dsn = format!("redis+list://{}?lease=2&prefix={}", place(), self.prefix);
        let mut command = Command::new(env!("CARGO_BIN_EXE_interop"));
        Peer::start(command.args([role, &dsn]).args(arguments))
    }

    fn python(&self, role: &str, arguments: &[&str]) -> Peer {
        let dsn = format!("redis://{}", place());
        let queue = format!("{}jobs", self.prefix);
        Peer::python(role, &[&[&*dsn, &queue], arguments].concat())
    }
}

/// How often each number is there.
fn counted(numbers: impl IntoIterator<Item = u64>) -> BTreeMap<u64, usize> {
    let mut counts = BTreeMap::new();
    for number in numbers {
        *counts.entry(number).or_default() += 1;
    }
    counts
}

/// Waits until so many different numbers are there, and gives all.
fn until(mut numbers: impl FnMut() -> Vec<u64>, count: usize) -> Vec<u64> {
    let began = Instant::now();
    loop {
        let numbers = numbers();
        if counted(numbers.iter().copied()).len() >= count {
            return numbers;
        }
        assert!(began.elapsed() < SOON, "{} of {count}", numbers.len());
        sleep(Duration::from_millis(20));
    }
}

fn each_once(count: u64) -> BTreeMap<u64, usize> {
    (0..count).map(|it| (it, 1)).collect()
}

#[test]
fn what_python_sends_rust_handles() {
    if skipped() {
        return;
    }
    let shared = Shared::new("to-rust");
    shared.python("send", &["0", "100", "0"]).finish();
    let mut worker = shared.rust("work", &[]);
    shared.python("send", &["100", "100", "0"]).finish();
    assert_eq!(counted(worker.until("done", 200)), each_once(200));
}

#[test]
fn what_rust_sends_python_handles() {
    if skipped() {
        return;
    }
    let shared = Shared::new("to-python");
    shared.rust("send", &["0", "100", "0"]).finish();
    let mut worker = shared.python("work", &[]);
    shared.rust("send", &["100", "100", "0"]).finish();
    assert_eq!(counted(worker.until("done", 200)), each_once(200));
}

#[test]
fn a_group_of_both_handles_each_message_once_in_sum() {
    if skipped() {
        return;
    }
    let shared = Shared::new("group");
    let (mut rust, mut python) = (shared.rust("work", &[]), shared.python("work", &[]));
    rust.until("ready", 1);
    python.until("ready", 1);
    let senders = [
        shared.rust("send", &["0", "300", "1"]),
        shared.python("send", &["300", "300", "1"]),
    ];
    for sender in senders {
        sender.finish();
    }
    let done = until(
        || [rust.so_far("done"), python.so_far("done")].concat(),
        600,
    );
    assert_eq!(counted(done), each_once(600));
    for worker in [&mut rust, &mut python] {
        assert!(!worker.so_far("done").is_empty());
    }
}

#[test]
fn a_crash_in_rust_loses_nothing_to_the_group() {
    if skipped() {
        return;
    }
    let shared = Shared::new("crash");
    let mut dying = shared.rust("work", &[]);
    shared.python("send", &["0", "100", "400"]).finish();
    dying.until("began", 15);
    dying.kill();
    let (mut rust, mut python) = (shared.rust("work", &[]), shared.python("work", &[]));
    let mut workers = [&mut dying, &mut rust, &mut python];
    let done = until(
        || {
            workers
                .iter_mut()
                .flat_map(|it| it.so_far("done"))
                .collect()
        },
        100,
    );
    // Only what was in the hands of the dead one can have been handled twice.
    let begun = dying.so_far("began");
    let twice = counted(done).into_iter().filter(|(_, count)| *count > 1);
    for (number, count) in twice {
        assert!(count == 2 && begun.contains(&number), "{number}: {count}");
    }
}
