//! A port for tests of what sends: it keeps what was sent, in order, and answers what it was told to. Knows no agent and
//! needs no runtime, so a helper can be tested with nothing else.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::codec::decode_with;
use crate::declare::{AnswerCodec, Asked, Call, Exchange, Queue, Signal};
use crate::error::{CallError, CallErrorKind, SendError, SendErrorKind};
use crate::handle::With;
use crate::meta::{CallMeta, ExchangeMeta, QueueMeta, SignalMeta};
use crate::options::Options;
use crate::port::{AnswerStream, BoxFuture, BrokerPort, BusPort, Outgoing, Port, Ports, RawAnswer};

/// Records what is sent instead of sending it. Every package's sender methods work on it.
///
/// Reading back decodes what was encoded, so a message that would be refused on the way is refused here.
#[derive(Default)]
pub struct Recorder(Mutex<Book>);

#[derive(Default)]
struct Book {
    sent: BTreeMap<&'static str, Vec<Outgoing>>,
    answers: BTreeMap<&'static str, VecDeque<Result<RawAnswer, CallError>>>,
    failures: BTreeMap<&'static str, VecDeque<SendError>>,
}

impl Recorder {
    /// A recorder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with options for what is sent through it.
    pub fn with(&self, options: Options) -> With<'_, Self> {
        With::new(self, options)
    }

    /// What was sent to queue `Q`, in order.
    pub fn sent<Q: Queue>(&self) -> Vec<Q::Payload> {
        self.read::<Q::Codec, Q::Payload>(Q::META.wire())
    }

    /// What was published to exchange `E`, in order.
    pub fn published<E: Exchange>(&self) -> Vec<E::Payload> {
        self.read::<E::Codec, E::Payload>(E::META.wire())
    }

    /// What was emitted or asked on signal `S`, in order.
    pub fn emitted<S: Signal>(&self) -> Vec<S::Payload> {
        self.read::<S::Codec, S::Payload>(S::META.wire())
    }

    /// What call `C` was made with, in order.
    pub fn called<C: Call>(&self) -> Vec<C::Payload> {
        self.read::<C::Codec, C::Payload>(C::META.wire())
    }

    /// What left under a wire name, encoded, with its options and routing key.
    pub fn outgoing(&self, wire: &str) -> Vec<Outgoing> {
        self.book().sent.get(wire).cloned().unwrap_or_default()
    }

    /// The next call of `C` that has no answer yet gets this one. With none left, [`CallErrorKind::NobodyListens`].
    ///
    /// # Panics
    /// Where the answer breaks its contract.
    pub fn answer_call<C: Call>(&self, answer: &C::Reply) {
        self.answer(C::META.wire(), C::ReplyCodec::write(answer));
    }

    /// The next ask of `S` gets this answer. With none left, [`CallErrorKind::NobodyListens`].
    ///
    /// # Panics
    /// Where the answer breaks its contract.
    pub fn answer_ask<S: Asked>(&self, answer: &S::Reply) {
        self.answer(S::META.wire(), S::ReplyCodec::write(answer));
    }

    /// The next call or ask under this error's wire name fails so.
    pub fn fail_answer(&self, wire: &'static str, kind: CallErrorKind) {
        let answers = &mut self.book().answers;
        answers
            .entry(wire)
            .or_default()
            .push_back(Err(CallError::new(kind, wire)));
    }

    /// The next emit, send or publish under this wire name fails so.
    pub fn fail_send(&self, wire: &'static str, kind: SendErrorKind) {
        let failures = &mut self.book().failures;
        failures
            .entry(wire)
            .or_default()
            .push_back(SendError::new(kind, wire));
    }

    fn answer(&self, wire: &'static str, answer: Result<RawAnswer, crate::EncodeError>) {
        let answer = answer.expect("a canned answer keeps its contract");
        let answers = &mut self.book().answers;
        answers.entry(wire).or_default().push_back(Ok(answer));
    }

    fn read<C: crate::codec::Codec<T>, T>(&self, wire: &str) -> Vec<T> {
        self.outgoing(wire)
            .iter()
            .map(|it| decode_with::<C, T>(&it.body).expect("what was encoded can be decoded"))
            .collect()
    }

    fn record(&self, wire: &'static str, message: Outgoing) -> Result<(), SendError> {
        let mut book = self.book();
        if let Some(error) = book.failures.get_mut(wire).and_then(VecDeque::pop_front) {
            return Err(error);
        }
        book.sent.entry(wire).or_default().push(message);
        Ok(())
    }

    fn next_answer(&self, wire: &'static str) -> Result<RawAnswer, CallError> {
        let canned = self
            .book()
            .answers
            .get_mut(wire)
            .and_then(VecDeque::pop_front);
        canned.unwrap_or_else(|| Err(CallError::new(CallErrorKind::NobodyListens, wire)))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let book = self.book();
        let counts = book.sent.iter().map(|(wire, sent)| (wire, sent.len()));
        f.debug_map().entries(counts).finish()
    }
}

impl Port for Recorder {
    fn ports(&self) -> Ports<'_> {
        Ports::new(self, self)
    }
}

impl BusPort for Recorder {
    fn emit(
        &self,
        signal: &'static SignalMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move { self.record(signal.wire(), message) })
    }

    fn ask(&self, signal: &'static SignalMeta, message: Outgoing) -> Pin<Box<dyn AnswerStream>> {
        let wire = signal.wire();
        let answer = match self.record(wire, message) {
            Ok(()) => self.next_answer(wire),
            Err(error) => Err(error.into()),
        };
        Box::pin(OneAnswer(Some(answer)))
    }

    fn call(
        &self,
        call: &'static CallMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<RawAnswer, CallError>> {
        Box::pin(async move {
            self.record(call.wire(), message)?;
            self.next_answer(call.wire())
        })
    }
}

impl BrokerPort for Recorder {
    fn send(
        &self,
        queue: &'static QueueMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move { self.record(queue.wire(), message) })
    }

    fn publish(
        &self,
        exchange: &'static ExchangeMeta,
        message: Outgoing,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move { self.record(exchange.wire(), message) })
    }
}

struct OneAnswer(Option<Result<RawAnswer, CallError>>);

impl AnswerStream for OneAnswer {
    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<RawAnswer, CallError>>> {
        Poll::Ready(self.0.take())
    }
}
