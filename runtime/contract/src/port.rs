//! The two doors through which messages leave: what a runtime implements, over encoded messages, so that contract
//! crates link neither a runtime nor a client. Knows no payload type.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;

use crate::handle::With;
use crate::meta::{CallMeta, ExchangeMeta, QueueMeta, SignalMeta};
use crate::wait::Wait;
use crate::{CallError, Options, SendError};

/// A future that a port returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An encoded message on its way out.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outgoing {
    /// The payload, as it goes on the wire.
    pub body: Bytes,
    /// How it is to be sent.
    pub options: Options,
    /// What a routed exchange routes by.
    pub routing_key: Option<String>,
    /// The bytes that pick the partition, where the queue declares a key.
    pub partition_key: Option<Bytes>,
}

impl Outgoing {
    /// A message without routing.
    pub fn new(body: Bytes, options: Options) -> Self {
        Self {
            body,
            options,
            routing_key: None,
            partition_key: None,
        }
    }
}

/// An encoded answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawAnswer {
    /// A reply.
    Reply(Bytes),
    /// The error that the call declares.
    Thrown(Bytes),
}

impl RawAnswer {
    /// The bytes of either.
    pub fn body(&self) -> &Bytes {
        match self {
            Self::Reply(body) | Self::Thrown(body) => body,
        }
    }
}

/// The answers to one ask, as they arrive.
///
/// Nothing is sent before the first poll. An item that is an error tells of one receiver that failed
/// ([`CallErrorKind::Failed`](crate::CallErrorKind::Failed)), and others may still answer, or of the ask as a whole (any
/// other kind), and is the last. The end comes when all who heard have answered, or at the deadline. Dropping it ends
/// the ask: nothing of it stays behind.
pub trait AnswerStream: Send {
    /// The next answer; `None` is the end.
    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<RawAnswer, CallError>>>;
}

/// Where signals and calls leave.
pub trait BusPort: fmt::Debug + Send + Sync {
    /// Tells every replica of every receiver. Done when the bus has taken it, at most once, with no word on who heard.
    fn emit(
        &self,
        signal: &'static SignalMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<(), SendError>>;

    /// Asks everyone who receives the signal, until the deadline of the message's options or else of the signal.
    fn ask(&self, signal: &'static SignalMeta, message: Outgoing) -> Pin<Box<dyn AnswerStream>>;

    /// Asks one replica, until the deadline of the message's options or else of the call.
    fn call(
        &self,
        call: &'static CallMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<RawAnswer, CallError>>;

    /// Ends what belongs to this port alone, and awaits it: see [`Bus::close`](crate::Bus::close). Where a port has nothing
    /// of its own, nothing.
    fn close(&self) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Where messages for queues and exchanges leave.
pub trait BrokerPort: fmt::Debug + Send + Sync {
    /// Stores a message in a queue. Done when the broker has confirmed it; an error says that it may not be there.
    ///
    /// It may be sent before the first poll: who holds a [`Sending`](crate::Sending) has not called this yet.
    fn send(&self, queue: &'static QueueMeta, message: Outgoing)
    -> Wait<'_, Result<(), SendError>>;

    /// Stores a copy in each bound queue whose pattern matches. Done when the broker has confirmed all of them;
    /// [`Unroutable`](crate::SendErrorKind::Unroutable) where there is none. It may be sent before the first poll.
    fn publish(
        &self,
        exchange: &'static ExchangeMeta,
        message: Outgoing,
    ) -> Wait<'_, Result<(), SendError>>;

    /// Ends what belongs to this port alone, and awaits it: see [`Broker::close`](crate::Broker::close). Where a port has
    /// nothing of its own, nothing.
    fn close(&self) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// The ports behind a handle or a context, and the options that its messages get.
#[derive(Clone, Copy, Debug)]
pub struct Ports<'a> {
    pub(crate) bus: Option<&'a dyn BusPort>,
    pub(crate) broker: Option<&'a dyn BrokerPort>,
    pub(crate) options: Option<&'a Options>,
}

impl<'a> Ports<'a> {
    /// Both ports.
    pub fn new(bus: &'a dyn BusPort, broker: &'a dyn BrokerPort) -> Self {
        Self {
            bus: Some(bus),
            broker: Some(broker),
            options: None,
        }
    }
}

/// What can send: a [`Bus`](crate::Bus), a [`Broker`](crate::Broker), an agent's context, a
/// [`Recorder`](crate::Recorder), or one of them [`With`] options.
///
/// Generated sender traits stand on it; what a port may send is said by the marker traits that it implements.
pub trait Port: Send + Sync {
    /// The ports behind it.
    fn ports(&self) -> Ports<'_>;

    /// The same, with options for what is sent through it.
    fn with(&self, options: Options) -> With<'_, Self>
    where
        Self: Sized,
    {
        With::new(self, options)
    }
}
