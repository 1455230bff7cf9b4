//! Queues, exchanges and bindings as they are kept on the server, so that senders need not know who listens. Knows no
//! messages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{Value, cmd, from_redis_value};

use super::keys::{ExchangeKeys, GROUP, QueueKeys};
use super::link::{Link, checked};
use super::scripts::Script;
use crate::broker::{
    Binding, ExchangeDeclaration, ExchangeKind, MaxLength, Overflow, Pattern, QueueDeclaration,
    Topology,
};
use crate::error::{Error, ErrorKind};

/// An exchange as it was last read.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) version: String,
    kind: ExchangeKind,
    bindings: BTreeMap<Arc<str>, Vec<Pattern>>,
}

impl Exchange {
    /// The queues that get a message, each once.
    pub(super) fn route(&self, key: &str) -> Vec<Arc<str>> {
        let meant = |patterns: &Vec<Pattern>| {
            self.kind == ExchangeKind::Fanout || patterns.iter().any(|it| it.matches(key))
        };
        let bound = self.bindings.iter().filter(|(_, patterns)| meant(patterns));
        bound.map(|(queue, _)| Arc::clone(queue)).collect()
    }
}

/// Checks all, then declares all.
pub(super) async fn declare(link: &Link, prefix: &str, topology: &Topology) -> Result<(), Error> {
    for queue in &topology.queues {
        if let Some(exists) = queue_fields(link, prefix, &queue.name).await? {
            check_queue(queue, &exists)?;
        }
    }
    let mut kinds = BTreeMap::new();
    for name in exchanges_of(topology) {
        let exists = exchange_kind(link, prefix, name).await?;
        let declared = topology.exchanges.iter().find(|it| it.name == *name);
        kinds.insert(name, check_exchange(name, exists, declared)?);
    }
    for binding in &topology.bindings {
        let declared = topology.queues.iter().any(|it| it.name == binding.queue);
        if !declared && queue_fields(link, prefix, &binding.queue).await?.is_none() {
            return Err(not_found("queue", &binding.queue));
        }
        check_binding(binding, kinds[&binding.exchange])?;
    }
    for queue in &topology.queues {
        declare_queue(link, prefix, queue).await?;
    }
    for (name, kind) in kinds {
        if let Some(kind) = kind {
            declare_exchange(link, prefix, (name, kind), topology).await?;
        }
    }
    Ok(())
}

fn exchanges_of(topology: &Topology) -> Vec<&Arc<str>> {
    let declared = topology.exchanges.iter().map(|it| &it.name);
    let bound = topology.bindings.iter().map(|it| &it.exchange);
    let mut names: Vec<_> = declared.chain(bound).collect();
    names.sort();
    names.dedup();
    names
}

/// The kind that it has or will have.
fn check_exchange(
    name: &str,
    exists: Option<ExchangeKind>,
    declared: Option<&ExchangeDeclaration>,
) -> Result<Option<ExchangeKind>, Error> {
    match (exists, declared.map(|it| it.kind)) {
        (Some(exists), Some(declared)) if exists != declared => {
            let message = format!("exchange `{name}`: declared {declared:?}, exists {exists:?}");
            Err(Error::new(ErrorKind::Mismatch, message))
        }
        (exists, declared) => Ok(exists.or(declared)),
    }
}

fn check_binding(binding: &Binding, kind: Option<ExchangeKind>) -> Result<(), Error> {
    let Binding {
        exchange, queue, ..
    } = binding;
    match kind {
        None => {
            let message = format!("queue `{queue}` is bound to `{exchange}`, which is no exchange");
            Err(Error::new(ErrorKind::NotFound, message))
        }
        Some(ExchangeKind::Topic) if binding.pattern.is_none() => {
            let message = format!("queue `{queue}` on `{exchange}` has no pattern");
            Err(Error::new(ErrorKind::Invalid, message))
        }
        Some(_) => Ok(()),
    }
}

