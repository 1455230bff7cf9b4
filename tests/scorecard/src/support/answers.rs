//! Who answers, in the way in which it is asked to. Knows no row.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::{Failure, Outcome};
use tokio::time::sleep;

use super::Ledger;
use crate::rpc::{Answering, How, Refused, RefusedTooMuch, RollCall, Work, answering};

/// Later than those wait who ask with a deadline of 5 s, and within the time of a handler.
const LATE: Duration = Duration::from_secs(6);

/// Notes each question that it begins to answer, and counts those that it finished. Clones share what they note.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    begun: Ledger,
    finished: Arc<AtomicUsize>,
}

impl Answers {
    /// Questions that were begun.
    pub fn begun(&self) -> &Ledger {
        &self.begun
    }

    /// Questions whose handler came to its end.
    pub fn finished(&self) -> usize {
        self.finished.load(Ordering::Relaxed)
    }

    async fn answer(&self, number: u64, how: How) -> Outcome<Result<u64, Refused>> {
        let answer = match how {
            How::Answer => Ok(Ok(number)),
            How::Refuse => Ok(Err(Refused::TooMuch(RefusedTooMuch::new(7)))),
            How::Fail => Err(Failure::new("the password is canary")),
            How::Panic => panic!("canary"),
            How::Hang => std::future::pending().await,
            How::Late => {
                sleep(LATE).await;
                Ok(Ok(number))
            }
        };
        self.finished.fetch_add(1, Ordering::Relaxed);
        answer
    }
}

impl Answering for Answers {
    async fn answer_work(
        &self,
        cx: &answering::Context,
        work: Work,
    ) -> Outcome<Result<u64, Refused>> {
        self.begun.note(cx, work.number);
        self.answer(work.number, work.how).await
    }

    async fn answer_roll_call(&self, cx: &answering::Context, call: RollCall) -> Outcome<u64> {
        self.begun.note(cx, call.number);
        let answer = self.answer(call.number, call.how).await?;
        answer.map_err(|refused| Failure::new(format!("{refused:?}")))
    }
}
