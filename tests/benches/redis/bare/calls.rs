//! Calls by hand: a list from which one replica takes each, and answers in a channel of the caller's, with deadlines.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use redis::aio::MultiplexedConnection;
use redis::{Client, Pipeline, cmd};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Job, connect, listen, message, name, read, write};
use crate::work::{Seen, Send};

const DEADLINE: Duration = Duration::from_secs(5);
/// Answered at once at most, as agents do: what a replica holds, another one can't answer.
const TAKEN: usize = 16;

#[derive(serde::Serialize, serde::Deserialize)]
struct Call {
    until: u128,
    reply_to: String,
    number: u64,
    job: Job,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Answer {
    number: u64,
    value: u64,
}

#[derive(Clone)]
pub(super) struct Caller {
    connection: MultiplexedConnection,
    calls: Arc<str>,
    inbox: Arc<str>,
    waiting: Arc<Mutex<Waiting>>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    answers: HashMap<u64, oneshot::Sender<u64>>,
}

impl Waiting {
    fn add(&mut self) -> (u64, oneshot::Receiver<u64>) {
        let (sender, receiver) = oneshot::channel();
        self.next += 1;
        self.answers.insert(self.next, sender);
        (self.next, receiver)
    }
}

fn now() -> u128 {
    let now = SystemTime::UNIX_EPOCH.elapsed();
    now.expect("it is after 1970").as_millis()
}

impl Send for Caller {
    async fn send(&self, ids: Vec<u64>) {
        let mut receivers = Vec::with_capacity(ids.len());
        let mut push = cmd("RPUSH");
        push.arg(&*self.calls);
        for id in ids {
            let (number, receiver) = self.waiting.lock().expect("nothing panics under it").add();
            receivers.push(receiver);
            push.arg(write(&Call {
                until: now() + DEADLINE.as_millis(),
                reply_to: self.inbox.to_string(),
                number,
                job: Job::new(id),
            }));
        }
        let mut connection = self.connection.clone();
        push.query_async::<u64>(&mut connection)
            .await
            .expect("it is stored");
        for receiver in receivers {
            let answer = timeout(DEADLINE, receiver).await.expect("it comes in time");
            self.seen.note(answer.expect("who listens lives"));
        }
    }
}

pub(super) async fn start(client: &Client, seen: &Arc<Seen>) -> (Caller, [JoinHandle<()>; 2]) {
    let connection = connect(client).await;
    let waiting = Arc::<Mutex<Waiting>>::default();
    let caller = Caller {
        connection: connection.clone(),
        calls: name("calls"),
        inbox: name("inbox"),
        waiting: Arc::clone(&waiting),
        seen: Arc::clone(seen),
    };
    let (mut listening, pushes) = listen(client).await;
    listening
        .subscribe(&*caller.inbox)
        .await
        .expect("the server lets us listen");
    let listening = tokio::spawn(dispatch(listening, pushes, waiting));
    let taking = connect(client).await;
    let answering = tokio::spawn(answer(taking, connection, Arc::clone(&caller.calls)));
    (caller, [listening, answering])
}

async fn dispatch(
    _kept: MultiplexedConnection,
    mut pushes: mpsc::UnboundedReceiver<redis::PushInfo>,
    waiting: Arc<Mutex<Waiting>>,
) {
    while let Some(push) = pushes.recv().await {
        if let Some(body) = message(push) {
            let answer: Answer = read(&body);
            let mut waiting = waiting.lock().expect("nothing panics under it");
            if let Some(sender) = waiting.answers.remove(&answer.number) {
                // Who no longer waits wants no answer.
                let _ = sender.send(answer.value);
            }
        }
    }
}

async fn answer(
    mut taking: MultiplexedConnection,
    mut telling: MultiplexedConnection,
    calls: Arc<str>,
) {
    loop {
        let mut take = cmd("BLMPOP");
        take.arg(1)
            .arg(1)
            .arg(&*calls)
            .arg("LEFT")
            .arg("COUNT")
            .arg(TAKEN);
        let taken: Option<(String, Vec<Vec<u8>>)> = take
            .query_async(&mut taking)
            .await
            .expect("the server answers");
        let Some((_, taken)) = taken else { continue };
        let mut pipeline = Pipeline::with_capacity(taken.len());
        for call in taken {
            let call: Call = read(&call);
            if call.until < now() {
                continue;
            }
            let answer = Answer {
                number: call.number,
                value: call.job.id,
            };
            pipeline.add_command(
                cmd("PUBLISH")
                    .arg(&call.reply_to)
                    .arg(write(&answer))
                    .clone(),
            );
        }
        pipeline
            .query_async::<()>(&mut telling)
            .await
            .expect("the server answers");
    }
}
