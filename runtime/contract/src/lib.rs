//! What the code generated from `.mag` contracts links: ports and handles through which messages leave, the options and
//! errors of sending, how payloads are written, and the names of what is declared as constants.
//!
//! A contract crate links this crate and nothing else of ours, so that a breaking release of the runtime forces no team
//! to release its contracts. A runtime (the crate `microagent`) implements [`BusPort`] and [`BrokerPort`].
//!
//! Invariants: no tokio, no client of a broker, no task, no clock; nothing is printed; metadata has private fields, so
//! that it can grow.

#![deny(missing_docs, clippy::missing_errors_doc, clippy::missing_panics_doc)]

#[doc(hidden)]
#[path = "private/mod.rs"]
pub mod __private;
mod canned;
pub mod codec;
mod declare;
mod error;
mod future;
mod handle;
mod include;
mod macros;
pub mod meta;
mod options;
mod partition;
mod port;
mod recorder;
mod routing;
#[expect(
    clippy::needless_pass_by_value,
    reason = "what is sent is given away, so that a port may keep it one day"
)]
mod send;
mod tables;
mod wait;

pub use crate::canned::Canned;
pub use crate::codec::{DecodeError, EncodeError, decode, encode};
pub use crate::declare::{
    AnswerCodec, Asked, Call, Channel, ChannelKind, Exchange, Question, Queue, Replies, RoutingKey,
    Signal, Throws,
};
pub use crate::error::{AskError, CallError, CallErrorKind, SendError, SendErrorKind};
pub use crate::future::{Answers, Asking, Calling, Sending};
pub use crate::handle::{Broker, Bus, With};
pub use crate::options::Options;
pub use crate::partition::partition_key;
pub use crate::port::{
    AnswerStream, BoxFuture, BrokerPort, BusPort, Outgoing, Port, Ports, RawAnswer,
};
pub use crate::recorder::Recorder;
pub use crate::wait::Wait;
