//! All that generated code refers to, under one name that the including macro binds. Hidden: only generated code of the
//! same version may use it.

mod codec;

pub use crate::canned::Stub;
pub use crate::declare::{
    AnswerCodec, Asked, Call, Channel, ChannelKind, Exchange, Question, Queue, Replies, RoutingKey,
    Signal, Throws,
};
pub use crate::error::{AskError, CallError, SendError};
pub use crate::future::{Answers, Asking, Calling, Sending};
pub use crate::handle::{Broker, Bus, With};
pub use crate::meta::{
    AgentMeta, BindingMeta, CallMeta, ExchangeMeta, Overflow, QueueMeta, SignalMeta,
};
pub use crate::options::Options;
pub use crate::port::{Port, Ports};
pub use crate::recorder::Recorder;
pub use crate::routing::RoutingWords;
pub use crate::send::{ask, ask_all, call, emit, publish, publish_by, send};
pub use crate::tables::{default_value, milliseconds};
pub use crate::{
    __assert_fingerprint as assert_fingerprint, __calls as calls, __constructor as constructor,
    __default as default, __exchanges as exchanges, __queues as queues,
    __routing_key as routing_key, __signals as signals, DecodeError, EncodeError,
};

pub use self::codec::*;
