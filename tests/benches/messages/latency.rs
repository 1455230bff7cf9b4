//! How long a message takes from its sending to its handler at a steady pace.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use compiled_load::{Jobs, LoadSenders, One, one};
use microagent::Outcome;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::agents::start;
use crate::work::{Job, jobs};
use crate::{current_thread, two_workers};

const SECONDS: u64 = 2;
/// Each millisecond, the finest tick of tokio's timer.
const BURST: u64 = 10;
const MESSAGES: u64 = SECONDS * 1_000 * BURST;

/// How long each took, in nanoseconds; a message carries when it was sent.
#[derive(Clone)]
struct Times {
    begun: Instant,
    taken: Arc<Mutex<Vec<u64>>>,
}

impl Times {
    fn new() -> Self {
        let taken = Vec::with_capacity(usize::try_from(MESSAGES).expect("it is small"));
        Self {
            begun: Instant::now(),
            taken: Arc::new(Mutex::new(taken)),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).expect("it takes no centuries")
    }

    fn note(&self, sent: u64) {
        let taken = self.now().saturating_sub(sent);
        self.taken
            .lock()
            .expect("nothing panics under it")
            .push(taken);
    }
}

impl One for Times {
    async fn consume_jobs(&self, _cx: &one::Context, message: Jobs) -> Outcome {
        self.note(message.id);
        Ok(())
    }
}

pub(crate) fn print() {
    println!(
        "\nMicroseconds from sending to handling at {} messages a second, {BURST} each millisecond.",
        BURST * 1_000
    );
    println!("| runtime | what | p50 | p99 | most |");
    println!("|---|---|---|---|---|");
    for (flavour, runtime) in [("1 thread", current_thread()), ("2 workers", two_workers())] {
        row(flavour, "bare", &runtime.block_on(bare()));
        row(flavour, "agents", &runtime.block_on(agents()));
    }
}

fn row(flavour: &str, what: &str, taken: &[u64]) {
    let at =
        |permille: usize| crate::work::share(taken[(taken.len() - 1) * permille / 1_000], 1_000);
    println!(
        "| {flavour} | {what} | {:.0} | {:.0} | {:.0} |",
        at(500),
        at(990),
        at(1_000)
    );
}

async fn bare() -> Vec<u64> {
    let times = Times::new();
    let (sender, mut receiver) = mpsc::channel::<Vec<u8>>(1_024);
    let noted = times.clone();
    let receiving = tokio::spawn(async move {
        while let Some(body) = receiver.recv().await {
            let job: Job = serde_json::from_slice(&body).expect("it was written by the same type");
            noted.note(job.id);
        }
    });
    pace(async || {
        let body = serde_json::to_vec(&Job::new(times.now())).expect("it has a form");
        sender.send(body).await.expect("it is received");
    })
    .await;
    drop(sender);
    receiving.await.expect("it has no reason to panic");
    sorted(&times)
}

async fn agents() -> Vec<u64> {
    let times = Times::new();
    let running = start(vec![One::agent(times.clone())]).await;
    pace(async || {
        let sending = running.broker().send_jobs(jobs(times.now()));
        sending.await.expect("memory takes it");
    })
    .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.stop().await.expect("it stops in order");
    sorted(&times)
}

async fn pace(send: impl AsyncFn()) {
    let mut ticks = interval(Duration::from_millis(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for _ in 0..MESSAGES / BURST {
        ticks.tick().await;
        for _ in 0..BURST {
            send().await;
        }
    }
}

fn sorted(times: &Times) -> Vec<u64> {
    let mut taken = times.taken.lock().expect("nothing panics under it").clone();
    assert_eq!(
        taken.len() as u64,
        MESSAGES,
        "each message was handled once"
    );
    taken.sort_unstable();
    taken
}
