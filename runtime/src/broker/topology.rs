//! What is declared on a broker: queues, exchanges, bindings, by wire name. Plain data; it must not know schemas.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use microagent_contract::partition_key;

use super::Capabilities;
use crate::error::{Error, ErrorKind};
use crate::message::Message;

/// All that an application declares at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topology {
    /// Queues.
    pub queues: Vec<QueueDeclaration>,
    /// Exchanges.
    pub exchanges: Vec<ExchangeDeclaration>,
    /// Queues on exchanges; both may be declared here or exist already.
    pub bindings: Vec<Binding>,
}

impl Topology {
    /// Whether a backend of these capabilities can keep all of it; for backends to call first in
    /// [`declare`](super::BrokerBackend::declare).
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`], naming the first queue or exchange, the option and the backend.
    pub fn check(&self, capabilities: &Capabilities) -> Result<(), Error> {
        let refuse = |name: &str, what: &str| {
            let backend = capabilities.name;
            let message = format!("`{name}` asks for {what}, which {backend} can't do");
            Err(Error::new(ErrorKind::Unsupported, message))
        };
        for queue in &self.queues {
            if let Some(what) = queue.first_beyond(capabilities) {
                return refuse(&queue.name, what);
            }
        }
        for exchange in &self.exchanges {
            match exchange.kind {
                ExchangeKind::Fanout if !capabilities.fanout => {
                    return refuse(&exchange.name, "copies to all its queues");
                }
                ExchangeKind::Topic if !capabilities.topic => {
                    return refuse(&exchange.name, "routing by pattern");
                }
                ExchangeKind::Fanout | ExchangeKind::Topic => {}
            }
        }
        for Binding { queue, .. } in &self.bindings {
            let is_ordered = |it: &QueueDeclaration| it.name == *queue && it.partitions.is_some();
            if !capabilities.ordered_copies && self.queues.iter().any(is_ordered) {
                return refuse(queue, "order of what comes from an exchange");
            }
        }
        Ok(())
    }
}

/// A queue and what it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDeclaration {
    /// Wire name.
    pub name: Arc<str>,
    /// Asked of the broker where it can: messages outlive its process.
    pub durable: bool,
    /// Messages that were not delivered within it are dropped and counted.
    pub ttl: Option<Duration>,
    /// Messages at most, those in flight and delayed included.
    pub max_length: Option<MaxLength>,
    /// The largest priority that is told apart; larger ones count as it.
    pub max_priority: u8,
    /// The queue that takes dead letters as messages, with the headers that
    /// [`DeadLetter::into_message`](super::DeadLetter::into_message) sets; none for a store of its own.
    pub dead_letter: Option<Arc<str>>,
    /// Wire names of the payload's fields that pick the partition; empty where there are none.
    pub key: Vec<Arc<str>>,
    /// Number of fixed partitions of an ordered queue.
    pub partitions: Option<u32>,
}

impl QueueDeclaration {
    /// A durable queue with no limits, priorities or order.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            durable: true,
            ttl: None,
            max_length: None,
            max_priority: 0,
            dead_letter: None,
            key: Vec::new(),
            partitions: None,
        }
    }

    /// The bytes that pick a message's partition in this queue: what its sender gave, else what [`key`](Self::key) reads
    /// in its body; none where neither is there.
    ///
    /// Whoever sends straight to a queue gives them. Whoever publishes to an exchange can't know which queues other
    /// packages have bound to it, so the backend calls this for the copy of each ordered queue. The bytes are those of
    /// [`partition_key`](microagent_contract::partition_key), the same for both.
    pub fn partition_key(&self, message: &Message) -> Option<Bytes> {
        let given = message.partition_key.clone();
        given.or_else(|| partition_key(&self.key, &message.body))
    }

    /// The fixed partition of a message by its [`partition_key`](Message::partition_key), the same in every process and
    /// version; none where the queue is not ordered. The hash is 32-bit FNV-1a.
    pub fn partition(&self, message: &Message) -> Option<u32> {
        let key = message.partition_key.as_deref().unwrap_or_default();
        let hash = key.iter().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        });
        self.partitions.map(|count| hash % count.max(1))
    }

    /// The first option that a backend lacks. Durability is asked of those that have it, and is no reason to refuse.
    fn first_beyond(&self, capabilities: &Capabilities) -> Option<&'static str> {
        let overflow = |it| self.max_length.is_some_and(|limit| limit.overflow == it);
        let lacking = [
            (self.partitions.is_some() && !capabilities.ordered, "order"),
            (self.ttl.is_some() && !capabilities.ttl, "a time to live"),
            (
                self.max_priority > capabilities.max_priority,
                "more priorities than there are",
            ),
            (
                overflow(Overflow::Reject) && !capabilities.overflow_reject,
                "a length that rejects",
            ),
            (
                overflow(Overflow::DropOldest) && !capabilities.overflow_drop_oldest,
                "a length that drops the oldest",
            ),
        ];
        lacking
            .iter()
            .find(|(lacks, _)| *lacks)
            .map(|(_, what)| *what)
    }
}

/// A limit and what happens at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxLength {
    /// Messages at most, at least 1.
    pub messages: usize,
    /// What happens to one more.
    pub overflow: Overflow,
}

/// What happens to a message that a queue has no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// Its sender gets [`Full`](crate::ErrorKind::Full).
    Reject,
    /// The oldest waiting message is dropped and counted; where none waits, the sender gets [`Full`](crate::ErrorKind::Full).
    DropOldest,
}

/// An exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeDeclaration {
    /// Wire name.
    pub name: Arc<str>,
    /// How it chooses queues.
    pub kind: ExchangeKind,
}

/// How an exchange chooses queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeKind {
    /// Every bound queue gets every message.
    Fanout,
    /// Queues get what their patterns match: words between dots, `*` for one word, `#` for any number.
    Topic,
}

/// A queue on an exchange. Two bindings of one queue that both match make one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Wire name of the exchange.
    pub exchange: Arc<str>,
    /// Wire name of the queue.
    pub queue: Arc<str>,
    /// Pattern of a topic exchange; not looked at for fanout.
    pub pattern: Option<Arc<str>>,
}
