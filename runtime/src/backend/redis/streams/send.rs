//! The way of a batch into its queues: plain entries in one pipeline, and a script where more than one step must be one.
//! Knows no consumers.

use std::sync::Arc;

use ::redis::{Cmd, Value, cmd};

use super::GROUP;
use super::entry::{self, Fields};
use crate::backend::redis::answer::read;
use crate::backend::redis::declaration::not_found;
use crate::backend::redis::keys::{ExchangeKeys, QueueKeys};
use crate::backend::redis::known::Known;
use crate::backend::redis::link::{Link, checked};
use crate::backend::redis::scripts::{Digests, Script};
use crate::backend::redis::topology::Exchange;
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Outgoing};

/// What sending needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) link: &'a Link,
    pub(super) prefix: &'a str,
    pub(super) known: &'a Known,
    pub(super) max_payload: usize,
}

/// What one message asks of the server.
enum Step {
    Add {
        stream: Box<str>,
        fields: Fields,
    },
    Script {
        keys: Vec<Box<str>>,
        arguments: Vec<Box<[u8]>>,
    },
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
        let commands = |digests: &Digests| {
            let mut pipeline = ::redis::Pipeline::with_capacity(steps.len());
            for (_, step) in &steps {
                pipeline.add_command(step.command(digests));
            }
            pipeline
        };
        match self.link.run(commands).await {
            Ok(answers) => {
                for ((place, _), answer) in steps.iter().zip(answers) {
                    let outgoing = &mut batch[*place];
                    outgoing.result = self.result(&outgoing.to, answer);
                }
            }
            Err(error) => {
                for (place, _) in &steps {
                    let copy = Error::new(error.kind(), error.message());
                    batch[*place].result = Some(Err(copy));
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
        let fields = entry::write(&outgoing.message, outgoing.ttl);
        match &outgoing.to {
            Address::Queue(name) => {
                let keys = QueueKeys::new(self.prefix, name);
                if outgoing.after.is_none() && self.known.is_unlimited(name) {
                    let stream = keys.stream;
                    return Ok(Step::Add { stream, fields });
                }
                let guard = keys.declaration.clone();
                Ok(script(guard, "", [keys], outgoing, fields))
            }
            Address::Exchange(name) => {
                let exchange = self.known.exchange((self.link, self.prefix), name).await?;
                let key = outgoing.message.routing_key.as_deref().unwrap_or("");
                let queues = exchange.route(key);
                if queues.is_empty() && self.is_current(name, &exchange).await? {
                    let message = format!("exchange `{name}` has no queue for it");
                    return Err(Error::new(ErrorKind::Unroutable, message));
                }
                let queues = queues.iter().map(|it| QueueKeys::new(self.prefix, it));
                let guard = ExchangeKeys::new(self.prefix, name).exchange;
                Ok(script(guard, &exchange.version, queues, outgoing, fields))
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

fn script(
    guard: Box<str>,
    version: &str,
    queues: impl IntoIterator<Item = QueueKeys>,
    outgoing: &Outgoing,
    fields: Fields,
) -> Step {
    let mut keys = vec![guard];
    for queue in queues {
        keys.extend([queue.stream, queue.delayed, queue.declaration]);
    }
    let delay = outgoing.after.map(|it| it.as_millis().to_string());
    let delay = delay.unwrap_or_default();
    let mut arguments: Vec<Box<[u8]>> = [version, GROUP, &delay]
        .map(|it| it.as_bytes().into())
        .into();
    arguments.extend(fields.into_iter().flat_map(|(name, value)| [name, value]));
    Step::Script { keys, arguments }
}

impl Step {
    fn command(&self, digests: &Digests) -> Cmd {
        match self {
            Self::Add { stream, fields } => {
                let mut command = cmd("XADD");
                command.arg(&**stream).arg("NOMKSTREAM").arg("*");
                for (name, value) in fields {
                    command.arg(&**name).arg(&**value);
                }
                command
            }
            Self::Script { keys, arguments } => {
                let keys: Vec<&str> = keys.iter().map(|it| &**it).collect();
                let mut command = digests.call(Script::Send, &keys);
                for argument in arguments {
                    command.arg(&**argument);
                }
                command
            }
        }
    }
}
