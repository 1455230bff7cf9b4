//! A slot of a consumer: takes deliveries from the desk, runs the handler within its timeout, and puts the outcome back. It must not
//! know the broker.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::{Instant, timeout_at};

use super::desk::Desk;
use super::guard::Guarded;
use super::timer::Timer;
use super::{HandleBatch, HandleEach, Work};
use crate::deadline;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::Delivery;
use crate::turns::may_go_on;

/// One worker at its desk.
struct Slot<'a> {
    desk: &'a Desk,
    worker: usize,
    call: &'a Notify,
    /// Set anew by few runs: one that ended in time leaves it as it is.
    timer: Timer,
}

/// Works until it is aborted.
pub(super) async fn work(desk: Arc<Desk>, worker: usize) {
    let call = desk.call_of(worker);
    let slot = Slot {
        desk: &desk,
        worker,
        call: &call,
        timer: Timer::default(),
    };
    match &desk.work {
        Work::Each(handle) => slot.work_each(handle).await,
        Work::Batch(handle) => slot.work_batch(handle).await,
    }
}

impl Slot<'_> {
    async fn work_each(mut self, handle: &HandleEach) {
        let (desk, worker) = (self.desk, self.worker);
        let mut next = desk.start(worker);
        let mut began = Instant::now();
        loop {
            let Some(delivery) = next.take() else {
                self.call.notified().await;
                next = desk.start(worker);
                began = Instant::now();
                continue;
            };
            let guarded = Guarded::new(&desk.policy.watched, || handle(delivery));
            let outcome = self.run(guarded, began).await;
            let outcome = outcome.unwrap_or_else(Err);
            // The next begins where this one ends, unless it has to be waited for.
            let ended = Instant::now();
            let took = ended.duration_since(std::mem::replace(&mut began, ended));
            // Handlers that never wait must not keep the thread from others.
            let tired = !may_go_on();
            if desk.finish_and_start((worker, tired), took, outcome, &mut next) {
                yield_now().await;
                next = desk.start(worker);
            }
        }
    }

    async fn work_batch(mut self, handle: &HandleBatch) {
        let (desk, worker) = (self.desk, self.worker);
        let most = desk.policy.batch.max(1);
        let mut deliveries = Vec::new();
        loop {
            desk.start_batch(worker, (1, most), &mut deliveries);
            while deliveries.is_empty() {
                self.call.notified().await;
                desk.start_batch(worker, (1, most), &mut deliveries);
            }
            self.fill(most, &mut deliveries).await;
            if !desk.begin(worker) {
                deliveries.clear();
                continue;
            }
            let began = Instant::now();
            let outcomes = self
                .run_batch(handle, std::mem::take(&mut deliveries))
                .await;
            let many = desk.finish(worker, began.elapsed(), outcomes.into_iter());
            if many || !may_go_on() {
                yield_now().await;
            }
        }
    }

    /// Waits for more until the batch is full or its time is over. Verdicts on the batch before do not wait along: their
    /// leases would end.
    async fn fill(&self, most: usize, into: &mut Vec<Delivery>) {
        let until = deadline::after(self.desk.policy.batch_wait);
        self.desk.tell();
        while into.len() < most && Instant::now() < until {
            self.desk.start_batch(self.worker, (most, most), into);
            let called = timeout_at(until, self.call.notified());
            if into.len() < most && called.await.is_err() {
                self.desk.start_batch(self.worker, (0, most), into);
            }
        }
    }

    /// What the handler returns in time. Tells the desk when the handler waits for the first time.
    async fn run<T>(
        &mut self,
        mut handler: impl Future<Output = Result<T, Box<str>>> + Unpin,
        began: Instant,
    ) -> Result<T, Failure> {
        let (desk, worker, timer) = (self.desk, self.worker, &mut self.timer);
        let mut until = None;
        let done = poll_fn(|cx| {
            let polled = Pin::new(&mut handler).poll(cx).map(Some);
            if polled.is_ready() {
                return polled;
            }
            let until = *until.get_or_insert_with(|| {
                desk.wait(worker);
                deadline::since(began, desk.policy.timeout)
            });
            timer.poll_until(until, cx).map(|()| None)
        });
        match done.await {
            Some(outcome) => outcome.map_err(panicked),
            None => Err(timed_out(desk)),
        }
    }

    /// Handles a batch that begins now.
    async fn run_batch(&mut self, handle: &HandleBatch, batch: Vec<Delivery>) -> Vec<Outcome> {
        let count = batch.len();
        let mut undecodable = Vec::new();
        let guarded = Guarded::new(&self.desk.policy.watched, || {
            let run = handle(batch);
            undecodable = run.undecodable;
            run.outcomes
        });
        let outcomes = self.run(guarded, Instant::now()).await;
        one_each(outcomes, undecodable, count)
    }
}

/// As many outcomes as there were messages, whatever became of the run. Where the handler's are more or fewer than its
/// messages nobody can say whose they are: none succeeded.
fn one_each(
    outcomes: Result<Vec<Outcome>, Failure>,
    undecodable: Vec<(usize, Failure)>,
    count: usize,
) -> Vec<Outcome> {
    let wanted = count - undecodable.len();
    let given = outcomes.and_then(|outcomes| match outcomes.len() {
        given if given == wanted => Ok(outcomes),
        given => Err(Failure::new(format!(
            "{given} outcomes were returned for a batch of {wanted}"
        ))),
    });
    let mut outcomes = given.unwrap_or_else(|failure| {
        let (kind, text) = (failure.kind(), failure.to_string());
        let each = || Err(Failure::of(kind, text.clone()));
        (0..wanted).map(|_| each()).collect()
    });
    for (place, failure) in undecodable {
        outcomes.insert(place, Err(failure));
    }
    outcomes
}

fn panicked(panic: Box<str>) -> Failure {
    Failure::of(FailureKind::Panicked, String::from(panic))
}

fn timed_out(desk: &Desk) -> Failure {
    let text = format!("took longer than {:?}", desk.policy.timeout);
    Failure::of(FailureKind::TimedOut, text)
}
