//! The memory backend as a broker, by its trait alone: what each sentence of the trait's documentation promises.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod consumers;
mod dead_letters;
mod faults;
mod limits;
mod queues;
mod topology;

use std::sync::Arc;
use std::time::Duration;

use microagent::backend::memory::{Memory, MemoryOptions};
use microagent::broker::{
    Binding, BrokerBackend, Capabilities, Cause, ConsumeOptions, Consumer, ExchangeDeclaration,
    ExchangeKind, MaxLength, Overflow, QueueCounts, QueueDeclaration, Reason, Settlement, Topology,
    Verdict,
};
use microagent::message::{Address, Delivery, Message, Outgoing};
use microagent::{Error, ErrorKind};

const SECOND: Duration = Duration::from_secs(1);

async fn declare(memory: &Memory, queues: &[QueueDeclaration]) {
    let topology = Topology {
        queues: queues.to_vec(),
        ..Topology::default()
    };
    memory.declare(&topology).await.unwrap();
}

fn queue(name: &str, change: impl FnOnce(&mut QueueDeclaration)) -> QueueDeclaration {
    let mut declaration = QueueDeclaration::new(name);
    change(&mut declaration);
    declaration
}

/// A memory with one queue `q`.
async fn memory_with(change: impl FnOnce(&mut QueueDeclaration)) -> Memory {
    let memory = Memory::new();
    declare(&memory, &[queue("q", change)]).await;
    memory
}

async fn send(memory: &Memory, mut outgoing: Outgoing) -> Result<(), Error> {
    memory.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap()
}

fn to_queue(name: &str, body: &str) -> Outgoing {
    let message = Message::new(body.to_owned());
    Outgoing::new(Address::Queue(name.into()), message)
}

async fn put(memory: &Memory, bodies: &[&str]) {
    for body in bodies {
        send(memory, to_queue("q", body)).await.unwrap();
    }
}

async fn consumer(memory: &Memory, name: &str, prefetch: usize) -> Box<dyn Consumer> {
    let options = ConsumeOptions {
        prefetch,
        name: "test".into(),
    };
    memory.consume(&name.into(), &options).await.unwrap()
}

async fn next(consumer: &dyn Consumer, limit: usize) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    consumer.next(limit, &mut deliveries).await.unwrap();
    deliveries
}

/// What comes within a second.
async fn soon(consumer: &dyn Consumer, limit: usize) -> Vec<Delivery> {
    tokio::time::timeout(SECOND, next(consumer, limit))
        .await
        .unwrap_or_default()
}

async fn settle(consumer: &dyn Consumer, delivery: &Delivery, verdict: Verdict) -> usize {
    let tag = delivery.tag;
    let mut batch = vec![Settlement { tag, verdict }];
    let settled = consumer.settle(&mut batch).await.unwrap();
    assert!(batch.is_empty());
    settled.late
}

fn retry(after: Duration) -> Verdict {
    Verdict::Retry {
        after,
        counted: true,
    }
}

fn rejected(detail: &str) -> Verdict {
    Verdict::DeadLetter(Cause {
        reason: Reason::Rejected,
        detail: detail.into(),
    })
}

fn bodies(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries
        .iter()
        .map(|it| std::str::from_utf8(&it.message.body).unwrap())
        .collect()
}

async fn counts(memory: &Memory, name: &str) -> QueueCounts {
    memory.inspect().unwrap().counts(name).await.unwrap()
}
