//! A stop, clause by clause, as the broker and the agent see it: each event in its order and at its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::__private as __rt;
use microagent::backend::memory::Memory;
use microagent::broker::{
    BrokerBackend, Capabilities, ConsumeOptions, Consumer, Settled, Settlement, Topology, Verdict,
};
use microagent::message::{BoxFuture, Delivery, Outgoing, Tag, Wait};
use microagent::{Agent, Error};
use tokio::time::{Instant, sleep};

use crate::accounts::{AccountsSenders, Mail, queues};

type Result<T> = std::result::Result<T, Error>;

const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
const DEADLINE: Duration = Duration::from_secs(10);

/// What happened, with the seconds since the stop began; nothing before it.
#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    stopped: Option<Instant>,
    events: Vec<(u64, String)>,
    /// Which mail a delivery was.
    mails: BTreeMap<u64, String>,
}

impl Events {
    fn add(&self, what: impl Into<String>) {
        let mut all = self.0.lock().unwrap();
        if let Some(stopped) = all.stopped {
            all.events.push((stopped.elapsed().as_secs(), what.into()));
        }
    }

    fn settled(&self, settlements: &[Settlement]) {
        for Settlement { tag, verdict } in settlements {
            let mail = self.0.lock().unwrap().mails[&tag.number].clone();
            self.add(match verdict {
                Verdict::Ack => format!("acknowledges {mail}"),
                Verdict::Return => format!("hands back {mail}, uncounted"),
                Verdict::Retry {
                    after: Duration::ZERO,
                    counted: true,
                } => format!("requeues {mail}, counted"),
                other => format!("{other:?} of {mail}"),
            });
        }
    }
}

/// A broker that has what it is sent when it is flushed, and not before; it writes down what it is asked to do.
#[derive(Debug)]
struct Recording {
    memory: Memory,
    unflushed: Mutex<Vec<Outgoing>>,
    events: Events,
}

impl BrokerBackend for Recording {
    fn capabilities(&self) -> &Capabilities {
        self.memory.capabilities()
    }

    fn declare<'a>(&'a self, topology: &'a Topology) -> BoxFuture<'a, Result<()>> {
        self.memory.declare(topology)
    }

    fn send<'a>(&'a self, batch: &'a mut [Outgoing]) -> Wait<'a, ()> {
        for outgoing in batch {
            self.events.add("is sent a message");
            let kept = Outgoing::new(outgoing.to.clone(), Arc::clone(&outgoing.message));
            self.unflushed.lock().unwrap().push(kept);
            outgoing.result = Some(Ok(()));
        }
        Wait::ready(())
    }

    fn consume<'a>(
        &'a self,
        queue: &'a Arc<str>,
        options: &'a ConsumeOptions,
    ) -> BoxFuture<'a, Result<Box<dyn Consumer>>> {
        Box::pin(async move {
            let consumer = self.memory.consume(queue, options).await?;
            let events = self.events.clone();
            Ok(Box::new(RecordingConsumer { consumer, events }) as Box<dyn Consumer>)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let mut unflushed = std::mem::take(&mut *self.unflushed.lock().unwrap());
            self.memory.send(&mut unflushed).await;
            self.events.add(format!("flushes {}", unflushed.len()));
            self.memory.close().await?;
            self.events.add("is closed");
            Ok(())
        })
    }
}

#[derive(Debug)]
struct RecordingConsumer {
    consumer: Box<dyn Consumer>,
    events: Events,
}

impl Consumer for RecordingConsumer {
    fn next<'a>(&'a self, limit: usize, into: &'a mut Vec<Delivery>) -> Wait<'a, Result<()>> {
        Wait::later(async move {
            let before = into.len();
            self.consumer.next(limit, into).await?;
            for delivery in &into[before..] {
                let mail = __rt::decode::<Mail>(&delivery.message.body).unwrap();
                let mut all = self.events.0.lock().unwrap();
                all.mails.insert(delivery.tag.number, mail.subject);
            }
            Ok(())
        })
    }

