//! What a subscription has heard and not handed out, and what it lost. Knows no channels.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::bus::{Form, Losses, Received, Subscription};
use crate::error::{Error, ErrorKind};
use crate::message::Wait;

/// Shared by a subscription and the task that listens for it.
#[derive(Debug)]
pub(super) struct Mailbox {
    buffer: usize,
    inner: Mutex<Inner>,
    arrived: Notify,
    /// Somebody waits for this many.
    pub(super) wanted: watch::Sender<usize>,
    attached: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Received>,
    losses: Losses,
    closed: bool,
    /// Why, where it was not its owner's wish.
    failed: Option<(ErrorKind, Box<str>)>,
}

impl Inner {
    /// Why nothing comes any more.
    fn end(&self) -> Error {
        let closed = || (ErrorKind::Closed, "the bus has been closed".into());
        let (kind, message) = self.failed.clone().unwrap_or_else(closed);
        Error::new(kind, message)
    }
}

impl Mailbox {
    pub(super) fn new(buffer: usize) -> Self {
        Self {
            buffer: buffer.max(1),
            inner: Mutex::default(),
            arrived: Notify::new(),
            wanted: watch::Sender::new(0),
            attached: watch::Sender::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn buffer(&self) -> usize {
        self.buffer
    }

    /// Takes what has room; the rest is lost and counted. Whoever waits asks for more when it has that. Does not block.
    pub(super) fn put(&self, received: Vec<Received>) {
        self.wanted.send_replace(0);
        let mut inner = self.lock();
        if inner.closed {
            return;
        }
        for it in received {
            if inner.waiting.len() < self.buffer {
                inner.waiting.push_back(it);
            } else {
                inner.losses.overflowed += 1;
            }
        }
        drop(inner);
        self.arrived.notify_one();
    }

    pub(super) fn count_late(&self) {
        self.lock().losses.late += 1;
    }

    pub(super) fn attach(&self) {
        let inner = self.lock();
        self.attached.send_replace(!inner.closed);
    }

    /// The connection is away; a gap where it was there before.
    pub(super) fn detach(&self) {
        if self.attached.send_replace(false) {
            self.lock().losses.gaps += 1;
        }
    }

    /// Ready when it is attached, or with what keeps it from that for good.
    pub(super) async fn until_attached(&self) -> Result<(), Error> {
        let mut attached = self.attached.subscribe();
        let known = attached.wait_for(|it| *it || self.is_closed()).await;
        // The mailbox lives, so its sender does.
        let attached = known.is_ok_and(|it| *it);
        if attached {
            Ok(())
        } else {
            Err(self.lock().end())
        }
    }

    /// Whether this error is one that no attempt to attach again will mend; then it is closed.
    pub(super) fn ends_with(&self, error: &Error) -> bool {
        let for_good = matches!(error.kind(), ErrorKind::Closed | ErrorKind::Config);
        if for_good {
            self.lock().failed = Some((error.kind(), error.message().into()));
            self.close();
        }
        for_good
    }

    /// Nothing new is taken. What is there is still handed out.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        self.attached.send_replace(false);
        drop(inner);
        self.wanted.send_replace(0);
        self.arrived.notify_one();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn take(&self, limit: usize, into: &mut Vec<Received>) -> Option<Result<(), Error>> {
        let mut inner = self.lock();
        let before = into.len();
        let now = Instant::now();
        while into.len() - before < limit
            && let Some(received) = inner.waiting.pop_front()
        {
            if matches!(received.form, Form::Call { deadline, .. } if deadline <= now) {
                inner.losses.late += 1;
                continue;
            }
            into.push(received);
        }
        if into.len() > before {
            return Some(Ok(()));
        }
        inner.closed.then(|| Err(inner.end()))
    }

    async fn wait(&self, limit: usize, into: &mut Vec<Received>) -> Result<(), Error> {
        loop {
            if let Some(taken) = self.take(limit, into) {
                return taken;
            }
            let _wanting = Wanting::new(self, limit);
            self.arrived.notified().await;
        }
    }
}

/// As long as it lives, somebody waits.
struct Wanting<'a>(&'a Mailbox);

impl<'a> Wanting<'a> {
    fn new(mailbox: &'a Mailbox, limit: usize) -> Self {
        mailbox.wanted.send_replace(limit);
        Self(mailbox)
    }
}

impl Drop for Wanting<'_> {
    fn drop(&mut self) {
        self.0.wanted.send_replace(0);
    }
}

/// A subscription; dropping it ends its task.
#[derive(Debug)]
pub(super) struct RedisSubscription {
    mailbox: Arc<Mailbox>,
    task: JoinHandle<()>,
}

impl RedisSubscription {
    pub(super) fn new(mailbox: &Arc<Mailbox>, task: JoinHandle<()>) -> Self {
        let mailbox = Arc::clone(mailbox);
        Self { mailbox, task }
    }
}

impl Subscription for RedisSubscription {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Received>,
    ) -> Wait<'a, Result<(), Error>> {
        if limit == 0 {
            return Wait::ready(Ok(()));
        }
        match self.mailbox.take(limit, into) {
            Some(taken) => Wait::ready(taken),
            None => Wait::later(self.mailbox.wait(limit, into)),
        }
    }

    fn stop(&self) {
        // Its task sees it and ends; calls that it takes until then it puts back.
        self.mailbox.close();
    }

    fn lost(&self) -> Losses {
        self.mailbox.lock().losses
    }

    fn is_attached(&self) -> bool {
        *self.mailbox.attached.borrow()
    }
}

impl Drop for RedisSubscription {
    fn drop(&mut self) {
        self.task.abort();
    }
}
