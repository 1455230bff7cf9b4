//! A message as the bytes of a file: a line of JSON with what stands beside the payload, then the payload as it is. Knows
//! no directory.

use std::sync::Arc;

use microagent::Error;
use microagent::message::{Message, MessageId, Provenance, TraceContext};
use serde_json::{Map, Value, json};

/// The bytes of a message, and of what else is to be known of it.
pub(crate) fn write(message: &Message, beside: &Value) -> Vec<u8> {
    let headers: Map<String, Value> = message
        .headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let provenance = message.provenance.as_ref();
    let provenance = provenance.map(|it| json!([&*it.package, it.fingerprint, &*it.content_type]));
    let line = json!({
        "id": message.id.to_string(),
        "headers": headers,
        "routing_key": message.routing_key.as_deref(),
        "partition_key": message.partition_key.as_deref(),
        "priority": message.priority,
        "provenance": provenance,
        "trace": message.trace.as_ref().map(|it| [&*it.parent, &*it.state]),
        "beside": beside,
    });
    let mut bytes = line.to_string().into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(&message.body);
    bytes
}

/// What [`write`] wrote. A file that somebody else put there is a message that is all payload.
pub(crate) fn read(bytes: &[u8]) -> (Message, Value) {
    try_read(bytes).unwrap_or_else(|| (Message::new(bytes.to_vec()), Value::Null))
}

fn try_read(bytes: &[u8]) -> Option<(Message, Value)> {
    let end = bytes.iter().position(|it| *it == b'\n')?;
    let mut line: Value = serde_json::from_slice(&bytes[..end]).ok()?;
    let text = |it: &Value| it.as_str().map(Arc::<str>::from);
    let mut message = Message::new(bytes[end + 1..].to_vec());
    message.id = MessageId::from_text(line["id"].as_str()?);
    for (name, value) in line["headers"].as_object()? {
        message.headers.insert(name, value.as_str()?).ok()?;
    }
    message.routing_key = text(&line["routing_key"]);
    let key = serde_json::from_value::<Option<Vec<u8>>>(line["partition_key"].take()).ok()?;
    message.partition_key = key.map(Into::into);
    message.priority = u8::try_from(line["priority"].as_u64()?).ok()?;
    if let [package, fingerprint, content_type] = &*list(&line["provenance"]) {
        message.provenance = Some(Arc::new(Provenance {
            package: text(package)?,
            fingerprint: fingerprint.as_u64()?,
            content_type: text(content_type)?,
        }));
    }
    if let [parent, state] = &*list(&line["trace"]) {
        message.trace = Some(Arc::new(TraceContext {
            parent: parent.as_str()?.into(),
            state: state.as_str()?.into(),
        }));
    }
    Some((message, line["beside"].take()))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// An error of the file system, as the runtime is told it.
pub(crate) fn failed(what: &str) -> impl Fn(std::io::Error) -> Error + '_ {
    move |error| {
        let message = format!("{what} failed");
        Error::new(microagent::ErrorKind::Backend, message).with_source(error)
    }
}
