//! Those who ask: one private inbox per asker, whose answers are matched to questions by number. Knows neither payloads
//! nor who answers.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::pending::{Pending, Ticket};
use crate::bus::{
    Answer, Audience, BusBackend, Form, Interest, Publication, Reach, ReplyTo, Subscription,
};
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::random::random;

/// Answers that the inbox holds before they are matched.
const INBOX: usize = 4096;

/// Sends signals, questions and calls, and waits for answers. The inbox is opened by the first question.
///
/// Dropping it ends its inbox; questions that still wait end with [`Unanswered::Unsent`] and [`ErrorKind::Closed`].
#[derive(Debug)]
pub struct Asker {
    bus: Arc<dyn BusBackend>,
    sender: Arc<str>,
    inbox: Arc<str>,
    pending: Arc<Pending>,
    reader: OnceCell<JoinHandle<()>>,
}

/// An answer, and who gave it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What kind of answer.
    pub answer: Answer,
    /// The receiver, as it names itself.
    pub receiver: Arc<str>,
    /// The message; empty for [`Answer::Failed`] and [`Answer::Nothing`].
    pub message: Message,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The bus is certain that nobody listens.
    Nobody,
    /// None came in time.
    TimedOut,
    /// The receiver of this name failed.
    Failed(Arc<str>),
    /// The question did not leave, or its inbox is gone.
    Unsent(Error),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody listens"),
            Self::TimedOut => f.write_str("no answer came in time"),
            Self::Failed(receiver) => write!(f, "receiver `{receiver}` failed"),
            Self::Unsent(_) => f.write_str("the question could not be sent"),
        }
    }
}

impl std::error::Error for Unanswered {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unsent(error) => Some(error),
            Self::Nobody | Self::TimedOut | Self::Failed(_) => None,
        }
    }
}

/// What an asker counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AskerStats {
    /// Questions that wait now.
    pub pending: usize,
    /// Answers that came after their question had ended.
    pub late: u64,
    /// Answers beyond what a slow asker has room for.
    pub overflowed: u64,
}

impl Asker {
    /// An asker on this bus, by the name under which others know it.
    pub fn new(bus: Arc<dyn BusBackend>, sender: Arc<str>) -> Self {
        let inbox = format!("{:016x}{:016x}", random(), random());
        Self {
            bus,
            sender,
            inbox: inbox.into(),
            pending: Arc::default(),
            reader: OnceCell::new(),
        }
    }

