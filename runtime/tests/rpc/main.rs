//! Signals, questions and calls on the memory bus, under paused time: who hears what, how each end of a question is told
//! apart, and that nothing stays behind.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod askers;
mod faults;
mod listeners;
mod questions;
mod reports;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::backend::memory::Memory;
use microagent::bus::{Answer, BusBackend, Form, Interest, Reach, Received};
use microagent::message::Message;
use microagent::testing::rpc::{
    Asker, Handle, ListenPolicy, ListenReport, Listening, Reply, Unanswered, attach,
};
use microagent::{ErrorKind, Failure, Outcome};
use microagent_contract::RawAnswer;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

fn bus() -> Arc<dyn BusBackend> {
    Arc::new(Memory::new())
}

fn asker(bus: &Arc<dyn BusBackend>) -> Asker {
    Asker::new(Arc::clone(bus), "caller".into())
}

fn signals(subject: &str) -> Interest {
    Interest::Signals(vec![subject.into()])
}

fn calls(subject: &str) -> Interest {
    Interest::Calls(vec![subject.into()])
}

type Said = Outcome<Option<RawAnswer>>;

async fn listen<F>(
    bus: &Arc<dyn BusBackend>,
    interest: Interest,
    receiver: &str,
    handle: impl Fn(Received) -> F + Send + Sync + 'static,
) -> Listening
where
    F: Future<Output = Said> + Send + 'static,
{
    let policy = ListenPolicy::default();
    listen_with(bus, interest, receiver, policy, handle).await
}

async fn listen_with<F>(
    bus: &Arc<dyn BusBackend>,
    interest: Interest,
    receiver: &str,
    policy: ListenPolicy,
    handle: impl Fn(Received) -> F + Send + Sync + 'static,
) -> Listening
where
    F: Future<Output = Said> + Send + 'static,
{
    let handle: Handle = Arc::new(move |received| Box::pin(handle(received)));
    attach(bus, interest, receiver.into(), (policy, handle))
        .await
        .unwrap()
        .start()
}

#[expect(clippy::unnecessary_wraps, reason = "it is what handlers return")]
fn reply(text: &str) -> Said {
    Ok(Some(RawAnswer::Reply(text.to_owned().into())))
}

fn text(reply: &Reply) -> (&str, Answer, &str) {
    let body = std::str::from_utf8(&reply.message.body).unwrap();
    (&reply.receiver, reply.answer, body)
}
