//! Agents that run: who awaits them, has the others stop when one fails, and closes the backends last.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use microagent_contract::{Broker, Bus};
use serde_json::Value;
use tokio::sync::{Barrier, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::report::{AgentReport, StopReport};
use crate::agent::{Life, Status};
use crate::busy::Busy;
use crate::clock::Clock;
use crate::connect::{Backends, OUTSIDE};
use crate::context::Shared;
use crate::delivery::Memories;
use crate::error::{Error, ErrorKind};
use crate::info::Overview;
use crate::port::{asking_port, broker_port, bus_port};
#[cfg(feature = "testing")]
use crate::schedule::Book;
use crate::schedule::{Counts, ScheduleId};
use crate::stop::{Stop, Stopper};
use crate::watchdog::Watchdog;

/// What a cancelled agent may take to be gone, unless it blocks its thread.
const GONE: Duration = Duration::from_secs(1);
/// What agents have beyond the deadline of handlers: a second to cancel these, one for servers, two for `pre_stop`, and
/// one more.
const OVERDUE: Duration = Duration::from_secs(5);

/// Ends a run when it is ready.
pub(super) type Shutdown = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the agents of one run share.
pub(super) struct Run {
    pub(super) backends: Backends,
    pub(super) clock: Clock,
    pub(super) stop: Stop,
    pub(super) stopper: Arc<Stopper>,
    pub(super) grace: Duration,
    /// What consumers that dedupe have handled.
    pub(super) handled: Arc<Memories>,
    pub(super) busy: Busy,
    /// Ends with the run.
    pub(super) _watchdog: Option<Watchdog>,
    pub(super) overview: Arc<Overview>,
}

impl Run {
    pub(super) fn life(
        &self,
        status: &Arc<Status>,
        ready: mpsc::Sender<()>,
        bound: &Arc<Barrier>,
    ) -> Life {
        let meta = status.meta;
        let name: Arc<str> = format!("{}.{}", meta.package(), meta.name()).into();
        let (bus, asker) = asking_port(&self.backends.bus, &name);
        status.asks(asker);
        let shared = Shared {
            bus,
            broker: broker_port(&self.backends.broker),
            agent: name,
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            stopper: Arc::clone(&self.stopper),
            grace: self.grace,
            busy: self.busy.clone(),
            board: Arc::clone(&self.overview.board),
            overview: Arc::clone(&self.overview),
        };
        Life {
            shared: Arc::new(shared),
            status: Arc::clone(status),
            backends: self.backends.clone(),
            handled: Arc::clone(&self.handled),
            bound: Arc::clone(bound),
            ready,
        }
    }

    pub(super) fn supervise(
        self,
        agents: JoinSet<Result<(), Error>>,
        shutdown: Option<Shutdown>,
    ) -> Running {
        let bus = Bus::new(bus_port(&self.backends.bus, &OUTSIDE.into()));
        let outside = bus.clone();
        let broker = Broker::new(broker_port(&self.backends.broker));
        let (stopper, grace) = (Arc::clone(&self.stopper), self.grace);
        let overview = Arc::clone(&self.overview);
        let busy = self.busy.clone();
        let supervisor = tokio::spawn(async move {
            let outcome = supervise(&self, agents, shutdown).await;
            let closed = outside.close().await;
            self.backends.close().await;
            outcome.and(closed.map_err(Error::from))
        });
        Running {
            bus,
            broker,
            overview,
            busy,
            grace,
            stopper,
            supervisor: Some(supervisor),
        }
    }
}

/// Awaits the agents, and has the others stop when one fails.
async fn supervise(
    run: &Run,
    mut agents: JoinSet<Result<(), Error>>,
    shutdown: Option<Shutdown>,
) -> Result<(), Error> {
    let mut outcome = Ok(());
    let mut shutdown = shutdown.unwrap_or_else(|| Box::pin(std::future::pending()));
    loop {
        tokio::select! {
            biased;
            () = run.stop.aborted() => {
                agents.abort_all();
                let gone = async { while agents.join_next().await.is_some() {} };
                // What blocks its thread can't be cancelled, and is left behind.
                let _ = timeout(GONE, gone).await;
                let message = "ended at once, before the agents had stopped";
                outcome = outcome.and(Err(Error::new(ErrorKind::Aborted, message)));
                break;
            }
            () = overdue(&run.stop), if !agents.is_empty() => {
                agents.abort_all();
                let message = "an agent did not stop in time: it blocks its thread";
                outcome = outcome.and(Err(Error::new(ErrorKind::Failed, message)));
                break;
            }
            Some(ended) = agents.join_next() => {
                let ended = ended.unwrap_or_else(|error| Err(lost(error)));
                if let Err(error) = &ended {
                    tracing::error!(%error, "an agent ended; the others are stopped");
                    run.stopper.drain(run.grace);
                }
                outcome = outcome.and(ended);
            }
            _ = run.stop.draining(), if agents.is_empty() => break,
            () = &mut shutdown, if !run.stop.is_draining() => run.stopper.drain(run.grace),
        }
    }
    outcome
}

/// Ready when every agent had the time to stop, `pre_stop` included.
async fn overdue(stop: &Stop) {
    stop.expired().await;
    sleep(OVERDUE).await;
}

fn lost(error: tokio::task::JoinError) -> Error {
    Error::new(ErrorKind::Failed, "an agent was lost").with_source(error)
}

/// Agents that run.
///
/// Dropped, they end at once, which is what a crash is: no handler finishes, no `pre_stop` runs, nothing is reported, and
/// what was being handled is delivered again where it came from a queue. A task of the run closes the connections within
/// seconds, and nobody waits for it. [`stop`](Self::stop) is the way to end in order.
#[derive(Debug)]
pub struct Running {
    bus: Bus,
    broker: Broker,
    overview: Arc<Overview>,
    #[cfg_attr(
        not(feature = "testing"),
        expect(dead_code, reason = "read by `testing`")
    )]
    busy: Busy,
    grace: Duration,
    stopper: Arc<Stopper>,
    /// None once it was awaited.
    supervisor: Option<JoinHandle<Result<(), Error>>>,
}

