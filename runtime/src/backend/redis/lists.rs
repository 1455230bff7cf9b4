//! Queues on lists, for peers of the Python library: an element is the payload and nothing else, pushed at the right and
//! popped at the left. All that we keep of a message besides stands beside the list, where those peers never look. It must
//! not know what the driver does with deliveries.
//!
//! Beside a list, under `{name}:…`:
//! - `landing`: what a waiting consumer has woken up for; the next that takes, whoever it is, begins here.
//! - `ready`: entries with an id, attempts and times: what is tried again, what was delayed, what has a time to live, dead
//!   letters of other queues.
//! - `delayed`: such entries that wait for their time.
//! - `held` and `leases`: what is in the hands of consumers, by the number of the delivery, and until when.
//! - `suspects`: numbers of what was in the hands of two consumers in a row that died, and may be why.
//! - `dead`: dead letters, a stream; `consumers`: who lives, and since when nobody heard of it; `queue`: the declaration.
//!
//! An element has no number of its own. Its delivery has, so that equal payloads never count as one.

use std::iter::once;
use std::time::Duration;

use ::redis::{Cmd, cmd};

use super::RedisOptions;
use super::consumer::Desk;
use super::entry;
use super::keys::QueueKeys;
use super::scripts::Script;
use super::store::{Call, Parcel, Store};
use super::streams::Streams;
use crate::broker::{Capabilities, QueueDeclaration};
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::message::BoxFuture;

mod reader;

/// How long a consumer may show no sign of life before it counts as gone; several times what minds the queue's timers.
const GONE: Duration = Duration::from_secs(10);

/// Queues on lists.
#[derive(Debug)]
pub(super) struct Lists;

impl Store for Lists {
    fn capabilities(&self, options: &RedisOptions) -> Capabilities {
        Capabilities {
            name: "redis lists",
            ordered: false,
            ordered_copies: false,
            headers: false,
            ..Streams.capabilities(options)
        }
    }

    fn declare(&self, keys: &QueueKeys) -> Call {
        Call::new(Script::ListDeclare, [&*keys.queue, &keys.declaration])
    }

    fn is_plain(&self, queue: &QueueDeclaration) -> bool {
        queue.max_length.is_none() && queue.ttl.is_none()
    }

    fn plain(&self, keys: &QueueKeys, parcel: Parcel<'_>) -> Option<Cmd> {
        let Parcel {
            outgoing,
            first_seen,
            ..
        } = parcel;
        if outgoing.after.is_some() || outgoing.ttl.is_some() || first_seen.is_some() {
            return None;
        }
        let mut command = cmd("RPUSH");
        command.arg(&*keys.queue).arg(&*outgoing.message.body);
        Some(command)
    }

    fn send(&self, guard: (Box<str>, &str), queues: &[QueueKeys], parcel: Parcel<'_>) -> Call {
        let (guard, version) = guard;
        let keys: Vec<_> = queues.iter().flat_map(keys_to_send).collect();
        let keys = once(&*guard).chain(keys.iter().map(|it| &**it));
        let delay = parcel.outgoing.after.map(|it| it.as_millis().to_string());
        let fields = entry::write(parcel);
        Call::new(Script::ListSend, keys)
            .with([version, &delay.unwrap_or_default()])
            .with(fields.into_iter().flat_map(<[Box<[u8]>; 2]>::from))
    }

    fn settle(&self, desk: &Desk) -> Call {
        let keys = &desk.keys;
        let [ready, held, leases] = ["ready", "held", "leases"].map(|it| keys.beside(it));
        let keys = [
            &*keys.queue,
            &ready,
            &keys.delayed,
            &held,
            &leases,
            &keys.dead,
            &keys.declaration,
        ];
        Call::new(Script::ListSettle, keys).with([desk.connection.max_dead_letters.to_string()])
    }

    fn renew(&self, desk: &Desk) -> Call {
        let lease = desk.connection.lease.as_millis().to_string();
        Call::new(Script::ListRenew, [&*desk.keys.beside("leases")]).with([lease])
    }

    fn leave(&self, desk: &Desk) -> Call {
        let keys = &desk.keys;
        let [landing, ready, consumers] =
            ["landing", "ready", "consumers"].map(|it| keys.beside(it));
        let keys = [
            &*keys.queue,
            &landing,
            &ready,
            &consumers,
            &keys.declaration,
        ];
        Call::new(Script::ListLeave, keys).with([&*desk.name])
    }

    fn counts(&self, keys: &QueueKeys) -> Call {
        let sizes = keys_to_count(keys);
        let consumers = keys.beside("consumers");
        let keys = sizes.iter().chain(once(&consumers)).map(|it| &**it);
        Call::new(Script::ListCounts, keys).with([GONE.as_millis().to_string()])
    }

    fn redrive(&self, keys: &QueueKeys) -> Call {
        let keys = keys_to_count(keys);
        Call::new(Script::ListRedrive, keys.iter().map(|it| &**it))
    }

    fn read<'a>(
        &'a self,
        desk: &'a Desk,
        waits: &'a mut Waits,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(reader::serve(desk, waits))
    }
}

fn keys_to_send(keys: &QueueKeys) -> [Box<str>; 6] {
    let [landing, ready, leases] = ["landing", "ready", "leases"].map(|it| keys.beside(it));
    let QueueKeys {
        queue,
        delayed,
        declaration,
        ..
    } = keys.clone();
    [queue, landing, ready, delayed, leases, declaration]
}

fn keys_to_count(keys: &QueueKeys) -> [Box<str>; 7] {
    let [queue, landing, ready, delayed, leases, declaration] = keys_to_send(keys);
    let dead = keys.dead.clone();
    [queue, landing, ready, delayed, leases, dead, declaration]
}
