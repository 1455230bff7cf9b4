//! What a handler is given beside its payload: where it can send, what it can know of the message, and whether the run
//! ends. Generated contexts wrap it and add the senders that the agent declared.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use microagent_contract::{BrokerPort, BusPort, Port, Ports};

use crate::bus::Received;
use crate::busy::Busy;
use crate::clock::Clock;
use crate::info::Overview;
use crate::message::{self, Headers, Message, MessageId};
use crate::stop::{Stop, Stopper};
use crate::watchdog::{Board, Watched};

/// What a handler is given beside its payload. Generated contexts dereference to it.
#[derive(Clone)]
pub struct Context {
    shared: Link,
    message: MessageInfo,
    /// Of a server: whether it has ever asked for the end of the run.
    minds: Option<Arc<AtomicBool>>,
}

/// A way to what contexts share, which keeps the agent busy where it belongs to something that comes to an end by
/// itself, or to whatever a handler gave a clone to.
struct Link {
    shared: Arc<Shared>,
    busy: bool,
}

impl Link {
    fn new(shared: &Arc<Shared>, busy: bool) -> Self {
        if busy {
            shared.busy.begin();
        }
        let shared = Arc::clone(shared);
        Self { shared, busy }
    }
}

impl Clone for Link {
    fn clone(&self) -> Self {
        Self::new(&self.shared, self.busy)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.busy {
            self.shared.busy.end();
        }
    }
}

impl Deref for Link {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

/// What all contexts of one agent share.
pub(crate) struct Shared {
    pub(crate) agent: Arc<str>,
    pub(crate) bus: Arc<dyn BusPort>,
    pub(crate) broker: Arc<dyn BrokerPort>,
    pub(crate) clock: Clock,
    pub(crate) stop: Stop,
    pub(crate) stopper: Arc<Stopper>,
    pub(crate) grace: Duration,
    pub(crate) busy: Busy,
    pub(crate) board: Arc<Board>,
    pub(crate) overview: Arc<Overview>,
}

#[cfg(test)]
impl Shared {
    /// What a test needs that sends nothing.
    pub(crate) fn detached(clock: Clock, stop: &Stop, stopper: &Arc<Stopper>) -> Arc<Self> {
        let recorder = Arc::new(microagent_contract::Recorder::new());
        Arc::new(Self {
            agent: "test.Agent".into(),
            bus: Arc::clone(&recorder) as _,
            broker: recorder,
            clock,
            stop: stop.clone(),
            stopper: Arc::clone(stopper),
            grace: Duration::from_secs(25),
            busy: Busy::default(),
            board: Arc::default(),
            overview: Arc::new(Overview::empty(stop)),
        })
    }
}

impl Shared {
    /// A line of the agent, or a hook, as the watchdog knows it.
    pub(crate) fn watched(&self, method: &'static str) -> Watched {
        self.board.line(&self.agent, method)
    }
}

impl Context {
    /// The context of a hook.
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Link::new(shared, false),
            message: MessageInfo::none(),
            minds: None,
        }
    }

    /// The context of a server, which tells by `minds` whether it ends by itself.
    pub(crate) fn server(shared: &Arc<Shared>, minds: &Arc<AtomicBool>) -> Self {
        Self {
            minds: Some(Arc::clone(minds)),
            ..Self::new(shared)
        }
    }

    /// The context of a run of a schedule, or of a batch.
    pub(crate) fn busy(shared: &Arc<Shared>) -> Self {
        Self::of(shared, MessageInfo::none())
    }

    /// The context of a handler of this message.
    pub(crate) fn of(shared: &Arc<Shared>, message: MessageInfo) -> Self {
        Self {
            shared: Link::new(shared, true),
            message,
            minds: None,
        }
    }

    /// What is known of the message that is handled. In hooks, schedules and servers, where there is none: a first
    /// attempt with no headers.
    pub fn message(&self) -> &MessageInfo {
        &self.message
    }

    /// The agent, as its schema names it: `mail_service.MailAgent`.
    pub fn agent(&self) -> &str {
        &self.shared.agent
    }

    /// The time of day. In tests it follows the paused clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.clock.now()
    }

    /// Whether the run ends: no new message comes, and what is handled should come to its end.
    pub fn is_stopping(&self) -> bool {
        self.mind();
        self.shared.stop.is_draining()
    }

    /// Ready when the run ends: `tokio::select!` a server's loop with it, and return `Ok(())`. Cancel safe.
    ///
    /// A server that has asked for it may finish what it does, within the deadline of the run. One that has not is cancelled
    /// as soon as the handlers have finished.
    pub async fn stopping(&self) {
        self.mind();
        self.shared.stop.draining().await;
    }

    fn mind(&self) {
        if let Some(minds) = &self.minds {
            minds.store(true, Ordering::Relaxed);
        }
    }

    /// Whether every agent of the run handles messages and all that they declare is attached now: what `/ready` of an
    /// embedded server answers.
    ///
    /// False before, while a consumer or a listener has lost its connection, and from the moment on at which the run ends.
    pub fn is_ready(&self) -> bool {
        self.shared.overview.is_ready()
    }

    /// What can be seen of the run, as JSON: see [`Running::info`](crate::Running::info).
    pub fn info(&self) -> serde_json::Value {
        self.shared.overview.to_json()
    }

    /// Ends the run as a first SIGTERM does: all agents of the process stop gracefully. Comes back at once.
    pub fn stop(&self) {
        self.shared.stopper.drain(self.shared.grace);
    }
}

