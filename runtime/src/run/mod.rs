//! Runs agents in one process, from start to exit code. All of them share one bus and one broker; a process for each is
//! not made yet. Owns the reactor where the program has none, and the order in which things end.

mod report;
mod running;

use std::collections::BTreeSet;
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Barrier, mpsc};
use tokio::task::JoinSet;

use self::running::{Run, Shutdown};
use crate::agent::{Agent, Status, live};
use crate::broker::BrokerBackend;
use crate::bus::BusBackend;
use crate::busy::Busy;
use crate::clock::Clock;
use crate::config::{Role, Said, both, environment, place};
use crate::connect::Backends;
use crate::error::{Error, ErrorKind};
use crate::exit::report;
use crate::info::Overview;
use crate::parts::{Part, switched_off};
use crate::signals::{Signals, obey};
use crate::stop::{Stop, Stopper, stop};
use crate::watchdog::{BLOCKED, Board, Watchdog};

pub use self::report::{AgentReport, StopReport};
pub use self::running::Running;

/// Below the 30 s that Kubernetes gives.
const GRACE: Duration = Duration::from_secs(25);

/// Runs agents until SIGTERM or SIGINT, and gives the code to exit with: what `fn main` of a service is.
///
/// It owns the tokio runtime, with a worker per core, and prints the error if there is one, with what the stop left behind
/// ([`Error::left`]). Bus and broker come from
/// `MICROAGENT_BUS` and `MICROAGENT_BROKER`; [`app`] takes them from code.
///
/// Codes: 0 stopped in order, 69 a bus or broker can't be reached, 70 an agent failed or a second signal ended it, 78 not
/// configured.
///
/// ```no_run
/// # fn agents() -> Vec<microagent::Agent> { Vec::new() }
/// fn main() -> std::process::ExitCode {
///     microagent::main(agents())
/// }
/// ```
pub fn main(agents: impl IntoIterator<Item = Agent>) -> ExitCode {
    app(agents).main()
}

/// Runs agents until SIGTERM or SIGINT, inside a tokio runtime.
///
/// Bus and broker come from `MICROAGENT_BUS` and `MICROAGENT_BROKER`; [`app`] takes them from code.
///
/// ```no_run
/// # fn agents() -> Vec<microagent::Agent> { Vec::new() }
/// # async fn example() -> microagent::Result<()> {
/// microagent::run(agents()).await
/// # }
/// ```
///
/// # Errors
/// As [`App::run`], and cancelled as it.
pub async fn run(agents: impl IntoIterator<Item = Agent>) -> Result<(), Error> {
    app(agents).run().await
}

/// Agents to run, and how: the start of what [`App`] says.
///
/// ```no_run
/// # fn agents() -> Vec<microagent::Agent> { Vec::new() }
/// fn main() -> std::process::ExitCode {
///     microagent::app(agents()).bus("memory:").broker("memory:").main()
/// }
/// ```
pub fn app(agents: impl IntoIterator<Item = Agent>) -> App {
    App {
        agents: agents.into_iter().collect(),
        bus: None,
        broker: None,
        without: BTreeSet::new(),
        grace: GRACE,
        blocked_after: BLOCKED,
        shutdown: None,
        start: None,
    }
}

/// Agents to run, and how; made by [`app`].
#[must_use = "nothing runs before `main`, `run` or `start`"]
pub struct App {
    agents: Vec<Agent>,
    bus: Option<Said<dyn BusBackend>>,
    broker: Option<Said<dyn BrokerBackend>>,
    without: BTreeSet<Part>,
    grace: Duration,
    blocked_after: Duration,
    shutdown: Option<Shutdown>,
    start: Option<SystemTime>,
}

impl App {
    /// The bus, by DSN. Default: what `MICROAGENT_BUS` says. The bus that was said last is taken.
    pub fn bus(mut self, dsn: impl Into<String>) -> Self {
        self.bus = Some(Said::Dsn(dsn.into()));
        self
    }

    /// The broker, by DSN. Default: what `MICROAGENT_BROKER` says. The broker that was said last is taken.
    pub fn broker(mut self, dsn: impl Into<String>) -> Self {
        self.broker = Some(Said::Dsn(dsn.into()));
        self
    }

