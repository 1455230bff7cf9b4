//! What comes of a question: answers, or why there are none. Knows neither buses nor inboxes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

use super::pending::Ticket;
use crate::bus::Answer;
use crate::error::Error;
use crate::message::Message;

/// An answer, and who gave it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What kind of answer.
    pub answer: Answer,
    /// The receiver, as it names itself.
    pub receiver: Arc<str>,
    /// The message; empty for [`Answer::Failed`] and [`Answer::Nothing`].
    pub message: Arc<Message>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// Nobody who could answer listens, and that is certain.
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

/// Answers as they come. Dropping it ends the question.
#[derive(Debug)]
pub struct Replies {
    ticket: Ticket,
    /// Answers that are still to come, where the bus could tell.
    expected: Option<usize>,
    deadline: Pin<Box<Sleep>>,
    ended: Option<End>,
}

/// Why no more answers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All who heard have answered.
    Complete,
    /// The deadline has passed.
    TimedOut,
    /// The inbox is gone.
    Closed,
}

impl Replies {
    pub(super) fn new(ticket: Ticket, expected: Option<usize>, deadline: Instant) -> Self {
        Self {
            ticket,
            expected,
            deadline: Box::pin(sleep_until(deadline)),
            ended: None,
        }
    }

    /// The next answer, also one that says failed or nothing; none when all who heard have answered, the deadline has
    /// passed, or the inbox is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Reply> {
        std::future::poll_fn(|cx| self.poll_next(cx)).await
    }

    /// [`next`](Self::next), for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        if self.ended.is_some() {
            return Poll::Ready(None);
        }
        if self.expected == Some(0) {
            return self.end(End::Complete);
        }
        match self.ticket.poll_reply(cx) {
            Poll::Ready(Some(reply)) => {
                self.expected = self.expected.map(|it| it - 1);
                return Poll::Ready(Some(reply));
            }
            Poll::Ready(None) => return self.end(End::Closed),
            Poll::Pending => {}
        }
        ready!(self.deadline.as_mut().poll(cx));
        self.end(End::TimedOut)
    }

    /// Why it ended; none before.
    pub(super) fn ended(&self) -> Option<End> {
        self.ended
    }

    fn end(&mut self, end: End) -> Poll<Option<Reply>> {
        self.ended = Some(end);
        Poll::Ready(None)
    }
}
