//! Questions that wait for answers, by a number that nobody can guess. An entry lives as long as its ticket, so that a
//! caller who is cancelled leaves nothing behind. Knows no bus.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::Reply;
use crate::error::{Error, ErrorKind};
use crate::random::random;

/// Questions of one inbox at once.
pub(super) const MOST_QUESTIONS: usize = 65_536;
/// Answers of one question that wait to be taken.
const MOST_ANSWERS: usize = 1024;

/// All questions of one inbox.
#[derive(Debug, Default)]
pub(super) struct Pending {
    questions: Mutex<Questions>,
    /// Answers to no question that waits.
    pub(super) late: AtomicU64,
    /// Answers that their asker was too slow to take.
    pub(super) overflowed: AtomicU64,
}

#[derive(Debug, Default)]
struct Questions {
    open: BTreeMap<u64, Question>,
    /// Somebody reads the inbox.
    heard: bool,
    /// Nobody will any more.
    closed: bool,
}

/// Answers that were not taken yet, and who waits for them. It is smaller than any channel.
#[derive(Debug)]
struct Question {
    replies: VecDeque<Reply>,
    most: usize,
    waiting: Option<Waker>,
}

/// A question; dropping it forgets the question.
#[derive(Debug)]
pub(super) struct Ticket {
    pending: Arc<Pending>,
    pub(super) number: u64,
}

impl Questions {
    /// A number that those who know others can't guess.
    fn number(&self) -> u64 {
        loop {
            let number = random();
            if !self.open.contains_key(&number) {
                return number;
            }
        }
    }
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a question for up to this many answers, where that is known.
    pub(super) fn open(self: &Arc<Self>, answers: Option<usize>) -> Result<Ticket, Error> {
        let mut questions = self.lock();
        if questions.closed || !questions.heard {
            return Err(closed());
        }
        if questions.open.len() >= MOST_QUESTIONS {
            let message = format!("{MOST_QUESTIONS} questions wait for their answers");
            return Err(Error::new(ErrorKind::Full, message));
        }
        let number = questions.number();
        let question = Question {
            replies: VecDeque::new(),
            most: answers.unwrap_or(MOST_ANSWERS),
            waiting: None,
        };
        questions.open.insert(number, question);
        Ok(Ticket {
            pending: Arc::clone(self),
            number,
        })
    }

    /// Hands an answer to whoever asked.
    pub(super) fn answer(&self, number: u64, reply: Reply) {
        let mut questions = self.lock();
        let Some(question) = questions.open.get_mut(&number) else {
            self.late.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if question.replies.len() >= question.most {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        question.replies.push_back(reply);
        let waiting = question.waiting.take();
        drop(questions);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// From now on answers are read.
    pub(super) fn hear(&self) {
        self.lock().heard = true;
    }

    /// Answers are read. Fails where they never will be again.
    pub(super) fn is_heard(&self) -> Result<bool, Error> {
        self.check_open()?;
        Ok(self.lock().heard)
    }

    /// Ends all questions, and lets nobody ask again.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.end();
    }

    /// Ends all questions: those who wait see that no answer will come.
    pub(super) fn end(&self) {
        let mut questions = self.lock();
        questions.heard = false;
        let open = std::mem::take(&mut questions.open);
        drop(questions);
        for waiting in open.into_values().filter_map(|it| it.waiting) {
            waiting.wake();
        }
    }

    pub(super) fn check_open(&self) -> Result<(), Error> {
        if self.lock().closed {
            return Err(closed());
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.lock().open.len()
    }
}

impl Ticket {
    /// The next answer; none when the inbox is gone. Cancel safe.
    pub(super) async fn reply(&mut self) -> Option<Reply> {
        std::future::poll_fn(|cx| self.poll_reply(cx)).await
    }

    /// [`reply`](Self::reply), for those who poll.
    pub(super) fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        let mut questions = self.pending.lock();
        let Some(question) = questions.open.get_mut(&self.number) else {
            return Poll::Ready(None);
        };
        let reply = question.replies.pop_front();
        if reply.is_none() {
            question.waiting = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(reply)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.pending.lock().open.remove(&self.number);
    }
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the inbox has been closed")
}
