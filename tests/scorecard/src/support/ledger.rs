//! What handlers did, in order, for rows to count. Knows no row.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use microagent::Context;
use tokio::time::Instant;

/// What happened to messages, shared by all who handle them.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Vec<Entry>>>);

/// One call of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the message.
    pub number: u64,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Instant,
}

impl Ledger {
    /// Notes the call of a handler.
    pub fn note(&self, cx: &Context, number: u64) -> Entry {
        let attempt = cx.message().attempt();
        let at = Instant::now();
        let entry = Entry {
            number,
            attempt,
            at,
        };
        self.entries().push(entry);
        entry
    }

    /// All calls so far.
    pub fn all(&self) -> Vec<Entry> {
        self.entries().clone()
    }

    /// The calls with this number.
    pub fn of(&self, number: u64) -> Vec<Entry> {
        let entries = self.entries();
        let of_number = entries.iter().filter(|it| it.number == number);
        of_number.copied().collect()
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        self.entries().len()
    }

    /// The numbers of all calls, sorted.
    pub fn numbers(&self) -> Vec<u64> {
        let mut numbers: Vec<_> = self.entries().iter().map(|it| it.number).collect();
        numbers.sort_unstable();
        numbers
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
