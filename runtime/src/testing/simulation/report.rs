//! What a test shows of a seed that failed: why, how to replay it, and what happened last. Knows text only.

use std::any::Any;
use std::env;
use std::thread;

/// The last lines of a trace that are shown.
const SHOWN: usize = 60;

/// A life that failed.
pub(super) struct Failed {
    pub(super) seed: u64,
    pub(super) reason: String,
    pub(super) trace: String,
}

/// The words of a panic.
pub(in crate::testing) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("it panicked").to_owned()
}

/// Of a seed that failed, and of what came of it when it was led again with its trace.
pub(super) fn report(first: &Failed, again: Option<Failed>) -> String {
    let Failed { seed, reason, .. } = first;
    let thread = thread::current();
    let test = thread.name().unwrap_or_default();
    let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
    let replay = format!("SIMULATION_SEED={seed} cargo test -p {package} {test}");
    let happened = match again {
        Some(again) if again.reason == *reason => last_of(&again.trace),
        Some(again) => format!("led again it failed otherwise: {}", again.reason),
        None => "led again it did not fail: something in it does not come from the seed".into(),
    };
    format!("seed {seed} failed: {reason}\n\nreplay it with: {replay}\n\n{happened}\n")
}

fn last_of(trace: &str) -> String {
    let lines: Vec<_> = trace.lines().collect();
    let shown = lines[lines.len().saturating_sub(SHOWN)..].join("\n");
    let count = lines.len();
    format!("the last of {count} events, by the millisecond:\n{shown}")
}
