//! The work done by agents: generated senders, the backend on Redis, generated handlers.

use std::sync::Arc;

use compiled_load::wire::{Clerk, Job, Listener, Stacker, WireSenders, Worker};
use compiled_load::wire::{clerk, listener, stacker, worker};
use microagent::{Agent, Broker, Bus, Delivery, Outcome, Running};
use tokio::task::JoinSet;

use crate::work::{Figures, Load, Mode, Seen, Send, Way, drive};

#[derive(Clone)]
struct Handling(Arc<Seen>);

impl Listener for Handling {
    async fn on_noted(&self, _cx: &listener::Context, job: Job) -> Outcome {
        self.0.note(job.id);
        Ok(())
    }
}

impl Clerk for Handling {
    async fn answer_priced(&self, _cx: &clerk::Context, job: Job) -> Outcome<u64> {
        Ok(job.id)
    }
}

impl Worker for Handling {
    async fn consume_work(&self, _cx: &worker::Context, job: Job) -> Outcome {
        self.0.note(job.id);
        Ok(())
    }
}

impl Stacker for Handling {
    async fn consume_work(&self, _cx: &stacker::Context, jobs: Vec<Delivery<Job>>) -> Vec<Outcome> {
        let handled = jobs.into_iter().map(|it| {
            self.0.note(it.payload.id);
            Ok(())
        });
        handled.collect()
    }
}

pub(crate) fn job(id: u64) -> Job {
    Job {
        id,
        kind: "invoice.created".into(),
        customer: "Ada Lovelace, Ockham Park, Surrey".into(),
        note: Some("to be paid within thirty days".into()),
        amount: 1234.5,
        urgent: false,
    }
}

/// Sends one message and waits for it.
trait One: Clone + std::marker::Send + Sync + 'static {
    fn one(&self, id: u64) -> impl Future<Output = ()> + std::marker::Send;
}

/// Many at once are as many tasks: what has been handed over together travels together.
#[derive(Clone)]
struct Each<T>(T);

impl<T: One> Send for Each<T> {
    async fn send(&self, ids: Vec<u64>) {
        if let [id] = ids[..] {
            return self.0.one(id).await;
        }
        let mut sending = JoinSet::new();
        for id in ids {
            let sender = self.0.clone();
            sending.spawn(async move { sender.one(id).await });
        }
        sending.join_all().await;
    }
}

impl One for Bus {
    async fn one(&self, id: u64) {
        self.emit_noted(job(id)).await.expect("it is published");
    }
}

#[derive(Clone)]
struct Calls(Bus, Arc<Seen>);

impl One for Calls {
    async fn one(&self, id: u64) {
        let answer = self.0.call_priced(job(id)).await;
        self.1.note(answer.expect("it is answered"));
    }
}

impl One for Broker {
    async fn one(&self, id: u64) {
        self.send_work(job(id)).await.expect("it is stored");
    }
}

pub(crate) async fn run(dsn: &str, Load { way, mode }: Load) -> Figures {
    let seen = Seen::new();
    let handling = Handling(Arc::clone(&seen));
    let agent = match (way, mode) {
        (Way::Signal, _) => Listener::agent(handling),
        (Way::Call, _) => Clerk::agent(handling),
        (Way::Stream, Mode::Batched) => Stacker::agent(handling),
        (Way::Stream, _) => Worker::agent(handling),
    };
    let running = start(dsn, agent).await;
    let (bus, broker) = (running.bus().clone(), running.broker().clone());
    let figures = match way {
        Way::Signal => drive(Each(bus), mode, &seen).await,
        Way::Call => drive(Each(Calls(bus, Arc::clone(&seen))), mode, &seen).await,
        Way::Stream => drive(Each(broker), mode, &seen).await,
    };
    running.stop().await.expect("it stops in order");
    figures
}

/// In names of its own.
pub(crate) async fn start(dsn: &str, agent: Agent) -> Running {
    let dsn = format!("{dsn}?prefix=bench-{:x}.", std::process::id());
    let app = microagent::app([agent]).bus(&dsn).broker(&dsn);
    app.start().await.expect("the server is there")
}
