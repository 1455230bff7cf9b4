//! The connection of one process to broker and bus. What passes it takes its time, is written down, and is cut when the
//! process is killed: from then on nothing the process does has an effect. Knows no agents.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::core::Core;
use crate::backend::memory::Memory;
use crate::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Inspect, Settled, Settlement, Topology,
    Verdict,
};
use crate::error::{Error, ErrorKind};
use crate::message::{BoxFuture, Delivery, Message, Outgoing, Tag, Wait};

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) core: Arc<Core>,
    /// Of the process, with the number of its start.
    pub(super) name: Arc<str>,
    pub(super) memory: Arc<Memory>,
    cut: Arc<watch::Sender<bool>>,
}

impl Link {
    pub(super) fn new(core: &Arc<Core>, name: Arc<str>) -> Self {
        Self {
            memory: Arc::new(core.memory.clone()),
            core: Arc::clone(core),
            name,
            cut: Arc::new(watch::channel(false).0),
        }
    }

    /// The process is gone.
    pub(super) fn cut(&self) {
        self.cut.send_replace(true);
    }

    pub(super) fn is_cut(&self) -> bool {
        *self.cut.borrow()
    }

    /// One way to the broker, or back. Never ends for a process that is gone.
    pub(super) async fn travel(&self) {
        self.core.travel().await;
        if self.is_cut() {
            std::future::pending::<()>().await;
        }
    }
}

impl BrokerBackend for Link {
    fn capabilities(&self) -> &Capabilities {
        BrokerBackend::capabilities(&*self.memory)
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            self.travel().await;
            let declared = self.memory.declare(topology).await;
            if declared.is_ok() {
                self.core.books().declare(topology);
            }
            self.travel().await;
            declared
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        Wait::later(async move {
            self.travel().await;
            self.memory.send(batch).await;
            for outgoing in &*batch {
                self.book_send(outgoing);
            }
            self.travel().await;
        })
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async move {
            self.travel().await;
            let inner = self.memory.consume(queue, options).await?;
            let consumer = LinkedConsumer {
                link: self.clone(),
                queue: Arc::clone(queue),
                held: Mutex::default(),
                inner: Some(inner),
            };
            self.travel().await;
            Ok(Box::new(consumer) as Box<dyn Consumer>)
        })
    }

    fn inspect(&self) -> Option<&dyn Inspect> {
        self.memory.inspect()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async move {
            if self.is_cut() {
                return Ok(());
            }
            BrokerBackend::close(&*self.memory).await
        })
    }
}

impl Link {
    /// A send whose confirmation was lost arrived all the same, which memory says by a timeout.
    fn book_send(&self, outgoing: &Outgoing) {
        let message = &outgoing.message;
        let result = outgoing.result.as_ref();
        let arrived = result.is_some_and(|it| match it {
            Ok(()) => true,
            Err(error) => error.kind() == ErrorKind::Timeout,
        });
        if arrived {
            self.core.books().stored(&outgoing.to, message);
        }
        let (name, to, id) = (&self.name, outgoing.to.name(), &message.id);
        self.core.count("messages sent");
        match result {
            Some(Ok(())) => self.core.note(format_args!("{name} sends {to} {id}")),
            Some(Err(error)) => {
                self.core.count(if arrived {
                    "confirmations lost"
                } else {
                    "sends refused"
                });
                let kind = error.kind();
                self.core
                    .note(format_args!("{name} sends {to} {id}: {kind:?}"));
            }
            None => self
                .core
                .note(format_args!("{name} sends {to} {id}: no result")),
        }
    }
}

/// A consumer of a process.
#[derive(Debug)]
struct LinkedConsumer {
    link: Link,
    queue: Arc<str>,
    /// What was delivered, so that a settlement is known by its message.
    held: Mutex<BTreeMap<Tag, Arc<Message>>>,
    /// None once it was dropped.
    inner: Option<Box<dyn Consumer>>,
}

