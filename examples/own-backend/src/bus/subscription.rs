//! One who listens: a seat at each of its subjects.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use microagent::bus::{Form, Interest, Losses, Received, Subscription};
use microagent::message::Wait;
use microagent::{Error, ErrorKind};
use serde_json::Value;
use tokio::time::Instant;

use super::{ANSWERS, FileBus, read_reply_to};
use crate::POLL;
use crate::envelope::{self, failed};
use crate::files::{self, Name, Seat};

/// A subscription; dropping it ends it.
#[derive(Debug)]
pub(super) struct FileSubscription {
    desks: Vec<Desk>,
    kind: &'static str,
    late: AtomicU64,
    closed: Arc<AtomicBool>,
    stopped: AtomicBool,
}

/// A seat at one subject, and where its messages are found.
#[derive(Debug)]
struct Desk {
    subject: Arc<str>,
    seat: Seat,
    waiting: PathBuf,
}

impl FileSubscription {
    pub(super) fn new(bus: &FileBus, interest: &Interest, buffer: usize) -> io::Result<Self> {
        let (kind, subjects) = match interest {
            Interest::Signals(subjects) => ("signals", subjects.as_slice()),
            Interest::Calls(subjects) => ("calls", subjects.as_slice()),
            Interest::Inbox(name) => ("inboxes", std::slice::from_ref(name)),
        };
        let mut desks = Vec::new();
        for subject in subjects {
            let directory = bus.subject(kind, subject);
            let waiting = directory.join("waiting");
            fs::create_dir_all(if kind == "calls" {
                &waiting
            } else {
                &directory
            })?;
            let seat = Seat::take(&directory, buffer.max(1))?;
            desks.push(Desk {
                subject: Arc::clone(subject),
                waiting: match kind {
                    "calls" => waiting,
                    _ => seat.directory.clone(),
                },
                seat,
            });
        }
        Ok(Self {
            desks,
            kind,
            late: AtomicU64::new(0),
            closed: Arc::clone(&bus.closed),
            stopped: AtomicBool::new(false),
        })
    }

    fn take(&self, limit: usize, into: &mut Vec<Received>) -> io::Result<()> {
        let before = into.len();
        for (name, desk) in self.waiting()? {
            if into.len() - before == limit {
                return Ok(());
            }
            // A call is for whoever renames it first; all else is in a directory of its own.
            let mine = name.within(&desk.seat.directory).with_extension("taken");
            if !files::take(&name.within(&desk.waiting), &mine)? {
                continue;
            }
            let bytes = fs::read(&mine)?;
            files::remove(&mine)?;
            let left = name.expires.saturating_sub(files::now());
            if left == 0 {
                self.late.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let deadline = Instant::now() + Duration::from_micros(left.min(u64::MAX >> 20));
            into.extend(received(self.kind, &desk.subject, deadline, &bytes));
        }
        Ok(())
    }

    /// What was published, of all subjects in one order: a sender's signals come as they were sent.
    fn waiting(&self) -> io::Result<Vec<(Name, &Desk)>> {
        let mut waiting = Vec::new();
        for desk in &self.desks {
            let names = files::list(&desk.waiting)?;
            waiting.extend(names.into_iter().map(|it| (it, desk)));
        }
        waiting.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(waiting)
    }
}

/// A message as it was published; none where its file is not one of ours.
fn received(kind: &str, subject: &Arc<str>, deadline: Instant, bytes: &[u8]) -> Option<Received> {
    let (message, beside) = envelope::read(bytes);
    let subject = Arc::clone(subject);
    let reply_to = read_reply_to(&beside["reply_to"]);
    let form = match kind {
        "signals" => Form::Signal { subject, reply_to },
        "calls" => Form::Call {
            subject,
            reply_to: reply_to?,
            deadline,
        },
        _ => Form::Answer {
            number: beside["number"].as_u64()?,
            answer: *ANSWERS.get(place(&beside["answer"])?)?,
        },
    };
    Some(Received {
        form,
        sender: beside["sender"].as_str()?.into(),
        message: message.into(),
    })
}

fn place(value: &Value) -> Option<usize> {
    value.as_u64()?.try_into().ok()
}

impl Subscription for FileSubscription {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Received>,
    ) -> Wait<'a, Result<(), Error>> {
        Wait::later(async move {
            let before = into.len();
            loop {
                if !self.is_attached() {
                    return Err(Error::new(ErrorKind::Closed, "the bus was closed"));
                }
                self.take(limit, into).map_err(failed("listening"))?;
                if into.len() > before || limit == 0 {
                    return Ok(());
                }
                if self.stopped.load(Ordering::Acquire) {
                    return Err(Error::new(ErrorKind::Closed, "it listens no more"));
                }
                tokio::time::sleep(POLL).await;
            }
        })
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    fn lost(&self) -> Losses {
        let lost = |desk: &Desk| files::counted(&desk.seat.directory.with_extension("lost"));
        Losses {
            overflowed: self.desks.iter().map(lost).sum(),
            late: self.late.load(Ordering::Relaxed),
            gaps: 0,
        }
    }

    fn is_attached(&self) -> bool {
        !self.closed.load(Ordering::Acquire)
    }
}

impl Drop for FileSubscription {
    fn drop(&mut self) {
        for desk in &self.desks {
            // A seat that stays is removed by the next who looks, once this process has ended.
            let _ = desk.seat.leave();
        }
    }
}
