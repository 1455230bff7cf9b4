//! What the runtime knows of a queue. The options are defaults that a deployment may override by name; `None` is where
//! the schema says nothing and the backend's own default holds.

use std::time::Duration;

use super::BindingMeta;

/// What a queue does with a message when it is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The sender gets [`SendErrorKind::Full`](crate::SendErrorKind::Full).
    #[default]
    Reject,
    /// The oldest message makes room, counted as dropped.
    DropOldest,
}

/// A queue: its names, where its messages come from, and what the contract asks of whoever keeps it.
#[derive(Clone, Debug)]
pub struct QueueMeta {
    package: &'static str,
    name: &'static str,
    wire: &'static str,
    binding: Option<BindingMeta>,
    key: &'static [&'static str],
    partitions: Option<u32>,
    ttl: Option<Duration>,
    max_length: Option<u64>,
    overflow: Overflow,
    max_priority: Option<u8>,
    dead_letter: Option<fn() -> &'static QueueMeta>,
    durable: Option<bool>,
    ordered: bool,
}

impl QueueMeta {
    /// A queue `name` of `package`, called `wire` on the wire, with no option set.
    pub const fn new(package: &'static str, name: &'static str, wire: &'static str) -> Self {
        Self {
            package,
            name,
            wire,
            binding: None,
            key: &[],
            partitions: None,
            ttl: None,
            max_length: None,
            overflow: Overflow::Reject,
            max_priority: None,
            dead_letter: None,
            durable: None,
            ordered: false,
        }
    }

    /// Gets its messages from an exchange.
    #[must_use]
    pub const fn with_binding(mut self, binding: BindingMeta) -> Self {
        self.binding = Some(binding);
        self
    }

    /// The wire names of the fields that pick the partition.
    #[must_use]
    pub const fn with_key(mut self, key: &'static [&'static str]) -> Self {
        self.key = key;
        self
    }

    /// Messages of one key are handled in the order in which they were sent.
    #[must_use]
    pub const fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Into how many partitions an ordered queue is cut.
    #[must_use]
    pub const fn with_partitions(mut self, partitions: u32) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// How long a message may wait before it expires.
    #[must_use]
    pub const fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How many messages may wait, and what happens to one too many.
    #[must_use]
    pub const fn with_max_length(mut self, max_length: u64, overflow: Overflow) -> Self {
        self.max_length = Some(max_length);
        self.overflow = overflow;
        self
    }

    /// The highest priority that a message may have.
    #[must_use]
    pub const fn with_max_priority(mut self, max_priority: u8) -> Self {
        self.max_priority = Some(max_priority);
        self
    }

    /// The queue that takes its dead letters. A function, since two queues may take each other's.
    #[must_use]
    pub const fn with_dead_letter(mut self, queue: fn() -> &'static Self) -> Self {
        self.dead_letter = Some(queue);
        self
    }

    /// Whether it survives a restart of the broker.
    #[must_use]
    pub const fn with_durable(mut self, durable: bool) -> Self {
        self.durable = Some(durable);
        self
    }

    /// The package that declares it.
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// Its name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name on the wire, without the prefix of a deployment.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// The exchange it is bound to, if any.
    pub const fn binding(&self) -> Option<&BindingMeta> {
        self.binding.as_ref()
    }

    /// The wire names of the fields that pick the partition.
    pub const fn key(&self) -> &'static [&'static str] {
        self.key
    }

    /// Whether messages of one key keep their order.
    pub const fn is_ordered(&self) -> bool {
        self.ordered
    }

    /// Into how many partitions an ordered queue is cut.
    pub const fn partitions(&self) -> Option<u32> {
        self.partitions
    }

    /// How long a message may wait before it expires.
    pub const fn ttl(&self) -> Option<Duration> {
        self.ttl
    }

    /// How many messages may wait.
    pub const fn max_length(&self) -> Option<u64> {
        self.max_length
    }

    /// What happens to one message too many.
    pub const fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// The highest priority that a message may have.
    pub const fn max_priority(&self) -> Option<u8> {
        self.max_priority
    }

    /// The queue that takes its dead letters; none is a store of its own.
    pub fn dead_letter(&self) -> Option<&'static Self> {
        self.dead_letter.map(|queue| queue())
    }

    /// Whether it survives a restart of the broker.
    pub const fn durable(&self) -> Option<bool> {
        self.durable
    }
}
