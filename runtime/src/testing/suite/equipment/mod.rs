//! What cases are written with: connections, workers and ears that say in a panic what was expected of the backend. Knows no
//! case and no promise.

mod broker;
mod bus;

use std::sync::Arc;
use std::time::Duration;

pub(super) use self::broker::{
    Broker, Worker, bodies, body, fan, queue, rejected, retry, to_exchange, to_queue,
};
pub(super) use self::bus::{
    Bus, calls, everyone, fresh_inbox, one, publication, signals, text, texts,
};

use super::place::Place;

/// What should come comes within this, on the slowest machine. Longer than any lease.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Between two looks at what is to change.
const LOOK: Duration = Duration::from_millis(10);

/// A case's place and how much is asked of it.
pub(super) struct Scene {
    place: Arc<dyn Place>,
    full: bool,
}

impl Scene {
    pub(super) fn new(place: Arc<dyn Place>, full: bool) -> Self {
        Self { place, full }
    }

    pub(super) fn place(&self) -> &dyn Place {
        &*self.place
    }

    /// A connection of its own.
    pub(super) async fn broker(&self) -> Broker {
        let connected = tokio::time::timeout(PATIENCE, self.place.broker()).await;
        Broker::new(connected.expect("connecting ends").expect("it connects"))
    }

    /// A connection of its own.
    pub(super) async fn bus(&self) -> Bus {
        let connected = tokio::time::timeout(PATIENCE, self.place.bus()).await;
        Bus::new(connected.expect("connecting ends").expect("it connects"))
    }

    /// How many of something, in a quick run and in a full one.
    pub(super) fn count(&self, quick: usize, full: usize) -> usize {
        if self.full { full } else { quick }
    }

    pub(super) fn lose_connections(&self, away: Duration) {
        let switch = self.place.switch().expect("the case needs a switch");
        switch.lose_connections(away);
    }
}

/// Waits until something holds, with patience.
pub(super) async fn becomes<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    let looking = async {
        while !holds().await {
            tokio::time::sleep(LOOK).await;
        }
    };
    let ended = tokio::time::timeout(PATIENCE, looking).await;
    assert!(ended.is_ok(), "never came: {what}");
}

/// Polls once, and says whether it was ready.
pub(super) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| match std::pin::Pin::new(&mut *future).poll(cx) {
        std::task::Poll::Ready(value) => std::task::Poll::Ready(Some(value)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}
