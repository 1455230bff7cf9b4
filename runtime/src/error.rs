//! The error of the runtime and its backends: one struct, a kind to match on, a sentence, and a source. It knows no
//! backend, and holds no payload: what a message carried never reaches a log by way of an error.

use std::error::Error as StdError;
use std::fmt;

use crate::run::StopReport;

/// What went wrong, for code that decides what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// How the program is to run is not said, or can't be right: a DSN, an environment variable, an option in code.
    Config,
    /// An agent could not be made, or one of its hooks or servers failed.
    Failed,
    /// A second signal ended the run before it had stopped.
    Aborted,
    /// The value, name, header or option can't be right, whatever the backend.
    Invalid,
    /// Larger than the backend or the deployment allows.
    TooLarge,
    /// The exchange knows no queue for this message.
    Unroutable,
    /// The queue or the buffer is at its limit, and its overflow is to reject.
    Full,
    /// The queue or exchange has not been declared.
    NotFound,
    /// What is declared and what the broker has differ.
    Mismatch,
    /// The backend lacks what was asked for.
    Unsupported,
    /// The backend can't be reached, or is going away; the same may work later.
    Unavailable,
    /// Nothing came within the deadline; whether it happened is unknown.
    Timeout,
    /// This side has been closed; nothing will work on it again.
    Closed,
    /// The backend answered with something else.
    Backend,
}

impl ErrorKind {
    /// The same operation may work later, with nothing changed by the caller.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Full | Self::Unavailable | Self::Timeout | Self::Backend
        )
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Config => "configuration",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Invalid => "invalid",
            Self::TooLarge => "too large",
            Self::Unroutable => "unroutable",
            Self::Full => "full",
            Self::NotFound => "not found",
            Self::Mismatch => "mismatch",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timed out",
            Self::Closed => "closed",
            Self::Backend => "backend failed",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe())
    }
}

/// What failed, in a sentence for people and a kind for code.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    left: Option<Box<StopReport>>,
}

impl Error {
    /// An error without a cause beneath it. The message is lower case, has names in backticks and no full stop.
    pub fn new(kind: ErrorKind, message: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            left: None,
        }
    }

    /// The same with the cause, which must not print passwords or payloads.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn with_left(mut self, left: StopReport) -> Self {
        self.left = Some(Box::new(left));
        self
    }

    /// What the stop left behind, of a run that ended with this error.
    pub fn left(&self) -> Option<&StopReport> {
        self.left.as_deref()
    }

    /// What to match on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence without its kind.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}
