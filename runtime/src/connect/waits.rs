//! The waits between attempts to connect, the same for every backend: exponential from 0.1 s to 20 s with full jitter, so that
//! a hundred clients of one server do not come back at once, or to 4 s where attempts have a limit. Knows no servers.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::deadline;
use crate::delivery::Backoff;
use crate::random::random;

/// Between these the longest possible wait doubles; each is drawn evenly from nothing to that. "Exponential Backoff And
/// Jitter", AWS Architecture Blog, 2015, calls this full jitter and finds that it needs the fewest attempts.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_millis(100),
    most: Duration::from_secs(20),
};

/// The longest wait where there is a limit, as at the start of a process: it is to be back soon after the server is, and a
/// limit is short beside waits of 20 s.
const MOST_WITHIN_LIMIT: Duration = Duration::from_secs(4);

/// Waits between attempts; begun anew with each outage.
#[derive(Debug)]
pub(crate) struct Waits {
    attempt: u32,
    until: Option<Instant>,
}

impl Default for Waits {
    /// Never gives up.
    fn default() -> Self {
        Self::new(None)
    }
}

impl Waits {
    /// Gives up after this long, if at all.
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self {
            attempt: 0,
            until: limit.map(deadline::after),
        }
    }

    /// Waits; false where the limit is over and no attempt is to follow. The last attempt is made when it ends. Cancel safe
    /// but for the attempt that it counts.
    pub(crate) async fn next(&mut self) -> bool {
        self.attempt = self.attempt.saturating_add(1);
        let longest = BACKOFF.after(self.attempt);
        let longest = match self.until {
            Some(_) => longest.min(MOST_WITHIN_LIMIT),
            None => longest,
        };
        let wait = jittered(longest, random());
        let left = self.until.map_or(Duration::MAX, |it| {
            it.saturating_duration_since(Instant::now())
        });
        sleep(wait.min(left)).await;
        !left.is_zero()
    }
}

/// Anything from nothing to `most`, by 64 random bits.
fn jittered(most: Duration, random: u64) -> Duration {
    let micros = u64::try_from(most.as_micros()).expect("it is below a minute");
    Duration::from_micros(random % (micros + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn clients_that_lost_one_server_come_back_spread_over_the_window() {
        // As many as lose it at once, at a server that is away for 10 s: by then the window is 12.8 s or longer.
        let away = Duration::from_secs(10);
        let start = Instant::now();
        let clients: Vec<_> = (0..50)
            .map(|_| async move {
                let mut waits = Waits::default();
                loop {
                    assert!(waits.next().await);
                    if start.elapsed() >= away {
                        return start.elapsed();
                    }
                }
            })
            .map(tokio::spawn)
            .collect();
        let mut back = Vec::new();
        for client in clients {
            back.push(client.await.unwrap());
        }
        back.sort();
        let spread = back[49].checked_sub(back[0]).unwrap();
        assert!(spread >= Duration::from_millis(6400), "{spread:?}");
        assert!(back[49] <= away + BACKOFF.most, "{back:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_ends_the_attempts_in_time() {
        for seconds in [1, 60] {
            let limit = Duration::from_secs(seconds);
            let start = Instant::now();
            let mut waits = Waits::new(Some(limit));
            let mut attempts = 0;
            while waits.next().await {
                attempts += 1;
            }
            assert_eq!(start.elapsed(), limit);
            let longest = u32::try_from(seconds / MOST_WITHIN_LIMIT.as_secs()).unwrap();
            assert!(attempts >= longest.max(1), "{attempts} in {limit:?}");
        }
    }
}
