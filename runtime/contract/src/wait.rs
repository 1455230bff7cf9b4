//! The future that ports and backends return: an answer that is already there, or a boxed future. It exists so that
//! whoever can answer at once, as memory does, allocates nothing.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::port::BoxFuture;

/// Awaits to `T`: an answer that is there already, or one that comes from a boxed future.
#[must_use = "nothing happens until it is awaited"]
pub struct Wait<'a, T>(State<'a, T>);

enum State<'a, T> {
    Ready(Option<T>),
    Later(BoxFuture<'a, T>),
}

impl<'a, T> Wait<'a, T> {
    /// The answer is known.
    pub fn ready(value: T) -> Self {
        Self(State::Ready(Some(value)))
    }

    /// The answer comes from a future, which is boxed here.
    pub fn later(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self(State::Later(Box::pin(future)))
    }
}

impl<'a, T> From<BoxFuture<'a, T>> for Wait<'a, T> {
    fn from(future: BoxFuture<'a, T>) -> Self {
        Self(State::Later(future))
    }
}

// Neither half is pinned in place: the value moves out, the future has a pin of its own.
impl<T> Unpin for Wait<'_, T> {}

impl<T> Future for Wait<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match &mut self.get_mut().0 {
            State::Ready(value) => Poll::Ready(
                value
                    .take()
                    .expect("a future is not polled after it was ready"),
            ),
            State::Later(future) => future.as_mut().poll(cx),
        }
    }
}

impl<T> fmt::Debug for Wait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "Wait::Ready",
            State::Later(_) => "Wait::Later",
        })
    }
}
