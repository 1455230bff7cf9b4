//! The line of a row: its number, the backend, whether time was paused, and what was counted.

use std::fmt::{Display, Write as _};
use std::io::Write as _;

/// What a row counted, in the order in which it says so.
#[derive(Debug, Default)]
pub struct Counters(String);

impl Counters {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more counter, with its unit where it has one.
    #[must_use]
    pub fn and(mut self, name: &str, value: impl Display) -> Self {
        write!(self.0, " · {name} {value}").expect("text takes text");
        self
    }
}

/// Which time a row was played in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// It goes on only where all wait.
    Paused,
    /// That of the machine.
    Real,
}

/// Prints the line where every run of the tests shows it.
pub(super) fn print(number: u32, backend: &str, time: Time, counters: &Counters) {
    let paused = match time {
        // What is measured is what was waited for; the work itself takes none of it.
        Time::Paused => ", time paused",
        Time::Real => "",
    };
    // In one write, and not by `println!`, which the harness keeps to itself where a test passes.
    let line = format!("row {number} · {backend}{paused}{}\n", counters.0);
    let written = std::io::stdout().lock().write_all(line.as_bytes());
    written.expect("the line can be written");
}
