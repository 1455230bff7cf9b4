//! The work done by agents on the memory backend.

use std::hint::black_box;
use std::sync::Arc;

use compiled_load::{Hundred, Jobs, LoadSenders, One, Thousand, hundred, one, thousand};
use microagent::{Agent, Broker, Outcome, Running};

use crate::Consumers;
use crate::work::{Cost, Count, Load, Meter, WINDOW, jobs};

#[derive(Clone)]
pub(crate) struct Counting(pub(crate) Arc<Count>);

impl Counting {
    fn handle(&self, message: &Jobs) {
        black_box(message);
        self.0.add();
    }
}

impl One for Counting {
    async fn consume_jobs(&self, _cx: &one::Context, message: Jobs) -> Outcome {
        self.handle(&message);
        Ok(())
    }
}

impl Hundred for Counting {
    async fn consume_jobs(&self, _cx: &hundred::Context, message: Jobs) -> Outcome {
        self.handle(&message);
        Ok(())
    }
}

impl Thousand for Counting {
    async fn consume_jobs(&self, _cx: &thousand::Context, message: Jobs) -> Outcome {
        self.handle(&message);
        Ok(())
    }
}

pub(crate) async fn run(load: Load, consumers: Consumers) -> Cost {
    let count = Arc::new(Count::default());
    let running = start(made(consumers, &count)).await;
    let meter = Meter::start();
    for number in 0..load.senders {
        let (broker, count) = (running.broker().clone(), Arc::clone(&count));
        tokio::spawn(send(broker, count, (load, number)));
    }
    let cost = meter.stop(&count, load.messages).await;
    running.stop().await.expect("it stops in order");
    cost
}

/// Memory gives no sender a place to wait for room, as a channel does: so senders look themselves.
async fn send(broker: Broker, count: Arc<Count>, (load, number): (Load, u64)) {
    let each = load.messages / load.senders;
    for sent in 0..each {
        count
            .reaches((sent * load.senders).saturating_sub(WINDOW))
            .await;
        let sending = broker.send_jobs(jobs(number * each + sent));
        sending.await.expect("memory takes it");
    }
}

fn made(consumers: Consumers, count: &Arc<Count>) -> Vec<Agent> {
    let counting = Counting(Arc::clone(count));
    match consumers {
        Consumers::Slots(1) => vec![One::agent(counting)],
        Consumers::Slots(100) => vec![Hundred::agent(counting)],
        Consumers::Slots(_) => vec![Thousand::agent(counting)],
        Consumers::Agents(agents) => (0..agents).map(|_| One::agent(counting.clone())).collect(),
    }
}

pub(crate) async fn start(agents: Vec<Agent>) -> Running {
    let app = microagent::app(agents).bus("memory:").broker("memory:");
    app.start().await.expect("memory is there")
}
