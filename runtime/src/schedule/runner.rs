//! Runs the schedules of one agent: takes what is due, makes the runs, keeps to the rule for runs that overlap, and ends
//! with the agent. One task waits for all of them; each run is a task of its own, so that runs spread over the cores and
//! none holds up another. Owns these tasks and awaits them.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet, yield_now};
use tokio::time::{Instant, timeout};

use super::agenda::Agenda;
use super::book::{Book, Record};
use super::due::Taken;
use super::{Due, ScheduleId, Tick};
use crate::agent::{Overlap, Run, Schedule, Timing, blocked};
use crate::context::{Context, Shared};
use crate::failure::{Failure, FailureKind, Outcome};
use crate::stop::Stop;
use crate::task::catch;
use crate::watchdog::Watched;

/// How many runs of one schedule go on at a time, at most: as many as a run each second makes within the timeout that is
/// the default.
const PARALLEL: usize = 64;
/// How many due times are taken before others have a turn.
const AT_ONCE: usize = 64;

/// The schedules of one agent.
pub(crate) struct Runner {
    lines: Vec<Line>,
    agenda: Agenda,
    shared: Arc<Shared>,
    going: JoinSet<()>,
    /// Whose runs these are.
    line_of: HashMap<Id, usize>,
}

/// One schedule.
struct Line {
    id: ScheduleId,
    run: Run,
    record: Arc<Record>,
    watched: Watched,
    timeout: Duration,
    overlap: Overlap,
    once_per_fleet: bool,
    /// How many runs go on.
    going: usize,
    /// What is due when they have ended.
    waiting: Option<Begin>,
}

/// A run to begin.
struct Begin {
    tick: Tick,
    /// How late it was when it was taken.
    lateness: Duration,
    taken: Instant,
}

impl Runner {
    /// Schedules with their due times, in the same order.
    pub(crate) fn new(
        schedules: Vec<Schedule>,
        dues: Vec<Due>,
        shared: &Arc<Shared>,
        book: &Book,
    ) -> Self {
        Self {
            lines: schedules
                .into_iter()
                .map(|it| line(it, book, shared))
                .collect(),
            agenda: Agenda::new(dues, shared.clock.clone()),
            shared: Arc::clone(shared),
            going: JoinSet::new(),
            line_of: HashMap::new(),
        }
    }

    /// Runs until intake ends, lets the runs that go on finish, and ends them when the grace is over. Comes back with the
    /// number of those.
    pub(crate) async fn run(mut self) -> usize {
        let stop = self.shared.stop.clone();
        let draining = stop.draining();
        tokio::pin!(draining);
        loop {
            tokio::select! {
                biased;
                _ = &mut draining => break,
                Some(ended) = self.going.join_next_with_id() => self.ended(ended),
                () = self.agenda.wait() => self.take_due().await,
            }
        }
        self.finish(&stop).await
    }

    async fn take_due(&mut self) {
        for _ in 0..AT_ONCE {
            let Some((line, taken)) = self.agenda.take() else {
                return;
            };
            self.take_up(line, taken);
        }
        yield_now().await;
    }

    fn take_up(&mut self, number: usize, taken: Taken) {
        let line = &mut self.lines[number];
        if taken.missed > 0 {
            tracing::warn!(schedule = %line.id, missed = taken.missed, "due times passed unseen");
            line.record.missed(taken.missed);
        }
        let Some(tick) = taken.tick else { return };
        if line.once_per_fleet && !line.record.claim(tick.scheduled) {
            return;
        }
        let begin = Begin {
            tick,
            lateness: taken.lateness,
            taken: Instant::now(),
        };
        match line.overlap {
            _ if line.going == 0 => self.begin(number, begin),
            Overlap::Parallel if line.going < PARALLEL => self.begin(number, begin),
            Overlap::Queue if line.waiting.is_none() => line.waiting = Some(begin),
            Overlap::Parallel | Overlap::Queue | Overlap::Skip => {
                tracing::debug!(schedule = %line.id, "left out: earlier runs go on");
                line.record.skipped();
            }
        }
    }

    fn begin(&mut self, number: usize, begin: Begin) {
        let line = &mut self.lines[number];
        line.going += 1;
        let (id, limit) = (line.id, line.timeout);
        let (run, record) = (Arc::clone(&line.run), Arc::clone(&line.record));
        let (cx, watched) = (Context::busy(&self.shared), line.watched.clone());
        let task = self.going.spawn(async move {
            record.began(begin.lateness + begin.taken.elapsed());
            let outcome = limited(limit, catch(&watched, move || run(cx, begin.tick))).await;
            if let Err(failure) = outcome {
                record.failed();
                tracing::warn!(schedule = %id, %failure, "a run failed");
            }
        });
        self.line_of.insert(task.id(), number);
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        let Some(number) = self.line_of.remove(&id) else {
            return;
        };
        let line = &mut self.lines[number];
        line.going -= 1;
        if let Some(begin) = line.waiting.take() {
            self.begin(number, begin);
        }
    }

    async fn finish(mut self, stop: &Stop) -> usize {
        for line in &mut self.lines {
            if line.waiting.take().is_some() {
                line.record.skipped();
            }
        }
        let agent = &self.shared.agent;
        let all = async { while self.going.join_next().await.is_some() {} };
        tokio::select! {
            biased;
            () = all => return 0,
            () = stop.expired() => {}
        }
        let left = self.going.len();
        tracing::warn!(%agent, left, "runs were ended before they had finished");
        self.going.abort_all();
        tokio::select! {
            biased;
            () = async { while self.going.join_next().await.is_some() {} } => {}
            () = blocked(stop) => {
                tracing::warn!(%agent, "a run blocks its thread and is left behind");
            }
        }
        left
    }
}

fn line(schedule: Schedule, book: &Book, shared: &Shared) -> Line {
    let (timeout, overlap, once_per_fleet) = match &schedule.timing {
        Timing::Every(line) => (line.timeout, line.overlap, false),
        Timing::Cron(line) => (line.timeout, line.overlap, line.once_per_fleet),
    };
    let id = schedule.timing.id();
    Line {
        id,
        run: schedule.run,
        record: book.record(id),
        watched: shared.watched(id.name()),
        timeout,
        overlap,
        once_per_fleet,
        going: 0,
        waiting: None,
    }
}

async fn limited(limit: Duration, outcome: impl Future<Output = Outcome>) -> Outcome {
    match timeout(limit, outcome).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::of(
            FailureKind::TimedOut,
            format!("took longer than {limit:?}"),
        )),
    }
}
