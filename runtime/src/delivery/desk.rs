//! What the pump and the workers of one consumer share: deliveries that wait for a slot, those that run, and verdicts that
//! wait to be settled. It must not know the broker.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::dedupe::{Claim, Known};
use super::stats::{Stats, count};
use super::told::Told;
use super::{HELD_AHEAD, Policy, Work, guard, verdict};
use crate::broker::{Reason, Settlement, Verdict};
use crate::failure::Outcome;
use crate::message::{Delivery, MessageId, Tag};
use crate::random::{Random, random};

/// Verdicts that are kept from the pump at most, while there is more to handle.
const SETTLED_TOGETHER: usize = 64;
/// How long a message waits that is being handled already.
const PUT_OFF: Duration = Duration::from_secs(1);

/// The desk between a pump and its workers.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) queue: Arc<str>,
    pub(super) policy: Policy,
    pub(super) work: Work,
    /// What the broker says is the largest message.
    max_payload: usize,
    pub(super) stats: Arc<Stats>,
    pub(super) told: Told,
    papers: Mutex<Papers>,
    /// A delivery waits for a worker.
    pub(super) waiting: Notify,
    /// A verdict waits for the pump.
    pub(super) settled: Notify,
}

#[derive(Debug)]
struct Papers {
    waiting: VecDeque<Delivery>,
    /// What each worker runs; one entry per worker.
    running: Vec<Vec<Started>>,
    /// Workers whose batch may still grow: its handler has not begun.
    filling: BTreeSet<usize>,
    settled: Vec<Settlement>,
    /// Deliveries between fetch and settlement.
    held: usize,
    idle: usize,
    /// How long a delivery keeps a slot busy, on average of late.
    busy: Duration,
    random: Random,
}

/// A delivery whose handler runs; the handler has the message itself.
#[derive(Debug)]
struct Started {
    tag: Tag,
    attempt: u32,
    id: MessageId,
    /// Where handled messages are remembered.
    claim: Option<Box<Claim>>,
}

impl Desk {
    pub(super) fn new(queue: Arc<str>, policy: Policy, work: Work, max_payload: usize) -> Self {
        let seed = policy.seed.unwrap_or_else(random);
        Self {
            told: Told::new(Arc::clone(&queue)),
            queue,
            policy,
            work,
            max_payload,
            stats: Arc::default(),
            papers: Mutex::new(Papers {
                waiting: VecDeque::new(),
                running: Vec::new(),
                filling: BTreeSet::new(),
                settled: Vec::new(),
                held: 0,
                idle: 0,
                busy: HELD_AHEAD,
                random: Random::new(seed),
            }),
            waiting: Notify::new(),
            settled: Notify::new(),
        }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many more are worth fetching.
    pub(super) fn free(&self) -> usize {
        let papers = self.papers();
        self.policy.window(papers.busy).saturating_sub(papers.held)
    }

    /// Takes what was fetched, and makes places for the workers that it is worth having more.
    pub(super) fn receive(&self, fetched: &mut Vec<Delivery>) -> Range<usize> {
        let mut papers = self.papers();
        papers.held += fetched.len();
        for delivery in fetched.drain(..) {
            let refused = verdict::of_crash(delivery.attempt, &self.policy)
                .or_else(|| verdict::of_size(delivery.message.size(), self.max_payload));
            match refused {
                Some(cause) => {
                    let message = (&delivery.message.id, delivery.attempt);
                    self.told.given_up(message, &cause.detail);
                    if cause.reason == Reason::Undecodable {
                        count(&self.stats.failed);
                        count(&self.stats.undecodable);
                    }
                    self.push_verdict(&mut papers, delivery.tag, Verdict::DeadLetter(cause));
                    self.settled.notify_one();
                }
                None => papers.waiting.push_back(delivery),
            }
        }
        let runs = papers.waiting.len().div_ceil(self.policy.batch.max(1));
        for _ in 0..runs.min(papers.idle) {
            self.waiting.notify_one();
        }
        let first = papers.running.len();
        let most = self.policy.concurrency.max(1);
        let workers = (first + runs.saturating_sub(papers.idle)).min(most);
        papers.running.resize_with(workers.max(first), Vec::new);
        first..papers.running.len()
    }

    /// Up to `limit` deliveries for this worker, which then count as started, those of a batch once it [`begin`](Self::begin)s;
    /// none when none wait.
    pub(super) fn start(&self, worker: usize, limit: usize, into: &mut Vec<Delivery>) {
        let mut papers = self.papers();
        let most = into.len() + limit;
        while into.len() < most
            && let Some(delivery) = papers.waiting.pop_front()
        {
            match self.claim(&delivery) {
                Ok(claim) => {
                    papers.running[worker].push(Started {
                        tag: delivery.tag,
                        attempt: delivery.attempt,
                        id: delivery.message.id.clone(),
                        claim,
                    });
                    if matches!(self.work, Work::Batch(_)) {
                        papers.filling.insert(worker);
                    }
                    into.push(delivery);
                }
                Err(verdict) => {
                    self.push_verdict(&mut papers, delivery.tag, verdict);
                    self.settled.notify_one();
                }
            }
        }
    }

    /// A batch is complete; false where it was handed back meanwhile.
    pub(super) fn begin(&self, worker: usize) -> bool {
        self.papers().filling.remove(&worker)
    }

    /// The right to handle a delivery, or what becomes of it where it is not to be handled.
    fn claim(&self, delivery: &Delivery) -> Result<Option<Box<Claim>>, Verdict> {
        let Some(dedupe) = &self.policy.dedupe else {
            return Ok(None);
        };
        match dedupe.claim(&delivery.message.id) {
            Known::New(claim) => Ok(Some(Box::new(claim))),
            Known::Handled => {
                count(&self.stats.deduplicated);
                Err(Verdict::Ack)
            }
            Known::Running => Err(Verdict::Retry {
                after: PUT_OFF,
                counted: false,
            }),
        }
    }

    /// The worker has nothing to do, or has again.
    pub(super) fn set_idle(&self) -> Idle<'_> {
        self.papers().idle += 1;
        Idle(self)
    }

