//! A cluster of three servers: each queue lives on the one that has its slot, a slot that moves is followed, the bus reaches
//! all, and what a cluster can't do is refused when the program starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use microagent::backend::redis::RedisBus;
use microagent::broker::{
    Cause, ConsumeOptions, Consumer, ExchangeDeclaration, ExchangeKind, Reason, Settlement, Verdict,
};
use microagent::bus::{Audience, BusBackend, Interest, Publication, Reach, ReplyTo};
use microagent::message::Delivery;

use super::server::{Server, free_port};
use super::*;

/// Three servers, each with a third of the slots.
struct Trio([Server; 3]);

impl Trio {
    async fn start() -> Self {
        let servers = [(); 3].map(|()| {
            let port = free_port().to_string();
            Server::start(&["--cluster-enabled", "yes", "--cluster-port", &port])
        });
        for (server, (first, last)) in
            servers
                .iter()
                .zip([(0, 5460), (5461, 10922), (10923, 16383)])
        {
            let (first, last) = (first.to_string(), last.to_string());
            let words = ["CLUSTER", "ADDSLOTSRANGE", &first, &last];
            let _: String = server.ask(&words).await;
        }
        for (server, epoch) in servers.iter().zip(["1", "2", "3"]) {
            // Servers of one epoch would quarrel about who has a slot that moves meanwhile.
            let _: String = server.ask(&["CLUSTER", "SET-CONFIG-EPOCH", epoch]).await;
        }
        for other in &servers[1..] {
            let info: String = other.ask(&["CLUSTER", "NODES"]).await;
            // `id ip:port@cport …`
            let bus = info.split(['@', ',', ' ']).nth(2).unwrap();
            let port = other.port.to_string();
            let words = ["CLUSTER", "MEET", "127.0.0.1", &port, bus];
            let _: String = servers[0].ask(&words).await;
        }
        for server in &servers {
            until("the cluster is whole", async || {
                let info: String = server.ask(&["CLUSTER", "INFO"]).await;
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            })
            .await;
        }
        Self(servers)
    }

    /// By one of its servers, who knows the others.
    fn dsn(&self) -> String {
        format!("redis+cluster://127.0.0.1:{}", self.0[1].port)
    }

    /// Moves a slot with all its keys.
    async fn move_slot(&self, slot: u16, from: usize, to: usize) {
        let (from, to) = (&self.0[from], &self.0[to]);
        let (from_id, to_id): (String, String) = (
            from.ask(&["CLUSTER", "MYID"]).await,
            to.ask(&["CLUSTER", "MYID"]).await,
        );
        let (slot, port) = (slot.to_string(), to.port.to_string());
        let set = ["CLUSTER", "SETSLOT", &slot];
        let _: String = to.ask(&[&set[..], &["IMPORTING", &from_id]].concat()).await;
        let _: String = from.ask(&[&set[..], &["MIGRATING", &to_id]].concat()).await;
        loop {
            let keys: Vec<String> = from.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "9"]).await;
            if keys.is_empty() {
                break;
            }
            for key in &keys {
                let words = ["MIGRATE", "127.0.0.1", &port, key, "0", "5000"];
                let _: String = from.ask(&words).await;
            }
        }
        for server in [to, from] {
            let _: String = server.ask(&[&set[..], &["NODE", &to_id]].concat()).await;
        }
    }
}

async fn declare_all(redis: &Redis, queues: Vec<QueueDeclaration>) {
    let topology = Topology {
        queues,
        ..Topology::default()
    };
    redis.declare(&topology).await.unwrap();
}

async fn send_to(redis: &Redis, queues: &[&str], body: &str) -> Vec<Result<(), Error>> {
    let outgoing = queues
        .iter()
        .map(|it| Outgoing::new(Address::Queue((*it).into()), Message::new(body.to_owned())));
    let mut batch: Vec<_> = outgoing.collect();
    redis.send(&mut batch).await;
    batch.into_iter().map(|it| it.result.unwrap()).collect()
}

async fn consumer(redis: &Redis, queue: &str) -> Box<dyn Consumer> {
    let options = ConsumeOptions {
        prefetch: 9,
        name: "test".into(),
    };
    redis.consume(&queue.into(), &options).await.unwrap()
}

async fn next(consumer: &dyn Consumer) -> Delivery {
    let mut deliveries = Vec::new();
    let next = consumer.next(1, &mut deliveries);
    // Whoever could not attach while a slot was moving may wait for a whole backoff.
    timeout(2 * SOON, next).await.unwrap().unwrap();
    deliveries.remove(0)
}

async fn settle(consumer: &dyn Consumer, delivery: &Delivery, verdict: Verdict) {
    let tag = delivery.tag;
    let mut batch = vec![Settlement { tag, verdict }];
    assert_eq!(consumer.settle(&mut batch).await.unwrap().late, 0);
}

#[tokio::test]
async fn queues_live_on_the_servers_that_have_their_slots() {
    if skipped() {
        return;
    }
    let trio = Trio::start().await;
    let redis = connect(&trio.dsn()).await.unwrap();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut queues: Vec<_> = names.map(QueueDeclaration::new).into();
    queues[0].dead_letter = Some("dead".into());
    queues.push(QueueDeclaration::new("dead"));
    declare_all(&redis, queues).await;
    for result in send_to(&redis, &names, "one").await {
        result.unwrap();
    }
    for server in &trio.0 {
        let keys: usize = server.ask(&["DBSIZE"]).await;
        assert!(keys > 0, "a server has no queue");
    }
    for name in names {
        let consumer = consumer(&redis, name).await;
        let first = next(&*consumer).await;
        assert_eq!((&*first.message.body, first.attempt), (&b"one"[..], 1));
        let retry = Verdict::Retry {
            after: Duration::from_millis(10),
            counted: true,
        };
        settle(&*consumer, &first, retry).await;
        let second = next(&*consumer).await;
        assert_eq!(second.attempt, 2);
        let verdict = if name == "a" {
            // To a queue that another server may have.
            Verdict::DeadLetter(Cause {
                reason: Reason::Rejected,
                detail: "no".into(),
            })
        } else {
            Verdict::Ack
        };
        settle(&*consumer, &second, verdict).await;
        timeout(SOON, consumer.stop()).await.unwrap().unwrap();
    }
    let dead = consumer(&redis, "dead").await;
    assert_eq!(&*next(&*dead).await.message.body, b"one");
    redis.close().await.unwrap();
}

