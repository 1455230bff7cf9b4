//! Queues and exchanges on disk: how they are declared, and how messages get into them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use microagent::broker::{
    Binding, DeadLetter, ExchangeDeclaration, ExchangeKind, Pattern, QueueDeclaration, Topology,
};
use microagent::message::{Address, Message, Outgoing};
use microagent::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::envelope::{self, failed};
use crate::files::{self, Name};

/// The directories of a broker.
#[derive(Debug, Clone)]
pub(super) struct Store {
    queues: PathBuf,
    exchanges: PathBuf,
}

impl Store {
    pub(super) fn new(directory: &Path) -> Self {
        Self {
            queues: directory.join("queues"),
            exchanges: directory.join("exchanges"),
        }
    }

    /// The directory of a queue that was declared.
    pub(super) fn queue(&self, name: &str) -> Result<PathBuf, Error> {
        let queue = self.queues.join(files::safe(name));
        if !queue.join("declared").exists() {
            return Err(not_found("queue", name));
        }
        Ok(queue)
    }

    fn exchange(&self, name: &str) -> PathBuf {
        self.exchanges.join(files::safe(name))
    }

    /// Nothing that exists differs, and whatever is bound exists or is declared along.
    pub(super) fn check(&self, topology: &Topology) -> Result<(), Error> {
        for queue in &topology.queues {
            let path = self.queues.join(files::safe(&queue.name)).join("declared");
            check_same(&queue.name, &path, &describe(queue).to_string())?;
        }
        for exchange in &topology.exchanges {
            let path = self.exchange(&exchange.name).join("kind");
            check_same(&exchange.name, &path, kind(exchange))?;
        }
        topology
            .bindings
            .iter()
            .try_for_each(|binding| self.check_binding(binding, topology))
    }

    fn check_binding(&self, binding: &Binding, topology: &Topology) -> Result<(), Error> {
        let Binding {
            exchange, queue, ..
        } = binding;
        if !topology.queues.iter().any(|it| it.name == *queue) {
            self.queue(queue)?;
        }
        let declared = topology.exchanges.iter().find(|it| it.name == *exchange);
        let exists = fs::read_to_string(self.exchange(exchange).join("kind")).ok();
        match declared.map(kind).or(exists.as_deref()) {
            None => Err(not_found("exchange", exchange)),
            Some("topic") if binding.pattern.is_none() => {
                let message = format!("queue `{queue}` on `{exchange}` has no pattern");
                Err(Error::new(ErrorKind::Invalid, message))
            }
            Some(_) => Ok(()),
        }
    }

    /// Makes what was checked. Two processes may do so at once: the first makes it, the other finds the same.
    pub(super) fn declare(&self, topology: &Topology) -> Result<(), Error> {
        let declared = || -> std::io::Result<()> {
            for queue in &topology.queues {
                let directory = self.queues.join(files::safe(&queue.name));
                for part in ["waiting", "held", "dead"] {
                    fs::create_dir_all(directory.join(part))?;
                }
                let description = describe(queue).to_string();
                files::put_new(&directory.join("declared"), description.as_bytes())?;
            }
            for exchange in &topology.exchanges {
                let directory = self.exchange(&exchange.name);
                fs::create_dir_all(&directory)?;
                files::put_new(&directory.join("kind"), kind(exchange).as_bytes())?;
            }
            for Binding {
                exchange,
                queue,
                pattern,
            } in &topology.bindings
            {
                let pattern = pattern.as_deref().unwrap_or("#");
                let name = format!("{}@{}", files::safe(queue), files::safe(pattern));
                let bound = format!("{queue}\n{pattern}");
                files::put_new(&self.exchange(exchange).join(name), bound.as_bytes())?;
            }
            Ok(())
        };
        declared().map_err(failed("a declaration"))
    }

    /// Puts a copy into each queue that is meant.
    pub(super) fn send(&self, outgoing: &Outgoing) -> Result<(), Error> {
        if outgoing.message.size() > crate::MAX_PAYLOAD {
            return Err(Error::new(ErrorKind::TooLarge, "the message is too large"));
        }
        let queues = match &outgoing.to {
            Address::Queue(name) => vec![self.queue(name)?],
            Address::Exchange(name) => {
                let key = outgoing.message.routing_key.as_deref().unwrap_or_default();
                self.routes(name, key)?
            }
        };
        let lives = (outgoing.after, outgoing.ttl);
        let send = |queue: &PathBuf| send_to(queue, &outgoing.message, lives);
        queues.iter().try_for_each(send)
    }

