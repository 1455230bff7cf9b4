//! How long a failed message waits. Knows numbers only.

use std::time::Duration;

/// Doubles from `first` to `most`; each wait is up to 20 % shorter or longer, so that what failed together does not come
/// back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first attempt.
    pub first: Duration,
    /// At most, before jitter.
    pub most: Duration,
}

impl Default for Backoff {
    /// From 1 s to 60 s.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            most: Duration::from_mins(1),
        }
    }
}

impl Backoff {
    /// The wait after this attempt, from 1, without jitter.
    pub fn after(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }

    /// The same with jitter drawn from 64 random bits.
    pub(super) fn jittered(&self, attempt: u32, random: u64) -> Duration {
        // 401 steps of 0.1 % from 80 % to 120 %.
        let permille = 800 + u32::try_from(random % 401).expect("it is below 401");
        self.after(attempt).saturating_mul(permille) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Duration};
    use crate::random::Random;

    #[test]
    fn waits_double_up_to_the_most_and_spread_by_a_fifth() {
        let backoff = Backoff::default();
        let waits: Vec<u64> = (1..9).map(|it| backoff.after(it).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff.after(u32::MAX), Duration::from_mins(1));

        let mut random = Random::new(7);
        let mut spread: Vec<_> = (0..1000)
            .map(|_| backoff.jittered(3, random.next()))
            .collect();
        spread.sort();
        assert!(spread[0] >= Duration::from_millis(3200));
        assert!(spread[0] < Duration::from_millis(3300));
        assert!(spread[999] <= Duration::from_millis(4800));
        assert!(spread[999] > Duration::from_millis(4700));
    }
}
