//! The bus of the memory backend: mailboxes for signals and answers, and one line of calls per subject that its
//! receivers draw from, so that a busy replica holds none that an idle one could take. Knows no queues.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::bus::{
    Answer, Audience, Form, Interest, Losses, Publication, Reach, Received, ReplyTo, Subscription,
};
use crate::deadline;
use crate::error::{Error, ErrorKind};
use crate::message::Wait;

/// Who listens to what.
#[derive(Debug)]
pub(super) struct Switchboard {
    lines: Mutex<Lines>,
    max_payload: usize,
}

#[derive(Debug, Default)]
struct Lines {
    signals: BTreeMap<Arc<str>, Vec<Arc<Mailbox>>>,
    calls: BTreeMap<Arc<str>, CallLine>,
    inboxes: BTreeMap<Arc<str>, Arc<Mailbox>>,
}

/// Calls of one subject that nobody has drawn yet.
#[derive(Debug, Default)]
struct CallLine {
    waiting: VecDeque<(Instant, Received)>,
    members: VecDeque<Arc<Mailbox>>,
}

/// What one subscription has not taken yet.
#[derive(Debug)]
pub(super) struct Mailbox {
    interest: Interest,
    buffer: usize,
    letters: Mutex<Letters>,
    arrived: Notify,
    /// Waits for a call; set and cleared with the lines locked.
    idle: AtomicBool,
    open: AtomicBool,
}

#[derive(Debug, Default)]
struct Letters {
    waiting: VecDeque<Received>,
    lost: Losses,
}

/// A subscription; dropping it ends it.
#[derive(Debug)]
pub(super) struct Plug {
    switchboard: Arc<Switchboard>,
    mailbox: Arc<Mailbox>,
}