#[tokio::test]
async fn a_slot_that_moves_is_followed_and_nothing_is_lost_or_sent_twice() {
    if skipped() {
        return;
    }
    let trio = Trio::start().await;
    let redis = Arc::new(connect(&trio.dsn()).await.unwrap());
    // Slot 12182, of the third server.
    declare_all(&redis, vec![QueueDeclaration::new("foo")]).await;
    let consumer = consumer(&redis, "foo").await;
    let sender = Arc::clone(&redis);
    let sending = tokio::spawn(async move {
        let mut confirmed = BTreeSet::new();
        for number in 0..300 {
            let body = number.to_string();
            let result = send_to(&sender, &["foo"], &body).await.remove(0);
            match result {
                Ok(()) => assert!(confirmed.insert(body)),
                // Refused while only some keys of the slot had moved: nothing was sent.
                Err(error) => assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}"),
            }
            sleep(Duration::from_millis(1)).await;
        }
        confirmed
    });
    trio.move_slot(12182, 2, 0).await;
    let confirmed = sending.await.unwrap();
    let mut processed = Vec::new();
    while processed.len() < confirmed.len() {
        let delivery = next(&*consumer).await;
        let body = std::str::from_utf8(&delivery.message.body).unwrap();
        processed.push(body.to_owned());
        let mut batch = vec![Settlement {
            tag: delivery.tag,
            verdict: Verdict::Ack,
        }];
        let began = Instant::now();
        while let Err(error) = consumer.settle(&mut batch).await {
            assert!(began.elapsed() < 2 * SOON, "{error}");
            sleep(Duration::from_millis(10)).await;
        }
    }
    assert!(confirmed.len() > 100, "hardly anything was sent");
    assert_eq!(BTreeSet::from_iter(processed), confirmed);
    let left: usize = trio.0[0].ask(&["XLEN", "foo"]).await;
    assert_eq!(left, 0);
}

async fn bus(dsn: &str) -> RedisBus {
    let dsn = Dsn::parse(dsn).unwrap();
    let options = RedisOptions::from_dsn(&dsn).unwrap();
    RedisBus::connect(&dsn, options).await.unwrap()
}

async fn publish(bus: &RedisBus, to: Audience) -> Reach {
    let mut batch = [Publication {
        to,
        sender: "test".into(),
        message: Arc::new(Message::new("{}")),
        result: None,
    }];
    bus.publish(&mut batch).await;
    let [publication] = batch;
    publication.result.unwrap().unwrap()
}

#[tokio::test]
async fn signals_and_calls_reach_whoever_is_connected_to_another_server() {
    if skipped() {
        return;
    }
    let trio = Trio::start().await;
    let (one, other) = (bus(&trio.dsn()).await, bus(&trio.dsn()).await);
    let subject: Arc<str> = "started".into();
    let everyone = || Audience::Everyone {
        subject: Arc::clone(&subject),
        reply_to: None,
    };
    // What is not heard on this server may be heard on another.
    assert_eq!(publish(&one, everyone()).await, Reach::Unknown);
    let mut listening = Vec::new();
    for _ in 0..6 {
        let interest = Interest::Signals(vec![Arc::clone(&subject)]);
        listening.push(other.subscribe(interest, 9).await.unwrap());
    }
    publish(&one, everyone()).await;
    for subscription in &listening {
        let mut received = Vec::new();
        let next = subscription.next(1, &mut received);
        timeout(SOON, next).await.unwrap().unwrap();
    }

    let calls = ["divide".into(), "multiply".into()];
    let call = |subject: &Arc<str>| Audience::One {
        subject: Arc::clone(subject),
        reply_to: ReplyTo {
            inbox: "inbox".into(),
            number: Some(7),
        },
        within: SOON,
    };
    assert_eq!(publish(&one, call(&calls[0])).await, Reach::Nobody);
    let answering = other.subscribe(Interest::Calls(calls.to_vec()), 9).await;
    let answering = answering.unwrap();
    for subject in &calls {
        assert_eq!(publish(&one, call(subject)).await, Reach::Unknown);
        let mut received = Vec::new();
        let next = answering.next(1, &mut received);
        timeout(SOON, next).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn what_a_cluster_can_not_do_is_refused_at_the_start() {
    if skipped() {
        return;
    }
    let trio = Trio::start().await;
    let redis = connect(&trio.dsn()).await.unwrap();
    for kind in [ExchangeKind::Fanout, ExchangeKind::Topic] {
        let topology = Topology {
            exchanges: vec![ExchangeDeclaration {
                name: "x".into(),
                kind,
            }],
            ..Topology::default()
        };
        let error = redis.declare(&topology).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    let alone = Server::plain();
    alone.direct().await;
    let dsn = format!("redis+cluster://127.0.0.1:{}", alone.port);
    let error = refused(&dsn).await;
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("is in no cluster"), "{error}");
}
