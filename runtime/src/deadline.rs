//! Instants a while away, for waits of any length: a user may say `Duration::MAX`, and the addition must not panic. Knows
//! the runtime's clock only.

use std::time::Duration;

use tokio::time::Instant;

/// About 30 years: as good as for ever, and within the range of every clock.
pub(crate) const FAR: Duration = Duration::from_hours(24 * 365 * 30);

/// The instant when this has passed, counted from now.
pub(crate) fn after(wait: Duration) -> Instant {
    since(Instant::now(), wait)
}

/// The instant when this has passed, counted from `start`.
pub(crate) fn since(start: Instant, wait: Duration) -> Instant {
    start + wait.min(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_wait_is_too_long() {
        let now = Instant::now();
        assert_eq!(after(Duration::from_secs(7)), now + Duration::from_secs(7));
        assert_eq!(after(Duration::MAX), now + FAR);
        assert_eq!(since(after(Duration::MAX), Duration::MAX), now + FAR + FAR);
    }
}
