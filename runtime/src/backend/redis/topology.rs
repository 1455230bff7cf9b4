//! Exchanges and bindings as they are kept on the server, so that senders need not know who listens. Knows no messages, and
//! of queues their declarations alone: what a queue is made of is each broker's own.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::redis::{Value, cmd};

use super::answer::read;
use super::declaration::{self, not_found};
use super::fault::checked;
use super::keys::ExchangeKeys;
use super::link::Link;
use super::scripts::Script;
use crate::broker::{Binding, ExchangeDeclaration, ExchangeKind, Pattern, Topology};
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

/// What a topology's exchanges are, or will be, by their names.
pub(super) type Kinds<'a> = BTreeMap<&'a Arc<str>, Option<ExchangeKind>>;

/// Checks all of it against what exists, and changes nothing.
pub(super) async fn check<'a>(
    link: &Link,
    prefix: &str,
    topology: &'a Topology,
) -> Result<Kinds<'a>, Error> {
    for queue in &topology.queues {
        if let Some(exists) = declaration::facts(link, prefix, &queue.name).await? {
            declaration::check(queue, &exists)?;
        }
    }
    let mut kinds = Kinds::new();
    for name in exchanges_of(topology) {
        let exists = exchange_kind(link, prefix, name).await?;
        let declared = topology.exchanges.iter().find(|it| it.name == *name);
        kinds.insert(name, check_exchange(name, exists, declared)?);
    }
    for binding in &topology.bindings {
        let declared = topology.queues.iter().any(|it| it.name == binding.queue);
        let known = declared
            || declaration::facts(link, prefix, &binding.queue)
                .await?
                .is_some();
        if !known {
            return Err(not_found("queue", &binding.queue));
        }
        check_binding(binding, kinds[&binding.exchange])?;
    }
    Ok(kinds)
}

/// Makes what [`check`] has let pass; the queues exist by now.
pub(super) async fn declare_exchanges(
    link: &Link,
    prefix: &str,
    (topology, kinds): (&Topology, Kinds<'_>),
) -> Result<(), Error> {
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
