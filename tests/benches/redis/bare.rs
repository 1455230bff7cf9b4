//! The same work by hand: `serde_json` and the client, in as few round trips as its acknowledgements allow, and with the
//! care that one would take: every wait ends, what is taken is bounded, nothing is confirmed before it was handled.

mod calls;
mod signals;
mod streams;

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo};
use tokio::sync::mpsc;

use crate::agents::job;
use crate::work::{Figures, Load, Seen, Way, drive};

/// How long the server may take to answer.
const ANSWER: Duration = Duration::from_secs(5);
/// Taken from the server at once.
const TAKEN: usize = 100;

#[derive(serde::Serialize, serde::Deserialize)]
struct Job {
    id: u64,
    kind: String,
    customer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    amount: f64,
    urgent: bool,
}

impl Job {
    fn new(id: u64) -> Self {
        let job = job(id);
        Self {
            id: job.id,
            kind: job.kind,
            customer: job.customer,
            note: job.note,
            amount: job.amount,
            urgent: job.urgent,
        }
    }
}

fn write(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it has a form")
}

fn read<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> T {
    serde_json::from_slice(bytes).expect("it was written by the same type")
}

pub(crate) async fn run(dsn: &str, Load { way, mode }: Load) -> Figures {
    let client = Client::open(dsn).expect("the DSN names a server");
    let seen = Seen::new();
    match way {
        Way::Signal => {
            let (sender, task) = signals::start(&client, &seen).await;
            let figures = drive(sender, mode, &seen).await;
            task.abort();
            figures
        }
        Way::Call => {
            let (sender, tasks) = calls::start(&client, &seen).await;
            let figures = drive(sender, mode, &seen).await;
            tasks.iter().for_each(tokio::task::JoinHandle::abort);
            figures
        }
        Way::Stream => {
            let (sender, task) = streams::start(&client, &seen).await;
            let figures = drive(sender, mode, &seen).await;
            task.abort();
            figures
        }
    }
}

async fn connect(client: &Client) -> MultiplexedConnection {
    let config = AsyncConnectionConfig::new().set_response_timeout(Some(ANSWER));
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    connecting.await.expect("the server is there")
}

/// A connection to which the server pushes what it subscribes to.
async fn listen(client: &Client) -> (MultiplexedConnection, mpsc::UnboundedReceiver<PushInfo>) {
    let place = client.get_connection_info().clone();
    let settings = place.redis_settings().clone();
    let settings = settings.set_protocol(ProtocolVersion::RESP3);
    let client = Client::open(place.set_redis_settings(settings)).expect("it was one before");
    let (sender, receiver) = mpsc::unbounded_channel();
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(Some(ANSWER))
        .set_push_sender(sender);
    let connecting = client.get_multiplexed_async_connection_with_config(&config);
    (connecting.await.expect("the server is there"), receiver)
}

/// What a push brings, where it is a message.
fn message(push: PushInfo) -> Option<Vec<u8>> {
    let is_message = push.kind == redis::PushKind::Message;
    let body = push.data.into_iter().nth(1).filter(|_| is_message)?;
    redis::from_redis_value(body).ok()
}

/// A name of this run's own.
fn name(what: &str) -> Arc<str> {
    format!("bench-by-hand-{:x}.{what}", std::process::id()).into()
}
