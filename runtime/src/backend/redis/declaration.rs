//! What was declared of a queue, as a hash that every process may read: written, read, and compared. Knows no exchanges, and
//! not what a queue is made of.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::redis::{Value, cmd};

use super::answer::read;
use super::keys::QueueKeys;
use super::link::Link;
use super::store::Store;
use crate::broker::{MaxLength, Overflow, QueueDeclaration};
use crate::error::{Error, ErrorKind};

/// A declaration as a hash holds it.
pub(super) type Facts = BTreeMap<String, String>;

/// What stands in a queue's hash; nothing where there is none.
pub(super) async fn facts(link: &Link, prefix: &str, name: &str) -> Result<Option<Facts>, Error> {
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
    let exists = facts(link, prefix, name).await?;
    exists
        .map(|facts| declaration_of(name, &facts))
        .ok_or_else(|| not_found("queue", name))
}

/// Makes one queue, or what of it was lost.
pub(super) async fn declare(
    link: &Link,
    (prefix, store): (&str, &dyn Store),
    queue: &QueueDeclaration,
) -> Result<(), Error> {
    let fields = fields(queue);
    let fields = fields.iter().flat_map(|(name, value)| [*name, value]);
    let keys = QueueKeys::new(prefix, &queue.name);
    let answer = store.declare(&keys).with(fields).run(link).await?;
    let (what, exists): (String, Value) = read(answer)?;
    if what == "occupied" {
        let kind: String = read(exists)?;
        let message = format!("queue `{}`: it is a {kind} on redis", queue.name);
        return Err(Error::new(ErrorKind::Mismatch, message));
    }
    check(queue, &pairs(exists)?)
}

/// Names and values, in turn or as a map.
pub(super) fn pairs(answer: Value) -> Result<Facts, Error> {
    let flat: Vec<String> = match answer {
        Value::Map(map) => return read(Value::Map(map)),
        answer => read(answer)?,
    };
    let pairs = flat.chunks_exact(2);
    Ok(pairs.map(|it| (it[0].clone(), it[1].clone())).collect())
}

/// A declaration as a hash; what is absent has no field.
pub(super) fn fields(queue: &QueueDeclaration) -> Vec<(&'static str, String)> {
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
    add("partitions", queue.partitions.map(|it| it.to_string()));
    add("key", Some(queue.key.join(",")).filter(|it| !it.is_empty()));
    fields
}

fn declaration_of(name: &str, facts: &Facts) -> QueueDeclaration {
    let mut declaration = QueueDeclaration::new(name);
    let number = |it: &str| facts.get(it)?.parse::<u64>().ok();
    declaration.durable = facts.get("durable").is_none_or(|it| it == "true");
    declaration.ttl = number("ttl").map(Duration::from_millis);
    declaration.dead_letter = facts.get("dead_letter").map(|it| it.as_str().into());
    declaration.partitions = facts.get("partitions").and_then(|it| it.parse().ok());
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
pub(super) fn check(queue: &QueueDeclaration, exists: &Facts) -> Result<(), Error> {
    let declared: Facts = fields(queue)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    for name in [
        "durable",
        "ttl",
        "max_length",
        "overflow",
        "dead_letter",
        "partitions",
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
