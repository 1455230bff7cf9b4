//! The bus on a Redis server: signals and answers by pub/sub in the channels that peers in Python use, calls through a list
//! per subject, from which one replica takes each. Knows no queues.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use ::redis::{Cmd, Pipeline, Value, cmd};
use serde_json::value::RawValue;

use self::mailbox::{Mailbox, RedisSubscription};
use self::wire::Channels;
use super::RedisOptions;
use super::answer::read;
use super::fault::checked;
use super::link::Link;
use super::place::Place;
use super::scripts::{Digests, Script};
use crate::bus::{
    Answer, Audience, BusBackend, BusCapabilities, Interest, Publication, Reach, Subscription,
};
use crate::deadline::FAR;
use crate::dsn::Dsn;
use crate::error::{Error, ErrorKind};
use crate::message::{BoxFuture, Wait};

mod calls;
mod listener;
mod mailbox;
mod wire;

/// A connection to a Redis server as a bus.
pub struct RedisBus {
    link: Arc<Link>,
    channels: Arc<Channels>,
    capabilities: BusCapabilities,
    mailboxes: Mutex<Vec<Weak<Mailbox>>>,
}

impl RedisBus {
    /// Connects to the server of a DSN (the module says what stands in it), again and again until one answers.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) at once for a DSN that is none, and where the server refuses user, password or certificate;
    /// [`ErrorKind::Unavailable`](crate::ErrorKind::Unavailable) where nobody answers for the DSN's `connect_timeout`. Cancelled, nothing stays
    /// behind.
    pub async fn connect(dsn: &Dsn, options: RedisOptions) -> Result<Self, Error> {
        let link = Arc::new(Link::connect(Place::from_dsn(dsn)?).await?);
        // Each server of a cluster counts its own subscriptions.
        let tells_nobody = !link.is_cluster();
        Ok(Self {
            link,
            channels: Arc::new(Channels::new(&options)),
            capabilities: BusCapabilities {
                name: "redis pub/sub",
                calls: true,
                headers: false,
                tells_nobody,
                max_payload: options.max_payload,
            },
            mailboxes: Mutex::default(),
        })
    }

    fn command(&self, publication: &Publication, digests: &Digests) -> Result<Cmd, Error> {
        let (size, most) = (publication.size(), self.capabilities.max_payload);
        if size > most {
            let message = format!("a message of {size} bytes exceeds the limit of {most}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let body = &publication.message.body;
        let (channel, body) = match &publication.to {
            Audience::Everyone { subject, reply_to } => {
                let sender = &publication.sender;
                let channel = self.channels.signal(subject, sender, reply_to.as_ref());
                (channel, body.to_vec())
            }
            Audience::One {
                subject,
                reply_to,
                within,
            } => return Ok(self.call(digests, publication, (subject, reply_to, *within))),
            Audience::Asker { reply_to, answer } => {
                let is_null = *answer == Answer::Reply && &body[..] == b"null";
                let channel = self.channels.answer(reply_to, *answer, is_null);
                let value: &[u8] = match answer {
                    Answer::Declared if reply_to.number.is_none() => b"null",
                    Answer::Reply | Answer::Declared => body,
                    Answer::Failed | Answer::Nothing => b"null",
                };
                (channel, object(&publication.sender, value)?)
            }
        };
        let mut command = cmd("PUBLISH");
        command.arg(channel).arg(body);
        Ok(command)
    }

    fn call(
        &self,
        digests: &Digests,
        publication: &Publication,
        (subject, reply_to, within): (&str, &crate::bus::ReplyTo, Duration),
    ) -> Cmd {
        let (calls, answering) = self.channels.calls(subject);
        let mut command = digests.call(Script::Call, &[&calls, &answering]);
        // The server reckons in milliseconds, of which there are not as many as a duration can have.
        command.arg(within.min(FAR).as_millis().to_string());
        command.arg(wire::write_call(publication, reply_to));
        command
    }
}

/// One answer as peers in Python give it: an object with the receiver's name.
fn object(receiver: &str, value: &[u8]) -> Result<Vec<u8>, Error> {
    let not_json = |_| Error::new(ErrorKind::Invalid, "answers on redis are JSON");
    let value: &RawValue = serde_json::from_slice(value).map_err(not_json)?;
    let name = serde_json::Value::from(receiver);
    Ok(format!("{{{name}:{value}}}").into_bytes())
}

fn reach(to: &Audience, answer: Value, tells_nobody: bool) -> Result<Reach, Error> {
    let answer = checked(answer)?;
    if matches!(to, Audience::One { .. }) {
        return match &*read::<String>(answer)? {
            "nobody" => Ok(Reach::Nobody),
            "full" => {
                let message = "as many calls wait as those who answer have room for";
                Err(Error::new(ErrorKind::Full, message))
            }
            _ => Ok(Reach::Unknown),
        };
    }
    // Any tap counts, so more than nobody proves nothing.
    match read::<i64>(answer)? {
        0 if tells_nobody => Ok(Reach::Nobody),
        _ => Ok(Reach::Unknown),
    }
}

impl BusBackend for RedisBus {
    fn capabilities(&self) -> &BusCapabilities {
        &self.capabilities
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        Wait::later(async move {
            let mut sent = Vec::with_capacity(batch.len());
            let commands = |digests: &Digests| {
                let mut pipeline = Pipeline::with_capacity(batch.len());
                for (place, publication) in batch.iter_mut().enumerate() {
                    match self.command(publication, digests) {
                        Ok(command) => {
                            pipeline.add_command(command);
                            sent.push(place);
                        }
                        Err(error) => publication.result = Some(Err(error)),
                    }
                }
                pipeline
            };
            let answers = self.link.run(commands).await;
            match answers {
                Ok(answers) => {
                    let tells_nobody = self.capabilities.tells_nobody;
                    for (place, answer) in sent.into_iter().zip(answers) {
                        let publication = &mut batch[place];
                        publication.result = Some(reach(&publication.to, answer, tells_nobody));
                    }
                }
                Err(error) => {
                    for publication in batch.iter_mut().filter(|it| it.result.is_none()) {
                        // A signal may be lost: whether it was heard is never known.
                        let copy = Error::new(error.kind(), error.message());
                        publication.result = Some(Err(copy));
                    }
                }
            }
        })
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        Box::pin(async move {
            self.link.check_open()?;
            let mailbox = Arc::new(Mailbox::new(buffer));
            let (link, channels) = (Arc::clone(&self.link), Arc::clone(&self.channels));
            let task = match interest {
                Interest::Calls(subjects) => tokio::spawn(calls::run(calls::Taker {
                    link,
                    channels,
                    subjects,
                    mailbox: Arc::clone(&mailbox),
                })),
                Interest::Signals(_) | Interest::Inbox(_) => {
                    let listener = listener::Listener {
                        link,
                        patterns: channels.patterns(&interest),
                        channels,
                        mailbox: Arc::clone(&mailbox),
                    };
                    tokio::spawn(listener::run(listener))
                }
            };
            let subscription = RedisSubscription::new(&mailbox, task);
            mailbox.until_attached().await?;
            let mut mailboxes = self
                .mailboxes
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            mailboxes.retain(|it| it.strong_count() > 0);
            mailboxes.push(Arc::downgrade(&mailbox));
            Ok(Box::new(subscription) as Box<dyn Subscription>)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async {
            self.link.close().await;
            let mailboxes = std::mem::take(
                &mut *self
                    .mailboxes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner),
            );
            for mailbox in mailboxes.iter().filter_map(Weak::upgrade) {
                mailbox.close();
            }
            Ok(())
        })
    }
}

impl fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBus")
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}
