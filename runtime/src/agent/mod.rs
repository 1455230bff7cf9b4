//! Agents: what generated code says of one, and how it lives. Knows handlers as functions from bytes; which backend
//! carries the bytes is not its business.

mod attach;
mod life;
mod line;
mod lines;
mod set;
mod status;

use std::error::Error as StdError;
use std::fmt;

use microagent_contract::meta::AgentMeta;

use crate::failure::Outcome;
use crate::message::BoxFuture;

pub(crate) use self::life::{Life, blocked, live};
pub use self::line::{AnswerLine, ConsumeLine, CronLine, EveryLine, Missed, Overlap, ReceiveLine};
pub use self::lines::{Delivery, Lines};
pub(crate) use self::set::{LineSet, Run, Schedule, Timing};
pub(crate) use self::status::{Line, LineMonitor, Status};
pub use crate::schedule::Tick;

type MakeLines = Box<dyn FnOnce() -> BoxFuture<'static, Outcome<LineSet>> + Send>;

/// An agent that is ready to run: `Mails { .. }.agent()` or `Mails::agent_with(Mails::connect)`.
#[must_use = "an agent does nothing until it is run"]
pub struct Agent {
    meta: &'static AgentMeta,
    make: MakeLines,
}

impl Agent {
    /// An agent that exists already. Called by generated code.
    #[doc(hidden)]
    pub fn new<A: Send + Sync + 'static>(
        meta: &'static AgentMeta,
        agent: A,
        lines: fn(&mut Lines<A>),
    ) -> Self {
        Self {
            meta,
            make: Box::new(move || Box::pin(std::future::ready(Ok(Lines::of(agent, lines))))),
        }
    }

    /// An agent that is made when it starts. Called by generated code.
    #[doc(hidden)]
    pub fn with<A: Send + Sync + 'static>(
        meta: &'static AgentMeta,
        make: impl Make<A>,
        lines: fn(&mut Lines<A>),
    ) -> Self {
        Self {
            meta,
            make: Box::new(move || {
                Box::pin(async move { Ok(Lines::of(make.make().await?, lines)) })
            }),
        }
    }

    pub(crate) fn meta(&self) -> &'static AgentMeta {
        self.meta
    }

    /// Its name, with its package: `mail_service.MailAgent`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.meta.package(), self.meta.name())
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Agent").field(&self.name()).finish()
    }
}

/// Makes an agent of type `A`: an `async fn` without arguments, or a closure that returns a future, for a `Result<A, E>`
/// with any error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not make an agent of type `{A}`",
    note = "it takes an `async fn() -> Result<{A}, E>`, or a closure like it, that is `Send`"
)]
pub trait Make<A>: Send + 'static {
    /// Makes it.
    #[doc(hidden)]
    fn make(self) -> BoxFuture<'static, Result<A, Box<dyn StdError + Send + Sync>>>;
}

impl<A, F, Fut, E> Make<A> for F
where
    A: 'static,
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Result<A, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + 'static,
{
    fn make(self) -> BoxFuture<'static, Result<A, Box<dyn StdError + Send + Sync>>> {
        Box::pin(async move { self().await.map_err(Into::into) })
    }
}