impl Running {
    /// The bus that the agents share.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The broker that the agents share.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// What became of the due times of each schedule, by agent and line.
    pub fn schedules(&self) -> Vec<(ScheduleId, Counts)> {
        self.overview.book.snapshot()
    }

    /// How often a handler, run, server or hook has blocked its thread for longer than [`App::blocked_after`] since the
    /// start; each such occurrence counts once.
    ///
    /// [`App::blocked_after`]: crate::App::blocked_after
    pub fn blocked(&self) -> u64 {
        self.overview.board.blocked()
    }

    /// Whether every agent handles messages and all that they declare is attached now. False while a consumer or a listener
    /// has lost its connection, and from the moment on at which the run ends.
    pub fn is_ready(&self) -> bool {
        self.overview.is_ready()
    }

    /// What can be seen of the run, as JSON. It looks at what is there and waits for nothing.
    ///
    /// ```json
    /// {
    ///   "versions": { "microagent": "0.1.0", "wire": 1, "info": 1 },
    ///   "ready": true,
    ///   "blocked": 0,
    ///   "without": ["servers"],
    ///   "bus": { "name": "memory", "at": "memory:", "calls": true, "max_payload": 1048576 },
    ///   "broker": { "name": "memory", "at": "memory:", "durable": false, "lease_ms": 30000 },
    ///   "agents": [{
    ///     "name": "MailAgent", "package": "mail_service", "fingerprint": "0000000000005678",
    ///     "state": "serving", "ready": true,
    ///     "lines": [{
    ///       "kind": "consume", "name": "consume_mailer", "takes": ["accounts.mailer"],
    ///       "attached": true, "in_flight": 0, "counts": { "succeeded": 7, "failed": 1 }
    ///     }],
    ///     "questions": { "pending": 0, "late": 0, "overflowed": 0, "inbox_overflowed": 0, "gaps": 0 },
    ///     "schedules": [{
    ///       "kind": "cron", "name": "send_report", "expression": "0 */4 * * *", "timezone": "UTC",
    ///       "next": ["2024-01-01T04:00:00Z"], "counts": { "runs": 0, "failed": 0, "skipped": 0, "missed": 0, "late": 0, "latest_ms": 0 }
    ///     }]
    ///   }]
    /// }
    /// ```
    ///
    /// Fields keep their names and meanings as long as `versions.info` stays; others may be added.
    ///
    /// | field | what |
    /// |---|---|
    /// | `versions` | of this crate, of the messages between processes, of this JSON |
    /// | `ready` | of the run and of each agent, see [`is_ready`](Self::is_ready) |
    /// | `blocked` | how often a thread was kept, see [`blocked`](Self::blocked) |
    /// | `without` | the [parts](crate::Part) that are switched off |
    /// | `bus`, `broker` | `name` of the backend, `at` its DSN without secrets, and what it can do, as follows |
    /// | [of `bus`](crate::bus::BusCapabilities) | `calls`, `headers`, `tells_nobody`, `max_payload` |
    /// | [of `broker`](crate::broker::Capabilities) | `durable`, `delayed`, `ordered`, `max_priority`, `ttl`, `fanout`, `topic`, `headers`, `counts_crashes`, `lease_ms`, `max_payload` |
    /// | `fingerprint` | of the wire contract of the agent's package, in hexadecimal |
    /// | `state` | `starting`, `serving`, `draining`, `stopping` (`pre_stop` runs), `stopped`, `failed` |
    /// | `lines` | `kind` is `consume`, `receive`, `answer` or `serve`; `name` the handler, `takes` the wire names; a line that is switched off has `"off": true` |
    /// | `in_flight` | handlers that run now |
    /// | `counts` of `consume` | `succeeded`, `failed` (of which `panicked`, `timed_out`, `undecodable`), `retried`, `dead_lettered`, `deduplicated`, `returned` uncounted, `late` settlements |
    /// | `counts` of `receive` and `answer` | `succeeded`, `failed` (of which `panicked`, `timed_out`), lost as `overflowed` (the buffer was full) or `late` (the caller had gone), `gaps` of the connection, `unanswered` |
    /// | `questions` | what the agent asks and calls: `pending` now, answers that came `late` and were dropped, answers beyond what there is room for as `overflowed` (of which `inbox_overflowed` found the inbox full), `gaps` of the inbox's connection |
    /// | `schedules` | `kind` is `cron`, or `every` with its `period_ms`; `next` are up to three instants without jitter; counted are `runs`, `failed`, `skipped` by overlap, `missed` unseen, begun `late` by more than a second, and `latest_ms` is the longest time by which one was |
    pub fn info(&self) -> Value {
        self.overview.to_json()
    }

