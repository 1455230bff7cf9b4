//! A line that listens, as its handlers see it: each message is handled with a timeout and panics caught, and the answer
//! that it is owed is given. Knows no subscription but by what it lost.

use std::sync::Arc;
use std::time::Duration;

use microagent_contract::RawAnswer;
use tokio::sync::watch;
use tokio::time::timeout;

use super::ask::publish;
use super::counts::Counters;
use super::listen::{Handle, ListenPolicy};
use super::losses::LossReport;
use crate::bus::{Answer, Audience, BusBackend, Form, Received, ReplyTo, Subscription};
use crate::delivery::guard::Guarded;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::Message;
use crate::repeated::Repeated;

/// How long an answer may take to leave.
const ANSWER: Duration = Duration::from_secs(5);

/// What the handlers of a line share.
pub(super) struct Line {
    pub(super) bus: Arc<dyn BusBackend>,
    pub(super) receiver: Arc<str>,
    pub(super) policy: ListenPolicy,
    pub(super) handle: Handle,
    /// Each message is for one of those who listen.
    pub(super) calls: bool,
    pub(super) counters: Arc<Counters>,
    pub(super) losses: Arc<LossReport>,
    pub(super) failures: Repeated,
    /// Told to handlers when they have to end, so that whoever waits for an answer hears of it.
    pub(super) cut: watch::Sender<bool>,
}

impl Line {
    /// Notes what the subscription lost.
    pub(super) fn observe(&self, subscription: &dyn Subscription) {
        self.losses.note(subscription.lost());
    }

    /// Tells the log of failures that were kept back, where it is time to.
    pub(super) fn catch_up(&self) {
        self.tell(self.failures.due());
    }

    /// The log has not been told all.
    pub(super) fn is_behind(&self) -> bool {
        self.losses.is_behind() || self.failures.is_behind()
    }

    fn tell(&self, failed: Option<u64>) {
        if let Some(times) = failed {
            tracing::warn!(receiver = &*self.receiver, times, "handlers failed");
        }
    }

    /// Handles one message, and gives the answer that is owed.
    pub(super) async fn handle(&self, received: Received) {
        let reply_to = match &received.form {
            Form::Signal { reply_to, .. } => reply_to.clone(),
            Form::Call { reply_to, .. } => Some(reply_to.clone()),
            Form::Answer { .. } => None,
        };
        let id = received.message.id.clone();
        let running = self.counters.enter();
        let outcome = self.run(received).await;
        drop(running);
        self.counters.record(&outcome);
        if let Err(failure) = &outcome
            && let Some(times) = self.failures.note()
        {
            tracing::warn!(receiver = &*self.receiver, %id, %failure, times, "a handler failed");
        }
        if let Some(reply_to) = reply_to {
            self.answer(reply_to, outcome).await;
        }
    }

    async fn run(&self, received: Received) -> Outcome<Option<RawAnswer>> {
        let mut cut = self.cut.subscribe();
        let guarded = Guarded::new(&self.policy.watched, || (self.handle)(received));
        let ended = tokio::select! {
            biased;
            // The sender is part of the line, and so never gone.
            _ = cut.wait_for(|it| *it) => {
                let text = "it did not end before its agent had to";
                return Err(Failure::of(FailureKind::TimedOut, text));
            }
            ended = timeout(self.policy.timeout, guarded) => ended,
        };
        match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(panic)) => Err(Failure::of(FailureKind::Panicked, String::from(panic))),
            Err(_) => {
                let text = format!("took longer than {:?}", self.policy.timeout);
                Err(Failure::of(FailureKind::TimedOut, text))
            }
        }
    }

    /// Gives the one answer that is owed. What went wrong inside stays inside.
    async fn answer(&self, reply_to: ReplyTo, outcome: Outcome<Option<RawAnswer>>) {
        let (answer, body) = match outcome {
            Ok(Some(RawAnswer::Reply(body))) => (Answer::Reply, body),
            Ok(Some(RawAnswer::Thrown(body))) => (Answer::Declared, body),
            Ok(None) => (Answer::Nothing, bytes::Bytes::new()),
            Err(_) => (Answer::Failed, bytes::Bytes::new()),
        };
        let audience = Audience::Asker { reply_to, answer };
        let receiver = Arc::clone(&self.receiver);
        let publishing = publish(&*self.bus, audience, receiver, Message::new(body));
        if !matches!(timeout(ANSWER, publishing).await, Ok(Ok(_))) {
            self.counters.unanswered();
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.tell(self.failures.rest());
    }
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("receiver", &self.receiver)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
