//! What handlers did, in order, for rows to count. Knows no row.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use microagent::message::MessageId;
use microagent::{Context, MessageInfo};
use tokio::time::Instant;

/// What happened to messages, shared by all who handle them.
#[derive(Clone, Debug, Default)]
pub struct Ledger(Arc<Mutex<Vec<Entry>>>);

/// One call of a handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the message.
    pub number: u64,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Instant,
    /// The id of the message.
    pub id: MessageId,
    /// When the broker first had the message.
    pub first_seen: SystemTime,
}

impl Ledger {
    /// Notes the call of a handler of a queue, and says which try it is.
    pub fn note(&self, cx: &Context, number: u64) -> u32 {
        self.note_message(cx.message(), number)
    }

    /// The same of a message of a batch.
    pub fn note_message(&self, message: &MessageInfo, number: u64) -> u32 {
        let entry = Entry {
            number,
            attempt: message.attempt(),
            at: Instant::now(),
            id: message
                .id()
                .expect("a message of a queue has an id")
                .clone(),
            first_seen: message.first_seen().expect("its broker saw it"),
        };
        self.entries().push(entry);
        message.attempt()
    }

    /// All calls so far.
    pub fn all(&self) -> Vec<Entry> {
        self.entries().clone()
    }

    /// All calls so far, and none from here on.
    pub fn take(&self) -> Vec<Entry> {
        std::mem::take(&mut self.entries())
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        self.entries().len()
    }

    /// The calls by the number of the message.
    pub fn by_number(&self) -> BTreeMap<u64, Vec<Entry>> {
        let mut by_number = BTreeMap::<_, Vec<_>>::new();
        for entry in self.all() {
            by_number.entry(entry.number).or_default().push(entry);
        }
        by_number
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
