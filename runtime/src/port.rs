//! The ports over backends: what handles and contexts send goes through here. Owns the checks that no
//! backend should have to make; knows no payload type.

use std::sync::Arc;
use std::time::Duration;

use microagent_contract::meta::{ExchangeMeta, QueueMeta};
use microagent_contract::{
    BoxFuture, BrokerPort, BusPort, CallError, CallErrorKind, Options, Outgoing as Encoded,
    SendError, SendErrorKind, Wait,
};
use tokio::time::timeout;

use crate::broker::BrokerBackend;
use crate::bus::BusBackend;
use crate::error::{Error, ErrorKind};
use crate::message::{Headers, Message, Outgoing};
use crate::rpc::{AskPort, Asker, AskerMonitor};
use crate::turns::may_go_on;

use self::channels::{Channel, Channels, Known};

mod channels;

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
    known: Channels,
}

impl QueuePort {
    fn new(backend: Arc<dyn BrokerBackend>, owns: bool) -> Self {
        Self {
            backend,
            owns,
            known: Channels::default(),
        }
    }

    /// Sends, and once more where somebody has deleted what was declared.
    async fn deliver(&self, known: &Known, mut message: Outgoing) -> Result<(), Error> {
        if known.declared() == 0 {
            known.declare(&*self.backend, 0).await?;
        }
        let declared = known.declared();
        match self.try_deliver(&mut message).await {
            Err(error) if known.channel.may_be_gone(&error) => {
                self.deliver_again((known, declared), message).await
            }
            result => result,
        }
    }

    /// Declares what is gone unless somebody has since, and sends what was not taken.
    async fn deliver_again(
        &self,
        (known, declared): (&Known, u64),
        mut message: Outgoing,
    ) -> Result<(), Error> {
        known.declare(&*self.backend, declared).await?;
        self.try_deliver(&mut message).await
    }

    async fn try_deliver(&self, message: &mut Outgoing) -> Result<(), Error> {
        self.backend.send(std::slice::from_mut(message)).await;
        result_of(message)
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

    /// Sends at once where the channel is declared and the backend need not wait, and else in a future.
    fn send_encoded(&self, channel: Channel, encoded: Encoded) -> Wait<'_, Result<(), SendError>> {
        let wire = channel.wire();
        let limit = encoded.options.get_deadline().unwrap_or(CONFIRM);
        let known = self.known.get(channel);
        let mut outgoing = match self.outgoing(known, encoded) {
            Ok(outgoing) => outgoing,
            Err(error) => return Wait::ready(Err(send_error(wire, error))),
        };
        let declared = known.declared();
        let mut gone = false;
        // A loop of sends that are ready at once would otherwise hold its thread, and with it the consumers there.
        if declared > 0 && may_go_on() && self.backend.send_now(&mut outgoing) {
            match result_of(&mut outgoing) {
                Err(error) if channel.may_be_gone(&error) => gone = true,
                result => return Wait::ready(result.map_err(|error| send_error(wire, error))),
            }
        }
        Wait::later(async move {
            tokio::task::coop::consume_budget().await;
            let delivering = async {
                if gone {
                    self.deliver_again((known, declared), outgoing).await
                } else {
                    self.deliver(known, outgoing).await
                }
            };
            match timeout(limit, delivering).await {
                Ok(result) => result.map_err(|error| send_error(wire, error)),
                Err(_) => Err(SendError::new(SendErrorKind::TimedOut, wire)
                    .with_source(format!("no confirmation within {limit:?}"))),
            }
        })
    }

    fn outgoing(&self, known: &Known, encoded: Encoded) -> Result<Outgoing, Error> {
        let mut message = Message::new(encoded.body);
        message.headers = headers(&encoded.options)?;
        message.routing_key = encoded.routing_key.map(Arc::from);
        message.partition_key = encoded.partition_key;
        message.priority = encoded.options.get_priority().unwrap_or(0);
        self.check(&encoded.options, &message)?;
        let mut outgoing = Outgoing::new(known.address.clone(), message);
        outgoing.after = encoded.options.get_after();
        Ok(outgoing)
    }
}

impl BrokerPort for QueuePort {
    fn send(&self, queue: &'static QueueMeta, message: Encoded) -> Wait<'_, Result<(), SendError>> {
        match check_priority(queue, &message.options) {
            Ok(()) => self.send_encoded(Channel::Queue(queue), message),
            Err(error) => Wait::ready(Err(error)),
        }
    }

    fn publish(
        &self,
        exchange: &'static ExchangeMeta,
        message: Encoded,
    ) -> Wait<'_, Result<(), SendError>> {
        self.send_encoded(Channel::Exchange(exchange), message)
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

/// What the backend said of a message.
fn result_of(outgoing: &mut Outgoing) -> Result<(), Error> {
    outgoing.result.take().unwrap_or_else(|| {
        let message = "the backend left a message without a result";
        Err(Error::new(ErrorKind::Backend, message))
    })
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

/// The port of an agent, and who looks at what it asks. Whoever made it closes it.
pub(crate) fn asking_port(
    bus: &Arc<dyn BusBackend>,
    name: &Arc<str>,
) -> (Arc<dyn BusPort>, AskerMonitor) {
    let asker = Asker::new(Arc::clone(bus), Arc::clone(name));
    let monitor = asker.monitor();
    (Arc::new(AskPort::new(asker, None)), monitor)
}

/// A bus port that others know by this name. Whoever made it closes it.
pub(crate) fn bus_port(bus: &Arc<dyn BusBackend>, name: &Arc<str>) -> Arc<dyn BusPort> {
    asking_port(bus, name).0
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
