//! What sender methods return: futures with names, so that a message of the compiler is one line and a field can hold
//! one. Knows how to read an answer, not how it came.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::error::{CallError, CallErrorKind, SendError};
use crate::meta::{ExchangeMeta, QueueMeta};
use crate::port::{AnswerStream, BoxFuture, BrokerPort, Outgoing, RawAnswer};
use crate::wait::Wait;
use crate::{AskError, DecodeError};

type Read<R> = fn(&RawAnswer) -> Result<R, DecodeError>;

/// A message on its way to a bus, a queue or an exchange.
///
/// Output: `Ok(())` when the bus has taken it or the broker has confirmed it.
///
/// Nothing is sent before the first poll. Dropped after that, the message may or may not have been sent.
#[must_use = "nothing is sent until it is awaited"]
pub struct Sending<'a>(SendingState<'a>);

/// The message is held as it stands: where the broker answers at once, nothing is boxed.
enum SendingState<'a> {
    Unsent(&'a dyn BrokerPort, To, Outgoing),
    Running(Wait<'a, Result<(), SendError>>),
}

/// What a broker is asked to send to.
#[derive(Clone, Copy)]
pub(crate) enum To {
    Queue(&'static QueueMeta),
    Exchange(&'static ExchangeMeta),
}

impl<'a> Sending<'a> {
    pub(crate) fn running(future: BoxFuture<'a, Result<(), SendError>>) -> Self {
        Self(SendingState::Running(future.into()))
    }

    pub(crate) fn through(broker: &'a dyn BrokerPort, to: To, message: Outgoing) -> Self {
        Self(SendingState::Unsent(broker, to, message))
    }

    pub(crate) fn refused(error: SendError) -> Self {
        Self(SendingState::Running(Wait::ready(Err(error))))
    }
}

impl Future for Sending<'_> {
    type Output = Result<(), SendError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            self.0 = match &mut self.0 {
                SendingState::Running(wait) => return Pin::new(wait).poll(cx),
                SendingState::Unsent(broker, to, message) => {
                    let message = std::mem::take(message);
                    SendingState::Running(match *to {
                        To::Queue(queue) => broker.send(queue, message),
                        To::Exchange(exchange) => broker.publish(exchange, message),
                    })
                }
            };
        }
    }
}

/// A call on its way, for an answer of type `R`.
///
/// Output: the answer, where a declared error is an answer too.
///
/// Nothing is sent before the first poll. Dropped after that, the callee may still do its work; its answer goes nowhere.
#[must_use = "nothing is sent until it is awaited"]
pub struct Calling<'a, R> {
    state: Result<BoxFuture<'a, Result<RawAnswer, CallError>>, Option<CallError>>,
    wire: &'static str,
    read: Read<R>,
}

impl<'a, R> Calling<'a, R> {
    pub(crate) fn running(
        future: BoxFuture<'a, Result<RawAnswer, CallError>>,
        wire: &'static str,
        read: Read<R>,
    ) -> Self {
        Self {
            state: Ok(future),
            wire,
            read,
        }
    }

    pub(crate) fn refused(error: CallError, wire: &'static str, read: Read<R>) -> Self {
        Self {
            state: Err(Some(error)),
            wire,
            read,
        }
    }
}

impl<R> Future for Calling<'_, R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (wire, read) = (self.wire, self.read);
        let answer = match &mut self.state {
            Ok(future) => ready!(future.as_mut().poll(cx)),
            Err(error) => Err(error.take().expect("polled after it was ready")),
        };
        Poll::Ready(answer.and_then(|it| decode_answer(&it, wire, read)))
    }
}

/// All answers to a signal, as they arrive.
///
/// Nothing is sent before the first [`next`](Self::next). Dropping it ends the ask.
#[must_use = "nothing is sent until the first answer is awaited"]
pub struct Answers<R> {
    state: AnswersState,
    wire: &'static str,
    read: Read<R>,
}

enum AnswersState {
    Running(Pin<Box<dyn AnswerStream>>),
    Refused(Option<AskError>),
    Ended,
}

impl<R> Answers<R> {
    pub(crate) fn running(
        stream: Pin<Box<dyn AnswerStream>>,
        wire: &'static str,
        read: Read<R>,
    ) -> Self {
        Self {
            state: AnswersState::Running(stream),
            wire,
            read,
        }
    }

    pub(crate) fn refused(error: AskError, wire: &'static str, read: Read<R>) -> Self {
        Self {
            state: AnswersState::Refused(Some(error)),
            wire,
            read,
        }
    }

    /// The next answer, or the failure of one receiver, or what went wrong with the ask as a whole; `None` when all who
    /// heard have answered or the deadline has passed.
    ///
    /// Cancel safe: an answer that was not returned comes with the next call.
    pub async fn next(&mut self) -> Option<Result<R, AskError>> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`next`](Self::next), for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<R, AskError>>> {
        let item = match &mut self.state {
            AnswersState::Running(stream) => ready!(stream.as_mut().poll_next(cx)),
            AnswersState::Refused(error) => error.take().map(Err),
            AnswersState::Ended => None,
        };
        if item.is_none() {
            self.state = AnswersState::Ended;
        }
        let (wire, read) = (self.wire, self.read);
        Poll::Ready(item.map(|it| it.and_then(|answer| decode_answer(&answer, wire, read))))
    }
}

/// A question to everyone who receives a signal, for the first answer.
///
/// Output: the first answer that could be given and read. Where there is none until the deadline: how the ask failed, else
/// the last failure of a receiver, else [`CallErrorKind::TimedOut`].
///
/// Nothing is sent before the first poll. Dropped after that, receivers may still do their work.
#[must_use = "nothing is sent until it is awaited"]
pub struct Asking<'a, R> {
    answers: Answers<R>,
    failure: Option<AskError>,
    /// Future ports may borrow from the handle, so the type does already.
    handle: std::marker::PhantomData<&'a ()>,
}

impl<R> Asking<'_, R> {
    pub(crate) fn new(answers: Answers<R>) -> Self {
        Self {
            answers,
            failure: None,
            handle: std::marker::PhantomData,
        }
    }
}

impl<R> Future for Asking<'_, R> {
    type Output = Result<R, AskError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match ready!(self.answers.poll_next(cx)) {
                Some(Ok(answer)) => return Poll::Ready(Ok(answer)),
                Some(Err(error)) => self.failure = Some(error),
                None => {
                    let wire = self.answers.wire;
                    let failure = self.failure.take();
                    return Poll::Ready(Err(
                        failure.unwrap_or_else(|| CallError::new(CallErrorKind::TimedOut, wire))
                    ));
                }
            }
        }
    }
}

fn decode_answer<R>(answer: &RawAnswer, wire: &'static str, read: Read<R>) -> Result<R, CallError> {
    read(answer)
        .map_err(|error| CallError::new(CallErrorKind::Undecodable, wire).with_source(error))
}

macro_rules! opaque_debug {
    ($($name:literal: $ty:ty, <$($param:ident)?>;)*) => {$(
        impl<$($param)?> fmt::Debug for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    )*};
}

opaque_debug! {
    "Sending": Sending<'_>, <>;
    "Calling": Calling<'_, R>, <R>;
    "Asking": Asking<'_, R>, <R>;
    "Answers": Answers<R>, <R>;
}
