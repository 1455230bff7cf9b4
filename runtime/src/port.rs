//! The ports over backends: what handles and contexts send goes through here. Owns the declaring of what is sent to, and the checks that no backend should have to make; knows no payload type.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use microagent_contract::meta::{ExchangeMeta, QueueMeta};
use microagent_contract::{
    BoxFuture, BrokerPort, BusPort, CallError, CallErrorKind, Options, Outgoing as Encoded,
    SendError, SendErrorKind,
};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::broker::{BrokerBackend, Topology};
use crate::bus::BusBackend;
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Headers, Message, Outgoing};
use crate::rpc::{AskPort, Asker};
use crate::topology;

/// How long a confirmation may take where the sender does not say.
const CONFIRM: Duration = Duration::from_secs(30);

/// How long a connection may take to flush and to close.
const CLOSE: Duration = Duration::from_secs(5);

/// Sends through a backend.
#[derive(Debug)]
struct QueuePort {
    backend: Arc<dyn BrokerBackend>,
    /// The connection ends with the port.
    owns: bool,
    known: Mutex<HashMap<&'static str, Arc<Known>>>,
}

/// A queue or an exchange that was sent to: declared before the first message, by whoever comes first.
#[derive(Debug)]
struct Known {
    address: Address,
    declared: OnceCell<()>,
}

impl QueuePort {
    fn new(backend: Arc<dyn BrokerBackend>, owns: bool) -> Self {
        Self {
            backend,
            owns,
            known: Mutex::default(),
        }
    }

    fn known(&self, wire: &'static str, address: fn(Arc<str>) -> Address) -> Arc<Known> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(wire).or_insert_with(|| {
            Arc::new(Known {
                address: address(wire.into()),
                declared: OnceCell::new(),
            })
        });
        Arc::clone(entry)
    }

    /// What was declared is gone. It is declared again by the first who finds out, and by nobody twice.
    fn forget(&self, wire: &'static str, gone: &Arc<Known>) -> Arc<Known> {
        let fresh = || {
            Arc::new(Known {
                address: gone.address.clone(),
                declared: OnceCell::new(),
            })
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(wire).or_insert_with(fresh);
        if Arc::ptr_eq(entry, gone) {
            *entry = fresh();
        }
        Arc::clone(entry)
    }

    /// Sends, and once more where somebody has deleted what was declared.
    async fn deliver(
        &self,
        known: (&'static str, Arc<Known>),
        topology: impl Fn() -> Topology,
        mut message: Outgoing,
    ) -> Result<(), Error> {
        let (wire, known) = known;
        match self.try_deliver(&known, &topology, &mut message).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let known = self.forget(wire, &known);
                self.try_deliver(&known, &topology, &mut message).await
            }
            result => result,
        }
    }

    async fn try_deliver(
        &self,
        known: &Known,
        topology: impl Fn() -> Topology,
        message: &mut Outgoing,
    ) -> Result<(), Error> {
        let declare = || async { self.backend.declare(&topology()).await };
        known.declared.get_or_try_init(declare).await?;
        self.backend.send(std::slice::from_mut(message)).await;
        message.result.take().unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::Backend,
                "the backend left a message without a result",
            ))
        })
    }

    fn check(&self, options: &Options, message: &Message) -> Result<(), Error> {
        let capabilities = self.backend.capabilities();
        let unsupported = |what: &str| {
            let text = format!("{what} on {}", capabilities.name);
            Err(Error::new(ErrorKind::Unsupported, text))
        };
        if options.get_after().is_some() && !capabilities.delayed {
            return unsupported("`after` is not there");
        }
        if !message.headers.is_empty() && !capabilities.headers {
            return unsupported("headers are not there");
        }
        let (size, limit) = (message.size(), capabilities.max_payload);
        if size > limit {
            let text = format!("{size} bytes, where {limit} may be sent");
            return Err(Error::new(ErrorKind::TooLarge, text));
        }
        Ok(())
    }

    async fn send_encoded(
        &self,
        wire: &'static str,
        known: Arc<Known>,
        encoded: Encoded,
        topology: impl Fn() -> Topology,
    ) -> Result<(), SendError> {
        let (after, limit) = (
            encoded.options.get_after(),
            encoded.options.get_deadline().unwrap_or(CONFIRM),
        );
        let message = message(&encoded)
            .and_then(|it| self.check(&encoded.options, &it).map(|()| it))
            .map_err(|error| send_error(wire, error))?;
        let mut outgoing = Outgoing::new(known.address.clone(), message);
        outgoing.after = after;
        let delivering = self.deliver((wire, known), topology, outgoing);
        match timeout(limit, delivering).await {
            Ok(result) => result.map_err(|error| send_error(wire, error)),
            Err(_) => Err(SendError::new(SendErrorKind::TimedOut, wire)
                .with_source(format!("no confirmation within {limit:?}"))),
        }
    }
}

impl BrokerPort for QueuePort {
    fn send(
        &self,
        queue: &'static QueueMeta,
        message: Encoded,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            check_priority(queue, &message.options)?;
            let known = self.known(queue.wire(), Address::Queue);
            self.send_encoded(queue.wire(), known, message, || topology::of_queue(queue))
                .await
        })
    }

    fn publish(
        &self,
        exchange: &'static ExchangeMeta,
        message: Encoded,
    ) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            let known = self.known(exchange.wire(), Address::Exchange);
            let topology = || topology::of_exchange(exchange);
            self.send_encoded(exchange.wire(), known, message, topology)
                .await
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async move {
            if self.owns {
                close("broker", self.backend.close()).await?;
            }
            Ok(())
        })
    }
}

