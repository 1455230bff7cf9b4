//! An agent's lines on a broker and a bus: declares what they need, attaches them, and drains them. Knows handlers as
//! functions from bytes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use microagent_contract::RawAnswer;
use tokio::time::timeout;

use super::life::Life;
use super::set::{Answered, Consume, ConsumeHandler, LineSet, Listen, ListenHandler};
use super::status::{LineMonitor, Status};
use crate::bus::{Form, Interest, Received};
use crate::context::{Context, MessageInfo, Shared};
use crate::delivery::{self, Attachment, Backoff, Consuming, DrainReport, Policy, Work};
use crate::error::{Error, ErrorKind};
use crate::failure::Outcome;
use crate::message::{BoxFuture, Delivery};
use crate::rpc::{self, ListenPolicy, ListenerAttachment, Listening};
use crate::stop::Stop;
use crate::topology;

/// What is bound, and has not begun to handle. Dropped, it detaches.
#[derive(Default)]
pub(super) struct Bound {
    queues: Vec<(&'static str, Attachment)>,
    listeners: Vec<(&'static str, ListenerAttachment)>,
}

/// What handles messages.
#[derive(Default)]
pub(super) struct Attached {
    consuming: Vec<Consuming>,
    listening: Vec<Listening>,
}

/// How long a backend may take to declare the queues of an agent, or to attach one of its lines.
const ATTACH: Duration = Duration::from_secs(30);

/// What a line left behind that was not heard of again.
const LOST: DrainReport = DrainReport {
    returned: 0,
    finished: 0,
    unfinished: 1,
    unsettled: 0,
};

/// Attaches all lines.
pub(super) async fn attach(lines: &LineSet, life: &Life) -> Result<Bound, Error> {
    let mut bound = Bound::default();
    let broker = &life.backends.broker;
    let queues = lines.consumes.iter().map(|it| it.queue);
    if !lines.consumes.is_empty() {
        let topology = topology::of_queues(queues);
        in_time("declare", broker.declare(&topology)).await?;
    }
    for (method, listens) in by_method(&lines.listens) {
        let (interest, mut policy) = listening(&listens);
        policy.watched = life.shared.watched(method);
        let handle = dispatch(listens, &life.shared);
        let receiver = receiver(&life.shared.agent, method);
        let bus = &life.backends.bus;
        let attaching = rpc::attach(bus, interest, receiver, (policy, handle));
        let listener = in_time(method, attaching).await?;
        tracing::debug!(method, "listens");
        bound.listeners.push((method, listener));
    }
    for consume in &lines.consumes {
        let queue: Arc<str> = consume.queue.wire().into();
        let work = work(consume, &life.shared);
        let attaching = delivery::attach(&**broker, &queue, policy(consume, life), work);
        let attachment = in_time(&queue, attaching).await?;
        bound.queues.push((consume.line.method, attachment));
    }
    Ok(bound)
}

/// Whose answer it is, `Class.method`: what those who ask with the Python library look an answer up by.
fn receiver(agent: &str, method: &str) -> Arc<str> {
    let (_, class) = agent.rsplit_once('.').unwrap_or(("", agent));
    format!("{class}.{method}").into()
}

/// What the backend answers, or that it did not.
async fn in_time<T>(
    what: &str,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let answered = timeout(ATTACH, answer).await;
    answered.unwrap_or_else(|_| {
        let message = format!("no answer within {ATTACH:?} to `{what}`");
        Err(Error::new(ErrorKind::Timeout, message))
    })
}

impl Bound {
    /// Begins to handle messages, and lets that be seen.
    pub(super) fn start(self, status: &Status) -> Attached {
        let queues = self.queues.into_iter().map(|(method, attachment)| {
            let consuming = attachment.start();
            status.attached(method, LineMonitor::Queue(consuming.monitor()));
            consuming
        });
        let listeners = self.listeners.into_iter().map(|(method, attachment)| {
            let listening = attachment.start();
            status.attached(method, LineMonitor::Listener(listening.monitor()));
            listening
        });
        Attached {
            consuming: queues.collect(),
            listening: listeners.collect(),
        }
    }
}

impl Attached {
    /// Ready when a line can't go on.
    pub(super) async fn ended(&self) -> Arc<Error> {
        type Ended<'a> = BoxFuture<'a, Arc<Error>>;
        let consuming = self
            .consuming
            .iter()
            .map(|it| Box::pin(it.ended()) as Ended);
        let listening = self
            .listening
            .iter()
            .map(|it| Box::pin(it.ended()) as Ended);
        let mut ended: Vec<_> = consuming.chain(listening).collect();
        std::future::poll_fn(move |cx| {
            for ended in &mut ended {
                if let std::task::Poll::Ready(error) = ended.as_mut().poll(cx) {
                    return std::task::Poll::Ready(error);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }

    /// Ends intake, lets handlers finish, and says what was left.
    pub(super) async fn drain(self, stop: &Stop) -> DrainReport {
        let until = stop.draining().await;
        let mut draining = tokio::task::JoinSet::new();
        for consuming in self.consuming {
            draining.spawn(consuming.drain(until));
        }
        for listening in self.listening {
            draining.spawn(async move {
                let report = listening.drain(until).await;
                DrainReport {
                    finished: report.finished,
                    unfinished: report.unfinished,
                    ..DrainReport::default()
                }
            });
        }
        let mut left = DrainReport::default();
        loop {
            tokio::select! {
                biased;
                () = stop.aborted() => {
                    left.unfinished += draining.len();
                    draining.shutdown().await;
                    return left;
                }
                drained = draining.join_next() => match drained {
                    Some(drained) => left += drained.unwrap_or(LOST),
                    None => return left,
                },
            }
        }
    }
}

fn policy(consume: &Consume, agent: &Life) -> Policy {
    let line = &consume.line;
    let (batch, batch_wait) = line.batch.unwrap_or((1, Duration::ZERO));
    Policy {
        concurrency: line.concurrency,
        attempts: line.retries.saturating_add(1),
        backoff: Backoff {
            first: line.backoff.0,
            most: line.backoff.1,
        },
        timeout: line.timeout,
        batch,
        batch_wait,
        dedupe: line
            .dedupe
            .map(|it| agent.handled.of(consume.queue.wire(), it)),
        ordered: consume.queue.is_ordered(),
        watched: agent.shared.watched(line.method),
        ..Policy::default()
    }
}

fn work(consume: &Consume, shared: &Arc<Shared>) -> Work {
    let shared = Arc::clone(shared);
    match consume.handler.clone() {
        ConsumeHandler::One(handler) => Work::Each(Arc::new(move |delivery: Delivery| {
            handler(Context::of(&shared, MessageInfo::delivered(delivery)))
        })),
        ConsumeHandler::Batch(handler) => {
            Work::Batch(Arc::new(move |deliveries: Vec<Delivery>| {
                let messages = deliveries.into_iter().map(MessageInfo::delivered);
                handler(Context::busy(&shared), messages.collect())
            }))
        }
    }
}

/// The signals of each line, which is known by its method.
fn by_method(listens: &[Listen]) -> Vec<(&'static str, Vec<&Listen>)> {
    let mut lines: Vec<(&'static str, Vec<&Listen>)> = Vec::new();
    for listen in listens {
        match lines
            .iter_mut()
            .find(|(method, _)| *method == listen.method)
        {
            Some((_, line)) => line.push(listen),
            None => lines.push((listen.method, vec![listen])),
        }
    }
    lines
}

fn listening(line: &[&Listen]) -> (Interest, ListenPolicy) {
    let subjects = line.iter().map(|it| it.to.wire().into()).collect();
    let calls = line.iter().any(|it| matches!(it.to, Answered::Call(_)));
    let interest = if calls {
        Interest::Calls(subjects)
    } else {
        Interest::Signals(subjects)
    };
    let policy = ListenPolicy {
        concurrency: line.iter().map(|it| it.concurrency).max().unwrap_or(1),
        timeout: line.iter().map(|it| it.timeout).max().unwrap_or_default(),
        ..ListenPolicy::default()
    };
    (interest, policy)
}

/// One handler for all signals of a line.
fn dispatch(line: Vec<&Listen>, shared: &Arc<Shared>) -> rpc::Handle {
    let handlers: BTreeMap<&'static str, ListenHandler> = line
        .into_iter()
        .map(|it| (it.to.wire(), Arc::clone(&it.handler)))
        .collect();
    let shared = Arc::clone(shared);
    Arc::new(move |received: Received| {
        let (Form::Signal { subject, .. } | Form::Call { subject, .. }) = &received.form else {
            return nothing();
        };
        let Some(handler) = handlers.get(&**subject) else {
            return nothing();
        };
        handler(Context::of(&shared, MessageInfo::received(received)))
    })
}

/// For what nobody subscribed to.
fn nothing() -> BoxFuture<'static, Outcome<Option<RawAnswer>>> {
    Box::pin(std::future::ready(Ok(None)))
}
