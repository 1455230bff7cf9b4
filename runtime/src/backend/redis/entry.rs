//! A message as the fields of a stream entry. A field that is missing has its default, so that what `redis-cli` or a foreign
//! peer adds is a message as well. Knows no keys and no commands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use ::redis::{Value, from_redis_value_ref};

use super::store::Parcel;
use crate::message::{Message, MessageId, Provenance, TraceContext};

/// Before the name of a header of the user.
const HEADER: &str = "header:";

/// What stands in entries that have moved, and is no part of the message.
const OURS: [&str; 6] = ["attempts", "detail", "first_seen", "reason", "since", "ttl"];

/// Names and values of an entry.
pub(super) type Fields = Vec<(Box<[u8]>, Box<[u8]>)>;

/// An entry as it was read.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: Box<str>,
    fields: BTreeMap<Box<str>, Vec<u8>>,
}

/// What a message is in a stream, but for its partition key.
pub(super) fn write(parcel: Parcel<'_>) -> Fields {
    let Parcel {
        outgoing,
        first_seen,
        ..
    } = parcel;
    let message = &*outgoing.message;
    let mut fields = Fields::new();
    let mut add = |name: &str, value: &[u8]| fields.push((name.as_bytes().into(), value.into()));
    add("id", message.id.to_string().as_bytes());
    add("body", &message.body);
    for (name, value) in message.headers.iter() {
        add(&format!("{HEADER}{name}"), value.as_bytes());
    }
    if let Some(key) = &message.routing_key {
        add("routing_key", key.as_bytes());
    }
    if let Some(provenance) = &message.provenance {
        add("package", provenance.package.as_bytes());
        let fingerprint = format!("{:016x}", provenance.fingerprint);
        add("fingerprint", fingerprint.as_bytes());
        add("content_type", provenance.content_type.as_bytes());
    }
    if let Some(trace) = &message.trace {
        add("traceparent", trace.parent.as_bytes());
        add("tracestate", trace.state.as_bytes());
    }
    if message.priority > 0 {
        add("priority", message.priority.to_string().as_bytes());
    }
    if let Some(ttl) = outgoing.ttl {
        add("ttl", ttl.as_millis().to_string().as_bytes());
    }
    if let Some(first_seen) = first_seen {
        add("first_seen", first_seen.to_string().as_bytes());
    }
    fields
}

impl Entry {
    /// An entry out of an answer: its id, and names and values in turn.
    pub(super) fn new(id: &Value, fields: &Value) -> Option<Self> {
        let id: String = from_redis_value_ref(id).ok()?;
        let flat: Vec<Vec<u8>> = from_redis_value_ref(fields).ok()?;
        let pairs = flat.chunks_exact(2).filter_map(|pair| {
            let name = std::str::from_utf8(&pair[0]).ok()?;
            Some((name.into(), pair[1].clone()))
        });
        Some(Self {
            fields: pairs.collect(),
            id: id.into(),
        })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.fields.get(name)?).ok()
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    /// When it entered the stream, in ms since 1970 by the server's clock.
    pub(super) fn entered(&self) -> u64 {
        let (time, _) = self.id.split_once('-').unwrap_or((&self.id, ""));
        time.parse().unwrap_or(0)
    }

    /// When the broker first had the message.
    pub(super) fn first_seen(&self) -> SystemTime {
        moment(self.number("first_seen").unwrap_or(self.entered()))
    }

    /// When it dies of age, in ms since 1970; `of_queue` is what its queue declares.
    pub(super) fn expires(&self, of_queue: Option<Duration>) -> Option<u64> {
        let of_queue = of_queue.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        let own = self.number("ttl");
        let ttl = own.into_iter().chain(of_queue).min()?;
        let since = self.number("since").unwrap_or(self.entered());
        Some(since.saturating_add(ttl))
    }

    /// The message itself.
    pub(super) fn message(&mut self) -> Message {
        let body = self.fields.remove("body");
        let foreign = body.is_none();
        let mut message = Message::new(body.unwrap_or_default());
        // Of a foreign peer: the entry's own id names it, the same at each delivery.
        message.id = MessageId::from_text(self.text("id").unwrap_or(&self.id));
        for (name, value) in &self.fields {
            let header = name.strip_prefix(HEADER);
            // Nothing of an entry without a body is to stay unseen.
            let header =
                header.or_else(|| Some(&**name).filter(|it| foreign && !OURS.contains(it)));
            if let (Some(name), Ok(value)) = (header, std::str::from_utf8(value)) {
                // What is no header by our rules is a foreign peer's own.
                let _ = message.headers.insert(name, value);
            }
        }
        message.routing_key = self.text("routing_key").map(Arc::from);
        message.partition_key = self.fields.get("partition_key").cloned().map(Into::into);
        message.priority = self.number("priority").unwrap_or(0);
        message.provenance = self.provenance().map(Arc::new);
        message.trace = self.text("traceparent").map(|parent| {
            Arc::new(TraceContext {
                parent: parent.into(),
                state: self.text("tracestate").unwrap_or("").into(),
            })
        });
        message
    }

    fn provenance(&self) -> Option<Provenance> {
        Some(Provenance {
            package: self.text("package")?.into(),
            fingerprint: u64::from_str_radix(self.text("fingerprint")?, 16).ok()?,
            content_type: self.text("content_type")?.into(),
        })
    }
}

/// A moment as [`moment`] reads it.
pub(super) fn milliseconds(moment: SystemTime) -> u64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// A moment of the server's clock.
pub(super) fn moment(milliseconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
}