impl LinkedConsumer {
    fn inner(&self) -> &dyn Consumer {
        let inner = self.inner.as_deref();
        inner.expect("it is taken when it is dropped, and not before")
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Tag, Arc<Message>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn book_delivery(&self, delivery: &Delivery) {
        let (core, name, queue) = (&self.link.core, &self.link.name, &self.queue);
        let (id, attempt) = (&delivery.message.id, delivery.attempt);
        core.note(format_args!(
            "{name} is given {queue} {id} attempt {attempt}"
        ));
        core.count("deliveries");
        if attempt > 1 {
            core.count("redeliveries");
        }
        core.books().delivered(queue, delivery);
        let message = Arc::clone(&delivery.message);
        self.held().insert(delivery.tag, message);
    }

    /// Settles one after the other, so that it is known which one was late.
    async fn settle_each(&self, batch: &mut Vec<Settlement>) -> Result<Settled, Error> {
        let mut all = Settled::default();
        while !batch.is_empty() {
            if self.link.core.loses_settlement() {
                self.link.core.count("settlements lost");
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "the settlement was lost",
                ));
            }
            let Settlement { tag, verdict } = batch.remove(0);
            let told = copy(&verdict);
            let mut one = vec![Settlement { tag, verdict }];
            let settled = self.inner().settle(&mut one).await?;
            all.late += settled.late;
            self.book_settlement(tag, &told, settled.late > 0);
        }
        Ok(all)
    }

    fn book_settlement(&self, tag: Tag, verdict: &Verdict, late: bool) {
        let (core, name, queue) = (&self.link.core, &self.link.name, &self.queue);
        let Some(message) = self.held().remove(&tag) else {
            return;
        };
        let id = &message.id;
        let word = match verdict {
            Verdict::Ack => "ack",
            Verdict::Retry { .. } => "retry",
            Verdict::Return => "return",
            Verdict::DeadLetter(_) => "dead-letter",
        };
        if late {
            core.count("late settlements");
            return core.note(format_args!("{name} settles {queue} {id} too late: {word}"));
        }
        core.count(match verdict {
            Verdict::Ack => "acks",
            Verdict::Retry { .. } => "retries",
            Verdict::Return => "returns",
            Verdict::DeadLetter(_) => "dead letters",
        });
        core.note(format_args!("{name} settles {queue} {id}: {word}"));
        core.books().settled(queue, &message, verdict);
    }
}

fn copy(verdict: &Verdict) -> Verdict {
    match verdict {
        Verdict::Ack => Verdict::Ack,
        Verdict::Retry { after, counted } => Verdict::Retry {
            after: *after,
            counted: *counted,
        },
        Verdict::Return => Verdict::Return,
        Verdict::DeadLetter(cause) => Verdict::DeadLetter(cause.clone()),
    }
}

impl Consumer for LinkedConsumer {
    fn next<'a>(
        &'a self,
        limit: usize,
        into: &'a mut Vec<Delivery>,
    ) -> Wait<'a, Result<(), Error>> {
        Wait::later(async move {
            self.link.travel().await;
            let before = into.len();
            let result = self.inner().next(limit, into).await;
            for delivery in &into[before..] {
                self.book_delivery(delivery);
            }
            // What stands in `into` counts as delivered, whether the wait goes on or not.
            self.link.travel().await;
            result
        })
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled, Error>> {
        Wait::later(async move {
            self.link.travel().await;
            let settled = self.settle_each(batch).await;
            self.link.travel().await;
            settled
        })
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<(), Error>> {
        Wait::later(async move {
            self.link.travel().await;
            self.inner().renew(held).await
        })
    }

    fn stop(&self) -> Wait<'_, Result<(), Error>> {
        Wait::later(async move {
            self.link.travel().await;
            self.inner().stop().await
        })
    }

    fn is_attached(&self) -> bool {
        self.inner().is_attached()
    }
}

impl Drop for LinkedConsumer {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take()
            && self.link.is_cut()
        {
            self.link.core.bury_half_open(inner);
        }
    }
}
