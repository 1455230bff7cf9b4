//! Consumers of the memory backend: a seat at a queue, and the wait for its messages. Knows cells, not exchanges.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::cell::{Cell, Inner, Waiting};
use super::queue::{Now, Outcome};
use super::store::Store;
use crate::broker::{Consumer, Settled, Settlement};
use crate::error::{Error, ErrorKind};
use crate::message::{Delivery, Tag, Wait};

/// A consumer; dropping it gives back what it holds.
#[derive(Debug)]
pub(super) struct MemoryConsumer(pub(super) Arc<Seating>);

/// A seat at a queue, shared with the connection that may close it.
#[derive(Debug)]
pub(super) struct Seating {
    store: Arc<Store>,
    cell: Arc<Cell>,
    seat: u64,
    attached: AtomicBool,
    /// The seat has room again, or is gone.
    changed: Notify,
}

/// What an attempt to take messages came to.
enum Taken {
    Some,
    Closed,
    Sated,
    /// Nothing yet, and when the queue changes by itself.
    Nothing(Option<Instant>),
}

impl Seating {
    pub(super) fn new(store: &Arc<Store>, cell: &Arc<Cell>, prefetch: usize) -> Self {
        let seat = cell.lock().queue.sit(prefetch);
        Self {
            store: Arc::clone(store),
            cell: Arc::clone(cell),
            seat,
            attached: AtomicBool::new(true),
            changed: Notify::new(),
        }
    }

    /// Gives back what is held and ends the consumer. Doing it twice is fine.
    pub(super) fn leave(&self) {
        if self.attached.swap(false, Ordering::AcqRel) {
            let mut inner = self.cell.lock();
            inner.queue.leave(self.seat);
            inner.called = 0;
            self.cell.announce(&mut inner, self.store.now());
        }
        self.changed.notify_one();
    }

    fn take(&self, inner: &mut Inner, limit: usize, into: &mut Vec<Delivery>) -> Taken {
        inner.called = 0;
        if !inner.queue.is_seated(self.seat) {
            // It may be the one who was called.
            self.cell.announce(inner, self.store.now());
            return Taken::Closed;
        }
        if inner.queue.is_sated(self.seat) {
            return Taken::Sated;
        }
        let now = self.store.now();
        let due = inner.queue.advance(now);
        if let Some(back) = self.store.faults.away_until(now.instant) {
            return Taken::Nothing(Some(back));
        }
        let before = into.len();
        let faults = &self.store.faults;
        let draw = || faults.draw();
        inner.queue.take((self.seat, limit), now, draw, into);
        if into.len() == before {
            return Taken::Nothing(due);
        }
        let lost = faults.of_deliveries(into.len() - before);
        for delivery in &into[before..before + lost] {
            inner.queue.give_back(delivery.tag.number);
        }
        self.cell.announce(inner, now);
        Taken::Some
    }

    async fn wait(&self, limit: usize, into: &mut Vec<Delivery>) -> Result<(), Error> {
        let arrived = self.cell.arrived.notified();
        tokio::pin!(arrived);
        loop {
            arrived.as_mut().enable();
            match self.take_or_wait(limit, into) {
                (Taken::Some, _) => return Ok(()),
                (Taken::Closed, _) => return Err(closed()),
                (_, None) => {
                    // Out of the line, so that what arrives wakes one who has room.
                    arrived.set(self.cell.arrived.notified());
                    self.changed.notified().await;
                }
                (_, Some(waiting)) => tokio::select! {
                    biased;
                    () = arrived.as_mut() => arrived.set(self.cell.arrived.notified()),
                    () = self.changed.notified() => {}
                    () = waiting.timer() => {}
                },
            }
        }
    }

    /// Takes messages, or enters the ranks of those who wait, with no gap between.
    fn take_or_wait(&self, limit: usize, into: &mut Vec<Delivery>) -> (Taken, Option<Waiting<'_>>) {
        let mut inner = self.cell.lock();
        let taken = self.take(&mut inner, limit, into);
        let waiting = match &taken {
            Taken::Nothing(due) => Some(self.cell.wait(&mut inner, *due)),
            Taken::Some | Taken::Closed | Taken::Sated => None,
        };
        (taken, waiting)
    }

    fn settle(&self, batch: &mut Vec<Settlement>) -> Settled {
        let now = self.store.now();
        let mut settled = Settled::default();
        let mut letters = Vec::new();
        let mut inner = self.cell.lock();
        for Settlement { tag, verdict } in batch.drain(..) {
            match inner.queue.settle(tag, verdict, now) {
                Outcome::Done => {}
                Outcome::Late => settled.late += 1,
                Outcome::Dead(letter) => letters.push(letter),
            }
        }
        self.cell.announce(&mut inner, now);
        drop(inner);
        for letter in letters {
            self.store.bury(&self.cell, *letter, now);
        }
        self.changed.notify_one();
        settled
    }

    fn renew(&self, held: &[Tag], now: Now) {
        let mut inner = self.cell.lock();
        for tag in held {
            inner.queue.renew(*tag, now);
        }
    }
}

impl Consumer for MemoryConsumer {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        if limit == 0 {
            return Wait::ready(Ok(()));
        }
        if !self.0.store.faults.delay().is_zero() {
            return Wait::later(async move {
                tokio::time::sleep(self.0.store.faults.delay()).await;
                self.0.wait(limit, into).await
            });
        }
        let taken = self.0.take(&mut self.0.cell.lock(), limit, into);
        match taken {
            Taken::Some => Wait::ready(Ok(())),
            Taken::Closed => Wait::ready(Err(closed())),
            Taken::Sated | Taken::Nothing(_) => Wait::later(self.0.wait(limit, into)),
        }
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        Wait::ready(Ok(self.0.settle(batch)))
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        self.0.renew(held, self.0.store.now());
        Wait::ready(Ok(()))
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        let mut inner = self.0.cell.lock();
        inner.queue.stop(self.0.seat);
        drop(inner);
        self.0.changed.notify_one();
        Wait::ready(Ok(()))
    }

    fn is_attached(&self) -> bool {
        let now = self.0.store.now().instant;
        self.0.attached.load(Ordering::Acquire) && self.0.store.faults.away_until(now).is_none()
    }
}

impl Drop for MemoryConsumer {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "this consumer has been stopped")
}
