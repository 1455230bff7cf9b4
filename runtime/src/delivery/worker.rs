//! A slot of a consumer: takes deliveries from the desk, runs the handler within its timeout, and puts the outcome back. It must not
//! know the broker.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::desk::Desk;
use super::guard::Guarded;
use super::{HandleBatch, Work};
use crate::deadline;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::Delivery;

/// The timer of a slot, set anew by few of its runs: one that ended in time leaves it as it is.
#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready at `until`, which is never before that of an earlier run.
    fn poll_until(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let set = || Box::pin(sleep_until(until));
        let timer = self.0.get_or_insert_with(set);
        loop {
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= until {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }
}

/// Works until it is aborted.
pub(super) async fn work(desk: Arc<Desk>, worker: usize) {
    let mut deliveries = Vec::new();
    let mut timer = Timer::default();
    let mut began = Instant::now();
    loop {
        match &desk.work {
            Work::Each(handle) => {
                if wait_for(&desk, worker, 1, &mut deliveries).await {
                    began = Instant::now();
                }
                for delivery in deliveries.drain(..) {
                    let guarded = Guarded::new(&desk.policy.watched, || handle(delivery));
                    let outcome = run(&desk, guarded, began, &mut timer).await;
                    let outcome = outcome.unwrap_or_else(Err);
                    // The next begins where this one ends, unless it has to be waited for.
                    let ended = Instant::now();
                    let took = ended.duration_since(std::mem::replace(&mut began, ended));
                    if desk.finish(worker, took, std::iter::once(outcome)) {
                        tokio::task::yield_now().await;
                    }
                }
            }
            Work::Batch(handle) => {
                let most = desk.policy.batch.max(1);
                wait_for(&desk, worker, most, &mut deliveries).await;
                fill(&desk, worker, most, &mut deliveries).await;
                if !desk.begin(worker) {
                    deliveries.clear();
                    continue;
                }
                let began = Instant::now();
                let batch = std::mem::take(&mut deliveries);
                let outcomes = run_batch(&desk, handle, batch, &mut timer).await;
                if desk.finish(worker, began.elapsed(), outcomes.into_iter()) {
                    tokio::task::yield_now().await;
                }
            }
        }
        // Handlers that never wait must not keep the thread from others.
        tokio::task::coop::consume_budget().await;
    }
}

/// Waits until at least one delivery is there; false where it was there already.
async fn wait_for(desk: &Desk, worker: usize, limit: usize, into: &mut Vec<Delivery>) -> bool {
    desk.start(worker, limit, into);
    if !into.is_empty() {
        return false;
    }
    let _idle = desk.set_idle();
    while into.is_empty() {
        let waiting = desk.waiting.notified();
        tokio::pin!(waiting);
        waiting.as_mut().enable();
        desk.start(worker, limit, into);
        if into.is_empty() {
            waiting.await;
        }
    }
    true
}

/// Waits for more until the batch is full or its time is over. Verdicts on the batch before do not wait along: their
/// leases would end.
async fn fill(desk: &Desk, worker: usize, most: usize, into: &mut Vec<Delivery>) {
    let until = deadline::after(desk.policy.batch_wait);
    desk.tell();
    while into.len() < most && Instant::now() < until {
        let _idle = desk.set_idle();
        let waiting = desk.waiting.notified();
        tokio::pin!(waiting);
        waiting.as_mut().enable();
        desk.start(worker, most - into.len(), into);
        if into.len() < most && timeout_at(until, waiting).await.is_err() {
            desk.start(worker, most - into.len(), into);
            return;
        }
    }
}

/// What the handler returns in time. Tells the pump what it was not told yet when the handler waits for the first time.
async fn run<T>(
    desk: &Desk,
    mut handler: impl Future<Output = Result<T, Box<str>>> + Unpin,
    began: Instant,
    timer: &mut Timer,
) -> Result<T, Failure> {
    let until = deadline::since(began, desk.policy.timeout);
    let mut told = false;
    let done = poll_fn(|cx| {
        let polled = Pin::new(&mut handler).poll(cx).map(Some);
        if polled.is_ready() {
            return polled;
        }
        if !std::mem::replace(&mut told, true) {
            desk.tell();
        }
        timer.poll_until(until, cx).map(|()| None)
    });
    match done.await {
        Some(outcome) => outcome.map_err(panicked),
        None => Err(timed_out(desk)),
    }
}

/// Handles a batch that begins now.
async fn run_batch(
    desk: &Desk,
    handle: &HandleBatch,
    batch: Vec<Delivery>,
    timer: &mut Timer,
) -> Vec<Outcome> {
    let count = batch.len();
    let mut undecodable = Vec::new();
    let guarded = Guarded::new(&desk.policy.watched, || {
        let run = handle(batch);
        undecodable = run.undecodable;
        run.outcomes
    });
    let outcomes = run(desk, guarded, Instant::now(), timer).await;
    one_each(outcomes, undecodable, count)
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
