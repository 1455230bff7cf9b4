//! The agents in Rust: one that tells what it hears, and some that answer.

use std::future::pending;
use std::sync::mpsc::{Receiver, Sender, channel};

use interop::SOON;
use interop::peers::{
    Charge, Counter, Hearer, Listener, Price, Refused, Teller, Twin, counter, hearer, listener,
    teller, twin,
};
use interop::signals::CommentsCount;
use microagent::{Agent, Failure, Outcome};
use serde_json::{Value, json};

use super::{typed, typed_json};

/// Tells who said what.
struct Ears(Sender<Value>);

impl Hearer for Ears {
    async fn hear(&self, cx: &hearer::Context, heard: hearer::Hear) -> Outcome {
        let what = match heard {
            hearer::Hear::Started => json!("started"),
            hearer::Hear::UserCreated(user) => json!(["user", user.user_id]),
            hearer::Hear::Typed(it) if it == typed(it.code) => typed_json(it.code),
            hearer::Hear::Typed(it) => json!(format!("{it:?}")),
        };
        let said = json!([cx.message().sender(), what]);
        self.0
            .send(said)
            .map_err(|_| Failure::new("nobody listens"))
    }
}

pub(crate) fn ears() -> (Agent, Receiver<Value>) {
    let (say, heard) = channel();
    (Ears(say).agent(), heard)
}

pub(crate) fn hear(heard: &Receiver<Value>, count: usize) -> Vec<Value> {
    let next = |_| heard.recv_timeout(SOON).expect("it is heard soon");
    (0..count).map(next).collect()
}

/// Answers what it is asked, in its own words where it has some.
pub(crate) struct Answers;

impl Counter for Answers {
    async fn answer_comments_count(
        &self,
        _cx: &counter::Context,
        asked: CommentsCount,
    ) -> Outcome<Value> {
        if asked.user_id == "fail" {
            return Err(Failure::new("it was asked to"));
        }
        Ok(asked.user_id)
    }

    async fn answer_price(&self, _cx: &counter::Context, asked: Price) -> Outcome<u64> {
        if asked.item == "hang" {
            pending::<()>().await;
        }
        Ok(asked.count * 10)
    }

    async fn answer_charge(
        &self,
        _cx: &counter::Context,
        asked: Charge,
    ) -> Outcome<Result<u64, Refused>> {
        let refused = Refused::new("nothing to charge");
        Ok(if asked.cents == 0 {
            Err(refused)
        } else {
            Ok(asked.cents)
        })
    }
}

impl Twin for Answers {
    async fn answer_comments_count(
        &self,
        _cx: &twin::Context,
        _asked: CommentsCount,
    ) -> Outcome<Value> {
        Ok(json!("twin"))
    }
}

impl Listener for Answers {
    async fn on_comments_count(&self, _cx: &listener::Context, _asked: CommentsCount) -> Outcome {
        Ok(())
    }
}

impl Teller for Answers {
    async fn on_started(&self, cx: &teller::Context) -> Outcome {
        cx.emit_typed(typed(None)).await?;
        Ok(())
    }
}
