//! Those who listen: one subscription per line, as many handlers at once as it may have, and its end. Knows handlers as
//! functions over raw messages, and not how they are run.

use std::sync::{Arc, Weak};
use std::time::Duration;

use microagent_contract::RawAnswer;
use tokio::sync::{oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::ask::check_calls;
use super::counts::{Counters, ListenReport, ListenStats};
use super::line::Line;
use super::losses::LossReport;
use crate::bus::{BusBackend, Interest, Received, Subscription};
use crate::ended::{self, Ended, Teller};
use crate::error::Error;
use crate::failure::Outcome;
use crate::message::BoxFuture;
use crate::repeated::Repeated;
use crate::watchdog::Watched;

/// What a drain has beyond its deadline to take what was heard, and again to tell askers that their handlers did not end.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long the bus may take to give what was heard before the end.
const ANSWER: Duration = Duration::from_secs(5);
/// How often a line looks at what it loses while it can't take more, or has not said all of it.
const LOOK: Duration = Duration::from_secs(1);

/// Handles a signal or a call. `None` is said where the line only listens. The future is dropped when the timeout is over.
pub type Handle =
    Arc<dyn Fn(Received) -> BoxFuture<'static, Outcome<Option<RawAnswer>>> + Send + Sync>;

/// How a line listens.
#[derive(Debug, Clone)]
pub struct ListenPolicy {
    /// Handlers that run at once, at least 1. Default: 16.
    pub concurrency: usize,
    /// How long a handler may take. Default: 60 s.
    pub timeout: Duration,
    /// Messages that wait beside those that are handled; what comes beyond is lost and counted. Default: 1024.
    pub buffer: usize,
    /// As whom its handlers are known where they block their thread. Default: nobody watches.
    pub watched: Watched,
}

impl Default for ListenPolicy {
    fn default() -> Self {
        Self {
            concurrency: 16,
            timeout: Duration::from_mins(1),
            buffer: 1024,
            watched: Watched::default(),
        }
    }
}

/// A line that hears and has not begun to handle. Dropping it ends the subscription.
#[derive(Debug)]
pub struct ListenerAttachment {
    subscription: Box<dyn Subscription>,
    line: Arc<Line>,
}

/// Subscribes. Messages wait in the buffer until [`ListenerAttachment::start`].
///
/// `receiver` is the name that askers are told. Cancelled, nothing stays behind.
///
/// # Errors
/// [`Unsupported`](crate::ErrorKind::Unsupported) where calls are to be answered and the bus has none; what
/// [`BusBackend::subscribe`] fails with.
pub async fn attach(
    bus: &Arc<dyn BusBackend>,
    interest: Interest,
    receiver: Arc<str>,
    (policy, handle): (ListenPolicy, Handle),
) -> Result<ListenerAttachment, Error> {
    let calls = matches!(interest, Interest::Calls(_));
    if calls {
        check_calls(&**bus, &subjects(&interest))?;
    }
    let losses = LossReport::new(Arc::clone(&receiver), subjects(&interest));
    let subscription = bus.subscribe(interest, policy.buffer).await?;
    Ok(ListenerAttachment {
        subscription,
        line: Arc::new(Line {
            bus: Arc::clone(bus),
            receiver,
            policy,
            handle,
            calls,
            counters: Arc::default(),
            losses: Arc::new(losses),
            failures: Repeated::default(),
            cut: watch::channel(false).0,
        }),
    })
}

impl ListenerAttachment {
    /// Begins to handle, in a task of its own. Needs the runtime of tokio around it.
    pub fn start(self) -> Listening {
        let Self { subscription, line } = self;
        let (drain, drain_asked) = oneshot::channel();
        let (teller, ended) = ended::ended();
        let subscription: Arc<dyn Subscription> = subscription.into();
        let monitor = ListenMonitor {
            counters: Arc::clone(&line.counters),
            losses: Arc::clone(&line.losses),
            subscription: Arc::downgrade(&subscription),
        };
        let ear = Ear {
            subscription: Some(subscription),
            line,
            running: JoinSet::new(),
            ended: teller,
        };
        Listening {
            monitor,
            task: Some(tokio::spawn(ear.run(drain_asked))),
            drain: Some(drain),
            ended,
        }
    }
}

/// A line that listens. Dropped without [`drain`](Self::drain) its handlers are cancelled.
#[derive(Debug)]
pub struct Listening {
    task: Option<JoinHandle<ListenReport>>,
    drain: Option<oneshot::Sender<Instant>>,
    ended: Ended,
    monitor: ListenMonitor,
}

/// Looks at a line from outside and keeps nothing of it alive.
#[derive(Clone, Debug)]
pub struct ListenMonitor {
    counters: Arc<Counters>,
    losses: Arc<LossReport>,
    subscription: Weak<dyn Subscription>,
}

impl ListenMonitor {
    /// What happened so far, also when the line is gone. Cheap: no task is asked.
    pub fn stats(&self) -> ListenStats {
        if let Some(subscription) = self.subscription.upgrade() {
            self.losses.note(subscription.lost());
        }
        self.counters.snapshot(self.losses.seen())
    }

    /// Handlers that run.
    pub fn running(&self) -> usize {
        self.counters.running()
    }

    /// The bus knows the subscription; false while it reconnects, and after it ended.
    pub fn is_attached(&self) -> bool {
        let subscription = self.subscription.upgrade();
        subscription.is_some_and(|it| it.is_attached())
    }
}

impl Listening {
    /// What happened so far.
    pub fn stats(&self) -> ListenStats {
        self.monitor.stats()
    }

    /// The bus knows the subscription; false while it reconnects, and after it ended.
    pub fn is_attached(&self) -> bool {
        self.monitor.is_attached()
    }

    /// For those who look at the line while it lives.
    pub fn monitor(&self) -> ListenMonitor {
        self.monitor.clone()
    }

    /// Ready when the bus ended the subscription for good, with its reason. Cancel safe; ready at once when asked again.
    pub async fn ended(&self) -> Arc<Error> {
        self.ended.reason("the line was dropped").await
    }

    /// Ends the subscription, handles what it had heard until the deadline, cancels the rest and answers for it that it
    /// failed; calls that were not begun go to others. Ready at the latest two seconds after the deadline; a
    /// handler that blocks its thread is left behind. What the bus does not give in time is lost, and counts as one that is
    /// unfinished. Cancelled, it goes on as after a drop.
    pub async fn drain(mut self, until: Instant) -> ListenReport {
        if let Some(drain) = self.drain.take() {
            // A task that is gone has nothing to drain.
            let _ = drain.send(until);
        }
        match &mut self.task {
            Some(task) => task.await.unwrap_or_default(),
            None => ListenReport::default(),
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// The task of a line.
struct Ear {
    subscription: Option<Arc<dyn Subscription>>,
    line: Arc<Line>,
    running: JoinSet<()>,
    ended: Teller,
}

impl Ear {
    async fn run(mut self, mut drain: oneshot::Receiver<Instant>) -> ListenReport {
        let mut received = Vec::new();
        loop {
            let free = self.free();
            let minds = free == 0 || self.line.is_behind();
            // In this order none starves: handlers that end are as many as were begun, and what comes next needs a slot.
            let next = next(self.subscription.as_deref(), free, &mut received);
            tokio::select! {
                biased;
                until = &mut drain => {
                    // What it had received by then is not lost.
                    self.begin(&mut received);
                    return self.drain(until.unwrap_or_else(|_| Instant::now())).await;
                }
                Some(_) = self.running.join_next() => {}
                result = next => if let Err(error) = result {
                    self.subscription = None;
                    self.ended.send_replace(Some(Arc::new(error)));
                },
                () = async { sleep(LOOK).await }, if minds => {}
            }
            self.begin(&mut received);
            self.observe();
        }
    }

    /// Handlers that may run beside those that do.
    fn free(&self) -> usize {
        let most = self.line.policy.concurrency.max(1);
        most.saturating_sub(self.running.len())
    }

    fn begin(&mut self, received: &mut Vec<Received>) {
        for received in received.drain(..) {
            let line = Arc::clone(&self.line);
            self.running
                .spawn(async move { line.handle(received).await });
        }
    }

    fn observe(&self) {
        if let Some(subscription) = &self.subscription {
            self.line.observe(&**subscription);
        }
        self.line.catch_up();
    }

    async fn drain(mut self, until: Instant) -> ListenReport {
        let mut heard = Vec::new();
        // How many the bus has kept is not known; it counts as one that was not handled.
        let kept = usize::from(!self.unsubscribe(until, &mut heard).await);
        while self.running.try_join_next().is_some() {}
        let owed = self.running.len() + heard.len() + kept;
        // Whether all ended in time is seen below.
        let _ = timeout_at(until, self.finish(&mut heard)).await;
        let unfinished = self.running.len() + heard.len() + kept;
        // Those that were not begun end at once, with the answer that they are owed.
        self.line.cut.send_replace(true);
        self.begin(&mut heard);
        let gone = async { while self.running.join_next().await.is_some() {} };
        if timeout(LAST_WORDS, gone).await.is_err() {
            let receiver = &*self.line.receiver;
            tracing::warn!(receiver, "a handler blocks its thread and is left behind");
        }
        ListenReport {
            finished: owed - unfinished,
            unfinished,
        }
    }

    /// Ends the subscription, and takes what only this one has heard: nobody else can handle it. Calls go to others. False
    /// where the bus did not give all of it in time.
    async fn unsubscribe(&mut self, until: Instant, heard: &mut Vec<Received>) -> bool {
        let Some(subscription) = self.subscription.take() else {
            return true;
        };
        let mut all = true;
        if !self.line.calls {
            subscription.stop();
            // An error says that there is nothing more.
            let taking = async { while subscription.next(usize::MAX, heard).await.is_ok() {} };
            let now = Instant::now();
            let until = until.clamp(now + LAST_WORDS, now + ANSWER);
            all = timeout_at(until, taking).await.is_ok();
        }
        heard.reverse();
        self.line.observe(&*subscription);
        self.line.losses.finish();
        if !all {
            let receiver = &*self.line.receiver;
            tracing::warn!(receiver, "what the bus did not give in time is lost");
        }
        all
    }

    /// Handles what was heard, the last of the list first, until nothing runs.
    async fn finish(&mut self, heard: &mut Vec<Received>) {
        loop {
            let free = self.free();
            let mut next = heard.split_off(heard.len().saturating_sub(free));
            next.reverse();
            self.begin(&mut next);
            if self.running.join_next().await.is_none() {
                return;
            }
        }
    }
}

/// The next messages; never ready where there is no subscription or no slot.
async fn next(
    subscription: Option<&dyn Subscription>,
    free: usize,
    into: &mut Vec<Received>,
) -> Result<(), Error> {
    match subscription {
        Some(subscription) if free > 0 => subscription.next(free, into).await,
        _ => std::future::pending().await,
    }
}

/// As the log names them.
fn subjects(interest: &Interest) -> Box<str> {
    match interest {
        Interest::Signals(subjects) | Interest::Calls(subjects) => subjects.join(", ").into(),
        Interest::Inbox(_) => "answers".into(),
    }
}
