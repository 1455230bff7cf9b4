//! What became of each message, from the entries of all ledgers. Knows nothing of how they came about.

use std::collections::{BTreeMap, BTreeSet};

use crate::book::{Deed, Entry};

/// A message, as it is told by all who had to do with it.
#[derive(Clone, Debug, Default)]
struct Story {
    sent: bool,
    confirmed: bool,
    processed: usize,
}

/// Messages, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    stories: BTreeMap<u64, Story>,
    entries: Vec<Entry>,
}

impl Account {
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        let mut stories: BTreeMap<u64, Story> = BTreeMap::new();
        for Entry { deed, id, .. } in &entries {
            match deed {
                Deed::Sent => stories.entry(*id).or_default().sent = true,
                Deed::Confirmed => stories.entry(*id).or_default().confirmed = true,
                Deed::Processed => stories.entry(*id).or_default().processed += 1,
                _ => {}
            }
        }
        Self { stories, entries }
    }

    fn count(&self, which: impl Fn(&Story) -> bool) -> usize {
        self.stories.values().filter(|it| which(it)).count()
    }

    pub(crate) fn sent(&self) -> usize {
        self.count(|it| it.sent)
    }

    pub(crate) fn confirmed(&self) -> usize {
        self.count(|it| it.confirmed)
    }

    /// Messages that a handler was done with, each once.
    pub(crate) fn processed(&self) -> usize {
        self.count(|it| it.processed > 0)
    }

    /// Times that a handler was done with a message once more.
    pub(crate) fn duplicated(&self) -> usize {
        let again = |it: &Story| it.processed.saturating_sub(1);
        self.stories.values().map(again).sum()
    }

    /// What was processed and never sent.
    pub(crate) fn unexpected(&self) -> usize {
        self.count(|it| it.processed > 0 && !it.sent)
    }

    /// What was confirmed, was not processed, and is not among those that the broker still has.
    pub(crate) fn lost(&self, still_there: &BTreeSet<u64>) -> usize {
        let lost = |(id, it): &(&u64, &Story)| {
            it.confirmed && it.processed == 0 && !still_there.contains(id)
        };
        self.stories.iter().filter(lost).count()
    }

    /// Whether all that was confirmed has been processed.
    pub(crate) fn is_settled(&self) -> bool {
        self.stories
            .values()
            .all(|it| !it.confirmed || it.processed > 0)
    }

    /// How often this happened.
    pub(crate) fn times(&self, deed: Deed) -> usize {
        self.entries.iter().filter(|it| it.deed == deed).count()
    }

    /// When this happened, in order.
    pub(crate) fn instants(&self, deed: Deed) -> impl DoubleEndedIterator<Item = u64> {
        let entries = self.entries.iter();
        entries.filter(move |it| it.deed == deed).map(|it| it.at)
    }

    /// When this last happened; 0 where it never did.
    pub(crate) fn last(&self, deed: Deed) -> u64 {
        self.instants(deed).next_back().unwrap_or(0)
    }

    /// When this first happened from this instant on.
    pub(crate) fn first_since(&self, deed: Deed, since: u64) -> Option<u64> {
        self.instants(deed).find(|it| *it >= since)
    }

    /// The longest time without such a deed between these instants, in milliseconds.
    pub(crate) fn longest_gap(&self, deed: Deed, since: u64, until: u64) -> u64 {
        let between = self.instants(deed).filter(|it| (since..until).contains(it));
        let (mut last, mut longest) = (since, 0);
        for at in between.chain([until]) {
            longest = longest.max(at - last);
            last = at;
        }
        longest
    }

    /// How long the longest send took until it was confirmed or refused, in milliseconds; and how many never were.
    pub(crate) fn sends(&self) -> (u64, usize) {
        let (mut begun, mut longest) = (BTreeMap::new(), 0);
        for Entry { deed, id, at } in &self.entries {
            match deed {
                Deed::Sent => {
                    begun.insert(*id, *at);
                }
                Deed::Confirmed | Deed::Refused => {
                    let took = begun.remove(id).map_or(0, |it| at - it);
                    longest = longest.max(took);
                }
                _ => {}
            }
        }
        (longest, begun.len())
    }
}
