//! Whose turn it is: tasks that are never made to wait give their thread away now and then, as tokio's own do.

use std::task::{Context, Poll, Waker};

use tokio::task::coop::poll_proceed;

/// Whether the task may do one thing more before others get their turn. One that may not waits by itself.
pub(crate) fn may_go_on() -> bool {
    match poll_proceed(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(budget) => {
            budget.made_progress();
            true
        }
        Poll::Pending => false,
    }
}
