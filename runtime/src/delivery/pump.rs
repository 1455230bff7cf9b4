//! The task that moves deliveries from a consumer to the desk and verdicts back, renews leases, and drains. It must
//! not know handlers.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::desk::Desk;
use super::stats::{DrainReport, count_many};
use super::timer::Timer;
use super::worker;
use crate::broker::{Consumer, Settlement};
use crate::deadline;
use crate::ended::Teller;
use crate::error::{Error, ErrorKind};
use crate::message::Delivery;

/// How long the broker may take to settle or to renew: a connection that hangs must not keep a drain from being heard.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a settlement that failed waits before it is tried again.
const SETTLE_AGAIN: Duration = Duration::from_secs(1);
/// How long a worker may keep what waits from others that could do it: its handler blocks its thread.
const HELD_UP: Duration = Duration::from_millis(10);
/// What a drain has beyond its deadline, to tell the broker what was left.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Owns the consumer and its workers.
#[derive(Debug)]
pub(super) struct Pump {
    consumer: Arc<dyn Consumer>,
    desk: Arc<Desk>,
    workers: JoinSet<()>,
    lease: Option<Duration>,
    renew_at: Option<Instant>,
    renewal: Timer,
    /// When workers that come have had their time.
    held_up_at: Option<Instant>,
    patience: Timer,
    /// Verdicts that the broker has not taken yet.
    unsettled: Vec<Settlement>,
    settle_again_at: Option<Instant>,
    ended: Teller,
    intake: bool,
}

enum Event {
    Drain(Instant),
    Settle,
    HeldUp,
    Fetched(Result<(), Error>),
    Renew,
}

impl Pump {
    pub(super) fn new(
        consumer: Arc<dyn Consumer>,
        desk: Arc<Desk>,
        lease: Option<Duration>,
        ended: Teller,
    ) -> Self {
        Self {
            consumer,
            desk,
            workers: JoinSet::new(),
            renew_at: lease.map(|lease| deadline::after(lease / 3)),
            renewal: Timer::default(),
            held_up_at: None,
            patience: Timer::default(),
            lease,
            unsettled: Vec::new(),
            settle_again_at: None,
            ended,
            intake: true,
        }
    }

    /// Works until it is asked to drain, or aborted.
    pub(super) async fn run(
        mut self,
        mut drain: oneshot::Receiver<Instant>,
        report: oneshot::Sender<DrainReport>,
    ) {
        let mut fetched = Vec::new();
        loop {
            let event = self.next_event(&mut drain, &mut fetched).await;
            // A fetch that was cancelled may have delivered something before.
            self.employ(&mut fetched, matches!(event, Event::HeldUp));
            let until = match event {
                Event::Drain(until) => Some(until),
                Event::Settle => unless_drained(&mut drain, self.settle()).await,
                Event::Renew => unless_drained(&mut drain, self.renew()).await,
                Event::HeldUp | Event::Fetched(Ok(())) => None,
                Event::Fetched(Err(error)) => {
                    self.end_intake();
                    self.ended.send_replace(Some(Arc::new(error)));
                    None
                }
            };
            if let Some(until) = until {
                // Who asked may have gone away; the drain is made all the same.
                let _ = report.send(self.drain(until).await);
                return;
            }
        }
    }

    async fn next_event(
        &mut self,
        drain: &mut oneshot::Receiver<Instant>,
        fetched: &mut Vec<Delivery>,
    ) -> Event {
        let free = if self.intake { self.desk.free() } else { 0 };
        let fetch = async {
            if free == 0 {
                return pending().await;
            }
            self.consumer.next(free, fetched).await
        };
        // In this order none starves: fetching ends at the prefetch, until something is settled.
        tokio::select! {
            biased;
            until = drain => Event::Drain(until.unwrap_or_else(|_| Instant::now())),
            () = self.renewal.wait(self.renew_at) => Event::Renew,
            () = self.patience.wait(self.held_up_at) => Event::HeldUp,
            () = at(self.settle_again_at) => Event::Settle,
            result = fetch => Event::Fetched(result),
            () = self.desk.settled.notified() => Event::Settle,
        }
    }

    fn employ(&mut self, fetched: &mut Vec<Delivery>, held_up: bool) {
        for worker in self.desk.receive(fetched, held_up) {
            let desk = Arc::clone(&self.desk);
            self.workers.spawn(worker::work(desk, worker));
        }
        if held_up {
            self.held_up_at = None;
        }
        if self.held_up_at.is_none() && self.desk.could_do_more() {
            self.held_up_at = Some(deadline::after(HELD_UP));
        }
    }

