//! What the pump and the workers of one consumer share: deliveries that wait for a slot, those that run, and verdicts that
//! wait to be settled. It must not know the broker.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::crew::Crew;
use super::dedupe::Claim;
use super::stats::{Stats, count};
use super::told::Told;
use super::{HELD_AHEAD, Policy, Work, guard, verdict};
use crate::broker::{Reason, Settlement, Verdict};
use crate::failure::{Failure, Outcome};
use crate::message::{Delivery, MessageId, Tag};
use crate::random::{Random, random};

/// Verdicts that are kept from the pump at most, while there is more to handle.
const SETTLED_TOGETHER: usize = 64;

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
    /// A verdict waits for the pump.
    pub(super) settled: Notify,
}

#[derive(Debug)]
struct Papers {
    waiting: VecDeque<Delivery>,
    crew: Crew,
    /// What each worker runs; one entry per worker.
    running: Vec<Vec<Started>>,
    /// Workers whose batch may still grow: its handler has not begun.
    filling: BTreeSet<usize>,
    settled: Vec<Settlement>,
    /// Deliveries between fetch and settlement.
    held: usize,
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

/// What failed, why, and whether it was given up.
type Failed = (Started, Failure, bool);

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
                crew: Crew::default(),
                running: Vec::new(),
                filling: BTreeSet::new(),
                settled: Vec::new(),
                held: 0,
                busy: HELD_AHEAD,
                random: Random::new(seed),
            }),
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

    /// Takes what was fetched, calls workers for what waits, one more than it is worth where those that come are `held_up`,
    /// and says which new ones there should be.
    pub(super) fn receive(&self, fetched: &mut Vec<Delivery>, held_up: bool) -> Range<usize> {
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
        let mut missing = self.call(&mut papers);
        if held_up && missing == 0 && !papers.waiting.is_empty() {
            missing = usize::from(!papers.crew.call_one());
        }
        let most = self.policy.concurrency.max(1);
        let workers = papers.crew.grow(missing, most);
        papers.running.resize_with(workers.end, Vec::new);
        workers
    }

    /// Something waits for workers that come, and others could do it.
    pub(super) fn could_do_more(&self) -> bool {
        let papers = self.papers();
        !papers.waiting.is_empty() && papers.crew.has_more(self.policy.concurrency)
    }

    /// Calls workers for what waits, and says how many are missing.
    fn call(&self, papers: &mut Papers) -> usize {
        let batch = self.policy.batch.max(1);
        let runs = papers.waiting.len().div_ceil(batch);
        let each = papers
            .busy
            .saturating_mul(u32::try_from(batch).unwrap_or(u32::MAX));
        papers.crew.call(runs, each)
    }

    /// By what this worker is called.
    pub(super) fn call_of(&self, worker: usize) -> Arc<Notify> {
        self.papers().crew.call_of(worker)
    }

    /// The next delivery for this worker, which then counts as started; where none waits it rests.
    pub(super) fn start(&self, worker: usize) -> Option<Delivery> {
        let mut papers = self.papers();
        papers.crew.come(worker);
        let delivery = self.next(&mut papers, worker);
        if delivery.is_none() {
            papers.crew.rest(worker);
        }
        delivery
    }

    /// Up to `most` deliveries for the batch of this worker, which count as started once it [`begin`](Self::begin)s; with
    /// fewer than `least` it rests.
    pub(super) fn start_batch(
        &self,
        worker: usize,
        (least, most): (usize, usize),
        into: &mut Vec<Delivery>,
    ) {
        let mut papers = self.papers();
        papers.crew.come(worker);
        while into.len() < most
            && let Some(delivery) = self.next(&mut papers, worker)
        {
            papers.filling.insert(worker);
            into.push(delivery);
        }
        if into.len() < least {
            papers.crew.rest(worker);
        }
    }

    fn next(&self, papers: &mut Papers, worker: usize) -> Option<Delivery> {
        while let Some(delivery) = papers.waiting.pop_front() {
            match verdict::of_claim(&delivery.message.id, &self.policy, &self.stats) {
                Ok(claim) => {
                    papers.running[worker].push(Started {
                        tag: delivery.tag,
                        attempt: delivery.attempt,
                        id: delivery.message.id.clone(),
                        claim,
                    });
                    return Some(delivery);
                }
                Err(verdict) => {
                    self.push_verdict(papers, delivery.tag, verdict);
                    self.settled.notify_one();
                }
            }
        }
        None
    }

    /// A batch is complete; false where it was handed back meanwhile.
    pub(super) fn begin(&self, worker: usize) -> bool {
        self.papers().filling.remove(&worker)
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
        let running = std::mem::take(&mut papers.running[worker]);
        let each = took / u32::try_from(running.len().max(1)).unwrap_or(u32::MAX);
        let mut failed = Vec::new();
        for (started, outcome) in running.into_iter().zip(outcomes) {
            failed.extend(self.end(&mut papers, started, outcome));
        }
        let many = self.ended(&mut papers, worker, each);
        drop(papers);
        for failed in failed {
            self.tell_failed(failed);
        }
        many
    }

    /// As [`finish`](Self::finish), and with the next delivery as [`start`](Self::start) gives it, unless the worker should
    /// or wants to let others go first.
    pub(super) fn finish_and_start(
        &self,
        (worker, tired): (usize, bool),
        took: Duration,
        outcome: Outcome,
        next: &mut Option<Delivery>,
    ) -> bool {
        let mut papers = self.papers();
        let started = papers.running[worker].pop();
        let failed = started.and_then(|it| self.end(&mut papers, it, outcome));
        let pause = self.ended(&mut papers, worker, took) || tired;
        if !pause {
            *next = self.next(&mut papers, worker);
            if next.is_none() {
                papers.crew.rest(worker);
            }
        }
        drop(papers);
        if let Some(failed) = failed {
            self.tell_failed(failed);
        }
        pause
    }

    /// Ends an attempt. A failure comes back, to be told outside of the lock.
    fn end(&self, papers: &mut Papers, mut started: Started, outcome: Outcome) -> Option<Failed> {
        let claim = started.claim.take();
        let Err(failure) = outcome else {
            if let Some(claim) = claim {
                claim.keep();
            }
            count(&self.stats.succeeded);
            self.push_verdict(papers, started.tag, Verdict::Ack);
            return None;
        };
        drop(claim);
        verdict::record(&failure, &self.stats);
        let random = &mut papers.random;
        let verdict = verdict::of_failure(&failure, started.attempt, &self.policy, random);
        let given_up = matches!(verdict, Verdict::DeadLetter(_));
        self.push_verdict(papers, started.tag, verdict);
        Some((started, failure, given_up))
    }

    /// What a worker ran took so long each. True where there are many verdicts.
    fn ended(&self, papers: &mut Papers, worker: usize, each: Duration) -> bool {
        papers.crew.come(worker);
        papers.busy = (papers.busy * 7 + each) / 8;
        let many = papers.settled.len() >= SETTLED_TOGETHER;
        if many || papers.waiting.is_empty() {
            self.settled.notify_one();
        }
        many
    }

    fn tell_failed(&self, (started, failure, given_up): Failed) {
        let message = (&started.id, started.attempt);
        if given_up {
            self.told.given_up(message, &failure);
        } else {
            self.told.failed(message, &failure);
        }
        guard::discard(failure);
    }

    /// The handler of a worker waits: others come for what waits, where there are any, and the pump is told of verdicts
    /// that would wait along.
    pub(super) fn wait(&self, worker: usize) {
        let mut papers = self.papers();
        papers.crew.go(worker);
        let missing = self.call(&mut papers);
        let wanted = missing > 0 && papers.crew.len() < self.policy.concurrency;
        if wanted || !papers.settled.is_empty() {
            self.settled.notify_one();
        }
    }

    /// Tells the pump what it was not told yet: a worker waits, and with it the verdicts before it would.
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

    /// Moves all verdicts behind those of a list.
    pub(super) fn take_settled(&self, into: &mut Vec<Settlement>) {
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
        let running = papers.running.iter().flatten();
        let waiting = papers.waiting.iter().map(|it| it.tag);
        running.map(|it| it.tag).chain(waiting).collect()
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
