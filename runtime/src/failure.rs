//! What a handler returns: nothing or a value when it succeeded, a [`Failure`] when it did not. It says what is to become
//! of the message; how that is done (attempts, backoff, dead letters) is the driver's.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// What a handler returns. `?` turns any error, anyhow's too, into a [`Failure`] that counts as a failed attempt.
pub type Outcome<T = ()> = Result<T, Failure>;

/// What is to become of a message whose handler failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// Tried again after the line's backoff, as long as attempts are left.
    Retry,
    /// Tried again after this time, as long as attempts are left.
    RetryAfter(Duration),
    /// To the dead letters at once.
    Rejected,
    /// To the dead letters at once: the bytes are not what the contract says. Made by the runtime.
    Undecodable,
    /// As [`Retry`](Self::Retry): the handler took longer than the line's timeout. Made by the runtime.
    TimedOut,
    /// As [`Retry`](Self::Retry): the handler panicked. Made by the runtime.
    Panicked,
}

/// A handler did not succeed.
///
/// Not an error itself, so that `?` takes every error there is:
///
/// ```
/// use microagent::{Failure, Outcome};
///
/// fn parse(text: &str) -> Outcome<u32> {
///     if text.is_empty() {
///         return Err(Failure::reject("nothing to parse"));
///     }
///     Ok(text.parse()?)
/// }
///
/// assert_eq!(parse("seven").unwrap_err().to_string(), "invalid digit found in string");
/// ```
pub struct Failure {
    kind: FailureKind,
    cause: Box<dyn StdError + Send + Sync>,
}

impl Failure {
    /// A failed attempt, what `?` makes of an error: tried again after the line's backoff.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(FailureKind::Retry, cause)
    }

    /// Trying again is pointless: the message goes to the dead letters at once.
    pub fn reject(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(FailureKind::Rejected, why)
    }

    /// A failed attempt that is tried again after this time instead of the line's backoff.
    pub fn retry_after(delay: Duration) -> Self {
        Self::of(
            FailureKind::RetryAfter(delay),
            format!("to be tried again after {delay:?}"),
        )
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = cause.into();
        self
    }

    pub(crate) fn of(kind: FailureKind, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            kind,
            cause: cause.into(),
        }
    }

    /// What is to become of the message.
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Why it failed.
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.cause
    }

    pub(crate) fn into_cause(self) -> Box<dyn StdError + Send + Sync> {
        self.cause
    }
}

impl<E: Into<Box<dyn StdError + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

/// The cause and all causes below it, in one line. The runtime shows it outside the handler, so a cause that panics where it
/// is shown says only that.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = shown(|| {
            let mut text = self.cause.to_string();
            let mut source = self.cause.source();
            while let Some(cause) = source {
                text.push_str(": ");
                text.push_str(&cause.to_string());
                source = cause.source();
            }
            text
        });
        f.write_str(&text)
    }
}

/// The text of errors that are the user's, which may panic.
pub(crate) fn shown(text: impl FnOnce() -> String) -> String {
    catch_unwind(AssertUnwindSafe(text))
        .unwrap_or_else(|_| "an error that panics when it is shown".to_owned())
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.kind)
    }
}
