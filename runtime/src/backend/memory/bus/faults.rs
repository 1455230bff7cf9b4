//! What can go wrong with a bus, on demand: a test says what is to happen, and to how many. Knows no subscription; where a
//! fault takes place asks for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::dice::Dice;
use super::super::faults::take_one;

/// The fault switch of a memory's bus, shared by all connections to it. Nothing happens until it is told to, and the same
/// is told by the same seed. A connection is lost by [`Memory::lose_bus_connection`](super::super::Memory::lose_bus_connection).
#[derive(Debug, Default)]
pub struct BusFaults {
    /// Something was planned once; until then no lock is taken.
    armed: AtomicBool,
    plan: Mutex<Plan>,
}

/// How often faults have happened since the bus was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BusFaultCounts {
    /// Publications that were refused, those over a lost connection included: their publisher knows.
    pub refused: u64,
    /// Publications that were lost on their way: their publisher does not know.
    pub lost: u64,
    /// Signals and answers that a subscription did not get because its connection was away.
    pub missed: u64,
    /// Signals that a subscription got a second time.
    pub repeated: u64,
}

#[derive(Debug, Default)]
struct Plan {
    refused: usize,
    lost: usize,
    twice: usize,
    slow: Duration,
    order: Order,
    counts: BusFaultCounts,
}

/// In which order a subscription gets what waits for it.
#[derive(Debug, Default)]
enum Order {
    #[default]
    Arrival,
    OfEachPublisher(Dice),
    Random(Dice),
}

/// Which of those that wait comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The one at this place.
    This(usize),
    /// The first one of the publisher and subject of the one at this place.
    FirstLike(usize),
}

/// What happens to one publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PublishFault {
    None,
    /// It does not leave, and its publisher knows.
    Refused,
    /// It does not arrive, and its publisher does not know.
    Lost,
}

impl BusFaults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.armed.store(true, Ordering::Relaxed);
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn armed(&self) -> Option<MutexGuard<'_, Plan>> {
        self.armed.load(Ordering::Relaxed).then(|| self.plan())
    }

    /// The next publications (signals, questions, calls and answers) fail with
    /// [`Unavailable`](crate::ErrorKind::Unavailable); nothing arrives.
    pub fn refuse_publishes(&self, count: usize) {
        self.plan().refused = count;
    }

    /// The next publications, after those that are refused, succeed with [`Reach::Unknown`](crate::bus::Reach::Unknown)
    /// and arrive nowhere.
    pub fn lose_publishes(&self, count: usize) {
        self.plan().lost = count;
    }

    /// The next signals that a subscription gets come to it twice, one after the other; what finds no room is counted as
    /// overflow. Calls and answers come once.
    pub fn deliver_twice(&self, count: usize) {
        self.plan().twice = count;
    }

    /// Publishing takes this long, and so does getting what was published, until it is set back to zero.
    pub fn be_slow(&self, delay: Duration) {
        self.plan().slow = delay;
    }

    /// What waits for a receiver comes in a random order of this seed from now on; what one publisher published on one
    /// subject stays in order, as the bus promises.
    pub fn shuffle_publishers(&self, seed: u64) {
        self.plan().order = Order::OfEachPublisher(Dice::new(seed));
    }

    /// What waits for a receiver comes in a random order of this seed from now on, which breaks the promise that messages
    /// of one publisher on one subject keep theirs.
    pub fn shuffle(&self, seed: u64) {
        self.plan().order = Order::Random(Dice::new(seed));
    }

    /// Takes back all that was asked for and has not happened; a lost connection stays lost until its time is over.
    pub fn calm(&self) {
        let mut plan = self.plan();
        *plan = Plan {
            counts: plan.counts,
            ..Plan::default()
        };
    }

    /// What has happened so far.
    pub fn counts(&self) -> BusFaultCounts {
        self.armed().map(|plan| plan.counts).unwrap_or_default()
    }

    pub(super) fn delay(&self) -> Duration {
        self.armed().map_or(Duration::ZERO, |plan| plan.slow)
    }

    pub(super) fn of_publish(&self) -> PublishFault {
        let Some(mut plan) = self.armed() else {
            return PublishFault::None;
        };
        if take_one(&mut plan.refused) {
            plan.counts.refused += 1;
            return PublishFault::Refused;
        }
        if take_one(&mut plan.lost) {
            plan.counts.lost += 1;
            return PublishFault::Lost;
        }
        PublishFault::None
    }

    /// Whether this signal comes to its subscription twice.
    pub(super) fn repeats(&self) -> bool {
        self.armed().is_some_and(|mut plan| {
            let twice = take_one(&mut plan.twice);
            plan.counts.repeated += u64::from(twice);
            twice
        })
    }

    /// A publication was refused because its connection is lost.
    pub(super) fn count_refused(&self) {
        self.plan().counts.refused += 1;
    }

    /// A subscription whose connection is lost did not get a message.
    pub(super) fn count_missed(&self) {
        self.plan().counts.missed += 1;
    }

    /// Which of so many that wait comes next; none where it is the first of them.
    pub(super) fn choose(&self, waiting: usize) -> Option<Choice> {
        let mut plan = self.armed()?;
        match &mut plan.order {
            Order::Arrival => None,
            Order::OfEachPublisher(dice) => Some(Choice::FirstLike(dice.below(waiting))),
            Order::Random(dice) => Some(Choice::This(dice.below(waiting))),
        }
    }
}
