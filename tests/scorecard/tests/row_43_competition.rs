//! Row 43: different agents and their replicas compete for the messages of one queue, and each is handled once; a queue that
//! a third team binds to an exchange gets its copies, though who publishes was built without knowing of it.

use std::collections::BTreeMap;

use microagent::Outcome;
use scorecard::other::audit::{Auditor, auditor};
use scorecard::other::scorecard as earlier;
use scorecard::support::{Counters, Ledger, Stage, row};
use scorecard::{Crowd, Jobs, Listener, News, ScorecardSenders, Worker, crowd, listener, worker};

const JOBS: u64 = 10_000;
const NEWS: u64 = 1000;
const REPLICAS: usize = 4;

#[derive(Clone, Default)]
struct One(Ledger);

impl Worker for One {
    async fn consume_jobs(&self, cx: &worker::Context, job: Jobs) -> Outcome {
        self.0.note(cx, job.number);
        tokio::task::yield_now().await;
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Other(Ledger);

impl Crowd for Other {
    async fn consume_jobs(&self, cx: &crowd::Context, job: Jobs) -> Outcome {
        self.0.note(cx, job.number);
        tokio::task::yield_now().await;
        Ok(())
    }
}

impl Listener for One {
    async fn consume_local_news(&self, cx: &listener::Context, news: News) -> Outcome {
        self.0.note(cx, news.number);
        Ok(())
    }
}

impl Auditor for Other {
    async fn consume_audited(&self, cx: &auditor::Context, news: earlier::News) -> Outcome {
        self.0.note(cx, news.number);
        Ok(())
    }
}

#[test]
fn consumers_compete_and_bound_queues_get_copies() {
    row(43, async |stage| {
        let counters = compete(&stage, Counters::new()).await;
        copy(&stage, counters).await
    });
}

async fn compete(stage: &Stage, counters: Counters) -> Counters {
    let jobs = stage.of(JOBS, 2000);
    let (mut runs, mut ledgers) = (Vec::new(), Vec::new());
    for _ in 0..REPLICAS {
        let (one, other) = (One::default(), Other::default());
        ledgers.extend([one.0.clone(), other.0.clone()]);
        let agents = [Worker::agent(one), Crowd::agent(other)];
        runs.push(stage.start(agents).await);
    }
    for number in 0..jobs {
        let sending = runs[0].broker().send_jobs(Jobs::new(number));
        sending.await.expect("it is sent");
    }
    stage.drained("scorecard.jobs").await;
    let mut handled = BTreeMap::<u64, usize>::new();
    for call in ledgers.iter().flat_map(Ledger::all) {
        *handled.entry(call.number).or_default() += 1;
    }
    assert_eq!(handled.len() as u64, jobs);
    assert!(handled.values().all(|it| *it == 1), "one was handled twice");
    let least = ledgers.iter().map(Ledger::count).min().unwrap_or_default();
    assert!(least > 0, "one of them went away empty");
    for running in runs {
        running.stop().await.expect("it stops in order");
    }
    counters
        .and("consumers", ledgers.len())
        .and("sent", jobs)
        .and("each once", handled.len())
        .and("least share", least)
}

async fn copy(stage: &Stage, counters: Counters) -> Counters {
    let (local, audit) = (One::default(), Other::default());
    let sender = stage.start([Listener::agent(local.clone())]).await;
    let third = stage.start([Auditor::agent(audit.clone())]).await;
    for number in 0..NEWS {
        let publishing = sender.broker().publish_news(News::new(number));
        publishing.await.expect("it is published");
    }
    stage.drained("scorecard.local_news").await;
    stage.drained("audit.audited").await;
    let expected: Vec<_> = (0..NEWS).collect();
    for ledger in [&local.0, &audit.0] {
        let calls = ledger.by_number();
        assert_eq!(calls.keys().copied().collect::<Vec<_>>(), expected);
        assert!(calls.values().all(|it| it.len() == 1));
    }
    for running in [sender, third] {
        running.stop().await.expect("it stops in order");
    }
    counters
        .and("published", NEWS)
        .and("copies of its own queue", local.0.count())
        .and("of the third team's", audit.0.count())
}
