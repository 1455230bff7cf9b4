//! A port for tests of what sends: it keeps what was sent, in order, and answers what it was told to. Knows no agent and
//! needs no runtime, so a helper can be tested with nothing else.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use crate::canned::{Canned, Stub};
use crate::codec::{Codec, decode_with};
use crate::declare::{Call, Channel, Exchange, Question, Queue, Signal};
use crate::error::{CallError, CallErrorKind, SendError, SendErrorKind};
use crate::handle::With;
use crate::meta::{CallMeta, ExchangeMeta, QueueMeta, SignalMeta};
use crate::options::Options;
use crate::port::{AnswerStream, BoxFuture, BrokerPort, BusPort, Outgoing, Port, Ports, RawAnswer};
use crate::wait::Wait;

/// Records what is sent instead of sending it. Every package's sender methods work on it, so that a helper which asks
/// for exactly what it sends (`cx: &impl MailerSender`) is tested with nothing else.
///
/// Reading back decodes what was encoded, so a message that would be refused on the way is refused here. Questions are
/// answered as [`answer`](Self::answer) and its siblings say, and with [`CallErrorKind::NobodyListens`] where they say
/// nothing.
///
/// ```
/// # use microagent_contract::__private as __rt;
/// # #[derive(Debug, PartialEq)]
/// # pub struct Mail { subject: String }
/// # __rt::object! { Mail { "subject" => subject: String, Required; } }
/// # mod queues {
/// #     use super::__rt;
/// #     __rt::queues! { Mailer: super::Mail as __rt::Plain = __rt::QueueMeta::new("accounts", "mailer", "accounts.mailer"); }
/// # }
/// # trait AccountsSenders: __rt::Port {
/// #     fn send_mailer(&self, mail: Mail) -> __rt::Sending<'_> { __rt::send::<queues::Mailer>(self, mail) }
/// # }
/// # impl<P: __rt::Port> AccountsSenders for P {}
/// use microagent_contract::{Recorder, SendErrorKind};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let recorder = Recorder::new();
/// recorder.send_mailer(Mail { subject: "Welcome".into() }).await?;
/// assert_eq!(recorder.only_sent::<queues::Mailer>().subject, "Welcome");
///
/// recorder.fail_sends::<queues::Mailer>(1, SendErrorKind::Full);
/// let refused = recorder.send_mailer(Mail { subject: "Again".into() }).await;
/// assert_eq!(refused.unwrap_err().kind(), SendErrorKind::Full);
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
#[derive(Default)]
pub struct Recorder(Mutex<Book>);

#[derive(Default)]
struct Book {
    sent: BTreeMap<&'static str, Vec<Outgoing>>,
    stubs: BTreeMap<&'static str, Arc<Stub>>,
    failures: BTreeMap<&'static str, (usize, SendErrorKind)>,
}

