//! A connection to a broker and a consumer on it, as cases use them.

use std::sync::Arc;
use std::time::Duration;

use super::{LOOK, PATIENCE, becomes};
use crate::broker::{
    Binding, BrokerBackend, Capabilities, Cause, ConsumeOptions, Consumer, DeadLetter,
    ExchangeDeclaration, ExchangeKind, Inspect, QueueCounts, QueueDeclaration, Reason, Settlement,
    Topology, Verdict,
};
use crate::error::{Error, ErrorKind};
use crate::message::{Address, Delivery, Message, Outgoing};

/// A connection.
#[derive(Clone)]
pub(crate) struct Broker(pub(in crate::testing::suite) Arc<dyn BrokerBackend>);

impl Broker {
    pub(super) fn new(backend: Arc<dyn BrokerBackend>) -> Self {
        Self(backend)
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    pub(crate) async fn declare(&self, topology: &Topology) -> Result<(), Error> {
        self.0.declare(topology).await
    }

    pub(crate) async fn queues(&self, queues: Vec<QueueDeclaration>) {
        let topology = Topology {
            queues,
            ..Topology::default()
        };
        self.declare(&topology).await.expect("queues are declared");
    }

    /// A queue with nothing particular.
    pub(crate) async fn queue(&self, name: &str) {
        self.queues(vec![QueueDeclaration::new(name)]).await;
    }

    pub(crate) async fn send(&self, mut outgoing: Outgoing) -> Result<(), Error> {
        self.0.send(std::slice::from_mut(&mut outgoing)).await;
        outgoing
            .result
            .expect("a message that was sent has a result")
    }

    /// The kind of the error, for comparisons.
    pub(crate) async fn try_send(&self, it: Outgoing) -> Result<(), ErrorKind> {
        self.send(it).await.map_err(|it| it.kind())
    }

    /// Each body as a message of its own, one after the other.
    pub(crate) async fn put(&self, queue: &str, bodies: &[&str]) {
        for body in bodies {
            let sent = self.send(to_queue(queue, body)).await;
            sent.expect("a message is sent");
        }
    }

    /// All in one batch.
    pub(crate) async fn send_batch(&self, mut batch: Vec<Outgoing>) {
        self.0.send(&mut batch).await;
        for outgoing in batch {
            let result = outgoing.result.expect("each of a batch has a result");
            result.expect("each of a batch is sent");
        }
    }

    /// The numbers below that as bodies, in one batch.
    pub(crate) async fn put_numbers(&self, queue: &str, below: usize) {
        let to = |number: usize| to_queue(queue, &number.to_string());
        self.send_batch((0..below).map(to).collect()).await;
    }

    /// An attached consumer.
    pub(crate) async fn worker(&self, queue: &str, prefetch: usize) -> Worker {
        let attached = self.try_worker(queue, prefetch).await;
        attached.expect("a consumer attaches")
    }

    pub(crate) async fn try_worker(&self, queue: &str, prefetch: usize) -> Result<Worker, Error> {
        let options = ConsumeOptions {
            prefetch,
            name: "suite".into(),
        };
        let consumer = self.0.consume(&queue.into(), &options).await?;
        Ok(Worker(consumer))
    }

    /// For cases that need it.
    pub(crate) fn inspect(&self) -> &dyn Inspect {
        self.0.inspect().expect("the case needs it")
    }

    pub(crate) async fn counts(&self, queue: &str) -> QueueCounts {
        let counts = self.inspect().counts(queue).await;
        counts.expect("a queue can be counted")
    }

    /// Waits until the counts are so; nothing where the backend can't look.
    pub(crate) async fn counts_become(&self, queue: &str, holds: impl Fn(&QueueCounts) -> bool) {
        if self.0.inspect().is_none() {
            return;
        }
        let began = tokio::time::Instant::now();
        loop {
            let counts = self.counts(queue).await;
            if holds(&counts) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "`{queue}` stays at {counts:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    pub(crate) async fn dead_letters(&self, queue: &str) -> Vec<DeadLetter> {
        let letters = self.inspect().dead_letters(queue, 1000).await;
        letters.expect("dead letters can be read")
    }

    pub(crate) async fn close(&self) {
        self.0.close().await.expect("it closes");
    }

    /// After this, what nobody renewed has gone to others.
    pub(crate) fn past_lease(&self) -> Duration {
        self.capabilities().lease.unwrap_or_default() * 3 / 2 + Duration::from_millis(500)
    }
}

/// An attached consumer; dropping it is a crash.
pub(crate) struct Worker(pub(in crate::testing::suite) Box<dyn Consumer>);

impl Worker {
    /// What comes next, at least one and at most that many.
    pub(crate) async fn next(&self, limit: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        let next = tokio::time::timeout(PATIENCE, self.0.next(limit, &mut deliveries)).await;
        next.expect("a message comes")
            .expect("the consumer goes on");
        assert!(
            (1..=limit).contains(&deliveries.len()),
            "asked for {limit}: {deliveries:?}"
        );
        deliveries
    }

    /// The next so many, however they come.
    pub(crate) async fn take(&self, count: usize) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < count {
            let next = self.0.next(count - deliveries.len(), &mut deliveries);
            let next = tokio::time::timeout(PATIENCE, next).await;
            let Ok(next) = next else {
                let came = deliveries.len();
                panic!("{came} of {count} messages came");
            };
            next.expect("the consumer goes on");
        }
        assert_eq!(deliveries.len(), count, "no more than asked for");
        deliveries
    }

    pub(crate) async fn take_one(&self) -> Delivery {
        self.take(1).await.remove(0)
    }

    /// Whatever comes before the queue has been silent for that long.
    pub(crate) async fn comes_within(&self, silence: Duration) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while let Ok(next) = tokio::time::timeout(silence, self.0.next(1000, &mut deliveries)).await
        {
            next.expect("the consumer goes on");
        }
        deliveries
    }