    /// Whether the bus can take this message at all.
    pub(super) fn check(&self, message: &Message) -> Result<(), Error> {
        let capabilities = self.bus.capabilities();
        let (size, most) = (message.size(), capabilities.max_payload);
        if size > most {
            let text = format!("a message of {size} bytes exceeds the limit of {most}");
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        if !message.headers.is_empty() && !capabilities.headers {
            let text = format!("{} has no headers", capabilities.name);
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        Ok(())
    }

    /// What happened so far.
    pub fn stats(&self) -> AskerStats {
        AskerStats {
            pending: self.pending.len(),
            late: self.pending.late.load(Ordering::Relaxed),
            overflowed: self.pending.overflowed.load(Ordering::Relaxed),
        }
    }

    /// Tells everyone who listens to the subject. Cancelled, it was published or not.
    ///
    /// # Errors
    /// What [`BusBackend::publish`] says; that nobody listens is no error.
    pub async fn emit(&self, subject: Arc<str>, message: Message) -> Result<Reach, Error> {
        let reply_to = None;
        self.publish(Audience::Everyone { subject, reply_to }, message)
            .await
    }

    /// Asks everyone who listens, for the answers until `within` has passed. Cancelled or dropped, nothing stays behind.
    ///
    /// # Errors
    /// [`Unanswered::Nobody`] and [`Unanswered::Unsent`].
    pub async fn ask(
        &self,
        subject: Arc<str>,
        message: Message,
        within: Duration,
    ) -> Result<Replies, Unanswered> {
        let deadline = deadline::after(within);
        let (ticket, reply_to) = self.question(None, deadline).await?;
        let reply_to = Some(reply_to);
        let audience = Audience::Everyone { subject, reply_to };
        let reach = self.publish_question(audience, message, deadline).await?;
        Ok(Replies {
            ticket,
            expected: match reach {
                Reach::Subscriptions(count) => Some(count),
                Reach::Unknown | Reach::Nobody => None,
            },
            deadline: Box::pin(sleep_until(deadline)),
        })
    }

    /// Asks one of those who answer. Cancelled, nothing stays behind; the receiver may do its work all the same.
    ///
    /// # Errors
    /// Each kind of [`Unanswered`]. A declared error is an answer.
    pub async fn call(
        &self,
        subject: Arc<str>,
        message: Message,
        within: Duration,
    ) -> Result<Reply, Unanswered> {
        let deadline = deadline::after(within);
        let (mut ticket, reply_to) = self.question(Some(1), deadline).await?;
        let audience = Audience::One {
            subject,
            reply_to,
            within: deadline.saturating_duration_since(Instant::now()),
        };
        self.publish_question(audience, message, deadline).await?;
        loop {
            let reply = match timeout_at(deadline, ticket.replies.recv()).await {
                Ok(Some(reply)) => reply,
                Ok(None) => return Err(Unanswered::Unsent(closed())),
                Err(_) => return Err(Unanswered::TimedOut),
            };
            match reply.answer {
                Answer::Reply | Answer::Declared => return Ok(reply),
                Answer::Failed => return Err(Unanswered::Failed(reply.receiver)),
                Answer::Nothing => {}
            }
        }
    }

    async fn question(
        &self,
        answers: Option<usize>,
        deadline: Instant,
    ) -> Result<(Ticket, ReplyTo), Unanswered> {
        let opening = self.reader.get_or_try_init(|| self.open_inbox());
        match timeout_at(deadline, opening).await {
            Ok(opened) => opened.map_err(Unanswered::Unsent)?,
            Err(_) => return Err(Unanswered::TimedOut),
        };
        let ticket = self.pending.open(answers).map_err(Unanswered::Unsent)?;
        let reply_to = ReplyTo {
            inbox: Arc::clone(&self.inbox),
            number: Some(ticket.number),
        };
        Ok((ticket, reply_to))
    }

    async fn open_inbox(&self) -> Result<JoinHandle<()>, Error> {
        let interest = Interest::Inbox(Arc::clone(&self.inbox));
        let inbox = self.bus.subscribe(interest, INBOX).await?;
        Ok(tokio::spawn(read(inbox, Arc::clone(&self.pending))))
    }

    async fn publish_question(
        &self,
        audience: Audience,
        message: Message,
        deadline: Instant,
    ) -> Result<Reach, Unanswered> {
        match timeout_at(deadline, self.publish(audience, message)).await {
            Ok(Ok(Reach::Nobody)) => Err(Unanswered::Nobody),
            Ok(Ok(Reach::Subscriptions(0))) => {
                let message = "whoever listens has no room for another message";
                Err(Unanswered::Unsent(Error::new(ErrorKind::Full, message)))
            }
            Ok(Ok(reach)) => Ok(reach),
            Ok(Err(error)) => Err(Unanswered::Unsent(error)),
            Err(_) => Err(Unanswered::TimedOut),
        }
    }

    async fn publish(&self, to: Audience, message: Message) -> Result<Reach, Error> {
        let sender = Arc::clone(&self.sender);
        publish(&*self.bus, to, sender, message).await
    }
}

/// Publishes one message.
pub(super) async fn publish(
    bus: &dyn BusBackend,
    to: Audience,
    sender: Arc<str>,
    message: Message,
) -> Result<Reach, Error> {
    let mut publication = Publication {
        to,
        sender,
        message,
        result: None,
    };
    bus.publish(std::slice::from_mut(&mut publication)).await;
    publication.result.unwrap_or_else(|| {
        let message = "the bus left a message without a result";
        Err(Error::new(ErrorKind::Backend, message))
    })
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.pending.close();
        if let Some(reader) = self.reader.get() {
            reader.abort();
        }
    }
}

/// Matches answers to questions until the inbox ends.
async fn read(inbox: Box<dyn Subscription>, pending: Arc<Pending>) {
    let mut received = Vec::new();
    while inbox.next(64, &mut received).await.is_ok() {
        for received in received.drain(..) {
            if let Form::Answer { number, answer } = received.form {
                let reply = Reply {
                    answer,
                    receiver: received.sender,
                    message: received.message,
                };
                pending.answer(number, reply);
            }
        }
    }
    pending.close();
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the inbox has been closed")
}

/// Answers as they come. Dropping it ends the question.
#[derive(Debug)]
pub struct Replies {
    ticket: Ticket,
    /// Answers that are still to come, where the bus could tell.
    expected: Option<usize>,
    deadline: Pin<Box<Sleep>>,
}

impl Replies {
    /// The next answer, also one that says failed or nothing; none when all who heard have answered, the deadline has
    /// passed, or the inbox is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Reply> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`next`](Self::next), for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        if self.expected == Some(0) {
            return Poll::Ready(None);
        }
        if let Poll::Ready(reply) = self.ticket.replies.poll_recv(cx) {
            if let Some(expected) = &mut self.expected {
                *expected -= 1;
            }
            return Poll::Ready(reply);
        }
        ready!(self.deadline.as_mut().poll(cx));
        self.expected = Some(0);
        Poll::Ready(None)
    }
}