impl Switchboard {
    pub(super) fn new(max_payload: usize) -> Self {
        Self {
            lines: Mutex::default(),
            max_payload,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers to whoever listens now.
    pub(super) fn publish(&self, publication: &mut Publication) -> Result<Reach, Error> {
        let (size, most) = (publication.message.size(), self.max_payload);
        if size > most {
            let message = format!("a message of {size} bytes exceeds the limit of {most}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let mut lines = self.lock();
        match publication.to.clone() {
            Audience::Everyone { subject, reply_to } => {
                let Some(mailboxes) = lines.signals.get(&subject) else {
                    return Ok(Reach::Nobody);
                };
                let signal = received(Form::Signal { subject, reply_to }, publication);
                let reached = mailboxes.iter().filter(|it| it.put(&signal)).count();
                Ok(Reach::Subscriptions(reached))
            }
            Audience::One {
                subject,
                reply_to,
                within,
            } => {
                let Some(line) = lines.calls.get_mut(&subject) else {
                    return Ok(Reach::Nobody);
                };
                let deadline = deadline::after(within);
                let form = Form::Call {
                    subject,
                    reply_to,
                    deadline,
                };
                line.put(deadline, received(form, publication))
            }
            Audience::Asker { reply_to, answer } => {
                Ok(lines.answer(&reply_to, answer, publication))
            }
        }
    }

    /// Begins to listen.
    pub(super) fn plug(self: &Arc<Self>, interest: Interest, buffer: usize) -> Result<Plug, Error> {
        let mailbox = Arc::new(Mailbox {
            interest,
            buffer: buffer.max(1),
            letters: Mutex::default(),
            arrived: Notify::new(),
            idle: AtomicBool::new(false),
            open: AtomicBool::new(true),
        });
        let mut lines = self.lock();
        match &mailbox.interest {
            Interest::Signals(subjects) => {
                for subject in subjects {
                    let mailboxes = lines.signals.entry(Arc::clone(subject)).or_default();
                    if !mailboxes.iter().any(|it| Arc::ptr_eq(it, &mailbox)) {
                        mailboxes.push(Arc::clone(&mailbox));
                    }
                }
            }
            Interest::Calls(subjects) => {
                for subject in subjects {
                    let line = lines.calls.entry(Arc::clone(subject)).or_default();
                    line.members.push_back(Arc::clone(&mailbox));
                }
            }
            Interest::Inbox(name) => {
                if lines.inboxes.contains_key(name) {
                    let message = "an inbox of this name exists";
                    return Err(Error::new(ErrorKind::Invalid, message));
                }
                lines.inboxes.insert(Arc::clone(name), Arc::clone(&mailbox));
            }
        }
        drop(lines);
        Ok(Plug {
            switchboard: Arc::clone(self),
            mailbox,
        })
    }

    /// Ends a subscription. Calls that it was woken for wake another.
    pub(super) fn unplug(&self, mailbox: &Arc<Mailbox>) {
        let mut lines = self.lock();
        mailbox.open.store(false, Ordering::Release);
        let is_other = |it: &Arc<Mailbox>| !Arc::ptr_eq(it, mailbox);
        match &mailbox.interest {
            Interest::Signals(subjects) => {
                for subject in subjects {
                    if let Some(mailboxes) = lines.signals.get_mut(subject) {
                        mailboxes.retain(is_other);
                    }
                }
                lines.signals.retain(|_, mailboxes| !mailboxes.is_empty());
            }
            Interest::Calls(subjects) => {
                for subject in subjects {
                    if let Some(line) = lines.calls.get_mut(subject) {
                        line.members.retain(is_other);
                        line.wake_one();
                    }
                }
                lines.calls.retain(|_, line| !line.members.is_empty());
            }
            Interest::Inbox(name) => {
                if lines.inboxes.get(name).is_some_and(|it| !is_other(it)) {
                    lines.inboxes.remove(name);
                }
            }
        }
        drop(lines);
        mailbox.arrived.notify_one();
    }
}

impl Lines {
    /// Puts an answer into the inbox of whoever asked.
    fn answer(&self, to: &ReplyTo, answer: Answer, publication: &mut Publication) -> Reach {
        let (Some(mailbox), Some(number)) = (self.inboxes.get(&to.inbox), to.number) else {
            return Reach::Nobody;
        };
        mailbox.put(&received(Form::Answer { number, answer }, publication));
        Reach::Subscriptions(1)
    }
}

/// Takes the message out of its publication.
fn received(form: Form, publication: &mut Publication) -> Received {
    Received {
        form,
        sender: Arc::clone(&publication.sender),
        message: publication.message.take(),
    }
}

impl CallLine {
    /// Adds a call and wakes a receiver that waits, in turn.
    fn put(&mut self, deadline: Instant, call: Received) -> Result<Reach, Error> {
        let buffer: usize = self.members.iter().map(|it| it.buffer).sum();
        if self.waiting.len() >= buffer {
            let now = Instant::now();
            self.waiting.retain(|(deadline, _)| *deadline > now);
        }
        if self.waiting.len() >= buffer {
            let message = "as many calls wait as their receivers have room for";
            return Err(Error::new(ErrorKind::Full, message));
        }
        self.waiting.push_back((deadline, call));
        self.wake_one();
        Ok(Reach::Subscriptions(1))
    }

    fn wake_one(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let idle = |it: &Arc<Mailbox>| it.idle.swap(false, Ordering::AcqRel);
        if let Some(place) = self.members.iter().position(idle) {
            self.members[place].arrived.notify_one();
            self.members.rotate_left(place + 1);
        }
    }
}

impl Mailbox {
    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a letter, or counts it as lost.
    fn put(&self, received: &Received) -> bool {
        let mut letters = self.letters();
        if letters.waiting.len() >= self.buffer {
            letters.lost.overflowed += 1;
            return false;
        }
        letters.waiting.push_back(received.clone());
        drop(letters);
        self.arrived.notify_one();
        true
    }
}

impl Plug {
    pub(super) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Takes what is there.
    fn take(&self, limit: usize, into: &mut Vec<Received>) -> Result<usize, Error> {
        if !self.mailbox.open.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "this subscription has ended"));
        }
        let before = into.len();
        if let Interest::Calls(subjects) = &self.mailbox.interest {
            self.take_calls(&mut self.switchboard.lock(), subjects, limit, into);
        } else {
            let mut letters = self.mailbox.letters();
            let count = limit.min(letters.waiting.len());
            into.extend(letters.waiting.drain(..count));
        }
        Ok(into.len() - before)
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
        self.mailbox.idle.store(count == 0, Ordering::Release);
        Ok(count)
    }

    fn take_calls(
        &self,
        lines: &mut Lines,
        subjects: &[Arc<str>],
        limit: usize,
        into: &mut Vec<Received>,
    ) {
        let (now, before) = (Instant::now(), into.len());
        for subject in subjects {
            let Some(line) = lines.calls.get_mut(subject) else {
                continue;
            };
            while into.len() - before < limit
                && let Some((deadline, call)) = line.waiting.pop_front()
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
        let _idle = Idle(self);
        loop {
            let arrived = self.mailbox.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            if self.take_or_idle(limit, into)? > 0 {
                return Ok(());
            }
            arrived.await;
        }
    }
}

/// A wait for calls. Where it ends with a call that it was woken for and did not take, another receiver is woken.
struct Idle<'a>(&'a Plug);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        let mailbox = &self.0.mailbox;
        if let Interest::Calls(subjects) = &mailbox.interest {
            let mut lines = self.0.switchboard.lock();
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
        match self.take(limit, into) {
            Ok(0) => Wait::later(self.wait(limit, into)),
            Ok(_) => Wait::ready(Ok(())),
            Err(error) => Wait::ready(Err(error)),
        }
    }

    fn lost(&self) -> Losses {
        self.mailbox.letters().lost
    }

    fn is_attached(&self) -> bool {
        self.mailbox.open.load(Ordering::Acquire)
    }
}

impl Drop for Plug {
    fn drop(&mut self) {
        self.switchboard.unplug(&self.mailbox);
    }
}
