//! What can be seen of an agent while it lives: its phase, its lines and what they counted, and what its stop left behind.
//! Keeps nothing of the agent alive.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use microagent_contract::meta::AgentMeta;
use tokio::time::Instant;

use super::set::{Answered, LineSet, Timing};
use crate::delivery::{DrainReport, Monitor};
use crate::parts::Part;
use crate::rpc::{AskerMonitor, AskerStats, ListenMonitor};

/// Where an agent is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is made, `pre_start` runs, its lines are bound, `post_start` runs.
    Starting,
    /// It handles messages.
    Serving,
    /// Intake has ended, handlers finish.
    Draining,
    /// `pre_stop` runs.
    Stopping,
    /// It ended as it should.
    Stopped,
    /// It ended with an error.
    Failed,
}

impl Phase {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Serving => "serving",
            Self::Draining => "draining",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// What can be seen of one agent.
pub(crate) struct Status {
    pub(crate) meta: &'static AgentMeta,
    state: Mutex<State>,
    /// Known once the agent is made.
    lines: OnceLock<Vec<Line>>,
    timings: OnceLock<Vec<Timing>>,
    /// When its schedules began to count.
    scheduled: OnceLock<Instant>,
    /// Set when it is given its bus.
    asker: OnceLock<AskerMonitor>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    left: DrainReport,
}

/// One line that takes messages, or a server.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) part: Part,
    pub(crate) kind: &'static str,
    /// The handler.
    pub(crate) name: &'static str,
    /// Wire names of what it takes.
    pub(crate) takes: Vec<&'static str>,
    /// Set when it is attached.
    pub(crate) monitor: OnceLock<LineMonitor>,
}

#[derive(Debug)]
pub(crate) enum LineMonitor {
    Queue(Monitor),
    Listener(ListenMonitor),
}

impl LineMonitor {
    pub(crate) fn is_attached(&self) -> bool {
        match self {
            Self::Queue(monitor) => monitor.is_attached(),
            Self::Listener(monitor) => monitor.is_attached(),
        }
    }
}

impl Status {
    pub(crate) fn new(meta: &'static AgentMeta) -> Self {
        Self {
            meta,
            state: Mutex::new(State {
                phase: Phase::Starting,
                left: DrainReport::default(),
            }),
            lines: OnceLock::new(),
            timings: OnceLock::new(),
            scheduled: OnceLock::new(),
            asker: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn phase(&self) -> Phase {
        self.state().phase
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.state().phase = phase;
    }

    /// What its stop left behind.
    pub(crate) fn left(&self) -> DrainReport {
        self.state().left
    }

    pub(crate) fn leave(&self, left: DrainReport) {
        self.state().left = left;
    }

    /// Notes what the agent has, once.
    pub(crate) fn made(&self, set: &LineSet) {
        self.lines.get_or_init(|| lines(set));
        let timings = set.schedules.iter().map(|it| it.timing.clone());
        self.timings.get_or_init(|| timings.collect());
    }

    /// Its schedules count from now on.
    pub(crate) fn scheduled(&self, now: Instant) {
        self.scheduled.get_or_init(|| now);
    }

    pub(crate) fn lines(&self) -> &[Line] {
        self.lines.get().map_or(&[], |lines| lines)
    }

    pub(crate) fn timings(&self) -> &[Timing] {
        self.timings.get().map_or(&[], |timings| timings)
    }

    /// When its schedules began to count.
    pub(crate) fn began(&self) -> Option<Instant> {
        self.scheduled.get().copied()
    }

    /// It asks by this one.
    pub(crate) fn asks(&self, monitor: AskerMonitor) {
        self.asker.get_or_init(|| monitor);
    }

    /// What became of its questions.
    pub(crate) fn asked(&self) -> AskerStats {
        let asker = self.asker.get();
        asker.map(AskerMonitor::stats).unwrap_or_default()
    }

    /// The line of this handler is attached.
    pub(crate) fn attached(&self, name: &str, monitor: LineMonitor) {
        if let Some(line) = self.lines().iter().find(|it| it.name == name) {
            line.monitor.get_or_init(|| monitor);
        }
    }

    /// It handles messages, and every line that is not switched off is attached now.
    pub(crate) fn is_ready(&self, off: &BTreeSet<Part>) -> bool {
        let attached = |line: &Line| match line.part {
            Part::Servers | Part::Schedules => true,
            part if off.contains(&part) => true,
            Part::Receiving | Part::Consuming => {
                line.monitor.get().is_some_and(LineMonitor::is_attached)
            }
        };
        self.phase() == Phase::Serving && self.lines().iter().all(attached)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Status")
            .field("agent", &self.meta.name())
            .field("phase", &self.phase())
            .finish_non_exhaustive()
    }
}

fn lines(set: &LineSet) -> Vec<Line> {
    let consumes = set.consumes.iter().map(|it| {
        let line = (Part::Consuming, "consume", it.line.method);
        new_line(line, vec![it.queue.wire()])
    });
    let mut lines: Vec<Line> = consumes.collect();
    for listen in &set.listens {
        // Signals of one method are one line.
        let same = |it: &&mut Line| it.part == Part::Receiving && it.name == listen.method;
        if let Some(line) = lines.iter_mut().find(same) {
            line.takes.push(listen.to.wire());
            continue;
        }
        let kind = match listen.to {
            Answered::Signal(_) => "receive",
            Answered::Question(_) | Answered::Call(_) => "answer",
        };
        let line = (Part::Receiving, kind, listen.method);
        lines.push(new_line(line, vec![listen.to.wire()]));
    }
    let serves = set.serves.iter();
    lines.extend(serves.map(|it| new_line((Part::Servers, "serve", it.method), Vec::new())));
    lines
}

fn new_line(
    (part, kind, name): (Part, &'static str, &'static str),
    takes: Vec<&'static str>,
) -> Line {
    Line {
        part,
        kind,
        name,
        takes,
        monitor: OnceLock::new(),
    }
}
