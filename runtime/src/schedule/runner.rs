//! Runs one schedule: waits for its due times, makes the runs, keeps to the rule for runs that overlap, and ends with
//! the agent. Owns the tasks of its runs and awaits them.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Book, Due, ScheduleId, Tick};
use crate::agent::{Overlap, Run, Timing, blocked};
use crate::context::{Context, Shared};
use crate::failure::{Failure, FailureKind, Outcome};
use crate::stop::Stop;
use crate::task::catch;

/// One schedule of one agent.
pub(crate) struct Runner {
    pub(crate) timing: Timing,
    pub(crate) run: Run,
    pub(crate) shared: Arc<Shared>,
    pub(crate) book: Arc<Book>,
}

struct Runs {
    runner: Runner,
    going: JoinSet<Outcome>,
    waiting: Option<Tick>,
}

/// Runs until intake ends, lets the runs that go on finish, and ends them when the grace is over. Comes back with the
/// number of those.
pub(crate) async fn run(runner: Runner, mut due: Due) -> usize {
    let stop = runner.shared.stop.clone();
    let mut runs = Runs {
        runner,
        going: JoinSet::new(),
        waiting: None,
    };
    let draining = stop.draining();
    tokio::pin!(draining);
    loop {
        tokio::select! {
            biased;
            _ = &mut draining => break,
            Some(_) = runs.going.join_next() => runs.begin_waiting(),
            () = due.wait() => runs.take_up(due.take()),
        }
    }
    runs.finish(&stop).await
}

impl Runs {
    fn take_up(&mut self, (tick, missed): (Option<Tick>, u32)) {
        let id = self.id();
        if missed > 0 {
            tracing::warn!(schedule = %id, missed, "due times passed unseen");
            self.count(|it| it.missed += u64::from(missed));
        }
        let Some(tick) = tick else { return };
        if self.once_per_fleet() && !self.runner.book.claim(id, tick.scheduled) {
            return;
        }
        match self.overlap() {
            _ if self.going.is_empty() => self.begin(tick),
            Overlap::Parallel => self.begin(tick),
            Overlap::Queue if self.waiting.is_none() => self.waiting = Some(tick),
            Overlap::Queue | Overlap::Skip => {
                tracing::debug!(schedule = %id, "left out: the run before goes on");
                self.count(|it| it.skipped += 1);
            }
        }
    }

    fn begin_waiting(&mut self) {
        if let Some(tick) = self.waiting.take() {
            self.begin(tick);
        }
    }

    fn begin(&mut self, tick: Tick) {
        let (id, limit) = (self.id(), self.timeout());
        let (run, book) = (Arc::clone(&self.runner.run), Arc::clone(&self.runner.book));
        let cx = Context::busy(&self.runner.shared);
        self.count(|it| it.runs += 1);
        self.going.spawn(async move {
            let outcome = limited(limit, catch(move || run(cx, tick))).await;
            if let Err(failure) = &outcome {
                tracing::warn!(schedule = %id, %failure, "a run failed");
                book.count(id, |it| it.failed += 1);
            }
            outcome
        });
    }

    async fn finish(mut self, stop: &Stop) -> usize {
        let all = async { while self.going.join_next().await.is_some() {} };
        tokio::select! {
            () = all => return 0,
            () = stop.expired() => {}
        }
        let left = self.going.len();
        tracing::warn!(schedule = %self.id(), left, "runs were ended before they had finished");
        self.going.abort_all();
        tokio::select! {
            () = async { while self.going.join_next().await.is_some() {} } => {}
            () = blocked(stop) => {
                tracing::warn!(schedule = %self.id(), "a run blocks its thread and is left behind");
            }
        }
        left
    }

    fn id(&self) -> ScheduleId {
        self.runner.timing.id()
    }

    fn count(&self, count: impl FnOnce(&mut super::book::Counts)) {
        self.runner.book.count(self.id(), count);
    }

    fn overlap(&self) -> Overlap {
        match &self.runner.timing {
            Timing::Every(line) => line.overlap,
            Timing::Cron(line) => line.overlap,
        }
    }

    fn timeout(&self) -> Duration {
        match &self.runner.timing {
            Timing::Every(line) => line.timeout,
            Timing::Cron(line) => line.timeout,
        }
    }

    fn once_per_fleet(&self) -> bool {
        matches!(&self.runner.timing, Timing::Cron(line) if line.once_per_fleet)
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
