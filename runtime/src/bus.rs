//! The trait of buses: what is heard now by those who listen, and is not stored. It owns the contract between a
//! backend and the request/reply layer; it must not know pending calls, deadlines of callers, or schemas.
//!
//! What a backend promises beyond each method's own sentences:
//! - A signal reaches every subscription that names its subject, at most once each; a call reaches one.
//! - Messages of one publisher on one subject reach a subscription in their order.
//! - A subscription holds at most its buffer. What it could not take is counted in [`Subscription::lost`], as is each
//!   gap in which the connection was away, and never silently dropped.
//! - Subscriptions attach again by themselves after a lost connection, with backoff and jitter.
//! - Nothing that a peer says ends a subscription: what can't be read as a message, or exceeds the limit, is left out.
//! - The names that peers give themselves are not vouched for. What protects an answer is that nobody but those who were
//!   asked knows the inbox, and nobody but those who were asked this question its number.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Error;
use crate::message::{BoxFuture, Message, Wait};

/// A bus, in one process or across machines.
pub trait BusBackend: Send + Sync + Debug {
    /// What it can do. Does not change while it lives.
    fn capabilities(&self) -> &BusCapabilities;

    /// Publishes each message of the batch and writes each one's `result`; ready when all have one.
    ///
    /// `Ok` means that it left this process in order, not that somebody heard it. One failed message does not fail the
    /// others. A slow receiver never holds a publisher up: what it has no room for is lost to it and counted, but for a call
    /// that none of those who answer has room for, which is [`Full`](crate::ErrorKind::Full). One that exceeds
    /// [`BusCapabilities::max_payload`] is [`TooLarge`](crate::ErrorKind::TooLarge), one over a lost connection
    /// [`Unavailable`](crate::ErrorKind::Unavailable). There is no deadline here: who publishes has one. Dropped before it
    /// is ready, each was published or not.
    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()>;

    /// Listens. From the moment it is ready all that is published reaches the subscription. Over a lost connection it waits,
    /// or fails with [`Unavailable`](crate::ErrorKind::Unavailable).
    ///
    /// Subscriptions to calls compete with all others of that subject, in any process. Two inboxes of one name are
    /// refused with [`Invalid`](crate::ErrorKind::Invalid) where the backend can tell. `buffer` is how many messages may
    /// wait that [`next`](Subscription::next) has not handed out, at least 1; for calls, those of all who compete together.
    /// Dropped before it is ready, nothing stays behind.
    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>>;

    /// Flushes what was published, and detaches. Afterwards every method fails with
    /// [`Closed`](crate::ErrorKind::Closed) and subscriptions end. Closing twice is fine. Dropped before it is ready, it is
    /// closed or not.
    fn close(&self) -> BoxFuture<'_, Result<(), Error>>;
}

/// One listener. Dropping it ends the subscription; calls that it was given and has not handed out go to others or are lost
/// as the caller's deadline tells.
pub trait Subscription: Send + Sync + Debug {
    /// Waits until something is there and appends up to `limit` to `into`. Only one call at a time.
    ///
    /// Dropped before it is ready, nothing is lost: what stands in `into` counts as received. Calls whose deadline
    /// has passed are left out and counted. An error means that the subscription is finished; a lost connection is no error.
    fn next<'a>(&'a self, limit: usize, into: &'a mut Vec<Received>)
    -> Wait<'a, Result<(), Error>>;

    /// Listens no more, and comes back at once. [`next`](Self::next) still hands out what was heard before, waits for nothing
    /// new, and then fails with [`Closed`](crate::ErrorKind::Closed). Calls that were not handed out go to others.
    /// Stopping twice is fine.
    fn stop(&self);

    /// What it could not take since it began; never less than before. Asked often, and waits for nothing.
    fn lost(&self) -> Losses;

    /// The bus knows this subscription; false while it reconnects. As cheap as [`lost`](Self::lost).
    fn is_attached(&self) -> bool;
}

/// What a subscription listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interest {
    /// Signals of these subjects: every subscription gets every one.
    Signals(Vec<Arc<str>>),
    /// Calls of these subjects: each goes to one subscription.
    Calls(Vec<Arc<str>>),
    /// Answers to this inbox, which nobody else may read. The name is hard to guess: 128 random bits.
    Inbox(Arc<str>),
}

