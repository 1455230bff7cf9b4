//! The same work with nothing between: encode, a bounded channel, decode, count.

use std::hint::black_box;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::work::{Cost, Count, Job, Load, Meter, WINDOW};

/// With so many receivers, each of which has a channel of its own: senders take them in turn.
pub(crate) async fn run(load: Load, receivers: usize) -> Cost {
    let count = Arc::new(Count::default());
    let room = (usize::try_from(WINDOW).expect("it is small") / receivers).max(1);
    let (senders, channels): (Vec<_>, Vec<_>) = (0..receivers).map(|_| mpsc::channel(room)).unzip();
    let mut receiving = JoinSet::new();
    for channel in channels {
        receiving.spawn(receive(channel, Arc::clone(&count)));
    }
    let meter = Meter::start();
    for number in 0..load.senders {
        tokio::spawn(send(senders.clone(), (load, number)));
    }
    let cost = meter.stop(&count, load.messages).await;
    drop(senders);
    receiving.join_all().await;
    cost
}

async fn send(senders: Vec<mpsc::Sender<Vec<u8>>>, (load, number): (Load, u64)) {
    let each = load.messages / load.senders;
    let mut turns = senders.iter().cycle();
    for id in number * each..(number + 1) * each {
        let body = serde_json::to_vec(&Job::new(id)).expect("it has a form");
        let sender = turns.next().expect("there is a receiver");
        sender.send(body).await.expect("it is received");
    }
}

pub(crate) async fn receive(mut receiver: mpsc::Receiver<Vec<u8>>, count: Arc<Count>) {
    while let Some(body) = receiver.recv().await {
        let job: Job = serde_json::from_slice(&body).expect("it was written by the same type");
        black_box(&job);
        count.add();
    }
}
