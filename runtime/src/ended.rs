//! Why something that should go on for ever has ended: said once by its task, heard by whoever waits for it. Knows
//! neither queues nor lines.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::{Error, ErrorKind};

/// Where a task says why it ended.
pub(crate) type Teller = watch::Sender<Option<Arc<Error>>>;

/// Waits for the reason of an end.
#[derive(Debug)]
pub(crate) struct Ended(watch::Receiver<Option<Arc<Error>>>);

/// For a task that begins.
pub(crate) fn ended() -> (Teller, Ended) {
    let (teller, told) = watch::channel(None);
    (teller, Ended(told))
}

impl Ended {
    /// Ready when the task has said why it ended, or is gone without a word: then it was `dropped`. Cancel safe; ready at
    /// once when asked again.
    pub(crate) async fn reason(&self, dropped: &'static str) -> Arc<Error> {
        let mut told = self.0.clone();
        let told = told.wait_for(Option::is_some).await;
        told.ok()
            .and_then(|it| it.clone())
            .unwrap_or_else(|| Arc::new(Error::new(ErrorKind::Closed, dropped)))
    }
}