    /// Ends what a worker runs, in the order in which it was started, and notes how long it took. True where the worker
    /// should let the pump go first.
    ///
    /// The pump is told when nothing waits, else of many verdicts at once; and by [`tell`](Self::tell). A task that was just
    /// woken waits for the thread of who woke it: with the pump there, a next handler that blocks its thread would hold
    /// up every worker.
    pub(super) fn finish(
        &self,
        worker: usize,
        took: Duration,
        outcomes: impl Iterator<Item = Outcome>,
    ) -> bool {
        let mut papers = self.papers();
        let mut running = std::mem::take(&mut papers.running[worker]);
        let each = took / u32::try_from(running.len().max(1)).unwrap_or(u32::MAX);
        papers.busy = (papers.busy * 7 + each) / 8;
        let mut failed = Vec::new();
        for (mut started, outcome) in running.drain(..).zip(outcomes) {
            if let (Some(claim), Ok(())) = (started.claim.take(), &outcome) {
                claim.keep();
            }
            verdict::record(&outcome, &self.stats);
            let (tag, attempt) = (started.tag, started.attempt);
            let verdict = verdict::of_attempt(&outcome, attempt, &self.policy, &mut papers.random);
            if let Err(failure) = outcome {
                failed.push((started, failure, matches!(verdict, Verdict::DeadLetter(_))));
            }
            self.push_verdict(&mut papers, tag, verdict);
        }
        let many = papers.settled.len() >= SETTLED_TOGETHER;
        if many || papers.waiting.is_empty() {
            self.settled.notify_one();
        }
        // The list goes back, so that it is allocated once.
        papers.running[worker] = running;
        drop(papers);
        for (Started { id, attempt, .. }, failure, given_up) in failed {
            if given_up {
                self.told.given_up((&id, attempt), &failure);
            } else {
                self.told.failed((&id, attempt), &failure);
            }
            guard::discard(failure);
        }
        many
    }

    /// Tells the pump what it was not told yet: a handler waits, and with it the verdicts before it would.
    pub(super) fn tell(&self) {
        if self.has_settled() {
            self.settled.notify_one();
        }
    }

    fn push_verdict(&self, papers: &mut Papers, tag: Tag, verdict: Verdict) {
        match &verdict {
            Verdict::Ack => {}
            Verdict::Retry { .. } => count(&self.stats.retried),
            Verdict::Return => count(&self.stats.returned),
            Verdict::DeadLetter(_) => count(&self.stats.dead_lettered),
        }
        papers.settled.push(Settlement { tag, verdict });
    }

    /// Moves all verdicts into an empty list.
    pub(super) fn take_settled(&self, into: &mut Vec<Settlement>) {
        std::mem::swap(&mut self.papers().settled, into);
    }

    /// Moves all verdicts behind those of a list.
    pub(super) fn take_settled_behind(&self, into: &mut Vec<Settlement>) {
        into.append(&mut self.papers().settled);
    }

    /// The broker has these.
    pub(super) fn release(&self, count: usize) {
        let mut papers = self.papers();
        papers.held = papers.held.saturating_sub(count);
    }

    /// A verdict waits.
    pub(super) fn has_settled(&self) -> bool {
        !self.papers().settled.is_empty()
    }

    /// All that is held and not settled, for the renewal of leases.
    pub(super) fn held(&self) -> Vec<Tag> {
        let papers = self.papers();
        let running = papers.running.iter().flatten().map(|it| it.tag);
        let waiting = papers.waiting.iter().map(|it| it.tag);
        running.chain(waiting).collect()
    }

    /// Deliveries whose handlers run.
    pub(super) fn running(&self) -> usize {
        self.papers().running.iter().map(Vec::len).sum()
    }

    /// Hands back what was not started, batches that wait for more included, and says how many.
    pub(super) fn return_waiting(&self) -> usize {
        let mut papers = self.papers();
        let waiting = std::mem::take(&mut papers.waiting);
        let mut tags: Vec<Tag> = waiting.iter().map(|it| it.tag).collect();
        for worker in std::mem::take(&mut papers.filling) {
            let batch = std::mem::take(&mut papers.running[worker]);
            tags.extend(batch.iter().map(|it| it.tag));
        }
        for tag in &tags {
            self.push_verdict(&mut papers, *tag, Verdict::Return);
        }
        tags.len()
    }

    /// Hands back what was started and cancelled, and says how many.
    pub(super) fn requeue_running(&self) -> usize {
        let mut papers = self.papers();
        let running: Vec<_> = papers.running.iter_mut().flat_map(std::mem::take).collect();
        for started in &running {
            let verdict = Verdict::Retry {
                after: Duration::ZERO,
                counted: true,
            };
            self.push_verdict(&mut papers, started.tag, verdict);
        }
        running.len()
    }
}

/// A worker that waits.
pub(super) struct Idle<'a>(&'a Desk);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.papers().idle -= 1;
    }
}
