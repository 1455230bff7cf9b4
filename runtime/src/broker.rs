//! The trait of brokers: stored messages with competing consumers, over raw messages and a batch at a time. It owns
//! the contract between a backend and the delivery driver; it must not know handlers, attempts' limits or backoff, which
//! are the driver's, nor schemas.
//!
//! What a backend promises beyond each method's own sentences:
//! - A message whose send succeeded is delivered until it is settled by [`Verdict::Ack`] or [`Verdict::DeadLetter`], expires, or is dropped by the
//!   declared limit; each of these is counted.
//! - Consumers of one queue compete, whichever process or agent they belong to. Each exchange's bindings are kept by the
//!   broker, so that senders need not know them.
//! - Consumers attach again by themselves after a lost connection, with backoff and jitter.
//! - Each method may be called from several tasks at once, but for what [`Consumer::next`] says.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::message::{BoxFuture, Delivery, Message, Outgoing, Tag, Wait};

pub use self::pattern::Pattern;
pub use self::topology::{
    Binding, ExchangeDeclaration, ExchangeKind, MaxLength, Overflow, QueueDeclaration, Topology,
};

mod pattern;
mod topology;

/// A broker, in one process or across machines.
pub trait BrokerBackend: Send + Sync + Debug {
    /// What it can do. Does not change while it lives.
    fn capabilities(&self) -> &Capabilities;

    /// Makes queues, exchanges and bindings that don't exist, and leaves those that do.
    ///
    /// Declaring the same again changes nothing. A declaration that differs from what exists is
    /// [`Mismatch`](crate::ErrorKind::Mismatch) and names both sides; one that asks for what the capabilities lack is
    /// [`Unsupported`](crate::ErrorKind::Unsupported); a binding to what is neither declared along nor exists is
    /// [`NotFound`](crate::ErrorKind::NotFound), one without a pattern to a topic exchange
    /// [`Invalid`](crate::ErrorKind::Invalid). In each case nothing of the topology has been declared. Several may declare
    /// the same at once. Dropped before it is ready, some of it is declared, and declaring it again completes it.
    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>>;

    /// Sends each message of the batch and writes each one's `result`; ready when all have one.
    ///
    /// `Ok` means that the broker has it: every queue it was addressed to has its copy, as durable as that queue is. A
    /// queue that was not declared is [`NotFound`](crate::ErrorKind::NotFound), an exchange without a matching binding
    /// [`Unroutable`](crate::ErrorKind::Unroutable), a queue at a limit that rejects [`Full`](crate::ErrorKind::Full):
    /// then no queue of the exchange has a copy. Messages of one batch to one queue keep their order.
    /// One failed message does not fail the others. Dropped before it is ready, each message has been sent or not.
    /// An error other than [`Timeout`](crate::ErrorKind::Timeout) and [`Backend`](crate::ErrorKind::Backend) says that no
    /// queue has it.
    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()>;

    /// Sends one message as [`send`](Self::send) does where that needs no wait, and says so; else does nothing. A backend
    /// that has it spares each sender a future. Default: false.
    fn send_now(&self, outgoing: &mut Outgoing) -> bool {
        let _ = outgoing;
        false
    }

    /// Attaches a consumer to a queue. Fails with [`NotFound`](crate::ErrorKind::NotFound) where it was not declared.
    /// Ready when the broker knows it; nothing is delivered before the first [`Consumer::next`]. Dropped before it is
    /// ready, nothing stays attached.
    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>>;

    /// Looking into queues, where the backend can. Agents do without. Default: none.
    fn inspect(&self) -> Option<&dyn Inspect> {
        None
    }

    /// Flushes what was sent, and detaches. Afterwards every method fails with [`Closed`](crate::ErrorKind::Closed);
    /// what consumers hold goes back to its queues. Closing twice is fine.
    fn close(&self) -> BoxFuture<'_, Result<(), Error>>;
}