    pub(crate) async fn nothing_comes(&self, within: Duration) {
        let came = self.comes_within(within).await;
        assert!(came.is_empty(), "nothing should come: {came:?}");
    }

    /// How many were late: 0 or 1.
    pub(crate) async fn settle(&self, it: &Delivery, verdict: Verdict) -> usize {
        let tag = it.tag;
        self.settle_batch(vec![Settlement { tag, verdict }]).await
    }

    pub(crate) async fn settle_batch(&self, mut batch: Vec<Settlement>) -> usize {
        let settled = self.0.settle(&mut batch).await.expect("it settles");
        assert!(batch.is_empty(), "what is settled is taken out: {batch:?}");
        settled.late
    }

    /// Acknowledges what is held.
    pub(crate) async fn ack(&self, it: &Delivery) {
        let late = self.settle(it, Verdict::Ack).await;
        assert_eq!(late, 0, "what is held can be acknowledged: {it:?}");
    }

    pub(crate) async fn ack_all(&self, deliveries: &[Delivery]) {
        let settlement = |it: &Delivery| Settlement {
            tag: it.tag,
            verdict: Verdict::Ack,
        };
        let late = self
            .settle_batch(deliveries.iter().map(settlement).collect())
            .await;
        assert_eq!(late, 0, "what is held can be acknowledged");
    }

    /// Takes that many and acknowledges each.
    pub(crate) async fn take_and_ack(&self, count: usize) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let deliveries = self.next(count - taken.len()).await;
            self.ack_all(&deliveries).await;
            taken.extend(deliveries);
        }
        taken
    }

    pub(crate) async fn stop(&self) {
        self.0.stop().await.expect("it stops");
    }

    /// Nothing comes any more, and the reason is that.
    pub(crate) async fn has_ended(&self) {
        let ended = tokio::time::timeout(PATIENCE, self.0.next(1, &mut Vec::new())).await;
        let ended = ended.expect("it ends without a wait");
        let kind = ended.expect_err("it has ended").kind();
        assert_eq!(kind, ErrorKind::Closed);
    }

    pub(crate) async fn is_attached_again(&self) {
        becomes("the consumer attaches again", async || self.0.is_attached()).await;
    }
}

pub(crate) fn queue(name: &str, change: impl FnOnce(&mut QueueDeclaration)) -> QueueDeclaration {
    let mut declaration = QueueDeclaration::new(name);
    change(&mut declaration);
    declaration
}

/// An exchange with these queues on it, of which none has anything particular.
pub(crate) fn fan(exchange: &str, queues: &[&str]) -> Topology {
    Topology {
        queues: queues.iter().map(|it| QueueDeclaration::new(*it)).collect(),
        exchanges: vec![ExchangeDeclaration {
            name: exchange.into(),
            kind: ExchangeKind::Fanout,
        }],
        bindings: queues
            .iter()
            .map(|it| Binding {
                exchange: exchange.into(),
                queue: (*it).into(),
                pattern: None,
            })
            .collect(),
    }
}

pub(crate) fn to_queue(name: &str, body: &str) -> Outgoing {
    let message = Message::new(body.to_owned());
    Outgoing::new(Address::Queue(name.into()), message)
}

pub(crate) fn to_exchange(name: &str, key: &str, body: &str) -> Outgoing {
    let mut message = Message::new(body.to_owned());
    message.routing_key = Some(key.into());
    Outgoing::new(Address::Exchange(name.into()), message)
}

pub(crate) fn retry(after: Duration) -> Verdict {
    Verdict::Retry {
        after,
        counted: true,
    }
}

pub(crate) fn rejected(detail: &str) -> Verdict {
    Verdict::DeadLetter(Cause {
        reason: Reason::Rejected,
        detail: detail.into(),
    })
}

pub(crate) fn body(delivery: &Delivery) -> &str {
    std::str::from_utf8(&delivery.message.body).expect("a body of the case is text")
}

pub(crate) fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(body).collect()
}
