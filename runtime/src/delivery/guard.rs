//! The wall between handlers and the driver: a panic of a handler, while it is called, polled or dropped, is a failed
//! attempt and nothing else. Knows futures only.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::message::BoxFuture;
use crate::watchdog::Watched;

/// A future whose panics are its output, those of making it included.
pub(crate) struct Guarded<'a, F, T> {
    watched: &'a Watched,
    /// Gone when it was made.
    make: Option<F>,
    future: Option<BoxFuture<'a, T>>,
}

impl<'a, F: FnOnce() -> BoxFuture<'a, T>, T> Guarded<'a, F, T> {
    /// Makes the future when it is polled for the first time.
    pub(crate) fn new(watched: &'a Watched, make: F) -> Self {
        Self {
            watched,
            make: Some(make),
            future: None,
        }
    }
}

impl<F, T> Guarded<'_, F, T> {
    /// Drops the future; the panic of a `Drop` is described.
    fn discard(&mut self) -> Option<Box<str>> {
        discard(self.future.take()?)
    }
}

// What makes the future is moved before it is called, and the future has a pin of its own.
impl<F, T> Unpin for Guarded<'_, F, T> {}

impl<'a, F: FnOnce() -> BoxFuture<'a, T>, T> Future for Guarded<'a, F, T> {
    type Output = Result<T, Box<str>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let (make, future) = (&mut this.make, &mut this.future);
        let poll = || match make.take() {
            Some(make) => Some(future.insert(make()).as_mut().poll(cx)),
            None => Some(future.as_mut()?.as_mut().poll(cx)),
        };
        let guarded = || catch_unwind(AssertUnwindSafe(poll));
        let result = match this.watched.poll(guarded) {
            Ok(Some(Poll::Pending)) => return Poll::Pending,
            Ok(Some(Poll::Ready(value))) => Ok(value),
            Ok(None) => Err("panicked before".into()),
            Err(payload) => Err(describe(payload)),
        };
        Poll::Ready(match (result, this.discard()) {
            (Ok(_), Some(dropped)) => Err(dropped),
            (result, _) => result,
        })
    }
}

impl<F, T> Drop for Guarded<'_, F, T> {
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
