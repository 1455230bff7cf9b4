//! What generated sender methods delegate to: encode, check the options, hand over to a port. One generic function per
//! kind of message; what does not depend on the payload is in functions that are compiled once.

use bytes::Bytes;

use crate::codec::encode_with;
use crate::declare::{AnswerCodec, Asked, Call, Exchange, Queue, RoutingKey, Signal};
use crate::error::{SendError, SendErrorKind};
use crate::future::{Answers, Asking, Calling, Sending, To};
use crate::partition::partition_key;
use crate::port::{BrokerPort, BusPort, Outgoing, Port, Ports};
use crate::{CallError, EncodeError, Options};

/// Tells every receiver of signal `S`.
pub fn emit<S: Signal>(port: &(impl Port + ?Sized), message: S::Payload) -> Sending<'_> {
    let wire = S::META.wire();
    match outgoing_bus(
        port.ports(),
        wire,
        encode_with::<S::Codec, S::Payload>(&message),
    ) {
        Ok((bus, message)) => Sending::running(bus.emit(S::META, message)),
        Err(error) => Sending::refused(error),
    }
}

/// Asks everyone who receives signal `S`, for the first answer.
pub fn ask<S: Asked>(port: &(impl Port + ?Sized), message: S::Payload) -> Asking<'_, S::Reply> {
    Asking::new(ask_all::<S>(port, message))
}

/// Asks everyone who receives signal `S`, for all answers.
pub fn ask_all<S: Asked>(port: &(impl Port + ?Sized), message: S::Payload) -> Answers<S::Reply> {
    let wire = S::META.wire();
    let read = <S::ReplyCodec as AnswerCodec<S::Reply>>::read;
    match outgoing_bus(
        port.ports(),
        wire,
        encode_with::<S::Codec, S::Payload>(&message),
    ) {
        Ok((bus, message)) => Answers::running(bus.ask(S::META, message), wire, read),
        Err(error) => Answers::refused(error.into(), wire, read),
    }
}

/// Asks one replica to answer call `C`.
pub fn call<C: Call>(port: &(impl Port + ?Sized), message: C::Payload) -> Calling<'_, C::Reply> {
    let wire = C::META.wire();
    let read = <C::ReplyCodec as AnswerCodec<C::Reply>>::read;
    match outgoing_bus(
        port.ports(),
        wire,
        encode_with::<C::Codec, C::Payload>(&message),
    ) {
        Ok((bus, message)) => Calling::running(bus.call(C::META, message), wire, read),
        Err(error) => Calling::refused(CallError::from(error), wire, read),
    }
}

/// Stores a message in queue `Q`.
pub fn send<Q: Queue>(port: &(impl Port + ?Sized), message: Q::Payload) -> Sending<'_> {
    let encoded = encode_with::<Q::Codec, Q::Payload>(&message);
    match outgoing_broker(port.ports(), Q::META.wire(), encoded) {
        Ok((broker, mut message)) => {
            message.partition_key = partition_key(Q::META.key(), &message.body);
            Sending::through(broker, To::Queue(Q::META), message)
        }
        Err(error) => Sending::refused(error),
    }
}

/// Gives a copy to each queue bound to fanout exchange `E`.
pub fn publish<E: Exchange<Key = ()>>(
    port: &(impl Port + ?Sized),
    message: E::Payload,
) -> Sending<'_> {
    let encoded = encode_with::<E::Codec, E::Payload>(&message);
    match outgoing_broker(port.ports(), E::META.wire(), encoded) {
        Ok((broker, message)) => Sending::through(broker, To::Exchange(E::META), message),
        Err(error) => Sending::refused(error),
    }
}

/// Gives a copy to each queue bound to exchange `E` whose pattern matches the key.
pub fn publish_by<E: Exchange>(
    port: &(impl Port + ?Sized),
    key: E::Key,
    message: E::Payload,
) -> Sending<'_> {
    let wire = E::META.wire();
    let encoded = encode_with::<E::Codec, E::Payload>(&message);
    let routed = key
        .routing_key()
        .and_then(|key| Ok((key, outgoing_broker(port.ports(), wire, encoded)?)));
    match routed {
        Ok((key, (broker, mut message))) => {
            message.routing_key = key;
            Sending::through(broker, To::Exchange(E::META), message)
        }
        Err(error) => Sending::refused(error),
    }
}

fn outgoing_bus<'a>(
    ports: Ports<'a>,
    wire: &'static str,
    encoded: Result<Bytes, EncodeError>,
) -> Result<(&'a dyn BusPort, Outgoing), SendError> {
    let message = outgoing(&ports, wire, encoded)?;
    let delayed = message.options.get_after().is_some();
    if delayed || message.options.get_priority().is_some() {
        let option = if delayed { "`after`" } else { "`priority`" };
        return Err(SendError::new(SendErrorKind::Unsupported, wire)
            .with_source(format!("{option} is for queues and exchanges")));
    }
    let bus = ports.bus.ok_or_else(|| unsupported_port(wire, "bus"))?;
    Ok((bus, message))
}

fn outgoing_broker<'a>(
    ports: Ports<'a>,
    wire: &'static str,
    encoded: Result<Bytes, EncodeError>,
) -> Result<(&'a dyn BrokerPort, Outgoing), SendError> {
    let message = outgoing(&ports, wire, encoded)?;
    let broker = ports
        .broker
        .ok_or_else(|| unsupported_port(wire, "broker"))?;
    Ok((broker, message))
}

fn outgoing(
    ports: &Ports<'_>,
    wire: &'static str,
    encoded: Result<Bytes, EncodeError>,
) -> Result<Outgoing, SendError> {
    let body =
        encoded.map_err(|error| SendError::new(SendErrorKind::Invalid, wire).with_source(error))?;
    Ok(Outgoing::new(
        body,
        ports.options.cloned().unwrap_or_else(Options::new),
    ))
}

fn unsupported_port(wire: &str, port: &str) -> SendError {
    SendError::new(SendErrorKind::Unsupported, wire)
        .with_source(format!("the handle has no {port}"))
}
