//! Row 44: dead letters say why they died; put back after the schema changed, each is decoded by the schema of who reads it
//! by then, or refused with the reason again. Nothing is lost on the way.

use std::collections::BTreeMap;

use microagent::Failure;
use microagent::Outcome;
use microagent::broker::Reason;
use scorecard::other::scorecard as earlier;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Clerk, Orders, clerk};

use earlier::ScorecardSenders as _;

const QUEUE: &str = "scorecard.orders";
const SENT: u64 = 300;

/// Reads by the schema of today, which an order of then does not keep.
#[derive(Clone, Default)]
struct Today(Ledger);

impl Clerk for Today {
    async fn consume_orders(&self, cx: &clerk::Context, order: Orders) -> Outcome {
        self.0.note(cx, order.id);
        Ok(())
    }
}

/// Reads by the schema that the orders were written by, refuses a third of them and can't do another.
#[derive(Clone, Default)]
struct Then {
    calls: Ledger,
    mended: bool,
}

impl earlier::Clerk for Then {
    async fn consume_orders(
        &self,
        cx: &earlier::clerk::Context,
        order: earlier::Orders,
    ) -> Outcome {
        self.calls.note(cx, order.id);
        match order.id % 3 {
            1 if !self.mended => Err(Failure::reject("no such customer")),
            2 if !self.mended => Err("the ledger is locked")?,
            _ => Ok(()),
        }
    }
}

#[test]
fn dead_letters_outlive_a_change_of_the_schema() {
    row(44, change_and_redrive);
}

async fn change_and_redrive(stage: Stage) -> Counters {
    let today = Today::default();
    let running = stage.start([today.clone().agent()]).await;
    for id in 0..SENT {
        let sending = running
            .broker()
            .send_orders(earlier::Orders::new(id, 7 * id));
        sending.await.expect("it is sent");
    }
    stage.drained(QUEUE).await;
    let refused = reasons(&stage).await;
    assert_eq!(refused, BTreeMap::from([((Reason::Undecodable, 1), SENT)]));

    let again = stage.redrive(QUEUE).await;
    stage.drained(QUEUE).await;
    assert_eq!(
        reasons(&stage).await,
        refused,
        "refused with the reason again"
    );
    assert_eq!(today.0.count(), 0);
    running.stop().await.expect("it stops in order");

    let then = Then::default();
    let running = stage.start([earlier::Clerk::agent(then.clone())]).await;
    let decoded = stage.redrive(QUEUE).await;
    stage.drained(QUEUE).await;
    let third = SENT / 3;
    let expected = [
        ((Reason::Rejected, 1), third),
        ((Reason::Exhausted, 2), third),
    ];
    assert_eq!(reasons(&stage).await, BTreeMap::from(expected));
    assert_eq!(then.calls.by_number().len() as u64, SENT);
    running.stop().await.expect("it stops in order");

    let mended = Then {
        mended: true,
        ..Then::default()
    };
    let running = stage.start([earlier::Clerk::agent(mended.clone())]).await;
    let rest = stage.redrive(QUEUE).await;
    stage.drained(QUEUE).await;
    let processed = third + mended.calls.count() as u64;
    assert_eq!((processed, stage.counts(QUEUE).await.dead), (SENT, 0));
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("sent", SENT)
        .and("undecodable", SENT)
        .and("redriven and refused again", again)
        .and("redriven and decoded", decoded)
        .and("rejected", third)
        .and("exhausted", third)
        .and("redriven", rest)
        .and("processed", processed)
        .and("lost", SENT - processed)
}

/// How many there are of each reason and number of attempts.
async fn reasons(stage: &Stage) -> BTreeMap<(Reason, u32), u64> {
    let mut reasons = BTreeMap::new();
    for letter in stage.dead_letters(QUEUE).await {
        let detail = match letter.cause.reason {
            Reason::Undecodable => "currency",
            Reason::Rejected => "no such customer",
            _ => "the ledger is locked",
        };
        assert!(letter.cause.detail.contains(detail), "{:?}", letter.cause);
        assert!(letter.message.body.starts_with(b"{\"id\":"));
        *reasons
            .entry((letter.cause.reason, letter.attempts))
            .or_default() += 1;
    }
    reasons
}
