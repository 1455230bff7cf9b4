//! Agents that end together, as those of one process do, in a world with others. Owns how they end: in order, at once,
//! or with their connection lost for a time.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::tap::Tap;
use crate::error::Error;
use crate::run::Running;

/// Agents of a [`World`](super::World) that share a process: they start and end together, on a connection of their own.
///
/// Dropped, they end at once; [`crash`](Self::crash) does the same and waits until they are gone.
pub struct Process {
    pub(super) running: Running,
    pub(super) tap: Arc<Tap>,
}

impl Process {
    /// Ends the agents in order, as a first SIGTERM does.
    ///
    /// # Errors
    /// Where an agent failed, now or before. Cancelled, they end at once.
    pub async fn stop(self) -> Result<(), Error> {
        self.running.stop().await.map(drop)
    }

    /// Ends the agents at once, as SIGKILL does: no hook runs, and what they held goes back to its queues with the
    /// attempt counted. Cancelled, they end all the same.
    pub async fn crash(self) {
        self.running.crash().await;
    }

    /// Its connection to the bus is lost for this long: nothing is heard or said meanwhile.
    pub fn lose_bus(&self, away: Duration) {
        self.tap.memory.lose_bus_connection(away);
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process").finish_non_exhaustive()
    }
}
