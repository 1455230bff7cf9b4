//! What senders were told and what handlers did, as the agents saw it. The broker's side of it is in the books of the
//! simulation; the two are compared when a life ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use microagent::message::MessageId;

/// Shared by all agents of a life; it survives their crashes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
pub(crate) struct Pages {
    last: u64,
    /// What the broker confirmed, by queue.
    pub(crate) confirmed: BTreeMap<&'static str, BTreeSet<u64>>,
    /// What may have arrived.
    pub(crate) unknown: BTreeMap<&'static str, BTreeSet<u64>>,
    pub(crate) handled: BTreeMap<&'static str, BTreeSet<u64>>,
    handled_ids: BTreeSet<(&'static str, MessageId)>,
    begun: BTreeSet<(&'static str, MessageId, u32)>,
    begun_numbers: BTreeSet<(&'static str, u64)>,
    /// How many began to answer a question or to handle a signal.
    asked: BTreeMap<(&'static str, u64), u64>,
    /// The last item that was begun, by lane.
    lanes: BTreeMap<u64, u64>,
}

impl Ledger {
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a new item.
    pub(crate) fn number(&self) -> u64 {
        let mut pages = self.pages();
        pages.last += 1;
        pages.last
    }

    /// What the sender of an item to these queues was told.
    pub(crate) fn sent(&self, queues: &[&'static str], n: u64, confirmed: bool) {
        let mut pages = self.pages();
        for queue in queues {
            let page = if confirmed {
                &mut pages.confirmed
            } else {
                &mut pages.unknown
            };
            page.entry(queue).or_default().insert(n);
        }
    }

    /// A handler begins; what is wrong about that, if anything is.
    pub(crate) fn begin(
        &self,
        queue: &'static str,
        (id, attempt): (&MessageId, u32),
        (n, lane): (u64, u64),
    ) -> Option<String> {
        let mut pages = self.pages();
        if !pages.begun.insert((queue, id.clone(), attempt)) {
            return Some(format!(
                "{queue}: {id} was begun twice as attempt {attempt}"
            ));
        }
        let first = pages.begun_numbers.insert((queue, n));
        if queue == "ordered" && first {
            let last = pages.lanes.insert(lane, n).unwrap_or(0);
            if last > n {
                return Some(format!("lane {lane}: {n} was begun after {last}"));
            }
        }
        None
    }

    /// A handler of a signal, question or call begins; how many have.
    pub(crate) fn asked(&self, subject: &'static str, n: u64) -> u64 {
        let mut pages = self.pages();
        let count = pages.asked.entry((subject, n)).or_default();
        *count += 1;
        *count
    }

    /// A handler succeeded.
    pub(crate) fn handled(&self, queue: &'static str, id: &MessageId, n: u64) {
        let mut pages = self.pages();
        pages.handled.entry(queue).or_default().insert(n);
        pages.handled_ids.insert((queue, id.clone()));
    }
}

impl Pages {
    pub(crate) fn was_handled(&self, queue: &'static str, id: &MessageId) -> bool {
        self.handled_ids.contains(&(queue, id.clone()))
    }

    /// How many began with this question or signal.
    pub(crate) fn heard(&self, subject: &'static str, n: u64) -> u64 {
        self.asked.get(&(subject, n)).copied().unwrap_or(0)
    }

    pub(crate) fn was_begun(&self, queue: &'static str, n: u64) -> bool {
        self.begun_numbers.contains(&(queue, n))
    }
}
