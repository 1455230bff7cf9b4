//! What an agent does, line by line: typed handlers of generated code become handlers of bytes. Behind this file nobody
//! knows payload types; before it nobody knows queues or subscriptions.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use microagent_contract::codec::{Codec, decode_with};
use microagent_contract::{AnswerCodec, Asked, Call, Queue, RawAnswer, Signal};

use super::line::{AnswerLine, ConsumeLine, CronLine, EveryLine, ReceiveLine};
use super::set::{
    Answered, BatchHandler, Consume, ConsumeHandler, Hook, LineSet, Listen, OneHandler, Schedule,
    Serve, Timing,
};
use crate::context::{Context, MessageInfo};
use crate::delivery::BatchRun;
use crate::failure::{Failure, FailureKind, Outcome};
use crate::message::BoxFuture;
use crate::schedule::Tick;

/// A message of a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery<T> {
    /// What it carries.
    pub payload: T,
    info: MessageInfo,
}

impl<T> Delivery<T> {
    /// What is known of it beside its payload.
    pub fn message(&self) -> &MessageInfo {
        &self.info
    }
}

/// Takes the lines of an agent of type `A`, one by one.
pub struct Lines<A> {
    agent: Arc<A>,
    set: LineSet,
}

impl<A: Send + Sync + 'static> Lines<A> {
    pub(super) fn of(agent: A, add: fn(&mut Self)) -> LineSet {
        let mut lines = Self {
            agent: Arc::new(agent),
            set: LineSet::default(),
        };
        add(&mut lines);
        lines.set
    }

    /// `consume`, one message at a time.
    pub fn consume<Q: Queue, Fut>(
        &mut self,
        line: ConsumeLine,
        handler: impl Fn(Arc<A>, Context, Q::Payload) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        let handler: OneHandler = Arc::new(move |cx| match decode::<Q::Codec, _>(cx.message()) {
            Ok(message) => Box::pin(handler(Arc::clone(&agent), cx, message)),
            Err(failure) => Box::pin(ready(Err(failure))),
        });
        self.set.consumes.push(Consume {
            queue: Q::META,
            line,
            handler: ConsumeHandler::One(handler),
        });
    }

    /// `consume`, batch by batch.
    pub fn consume_batch<Q: Queue, Fut>(
        &mut self,
        line: ConsumeLine,
        handler: impl Fn(Arc<A>, Context, Vec<Delivery<Q::Payload>>) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Vec<Outcome>> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        let handler = Arc::new(handler);
        let handler: BatchHandler = Arc::new(move |cx, messages| {
            let mut deliveries = Vec::with_capacity(messages.len());
            let mut undecodable = Vec::new();
            for (place, info) in messages.into_iter().enumerate() {
                match decode::<Q::Codec, _>(&info) {
                    Ok(payload) => deliveries.push(Delivery { payload, info }),
                    Err(failure) => undecodable.push((place, failure)),
                }
            }
            let (agent, handler) = (Arc::clone(&agent), Arc::clone(&handler));
            let outcomes = async move {
                if deliveries.is_empty() {
                    return Vec::new();
                }
                handler(agent, cx, deliveries).await
            };
            BatchRun::of(outcomes).without(undecodable)
        });
        self.set.consumes.push(Consume {
            queue: Q::META,
            line,
            handler: ConsumeHandler::Batch(handler),
        });
    }

    /// `receive`, one signal of the line.
    pub fn receive<S: Signal, Fut>(
        &mut self,
        line: ReceiveLine,
        handler: impl Fn(Arc<A>, Context, S::Payload) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        self.set.listens.push(Listen {
            method: line.method,
            to: Answered::Signal(S::META),
            concurrency: line.concurrency,
            timeout: line.timeout,
            handler: Arc::new(move |cx| match decode::<S::Codec, _>(cx.message()) {
                Ok(message) => {
                    let outcome = handler(Arc::clone(&agent), cx, message);
                    Box::pin(async move { outcome.await.map(|()| None) })
                }
                Err(failure) => Box::pin(ready(Err(failure))),
            }),
        });
    }

    /// `answer`, to a signal.
    pub fn answer<S: Asked, Fut>(
        &mut self,
        line: AnswerLine,
        handler: impl Fn(Arc<A>, Context, S::Payload) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome<S::Reply>> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        self.set.listens.push(Listen {
            method: line.method,
            to: Answered::Question(S::META),
            concurrency: line.concurrency,
            timeout: line.timeout.unwrap_or(S::META.deadline()),
            handler: Arc::new(move |cx| match decode::<S::Codec, _>(cx.message()) {
                Ok(message) => answer::<S::ReplyCodec, _>(handler(Arc::clone(&agent), cx, message)),
                Err(failure) => Box::pin(ready(Err(failure))),
            }),
        });
    }

    /// `answer`, to a call.
    pub fn answer_call<C: Call, Fut>(
        &mut self,
        line: AnswerLine,
        handler: impl Fn(Arc<A>, Context, C::Payload) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome<C::Reply>> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        self.set.listens.push(Listen {
            method: line.method,
            to: Answered::Call(C::META),
            concurrency: line.concurrency,
            timeout: line.timeout.unwrap_or(C::META.deadline()),
            handler: Arc::new(move |cx| match decode::<C::Codec, _>(cx.message()) {
                Ok(message) => answer::<C::ReplyCodec, _>(handler(Arc::clone(&agent), cx, message)),
                Err(failure) => Box::pin(ready(Err(failure))),
            }),
        });
    }

    /// `every`
    pub fn every<Fut>(
        &mut self,
        line: EveryLine,
        handler: impl Fn(Arc<A>, Context, Tick) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.schedule(Timing::Every(line), handler);
    }

    /// `cron`
    pub fn cron<Fut>(
        &mut self,
        line: CronLine,
        handler: impl Fn(Arc<A>, Context, Tick) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.schedule(Timing::Cron(line), handler);
    }

    /// `serve`
    pub fn serve<Fut>(
        &mut self,
        method: &'static str,
        server: impl Fn(Arc<A>, Context) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let run = self.hook(server);
        self.set.serves.push(Serve { method, run });
    }

    /// Before anything is attached.
    pub fn pre_start<Fut>(&mut self, hook: impl Fn(Arc<A>, Context) -> Fut + Send + Sync + 'static)
    where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.set.pre_start = Some(self.hook(hook));
    }

    /// When all is attached, before the first message.
    pub fn post_start<Fut>(&mut self, hook: impl Fn(Arc<A>, Context) -> Fut + Send + Sync + 'static)
    where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.set.post_start = Some(self.hook(hook));
    }

    /// After the last message.
    pub fn pre_stop<Fut>(&mut self, hook: impl Fn(Arc<A>, Context) -> Fut + Send + Sync + 'static)
    where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        self.set.pre_stop = Some(self.hook(hook));
    }

    fn schedule<Fut>(
        &mut self,
        timing: Timing,
        handler: impl Fn(Arc<A>, Context, Tick) -> Fut + Send + Sync + 'static,
    ) where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        self.set.schedules.push(Schedule {
            timing,
            run: Arc::new(move |cx, tick| Box::pin(handler(Arc::clone(&agent), cx, tick))),
        });
    }

    fn hook<Fut>(&self, hook: impl Fn(Arc<A>, Context) -> Fut + Send + Sync + 'static) -> Hook
    where
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let agent = Arc::clone(&self.agent);
        Arc::new(move |cx| Box::pin(hook(Arc::clone(&agent), cx)))
    }
}

impl<A> fmt::Debug for Lines<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lines").field(&self.set).finish()
    }
}

fn decode<C: Codec<T>, T>(message: &MessageInfo) -> Outcome<T> {
    decode_with::<C, T>(message.body())
        .map_err(|error| Failure::of(FailureKind::Undecodable, error))
}

fn answer<C: AnswerCodec<T>, T: Send>(
    outcome: impl Future<Output = Outcome<T>> + Send + 'static,
) -> BoxFuture<'static, Outcome<Option<RawAnswer>>> {
    Box::pin(async move {
        let answer = outcome.await?;
        Ok(Some(C::write(&answer)?))
    })
}
