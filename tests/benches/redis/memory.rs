//! What a process holds while its queue is long and its handlers are slow.

use std::fs;
use std::time::Duration;

use compiled_load::wire::{WireSenders, Worker, worker};
use microagent::{Agent, Outcome};
use tokio::time::{Instant, sleep};

use crate::agents::{job, start};
use crate::two_workers;

const QUEUED: u64 = 100_000;
const STEP: u64 = 20_000;
const WATCHED: Duration = Duration::from_secs(3);

/// Takes 100 messages a second.
struct Slow;

impl Worker for Slow {
    async fn consume_work(&self, _cx: &worker::Context, _job: compiled_load::wire::Job) -> Outcome {
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

pub(crate) fn print(dsn: &str) {
    println!("Resident memory while a consumer takes 100 messages a second.");
    println!("| queued | MiB |\n|---|---|");
    two_workers().block_on(fill(dsn));
}

async fn fill(dsn: &str) {
    let agent: Agent = Slow.agent();
    let running = start(dsn, agent).await;
    let broker = running.broker();
    for _ in 0..1_000 {
        broker.send_work(job(0)).await.expect("it is stored");
    }
    println!("| 1000 | {:.1} |", resident());
    for step in 1..=QUEUED / STEP {
        for _ in 0..STEP / 100 {
            let mut sending = tokio::task::JoinSet::new();
            for _ in 0..100 {
                let broker = broker.clone();
                sending.spawn(async move { broker.send_work(job(0)).await.expect("it is stored") });
            }
            sending.join_all().await;
        }
        println!("| {} | {:.1} |", step * STEP, resident());
    }
    let (begun, mut most) = (Instant::now(), 0.0_f64);
    while begun.elapsed() < WATCHED {
        sleep(Duration::from_millis(100)).await;
        most = most.max(resident());
    }
    println!("| the most in {} s after | {most:.1} |", WATCHED.as_secs());
    running.stop().await.expect("it stops in order");
}

/// Where the system tells.
fn resident() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|it| it.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kibibytes.unwrap_or(f64::NAN) / 1_024.0
}
