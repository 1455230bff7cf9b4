//! What the broker took and what became of it, message by message: the oracle by which a life is judged. Learns all from
//! what passes the links, and trusts neither the driver nor the backend.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::broker::{Binding, QueueCounts, Topology, Verdict};
use crate::message::{Address, Delivery, Message, MessageId};

/// The books of one broker.
#[derive(Debug, Default)]
pub(super) struct Books {
    queues: BTreeMap<Arc<str>, BTreeMap<MessageId, Fate>>,
    bindings: Vec<Binding>,
    /// Where the dead of a queue go, if not beside it.
    graves: BTreeMap<Arc<str>, Arc<str>>,
    wrong: Vec<String>,
}

/// What became of one message of one queue.
#[derive(Clone, Copy, Debug, Default)]
struct Fate {
    stored: u32,
    /// Attempts that count so far.
    attempts: u32,
    acked: bool,
    dead: bool,
}

/// The books of one queue, closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Messages that the broker took, whether it could confirm them or not.
    pub stored: u64,
    /// Acknowledged.
    pub acked: u64,
    /// Given up, with a reason.
    pub dead: u64,
    /// Dropped since their time to live was over.
    pub expired: u64,
    /// Dropped since the queue was at its limit.
    pub dropped: u64,
    /// In the queue: ready, delayed or in flight.
    pub waiting: u64,
}

impl Balance {
    /// Whether each message is where one may be.
    pub fn is_even(&self) -> bool {
        self.stored == self.acked + self.dead + self.expired + self.dropped + self.waiting
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            stored,
            acked,
            dead,
            expired,
            dropped,
            waiting,
        } = self;
        write!(
            f,
            "stored {stored} = acked {acked} + dead {dead} + expired {expired} + dropped {dropped} + waiting {waiting}"
        )
    }
}

impl Books {
    pub(super) fn declare(&mut self, topology: &Topology) {
        for queue in &topology.queues {
            self.queues.entry(Arc::clone(&queue.name)).or_default();
            if let Some(grave) = &queue.dead_letter {
                let name = Arc::clone(&queue.name);
                self.graves.insert(name, Arc::clone(grave));
            }
        }
        for binding in &topology.bindings {
            if !self.bindings.contains(binding) {
                self.bindings.push(binding.clone());
            }
        }
    }

    /// Names of all queues that were declared.
    pub(super) fn queues(&self) -> Vec<Arc<str>> {
        self.queues.keys().cloned().collect()
    }

    /// The broker took a message.
    pub(super) fn stored(&mut self, to: &Address, message: &Message) {
        match to {
            Address::Queue(queue) => self.store(queue, &message.id),
            Address::Exchange(exchange) => {
                let key = message.routing_key.as_deref().unwrap_or("");
                for queue in self.routes(exchange, key) {
                    self.store(&queue, &message.id);
                }
            }
        }
    }

    fn routes(&self, exchange: &str, key: &str) -> Vec<Arc<str>> {
        let words: Vec<_> = key.split('.').collect();
        let named = |it: &&Binding| {
            let pattern = it.pattern.as_deref().unwrap_or("#");
            *it.exchange == *exchange && matches(&pattern.split('.').collect::<Vec<_>>(), &words)
        };
        let named = self.bindings.iter().filter(named);
        let mut queues: Vec<_> = named.map(|it| Arc::clone(&it.queue)).collect();
        queues.sort();
        queues.dedup();
        queues
    }

    fn store(&mut self, queue: &Arc<str>, id: &MessageId) {
        let fates = self.queues.entry(Arc::clone(queue)).or_default();
        fates.entry(id.clone()).or_default().stored += 1;
    }

    /// The broker gave it to a consumer.
    pub(super) fn delivered(&mut self, queue: &Arc<str>, delivery: &Delivery) {
        let (id, attempt) = (&delivery.message.id, delivery.attempt);
        let known = self.queues.get_mut(queue).and_then(|it| it.get_mut(id));
        let Some(fate) = known.filter(|it| it.stored > 0) else {
            let text = format!("{queue}: {id} was delivered and never stored");
            return self.wrong.push(text);
        };
        fate.attempts += 1;
        let (expected, ended) = (fate.attempts, fate.acked || fate.dead);
        if ended {
            let text = format!("{queue}: {id} was delivered after it had ended");
            self.wrong.push(text);
        }
        if attempt != expected {
            let text = format!("{queue}: {id} was delivered as attempt {attempt}, not {expected}");
            self.wrong.push(text);
        }
    }

    /// The broker took a verdict in time.
    pub(super) fn settled(&mut self, queue: &Arc<str>, message: &Message, verdict: &Verdict) {
        let fates = self.queues.entry(Arc::clone(queue)).or_default();
        let fate = fates.entry(message.id.clone()).or_default();
        match verdict {
            Verdict::Ack => fate.acked = true,
            Verdict::Return | Verdict::Retry { counted: false, .. } => fate.attempts -= 1,
            Verdict::Retry { .. } => {}
            Verdict::DeadLetter(_) => {
                fate.dead = true;
                if let Some(grave) = self.graves.get(queue).cloned() {
                    self.store(&grave, &message.id);
                }
            }
        }
    }

    pub(super) fn is_acked(&self, queue: &str, id: &MessageId) -> bool {
        let fate = self.queues.get(queue).and_then(|it| it.get(id));
        fate.is_some_and(|it| it.acked)
    }

    pub(super) fn acked(&self, queue: &str) -> Vec<MessageId> {
        let fates = self.queues.get(queue).into_iter().flatten();
        let acked = fates.filter(|(_, it)| it.acked);
        acked.map(|(id, _)| id.clone()).collect()
    }

    /// What was against the rules so far.
    pub(super) fn wrong(&self) -> &[String] {
        &self.wrong
    }

    /// Closes the books of a queue with what the broker says of it now.
    pub(super) fn balance(&self, queue: &str, counts: &QueueCounts) -> Balance {
        let waiting = counts.ready + counts.delayed + counts.in_flight;
        let mut balance = Balance {
            expired: counts.expired,
            dropped: counts.dropped,
            waiting: waiting as u64,
            ..Balance::default()
        };
        for fate in self
            .queues
            .get(queue)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            balance.stored += u64::from(fate.stored);
            balance.acked += u64::from(fate.acked);
            balance.dead += u64::from(fate.dead);
        }
        balance
    }
}

/// Whether a pattern of a topic, in words, names a key: `*` is one word, `#` any number of them.
fn matches(pattern: &[&str], key: &[&str]) -> bool {
    match pattern.split_first() {
        None => key.is_empty(),
        Some((&"#", rest)) => (0..=key.len()).any(|skipped| matches(rest, &key[skipped..])),
        Some((word, rest)) => key.split_first().is_some_and(|(first, others)| {
            (*word == "*" || word == first) && matches(rest, others)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_by_word() {
        for (pattern, key, expected) in [
            ("#", "", true),
            ("#", "a.b", true),
            ("*.b", "a.b", true),
            ("*.b", "b", false),
            ("a.#", "a", true),
            ("a.#.c", "a.b.b.c", true),
            ("a.*", "a.b.c", false),
        ] {
            let pattern: Vec<_> = pattern.split('.').collect();
            let key: Vec<_> = key.split('.').collect();
            assert_eq!(matches(&pattern, &key), expected, "{pattern:?} {key:?}");
        }
    }
}