    fn end_intake(&mut self) {
        self.intake = false;
        self.desk.stats.end_intake();
    }

    /// Tells the broker the verdicts that there are.
    async fn settle(&mut self) {
        // All of them, since nobody is told again of those that stay.
        self.desk.take_settled(&mut self.unsettled);
        let before = self.unsettled.len();
        let settling = self.consumer.settle(&mut self.unsettled);
        let result = in_time(settling).await;
        self.desk.release(before - self.unsettled.len());
        match result {
            Ok(settled) => {
                count_many(&self.desk.stats.late, settled.late);
                self.settle_again_at = None;
            }
            Err(error) => {
                tracing::warn!(queue = &*self.desk.queue, %error, "settling failed, tried again");
                self.settle_again_at = Some(Instant::now() + SETTLE_AGAIN);
            }
        }
    }

    async fn renew(&mut self) {
        let held = self.desk.held();
        if let Err(error) = in_time(self.consumer.renew(&held)).await {
            tracing::warn!(queue = &*self.desk.queue, %error, "leases were not renewed");
        }
        self.renew_at = self.lease.map(|lease| deadline::after(lease / 3));
        // Nothing else comes again and again where no message does.
        self.desk.told.catch_up();
    }

    /// The order of a stop, see [`Consuming::drain`](super::Consuming::drain).
    async fn drain(&mut self, until: Instant) -> DrainReport {
        let last = until + LAST_WORDS;
        let mut report = DrainReport::default();
        self.end_intake();
        let stopping = timeout_at(last.min(Instant::now() + ANSWER), self.consumer.stop());
        let stopped = matches!(stopping.await, Ok(Ok(())));
        if !stopped {
            let queue = &*self.desk.queue;
            tracing::warn!(queue, "the broker did not confirm the stop");
        }
        report.returned = self.desk.return_waiting();
        let running = self.desk.running();
        self.finish_running(until).await;
        self.workers.abort_all();
        let gone = async { while self.workers.join_next().await.is_some() {} };
        if timeout_at(last, gone).await.is_err() {
            tracing::warn!(
                queue = &*self.desk.queue,
                "a handler blocks its thread and is left behind"
            );
        }
        report.unfinished = self.desk.requeue_running();
        report.finished = running.saturating_sub(report.unfinished);
        if stopped {
            // A broker that goes on would be given the same messages back for ever.
            report.returned += self.return_assigned(last).await;
        }
        report.unsettled = self.settle_all(last).await;
        report
    }

    /// Settles what handlers bring until none runs, or the time is over.
    async fn finish_running(&mut self, until: Instant) {
        loop {
            if timeout_at(until, self.settle()).await.is_err() || self.desk.running() == 0 {
                return;
            }
            tokio::select! {
                biased;
                () = self.desk.settled.notified() => {}
                () = at(self.settle_again_at) => {}
                // Cut short, it is the end that comes next.
                () = at(self.renew_at) => { let _ = timeout_at(until, self.renew()).await; }
                () = sleep_until(until) => return,
            }
        }
    }

    /// Hands back what the broker had assigned before it heard of the stop.
    async fn return_assigned(&mut self, last: Instant) -> usize {
        let mut fetched = Vec::new();
        let mut returned = 0;
        while let Ok(Ok(())) = timeout_at(last, self.consumer.next(64, &mut fetched)).await {
            self.desk.receive(&mut fetched, false);
            returned += self.desk.return_waiting();
        }
        returned
    }

    /// Settles all that is left and says how many the broker did not take.
    async fn settle_all(&mut self, last: Instant) -> usize {
        while timeout_at(last, self.settle()).await.is_ok() {
            match self.settle_again_at {
                Some(again) if again < last => sleep_until(again).await,
                Some(_) => break,
                None if self.desk.has_settled() => {}
                None => return 0,
            }
        }
        self.desk.take_settled(&mut self.unsettled);
        self.unsettled.len()
    }
}

/// Lets the broker answer until a drain is asked for, and says until when that one may last.
async fn unless_drained(
    drain: &mut oneshot::Receiver<Instant>,
    answer: impl Future<Output = ()>,
) -> Option<Instant> {
    tokio::select! {
        biased;
        () = answer => None,
        until = drain => Some(until.unwrap_or_else(|_| Instant::now())),
    }
}

/// What the broker answers, or that it did not.
async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let answered = timeout(ANSWER, answer).await;
    answered.unwrap_or_else(|_| {
        let message = format!("no answer within {ANSWER:?}");
        Err(Error::new(ErrorKind::Timeout, message))
    })
}

/// Sleeps until then, or for ever.
async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
