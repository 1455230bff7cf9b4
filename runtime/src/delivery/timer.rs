//! A timer that is waited for again and again, each time until a later instant, and is set anew by few of these waits.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep, sleep_until};

/// Set when it is first waited for.
#[derive(Debug, Default)]
pub(super) struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// As [`poll_until`](Self::poll_until), and for ever where there is no instant. Cancel safe.
    pub(super) async fn wait(&mut self, until: Option<Instant>) {
        poll_fn(|cx| match until {
            Some(until) => self.poll_until(until, cx),
            None => Poll::Pending,
        })
        .await;
    }

    /// Ready at `until`, which is never before that of an earlier wait.
    pub(super) fn poll_until(&mut self, until: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let set = || Box::pin(sleep_until(until));
        let timer = self.0.get_or_insert_with(set);
        loop {
            ready!(timer.as_mut().poll(cx));
            if timer.deadline() >= until {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }
}
