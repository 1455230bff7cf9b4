//! How an agent lives: made → `pre_start` → bind → `post_start` → serve → drain → `pre_stop`. No `post_start` of a run
//! begins before all its agents are bound. Each phase that fails has one outcome: the agent ends with an error, after what had begun was ended in order.
//! [`App::run`](crate::App::run) has a table of the phases and of what each failure comes to.

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Barrier, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::Agent;
use super::attach::{Attached, Bound, attach};
use super::set::{Hook, LineSet, Serve};
use super::status::{Phase, Status};
use crate::context::{Context, Shared};
use crate::delivery::{DrainReport, Memories};
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::schedule::{Due, Runner};
use crate::stop::Stop;
use crate::task::catch;

/// What `pre_stop` may take when the grace is over already.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What a cancelled task may take to be gone, unless it blocks its thread.
const GONE: Duration = Duration::from_secs(1);

/// What a phase of the start may take before a log line says that it goes on.
const SLOW: Duration = Duration::from_secs(30);

/// Which server ended, and how.
type ServerEnd = (&'static str, Result<(), Failure>);

/// What an agent lives in.
pub(crate) struct Life {
    pub(crate) shared: Arc<Shared>,
    pub(crate) backends: crate::connect::Backends,
    pub(crate) status: Arc<Status>,
    pub(crate) handled: Arc<Memories>,
    /// Where the agents of the run wait for each other, so that none misses what another one says first.
    pub(crate) bound: Arc<Barrier>,
    /// Told when the agent handles messages.
    pub(crate) ready: tokio::sync::mpsc::Sender<()>,
}

/// Lives until the run ends or something of the agent fails.
pub(crate) async fn live(agent: Agent, life: Life) -> Result<(), Error> {
    let lived = whole_life(agent, &life).await;
    // Questions of the agent that still wait end, and so does the task that reads their answers.
    let closed = life.shared.bus.close().await;
    let lived = lived.and(closed.map_err(Error::from));
    life.status.enter(match &lived {
        Ok(()) => Phase::Stopped,
        Err(_) => Phase::Failed,
    });
    lived
}

async fn whole_life(agent: Agent, life: &Life) -> Result<(), Error> {
    let name = &life.shared.agent;
    let watched = life.shared.watched("agent_with");
    let made = slowly(life, "being made", catch(&watched, || (agent.make)()));
    let Some(made) = unless_stopped(life, made).await else {
        return Ok(());
    };
    let mut lines: LineSet = made.map_err(|it| failed(name, "could not be made", it))?;
    life.status.made(&lines);
    lines.leave_out(&life.shared.overview.off);
    let hooked = hook(life, "pre_start", lines.pre_start.as_ref());
    let Some(started) = unless_stopped(life, slowly(life, "`pre_start`", hooked)).await else {
        return Ok(());
    };
    started.map_err(|it| failed(name, "failed in `pre_start`", it))?;
    let pre_stop = lines.pre_stop.clone();
    let lived = attached_life(lines, life).await;
    if lived.is_err() {
        // The others end as well, and `pre_stop` has as long as they.
        life.shared.stopper.drain(life.shared.grace);
    }
    life.status.enter(Phase::Stopping);
    let stopped = last_words(life, pre_stop.as_ref()).await;
    lived.and(stopped)
}

async fn attached_life(lines: LineSet, life: &Life) -> Result<(), Error> {
    let dues = dues(&lines, life)?;
    life.status.scheduled(Instant::now());
    let Some(bound) = unless_stopped(life, bind(&lines, life)).await else {
        return Ok(());
    };
    let bound = bound?;
    let name = &life.shared.agent;
    tracing::info!(agent = %name, "ready");
    let attached = bound.start(&life.status);
    let mut tasks = Tasks::default();
    tasks.begin(lines, dues, life);
    life.status.enter(Phase::Serving);
    // Nobody who is told is gone before the agents are.
    let _ = life.ready.send(()).await;
    let stop = &life.shared.stop;
    let outcome = tokio::select! {
        biased;
        _ = stop.draining() => Ok(()),
        error = attached.ended() => Err(Error::new(
            ErrorKind::Unavailable,
            format!("agent `{name}` can't go on"),
        )
        .with_source(error)),
        // A server that ends because the run does is no failure, and may be seen to end before the run is.
        error = tasks.server_ended(name) => if stop.is_draining() { Ok(()) } else { Err(error) },
    };
    if outcome.is_err() {
        life.shared.stopper.drain(life.shared.grace);
    }
    life.status.enter(Phase::Draining);
    let left = drain(attached, tasks, life).await;
    life.status.leave(left);
    tell(name, left);
    outcome
}

/// Says what a stop left behind.
fn tell(agent: &str, left: DrainReport) {
    let DrainReport {
        returned,
        finished,
        unfinished,
        unsettled,
    } = left;
    if unfinished + unsettled > 0 {
        tracing::warn!(%agent, returned, finished, unfinished, unsettled, "stopped before all had finished");
    } else {
        tracing::info!(%agent, returned, finished, "stopped");
    }
}

/// Binds, waits until the other agents of the run have as well, and runs `post_start`.
async fn bind(lines: &LineSet, life: &Life) -> Result<Bound, Error> {
    let name = &life.shared.agent;
    let watched = life.shared.watched("bind");
    let bound = catch(&watched, || {
        Box::pin(async { Ok(attach(lines, life).await?) })
    });
    let bound = bound.await;
    let bound = bound.map_err(|it| failed(name, "could not be bound", it))?;
    life.bound.wait().await;
    let hooked = hook(life, "post_start", lines.post_start.as_ref());
    let hooked = slowly(life, "`post_start`", hooked).await;
    hooked.map_err(|it| failed(name, "failed in `post_start`", it))?;
    Ok(bound)
}

/// Schedules and servers of an agent.
#[derive(Default)]
struct Tasks {
    schedules: JoinSet<usize>,
    servers: JoinSet<ServerEnd>,
    /// Told to servers when the handlers have finished.
    finished: watch::Sender<bool>,
}

impl Tasks {
    fn begin(&mut self, lines: LineSet, dues: Vec<Due>, life: &Life) {
        if !dues.is_empty() {
            let book = &life.shared.overview.book;
            let runner = Runner::new(lines.schedules, dues, &life.shared, book);
            self.schedules.spawn(runner.run());
        }
        for Serve { method, run } in lines.serves {
            let minds = Arc::new(AtomicBool::new(false));
            let cx = Context::server(&life.shared, &minds);
            let stop = life.shared.stop.clone();
            let finished = self.finished.subscribe();
            let watched = life.shared.watched(method);
            self.servers.spawn(async move {
                tokio::select! {
                    biased;
                    ended = catch(&watched, move || run(cx)) => (method, ended),
                    () = overstayed(finished, &minds, &stop) => (method, Ok(())),
                }
            });
        }
    }

    /// Ready when a server has ended that should run for ever.
    async fn server_ended(&mut self, agent: &str) -> Error {
        match self.servers.join_next().await {
            Some(Ok((method, Err(failure)))) => {
                failed(agent, &format!("failed in `{method}`"), failure)
            }
            Some(Ok((method, Ok(())))) => Error::new(
                ErrorKind::Failed,
                format!("agent `{agent}`: `{method}` ended, and should run until the agent stops"),
            ),
            Some(Err(error)) => Error::new(
                ErrorKind::Failed,
                format!("a server of agent `{agent}` was lost"),
            )
            .with_source(error),
            None => std::future::pending().await,
        }
    }
}

fn dues(lines: &LineSet, life: &Life) -> Result<Vec<Due>, Error> {
    let due = |it: &super::Schedule| {
        let (id, when) = (it.timing.id(), it.timing.describe());
        tracing::debug!(schedule = %id, when, "scheduled");
        Due::new(&it.timing, &life.shared.clock).map_err(|error| {
            Error::new(ErrorKind::Config, format!("schedule `{id}`, {when}")).with_source(error)
        })
    };
    lines.schedules.iter().map(due).collect()
}

/// Ends intake and servers, lets handlers and runs finish, and says what was left.
async fn drain(attached: Attached, mut tasks: Tasks, life: &Life) -> DrainReport {
    let stop = &life.shared.stop;
    let schedules = async {
        let mut unfinished = 0;
        while let Some(left) = tasks.schedules.join_next().await {
            unfinished += left.unwrap_or(1);
        }
        unfinished
    };
    let (mut left, runs) = tokio::join!(attached.drain(stop), schedules);
    left.unfinished += runs;
    tasks.finished.send_replace(true);
    tokio::select! {
        biased;
        () = servers_ended(&mut tasks.servers, &life.shared.agent) => {}
        () = blocked(stop) => {
            let agent = &life.shared.agent;
            tracing::warn!(%agent, "a server blocks its thread and is left behind");
        }
    }
    left
}

async fn servers_ended(servers: &mut JoinSet<ServerEnd>, agent: &str) {
    while let Some(ended) = servers.join_next().await {
        if let Ok((method, Err(failure))) = ended {
            tracing::warn!(%agent, method, %failure, "a server failed while it was stopped");
        }
    }
}

/// Ready when whatever has not gone yet, though it was told to, must block its thread.
pub(crate) async fn blocked(stop: &Stop) {
    stop.expired().await;
    tokio::time::sleep(GONE).await;
}

/// Ready when a server has to go: the handlers have finished, and it either never asked for the end or took too long.
async fn overstayed(mut finished: watch::Receiver<bool>, minds: &AtomicBool, stop: &Stop) {
    // Without a sender there is nothing to wait for.
    let _ = finished.wait_for(|it| *it).await;
    if minds.load(Ordering::Relaxed) {
        stop.expired().await;
    }
}

/// Runs `pre_stop`, unless nothing may go on.
async fn last_words(life: &Life, pre_stop: Option<&Hook>) -> Result<(), Error> {
    let stop = &life.shared.stop;
    let until = stop.draining().await.max(Instant::now() + LAST_WORDS);
    let name = &life.shared.agent;
    tokio::select! {
        biased;
        () = stop.aborted() => Ok(()),
        said = hook(life, "pre_stop", pre_stop) => said.map_err(|it| failed(name, "failed in `pre_stop`", it)),
        () = sleep_until(until) => Err(Error::new(
            ErrorKind::Failed,
            format!("agent `{name}`: `pre_stop` did not end in time"),
        )),
    }
}

async fn hook(life: &Life, name: &'static str, hook: Option<&Hook>) -> Result<(), Failure> {
    match hook {
        Some(hook) => {
            let watched = life.shared.watched(name);
            catch(&watched, || hook(Context::new(&life.shared))).await
        }
        None => Ok(()),
    }
}

/// What comes of a phase of the start, or nothing where the run ends before: its future is dropped then.
async fn unless_stopped<T>(life: &Life, phase: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = phase => Some(done),
        _ = life.shared.stop.draining() => None,
    }
}

/// The same, and says so once where it takes long: nothing ends it but the end of the run.
async fn slowly<T>(life: &Life, what: &str, phase: impl Future<Output = T>) -> T {
    tokio::pin!(phase);
    tokio::select! {
        biased;
        done = &mut phase => return done,
        () = tokio::time::sleep(SLOW) => {}
    }
    let agent = &life.shared.agent;
    tracing::warn!(%agent, what, "the start takes longer than {SLOW:?}");
    phase.await
}

/// The error of an agent. It is of the kind of an [`Error`] that caused it, so that the exit code tells whose turn it is.
fn failed(agent: &str, what: &str, failure: Failure) -> Error {
    let cause = failure.into_cause();
    let mut next: Option<&(dyn StdError + 'static)> = Some(&*cause);
    let mut kind = ErrorKind::Failed;
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<Error>() {
            kind = error.kind();
            break;
        }
        next = error.source();
    }
    Error::new(kind, format!("agent `{agent}` {what}")).with_source(cause)
}
