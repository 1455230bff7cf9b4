//! How the end of a run reaches every part of it: one who says so, many who wait. Knows neither signals nor agents.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::deadline;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    /// No intake; what runs may finish until then.
    Draining(Instant),
    /// Nothing may go on.
    Aborted,
}

/// Says that the run ends. Dropped without a word, it aborts.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<Phase>);

/// Waits for the end of the run; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<Phase>);

/// A run that goes on, and what waits for its end.
pub(crate) fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(Phase::Running);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Intake ends now, and what runs may finish within `grace`. Does nothing once the end has begun.
    pub(crate) fn drain(&self, grace: Duration) {
        let until = deadline::after(grace);
        self.0.send_if_modified(|phase| {
            let begins = *phase == Phase::Running;
            if begins {
                *phase = Phase::Draining(until);
            }
            begins
        });
    }

    /// Everything ends now.
    pub(crate) fn abort(&self) {
        self.0.send_replace(Phase::Aborted);
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.abort();
    }
}

impl Stop {
    /// Intake has ended.
    pub(crate) fn is_draining(&self) -> bool {
        *self.0.borrow() != Phase::Running
    }

    /// Ready when intake ends, with the instant until which what runs may go on. Cancel safe.
    pub(crate) async fn draining(&self) -> Instant {
        let mut phase = self.0.clone();
        let phase = phase.wait_for(|it| *it != Phase::Running).await;
        match phase.as_deref() {
            Ok(Phase::Draining(until)) => *until,
            // A stopper that is gone has aborted before.
            Ok(Phase::Running | Phase::Aborted) | Err(_) => Instant::now(),
        }
    }

    /// Ready when nothing may go on, grace or not. Cancel safe.
    pub(crate) async fn aborted(&self) {
        let mut phase = self.0.clone();
        // As above.
        let _ = phase.wait_for(|it| *it == Phase::Aborted).await;
    }

    /// Ready when what still runs must end: the grace is over, or there was none. Cancel safe.
    pub(crate) async fn expired(&self) {
        let until = self.draining().await;
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(until) => {}
            () = self.aborted() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_drain_expires_after_its_grace_and_at_once_when_aborted() {
        let (stopper, stop) = stop();
        assert!(!stop.is_draining());
        let begun = Instant::now();
        stopper.drain(Duration::from_secs(25));
        stopper.drain(Duration::from_secs(99));
        assert_eq!(stop.draining().await, begun + Duration::from_secs(25));
        stop.expired().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(25));

        let (stopper, stop) = super::stop();
        let begun = Instant::now();
        stopper.drain(Duration::from_secs(25));
        stopper.abort();
        stop.expired().await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }
}
