//! Whether any handler or run is going on, over all agents of a run. Only tests ask: elsewhere nothing is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what is going on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Busy(Arc<AtomicUsize>);

impl Busy {
    /// Something goes on, until [`end`](Self::end).
    pub(crate) fn begin(&self) {
        if cfg!(feature = "testing") {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What began has come to its end.
    pub(crate) fn end(&self) {
        if cfg!(feature = "testing") {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// How much goes on.
    #[cfg(feature = "testing")]
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}
