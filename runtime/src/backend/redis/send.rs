//! The way of a batch into its queues: plain commands in one pipeline, and a script where more than one step must be one.
//! Knows no consumers.

use std::sync::Arc;

use ::redis::{Cmd, Value, cmd};

use super::answer::read;
use super::declaration::not_found;
use super::fault::checked;
use super::keys::{ExchangeKeys, QueueKeys};
use super::known::Known;
use super::link::Link;
use super::scripts::Digests;
use super::store::{Call, Parcel, Store};
use super::topology::Exchange;
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
        let parcel = Parcel {
            outgoing,
            first_seen: self.first_seen,
        };
        match &outgoing.to {
            Address::Queue(name) => {
                let keys = QueueKeys::new(self.prefix, name);
                if self.known.is_plain(name)
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
                let keys = queues.iter().map(|it| QueueKeys::new(self.prefix, it));
                let keys: Vec<_> = keys.collect();
                let guard = ExchangeKeys::new(self.prefix, name).exchange;
                let guard = (guard, &*exchange.version);
                Ok(Step::Script(self.store.send(guard, &keys, parcel)))
            }
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
            ("stale", Address::Exchange(name)) => {
                self.known.forget(name);
                None
            }
            ("missing", Address::Exchange(name)) => Some(Err(not_found("a queue of", name))),
            ("missing", Address::Queue(name)) => Some(Err(not_found("queue", name))),
            ("full", _) => {
                let message = format!("a queue of `{}` is at its limit", to.name());
                Some(Err(Error::new(ErrorKind::Full, message)))
            }
            // "sent", or the entry's id.
            _ => Some(Ok(())),
        }
    }
}

impl Step {
    fn into_command(self, digests: &Digests) -> Cmd {
        match self {
            Self::Plain(command) => command,
            Self::Script(call) => call.command(digests),
        }
    }
}
