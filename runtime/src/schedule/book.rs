//! What became of the due times of each schedule, over all agents of a run. Also settles which of several replicas in
//! this process runs a time that only one may run.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::ScheduleId;

/// Counts of one schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Runs that began.
    pub(crate) runs: u64,
    /// Runs that failed, timed out or panicked.
    pub(crate) failed: u64,
    /// Due times left out because the run before went on.
    pub(crate) skipped: u64,
    /// Due times that passed unseen.
    pub(crate) missed: u64,
}

/// Counts by schedule.
#[derive(Debug, Default)]
pub(crate) struct Book(Mutex<BTreeMap<ScheduleId, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    counts: Counts,
    claimed: Option<DateTime<Utc>>,
}

impl Book {
    /// What became of the due times of a schedule.
    #[cfg(feature = "testing")]
    pub(crate) fn counts(&self, id: ScheduleId) -> Counts {
        self.entries().entry(id).or_default().counts
    }

    /// Counts.
    pub(crate) fn count(&self, id: ScheduleId, count: impl FnOnce(&mut Counts)) {
        count(&mut self.entries().entry(id).or_default().counts);
    }

    /// Whether this due time is the caller's to run: true once per time.
    pub(crate) fn claim(&self, id: ScheduleId, due: DateTime<Utc>) -> bool {
        let mut entries = self.entries();
        let entry = entries.entry(id).or_default();
        let free = entry.claimed.is_none_or(|claimed| claimed < due);
        if free {
            entry.claimed = Some(due);
        }
        free
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<ScheduleId, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