    /// Ends the run in order, as a first signal does, waits for its end, and says what was left.
    ///
    /// # Errors
    /// As [`ended`](Self::ended), and cancelled as it.
    pub async fn stop(self) -> Result<StopReport, Error> {
        self.stopper.drain(self.grace);
        self.ended().await
    }

    /// Waits for the end of the run, and says what was left.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] where an agent failed, or the kind of the [`Error`] that it failed with; the others were
    /// stopped in order, and [`Error::left`] says what was left. Cancelled, the run ends at once, as where it is dropped.
    pub async fn ended(mut self) -> Result<StopReport, Error> {
        self.join().await
    }

    pub(super) async fn join(&mut self) -> Result<StopReport, Error> {
        let mut ended = Ok(());
        if let Some(supervisor) = &mut self.supervisor {
            let joined = supervisor.await;
            self.supervisor = None;
            ended = joined.unwrap_or_else(|error| Err(lost(error)));
        }
        let agents = self.overview.agents.iter();
        let agents = agents.map(|it| AgentReport::new(it.meta, it.left()));
        let left = StopReport {
            agents: agents.collect(),
        };
        match ended {
            Ok(()) => Ok(left),
            Err(error) => Err(error.with_left(left)),
        }
    }

    /// Ends the run at once, and waits until it is gone.
    #[cfg(feature = "testing")]
    pub(crate) async fn crash(self) {
        self.stopper.abort();
        // That it was ended at once is what was asked for.
        let _ = self.ended().await;
    }

    #[cfg(feature = "testing")]
    pub(crate) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.overview.book)
    }

    #[cfg(feature = "testing")]
    pub(crate) fn busy(&self) -> Busy {
        self.busy.clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopper.abort();
    }
}
