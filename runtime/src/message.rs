//! A message as backends see it: bytes and what stands beside them. It owns ids, headers and their limits; it must not
//! know schemas, codecs or any backend.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::error::Error;

pub use self::headers::Headers;
pub use self::id::MessageId;
pub use microagent_contract::{BoxFuture, Wait};

mod headers;
mod id;

/// What a sender hands over and a receiver gets. On its way it is shared behind an [`Arc`] and never changed, so that
/// queues, copies of an exchange and handlers move a pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Stays the same over retries, copies of an exchange and redrives, so that a receiver can find duplicates.
    pub id: MessageId,
    /// The encoded payload. A backend looks into it by way of
    /// [`QueueDeclaration::partition_key`](crate::broker::QueueDeclaration::partition_key) only.
    pub body: Bytes,
    /// Headers of the user.
    pub headers: Headers,
    /// Where a routed exchange sends it. Queues keep it, so that a dead letter tells its origin.
    pub routing_key: Option<Arc<str>>,
    /// Messages of equal keys stay in order on a queue that is ordered. Given by whoever sends to a queue; of what is
    /// published to an exchange, each ordered queue reads its own.
    pub partition_key: Option<Bytes>,
    /// 0 is the usual; larger goes first where the queue has priorities.
    pub priority: u8,
    /// What the sender's schema says about it; absent from foreign peers. Shared by all messages of a channel.
    pub provenance: Option<Arc<Provenance>>,
    /// The W3C trace context of the sender.
    pub trace: Option<Arc<TraceContext>>,
}

impl Message {
    /// A message with a new id and nothing but a body.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            id: MessageId::fresh(),
            body: body.into(),
            headers: Headers::default(),
            routing_key: None,
            partition_key: None,
            priority: 0,
            provenance: None,
            trace: None,
        }
    }

    /// Bytes that count against a backend's limit: body, headers and keys.
    pub fn size(&self) -> usize {
        self.body.len()
            + self.headers.size()
            + self.routing_key.as_ref().map_or(0, |key| key.len())
            + self.partition_key.as_ref().map_or(0, Bytes::len)
    }
}

/// Which schema a payload was written by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Package of the declaration.
    pub package: Arc<str>,
    /// Fingerprint of the package's schema.
    pub fingerprint: u64,
    /// Media type of the body.
    pub content_type: Arc<str>,
}

/// `traceparent` and `tracestate` as they go on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// `traceparent`, not checked here.
    pub parent: Box<str>,
    /// `tracestate`, empty where there is none.
    pub state: Box<str>,
}

/// A message on its way to a queue or an exchange, with what the broker is asked to do with it.
#[derive(Debug)]
pub struct Outgoing {
    /// Where it goes.
    pub to: Address,
    /// The message.
    pub message: Arc<Message>,
    /// Not delivered before this has passed.
    pub after: Option<Duration>,
    /// Dropped, with the queue's `expired` counted, when not delivered before this has passed; the smaller of this and the queue's counts.
    pub ttl: Option<Duration>,
    /// Whether the broker has it; none until it said so, and so where the send was cancelled: it may have arrived.
    pub result: Option<Result<(), Error>>,
}

impl Outgoing {
    /// Sent at once, for as long as the queue keeps it.
    pub fn new(to: Address, message: impl Into<Arc<Message>>) -> Self {
        Self {
            to,
            message: message.into(),
            after: None,
            ttl: None,
            result: None,
        }
    }
}

/// A queue or an exchange, by wire name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// Straight into a queue.
    Queue(Arc<str>),
    /// To every queue that the exchange's bindings name.
    Exchange(Arc<str>),
}

impl Address {
    /// The wire name.
    pub fn name(&self) -> &str {
        match self {
            Self::Queue(name) | Self::Exchange(name) => name,
        }
    }
}

/// A message as a consumer gets it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What the sender handed over.
    pub message: Arc<Message>,
    /// Names this delivery in a settlement.
    pub tag: Tag,
    /// Which try this is, from 1, counted in what is stored.
    pub attempt: u32,
    /// When the broker first had it, or the first consumer where the broker does not tell.
    pub first_seen: SystemTime,
    /// Fixed partition on an ordered queue.
    pub partition: Option<u32>,
}

/// Opaque name of one delivery, chosen by the backend. The epoch changes with the connection, so that a settlement
/// which was meant for an earlier one is recognised as late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// Connection, channel or assignment that made the delivery.
    pub epoch: u64,
    /// Number within the epoch.
    pub number: u64,
}