/// A message on its way to those who listen.
#[derive(Debug)]
pub struct Publication {
    /// Who is to hear it.
    pub to: Audience,
    /// The sending agent, or for an answer the receiver that gives it.
    pub sender: Arc<str>,
    /// The message.
    pub message: Arc<Message>,
    /// Who was reached; none until the backend knows, and so where publishing was cancelled.
    pub result: Option<Result<Reach, Error>>,
}

/// Who is to hear a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Everyone who listens to the subject.
    Everyone {
        /// Wire name of the signal.
        subject: Arc<str>,
        /// Where answers go, if any are wanted.
        reply_to: Option<ReplyTo>,
    },
    /// One of those who answer the subject.
    One {
        /// Wire name of the call.
        subject: Arc<str>,
        /// Where the answer goes.
        reply_to: ReplyTo,
        /// Not handed out after this has passed; travels with the message.
        within: Duration,
    },
    /// Whoever asked.
    Asker {
        /// As it came with the question.
        reply_to: ReplyTo,
        /// What kind of answer it is.
        answer: Answer,
    },
}

impl Publication {
    /// Bytes that count against [`BusCapabilities::max_payload`]: the message, and the names beside it, which a hostile peer
    /// may choose.
    pub fn size(&self) -> usize {
        let names = match &self.to {
            Audience::Everyone { subject, reply_to } => {
                subject.len() + reply_to.as_ref().map_or(0, |it| it.inbox.len())
            }
            Audience::One {
                subject, reply_to, ..
            } => subject.len() + reply_to.inbox.len(),
            Audience::Asker { reply_to, .. } => reply_to.inbox.len(),
        };
        self.message.size() + self.sender.len() + names
    }
}

/// Where an answer goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReplyTo {
    /// The asker's inbox, or whatever a foreign peer wants back.
    pub inbox: Arc<str>,
    /// Number of the question within the inbox, 64 random bits; none where a foreign peer put all into `inbox`.
    pub number: Option<u64>,
}

/// What kind of answer a receiver gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The body is the reply.
    Reply,
    /// The body is the error that the contract declares.
    Declared,
    /// The receiver failed; there is no inner detail.
    Failed,
    /// The receiver heard it and has nothing to say; foreign peers do so.
    Nothing,
}

/// A message as a subscription gets it.
#[derive(Debug, Clone)]
pub struct Received {
    /// How it came.
    pub form: Form,
    /// The sending agent, or for an answer the receiver that gave it.
    pub sender: Arc<str>,
    /// The message.
    pub message: Arc<Message>,
}

/// How a message came.
#[derive(Debug, Clone)]
pub enum Form {
    /// A signal.
    Signal {
        /// Wire name.
        subject: Arc<str>,
        /// Where answers go, if any are wanted.
        reply_to: Option<ReplyTo>,
    },
    /// A call.
    Call {
        /// Wire name.
        subject: Arc<str>,
        /// Where the answer goes.
        reply_to: ReplyTo,
        /// When the caller stops waiting.
        deadline: Instant,
    },
    /// An answer to a question of this inbox.
    Answer {
        /// Number of the question.
        number: u64,
        /// What kind of answer.
        answer: Answer,
    },
}

/// How far a publication went, as far as the backend can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Certainly nobody: a question to them fails at once. Said of an answer where the inbox is gone.
    Nobody,
    /// This many subscriptions of this bus, if all else goes well; 0 where all that listen have no room. Who asks waits for
    /// as many answers and no more, so a backend that is not sure says [`Unknown`](Self::Unknown).
    Subscriptions(usize),
    /// The backend can't tell.
    Unknown,
}

/// What a subscription did not get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Losses {
    /// Messages that found the buffer full.
    pub overflowed: u64,
    /// Calls that were too late.
    pub late: u64,
    /// Times that the connection was away; what was published meanwhile is unknown.
    pub gaps: u64,
}

/// What a bus can do; the default can nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BusCapabilities {
    /// For people and `info()`.
    pub name: &'static str,
    /// Calls reach one replica.
    pub calls: bool,
    /// Ids, headers, provenance and traces travel with the message.
    pub headers: bool,
    /// [`Reach::Nobody`] is told.
    pub tells_nobody: bool,
    /// The largest [`Publication::size`].
    pub max_payload: usize,
}
