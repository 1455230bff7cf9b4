//! A subscription: how what waits is taken, and how one waits for it. Knows mailboxes and lines, no publisher.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::{Instant, sleep, sleep_until};

use super::mailbox::Mailbox;
use super::{Lines, Switchboard};
use crate::bus::{Interest, Losses, Received, Subscription};
use crate::error::{Error, ErrorKind};
use crate::message::Wait;

/// A subscription; dropping it ends it.
#[derive(Debug)]
pub(super) struct Plug {
    switchboard: Arc<Switchboard>,
    mailbox: Arc<Mailbox>,
}

impl Plug {
    pub(super) fn new(switchboard: &Arc<Switchboard>, mailbox: &Arc<Mailbox>) -> Self {
        Self {
            switchboard: Arc::clone(switchboard),
            mailbox: Arc::clone(mailbox),
        }
    }

    /// Takes what is there, also what came before the end.
    fn take(&self, limit: usize, into: &mut Vec<Received>) -> Result<usize, Error> {
        let before = into.len();
        // Looked at first: what was heard while it was open is there.
        let open = self.mailbox.open.load(Ordering::Acquire);
        match &self.mailbox.interest {
            Interest::Calls(subjects) if open => {
                self.take_calls(&mut self.switchboard.lock(), subjects, limit, into);
            }
            Interest::Calls(_) => {}
            Interest::Signals(_) | Interest::Inbox(_) => {
                let faults = &self.switchboard.faults;
                self.mailbox.letters().take(limit, into, faults);
            }
        }
        let count = into.len() - before;
        if count == 0 && !open {
            return Err(Error::new(ErrorKind::Closed, "this subscription has ended"));
        }
        Ok(count)
    }

    /// The same, and marks a receiver of calls as idle when there are none, with no gap between.
    fn take_or_idle(&self, limit: usize, into: &mut Vec<Received>) -> Result<usize, Error> {
        let count = self.take(limit, into)?;
        let Interest::Calls(subjects) = &self.mailbox.interest else {
            return Ok(count);
        };
        if count > 0 {
            return Ok(count);
        }
        let mut lines = self.switchboard.lock();
        let before = into.len();
        self.take_calls(&mut lines, subjects, limit, into);
        let count = into.len() - before;
        let attached = self.mailbox.letters().away_until().is_none();
        self.mailbox
            .idle
            .store(count == 0 && attached, Ordering::Release);
        Ok(count)
    }

    fn take_calls(
        &self,
        lines: &mut Lines,
        subjects: &[Arc<str>],
        limit: usize,
        into: &mut Vec<Received>,
    ) {
        if self.mailbox.letters().away_until().is_some() {
            return;
        }
        let (now, before) = (Instant::now(), into.len());
        for subject in subjects {
            let Some(line) = lines.calls.get_mut(subject) else {
                continue;
            };
            while into.len() - before < limit
                && let Some((deadline, call)) = line.draw(&self.switchboard.faults)
            {
                if deadline > now {
                    into.push(call);
                } else {
                    self.mailbox.letters().lost.late += 1;
                }
            }
        }
    }

    async fn wait(&self, limit: usize, into: &mut Vec<Received>) -> Result<(), Error> {
        let delay = self.switchboard.faults.delay();
        if !delay.is_zero() {
            sleep(delay).await;
        }
        let _idle = Idle(self);
        loop {
            let arrived = self.mailbox.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if self.take_or_idle(limit, into)? > 0 {
                return Ok(());
            }
            let back = self.mailbox.letters().away_until();
            match back {
                None => arrived.await,
                Some(back) => tokio::select! {
                    biased;
                    () = arrived => {}
                    () = sleep_until(back) => {}
                },
            }
        }
    }
}

/// A wait for calls. Where it ends with a call that it was woken for and did not take, another receiver is woken.
struct Idle<'a>(&'a Plug);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        let Plug {
            switchboard,
            mailbox,
        } = self.0;
        if let Interest::Calls(subjects) = &mailbox.interest {
            let mut lines = switchboard.lock();
            mailbox.idle.store(false, Ordering::Release);
            for subject in subjects {
                if let Some(line) = lines.calls.get_mut(subject) {
                    line.wake_one();
                }
            }
        }
    }
}

impl Subscription for Plug {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Received>,
    ) -> Wait<'a, Result<(), Error>> {
        if limit == 0 {
            return Wait::ready(Ok(()));
        }
        if !self.switchboard.faults.delay().is_zero() {
            return Wait::later(self.wait(limit, into));
        }
        match self.take(limit, into) {
            Ok(0) => Wait::later(self.wait(limit, into)),
            Ok(_) => Wait::ready(Ok(())),
            Err(error) => Wait::ready(Err(error)),
        }
    }

    fn stop(&self) {
        self.switchboard.unplug(&self.mailbox);
    }

    fn lost(&self) -> Losses {
        self.mailbox.letters().lost
    }

    fn is_attached(&self) -> bool {
        let back = self.mailbox.letters().away_until();
        back.is_none() && self.mailbox.open.load(Ordering::Acquire)
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.switchboard.unplug(&self.mailbox);
    }
}
