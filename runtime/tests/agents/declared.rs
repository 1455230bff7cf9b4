//! What senders declare before they send: keys of ordered queues behind an exchange, and what somebody has deleted since.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use microagent::__private as __rt;
use microagent::backend::memory::Memory;
use microagent::broker::{BrokerBackend, Capabilities, ConsumeOptions, Consumer, Topology};
use microagent::message::{Address, BoxFuture, Outgoing, Wait};
use microagent::{Error, ErrorKind, SendErrorKind};
use tokio::task::JoinSet;

use crate::accounts::{AccountsSenders, Mail, Push, PushKey, UserCreated, exchanges};
use crate::mail_service::MailAgent;
use crate::mails::Mails;

/// A queue of another package on the exchange of `accounts`, ordered by a key that the publisher has never heard of.
struct ByEmail;

impl __rt::Queue for ByEmail {
    type Payload = UserCreated;
    type Codec = __rt::Plain;
    const META: &'static __rt::QueueMeta =
        &__rt::QueueMeta::new("statistics", "by_email", "statistics.by_email")
            .with_binding(__rt::BindingMeta::new(
                <exchanges::Users as __rt::Exchange>::META,
            ))
            .with_key(&["email"])
            .ordered();
}

#[tokio::test(start_paused = true)]
async fn who_publishes_need_not_know_the_key_of_a_queue() {
    let memory: Arc<dyn BrokerBackend> = Arc::new(Memory::new());
    let user = |user_id| UserCreated {
        user_id,
        email: "ada@example.org".into(),
    };
    // The first message declares the queue and its binding, as its consumer would.
    let statistics = microagent::broker_over(&memory);
    __rt::send::<ByEmail>(&statistics, user(1)).await.unwrap();
    let publisher = microagent::broker_over(&memory);
    publisher.publish_users(user(2)).await.unwrap();

    let options = ConsumeOptions {
        prefetch: 9,
        name: "test".into(),
    };
    let queue = "statistics.by_email".into();
    let consumer = memory.consume(&queue, &options).await.unwrap();
    let mut deliveries = Vec::new();
    consumer.next(9, &mut deliveries).await.unwrap();
    assert_eq!(deliveries.len(), 1, "the second has the key of the first");
    drop(consumer);
    let again = memory.consume(&queue, &options).await.unwrap();
    again.next(9, &mut deliveries).await.unwrap();
    assert_eq!(deliveries[0].partition, deliveries[1].partition);
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_sends_gives_others_their_turn() {
    let memory: Arc<dyn BrokerBackend> = Arc::new(Memory::new());
    let sender = microagent::broker_over(&memory);
    let turns = Arc::new(AtomicUsize::new(0));
    let other = tokio::spawn({
        let turns = Arc::clone(&turns);
        async move {
            loop {
                turns.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        }
    });
    for _ in 0..1000 {
        let mail = Mail {
            to: "ada@example.org".into(),
            subject: "Hello".into(),
        };
        sender.send_mailer(mail).await.unwrap();
    }
    // tokio lets a task do 128 things in a row.
    assert!(turns.load(Ordering::Relaxed) >= 7, "{turns:?}");
    other.abort();
}

#[tokio::test(start_paused = true)]
async fn who_publishes_declares_the_queues_of_the_exchange() {
    let memory: Arc<dyn BrokerBackend> = Arc::new(Memory::new());
    let key = PushKey {
        kind: "news".into(),
        platform: "android".into(),
    };
    let push = Push { text: "x".into() };
    let publisher = microagent::broker_over(&memory);
    publisher.publish_push(key, push).await.unwrap();
    assert_eq!(ready(&*memory, "accounts.android").await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_cannot_start_takes_nothing() {
    let memory = Memory::new();
    let broker: Arc<dyn BrokerBackend> = Arc::new(memory.clone());
    let sender = microagent::broker_over(&broker);
    sender.send_mailer(mail()).await.unwrap();
    for phase in ["pre_start", "post_start"] {
        let started = microagent::app([Mails::failing(phase).agent()])
            .bus_backend(Arc::new(memory.clone()))
            .broker_backend(Arc::new(memory.clone()))
            .start()
            .await;
        assert_eq!(started.unwrap_err().kind(), ErrorKind::Failed, "{phase}");
        assert_eq!(ready(&memory, "accounts.mailer").await, 1, "{phase}");
    }
}

async fn ready(broker: &dyn BrokerBackend, queue: &str) -> usize {
    broker.inspect().unwrap().counts(queue).await.unwrap().ready
}

/// A broker whose queues somebody deletes.
#[derive(Debug, Default)]
struct Forgetful {
    capabilities: Capabilities,
    known: Mutex<BTreeSet<Arc<str>>>,
    declared: AtomicUsize,
    sent: AtomicUsize,
    stubborn: bool,
    /// Messages are taken without a wait.
    at_once: bool,
}

impl Forgetful {
    fn new(stubborn: bool) -> Arc<Self> {
        Arc::new(Self::told(stubborn))
    }

    /// Whose messages are taken without a wait.
    fn at_once(stubborn: bool) -> Arc<Self> {
        Arc::new(Self {
            at_once: true,
            ..Self::told(stubborn)
        })
    }

    fn told(stubborn: bool) -> Self {
        Self {
            capabilities: Capabilities {
                name: "forgetful",
                max_payload: 1024,
                ..Capabilities::default()
            },
            stubborn,
            ..Self::default()
        }
    }

    /// An exchange stays, and has no queue for a message when its queues are gone.
    fn take(&self, outgoing: &mut Outgoing) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (queue, kind) = match &outgoing.to {
            Address::Queue(name) => (&**name, ErrorKind::NotFound),
            Address::Exchange(_) => ("accounts.android", ErrorKind::Unroutable),
        };
        let known = self.known.lock().unwrap().contains(queue);
        let gone = || Err(Error::new(kind, "somebody deleted it"));
        outgoing.result = Some(if known { Ok(()) } else { gone() });
    }

    fn counts(&self) -> (usize, usize) {
        let count = |it: &AtomicUsize| it.load(Ordering::Relaxed);
        (count(&self.declared), count(&self.sent))
    }
}

impl BrokerBackend for Forgetful {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<(), Error>> {
        self.declared.fetch_add(1, Ordering::Relaxed);
        if !self.stubborn {
            let queues = topology.queues.iter().map(|it| Arc::clone(&it.name));
            self.known.lock().unwrap().extend(queues);
        }
        // Later, so that several senders find the queue gone at once.
        Box::pin(async {
            tokio::task::yield_now().await;
            Ok(())
        })
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        Wait::later(async {
            tokio::task::yield_now().await;
            for outgoing in batch {
                self.take(outgoing);
            }
        })
    }

    fn send_now(&self, outgoing: &mut Outgoing) -> bool {
        if self.at_once {
            self.take(outgoing);
        }
        self.at_once
    }

    fn consume<'a>(
        &'a self,
        _: &'a Arc<str>,
        _: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>, Error>> {
        Box::pin(async { Err(Error::new(ErrorKind::Unsupported, "for senders only")) })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

fn mail() -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: "x".into(),
    }
}

#[tokio::test]
async fn what_was_deleted_is_declared_again_by_whoever_sends_next() {
    let forgetful = Forgetful::new(false);
    let broker = microagent::broker_over(&(Arc::clone(&forgetful) as Arc<dyn BrokerBackend>));
    for declared in 1..4 {
        let mut senders = JoinSet::new();
        for _ in 0..8 {
            let broker = broker.clone();
            senders.spawn(async move { broker.send_mailer(mail()).await });
        }
        for sent in senders.join_all().await {
            sent.unwrap();
        }
        assert_eq!(forgetful.declared.load(Ordering::Relaxed), declared);
        forgetful.known.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn what_stays_away_is_told_after_the_second_time() {
    let forgetful = Forgetful::new(true);
    let broker = microagent::broker_over(&(Arc::clone(&forgetful) as Arc<dyn BrokerBackend>));
    let error = broker.send_mailer(mail()).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Unroutable);
    assert_eq!(forgetful.declared.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn nothing_is_tried_more_than_twice() {
    for forgetful in [Forgetful::new(true), Forgetful::at_once(true)] {
        let broker = microagent::broker_over(&(Arc::clone(&forgetful) as Arc<dyn BrokerBackend>));
        for sends in [1, 2] {
            let error = broker.send_mailer(mail()).await.unwrap_err();
            assert_eq!(error.kind(), SendErrorKind::Unroutable);
            assert_eq!(forgetful.counts(), (sends + 1, 2 * sends), "{forgetful:?}");
        }
    }
}

#[tokio::test]
async fn a_queue_of_an_exchange_that_was_deleted_is_declared_again() {
    let key = || PushKey {
        kind: "news".into(),
        platform: "android".into(),
    };
    let push = || Push { text: "x".into() };
    for forgetful in [Forgetful::new(false), Forgetful::at_once(false)] {
        let broker = microagent::broker_over(&(Arc::clone(&forgetful) as Arc<dyn BrokerBackend>));
        broker.publish_push(key(), push()).await.unwrap();
        assert_eq!(forgetful.counts(), (1, 1));
        forgetful.known.lock().unwrap().clear();
        broker.publish_push(key(), push()).await.unwrap();
        assert_eq!(forgetful.counts(), (2, 3));
    }
}

#[tokio::test]
async fn an_exchange_without_queues_of_its_own_is_declared_once() {
    let forgetful = Forgetful::new(false);
    let broker = microagent::broker_over(&(Arc::clone(&forgetful) as Arc<dyn BrokerBackend>));
    let user = UserCreated {
        user_id: 1,
        email: "ada@example.org".into(),
    };
    let error = broker.publish_users(user).await.unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Unroutable);
    assert_eq!(forgetful.counts(), (1, 1));
}
