//! The wall between handlers and the driver: a panic of a handler, while it is called, polled or dropped, is a failed
//! attempt and nothing else. Knows futures only.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::message::BoxFuture;
use crate::watchdog::Watched;

/// A future whose panics are its output.
pub(crate) struct Guarded<'a, T> {
    watched: &'a Watched,
    future: Option<BoxFuture<'a, T>>,
    /// It panicked while it was made.
    failed: Option<Box<str>>,
}

impl<'a, T> Guarded<'a, T> {
    /// Calls what makes the future.
    pub(crate) fn new(watched: &'a Watched, make: impl FnOnce() -> BoxFuture<'a, T>) -> Self {
        match watched.poll(|| catch_unwind(AssertUnwindSafe(make))) {
            Ok(future) => Self {
                watched,
                future: Some(future),
                failed: None,
            },
            Err(payload) => Self {
                watched,
                future: None,
                failed: Some(describe(payload)),
            },
        }
    }

    /// Drops the future; the panic of a `Drop` is described.
    fn discard(&mut self) -> Option<Box<str>> {
        discard(self.future.take()?)
    }
}

impl<T> Future for Guarded<'_, T> {
    type Output = Result<T, Box<str>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(future) = &mut this.future else {
            let failed = this.failed.take();
            return Poll::Ready(Err(failed.unwrap_or_else(|| "panicked before".into())));
        };
        let poll = || catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        let polled = this.watched.poll(poll);
        let result = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Ok(value),
            Err(payload) => Err(describe(payload)),
        };
        Poll::Ready(match (result, this.discard()) {
            (Ok(_), Some(dropped)) => Err(dropped),
            (result, _) => result,
        })
    }
}

impl<T> Drop for Guarded<'_, T> {
    fn drop(&mut self) {
        self.discard();
    }
}

/// Drops what is the user's; the panic of its `Drop` is described.
pub(super) fn discard<T>(value: T) -> Option<Box<str>> {
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(value)));
    dropped.err().map(describe)
}

fn describe(payload: Box<dyn Any + Send>) -> Box<str> {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let described = match text {
        Some(text) => format!("panicked: {text}"),
        None => "panicked".to_owned(),
    };
    // A payload may panic in its own `Drop`; what that says is of no use to anyone.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(payload)));
    described.into()
}
