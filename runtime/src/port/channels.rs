//! What a port has sent to: its address, and whether it was declared. A send finds it without a lock and without a count of
//! references, since nothing that was sent to is forgotten; contracts name few channels. Knows no messages.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use microagent_contract::meta::{ExchangeMeta, QueueMeta};
use tokio::sync::Mutex;

use crate::broker::{BrokerBackend, Topology};
use crate::error::{Error, ErrorKind};
use crate::message::Address;
use crate::topology;

/// What a sender names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Channel {
    Queue(&'static QueueMeta),
    Exchange(&'static ExchangeMeta),
}

/// All that a port has sent to, in the order of the first sends.
#[derive(Debug, Default)]
pub(super) struct Channels(OnceLock<Box<Known>>);

/// A queue or an exchange that was sent to.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) channel: Channel,
    pub(super) address: Address,
    /// How often it was declared: before the first message, and whenever it turned out to be gone.
    declared: AtomicU64,
    /// Held by who declares it.
    declaring: Mutex<()>,
    next: Channels,
}

impl Channel {
    pub(super) fn wire(self) -> &'static str {
        match self {
            Self::Queue(queue) => queue.wire(),
            Self::Exchange(exchange) => exchange.wire(),
        }
    }

    /// Whether this is what a sender is told where something of the channel was deleted. An exchange without a queue of its
    /// own has nothing that a sender could bind again.
    pub(super) fn may_be_gone(self, error: &Error) -> bool {
        let bound = match self {
            Self::Queue(_) => false,
            Self::Exchange(exchange) => !exchange.queues().is_empty(),
        };
        error.kind() == ErrorKind::NotFound || bound && error.kind() == ErrorKind::Unroutable
    }

    fn address(self) -> Address {
        let name = self.wire().into();
        match self {
            Self::Queue(_) => Address::Queue(name),
            Self::Exchange(_) => Address::Exchange(name),
        }
    }

    fn topology(self) -> Topology {
        match self {
            Self::Queue(queue) => topology::of_queue(queue),
            Self::Exchange(exchange) => topology::of_exchange(exchange),
        }
    }

    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Queue(_), Self::Exchange(_)) | (Self::Exchange(_), Self::Queue(_)) => false,
            _ => self.wire() == other.wire(),
        }
    }
}

impl Channels {
    /// What is known of a channel, from its first send on.
    pub(super) fn get(&self, channel: Channel) -> &Known {
        let mut place = self;
        loop {
            let known = place.0.get_or_init(|| Box::new(Known::new(channel)));
            if known.channel.is(channel) {
                return known;
            }
            place = &known.next;
        }
    }
}

impl Known {
    fn new(channel: Channel) -> Self {
        Self {
            channel,
            address: channel.address(),
            declared: AtomicU64::new(0),
            declaring: Mutex::default(),
            next: Channels::default(),
        }
    }

    /// How often it was declared so far.
    pub(super) fn declared(&self) -> u64 {
        self.declared.load(Ordering::Acquire)
    }

    /// Declares it, unless that was done since it had been `declared` so often: by the first who finds out that it is gone,
    /// and by nobody twice.
    pub(super) async fn declare(
        &self,
        backend: &dyn BrokerBackend,
        declared: u64,
    ) -> Result<(), Error> {
        let _turn = self.declaring.lock().await;
        if self.declared() == declared {
            backend.declare(&self.channel.topology()).await?;
            self.declared.store(declared + 1, Ordering::Release);
        }
        Ok(())
    }
}
