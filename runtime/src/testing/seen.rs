//! What went through the broker and the bus of a world, over all its processes, and what a test wants to fail there.
//! Knows channels by wire name and messages as bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::error::{Error, ErrorKind};
use crate::message::Delivery;

/// How a message left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// To a queue, by name.
    Sent,
    /// To an exchange.
    Published,
    /// To everyone who receives a signal, with or without a question.
    Emitted,
    /// To one who answers a call.
    Called,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    book: Mutex<Book>,
    /// Messages that left, ever.
    count: AtomicU64,
    /// At this count, whoever waits for it is told.
    alarm: AtomicU64,
    alarmed: Notify,
}

#[derive(Debug, Default)]
struct Book {
    queues: BTreeSet<Arc<str>>,
    bodies: BTreeMap<(Way, Arc<str>), Vec<Bytes>>,
    deliveries: BTreeMap<Arc<str>, Vec<(Bytes, u32)>>,
    failures: BTreeMap<Arc<str>, (usize, ErrorKind)>,
}

impl Seen {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These queues exist.
    pub(super) fn declared(&self, queues: impl Iterator<Item = Arc<str>>) {
        self.book().queues.extend(queues);
    }

    pub(super) fn queues(&self) -> Vec<Arc<str>> {
        self.book().queues.iter().cloned().collect()
    }

    /// A message left.
    pub(super) fn left(&self, way: Way, wire: &Arc<str>, body: Bytes) {
        let mut book = self.book();
        let bodies = book.bodies.entry((way, Arc::clone(wire))).or_default();
        bodies.push(body);
        drop(book);
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        if count == self.alarm.load(Ordering::Relaxed) {
            self.alarmed.notify_waiters();
        }
    }

    /// A consumer was given these.
    pub(super) fn delivered(&self, queue: &Arc<str>, deliveries: &[Delivery]) {
        let mut book = self.book();
        let known = book.deliveries.entry(Arc::clone(queue)).or_default();
        known.extend(
            deliveries
                .iter()
                .map(|it| (it.message.body.clone(), it.attempt)),
        );
    }

    /// What left so, in order.
    pub(super) fn bodies(&self, way: Way, wire: &str) -> Vec<Bytes> {
        let key = (way, Arc::from(wire));
        self.book().bodies.get(&key).cloned().unwrap_or_default()
    }

    /// What consumers of a queue were given, in order, each with its attempt.
    pub(super) fn deliveries(&self, queue: &str) -> Vec<(Bytes, u32)> {
        self.book()
            .deliveries
            .get(queue)
            .cloned()
            .unwrap_or_default()
    }

    /// The next sends to this channel fail so.
    pub(super) fn fail(&self, wire: &str, count: usize, kind: ErrorKind) {
        self.book().failures.insert(wire.into(), (count, kind));
    }

    /// How a message for this channel fails; none where it does not.
    pub(super) fn failure(&self, wire: &str) -> Option<Error> {
        let mut book = self.book();
        let (count, kind) = book.failures.get_mut(wire)?;
        *count = count.checked_sub(1)?;
        Some(Error::new(*kind, "the test asked for it"))
    }

    /// How many messages left, ever.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Ready when this many have left.
    pub(super) async fn reaches(&self, count: u64) {
        let alarmed = self.alarmed.notified();
        self.alarm.store(count, Ordering::Relaxed);
        if self.count() <= count {
            alarmed.await;
        }
    }

    /// How many left on each channel.
    pub(super) fn tally(&self) -> BTreeMap<Arc<str>, usize> {
        let book = self.book();
        let mut tally = BTreeMap::new();
        for ((_, wire), bodies) in &book.bodies {
            *tally.entry(Arc::clone(wire)).or_default() += bodies.len();
        }
        tally
    }

    /// A line per channel: how many, and the payloads of the first few.
    pub(super) fn describe(&self) -> String {
        const SHOWN: usize = 5;
        let book = self.book();
        if book.bodies.is_empty() {
            return " nothing".to_owned();
        }
        let mut text = String::new();
        for ((_, wire), bodies) in &book.bodies {
            // Writing to a string can't fail.
            let _ = write!(text, "\n  {} on `{wire}`:", bodies.len());
            for body in bodies.iter().take(SHOWN) {
                let _ = write!(text, " {}", String::from_utf8_lossy(body));
            }
            text.push_str(if bodies.len() > SHOWN { " …" } else { "" });
        }
        text
    }
}
