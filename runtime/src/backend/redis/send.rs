//! The way of a batch into its queues: plain commands in one pipeline, and a script where more than one step must be one.
//! Knows no consumers.

use std::sync::Arc;

use ::redis::{Cmd, Value, cmd};
use bytes::Bytes;

use super::answer::read;
use super::declaration::not_found;
use super::fault::checked;
use super::keys::{ExchangeKeys, QueueKeys};
use super::known::Known;
use super::link::Link;
use super::scripts::Digests;
use super::store::{Call, Parcel, Store};
use super::topology::Exchange;
use crate::broker::QueueDeclaration;
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Outgoing};

/// What sending needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) link: &'a Link,
    pub(super) store: &'a dyn Store,
    pub(super) prefix: &'a str,
    pub(super) known: &'a Known,
    pub(super) max_payload: usize,
    /// Whether messages may have any.
    pub(super) has_headers: bool,
    /// Of a dead letter that moves on, when the broker first had it, in ms since 1970.
    pub(super) first_seen: Option<u64>,
}

/// What one message asks of the server.
enum Step {
    Plain(Cmd),
    Script(Call),
}

/// How often a message is routed anew when bindings change while it is sent.
const ROUTINGS: usize = 5;

impl Sending<'_> {
    /// Sends each message of the batch and writes each one's result.
    pub(super) async fn send(&self, batch: &mut [Outgoing]) {
        for outgoing in batch.iter_mut() {
            outgoing.result = None;
        }
        for _ in 0..ROUTINGS {
            self.send_those_left(batch).await;
            if batch.iter().all(|it| it.result.is_some()) {
                return;
            }
        }
        for outgoing in batch.iter_mut().filter(|it| it.result.is_none()) {
            let message = format!("bindings of `{}` change all the time", outgoing.to.name());
            outgoing.result = Some(Err(Error::new(ErrorKind::Unavailable, message)));
        }
    }

    async fn send_those_left(&self, batch: &mut [Outgoing]) {
        let mut steps = Vec::with_capacity(batch.len());
        for (place, outgoing) in batch.iter_mut().enumerate() {
            if outgoing.result.is_some() {
                continue;
            }
            match self.step(outgoing).await {
                Ok(step) => steps.push((place, step)),
                Err(error) => outgoing.result = Some(Err(error)),
            }
        }
        if steps.is_empty() {
            return;
        }
        let (places, steps): (Vec<usize>, Vec<Step>) = steps.into_iter().unzip();
        let commands = |digests: &Digests| {
            let mut pipeline = ::redis::Pipeline::with_capacity(steps.len());
            for step in steps {
                pipeline.add_command(step.into_command(digests));
            }
            pipeline
        };
        match self.link.run_kept(commands).await {
            Ok(answers) => {
                for (place, answer) in places.into_iter().zip(answers) {
                    let outgoing = &mut batch[place];
                    outgoing.result = self.result(&outgoing.to, answer);
                }
            }
            Err(error) => {
                for place in places {
                    let copy = Error::new(error.kind(), error.message());
                    batch[place].result = Some(Err(copy));
                }
            }
        }
    }

    async fn step(&self, outgoing: &Outgoing) -> Result<Step, Error> {
        let (size, most) = (outgoing.message.size(), self.max_payload);
        if size > most {
            let message = format!("a message of {size} bytes exceeds the limit of {most}");
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        if !self.has_headers && !outgoing.message.headers.is_empty() {
            let message = "a message with headers, which can't travel here";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        match &outgoing.to {
            Address::Queue(name) => {
                let keys = QueueKeys::new(self.prefix, name);
                let queue = self.known.queue((self.link, self.prefix), name).await?;
                let partition_keys = [partition_key(&queue, outgoing)];
                let parcel = self.parcel(outgoing, &partition_keys);
                if self.store.is_plain(&queue)
                    && let Some(command) = self.store.plain(&keys, parcel)
                {
                    return Ok(Step::Plain(command));
                }
                let guard = (keys.declaration.clone(), "");
                Ok(Step::Script(self.store.send(guard, &[keys], parcel)))
            }
            Address::Exchange(name) => {
                let exchange = self.known.exchange((self.link, self.prefix), name).await?;
                let key = outgoing.message.routing_key.as_deref().unwrap_or("");
                let queues = exchange.route(key);
                if queues.is_empty() && self.is_current(name, &exchange).await? {
                    let message = format!("exchange `{name}` has no queue for it");
                    return Err(Error::new(ErrorKind::Unroutable, message));
                }
                let mut partition_keys = Vec::with_capacity(queues.len());
                for queue in &queues {
                    let queue = self.known.queue((self.link, self.prefix), queue).await?;
                    partition_keys.push(partition_key(&queue, outgoing));
                }
                let parcel = self.parcel(outgoing, &partition_keys);
                let keys = queues.iter().map(|it| QueueKeys::new(self.prefix, it));
                let keys: Vec<_> = keys.collect();
                let guard = ExchangeKeys::new(self.prefix, name).exchange;
                let guard = (guard, &*exchange.version);
                Ok(Step::Script(self.store.send(guard, &keys, parcel)))
            }
        }
    }

    fn parcel<'b>(&self, outgoing: &'b Outgoing, partition_keys: &'b [Bytes]) -> Parcel<'b> {
        Parcel {
            outgoing,
            first_seen: self.first_seen,
            partition_keys,
        }
    }

    /// Whether nobody has bound a queue since it was read.
    async fn is_current(&self, name: &Arc<str>, exchange: &Exchange) -> Result<bool, Error> {
        let mut command = cmd("HGET");
        let keys = ExchangeKeys::new(self.prefix, name);
        command.arg(&*keys.exchange).arg("version");
        let version: Option<String> = read(self.link.run_one(command).await?)?;
        Ok(version.as_deref() == Some(&*exchange.version))
    }

    /// None where it has to be routed anew.
    fn result(&self, to: &Address, answer: Value) -> Option<Result<(), Error>> {
        let answer = match checked(answer) {
            Err(error) => return Some(Err(error)),
            Ok(Value::Nil) => "missing".to_owned(),
            Ok(answer) => match read::<String>(answer) {
                Ok(answer) => answer,
                Err(error) => return Some(Err(error)),
            },
        };
        match (&*answer, to) {
            ("stale", Address::Exchange(_)) => {
                self.known.forget(to);
                None
            }
            ("missing", _) => {
                self.known.forget(to);
                let what = match to {
                    Address::Exchange(_) => "a queue of",
                    Address::Queue(_) => "queue",
                };
                Some(Err(not_found(what, to.name())))
            }
            ("full", _) => {
                let message = format!("a queue of `{}` is at its limit", to.name());
                Some(Err(Error::new(ErrorKind::Full, message)))
            }
            // "sent", or the entry's id.
            _ => Some(Ok(())),
        }
    }
}

/// What an ordered queue reads for itself, and others keep as it was given; empty where there is none.
fn partition_key(queue: &QueueDeclaration, outgoing: &Outgoing) -> Bytes {
    let message = &outgoing.message;
    let key = match queue.partitions {
        Some(_) => queue.partition_key(message),
        None => message.partition_key.clone(),
    };
    key.unwrap_or_default()
}

impl Step {
    fn into_command(self, digests: &Digests) -> Cmd {
        match self {
            Self::Plain(command) => command,
            Self::Script(call) => call.command(digests),
        }
    }
}
