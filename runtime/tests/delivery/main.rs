//! The delivery driver on the memory backend, under paused time: attempts, backoff, dead letters, slots, batches, the dedupe
//! window, order, drain.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attempts;
mod backends;
mod batches;
mod dedupe;
mod drain;
mod ordered;
mod slots;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::backend::memory::{Memory, MemoryOptions};
use microagent::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, DeadLetter, QueueCounts,
    QueueDeclaration, Reason, Settled, Settlement, Topology,
};
use microagent::message::{Address, BoxFuture, Delivery, Message, Outgoing, Tag, Wait};
use microagent::testing::delivery::{
    Backoff, BatchRun, Consuming, DeliveryStats, DrainReport, Policy, Work, consume,
};
use microagent::{Error, ErrorKind, Failure, Outcome};
use tokio::time::{Instant, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

async fn memory() -> Memory {
    memory_with(|_| {}).await
}

async fn memory_with(change: impl FnOnce(&mut QueueDeclaration)) -> Memory {
    let memory = Memory::new();
    let mut queue = QueueDeclaration::new("q");
    change(&mut queue);
    let topology = Topology {
        queues: vec![queue],
        ..Topology::default()
    };
    memory.declare(&topology).await.unwrap();
    memory
}

async fn send(memory: &Memory, message: Message) {
    let mut outgoing = Outgoing::new(Address::Queue("q".into()), message);
    memory.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap().unwrap();
}

async fn put(memory: &Memory, bodies: &[&str]) {
    for body in bodies {
        send(memory, Message::new((*body).to_owned())).await;
    }
}

async fn start(memory: &Memory, policy: Policy, work: Work) -> Consuming {
    consume(memory, &"q".into(), policy, work).await.unwrap()
}

/// A handler of single deliveries.
fn each<F>(handle: impl Fn(Delivery) -> F + Send + Sync + 'static) -> Work
where
    F: Future<Output = Outcome> + Send + 'static,
{
    Work::Each(Arc::new(move |delivery| Box::pin(handle(delivery))))
}

fn body(delivery: &Delivery) -> String {
    String::from_utf8(delivery.message.body.to_vec()).unwrap()
}

async fn counts(memory: &Memory) -> QueueCounts {
    memory.inspect().unwrap().counts("q").await.unwrap()
}

async fn letters(memory: &Memory) -> Vec<DeadLetter> {
    let inspect = memory.inspect().unwrap();
    inspect.dead_letters("q", 1000).await.unwrap()
}

/// Until the queue has nothing left to do.
async fn settle(memory: &Memory) {
    loop {
        let counts = counts(memory).await;
        if counts.ready + counts.delayed + counts.in_flight == 0 {
            return;
        }
        sleep(SECOND / 10).await;
    }
}

/// Numbers in the order in which they were handled, by key.
type Seen = std::collections::BTreeMap<Vec<u8>, Vec<u32>>;

/// What happens to a message, noted with the time since the start.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, u32, Duration)>>>);

impl Log {
    fn note(&self, delivery: &Delivery, began: Instant) {
        let entry = (body(delivery), delivery.attempt, began.elapsed());
        self.0.lock().unwrap().push(entry);
    }

    fn take(&self) -> Vec<(String, u32, Duration)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}
