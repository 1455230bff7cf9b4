//! The bus: each subscription has a seat at its subjects, into which publishers write. Calls wait in one directory per
//! subject, from which those who answer take them. Knows nothing of the broker.

mod subscription;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use microagent::bus::{
    Answer, Audience, BusBackend, BusCapabilities, Interest, Publication, Reach, ReplyTo,
    Subscription,
};
use microagent::message::{BoxFuture, Wait};
use microagent::{Error, ErrorKind};
use serde_json::{Value, json};

use self::subscription::FileSubscription;
use crate::MAX_PAYLOAD;
use crate::envelope::{self, failed};
use crate::files::{self, Name, Taken};

/// As they stand in files, by place.
const ANSWERS: [Answer; 4] = [
    Answer::Reply,
    Answer::Declared,
    Answer::Failed,
    Answer::Nothing,
];

/// A connection to the subscriptions of a directory.
#[derive(Debug)]
pub struct FileBus {
    capabilities: BusCapabilities,
    directory: PathBuf,
    closed: Arc<AtomicBool>,
}

impl FileBus {
    /// A connection of its own; directories are made by the first who subscribe.
    pub fn new(directory: &Path) -> Self {
        Self {
            capabilities: BusCapabilities {
                name: "files",
                calls: true,
                headers: true,
                tells_nobody: true,
                max_payload: MAX_PAYLOAD,
            },
            directory: directory.join("bus"),
            closed: Arc::default(),
        }
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::Closed, "the files were closed"));
        }
        Ok(())
    }

    fn subject(&self, kind: &str, name: &str) -> PathBuf {
        self.directory.join(kind).join(files::safe(name))
    }

    fn publish_one(&self, publication: &Publication) -> Result<Reach, Error> {
        self.check_open()?;
        if publication.size() > MAX_PAYLOAD {
            return Err(Error::new(ErrorKind::TooLarge, "the message is too large"));
        }
        match &publication.to {
            Audience::Everyone { subject, reply_to } => {
                let beside = json!({ "reply_to": reply_to.as_ref().map(write_reply_to) });
                to_all(&self.subject("signals", subject), publication, beside)
            }
            Audience::One {
                subject,
                reply_to,
                within,
            } => {
                let beside = json!({ "reply_to": write_reply_to(reply_to) });
                to_one(
                    &self.subject("calls", subject),
                    publication,
                    (*within, beside),
                )
            }
            Audience::Asker { reply_to, answer } => {
                let answer = ANSWERS.iter().position(|it| it == answer);
                let beside = json!({ "number": reply_to.number, "answer": answer });
                to_all(
                    &self.subject("inboxes", &reply_to.inbox),
                    publication,
                    beside,
                )
            }
        }
    }
}

/// Writes a copy into each seat that has room. What has none is counted beside the seat, where its owner reads it.
fn to_all(subject: &Path, what: &Publication, beside: Value) -> Result<Reach, Error> {
    let seats = living(subject)?;
    if seats.is_empty() {
        return Ok(Reach::Nobody);
    }
    let bytes = with_sender(what, beside);
    let mut reached = 0;
    for (seat, buffer) in &seats {
        let has_room = files::list(seat).map_or(0, |it| it.len()) < *buffer;
        let put = if has_room {
            files::put(&Name::new(None, None).within(seat), &bytes)
        } else {
            files::count_one(&seat.with_extension("lost"))
        };
        match put {
            // Whoever left meanwhile hears nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("publishing")(error)),
            Ok(()) => reached += usize::from(has_room),
        }
    }
    Ok(Reach::Subscriptions(reached))
}

/// Writes a call where those who answer take it from.
fn to_one(
    subject: &Path,
    what: &Publication,
    (within, beside): (Duration, Value),
) -> Result<Reach, Error> {
    let seats = living(subject)?;
    if seats.is_empty() {
        return Ok(Reach::Nobody);
    }
    let waiting = subject.join("waiting");
    let calls = files::list(&waiting).map_err(failed("publishing"))?;
    if calls.len() >= seats.iter().map(|(_, buffer)| *buffer).sum() {
        let message = "as many calls wait as their receivers have room for";
        return Err(Error::new(ErrorKind::Full, message));
    }
    let path = Name::new(None, Some(within)).within(&waiting);
    files::put(&path, &with_sender(what, beside)).map_err(failed("publishing"))?;
    Ok(Reach::Subscriptions(1))
}

/// The seats of a subject whose owners live. What the others had not read is lost with them, as they are.
fn living(subject: &Path) -> Result<Vec<Taken>, Error> {
    files::seats(subject, |_| Ok(())).map_err(failed("looking for subscriptions"))
}

fn with_sender(publication: &Publication, mut beside: Value) -> Vec<u8> {
    beside["sender"] = json!(&*publication.sender);
    envelope::write(&publication.message, &beside)
}

fn write_reply_to(reply_to: &ReplyTo) -> Value {
    json!({ "inbox": &*reply_to.inbox, "number": reply_to.number })
}

fn read_reply_to(value: &Value) -> Option<ReplyTo> {
    Some(ReplyTo {
        inbox: value["inbox"].as_str()?.into(),
        number: value["number"].as_u64(),
    })
}

impl BusBackend for FileBus {
    fn capabilities(&self) -> &BusCapabilities {
        &self.capabilities
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        for publication in batch {
            publication.result = Some(self.publish_one(publication));
        }
        Wait::ready(())
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        Box::pin(async move {
            self.check_open()?;
            if let Interest::Inbox(name) = &interest
                && !living(&self.subject("inboxes", name))?.is_empty()
            {
                let message = "an inbox of this name exists";
                return Err(Error::new(ErrorKind::Invalid, message));
            }
            let subscription = FileSubscription::new(self, &interest, buffer);
            let subscription = subscription.map_err(failed("subscribing"))?;
            Ok(Box::new(subscription) as Box<dyn Subscription>)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        self.closed.store(true, Ordering::Release);
        Box::pin(async { Ok(()) })
    }
}
