//! The delivery driver, written once for all brokers: it owns concurrency, prefetch, timeouts, attempts, backoff,
//! batches, dead-lettering and drain. It knows a broker by its trait and a handler by a function over raw deliveries; it must not
//! know schemas, agents or any backend.
//!
//! A delivery is acknowledged after its handler succeeded. An error, a panic and a timeout are a failed attempt, which the
//! broker is asked to deliver again after the backoff; the handler's slot is free meanwhile. After the last attempt, and
//! at once where the handler says so, the broker keeps it as a dead letter.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::desk::Desk;
use crate::broker::{BrokerBackend, Capabilities, ConsumeOptions, Consumer};
use crate::ended::{self, Ended};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, Outcome};
use crate::message::{BoxFuture, Delivery};
use crate::watchdog::Watched;

pub use self::backoff::Backoff;
pub use self::dedupe::Dedupe;
pub(crate) use self::dedupe::Memories;
pub use self::stats::{DeliveryStats, DrainReport};

mod backoff;
mod crew;
mod dedupe;
mod desk;
pub(crate) mod guard;
mod pump;
mod stats;
mod timer;
mod told;
mod verdict;
mod worker;

/// How a queue is consumed.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Handlers that run at once, at least 1. Default: 1.
    pub concurrency: usize,
    /// Messages held at once, those that wait for a slot included. Default: what the slots handle in about 100 ms, so that a
    /// slow consumer hoards nothing that another could do; at least twice what they take at once, at most that or 256. Where
    /// `attempts` is 1 it is what the slots take at once: one crash would give up all that waited for a slot.
    pub prefetch: Option<usize>,
    /// Attempts at most, the first included, at least 1. Default: 4.
    pub attempts: u32,
    /// How long a failed message waits.
    pub backoff: Backoff,
    /// How long a handler may take. Default: 60 s.
    pub timeout: Duration,
    /// Messages per run of a batch handler. Default: 1.
    pub batch: usize,
    /// How long a batch waits for more from its first message on. Default: none, it takes what is there.
    pub batch_wait: Duration,
    /// What was handled is not handled again when it is delivered again; refused at start where no id travels with a
    /// message. Default: nothing is remembered.
    pub dedupe: Option<Dedupe>,
    /// The queue must be ordered; refused at start where the broker can't. Default: no.
    pub ordered: bool,
    /// Where the jitter starts, so that a simulation replays. Default: random.
    pub seed: Option<u64>,
    /// As whom its handlers are known where they block their thread. Default: nobody watches.
    pub watched: Watched,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            concurrency: 1,
            prefetch: None,
            attempts: 4,
            backoff: Backoff::default(),
            timeout: Duration::from_mins(1),
            batch: 1,
            batch_wait: Duration::ZERO,
            dedupe: None,
            ordered: false,
            seed: None,
            watched: Watched::default(),
        }
    }
}

impl Policy {
    /// The first that a broker lacks.
    fn first_beyond(&self, broker: &Capabilities) -> Option<&'static str> {
        if self.ordered && !broker.ordered {
            Some("is ordered")
        } else if self.dedupe.is_some() && !broker.headers {
            Some("is consumed with `dedupe`, by the ids of messages")
        } else {
            None
        }
    }

    /// Deliveries that run at once.
    fn slots(&self) -> usize {
        self.concurrency.max(1).saturating_mul(self.batch.max(1))
    }

    /// The most that is ever held.
    fn prefetch(&self) -> usize {
        let most = || match self.attempts {
            0 | 1 => self.slots(),
            _ => self.slots().saturating_mul(2).max(256),
        };
        self.prefetch.map_or_else(most, |it| it.max(1))
    }

    /// What is worth holding when a slot is busy for this long with one delivery.
    fn window(&self, busy: Duration) -> usize {
        if self.prefetch.is_some() {
            return self.prefetch();
        }
        let ahead = HELD_AHEAD.as_nanos() / busy.as_nanos().max(1);
        let ahead = usize::try_from(ahead).unwrap_or(usize::MAX).max(1);
        let wanted = self.slots().saturating_mul(ahead.saturating_add(1));
        wanted.min(self.prefetch())
    }
}

/// How much work a consumer holds beside what it does.
const HELD_AHEAD: Duration = Duration::from_millis(100);

/// Handles one delivery. The future is dropped when the timeout is over.
pub type HandleEach = Arc<dyn Fn(Delivery) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// Begins to handle several.
pub type HandleBatch = Arc<dyn Fn(Vec<Delivery>) -> BatchRun + Send + Sync>;

/// A run of a batch handler.
pub struct BatchRun {
    /// What failed before the run and whatever becomes of it, by place in the batch, in order.
    undecodable: Vec<(usize, Failure)>,
    outcomes: BoxFuture<'static, Vec<Outcome>>,
}

impl BatchRun {
    /// One outcome for each message, in their order. A list of another length, a panic and a timeout are a failed attempt of
    /// each.
    pub fn of(outcomes: impl Future<Output = Vec<Outcome>> + Send + 'static) -> Self {
        Self {
            undecodable: Vec::new(),
            outcomes: Box::pin(outcomes),
        }
    }

    /// The same for a batch of which these are not handled, as their bytes are not what they should be.
    pub(crate) fn without(mut self, undecodable: Vec<(usize, Failure)>) -> Self {
        self.undecodable = undecodable;
        self
    }
}

/// What is done with deliveries.
#[derive(Clone)]
pub enum Work {
    /// One at a time per slot.
    Each(HandleEach),
    /// Up to [`Policy::batch`] at a time per slot.
    Batch(HandleBatch),
}