/// One attached consumer, driven by one task: no two of its methods run at once, but for
/// [`is_attached`](Self::is_attached). Dropping it is what a crash is to the broker: what it holds is delivered to others, at once or
/// when the lease is over, with the attempt counted where [`Capabilities::counts_crashes`] says so.
pub trait Consumer: Send + Sync + Debug {
    /// Waits until a message is there and appends up to `limit` to `into`, never so many that more than the prefetch are unsettled.
    ///
    /// On an ordered queue a message comes only when the one before it of the same key is settled for good. Only one call
    /// at a time. Dropped before it is ready, nothing is lost: what stands in `into` counts as delivered, all else
    /// comes with the next call. `Ok` with nothing appended does not happen, unless `limit` is 0.
    /// An error means that this consumer is finished: [`NotFound`](crate::ErrorKind::NotFound) where the
    /// queue is gone, [`Closed`](crate::ErrorKind::Closed) after [`stop`](Self::stop) or a closed broker. A lost connection is
    /// no error.
    fn next<'a>(&'a self, limit: usize, into: &'a mut Vec<Delivery>)
    -> Wait<'a, Result<(), Error>>;

    /// Settles deliveries and takes the settled ones out of `batch`; what an error leaves in it may be settled again.
    ///
    /// Settling what is no longer held (the lease is over, the connection is another, it was settled before) does nothing
    /// and is counted in [`Settled::late`]. Ready when the broker has it, or has it in a stream whose order it keeps. Dropped
    /// before it is ready, what is left in `batch` was settled or not, and may be settled again. After the broker has been
    /// closed all is late. The order within a batch means nothing.
    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>>;

    /// Starts the leases of these deliveries anew. Those that are no longer held are ignored. Called at a third of
    /// [`Capabilities::lease`]; without leases there is nothing to do.
    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>>;

    /// Stops fetching: no message is delivered to this consumer any more, and [`next`](Self::next) ends with
    /// [`Closed`](crate::ErrorKind::Closed) once it has handed out what the broker had already assigned, without a wait.
    /// What is held can still be settled. Stopping twice is fine.
    fn stop(&self) -> Wait<'_, Result<(), Error>>;

    /// The broker knows this consumer and gives it messages; false while it reconnects. Asked often, by any task.
    fn is_attached(&self) -> bool;
}

/// Looking into queues: for tests, tools and metrics.
pub trait Inspect: Send + Sync {
    /// How many messages a queue holds, by state.
    fn counts<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<QueueCounts, Error>>;

    /// The oldest dead letters of a queue, up to `limit`. Reading takes nothing away.
    fn dead_letters<'a>(
        &'a self,
        queue: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<DeadLetter>, Error>>;

    /// Puts up to `limit` of the oldest dead letters back into their queue, each once and with no attempts counted, and
    /// says how many. A full queue ends it early.
    fn redrive<'a>(&'a self, queue: &'a str, limit: usize) -> BoxFuture<'a, Result<usize, Error>>;
}

/// How to consume.
#[derive(Debug, Clone)]
pub struct ConsumeOptions {
    /// Unsettled messages at most, at least 1.
    pub prefetch: usize,
    /// Name of the consumer, the same after a restart where the broker can use it.
    pub name: Arc<str>,
}

/// What becomes of a delivery.
#[derive(Debug)]
pub struct Settlement {
    /// Which one.
    pub tag: Tag,
    /// What becomes of it.
    pub verdict: Verdict,
}

/// The end of one attempt.
#[derive(Debug)]
pub enum Verdict {
    /// It is done; the broker forgets it.
    Ack,
    /// Delivered again, to any consumer, when `after` has passed: a schedule of the broker that outlives this process where
    /// the queue is durable. Others are delivered meanwhile; on an ordered queue, others of other keys.
    Retry {
        /// Not before this has passed.
        after: Duration,
        /// The next delivery has the next attempt number.
        counted: bool,
    },
    /// It was not started: delivered again at once, in its old place where the broker can, with the same attempt number
    /// unless [`Capabilities::uncounted_return`] is false.
    Return,
    /// Goes to the queue's dead letters with its raw bytes; the broker has stored it there before it leaves the queue.
    DeadLetter(Cause),
}

/// Why a message was dead-lettered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// For code.
    pub reason: Reason,
    /// For people: the error of the last attempt or of the decoder. No payload.
    pub detail: Box<str>,
}