/// Makes one queue, or its group where only that was lost.
pub(super) async fn declare_queue(
    link: &Link,
    prefix: &str,
    queue: &QueueDeclaration,
) -> Result<(), Error> {
    let keys = QueueKeys::new(prefix, &queue.name);
    let fields = fields_of(queue);
    let mut arguments = vec![GROUP.as_bytes()];
    for (name, value) in &fields {
        arguments.extend([name.as_bytes(), value.as_bytes()]);
    }
    let keys = [&*keys.declaration, &keys.stream];
    let answer = link.run_script(Script::Declare, &keys, &arguments).await?;
    let (what, exists): (String, Value) = read(answer)?;
    if what == "occupied" {
        let kind: String = read(exists)?;
        let message = format!("queue `{}`: its key holds a {kind}", queue.name);
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    check_queue(queue, &pairs(exists)?)
}

async fn declare_exchange(
    link: &Link,
    prefix: &str,
    (name, kind): (&Arc<str>, ExchangeKind),
    topology: &Topology,
) -> Result<(), Error> {
    let keys = ExchangeKeys::new(prefix, name);
    let bindings = topology.bindings.iter().filter(|it| it.exchange == *name);
    let members: Vec<_> = bindings
        .map(|it| format!("{} {}", it.queue.len(), it.queue) + it.pattern.as_deref().unwrap_or("#"))
        .collect();
    let mut arguments = vec![kind_text(kind).as_bytes()];
    arguments.extend(members.iter().map(String::as_bytes));
    let keys = [&*keys.exchange, &keys.bindings];
    let exists: String = read(link.run_script(Script::Bind, &keys, &arguments).await?)?;
    if exists != kind_text(kind) {
        let message = format!("exchange `{name}`: declared {kind:?}, exists {exists}");
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    Ok(())
}

/// An exchange with its bindings, and the version that they have.
pub(super) async fn exchange(link: &Link, prefix: &str, name: &str) -> Result<Exchange, Error> {
    let keys = ExchangeKeys::new(prefix, name);
    let answers = link
        .run(|_| {
            let mut both = ::redis::pipe();
            // The version first: bindings are never older than it, and newer ones are refused as stale.
            both.cmd("HMGET")
                .arg(&*keys.exchange)
                .arg(&["kind", "version"]);
            both.cmd("SMEMBERS").arg(&*keys.bindings);
            both
        })
        .await?;
    let [facts, members] = <[Value; 2]>::try_from(answers)
        .map_err(|_| Error::new(ErrorKind::Backend, "redis gave another number of answers"))?;
    let (kind, version): (Option<String>, Option<String>) = read(checked(facts)?)?;
    let (Some(kind), Some(version)) = (kind.as_deref().and_then(kind_of), version) else {
        return Err(not_found("exchange", name));
    };
    let members: Vec<String> = read(checked(members)?)?;
    let mut bindings = BTreeMap::<Arc<str>, Vec<Pattern>>::new();
    for (queue, pattern) in members.iter().filter_map(|it| binding_of(it)) {
        bindings
            .entry(queue.into())
            .or_default()
            .push(Pattern::new(pattern));
    }
    Ok(Exchange {
        version,
        kind,
        bindings,
    })
}

/// Queue and pattern: the length of the queue's name, a space, the name, the pattern.
fn binding_of(member: &str) -> Option<(&str, &str)> {
    let (length, rest) = member.split_once(' ')?;
    rest.split_at_checked(length.parse().ok()?)
}

async fn exchange_kind(
    link: &Link,
    prefix: &str,
    name: &str,
) -> Result<Option<ExchangeKind>, Error> {
    let mut command = cmd("HGET");
    command
        .arg(&*ExchangeKeys::new(prefix, name).exchange)
        .arg("kind");
    let kind: Option<String> = read(link.run_one(command).await?)?;
    Ok(kind.as_deref().and_then(kind_of))
}

fn kind_text(kind: ExchangeKind) -> &'static str {
    match kind {
        ExchangeKind::Fanout => "fanout",
        ExchangeKind::Topic => "topic",
    }
}

fn kind_of(text: &str) -> Option<ExchangeKind> {
    [ExchangeKind::Fanout, ExchangeKind::Topic]
        .into_iter()
        .find(|it| kind_text(*it) == text)
}

type Facts = BTreeMap<String, String>;

async fn queue_fields(link: &Link, prefix: &str, name: &str) -> Result<Option<Facts>, Error> {
    let mut command = cmd("HGETALL");
    command.arg(&*QueueKeys::new(prefix, name).declaration);
    let exists = pairs(link.run_one(command).await?)?;
    Ok(Some(exists).filter(|it| !it.is_empty()))
}

/// The declaration of a queue that exists.
pub(super) async fn queue(
    link: &Link,
    prefix: &str,
    name: &str,
) -> Result<QueueDeclaration, Error> {
    let exists = queue_fields(link, prefix, name).await?;
    exists
        .map(|facts| declaration_of(name, &facts))
        .ok_or_else(|| not_found("queue", name))
}

fn pairs(answer: Value) -> Result<Facts, Error> {
    let flat: Vec<String> = match answer {
        Value::Map(map) => return read(Value::Map(map)),
        answer => read(answer)?,
    };
    let pairs = flat.chunks_exact(2);
    Ok(pairs.map(|it| (it[0].clone(), it[1].clone())).collect())
}

/// A declaration as a hash; what is absent has no field.
fn fields_of(queue: &QueueDeclaration) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("queue", queue.name.to_string()),
        ("durable", queue.durable.to_string()),
    ];
    let mut add = |name, value: Option<String>| fields.extend(value.map(|it| (name, it)));
    add("ttl", queue.ttl.map(|it| it.as_millis().to_string()));
    add(
        "max_length",
        queue.max_length.map(|it| it.messages.to_string()),
    );
    add(
        "overflow",
        queue
            .max_length
            .map(|it| overflow_text(it.overflow).to_owned()),
    );
    add(
        "dead_letter",
        queue.dead_letter.as_ref().map(ToString::to_string),
    );
    add("key", Some(queue.key.join(",")).filter(|it| !it.is_empty()));
    fields
}

