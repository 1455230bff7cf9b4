//! What is lost, when, and what tells of it: the sentences of LOSSES.md that no other test backs.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::backend::memory::{Memory, MemoryOptions};
use microagent::broker::{
    Binding, BrokerBackend, Cause, ConsumeOptions, Consumer, ExchangeDeclaration, ExchangeKind,
    MaxLength, Overflow, QueueCounts, QueueDeclaration, Reason, Settlement, Topology, Verdict,
};
use microagent::bus::{BusBackend, Interest, Reach};
use microagent::message::{Address, Delivery, Message, Outgoing};
use microagent::testing::rpc::{Asker, Handle, ListenPolicy, Listening, attach};
use microagent::{Failure, Outcome};
use microagent_contract::RawAnswer;
use tokio::time::sleep;

const HOUR: Duration = Duration::from_hours(1);

type Said = Outcome<Option<RawAnswer>>;

/// A line that counts what it hears.
async fn listen(
    bus: &Arc<dyn BusBackend>,
    policy: ListenPolicy,
    says: fn() -> Said,
) -> (Listening, Arc<AtomicUsize>) {
    let heard: Arc<AtomicUsize> = Arc::default();
    let counter = Arc::clone(&heard);
    let handle: Handle = Arc::new(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { says() })
    });
    let interest = Interest::Signals(vec!["s".into()]);
    let line = attach(bus, interest, "test".into(), (policy, handle));
    (line.await.unwrap().start(), heard)
}

fn bus() -> (Arc<dyn BusBackend>, Asker) {
    let bus: Arc<dyn BusBackend> = Arc::new(Memory::new());
    let asker = Asker::new(Arc::clone(&bus), "test".into());
    (bus, asker)
}

