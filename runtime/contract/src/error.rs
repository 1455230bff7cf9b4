//! What can go wrong on the way out: sending, asking, calling. Knows no backend; a backend's own error rides along as
//! the source.

use std::error::Error;
use std::fmt;

type Source = Box<dyn Error + Send + Sync>;

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The payload, the routing key or a header breaks the contract. Sending it again can't succeed.
    Invalid,
    /// The message is larger than the backend takes. Sending it again can't succeed.
    TooLarge,
    /// An option that this port or this backend can't honour.
    Unsupported,
    /// The broker knows no such queue or exchange.
    Unroutable,
    /// The queue has reached its declared length.
    Full,
    /// The backend can't be reached now.
    Unavailable,
    /// No confirmation came in time: the message may or may not be there.
    TimedOut,
    /// The runtime is shutting down, or the handle outlived it.
    Closed,
}

/// A message was not sent.
#[derive(Debug)]
pub struct SendError {
    kind: SendErrorKind,
    wire: Box<str>,
    source: Option<Source>,
}

impl SendError {
    /// The message for `wire` (a wire name) was not sent.
    pub fn new(kind: SendErrorKind, wire: &str) -> Self {
        Self {
            kind,
            wire: wire.into(),
            source: None,
        }
    }

    /// With what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why.
    pub fn kind(&self) -> SendErrorKind {
        self.kind
    }

    /// The wire name of what was to be sent.
    pub fn wire(&self) -> &str {
        &self.wire
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wire = &self.wire;
        match self.kind {
            SendErrorKind::Invalid => write!(f, "the message for `{wire}` breaks its contract"),
            SendErrorKind::TooLarge => write!(f, "the message for `{wire}` is too large"),
            SendErrorKind::Unsupported => {
                write!(f, "an option of the message for `{wire}` is not supported")
            }
            SendErrorKind::Unroutable => write!(f, "nothing takes messages for `{wire}`"),
            SendErrorKind::Full => write!(f, "`{wire}` is full"),
            SendErrorKind::Unavailable => write!(f, "`{wire}` can't be reached"),
            SendErrorKind::TimedOut => write!(f, "`{wire}` did not confirm in time"),
            SendErrorKind::Closed => write!(f, "`{wire}` was closed"),
        }
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallErrorKind {
    /// The question could not be sent; [`CallError::send_error`] says why.
    Send,
    /// Nobody who could answer is attached. Some backends can't tell, and time out instead.
    NobodyListens,
    /// No answer came in time.
    TimedOut,
    /// The receiver failed; what went wrong there stays there.
    Failed,
    /// The answer could not be read.
    Undecodable,
}

/// There is no answer. What a call declares with `throws` is an answer and never arrives here.
#[derive(Debug)]
pub struct CallError {
    kind: CallErrorKind,
    wire: Box<str>,
    receiver: Option<Box<str>>,
    source: Option<Source>,
}

/// There is no answer to a signal; fails in the same ways as a call.
pub type AskError = CallError;

impl CallError {
    /// There is no answer from `wire` (a wire name).
    pub fn new(kind: CallErrorKind, wire: &str) -> Self {
        Self {
            kind,
            wire: wire.into(),
            receiver: None,
            source: None,
        }
    }

    /// A receiver, named as it names itself, failed.
    pub fn failed(wire: &str, receiver: &str) -> Self {
        Self {
            receiver: Some(receiver.into()),
            ..Self::new(CallErrorKind::Failed, wire)
        }
    }

    /// With what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Why.
    pub fn kind(&self) -> CallErrorKind {
        self.kind
    }

    /// The wire name of what was asked.
    pub fn wire(&self) -> &str {
        &self.wire
    }

    /// The receiver that failed: `CommentAgent.answer_comments_count`.
    pub fn receiver(&self) -> Option<&str> {
        self.receiver.as_deref()
    }

    /// Why the question could not be sent.
    pub fn send_error(&self) -> Option<&SendError> {
        self.source.as_deref()?.downcast_ref()
    }
}

impl From<SendError> for CallError {
    fn from(error: SendError) -> Self {
        Self::new(CallErrorKind::Send, error.wire()).with_source(error)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wire = &self.wire;
        match self.kind {
            CallErrorKind::Send => write!(f, "`{wire}` could not be asked"),
            CallErrorKind::NobodyListens => write!(f, "nobody answers `{wire}`"),
            CallErrorKind::TimedOut => write!(f, "no answer from `{wire}` in time"),
            CallErrorKind::Failed => match &self.receiver {
                Some(receiver) => write!(f, "`{receiver}` failed to answer `{wire}`"),
                None => write!(f, "a receiver failed to answer `{wire}`"),
            },
            CallErrorKind::Undecodable => write!(f, "the answer of `{wire}` can't be read"),
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|it| it as _)
    }
}
