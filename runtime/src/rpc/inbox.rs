//! The inbox of an asker: opened by the first question, read by a task until it is closed, its answers matched to
//! questions by number. Knows neither payloads nor who answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::task::JoinHandle;

use super::losses::LossReport;
use super::pending::Pending;
use super::replies::Reply;
use crate::bus::{BusBackend, Form, Interest, Losses, Subscription};
use crate::error::Error;
use crate::random::random;

/// Answers that it holds before they are matched.
const BUFFER: usize = 4096;
/// Answers that are matched at a time.
const BATCH: usize = 64;

/// An inbox of a name that nobody can guess: 128 random bits.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) name: Arc<str>,
    pub(super) desk: Arc<Desk>,
    /// Who opens it, one at a time.
    opening: tokio::sync::Mutex<()>,
}

/// What an inbox and those who look at it share. Keeps nothing of it alive.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) pending: Arc<Pending>,
    reader: Mutex<Option<Reader>>,
    report: Arc<LossReport>,
}

/// The task that reads, and what it reads.
#[derive(Debug)]
struct Reader {
    task: JoinHandle<()>,
    subscription: Weak<dyn Subscription>,
}

impl Inbox {
    pub(super) fn new(owner: &Arc<str>) -> Self {
        Self {
            name: format!("{:016x}{:016x}", random(), random()).into(),
            desk: Arc::new(Desk {
                pending: Arc::default(),
                reader: Mutex::default(),
                report: Arc::new(LossReport::new(Arc::clone(owner), "answers".into())),
            }),
            opening: tokio::sync::Mutex::default(),
        }
    }

    /// Listens from now on, also where its subscription has ended. Cancelled, it does not, and may be opened again.
    pub(super) async fn open(&self, bus: &dyn BusBackend) -> Result<(), Error> {
        let desk = &self.desk;
        if desk.pending.is_heard()? {
            return Ok(());
        }
        let _opening = self.opening.lock().await;
        if desk.pending.is_heard()? {
            return Ok(());
        }
        let interest = Interest::Inbox(Arc::clone(&self.name));
        let subscription: Arc<dyn Subscription> = bus.subscribe(interest, BUFFER).await?.into();
        let mut reader = desk.reader();
        // Whoever closes it says so before looking for the reader.
        desk.pending.check_open()?;
        desk.pending.hear();
        let reading = Reading {
            subscription: Arc::clone(&subscription),
            report: Arc::clone(&desk.report),
            questions: Heard(Arc::clone(&desk.pending)),
        };
        *reader = Some(Reader {
            task: tokio::spawn(reading.run()),
            subscription: Arc::downgrade(&subscription),
        });
        Ok(())
    }

    /// Ends all questions, and the reader without waiting for it.
    fn abandon(&self) -> Option<JoinHandle<()>> {
        self.desk.pending.close();
        let reader = self.desk.reader().take()?;
        reader.task.abort();
        Some(reader.task)
    }

    /// The same, and waits until the reader is gone.
    pub(super) async fn close(&self) {
        if let Some(reader) = self.abandon() {
            // That it was cancelled is what was asked for.
            let _ = reader.await;
        }
    }
}

impl Desk {
    fn reader(&self) -> MutexGuard<'_, Option<Reader>> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the inbox has lost, also when it is gone.
    pub(super) fn lost(&self) -> Losses {
        let reader = self.reader();
        let subscription = reader.as_ref().and_then(|it| it.subscription.upgrade());
        if let Some(subscription) = subscription {
            self.report.note(subscription.lost());
        }
        self.report.seen()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.abandon();
    }
}

/// What the reader owns, in the order in which it ends: the next question can subscribe again.
struct Reading {
    subscription: Arc<dyn Subscription>,
    report: Arc<LossReport>,
    questions: Heard,
}

/// However the reader ends, no question waits for an answer that nobody would read.
struct Heard(Arc<Pending>);

impl Drop for Heard {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Reading {
    /// Matches answers to questions until the subscription ends.
    async fn run(self) {
        let mut received = Vec::new();
        while self.subscription.next(BATCH, &mut received).await.is_ok() {
            for received in received.drain(..) {
                if let Form::Answer { number, answer } = received.form {
                    let reply = Reply {
                        answer,
                        receiver: received.sender,
                        message: received.message,
                    };
                    self.questions.0.answer(number, reply);
                }
            }
            self.report.note(self.subscription.lost());
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.report.note(self.subscription.lost());
        self.report.finish();
    }
}