    /// The bus, as an object: for a backend that no DSN names, or that is connected already. The run closes it at its end.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use microagent::backend::memory::Memory;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> microagent::Result<()> {
    /// # let agents = [];
    /// let memory = Memory::new();
    /// let running = microagent::app(agents)
    ///     .bus_backend(Arc::new(memory.clone()))
    ///     .broker_backend(Arc::new(memory.clone()))
    ///     .start()
    ///     .await?;
    /// # running.stop().await.map(drop)
    /// # }
    /// ```
    pub fn bus_backend(mut self, backend: Arc<dyn BusBackend>) -> Self {
        self.bus = Some(Said::Backend(backend));
        self
    }

    /// The broker, as an object, like [`bus_backend`](Self::bus_backend). The run closes it at its end.
    pub fn broker_backend(mut self, backend: Arc<dyn BrokerBackend>) -> Self {
        self.broker = Some(Said::Backend(backend));
        self
    }

    /// Leaves a part of all agents out: it is not attached, and `info()` shows it as switched off. May be said several times.
    /// `MICROAGENT_WITHOUT` leaves out more, as in `MICROAGENT_WITHOUT=schedules,servers`.
    ///
    /// ```
    /// use microagent::Part;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> microagent::Result<()> {
    /// # let agents = [];
    /// let app = microagent::app(agents).without(Part::Schedules).without(Part::Servers);
    /// let running = app.bus("memory:").broker("memory:").start().await?;
    /// # running.stop().await.map(drop)
    /// # }
    /// ```
    pub fn without(mut self, part: Part) -> Self {
        self.without.insert(part);
        self
    }

