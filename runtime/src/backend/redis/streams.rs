//! Queues on streams: each is a stream with one consumer group, in which messages are entries with all that travels with
//! them. It must not know what the driver does with deliveries.
//!
//! A stream has one order, that of arrival: a queue that declares priorities is refused.

use std::iter::once;
use std::time::Duration;

use ::redis::{Cmd, cmd};

use self::ordered::OrderKeys;
use super::RedisOptions;
use super::consumer::Desk;
use super::entry;
use super::keys::QueueKeys;
use super::scripts::Script;
use super::store::{Call, Parcel, Store};
use crate::broker::{Capabilities, QueueDeclaration};
use crate::connect::waits::Waits;
use crate::error::Error;
use crate::message::BoxFuture;

mod ordered;
mod reader;

/// The consumer group of every queue: consumers compete, whichever agent they belong to.
const GROUP: &str = "microagent";

/// How long a consumer may show no sign of life before it counts as gone.
const GONE: Duration = Duration::from_mins(10);

/// Queues on streams.
#[derive(Debug)]
pub(super) struct Streams;

impl Store for Streams {
    fn capabilities(&self, options: &RedisOptions) -> Capabilities {
        Capabilities {
            name: "redis streams",
            durable: true,
            delayed: true,
            ordered: true,
            ordered_copies: true,
            max_priority: 0,
            ttl: true,
            overflow_reject: true,
            overflow_drop_oldest: true,
            fanout: true,
            topic: true,
            headers: true,
            counts_crashes: true,
            uncounted_return: true,
            lease: Some(options.lease),
            max_payload: options.max_payload,
        }
    }

    fn declare(&self, keys: &QueueKeys) -> Call {
        let order = OrderKeys::new(keys);
        let keys = [&*keys.declaration, &keys.queue]
            .into_iter()
            .chain(order.all());
        Call::new(Script::Declare, keys).with([GROUP])
    }

    fn is_plain(&self, queue: &QueueDeclaration) -> bool {
        queue.max_length.is_none()
    }

    fn plain(&self, keys: &QueueKeys, parcel: Parcel<'_>) -> Option<Cmd> {
        if parcel.outgoing.after.is_some() {
            return None;
        }
        let mut command = cmd("XADD");
        command.arg(&*keys.queue).arg("NOMKSTREAM").arg("*");
        for (name, value) in entry::write(parcel) {
            command.arg(&*name).arg(&*value);
        }
        if let [key] = parcel.partition_keys
            && !key.is_empty()
        {
            command.arg("partition_key").arg(&**key);
        }
        Some(command)
    }

    fn send(&self, guard: (Box<str>, &str), queues: &[QueueKeys], parcel: Parcel<'_>) -> Call {
        let (guard, version) = guard;
        let keys = queues
            .iter()
            .flat_map(|it| [&*it.queue, &it.delayed, &it.declaration]);
        let delay = parcel.outgoing.after.map(|it| it.as_millis().to_string());
        let fields = entry::write(parcel);
        Call::new(Script::Send, once(&*guard).chain(keys))
            .with([version, GROUP, &delay.unwrap_or_default()])
            .with(parcel.partition_keys)
            .with(fields.into_iter().flat_map(<[Box<[u8]>; 2]>::from))
    }

    fn settle(&self, desk: &Desk) -> Call {
        let keys = &desk.keys;
        let order = desk.declaration.partitions.map(|_| OrderKeys::new(keys));
        let keys = [&*keys.queue, &keys.delayed, &keys.dead, &keys.declaration];
        let order = order.iter().flat_map(OrderKeys::all);
        let keys = keys.into_iter().chain(order);
        let most = desk.connection.max_dead_letters.to_string();
        Call::new(Script::Settle, keys).with([GROUP, &desk.name, &most])
    }

    fn renew(&self, desk: &Desk) -> Call {
        Call::new(Script::Renew, [&*desk.keys.queue]).with([GROUP, &desk.name])
    }

    fn leave(&self, desk: &Desk) -> Call {
        Call::new(Script::Leave, [&*desk.keys.queue]).with([GROUP, &desk.name])
    }

    fn counts(&self, keys: &QueueKeys) -> Call {
        let order = OrderKeys::new(keys);
        let keys = [
            &*keys.queue,
            &keys.delayed,
            &keys.dead,
            &keys.declaration,
            &order.retries,
        ];
        Call::new(Script::Counts, keys).with([GROUP, &GONE.as_millis().to_string()])
    }

    fn redrive(&self, keys: &QueueKeys) -> Call {
        let keys = [&*keys.queue, &keys.delayed, &keys.dead, &keys.declaration];
        Call::new(Script::Redrive, keys)
    }

    fn read<'a>(
        &'a self,
        desk: &'a Desk,
        waits: &'a mut Waits,
    ) -> BoxFuture<'a, Result<(), Error>> {
        match desk.declaration.partitions {
            None => Box::pin(reader::serve(desk, waits)),
            Some(_) => Box::pin(ordered::serve(desk, waits)),
        }
    }
}
