//! What became of each case. Plain data.

use std::time::Duration;

use super::ability::{Ability, Offer};
use super::case::Case;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The promise is kept.
    Passed,
    /// The backend says that it lacks the first of these, and refuses what asks for it.
    NotOffered(Ability),
    /// The promise is broken, and this is how it shows.
    Failed(String),
}

/// A case that was run.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Which.
    pub case: &'static Case,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, in real time.
    pub took: Duration,
}

/// What became of all cases that were run.
#[derive(Debug)]
pub struct Report {
    /// The backend, as its broker calls itself, or its bus where there is no broker.
    pub backend: String,
    /// The cases, in their order.
    pub ran: Vec<Ran>,
    /// How long all took, in real time.
    pub took: Duration,
}

impl Report {
    pub(super) fn name_of(offer: &Offer) -> String {
        let broker = offer.broker.as_ref().map(|it| it.name);
        let bus = offer.bus.as_ref().map(|it| it.name);
        broker.or(bus).unwrap_or("nothing").to_owned()
    }

    /// How many cases passed.
    pub fn passed(&self) -> usize {
        self.count(|it| *it == Outcome::Passed)
    }

    /// How many cases need what the backend lacks.
    pub fn not_offered(&self) -> usize {
        self.count(|it| matches!(it, Outcome::NotOffered(_)))
    }

    /// How many cases failed.
    pub fn failed(&self) -> usize {
        self.count(|it| matches!(it, Outcome::Failed(_)))
    }

    fn count(&self, is: impl Fn(&Outcome) -> bool) -> usize {
        self.ran.iter().filter(|it| is(&it.outcome)).count()
    }
}
