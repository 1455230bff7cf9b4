//! Who answers, in the way in which it is asked to. Knows no row.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use microagent::{Failure, Outcome};
use tokio::time::sleep;

use crate::rpc::{Answering, How, Refused, RefusedTooMuch, RollCall, Work, answering};

/// How long an answer takes that comes late: within the time that the contract gives a handler, which is 3 s.
pub const LATE: Duration = Duration::from_secs(2);

/// Notes each question that it begins to answer, and counts those that it finished. Clones share what they note.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    begun: Arc<Mutex<Vec<u64>>>,
    finished: Arc<AtomicUsize>,
}

impl Answers {
    /// The numbers of the questions that were begun, in order.
    pub fn begun(&self) -> Vec<u64> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.clone()
    }

    /// Questions whose handler came to its end.
    pub fn finished(&self) -> usize {
        self.finished.load(Ordering::Relaxed)
    }

    fn begin(&self, number: u64) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.push(number);
    }

    async fn answer(&self, number: u64, how: How) -> Outcome<Result<u64, Refused>> {
        self.begin(number);
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
        _cx: &answering::Context,
        work: Work,
    ) -> Outcome<Result<u64, Refused>> {
        self.answer(work.number, work.how).await
    }

    async fn answer_roll_call(&self, _cx: &answering::Context, call: RollCall) -> Outcome<u64> {
        let answer = self.answer(call.number, call.how).await?;
        answer.map_err(|refused| Failure::new(format!("{refused:?}")))
    }
}
