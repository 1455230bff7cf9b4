//! A slot of a consumer: takes deliveries from the desk, runs the handler within its timeout, and puts the outcome back. It must not
//! know the broker.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use tokio::time::{Instant, timeout, timeout_at};

use super::desk::Desk;
use super::guard::Guarded;
use super::{HandleBatch, HandleEach, Work};
use crate::deadline;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::Delivery;

/// Works until it is aborted.
pub(super) async fn work(desk: Arc<Desk>, worker: usize) {
    let mut deliveries = Vec::new();
    loop {
        match &desk.work {
            Work::Each(handle) => {
                wait_for(&desk, worker, 1, &mut deliveries).await;
                for delivery in deliveries.drain(..) {
                    let began = Instant::now();
                    let outcome = run_one(&desk, handle, delivery).await;
                    if desk.finish(worker, began.elapsed(), std::iter::once(outcome)) {
                        tokio::task::yield_now().await;
                    }
                }
            }
            Work::Batch(handle) => {
                let most = desk.policy.batch.max(1);
                wait_for(&desk, worker, most, &mut deliveries).await;
                fill(&desk, worker, most, &mut deliveries).await;
                let began = Instant::now();
                let outcomes = run_batch(&desk, handle, std::mem::take(&mut deliveries)).await;
                if desk.finish(worker, began.elapsed(), outcomes.into_iter()) {
                    tokio::task::yield_now().await;
                }
            }
        }
        // Handlers that never wait must not keep the thread from others.
        tokio::task::coop::consume_budget().await;
    }
}

/// Waits until at least one delivery is there.
async fn wait_for(desk: &Desk, worker: usize, limit: usize, into: &mut Vec<Delivery>) {
    desk.start(worker, limit, into);
    if !into.is_empty() {
        return;
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
}

/// Waits for more until the batch is full or its time is over.
async fn fill(desk: &Desk, worker: usize, most: usize, into: &mut Vec<Delivery>) {
    let until = deadline::after(desk.policy.batch_wait);
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

async fn run_one(desk: &Desk, handle: &HandleEach, delivery: Delivery) -> Outcome {
    let guarded = Guarded::new(&desk.policy.watched, || handle(delivery));
    match timeout(desk.policy.timeout, telling(desk, guarded)).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(panicked(panic)),
        Err(_) => Err(timed_out(desk)),
    }
}

async fn run_batch(desk: &Desk, handle: &HandleBatch, batch: Vec<Delivery>) -> Vec<Outcome> {
    let count = batch.len();
    let each = |failure: &dyn Fn() -> Failure| (0..count).map(|_| Err(failure())).collect();
    let guarded = Guarded::new(&desk.policy.watched, || handle(batch));
    match timeout(desk.policy.timeout, telling(desk, guarded)).await {
        Ok(Ok(outcomes)) if outcomes.len() == count => outcomes,
        Ok(Ok(outcomes)) => {
            let text = format!("{} outcomes for {count} messages", outcomes.len());
            each(&|| Failure::new(text.clone()))
        }
        Ok(Err(panic)) => each(&|| panicked(panic.clone())),
        Err(_) => each(&|| timed_out(desk)),
    }
}

/// Tells the pump what it was not told yet when the handler waits for the first time.
async fn telling<T>(desk: &Desk, mut handler: Guarded<'_, T>) -> Result<T, Box<str>> {
    let mut told = false;
    poll_fn(|cx| {
        let polled = Pin::new(&mut handler).poll(cx);
        if polled.is_pending() && !std::mem::replace(&mut told, true) {
            desk.tell();
        }
        polled
    })
    .await
}

fn panicked(panic: Box<str>) -> Failure {
    Failure::of(FailureKind::Panicked, String::from(panic))
}

fn timed_out(desk: &Desk) -> Failure {
    let text = format!("took longer than {:?}", desk.policy.timeout);
    Failure::of(FailureKind::TimedOut, text)
}
