//! Where all randomness of the runtime comes from: ids, inboxes and jitter. It is the operating system's, or on a thread that
//! simulates, that of a seed. Knows nothing of what is drawn for.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// 64 bits that nobody can guess, whatever of them they have seen before: a count under a keyed hash, whose key comes from
/// the operating system; under a simulation the next ones of its seed.
pub(crate) fn random() -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    seeded::draw().unwrap_or_else(|| KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// The next number of a simulation, from 1; none outside of one.
pub(crate) fn next_number() -> Option<u64> {
    seeded::number()
}

/// `SplitMix64`: good enough to spread waits, and the same for the same seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

#[cfg(not(feature = "testing"))]
mod seeded {
    pub(super) fn draw() -> Option<u64> {
        None
    }

    pub(super) fn number() -> Option<u64> {
        None
    }
}

#[cfg(feature = "testing")]
pub(crate) mod seeded {
    //! The seed of this thread, where it simulates.

    use std::cell::Cell;
    use std::marker::PhantomData;

    use super::Random;

    thread_local! {
        static SOURCE: Cell<Option<(Random, u64)>> = const { Cell::new(None) };
    }

    /// As long as it lives, this thread draws from a seed. It stays on its thread.
    #[derive(Debug)]
    pub(crate) struct Seeded(PhantomData<*const ()>);

    impl Seeded {
        pub(crate) fn new(seed: u64) -> Self {
            SOURCE.set(Some((Random::new(seed), 0)));
            Self(PhantomData)
        }
    }

    impl Drop for Seeded {
        fn drop(&mut self) {
            SOURCE.set(None);
        }
    }

    pub(crate) fn draw() -> Option<u64> {
        let (mut random, numbers) = SOURCE.get()?;
        let drawn = random.next();
        SOURCE.set(Some((random, numbers)));
        Some(drawn)
    }

    pub(super) fn number() -> Option<u64> {
        let (random, numbers) = SOURCE.get()?;
        SOURCE.set(Some((random, numbers + 1)));
        Some(numbers + 1)
    }
}
