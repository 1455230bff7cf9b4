//! Those who ask: signals, questions to everyone and calls to one, each with a deadline. Knows neither payloads nor how
//! answers are matched.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::inbox::{Desk, Inbox};
use super::pending::{Ticket, closed};
use super::replies::{Replies, Reply, Unanswered};
use crate::bus::{Answer, Audience, BusBackend, Publication, Reach, ReplyTo};
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::message::Message;

/// Sends signals, questions and calls, and waits for answers. The inbox is opened by the first question.
///
/// An answer is taken by the name of the inbox, 128 bits that nobody can guess, and the number of the question, 64 bits that
/// those who were asked before can't guess either. Which agent answers is not known before, and a bus does not vouch for
/// the name that an answer bears.
///
/// 65,536 questions wait at most, 4,096 answers wait to be matched, and 1,024 answers of a question to be taken; what comes beyond is refused
/// with [`ErrorKind::Full`], or lost and counted. Whoever has it closes it; dropped, its inbox ends all the same, and
/// questions that still wait end with [`Unanswered::Unsent`] and [`ErrorKind::Closed`].
#[derive(Debug)]
pub struct Asker {
    bus: Arc<dyn BusBackend>,
    sender: Arc<str>,
    inbox: Inbox,
}

/// What an asker counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AskerStats {
    /// Questions that wait now.
    pub pending: usize,
    /// Answers to no question that waits: they came after its end, or were made up.
    pub late: u64,
    /// Answers beyond what the inbox or a slow asker has room for, the next included.
    pub overflowed: u64,
    /// Answers that found the inbox full.
    pub inbox_overflowed: u64,
    /// Times that the inbox was away; the answers of that time are lost.
    pub gaps: u64,
}

/// Looks at an asker from outside and keeps nothing of it alive.
#[derive(Clone, Debug)]
pub struct AskerMonitor(Arc<Desk>);

impl AskerMonitor {
    /// What happened so far, also when the asker is gone. Cheap: no task is asked.
    pub fn stats(&self) -> AskerStats {
        let (pending, lost) = (&self.0.pending, self.0.lost());
        AskerStats {
            pending: pending.len(),
            late: pending.late.load(Ordering::Relaxed),
            overflowed: pending.overflowed.load(Ordering::Relaxed) + lost.overflowed,
            inbox_overflowed: lost.overflowed,
            gaps: lost.gaps,
        }
    }
}

impl Asker {
    /// An asker on this bus, by the name under which others know it.
    pub fn new(bus: Arc<dyn BusBackend>, sender: Arc<str>) -> Self {
        Self {
            bus,
            inbox: Inbox::new(&sender),
            sender,
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

    /// What happened so far. Cheap: no task is asked.
    pub fn stats(&self) -> AskerStats {
        self.monitor().stats()
    }

    /// For those who look at the asker while it lives.
    pub fn monitor(&self) -> AskerMonitor {
        AskerMonitor(Arc::clone(&self.inbox.desk))
    }

    /// Ends the questions that wait with [`ErrorKind::Closed`], and the inbox, and waits until its task is gone. Nothing can be
    /// emitted or asked any more. The bus stays open. Closing twice is fine; cancelled, it goes on by itself.
    pub async fn close(&self) {
        self.inbox.close().await;
    }

    /// Tells everyone who listens to the subject. Cancelled, it was published or not.
    ///
    /// # Errors
    /// What [`BusBackend::publish`] says, [`ErrorKind::Closed`] where this was closed; that nobody listens is no error.
    /// There is no deadline but the bus's own.
    pub async fn emit(&self, subject: Arc<str>, message: Message) -> Result<Reach, Error> {
        self.inbox.desk.pending.check_open()?;
        let reply_to = None;
        self.publish(Audience::Everyone { subject, reply_to }, message)
            .await
    }

    /// Asks everyone who listens, for the answers until `within` has passed; opening the inbox and publishing count to it.
    /// Cancelled, and when what it returns is dropped, nothing stays behind.
    ///
    /// # Errors
    /// [`Unanswered::Nobody`] where the bus is certain; [`Unanswered::TimedOut`] where the question did not leave in time;
    /// [`Unanswered::Unsent`] with [`ErrorKind::Full`] where too many questions wait or nobody who listens has room, else
    /// with what [`BusBackend`] says.
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
        let expected = match reach {
            Reach::Subscriptions(count) => Some(count),
            Reach::Unknown | Reach::Nobody => None,
        };
        Ok(Replies::new(ticket, expected, deadline))
    }

    /// Asks one of those who answer, until `within` has passed. Cancelled, nothing stays behind; the receiver may do its work
    /// all the same.
    ///
    /// # Errors
    /// [`Unanswered::Nobody`] also where the one who heard it has nothing to say, the others as for [`ask`](Self::ask), and
    /// [`Unanswered::Failed`]; [`Unanswered::Unsent`] with [`ErrorKind::Unsupported`] where the bus has no calls. A declared
    /// error is an answer.
    pub async fn call(
        &self,
        subject: Arc<str>,
        message: Message,
        within: Duration,
    ) -> Result<Reply, Unanswered> {
        check_calls(&*self.bus, &subject).map_err(Unanswered::Unsent)?;
        let deadline = deadline::after(within);
        let (mut ticket, reply_to) = self.question(Some(1), deadline).await?;
        let audience = Audience::One {
            subject,
            reply_to,
            within: deadline.saturating_duration_since(Instant::now()),
        };
        self.publish_question(audience, message, deadline).await?;
        let reply = match timeout_at(deadline, ticket.reply()).await {
            Ok(Some(reply)) => reply,
            Ok(None) => return Err(Unanswered::Unsent(closed())),
            Err(_) => return Err(Unanswered::TimedOut),
        };
        match reply.answer {
            Answer::Reply | Answer::Declared => Ok(reply),
            Answer::Failed => Err(Unanswered::Failed(reply.receiver)),
            Answer::Nothing => Err(Unanswered::Nobody),
        }
    }

    async fn question(
        &self,
        answers: Option<usize>,
        deadline: Instant,
    ) -> Result<(Ticket, ReplyTo), Unanswered> {
        let opening = self.inbox.open(&*self.bus);
        match timeout_at(deadline, opening).await {
            Ok(opened) => opened.map_err(Unanswered::Unsent)?,
            Err(_) => return Err(Unanswered::TimedOut),
        }
        let ticket = self.inbox.desk.pending.open(answers);
        let ticket = ticket.map_err(Unanswered::Unsent)?;
        let reply_to = ReplyTo {
            inbox: Arc::clone(&self.inbox.name),
            number: Some(ticket.number),
        };
        Ok((ticket, reply_to))
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

/// Whether calls of a subject can be made and answered at all.
pub(super) fn check_calls(bus: &dyn BusBackend, subject: &str) -> Result<(), Error> {
    let capabilities = bus.capabilities();
    if capabilities.calls {
        return Ok(());
    }
    let message = format!(
        "`{subject}` is a call, which {} can't do",
        capabilities.name
    );
    Err(Error::new(ErrorKind::Unsupported, message))
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
        message: message.into(),
        result: None,
    };
    bus.publish(std::slice::from_mut(&mut publication)).await;
    publication.result.unwrap_or_else(|| {
        let message = "the bus left a message without a result";
        Err(Error::new(ErrorKind::Backend, message))
    })
}