impl Recorder {
    /// A recorder that has seen nothing, and answers nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with options for what is sent through it.
    pub fn with(&self, options: Options) -> With<'_, Self> {
        With::new(self, options)
    }

    /// What was sent to queue `Q`, in order.
    pub fn sent<Q: Queue>(&self) -> Vec<Q::Payload> {
        self.read::<Q::Codec, _>(Q::META.wire())
    }

    /// What was published to exchange `E`, in order.
    pub fn published<E: Exchange>(&self) -> Vec<E::Payload> {
        self.read::<E::Codec, _>(E::META.wire())
    }

    /// What was emitted or asked on signal `S`, in order.
    pub fn emitted<S: Signal>(&self) -> Vec<S::Payload> {
        self.read::<S::Codec, _>(S::META.wire())
    }

    /// What call `C` was made with, in order.
    pub fn called<C: Call>(&self) -> Vec<C::Payload> {
        self.read::<C::Codec, _>(C::META.wire())
    }

    /// The one message that was sent to queue `Q`.
    ///
    /// # Panics
    /// Where none was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_sent<Q: Queue>(&self) -> Q::Payload {
        self.only(Q::META.wire(), self.sent::<Q>())
    }

    /// The one message that was published to exchange `E`.
    ///
    /// # Panics
    /// Where none was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_published<E: Exchange>(&self) -> E::Payload {
        self.only(E::META.wire(), self.published::<E>())
    }

    /// What was emitted or asked on signal `S`, once.
    ///
    /// # Panics
    /// Where nothing was, or more; what was sent instead is said.
    #[track_caller]
    pub fn only_emitted<S: Signal>(&self) -> S::Payload {
        self.only(S::META.wire(), self.emitted::<S>())
    }

    /// What call `C` was made with, once.
    ///
    /// # Panics
    /// Where it was not made, or more than once; what was sent instead is said.
    #[track_caller]
    pub fn only_called<C: Call>(&self) -> C::Payload {
        self.only(C::META.wire(), self.called::<C>())
    }

    /// What left on a channel, in order: encoded, with its options and keys.
    pub fn outgoing<C: Channel>(&self) -> Vec<Outgoing> {
        self.left(C::WIRE)
    }

    /// Questions of `Q` are answered by this function from now on; a later one takes its place.
    ///
    /// # Panics
    /// While asking, where what the function says breaks the contract.
    pub fn answer<Q: Question>(
        &self,
        mut answer: impl FnMut(Q::Asks) -> Q::Answer + Send + 'static,
    ) {
        self.answer_with::<Q>(move |asked| Canned::Answer(answer(asked)));
    }

    /// As [`answer`](Self::answer), by a function that may say as well that the receiver fails, or is silent.
    ///
    /// # Panics
    /// As [`answer`](Self::answer).
    pub fn answer_with<Q: Question>(
        &self,
        answer: impl FnMut(Q::Asks) -> Canned<Q::Answer> + Send + 'static,
    ) {
        self.stub::<Q>(Stub::new::<Q>(answer));
    }

    /// Questions of `Q` get these answers, one after the other, and then the last one again and again.
    ///
    /// # Panics
    /// Where there is no answer, or one breaks its contract.
    pub fn answer_in_turn<Q: Question>(
        &self,
        answers: impl IntoIterator<Item = Canned<Q::Answer>>,
    ) {
        self.stub::<Q>(Stub::in_turn::<Q>(answers));
    }

    /// The next `count` messages on this channel are not sent, and their senders are told this. A later call takes the
    /// place of an earlier one.
    pub fn fail_sends<C: Channel>(&self, count: usize, kind: SendErrorKind) {
        self.book().failures.insert(C::WIRE, (count, kind));
    }

    fn stub<Q: Question>(&self, stub: Stub) {
        self.book().stubs.insert(Q::WIRE, Arc::new(stub));
    }

    fn left(&self, wire: &str) -> Vec<Outgoing> {
        self.book().sent.get(wire).cloned().unwrap_or_default()
    }

    fn read<C: Codec<T>, T>(&self, wire: &str) -> Vec<T> {
        self.left(wire)
            .iter()
            .map(|it| decode_with::<C, T>(&it.body).expect("what was encoded can be decoded"))
            .collect()
    }

    #[track_caller]
    fn only<T>(&self, wire: &str, mut found: Vec<T>) -> T {
        let count = found.len();
        match found.pop() {
            Some(only) if count == 1 => only,
            _ => panic!(
                "one message was expected on `{wire}`, and {count} came; in all there was:{}",
                self.book()
            ),
        }
    }

    fn record(&self, wire: &'static str, message: Outgoing) -> Result<(), SendError> {
        let mut book = self.book();
        if let Some((count @ 1.., kind)) = book.failures.get_mut(wire) {
            *count -= 1;
            return Err(SendError::new(*kind, wire));
        }
        book.sent.entry(wire).or_default().push(message);
        Ok(())
    }

    /// What a question that was recorded is answered.
    fn reply(&self, wire: &'static str, asked: &[u8]) -> Result<RawAnswer, CallError> {
        let stub = self.book().stubs.get(wire).cloned();
        let stub = stub.ok_or_else(|| CallError::new(CallErrorKind::NobodyListens, wire))?;
        match stub.reply(asked).expect("what was encoded can be decoded") {
            Canned::Answer(answer) => Ok(answer),
            Canned::Failure => Err(CallError::failed(wire, "the test")),
            Canned::Silence => Err(CallError::new(CallErrorKind::TimedOut, wire)),
        }
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

/// A line per channel: how many, and the payloads of the first few.
impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        if self.sent.is_empty() {
            return f.write_str(" nothing");
        }
        for (wire, sent) in &self.sent {
            write!(f, "\n  {} on `{wire}`:", sent.len())?;
            for message in sent.iter().take(SHOWN) {
                write!(f, " {}", String::from_utf8_lossy(&message.body))?;
            }
            if sent.len() > SHOWN {
                f.write_str(" …")?;
            }
        }
        Ok(())
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
        let asked = message.body.clone();
        let answer = match self.record(wire, message) {
            Ok(()) => self.reply(wire, &asked),
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
            let asked = message.body.clone();
            self.record(call.wire(), message)?;
            self.reply(call.wire(), &asked)
        })
    }
}

impl BrokerPort for Recorder {
    fn send(
        &self,
        queue: &'static QueueMeta,
        message: Outgoing,
    ) -> Wait<'_, Result<(), SendError>> {
        Wait::ready(self.record(queue.wire(), message))
    }

    fn publish(
        &self,
        exchange: &'static ExchangeMeta,
        message: Outgoing,
    ) -> Wait<'_, Result<(), SendError>> {
        Wait::ready(self.record(exchange.wire(), message))
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
