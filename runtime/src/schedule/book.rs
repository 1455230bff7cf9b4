//! What became of the due times of each schedule, over all agents of a run. Also settles which of several replicas in
//! this process runs a time that only one may run. Counts without a lock: a run at each millisecond must not wait here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ScheduleId;
use super::due::SET_BACK;

/// A run that begins more than this after its due time is a late one.
pub(crate) const LATE: Duration = Duration::from_secs(1);

/// What became of the due times of one schedule since the start, over all replicas of its agent in this process.
///
/// Each due time is a run, or skipped, or missed; a run may also have failed, and it may have begun late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Runs that began.
    pub runs: u64,
    /// Runs that failed, timed out or panicked.
    pub failed: u64,
    /// Due times left out since earlier runs went on, and those that still waited for them when the agent stopped.
    pub skipped: u64,
    /// Due times that passed unseen: the machine was asleep or too busy, or its clock was set forward. Those of cron are
    /// counted a day back.
    pub missed: u64,
    /// Runs that began more than a second after their due time, jitter apart.
    pub late: u64,
    /// The longest time by which a run began after its due time, jitter apart.
    pub latest: Duration,
}

/// Records by schedule.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<BTreeMap<ScheduleId, Arc<Record>>>);

/// What is counted of one schedule.
#[derive(Debug)]
pub(crate) struct Record {
    runs: AtomicU64,
    failed: AtomicU64,
    skipped: AtomicU64,
    missed: AtomicU64,
    late: AtomicU64,
    latest_nanos: AtomicU64,
    /// The last due time that one replica took for all, in seconds.
    claimed: AtomicI64,
}

impl Book {
    /// The record of a schedule, which its replicas share.
    pub(crate) fn record(&self, id: ScheduleId) -> Arc<Record> {
        Arc::clone(self.records().entry(id).or_default())
    }

    /// What became of the due times of a schedule: nothing, where no agent has it.
    pub(crate) fn counts(&self, id: ScheduleId) -> Counts {
        let records = self.records();
        records.get(&id).map(|it| it.counts()).unwrap_or_default()
    }

    /// The counts of all schedules, by agent and line.
    pub(crate) fn snapshot(&self) -> Vec<(ScheduleId, Counts)> {
        let records = self.records();
        records.iter().map(|(id, it)| (*id, it.counts())).collect()
    }

    fn records(&self) -> MutexGuard<'_, BTreeMap<ScheduleId, Arc<Record>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// A run begins, this long after it was due.
    pub(super) fn began(&self, lateness: Duration) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.late
            .fetch_add(u64::from(lateness > LATE), Ordering::Relaxed);
        let nanos = u64::try_from(lateness.as_nanos()).unwrap_or(u64::MAX);
        self.latest_nanos.fetch_max(nanos, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn skipped(&self) {
        self.skipped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn missed(&self, times: u32) {
        self.missed.fetch_add(times.into(), Ordering::Relaxed);
    }

    /// Whether this due time is the caller's to run: true once per time. Times come in order, unless the clock was set
    /// back so far that cron follows it.
    pub(super) fn claim(&self, due: DateTime<Utc>) -> bool {
        let due = due.timestamp();
        let claimed = |last: i64| {
            let free = last < due || due < last - SET_BACK.num_seconds();
            free.then_some(due)
        };
        let claiming = self
            .claimed
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, claimed);
        claiming.is_ok()
    }

    fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            runs: read(&self.runs),
            failed: read(&self.failed),
            skipped: read(&self.skipped),
            missed: read(&self.missed),
            late: read(&self.late),
            latest: Duration::from_nanos(read(&self.latest_nanos)),
        }
    }
}

impl Default for Record {
    fn default() -> Self {
        Self {
            runs: AtomicU64::default(),
            failed: AtomicU64::default(),
            skipped: AtomicU64::default(),
            missed: AtomicU64::default(),
            late: AtomicU64::default(),
            latest_nanos: AtomicU64::default(),
            // Before every due time, and far enough from the end of the range to subtract from.
            claimed: AtomicI64::new(DateTime::<Utc>::MIN_UTC.timestamp()),
        }
    }
}
