//! Numbers that look random and are the same for the same seed, so that a fault replays. Knows nothing else.

/// The generator of Knuth's MMIX.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 31 bits: the high ones are the random ones.
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// An index below `count`, which is not 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let count = count as u64;
        usize::try_from(self.roll() % count).expect("it is below a usize")
    }
}
