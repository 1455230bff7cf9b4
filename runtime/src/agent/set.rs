//! The lines of one agent with their payload types gone: what is attached, and what is called with which bytes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use microagent_contract::RawAnswer;
use microagent_contract::meta::{CallMeta, QueueMeta, SignalMeta};

use super::line::{ConsumeLine, CronLine, EveryLine};
use crate::context::{Context, MessageInfo};
use crate::delivery::BatchRun;
use crate::failure::Outcome;
use crate::message::BoxFuture;
use crate::parts::Part;
use crate::schedule::{ScheduleId, Tick};

pub(crate) type OneHandler = Arc<dyn Fn(Context) -> BoxFuture<'static, Outcome> + Send + Sync>;
pub(crate) type BatchHandler = Arc<dyn Fn(Context, Vec<MessageInfo>) -> BatchRun + Send + Sync>;
pub(crate) type ListenHandler =
    Arc<dyn Fn(Context) -> BoxFuture<'static, Outcome<Option<RawAnswer>>> + Send + Sync>;
pub(crate) type Run = Arc<dyn Fn(Context, Tick) -> BoxFuture<'static, Outcome> + Send + Sync>;
pub(crate) type Hook = Arc<dyn Fn(Context) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// All lines and hooks, in order of declaration by kind.
#[derive(Default)]
pub(crate) struct LineSet {
    pub(crate) consumes: Vec<Consume>,
    pub(crate) listens: Vec<Listen>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) serves: Vec<Serve>,
    pub(crate) pre_start: Option<Hook>,
    pub(crate) post_start: Option<Hook>,
    pub(crate) pre_stop: Option<Hook>,
}

impl LineSet {
    /// Takes the lines of these parts away.
    pub(crate) fn leave_out(&mut self, parts: &BTreeSet<Part>) {
        for part in parts {
            match part {
                Part::Schedules => self.schedules.clear(),
                Part::Receiving => self.listens.clear(),
                Part::Consuming => self.consumes.clear(),
                Part::Servers => self.serves.clear(),
            }
        }
    }
}

pub(crate) struct Consume {
    pub(crate) queue: &'static QueueMeta,
    pub(crate) line: ConsumeLine,
    pub(crate) handler: ConsumeHandler,
}

#[derive(Clone)]
pub(crate) enum ConsumeHandler {
    One(OneHandler),
    Batch(BatchHandler),
}

/// One signal of a `receive` line, or an `answer`. Those of one method are one line.
pub(crate) struct Listen {
    pub(crate) method: &'static str,
    pub(crate) to: Answered,
    pub(crate) concurrency: usize,
    pub(crate) timeout: Duration,
    pub(crate) handler: ListenHandler,
}

#[derive(Clone, Copy)]
pub(crate) enum Answered {
    Signal(&'static SignalMeta),
    /// A signal that whoever emits it wants answers to.
    Question(&'static SignalMeta),
    Call(&'static CallMeta),
}

impl Answered {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Signal(meta) | Self::Question(meta) => meta.wire(),
            Self::Call(meta) => meta.wire(),
        }
    }
}

pub(crate) struct Schedule {
    pub(crate) timing: Timing,
    pub(crate) run: Run,
}

#[derive(Clone)]
pub(crate) enum Timing {
    Every(EveryLine),
    Cron(CronLine),
}

impl Timing {
    /// As the schema says it.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Every(line) => format!("every {:?}", line.period),
            Self::Cron(line) => format!("cron `{}` in {}", line.expression, line.timezone),
        }
    }

    pub(crate) fn id(&self) -> ScheduleId {
        match self {
            Self::Every(line) => line.id,
            Self::Cron(line) => line.id,
        }
    }
}

pub(crate) struct Serve {
    pub(crate) method: &'static str,
    pub(crate) run: Hook,
}

impl fmt::Debug for LineSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let consumes = self.consumes.iter().map(|it| it.line.method);
        let listens = self.listens.iter().map(|it| it.method);
        let schedules = self.schedules.iter().map(|it| it.timing.id().name());
        let serves = self.serves.iter().map(|it| it.method);
        let all = consumes.chain(listens).chain(schedules).chain(serves);
        f.debug_list().entries(all).finish()
    }
}