/// A queue that is being consumed. Dropped without [`drain`](Self::drain) it is what a crash is: handlers are cancelled, and
/// what was held goes to others as a failed attempt.
#[derive(Debug)]
pub struct Consuming {
    desk: Arc<Desk>,
    pump: Option<JoinHandle<()>>,
    drain: Option<oneshot::Sender<Instant>>,
    report: Option<oneshot::Receiver<DrainReport>>,
    ended: Ended,
    monitor: Monitor,
}

/// Looks at a consumer from outside and keeps nothing of it alive.
#[derive(Debug, Clone)]
pub struct Monitor {
    stats: Arc<stats::Stats>,
    desk: Weak<Desk>,
    consumer: Weak<dyn Consumer>,
}

impl Monitor {
    /// What happened so far, also when the consumer is gone.
    pub fn stats(&self) -> DeliveryStats {
        self.stats.snapshot()
    }

    /// Handlers that run.
    pub fn running(&self) -> usize {
        self.desk.upgrade().map_or(0, |it| it.running())
    }

    /// The broker gives it messages; false while it reconnects, and after it ended.
    pub fn is_attached(&self) -> bool {
        self.stats.has_intake() && self.consumer.upgrade().is_some_and(|it| it.is_attached())
    }
}

/// A consumer that is attached and has not begun. Dropping it detaches.
#[derive(Debug)]
pub struct Attachment {
    consumer: Box<dyn Consumer>,
    desk: Arc<Desk>,
    lease: Option<Duration>,
}

/// Attaches to a queue and begins to handle its messages: [`attach`] and [`Attachment::start`].
///
/// # Errors
/// As [`attach`], and cancelled as it.
pub async fn consume(
    broker: &dyn BrokerBackend,
    queue: &Arc<str>,
    policy: Policy,
    work: Work,
) -> Result<Consuming, Error> {
    Ok(attach(broker, queue, policy, work).await?.start())
}

/// Attaches to a queue. Nothing is fetched before [`Attachment::start`].
///
/// # Errors
/// [`ErrorKind::Unsupported`] where the policy asks for order or `dedupe` and the broker has no order or no ids; what [`BrokerBackend::consume`] fails
/// with. Cancelled, nothing stays behind.
pub async fn attach(
    broker: &dyn BrokerBackend,
    queue: &Arc<str>,
    policy: Policy,
    work: Work,
) -> Result<Attachment, Error> {
    let capabilities = broker.capabilities();
    if let Some(what) = policy.first_beyond(capabilities) {
        let message = format!(
            "queue `{queue}` {what}, which {} can't do",
            capabilities.name
        );
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let lease = capabilities.lease;
    let options = ConsumeOptions {
        prefetch: policy.prefetch(),
        name: Arc::clone(queue),
    };
    let consumer = broker.consume(queue, &options).await?;
    let max_payload = capabilities.max_payload;
    let desk = Arc::new(Desk::new(Arc::clone(queue), policy, work, max_payload));
    Ok(Attachment {
        consumer,
        desk,
        lease,
    })
}

impl Attachment {
    /// Begins to handle messages, in a task of its own. Needs the runtime of tokio around it.
    pub fn start(self) -> Consuming {
        let Self {
            consumer,
            desk,
            lease,
        } = self;
        let (drain, drain_asked) = oneshot::channel();
        let (report_sent, report) = oneshot::channel();
        let (teller, ended) = ended::ended();
        let consumer: Arc<dyn Consumer> = consumer.into();
        let monitor = Monitor {
            stats: Arc::clone(&desk.stats),
            desk: Arc::downgrade(&desk),
            consumer: Arc::downgrade(&consumer),
        };
        let pump = pump::Pump::new(consumer, Arc::clone(&desk), lease, teller);
        let pump = tokio::spawn(pump.run(drain_asked, report_sent));
        Consuming {
            desk,
            pump: Some(pump),
            drain: Some(drain),
            report: Some(report),
            ended,
            monitor,
        }
    }
}

impl Consuming {
    /// What happened so far.
    pub fn stats(&self) -> DeliveryStats {
        self.desk.stats.snapshot()
    }

    /// The broker gives it messages; false while it reconnects, and after it ended.
    pub fn is_attached(&self) -> bool {
        self.monitor.is_attached()
    }

    /// For those who look at the consumer while it lives.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// Ready when the broker ended the consumer for good, with its reason. Cancel safe; ready at once when asked again.
    pub async fn ended(&self) -> Arc<Error> {
        self.ended.reason("the consumer was dropped").await
    }

    /// Ends in order: stops fetching, hands back what was not started without counting an attempt, lets handlers finish
    /// until the deadline, cancels those that did not and hands their messages back as a failed attempt, detaches.
    ///
    /// Ready at the latest a second after the deadline; a handler that blocks its thread is left behind. Cancelled, it
    /// goes on as after a drop.
    pub async fn drain(mut self, until: Instant) -> DrainReport {
        if let Some(drain) = self.drain.take() {
            // A pump that is gone has nothing to drain.
            let _ = drain.send(until);
        }
        let report = match self.report.take() {
            Some(report) => report.await.unwrap_or_default(),
            None => DrainReport::default(),
        };
        if let Some(pump) = self.pump.take() {
            // It reported as the last thing it did.
            let _ = pump.await;
        }
        report
    }
}

impl Drop for Consuming {
    fn drop(&mut self) {
        if let Some(pump) = &self.pump {
            pump.abort();
        }
    }
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Each(_) => "Work::Each",
            Self::Batch(_) => "Work::Batch",
        })
    }
}

impl std::fmt::Debug for BatchRun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let undecodable = self.undecodable.len();
        f.debug_struct("BatchRun")
            .field("undecodable", &undecodable)
            .finish_non_exhaustive()
    }
}