fn declaration_of(name: &str, facts: &Facts) -> QueueDeclaration {
    let mut declaration = QueueDeclaration::new(name);
    let number = |it: &str| facts.get(it)?.parse::<u64>().ok();
    declaration.durable = facts.get("durable").is_none_or(|it| it == "true");
    declaration.ttl = number("ttl").map(Duration::from_millis);
    declaration.dead_letter = facts.get("dead_letter").map(|it| it.as_str().into());
    let overflow = facts.get("overflow").map(String::as_str);
    declaration.max_length = number("max_length").map(|messages| MaxLength {
        messages: usize::try_from(messages).unwrap_or(usize::MAX),
        overflow: match overflow {
            Some("drop_oldest") => Overflow::DropOldest,
            _ => Overflow::Reject,
        },
    });
    let key = facts.get("key").map_or("", String::as_str);
    declaration.key = key
        .split(',')
        .filter(|it| !it.is_empty())
        .map(Arc::from)
        .collect();
    declaration
}

fn overflow_text(overflow: Overflow) -> &'static str {
    match overflow {
        Overflow::Reject => "reject",
        Overflow::DropOldest => "drop_oldest",
    }
}

/// Each difference is told with both sides.
fn check_queue(queue: &QueueDeclaration, exists: &Facts) -> Result<(), Error> {
    let declared: Facts = fields_of(queue)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for name in [
        "durable",
        "ttl",
        "max_length",
        "overflow",
        "dead_letter",
        "key",
    ] {
        let (one, other) = (declared.get(name), exists.get(name));
        if one != other {
            let shown = |it: Option<&String>| it.map_or("absent", String::as_str).to_owned();
            let message = format!(
                "queue `{}`: `{name}` is {} on redis, {} in the declaration",
                queue.name,
                shown(other),
                shown(one)
            );
            return Err(Error::new(ErrorKind::Mismatch, message));
        }
    }
    Ok(())
}

pub(super) fn not_found(what: &str, name: &str) -> Error {
    let message = format!("{what} `{name}` has not been declared");
    Error::new(ErrorKind::NotFound, message)
}

/// An answer as what it has to be.
pub(super) fn read<T: ::redis::FromRedisValue>(answer: Value) -> Result<T, Error> {
    from_redis_value(answer).map_err(|error| {
        Error::new(
            ErrorKind::Backend,
            format!("redis answered strangely: {error}"),
        )
    })
}
