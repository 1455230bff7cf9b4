//! The bus of the memory backend: mailboxes for signals and answers, and one line of calls per subject that its
//! receivers draw from, so that a busy replica holds none that an idle one could take. Knows no queues.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) use self::connection::Connection;
pub use self::faults::{BusFaultCounts, BusFaults};
use self::mailbox::{CallLine, Mailbox, Put};
use crate::bus::{Answer, Audience, Form, Interest, Publication, Reach, Received, ReplyTo};
use crate::deadline;
use crate::error::{Error, ErrorKind};

mod connection;
mod faults;
mod mailbox;
mod plug;

/// Who listens to what.
#[derive(Debug)]
pub(super) struct Switchboard {
    lines: Mutex<Lines>,
    max_payload: usize,
    pub(super) faults: BusFaults,
}

#[derive(Debug, Default)]
struct Lines {
    signals: BTreeMap<Arc<str>, Vec<Arc<Mailbox>>>,
    calls: BTreeMap<Arc<str>, CallLine>,
    inboxes: BTreeMap<Arc<str>, Arc<Mailbox>>,
}

impl Switchboard {
    pub(super) fn new(max_payload: usize) -> Self {
        Self {
            lines: Mutex::default(),
            max_payload,
            faults: BusFaults::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers to whoever listens now.
    fn publish(&self, publication: &mut Publication) -> Result<Reach, Error> {
        let (size, most) = (publication.size(), self.max_payload);
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
                let put = mailboxes.iter().map(|it| it.put(&signal, &self.faults));
                Ok(reach(put))
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
                Ok(lines.answer(&reply_to, answer, publication, &self.faults))
            }
        }
    }

    /// Begins to listen.
    fn plug(&self, mailbox: &Arc<Mailbox>) -> Result<(), Error> {
        let mut lines = self.lock();
        match &mailbox.interest {
            Interest::Signals(subjects) => {
                for subject in subjects {
                    let mailboxes = lines.signals.entry(Arc::clone(subject)).or_default();
                    if !mailboxes.iter().any(|it| Arc::ptr_eq(it, mailbox)) {
                        mailboxes.push(Arc::clone(mailbox));
                    }
                }
            }
            Interest::Calls(subjects) => {
                for subject in subjects {
                    let line = lines.calls.entry(Arc::clone(subject)).or_default();
                    line.members.push_back(Arc::clone(mailbox));
                }
            }
            Interest::Inbox(name) => {
                if lines.inboxes.contains_key(name) {
                    let message = "an inbox of this name exists";
                    return Err(Error::new(ErrorKind::Invalid, message));
                }
                lines.inboxes.insert(Arc::clone(name), Arc::clone(mailbox));
            }
        }
        Ok(())
    }

    /// Ends a subscription. Calls that it was woken for wake another.
    fn unplug(&self, mailbox: &Arc<Mailbox>) {
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
    fn answer(
        &self,
        to: &ReplyTo,
        answer: Answer,
        publication: &mut Publication,
        faults: &BusFaults,
    ) -> Reach {
        let (Some(mailbox), Some(number)) = (self.inboxes.get(&to.inbox), to.number) else {
            return Reach::Nobody;
        };
        let answer = received(Form::Answer { number, answer }, publication);
        reach(std::iter::once(mailbox.put(&answer, faults)))
    }
}

/// How many took it; nobody where no connection of those who listen is there.
fn reach(puts: impl Iterator<Item = Put>) -> Reach {
    let (mut taken, mut attached) = (0, false);
    for put in puts {
        taken += usize::from(put == Put::Taken);
        attached |= put != Put::Missed;
    }
    if attached {
        Reach::Subscriptions(taken)
    } else {
        Reach::Nobody
    }
}

/// The message as it is handed out.
fn received(form: Form, publication: &mut Publication) -> Received {
    Received {
        form,
        sender: Arc::clone(&publication.sender),
        message: Arc::clone(&publication.message),
    }
}