#[tokio::test(start_paused = true)]
async fn a_signal_that_nobody_hears_is_gone_and_no_error() {
    let (bus, asker) = bus();
    let emit = async || asker.emit("s".into(), Message::new("x")).await.unwrap();
    assert_eq!(emit().await, Reach::Nobody);
    let (_line, heard) = listen(&bus, ListenPolicy::default(), || Ok(None)).await;
    sleep(HOUR).await;
    assert_eq!(heard.load(Ordering::Relaxed), 0);
    assert_eq!(emit().await, Reach::Subscriptions(1));
    sleep(HOUR).await;
    assert_eq!(heard.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_signal_whose_handler_fails_is_not_tried_again() {
    let (bus, asker) = bus();
    let policy = ListenPolicy::default();
    let (line, heard) = listen(&bus, policy, || Err(Failure::new("no"))).await;
    asker.emit("s".into(), Message::new("x")).await.unwrap();
    sleep(HOUR).await;
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    let stats = line.stats();
    assert_eq!((stats.succeeded, stats.failed), (0, 1));
}

/// A memory whose queues have these declarations, the first of them on exchange `fan`.
async fn declare(memory: &Memory, queues: Vec<QueueDeclaration>) {
    let bound = queues[0].name.clone();
    let topology = Topology {
        queues,
        exchanges: vec![ExchangeDeclaration {
            name: "fan".into(),
            kind: ExchangeKind::Fanout,
        }],
        bindings: vec![Binding {
            exchange: "fan".into(),
            queue: bound,
            pattern: None,
        }],
    };
    memory.declare(&topology).await.unwrap();
}

async fn send(memory: &Memory, to: Address, body: &str) {
    let mut outgoing = Outgoing::new(to, Message::new(body.to_owned()));
    memory.send(std::slice::from_mut(&mut outgoing)).await;
    outgoing.result.unwrap().unwrap();
}

async fn consumer(memory: &Memory, queue: &str) -> Box<dyn Consumer> {
    let options = ConsumeOptions {
        prefetch: 9,
        name: "test".into(),
    };
    memory.consume(&queue.into(), &options).await.unwrap()
}

/// Dead-letters all that comes.
async fn reject(consumer: &dyn Consumer) {
    let mut deliveries: Vec<Delivery> = Vec::new();
    consumer.next(9, &mut deliveries).await.unwrap();
    let reject = |it: &Delivery| Settlement {
        tag: it.tag,
        verdict: Verdict::DeadLetter(Cause {
            reason: Reason::Rejected,
            detail: "no".into(),
        }),
    };
    let mut batch = deliveries.iter().map(reject).collect();
    consumer.settle(&mut batch).await.unwrap();
}

async fn counts(memory: &Memory, queue: &str) -> QueueCounts {
    memory.inspect().unwrap().counts(queue).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn dead_letters_beyond_the_limit_push_the_oldest_out() {
    let memory = Memory::with_options(MemoryOptions {
        max_messages: 2,
        ..MemoryOptions::default()
    });
    declare(&memory, vec![QueueDeclaration::new("q")]).await;
    let consumer = consumer(&memory, "q").await;
    for body in ["a", "b", "c"] {
        send(&memory, Address::Queue("q".into()), body).await;
        reject(&*consumer).await;
    }
    let letters = memory
        .inspect()
        .unwrap()
        .dead_letters("q", 9)
        .await
        .unwrap();
    let bodies: Vec<_> = letters.iter().map(|it| &it.message.body[..]).collect();
    assert_eq!(bodies, [b"b", b"c"]);
    let counts = counts(&memory, "q").await;
    assert_eq!((counts.dead, counts.dropped), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_that_its_queue_has_no_room_for_stays_beside_its_own() {
    let memory = Memory::new();
    let main = QueueDeclaration {
        dead_letter: Some("morgue".into()),
        ..QueueDeclaration::new("q")
    };
    let morgue = QueueDeclaration {
        max_length: Some(MaxLength {
            messages: 1,
            overflow: Overflow::Reject,
        }),
        ..QueueDeclaration::new("morgue")
    };
    declare(&memory, vec![main, morgue]).await;
    let consumer = consumer(&memory, "q").await;
    for body in ["a", "b"] {
        send(&memory, Address::Queue("q".into()), body).await;
    }
    reject(&*consumer).await;
    assert_eq!(counts(&memory, "morgue").await.ready, 1);
    assert_eq!(counts(&memory, "q").await.dead, 1);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_bound_later_gets_nothing_of_before() {
    let memory = Memory::new();
    declare(&memory, vec![QueueDeclaration::new("early")]).await;
    let publish = async |body| send(&memory, Address::Exchange("fan".into()), body).await;
    publish("a").await;
    declare(&memory, vec![QueueDeclaration::new("later")]).await;
    publish("b").await;
    for (queue, ready) in [("early", 2), ("later", 1)] {
        assert_eq!(counts(&memory, queue).await.ready, ready, "{queue}");
    }
}

#[tokio::test(start_paused = true)]
async fn delayed_messages_count_against_the_limit_and_dead_letters_live_on() {
    let memory = Memory::new();
    let queue = QueueDeclaration {
        ttl: Some(HOUR),
        max_length: Some(MaxLength {
            messages: 1,
            overflow: Overflow::DropOldest,
        }),
        ..QueueDeclaration::new("q")
    };
    declare(&memory, vec![queue]).await;
    send(&memory, Address::Queue("q".into()), "a").await;
    reject(&*consumer(&memory, "q").await).await;
    let outgoing = || {
        let message = Message::new("later");
        let mut outgoing = Outgoing::new(Address::Queue("q".into()), message);
        outgoing.after = Some(HOUR / 2);
        outgoing
    };
    let mut batch = [outgoing(), outgoing()];
    memory.send(&mut batch).await;
    let [first, second] = batch.map(|it| it.result.unwrap());
    first.unwrap();
    let full = second.unwrap_err();
    assert_eq!(full.kind(), microagent::ErrorKind::Full);
    sleep(HOUR * 9).await;
    assert_eq!(counts(&memory, "q").await.dead, 1);
}
