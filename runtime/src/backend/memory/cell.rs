//! A queue behind its lock, with what wakes those who wait for it: consumers in turn, one of which also minds the
//! queue's next timer. It must not know what the queue does with its messages.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::queue::{Now, Queue};

/// So many messages that wait are worth one more consumer: the first takes several, and calls the next where some are left.
const WORTH_A_CALL: usize = 16;

/// A queue that is shared by its senders and consumers.
#[derive(Debug)]
pub(super) struct Cell {
    inner: Mutex<Inner>,
    /// Wakes consumers in the order in which they began to wait. Who takes and leaves something wakes the next.
    pub(super) arrived: Notify,
    /// The next timer is earlier than the one that is minded.
    timer_moved: Notify,
    /// There is a timer and nobody minds it. Apart from `arrived`, so that it costs nobody the place in the line.
    unminded: Notify,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) queue: Queue,
    waiting: usize,
    /// Consumers that were woken since one last looked.
    pub(super) called: usize,
    /// Until when the waiting consumer that minds the timer sleeps.
    minded: Option<Instant>,
}

impl Cell {
    pub(super) fn new(queue: Queue) -> Self {
        Self {
            inner: Mutex::new(Inner {
                queue,
                waiting: 0,
                called: 0,
                minded: None,
            }),
            arrived: Notify::new(),
            timer_moved: Notify::new(),
            unminded: Notify::new(),
        }
    }

    /// The queue. A panic under the lock leaves it usable: no step of it can panic half-way.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes whoever can do something about a change: called under the lock, after it.
    pub(super) fn announce(&self, inner: &mut Inner, now: Now) {
        if inner.waiting == 0 {
            return;
        }
        let due = inner.queue.advance(now);
        if inner.queue.has_more_than(inner.called * WORTH_A_CALL) {
            inner.called += 1;
            self.arrived.notify_one();
        }
        match (due, inner.minded) {
            (Some(due), Some(minded)) if due < minded => self.timer_moved.notify_one(),
            (Some(_), None) => self.unminded.notify_one(),
            _ => {}
        }
    }

    /// Enters the ranks of those who wait, and minds the timer if nobody minds one as early.
    pub(super) fn wait<'a>(&'a self, inner: &mut Inner, due: Option<Instant>) -> Waiting<'a> {
        inner.waiting += 1;
        let minds = due.filter(|due| inner.minded.is_none_or(|minded| *due < minded));
        if minds.is_some() {
            inner.minded = minds;
        }
        Waiting { cell: self, minds }
    }
}

/// A consumer that waits. Dropping it hands the timer on.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    cell: &'a Cell,
    minds: Option<Instant>,
}

impl Waiting<'_> {
    /// Ready when the timer is due or has been moved, or when it should be minded.
    pub(super) async fn timer(&self) {
        match self.minds {
            Some(due) => tokio::select! {
                biased;
                () = self.cell.timer_moved.notified() => {}
                () = tokio::time::sleep_until(due) => {}
            },
            None => self.cell.unminded.notified().await,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut inner = self.cell.lock();
        inner.waiting -= 1;
        if self.minds.is_some() && inner.minded == self.minds {
            inner.minded = None;
            if inner.waiting > 0 {
                self.cell.unminded.notify_one();
            }
        }
    }
}
