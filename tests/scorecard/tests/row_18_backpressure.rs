//! Row 18: a backlog of 100,000 stays with the broker: consumers hold no more than their prefetch at any instant, and the
//! process does not grow by what waits.
//!
//! Two figures of memory are taken from the resident set in `/proc/self/status`: what the process grows by while it works the
//! backlog off, and, where the broker lives in the process, what it grew by in all beside the bytes of the payloads.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use microagent::Outcome;
use scorecard::support::{Counters, Stage, Watched, row};
use scorecard::{Crowd, Jobs, ScorecardSenders, crowd};

const QUEUE: &str = "scorecard.jobs";
const BACKLOG: u64 = 100_000;
const TEXT: usize = 200;
const MIB: usize = 1024 * 1024;
/// What the process may grow by.
const GROWTH: usize = 32 * MIB;

#[derive(Clone, Default)]
struct Slow {
    handled: Arc<AtomicUsize>,
    most_resident: Arc<AtomicUsize>,
}

impl Crowd for Slow {
    async fn consume_jobs(&self, _cx: &crowd::Context, job: Jobs) -> Outcome {
        tokio::task::yield_now().await;
        assert_eq!(job.text.len(), TEXT);
        if self
            .handled
            .fetch_add(1, Ordering::SeqCst)
            .is_multiple_of(1000)
        {
            self.most_resident.fetch_max(resident(), Ordering::SeqCst);
        }
        Ok(())
    }
}

#[test]
fn a_backlog_stays_with_the_broker() {
    row(18, work_it_off);
}

async fn work_it_off(stage: Stage) -> Counters {
    let backlog = stage.of(BACKLOG, 10_000);
    let sender = stage.start([]).await;
    let text = "x".repeat(TEXT);
    let job = |number| Jobs {
        text: text.clone(),
        ..Jobs::new(number)
    };
    // What is allocated once is no growth.
    let sending = sender.broker().send_jobs(job(0));
    sending.await.expect("it is sent");
    let at_first = resident();
    let mut payloads = 0;
    for number in 1..backlog {
        let sending = sender.broker().send_jobs(job(number));
        sending.await.expect("it is sent");
        payloads += format!(r#"{{"number":{number},"text":""}}"#).len() + TEXT;
    }
    let filled = resident();

    let broker = Arc::new(Watched::new(stage.connect().await));
    let agent = Slow::default();
    let agents = [agent.clone().agent(), agent.clone().agent()];
    let running = stage.start_watched(agents, Arc::clone(&broker)).await;
    stage.until(|it| it.ready + it.in_flight == 0, QUEUE).await;
    let most = agent.most_resident.load(Ordering::SeqCst);
    let working = most.saturating_sub(filled);
    let beside = most.max(filled).saturating_sub(at_first + payloads);
    assert_eq!(agent.handled.load(Ordering::SeqCst) as u64, backlog);
    assert!(broker.most_held() <= broker.prefetch(), "{broker:?}");
    assert!(working <= GROWTH, "{working} bytes more while working");
    assert!(beside <= GROWTH, "{beside} bytes more beside the payloads");
    for running in [running, sender] {
        running.stop().await.expect("it stops in order");
    }
    Counters::new()
        .and("backlog", backlog)
        .and("processed", agent.handled.load(Ordering::SeqCst))
        .and("prefetch", broker.prefetch())
        .and("most in flight", broker.most_held())
        .and("payloads", mib(payloads))
        .and("RSS grew beside them by", mib(beside))
        .and("and while working by", mib(working))
}

fn mib(bytes: usize) -> String {
    format!("{} MiB", bytes.div_ceil(MIB))
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("the system tells");
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let figure = line.and_then(|it| it.trim().strip_suffix(" kB"));
    let kib: usize = figure.and_then(|it| it.parse().ok()).expect("kilobytes");
    kib * 1024
}