/// May send nothing by itself: what an agent may send is said by its generated context.
impl Port for Context {
    fn ports(&self) -> Ports<'_> {
        Ports::new(&*self.shared.bus, &*self.shared.broker)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("agent", &self.shared.agent)
            .field("message", &self.message)
            .field("busy", &self.shared.busy)
            .finish_non_exhaustive()
    }
}

/// What is known of a message beside its payload.
#[derive(Clone, Debug)]
pub struct MessageInfo {
    message: Option<Arc<Message>>,
    attempt: u32,
    first_seen: Option<SystemTime>,
    sender: Option<Arc<str>>,
}

impl MessageInfo {
    fn none() -> Self {
        Self {
            message: None,
            attempt: 1,
            first_seen: None,
            sender: None,
        }
    }

    /// Of a message from a queue.
    pub(crate) fn delivered(delivery: message::Delivery) -> Self {
        Self {
            message: Some(delivery.message),
            attempt: delivery.attempt,
            first_seen: Some(delivery.first_seen),
            sender: None,
        }
    }

    /// Of a signal or a call.
    pub(crate) fn received(received: Received) -> Self {
        Self {
            message: Some(received.message),
            sender: Some(received.sender),
            ..Self::none()
        }
    }

    /// Its payload as it came; empty where there is none.
    pub(crate) fn body(&self) -> &[u8] {
        self.message.as_deref().map_or(&[], |it| &it.body)
    }

    /// Its id: the same over retries, copies and redrives, so that a handler can find duplicates by it.
    pub fn id(&self) -> Option<&MessageId> {
        self.message.as_deref().map(|it| &it.id)
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the broker first had it; none for signals and calls.
    pub fn first_seen(&self) -> Option<SystemTime> {
        self.first_seen
    }

    /// What its sender put beside the payload.
    pub fn headers(&self) -> &Headers {
        const NONE: &Headers = &Headers::NONE;
        self.message.as_deref().map_or(NONE, |it| &it.headers)
    }

    /// The key by which a routed exchange brought it.
    pub fn routing_key(&self) -> Option<&str> {
        self.message.as_deref()?.routing_key.as_deref()
    }

    /// The agent that emitted or asked; none for messages of queues.
    pub fn sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }
}
