//! SIGTERM and SIGINT: the first ends a run in order, the second at once. Knows nothing of agents.

use std::io;

use crate::stop::Stopper;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens from the moment it is made.
#[cfg(unix)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

#[cfg(unix)]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next signal's name. Cancel safe.
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Listens from the moment it is made.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        // Where the console can't be listened to, nothing will come.
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => std::future::pending().await,
        }
    }
}

/// Ends the run at the first signal in order, at the second at once. Never ready.
pub(crate) async fn obey(mut signals: Signals, stopper: &Stopper, grace: std::time::Duration) {
    let signal = signals.next().await;
    tracing::info!(signal, "stopping; a second signal ends at once");
    stopper.drain(grace);
    let signal = signals.next().await;
    tracing::warn!(signal, "ending at once");
    stopper.abort();
    std::future::pending::<()>().await;
}
