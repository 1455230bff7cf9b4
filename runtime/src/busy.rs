//! Whether any handler or run is going on, over all agents of a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what is going on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy(Arc<AtomicUsize>);

/// Something that goes on; so does a clone.
#[derive(Debug)]
pub(crate) struct BusyGuard(Busy);

impl Busy {
    /// Counts until the guard is dropped.
    pub(crate) fn enter(&self) -> BusyGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        BusyGuard(self.clone())
    }

    /// How much goes on.
    #[cfg(feature = "testing")]
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for BusyGuard {
    fn clone(&self) -> Self {
        self.0.enter()
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
