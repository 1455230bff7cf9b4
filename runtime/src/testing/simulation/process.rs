//! A process of a life: agents that are started, stopped in order and killed, again and again. Knows no faults but its
//! own end.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::bus::backends;
use super::core::{Core, roll};
use super::link::Link;
use crate::agent::Agent;
use crate::error::Error;
use crate::run::app;

/// A process may end, and start again with new agents on the same broker and bus. A clone is the same process.
#[derive(Clone)]
pub struct Process(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    name: Arc<str>,
    make: Box<dyn Fn() -> Vec<Agent> + Send + Sync>,
    starts: AtomicU32,
    going: Mutex<Option<Going>>,
}

/// One start of it.
struct Going {
    link: Link,
    phase: watch::Receiver<Phase>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// How far a start is. It has ended when nobody tells it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
}

impl Process {
    pub(super) fn new(
        core: &Arc<Core>,
        name: &str,
        make: impl Fn() -> Vec<Agent> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            core: Arc::clone(core),
            name: name.into(),
            make: Box::new(make),
            starts: AtomicU32::new(0),
            going: Mutex::default(),
        }))
    }

    fn going(&self) -> MutexGuard<'_, Option<Going>> {
        self.0.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// It has been started and has not ended; it may be starting, or stopping.
    pub fn is_running(&self) -> bool {
        self.going()
            .as_ref()
            .is_some_and(|it| !it.task.is_finished())
    }

    /// Its agents are ready, and it has not been told to stop.
    pub fn is_ready(&self) -> bool {
        let going = self.going();
        let ready = |it: &Going| {
            !it.task.is_finished() && it.stop.is_some() && *it.phase.borrow() == Phase::Ready
        };
        going.as_ref().is_some_and(ready)
    }

    /// Begins to start it, where it does not run.
    pub fn begin(&self) {
        if self.is_running() {
            return;
        }
        let inner = &self.0;
        let number = inner.starts.fetch_add(1, Ordering::Relaxed) + 1;
        let link = Link::new(&inner.core, format!("{}#{number}", inner.name).into());
        inner.core.count("starts");
        inner.core.note(format_args!("{} starts", link.name));
        let (stop, stopped) = oneshot::channel();
        let (told, phase) = watch::channel(Phase::Starting);
        let task = tokio::spawn(live((inner.make)(), link.clone(), told, stopped));
        *self.going() = Some(Going {
            link,
            phase,
            stop: Some(stop),
            task,
        });
    }

    /// Starts it, where it does not run, and waits until its agents are ready; false where it ended before.
    pub async fn start(&self) -> bool {
        self.begin();
        self.reaches(|it| it == Phase::Ready).await
    }

    /// Begins to end it in order, as a first signal does.
    pub fn begin_stop(&self) {
        if let Some(going) = self.going().as_mut()
            && let Some(stop) = going.stop.take()
            && !going.task.is_finished()
        {
            self.0.core.count("stops in order");
            let name = &going.link.name;
            self.0.core.note(format_args!("{name} is told to stop"));
            // One that has just ended needs no telling.
            let _ = stop.send(());
        }
    }

    /// Ends it in order, and waits until it has ended.
    pub async fn stop(&self) {
        self.begin_stop();
        self.reaches(|_| false).await;
    }

    /// Ends it as `kill -9` does: from now on nothing that it does has an effect, and nothing is handed back in order. The
    /// broker learns of it at once, or when leases end.
    pub fn crash(&self) {
        if let Some(going) = self.going().take()
            && !going.task.is_finished()
        {
            going.link.cut();
            going.task.abort();
            self.0.core.count("crashes");
            let name = &going.link.name;
            self.0.core.note(format_args!("{name} crashes"));
        }
    }

    /// Its connection to the bus is lost for this long.
    pub(super) fn lose_bus(&self, away: Duration) {
        if let Some(going) = self.going().as_ref() {
            self.0.core.count("bus connections lost");
            let name = &going.link.name;
            self.0
                .core
                .note(format_args!("{name} loses the bus for {away:?}"));
            going.link.memory.lose_bus_connection(away);
        }
    }

    async fn reaches(&self, wanted: impl Fn(Phase) -> bool) -> bool {
        let Some(mut phase) = self.going().as_ref().map(|it| it.phase.clone()) else {
            return false;
        };
        phase.wait_for(|it| wanted(*it)).await.is_ok()
    }
}

/// One start, from its beginning to its end.
async fn live(
    agents: Vec<Agent>,
    link: Link,
    phase: watch::Sender<Phase>,
    stopped: oneshot::Receiver<()>,
) {
    let core = Arc::clone(&link.core);
    let grace = Duration::from_millis(100 + roll(3000));
    let app = app(agents).deadline(grace).shutdown(async move {
        // Gone without a word, the process is killed, and nobody asks.
        let _ = stopped.await;
    });
    let run = async {
        let clock = core.clock.clone();
        let running = app.start_apart(backends(&link), clock).await?;
        phase.send_replace(Phase::Ready);
        core.note(format_args!("{} is ready", link.name));
        running.ended().await.map(drop)
    };
    let ended: Result<(), Error> = run.await;
    match ended {
        Ok(()) => core.note(format_args!("{} has stopped", link.name)),
        Err(error) => {
            core.count("processes that failed");
            core.note(format_args!("{} failed: {error}", link.name));
        }
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("name", &self.0.name)
            .field("running", &self.is_running())
            .finish_non_exhaustive()
    }
}