/// Why a message was dead-lettered, for code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are not what the contract says.
    Undecodable,
    /// A handler refused it for good.
    Rejected,
    /// The last attempt failed.
    Exhausted,
}

impl Reason {
    /// As it stands in headers and tools.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::Rejected => "rejected",
            Self::Exhausted => "exhausted",
        }
    }

    /// Reads what [`as_str`](Self::as_str) wrote; none for any other text.
    pub fn from_text(text: &str) -> Option<Self> {
        let all = [Self::Undecodable, Self::Rejected, Self::Exhausted];
        all.into_iter().find(|it| it.as_str() == text)
    }
}

/// A dead-lettered message and how it came there.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The message with its raw bytes.
    pub message: Arc<Message>,
    /// The queue that gave it up.
    pub queue: Arc<str>,
    /// Why.
    pub cause: Cause,
    /// Attempts made.
    pub attempts: u32,
    /// When the broker first had it.
    pub first_seen: SystemTime,
    /// When it was given up.
    pub died_at: SystemTime,
}

impl DeadLetter {
    /// What the queue that takes dead letters as messages ([`QueueDeclaration::dead_letter`]) gets: the message with the
    /// headers `dead-letter-reason`, `dead-letter-detail`, `dead-letter-queue` and `dead-letter-attempts`. Headers at
    /// their limit leave no room for some of them; the message matters more. It has no partition key: where the queue is
    /// ordered, [`QueueDeclaration::partition_key`] reads its own.
    pub fn into_message(self) -> Message {
        let mut message = Arc::unwrap_or_clone(self.message);
        // The key of its origin; the queue that takes it may declare another one.
        message.partition_key = None;
        for (name, value) in [
            ("dead-letter-reason", self.cause.reason.as_str()),
            ("dead-letter-detail", &printable(&self.cause.detail)),
            ("dead-letter-queue", &self.queue),
            ("dead-letter-attempts", &self.attempts.to_string()),
        ] {
            let _ = message.headers.insert(name, value);
        }
        message
    }
}

/// Headers hold one line, and the causes of errors may have several.
fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// What a batch of settlements came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Settlements that came too late and did nothing.
    pub late: usize,
}

/// Messages of a queue by state, and what left it other than by being acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// Could be delivered now.
    pub ready: usize,
    /// Wait for their time.
    pub delayed: usize,
    /// Delivered and not settled.
    pub in_flight: usize,
    /// Dead letters.
    pub dead: usize,
    /// Consumers attached.
    pub consumers: usize,
    /// Dropped since the start because their time to live was over.
    pub expired: u64,
    /// Dropped since the start because the queue was at its limit.
    pub dropped: u64,
}

/// What a broker can do; the default can nothing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent fact that a suite tests"
)]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// For people and `info()`: `memory`, `redis streams`.
    pub name: &'static str,
    /// Messages outlive the broker's process.
    pub durable: bool,
    /// [`Outgoing::after`] is kept.
    pub delayed: bool,
    /// Queues may be ordered by key.
    pub ordered: bool,
    /// Ordered queues may be bound to exchanges: each copy gets the key that its queue declares, by
    /// [`QueueDeclaration::partition_key`].
    pub ordered_copies: bool,
    /// The largest priority; 0 where there are none.
    pub max_priority: u8,
    /// Messages expire.
    pub ttl: bool,
    /// Queues have a limit that rejects.
    pub overflow_reject: bool,
    /// Queues have a limit that drops the oldest.
    pub overflow_drop_oldest: bool,
    /// Exchanges copy to all their queues.
    pub fanout: bool,
    /// Exchanges route by pattern.
    pub topic: bool,
    /// Ids, headers, provenance and traces travel with the message.
    pub headers: bool,
    /// A message that kills its consumer's process has the attempt counted.
    pub counts_crashes: bool,
    /// [`Verdict::Return`] counts no attempt.
    pub uncounted_return: bool,
    /// Unsettled deliveries go to others after this long without [`Consumer::renew`].
    pub lease: Option<Duration>,
    /// The largest [`Message::size`].
    pub max_payload: usize,
}