    fn settle<'a>(&'a self, batch: &'a mut Vec<Settlement>) -> Wait<'a, Result<Settled>> {
        self.events.settled(batch);
        self.consumer.settle(batch)
    }

    fn renew<'a>(&'a self, held: &'a [Tag]) -> Wait<'a, Result<()>> {
        self.consumer.renew(held)
    }

    fn stop(&self) -> Wait<'_, Result<()>> {
        self.events.add("ends the intake");
        self.consumer.stop()
    }

    fn is_attached(&self) -> bool {
        self.consumer.is_attached()
    }
}

/// Says so when its handler is dropped before it has ended.
struct Ends(Events, String, bool);

impl Drop for Ends {
    fn drop(&mut self) {
        let how = if self.2 {
            "finishes"
        } else {
            "is cancelled at"
        };
        self.0.add(format!("a handler {how} {}", self.1));
    }
}

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

/// Two slots. A quick mail takes 6 s, others never end; `pre_stop` takes one, and sends a mail more.
fn agent(events: &Events) -> Agent {
    Agent::new(META, events.clone(), |lines: &mut __rt::Lines<Events>| {
        let line = __rt::ConsumeLine::new("consume_mailer").concurrency(2);
        lines.consume::<queues::Mailer, _>(line, |events, _, mail| async move {
            let mut ends = Ends((*events).clone(), mail.subject, false);
            match ends.1.as_str() {
                "quick" => sleep(Duration::from_secs(6)).await,
                _ => std::future::pending().await,
            }
            ends.2 = true;
            Ok(())
        });
        lines.pre_stop(|events, cx| async move {
            events.add("pre_stop begins");
            __rt::send::<queues::Mailer>(&cx, mail("goodbye")).await?;
            sleep(Duration::from_secs(1)).await;
            events.add("pre_stop ends");
            Ok(())
        });
    })
}

#[tokio::test(start_paused = true)]
async fn every_clause_of_a_stop_comes_in_its_order() {
    let (memory, outside) = (Memory::named("clauses"), Memory::named("clauses"));
    let events = Events::default();
    let recording = Recording {
        memory,
        unflushed: Mutex::default(),
        events: events.clone(),
    };
    let running = microagent::app([agent(&events)])
        .bus("memory:clauses")
        .broker_backend(Arc::new(recording))
        .deadline(DEADLINE)
        .start()
        .await
        .unwrap();
    let outside: Arc<dyn BrokerBackend> = Arc::new(outside);
    let sender = microagent::broker_over(&outside);
    for subject in ["quick", "slow", "held", "held too", "never fetched"] {
        sender.send_mailer(mail(subject)).await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    events.0.lock().unwrap().stopped = Some(Instant::now());
    let report = running.stop().await.unwrap();

    let events = std::mem::take(&mut events.0.lock().unwrap().events);
    let events: Vec<_> = events.iter().map(|(at, what)| (*at, &**what)).collect();
    assert_eq!(
        events,
        [
            (0, "ends the intake"),
            (0, "hands back held, uncounted"),
            (0, "hands back held too, uncounted"),
            (5, "a handler finishes quick"),
            (5, "acknowledges quick"),
            (10, "a handler is cancelled at slow"),
            (10, "requeues slow, counted"),
            (10, "pre_stop begins"),
            (10, "is sent a message"),
            (11, "pre_stop ends"),
            (11, "flushes 1"),
            (11, "is closed"),
        ]
    );
    let [agent] = &report.agents[..] else {
        panic!("{report:?}");
    };
    assert_eq!(agent.agent, "test.Agent");
    assert_eq!((agent.returned, agent.finished), (2, 1));
    assert_eq!((agent.unfinished, agent.unsettled), (1, 0));
    // What was left is with the broker, and so is what `pre_stop` sent.
    let counts = outside.inspect().unwrap().counts("accounts.mailer").await;
    let counts = counts.unwrap();
    assert_eq!((counts.ready, counts.in_flight, counts.dead), (5, 0, 0));
}