    /// How long handlers may finish once the run is told to end. Default: 25 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.grace = deadline;
        self
    }

    /// How long a handler, run, server or hook may keep its thread without awaiting anything, in real time, before that
    /// is logged as an error, once each time, and counted in [`Running::blocked`]. Nothing can time it out meanwhile.
    /// Default: 5 s; [`Duration::MAX`] looks at nothing.
    pub fn blocked_after(mut self, blocked: Duration) -> Self {
        self.blocked_after = blocked;
        self
    }

    /// Ends the run in order, as a first signal does, when this future is ready. Signals still work.
    pub fn shutdown(mut self, shutdown: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown = Some(Box::pin(shutdown));
        self
    }

    /// What the agents' clock shows when they start; from then on it goes at its usual pace. For demonstrations and for tests
    /// of whole processes: a run at midnight need not be waited for. Default: the clock of the machine.
    pub fn clock(mut self, start: SystemTime) -> Self {
        self.start = Some(start);
        self
    }

    fn wall_clock(&self) -> Clock {
        let start = self.start.map(Into::into);
        start.map_or_else(Clock::machine, Clock::starting_at)
    }

    /// Runs on a tokio runtime of its own until the end, and gives the code to exit with; see [`main`](crate::main).
    pub fn main(self) -> ExitCode {
        let reactor = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let result = match reactor {
            Ok(reactor) => {
                let result = reactor.block_on(self.run());
                // A handler that blocks its thread must not hold the exit up.
                reactor.shutdown_background();
                result
            }
            Err(error) => Err(Error::new(
                ErrorKind::Unavailable,
                "the operating system gives no threads or no event queue",
            )
            .with_source(error)),
        };
        report(result)
    }

    /// Runs until SIGTERM, SIGINT, the future given to [`shutdown`](Self::shutdown), or the failure of an agent.
    ///
    /// The first signal ends in order: no new message is taken, what was not started goes back, handlers finish within
    /// the deadline, `pre_stop` runs, the connections are flushed and closed. The second ends at once.
    ///
    /// What comes of an agent that fails; the others are stopped in order in each case:
    ///
    /// | phase | it fails or panics | it hangs | the run ends meanwhile |
    /// |---|---|---|---|
    /// | `agent_with`, `pre_start` | error; nothing was attached, no `pre_stop` | told in the log, goes on | it is dropped, no `pre_stop` |
    /// | binding | error; `pre_stop` runs | error after 30 s | what was attached is detached, `pre_stop` runs |
    /// | `post_start` | error; no message was handled, `pre_stop` runs | told in the log, goes on | as binding |
    /// | a server | error, also where it returns; the agent drains, `pre_stop` runs | that is what it does | cancelled when the handlers have finished, or at the deadline where it asked for the end |
    /// | a consumer that the backend ends for good | error; the agent drains, `pre_stop` runs | | |
    /// | a handler while draining | a failed attempt, no error | cancelled at the deadline; its message goes back, no error | |
    /// | `pre_stop` | error | error at the deadline, at least 2 s later | a second signal drops it |
    ///
    /// # Errors
    /// [`ErrorKind::Config`] where bus or broker are not said, [`ErrorKind::Unavailable`] where they can't be reached or
    /// end a consumer for good, [`ErrorKind::Timeout`] where they don't answer in time. [`ErrorKind::Failed`] where an agent
    /// or one of its hooks or servers failed, or the kind of the [`Error`] that it failed with.
    /// [`ErrorKind::Aborted`] after a second signal. [`Error::left`] says what the stop left behind. Cancelled, it ends at
    /// once: what was being handled is delivered again where it came from a queue.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> microagent::Result<()> {
    /// # let agents = [];
    /// let done = tokio::time::sleep(std::time::Duration::from_millis(10));
    /// microagent::app(agents)
    ///     .bus("memory:")
    ///     .broker("memory:")
    ///     .shutdown(done)
    ///     .run()
    ///     .await
    /// # }
    /// ```
    pub async fn run(mut self) -> Result<(), Error> {
        let signals = Signals::listen().map_err(|error| {
            Error::new(ErrorKind::Unavailable, "signals can't be listened to").with_source(error)
        })?;
        let grace = self.grace;
        let (stopper, stop) = stop();
        let stopper = Arc::new(stopper);
        let end = (Arc::clone(&stopper), stop.clone());
        let running = async move {
            let backends = tokio::select! {
                biased;
                connected = self.connect() => connected?,
                _ = stop.draining() => return Ok(()),
            };
            let clock = self.wall_clock();
            let running = self.start_on(backends, clock, end).await?;
            running.ended().await.map(drop)
        };
        tokio::select! {
            biased;
            ended = running => ended,
            () = obey(signals, &stopper, grace) => Ok(()),
        }
    }

    /// Starts, and comes back when all agents are ready, with handles on the bus and the broker that they share. Listens to
    /// no signal.
    ///
    /// # Errors
    /// As [`run`](Self::run), as far as the start goes. Cancelled, it ends at once.
    pub async fn start(mut self) -> Result<Running, Error> {
        let backends = self.connect().await?;
        let clock = self.wall_clock();
        self.start_apart(backends, clock).await
    }

    async fn connect(&mut self) -> Result<Backends, Error> {
        let (bus, broker) = both(
            place(Role::Bus, self.bus.take(), environment),
            place(Role::Broker, self.broker.take(), environment),
        )?;
        self.without.extend(switched_off(environment)?);
        tracing::info!(%bus, %broker, agents = self.agents.len(), "connecting");
        Backends::connect(bus, broker).await
    }

    /// Starts with an end of its own.
    pub(crate) async fn start_apart(
        self,
        backends: Backends,
        clock: Clock,
    ) -> Result<Running, Error> {
        let (stopper, stop) = stop();
        self.start_on(backends, clock, (Arc::new(stopper), stop))
            .await
    }

    async fn start_on(
        self,
        backends: Backends,
        clock: Clock,
        (stopper, stop): (Arc<Stopper>, Stop),
    ) -> Result<Running, Error> {
        let watched = self.blocked_after < Duration::MAX;
        if !self.without.is_empty() {
            let parts: Vec<_> = self.without.iter().map(|it| it.as_str()).collect();
            tracing::info!(without = parts.join(", "), "parts are switched off");
        }
        let statuses = self
            .agents
            .iter()
            .map(|it| Arc::new(Status::new(it.meta())));
        let seen = (statuses.collect(), self.without);
        let board = Arc::new(Board::default());
        let seen_by = (stop.clone(), Arc::clone(&board));
        let overview = Overview::new(seen, &backends, clock.clone(), seen_by);
        let run = Run {
            backends,
            clock,
            stop,
            stopper,
            grace: self.grace,
            handled: Arc::default(),
            busy: Busy::default(),
            _watchdog: watched.then(|| Watchdog::start(&board, self.blocked_after)),
            overview: Arc::new(overview),
        };
        let count = self.agents.len();
        let (ready, mut readied) = mpsc::channel(count.max(1));
        let bound = Arc::new(Barrier::new(count));
        let mut agents = JoinSet::new();
        for (agent, status) in self.agents.into_iter().zip(&run.overview.agents) {
            let life = run.life(status, ready.clone(), &bound);
            agents.spawn(live(agent, life));
        }
        drop(ready);
        let mut running = run.supervise(agents, self.shutdown);
        for _ in 0..count {
            if readied.recv().await.is_none() {
                // An agent ended before it was ready: by its failure, or since the run was told to end.
                running.join().await?;
                break;
            }
        }
        Ok(running)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("agents", &self.agents)
            .field("deadline", &self.grace)
            .finish_non_exhaustive()
    }
}
