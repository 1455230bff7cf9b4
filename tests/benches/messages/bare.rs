//! The same work with nothing between: encode, a bounded channel, decode, count. As many tasks receive as the agents may
//! run handlers at once, and each keeps the message that it was given until it is done.
//!
//! What competes for one queue, handlers of an agent as well as agents, competes here for one channel behind the lock of
//! tokio: of what tokio has this is the fastest that lets `n` messages be handled at once and gives each to whoever is free.
//! (A task for each message, bounded by a semaphore, takes as long on one thread and longer on two. Channels of their own,
//! filled in turn, are faster, but no task could take what another is too slow for.) One handler at a time is one task with
//! the channel to itself.

use std::hint::black_box;
use std::sync::Arc;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::Consumers;
use crate::work::{Cost, Count, Job, Load, Meter, WINDOW};

pub(crate) async fn run(load: Load, consumers: Consumers) -> Cost {
    let count = Arc::new(Count::default());
    let mut receiving = JoinSet::new();
    let (Consumers::Slots(tasks) | Consumers::Agents(tasks)) = consumers;
    let sender = share(tasks, &count, &mut receiving);
    let meter = Meter::start();
    for number in 0..load.senders {
        tokio::spawn(send(sender.clone(), (load, number)));
    }
    let cost = meter.stop(&count, load.messages).await;
    drop(sender);
    receiving.join_all().await;
    cost
}

fn room() -> usize {
    usize::try_from(WINDOW).expect("it is small")
}

/// A channel that so many tasks take from.
fn share(tasks: usize, count: &Arc<Count>, receiving: &mut JoinSet<()>) -> mpsc::Sender<Vec<u8>> {
    let (sender, receiver) = mpsc::channel(room());
    if tasks == 1 {
        receiving.spawn(receive(receiver, Arc::clone(count)));
        return sender;
    }
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..tasks {
        receiving.spawn(receive_shared(Arc::clone(&receiver), Arc::clone(count)));
    }
    sender
}

async fn send(sender: mpsc::Sender<Vec<u8>>, (load, number): (Load, u64)) {
    let each = load.messages / load.senders;
    for id in number * each..(number + 1) * each {
        let body = serde_json::to_vec(&Job::new(id)).expect("it has a form");
        sender.send(body).await.expect("it is received");
    }
}

pub(crate) async fn receive(mut receiver: mpsc::Receiver<Vec<u8>>, count: Arc<Count>) {
    while let Some(body) = receiver.recv().await {
        handle(&body, &count);
    }
}

async fn receive_shared(receiver: Arc<Mutex<mpsc::Receiver<Vec<u8>>>>, count: Arc<Count>) {
    loop {
        let Some(body) = receiver.lock().await.recv().await else {
            return;
        };
        handle(&body, &count);
    }
}

fn handle(body: &[u8], count: &Count) {
    let job: Job = serde_json::from_slice(body).expect("it was written by the same type");
    black_box(&job);
    count.add();
}