    fn routes(&self, exchange: &str, key: &str) -> Result<Vec<PathBuf>, Error> {
        let directory = self.exchange(exchange);
        let kind = fs::read_to_string(directory.join("kind"));
        let kind = kind.map_err(|_| not_found("exchange", exchange))?;
        let mut queues = Vec::new();
        for entry in fs::read_dir(&directory).map_err(failed("routing"))? {
            let bound = entry.and_then(|it| fs::read_to_string(it.path()));
            let bound = bound.map_err(failed("routing"))?;
            if let Some((queue, pattern)) = bound.split_once('\n')
                && (kind == "fanout" || Pattern::new(pattern).matches(key))
            {
                queues.extend(self.queue(queue));
            }
        }
        // Two patterns of a queue that both match make one copy.
        queues.sort_unstable();
        queues.dedup();
        if queues.is_empty() {
            let message = format!("exchange `{exchange}` has no queue for it");
            return Err(Error::new(ErrorKind::Unroutable, message));
        }
        Ok(queues)
    }

    /// Keeps a dead letter: in the queue that was declared for it, else beside its own.
    pub(super) fn bury(&self, queue: &Path, letter: DeadLetter) -> Result<(), Error> {
        let target = declared(queue)["dead_letter"]
            .as_str()
            .map(|it| self.queue(it));
        if let Some(Ok(target)) = target {
            return send_to(&target, &letter.into_message(), (None, None));
        }
        let first_seen = letter.first_seen.duration_since(std::time::UNIX_EPOCH);
        let beside = json!({
            "queue": &*letter.queue,
            "reason": letter.cause.reason.as_str(),
            "detail": &*letter.cause.detail,
            "attempts": letter.attempts,
            "first_seen": first_seen.unwrap_or_default().as_micros().to_string(),
        });
        let path = Name::new(None, None).within(&queue.join("dead"));
        let bytes = envelope::write(&letter.message, &beside);
        files::put(&path, &bytes).map_err(failed("dead-lettering"))
    }
}

/// Puts a message into the directory of a queue.
fn send_to(
    queue: &Path,
    message: &Message,
    (after, ttl): (Option<Duration>, Option<Duration>),
) -> Result<(), Error> {
    let name = Name::new(after, ttl.into_iter().chain(declared_ttl(queue)).min());
    put(queue, &name, message)
}

/// Puts a dead letter back, as new but for the time at which it was first seen.
pub(super) fn send_again(queue: &Path, letter: &DeadLetter) -> Result<(), Error> {
    let first_seen = letter.first_seen.duration_since(std::time::UNIX_EPOCH);
    let micros = first_seen.unwrap_or_default().as_micros();
    let name = Name {
        written: u64::try_from(micros).unwrap_or(u64::MAX),
        ..Name::new(None, declared_ttl(queue))
    };
    put(queue, &name, &letter.message)
}

fn put(queue: &Path, name: &Name, message: &Message) -> Result<(), Error> {
    let bytes = envelope::write(message, &Value::Null);
    files::put(&name.within(&queue.join("waiting")), &bytes).map_err(failed("sending"))
}

fn declared_ttl(queue: &Path) -> Option<Duration> {
    let ttl = declared(queue)["ttl_ms"].as_u64();
    ttl.map(Duration::from_millis)
}

/// What a queue was declared as, for comparison and for what is done with its messages.
fn describe(queue: &QueueDeclaration) -> Value {
    json!({
        "durable": queue.durable,
        "ttl_ms": queue.ttl.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX)),
        "dead_letter": queue.dead_letter.as_deref(),
        "key": queue.key.iter().map(|it| &**it).collect::<Vec<_>>(),
    })
}

fn declared(queue: &Path) -> Value {
    let declared = fs::read(queue.join("declared")).unwrap_or_default();
    serde_json::from_slice(&declared).unwrap_or_default()
}

fn kind(exchange: &ExchangeDeclaration) -> &'static str {
    match exchange.kind {
        ExchangeKind::Fanout => "fanout",
        ExchangeKind::Topic => "topic",
    }
}

fn check_same(name: &str, path: &Path, declared: &str) -> Result<(), Error> {
    match fs::read_to_string(path) {
        Ok(exists) if exists != declared => {
            let message = format!("`{name}` is declared as {declared} and exists as {exists}");
            Err(Error::new(ErrorKind::Mismatch, message))
        }
        _ => Ok(()),
    }
}

fn not_found(what: &str, name: &str) -> Error {
    let message = format!("{what} `{name}` has not been declared");
    Error::new(ErrorKind::NotFound, message)
}
