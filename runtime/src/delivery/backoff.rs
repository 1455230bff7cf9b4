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

/// `SplitMix64`: good enough to spread waits, and the same for the same seed.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::{Backoff, Duration, Random};

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
