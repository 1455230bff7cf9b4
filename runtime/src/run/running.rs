//! Agents that run: who awaits them, has the others stop when one fails, and closes the backends last.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use microagent_contract::{Broker, Bus};
use tokio::sync::{Barrier, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::agent::{Agent, Life};
use crate::busy::Busy;
use crate::clock::Clock;
use crate::connect::{Backends, OUTSIDE};
use crate::context::Shared;
use crate::error::{Error, ErrorKind};
use crate::port::{broker_port, bus_port};
use crate::schedule::{Book, Counts, ScheduleId};
use crate::stop::{Stop, Stopper};
use crate::watchdog::{Board, Watchdog};

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
    pub(super) book: Arc<Book>,
    pub(super) busy: Busy,
    pub(super) board: Arc<Board>,
    /// Ends with the run.
    pub(super) _watchdog: Option<Watchdog>,
}

impl Run {
    pub(super) fn life(
        &self,
        agent: &Agent,
        ready: mpsc::Sender<()>,
        bound: &Arc<Barrier>,
    ) -> Life {
        let name: Arc<str> = agent.name().into();
        let bus = bus_port(&self.backends.bus, &name);
        let shared = Shared {
            bus: Arc::clone(&bus) as _,
            broker: broker_port(&self.backends.broker),
            agent: name,
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            stopper: Arc::clone(&self.stopper),
            grace: self.grace,
            busy: self.busy.clone(),
            board: Arc::clone(&self.board),
        };
        Life {
            shared: Arc::new(shared),
            bus,
            backends: self.backends.clone(),
            book: Arc::clone(&self.book),
            bound: Arc::clone(bound),
            ready,
        }
    }

    pub(super) fn supervise(
        self,
        agents: JoinSet<Result<(), Error>>,
        shutdown: Option<Shutdown>,
    ) -> Running {
        let outside = bus_port(&self.backends.bus, &OUTSIDE.into());
        let bus = Bus::new(Arc::clone(&outside) as _);
        let broker = Broker::new(broker_port(&self.backends.broker));
        let (stopper, book, grace) = (
            Arc::clone(&self.stopper),
            Arc::clone(&self.book),
            self.grace,
        );
        let (busy, board) = (self.busy.clone(), Arc::clone(&self.board));
        let supervisor = tokio::spawn(async move {
            let outcome = supervise(&self, agents, shutdown).await;
            outside.close().await;
            self.backends.close().await;
            outcome
        });
        Running {
            bus,
            broker,
            book,
            busy,
            board,
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

/// Agents that run. Dropped, they end at once: what was being handled is delivered again where it came from a queue.
#[derive(Debug)]
pub struct Running {
    bus: Bus,
    broker: Broker,
    book: Arc<Book>,
    #[cfg_attr(
        not(feature = "testing"),
        expect(dead_code, reason = "read by `testing`")
    )]
    busy: Busy,
    board: Arc<Board>,
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
        self.book.snapshot()
    }

    /// How often a handler, run, server or hook has blocked its thread for longer than [`App::blocked_after`] since the
    /// start; each such occurrence counts once.
    ///
    /// [`App::blocked_after`]: crate::App::blocked_after
    pub fn blocked(&self) -> u64 {
        self.board.blocked()
    }

    /// Ends the run in order, as a first signal does, and waits for its end.
    ///
    /// # Errors
    /// As [`ended`](Self::ended).
    pub async fn stop(self) -> Result<(), Error> {
        self.stopper.drain(self.grace);
        self.ended().await
    }

    /// Waits for the end of the run.
    ///
    /// # Errors
    /// [`ErrorKind::Failed`] where an agent failed; the others were stopped in order. Cancelled, the run ends at once.
    pub async fn ended(mut self) -> Result<(), Error> {
        self.join().await
    }

    pub(super) async fn join(&mut self) -> Result<(), Error> {
        let Some(supervisor) = &mut self.supervisor else {
            return Ok(());
        };
        let ended = supervisor.await;
        self.supervisor = None;
        ended.unwrap_or_else(|error| Err(lost(error)))
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
        Arc::clone(&self.book)
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
