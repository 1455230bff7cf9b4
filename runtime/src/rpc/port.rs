//! The bus port of contracts over an asker: options are checked, names are given, errors are translated. Knows no payload
//! type.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use microagent_contract::meta::{CallMeta, SignalMeta};
use microagent_contract::{
    AnswerStream, BoxFuture, BusPort, CallError, CallErrorKind, Options, Outgoing, RawAnswer,
    SendError, SendErrorKind,
};

use super::pending::closed;
use super::replies::End;
use super::{Asker, Replies, Reply, Unanswered};
use crate::bus::{Answer, BusBackend};
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::port::{close, send_error};

/// How long publishing may take where nobody waits for an answer.
const PUBLISH: Duration = Duration::from_secs(30);

/// The port of an asker, shared by all handles.
#[derive(Debug, Clone)]
pub(crate) struct AskPort {
    asker: Arc<Asker>,
    /// The connection that ends with the port.
    owned: Option<Arc<dyn BusBackend>>,
}

impl AskPort {
    /// A port over this asker, and the connection that ends with it, if one does.
    pub(crate) fn new(asker: Asker, owned: Option<Arc<dyn BusBackend>>) -> Self {
        let asker = Arc::new(asker);
        Self { asker, owned }
    }

    fn message(&self, wire: &'static str, encoded: &Outgoing) -> Result<Message, SendError> {
        check(&encoded.options).map_err(|error| send_error(wire, error))?;
        let mut message = Message::new(encoded.body.clone());
        for (name, value) in encoded.options.headers() {
            let inserted = message.headers.insert(name, value);
            inserted.map_err(|error| send_error(wire, error))?;
        }
        self.asker
            .check(&message)
            .map_err(|error| send_error(wire, error))?;
        Ok(message)
    }
}

impl BusPort for AskPort {
    fn emit(
        &self,
        signal: &'static SignalMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let wire = signal.wire();
            let within = message.options.get_deadline().unwrap_or(PUBLISH);
            let message = self.message(wire, &message)?;
            match tokio::time::timeout(within, self.asker.emit(wire.into(), message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(send_error(wire, error)),
                Err(_) => Err(SendError::new(SendErrorKind::TimedOut, wire)),
            }
        })
    }

    fn ask(&self, signal: &'static SignalMeta, message: Outgoing) -> Pin<Box<dyn AnswerStream>> {
        let port = self.clone();
        let wire = signal.wire();
        let asking = async move {
            let within = message.options.get_deadline().unwrap_or(signal.deadline());
            let message = port.message(wire, &message)?;
            let replies = port.asker.ask(wire.into(), message, within).await;
            replies.map_err(|it| call_error(wire, it))
        };
        Box::pin(Stream {
            wire,
            state: State::Asking(Box::pin(asking)),
        })
    }

    fn call(
        &self,
        call: &'static CallMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<RawAnswer, CallError>> {
        Box::pin(async move {
            let wire = call.wire();
            let within = message.options.get_deadline().unwrap_or(call.deadline());
            let message = self.message(wire, &message)?;
            match self.asker.call(wire.into(), message, within).await {
                Ok(reply) => raw_answer(wire, &reply)
                    .unwrap_or_else(|| Err(call_error(wire, Unanswered::Nobody))),
                Err(unanswered) => Err(call_error(wire, unanswered)),
            }
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            self.asker.close().await;
            match &self.owned {
                Some(bus) => close("bus", bus.close()).await,
                None => Ok(()),
            }
        })
    }
}

/// The answers to a question that is asked by the first poll.
struct Stream {
    wire: &'static str,
    state: State,
}

enum State {
    Asking(BoxFuture<'static, Result<Replies, CallError>>),
    /// And whether somebody had something to say.
    Open(Replies, bool),
    Ended,
}

impl AnswerStream for Stream {
    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<RawAnswer, CallError>>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Asking(asking) => match ready!(asking.as_mut().poll(cx)) {
                    Ok(replies) => this.state = State::Open(replies, false),
                    Err(error) => {
                        this.state = State::Ended;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Open(replies, answered) => {
                    let Some(reply) = ready!(replies.poll_next(cx)) else {
                        let error = end_error(this.wire, replies.ended(), *answered);
                        this.state = State::Ended;
                        return Poll::Ready(error.map(Err));
                    };
                    if let Some(answer) = raw_answer(this.wire, &reply) {
                        *answered = true;
                        return Poll::Ready(Some(answer));
                    }
                }
                State::Ended => return Poll::Ready(None),
            }
        }
    }
}

/// What went wrong with an ask as a whole, where it did.
fn end_error(wire: &str, ended: Option<End>, answered: bool) -> Option<CallError> {
    match ended {
        // All who heard it only listen.
        Some(End::Complete) if !answered => Some(call_error(wire, Unanswered::Nobody)),
        Some(End::Closed) => Some(call_error(wire, Unanswered::Unsent(closed()))),
        Some(End::Complete | End::TimedOut) | None => None,
    }
}

/// What the asker is told of a reply; nothing where the receiver had nothing to say.
fn raw_answer(wire: &str, reply: &Reply) -> Option<Result<RawAnswer, CallError>> {
    match reply.answer {
        Answer::Reply => Some(Ok(RawAnswer::Reply(reply.message.body.clone()))),
        Answer::Declared => Some(Ok(RawAnswer::Thrown(reply.message.body.clone()))),
        Answer::Failed => Some(Err(CallError::failed(wire, &reply.receiver))),
        Answer::Nothing => None,
    }
}

/// Options that mean something only to a broker.
fn check(options: &Options) -> Result<(), Error> {
    let unsupported = |what: &str| {
        let message = format!("{what} means nothing on a bus");
        Err(Error::new(ErrorKind::Unsupported, message))
    };
    match (options.get_after(), options.get_priority()) {
        (Some(_), _) => unsupported("`after`"),
        (_, Some(_)) => unsupported("`priority`"),
        (None, None) => Ok(()),
    }
}

fn call_error(wire: &str, unanswered: Unanswered) -> CallError {
    match unanswered {
        Unanswered::Nobody => CallError::new(CallErrorKind::NobodyListens, wire),
        Unanswered::TimedOut => CallError::new(CallErrorKind::TimedOut, wire),
        Unanswered::Failed(receiver) => CallError::failed(wire, &receiver),
        Unanswered::Unsent(error) => send_error(wire, error).into(),
    }
}