/// What the closing of a connection came to.
pub(crate) async fn close(
    role: &str,
    closing: impl Future<Output = Result<(), Error>>,
) -> Result<(), SendError> {
    match timeout(CLOSE, closing).await {
        Ok(closed) => closed.map_err(|error| send_error(role, error)),
        Err(_) => Err(SendError::new(SendErrorKind::TimedOut, role)
            .with_source(format!("not closed within {CLOSE:?}"))),
    }
}

fn check_priority(queue: &'static QueueMeta, options: &Options) -> Result<(), SendError> {
    let wanted = options.get_priority().unwrap_or(0);
    match queue.max_priority() {
        Some(max) if wanted > max => Err(SendError::new(SendErrorKind::Invalid, queue.wire())
            .with_source(format!("priority {wanted} is above `max_priority` {max}"))),
        None if wanted > 0 => Err(SendError::new(SendErrorKind::Unsupported, queue.wire())
            .with_source("the queue declares no `max_priority`")),
        _ => Ok(()),
    }
}

/// The raw message of an encoded one.
fn message(encoded: &Encoded) -> Result<Message, Error> {
    let mut message = Message::new(encoded.body.clone());
    message.headers = headers(&encoded.options)?;
    message.routing_key = encoded.routing_key.as_deref().map(Arc::from);
    message.partition_key.clone_from(&encoded.partition_key);
    message.priority = encoded.options.get_priority().unwrap_or(0);
    Ok(message)
}

fn headers(options: &Options) -> Result<Headers, Error> {
    let mut headers = Headers::default();
    for (name, value) in options.headers() {
        headers.insert(name, value)?;
    }
    Ok(headers)
}

/// What a sender is told of an error of the backend.
pub(crate) fn send_error(wire: &str, error: Error) -> SendError {
    let kind = match error.kind() {
        ErrorKind::Invalid => SendErrorKind::Invalid,
        ErrorKind::TooLarge => SendErrorKind::TooLarge,
        ErrorKind::Unroutable | ErrorKind::NotFound => SendErrorKind::Unroutable,
        ErrorKind::Full => SendErrorKind::Full,
        ErrorKind::Mismatch | ErrorKind::Unsupported => SendErrorKind::Unsupported,
        ErrorKind::Timeout => SendErrorKind::TimedOut,
        ErrorKind::Closed => SendErrorKind::Closed,
        _ => SendErrorKind::Unavailable,
    };
    SendError::new(kind, wire).with_source(error)
}

/// A bus port that others know by this name. Whoever made it closes it.
pub(crate) fn bus_port(bus: &Arc<dyn BusBackend>, name: &Arc<str>) -> Arc<dyn BusPort> {
    let asker = Asker::new(Arc::clone(bus), Arc::clone(name));
    Arc::new(AskPort::new(asker, None))
}

/// The same, on a connection that nobody else uses.
pub(crate) fn own_bus_port(bus: &Arc<dyn BusBackend>, name: &Arc<str>) -> Arc<dyn BusPort> {
    let asker = Asker::new(Arc::clone(bus), Arc::clone(name));
    Arc::new(AskPort::new(asker, Some(Arc::clone(bus))))
}

/// A broker port.
pub(crate) fn broker_port(broker: &Arc<dyn BrokerBackend>) -> Arc<dyn BrokerPort> {
    Arc::new(QueuePort::new(Arc::clone(broker), false))
}

/// The same, on a connection that nobody else uses.
pub(crate) fn own_broker_port(broker: &Arc<dyn BrokerBackend>) -> Arc<dyn BrokerPort> {
    Arc::new(QueuePort::new(Arc::clone(broker), true))
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        Self::new(kind_of(error.kind()), "a message was not sent").with_source(error)
    }
}

/// The runtime's kind of a sender's.
pub(crate) fn kind_of(kind: SendErrorKind) -> ErrorKind {
    match kind {
        SendErrorKind::Invalid => ErrorKind::Invalid,
        SendErrorKind::TooLarge => ErrorKind::TooLarge,
        SendErrorKind::Unsupported => ErrorKind::Unsupported,
        SendErrorKind::Unroutable => ErrorKind::Unroutable,
        SendErrorKind::Full => ErrorKind::Full,
        SendErrorKind::TimedOut => ErrorKind::Timeout,
        SendErrorKind::Closed => ErrorKind::Closed,
        _ => ErrorKind::Unavailable,
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let kind = match error.kind() {
            CallErrorKind::NobodyListens => ErrorKind::Unroutable,
            CallErrorKind::TimedOut => ErrorKind::Timeout,
            CallErrorKind::Failed => ErrorKind::Failed,
            CallErrorKind::Undecodable => ErrorKind::Invalid,
            _ => {
                let unsent = error.send_error().map(SendError::kind);
                unsent.map_or(ErrorKind::Unavailable, kind_of)
            }
        };
        Self::new(kind, "a question was not answered").with_source(error)
    }
}
