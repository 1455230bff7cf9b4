//! All that generated code of a crate with agents refers to: what contracts need, and agents with their lines. Hidden:
//! only generated code of the same version may use it.

pub use microagent_contract::__include_schema;
pub use microagent_contract::__private::*;

pub use crate::agent::{
    Agent, AnswerLine, ConsumeLine, CronLine, Delivery, EveryLine, Lines, Make, Missed, Overlap,
    ReceiveLine, Tick,
};
pub use crate::context::Context;
pub use crate::failure::{Failure, Outcome};
pub use crate::schedule::ScheduleId;
pub use crate::schedule::cron::CronFields;
pub use crate::{__context as context, __lines as lines};
