//! One connection to the bus: what it listens to, and whether it is lost or closed. Knows the switchboard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

use super::super::faults::away;
use super::Switchboard;
use super::faults::PublishFault;
use super::mailbox::Mailbox;
use super::plug::Plug;
use crate::bus::{Interest, Publication, Reach, Subscription};
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::message::Wait;

/// A connection; a closed one does nothing any more.
#[derive(Debug)]
pub(in super::super) struct Connection {
    switchboard: Arc<Switchboard>,
    closed: AtomicBool,
    /// It was lost once; until then no lock is taken.
    was_lost: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    mailboxes: Vec<Weak<Mailbox>>,
    away_until: Option<Instant>,
}

impl Inner {
    fn is_away(&self) -> bool {
        self.away_until.is_some_and(|until| until > Instant::now())
    }
}

impl Connection {
    pub(in super::super) fn new(switchboard: &Arc<Switchboard>) -> Self {
        Self {
            switchboard: Arc::clone(switchboard),
            closed: AtomicBool::new(false),
            was_lost: AtomicBool::new(false),
            inner: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "memory has been closed"));
        }
        Ok(())
    }

    fn is_away(&self) -> bool {
        self.was_lost.load(Ordering::Acquire) && self.lock().is_away()
    }

    pub(in super::super) fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        let delay = self.switchboard.faults.delay();
        if delay.is_zero() {
            self.publish_now(batch);
            return Wait::ready(());
        }
        Wait::later(async move {
            tokio::time::sleep(delay).await;
            self.publish_now(batch);
        })
    }

    fn publish_now(&self, batch: &mut [Publication]) {
        for publication in batch {
            publication.result = Some(self.publish_one(publication));
        }
    }

    fn publish_one(&self, publication: &mut Publication) -> Result<Reach, Error> {
        self.check_open()?;
        let faults = &self.switchboard.faults;
        if self.is_away() {
            faults.count_refused();
            return Err(away());
        }
        match faults.of_publish() {
            PublishFault::None => self.switchboard.publish(publication),
            PublishFault::Refused => Err(away()),
            PublishFault::Lost => Ok(Reach::Unknown),
        }
    }

    pub(in super::super) fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> Result<Box<dyn Subscription>, Error> {
        // Held throughout, so that it is not lost or closed in between.
        let mut inner = self.lock();
        self.check_open()?;
        if inner.is_away() {
            return Err(away());
        }
        let mailbox = Arc::new(Mailbox::new(interest, buffer));
        self.switchboard.plug(&mailbox)?;
        let plug = Plug::new(&self.switchboard, &mailbox);
        inner.mailboxes.retain(|it| it.strong_count() > 0);
        inner.mailboxes.push(Arc::downgrade(&mailbox));
        Ok(Box::new(plug))
    }

    /// It is lost for so long.
    pub(in super::super) fn lose(&self, away: Duration) {
        let until = deadline::after(away);
        let mut inner = self.lock();
        inner.away_until = Some(until);
        self.was_lost.store(true, Ordering::Release);
        for mailbox in inner.mailboxes.iter().filter_map(Weak::upgrade) {
            mailbox.lose(until);
        }
    }

    /// Its subscriptions end. Closing twice is fine.
    pub(in super::super) fn close(&self) {
        let mut inner = self.lock();
        self.closed.store(true, Ordering::Release);
        let mailboxes = std::mem::take(&mut inner.mailboxes);
        drop(inner);
        for mailbox in mailboxes.iter().filter_map(Weak::upgrade) {
            self.switchboard.unplug(&mailbox);
        }
    }
}
