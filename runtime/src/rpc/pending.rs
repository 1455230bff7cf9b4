//! Questions that wait for answers, by number. An entry lives as long as its ticket, so that a caller who is cancelled
//! leaves nothing behind. Knows no bus.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::Reply;
use crate::error::{Error, ErrorKind};

/// Questions of one inbox at once.
pub(super) const MOST_QUESTIONS: usize = 65_536;
/// Answers of one question that wait to be taken.
const MOST_ANSWERS: usize = 1024;

/// All questions of one inbox.
#[derive(Debug, Default)]
pub(super) struct Pending {
    questions: Mutex<Questions>,
    /// Answers to questions that nobody waits for any more.
    pub(super) late: AtomicU64,
    /// Answers that their asker was too slow to take.
    pub(super) overflowed: AtomicU64,
}

#[derive(Debug, Default)]
struct Questions {
    next: u64,
    open: BTreeMap<u64, mpsc::Sender<Reply>>,
    closed: bool,
}

/// A question; dropping it forgets the question.
#[derive(Debug)]
pub(super) struct Ticket {
    pending: Arc<Pending>,
    pub(super) number: u64,
    pub(super) replies: mpsc::Receiver<Reply>,
}

impl Pending {
    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a question for up to this many answers, where that is known.
    pub(super) fn open(self: &Arc<Self>, answers: Option<usize>) -> Result<Ticket, Error> {
        let (sender, replies) = mpsc::channel(answers.unwrap_or(MOST_ANSWERS));
        let mut questions = self.lock();
        if questions.closed {
            return Err(Error::new(ErrorKind::Closed, "the inbox has been closed"));
        }
        if questions.open.len() >= MOST_QUESTIONS {
            let message = format!("{MOST_QUESTIONS} questions wait for their answers");
            return Err(Error::new(ErrorKind::Full, message));
        }
        let number = questions.next;
        questions.next += 1;
        questions.open.insert(number, sender);
        Ok(Ticket {
            pending: Arc::clone(self),
            number,
            replies,
        })
    }

    /// Hands an answer to whoever asked.
    pub(super) fn answer(&self, number: u64, reply: Reply) {
        let questions = self.lock();
        let Some(question) = questions.open.get(&number) else {
            self.late.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if question.try_send(reply).is_err() {
            self.overflowed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends all questions: those who wait see that no answer will come.
    pub(super) fn close(&self) {
        let mut questions = self.lock();
        questions.closed = true;
        questions.open.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().open.len()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.pending.lock().open.remove(&self.number);
    }
}
