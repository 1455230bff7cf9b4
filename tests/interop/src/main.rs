//! The processes in Rust: one that works and one that sends, with the arguments of their fellows in `python`.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use interop::peers::{Jobs, PeersSenders, Worker, worker};
use microagent::Outcome;
use tokio::time::sleep;

struct Hands;

impl Worker for Hands {
    async fn consume_jobs(&self, _cx: &worker::Context, job: Jobs) -> Outcome {
        say("began", job.id)?;
        sleep(Duration::from_millis(job.hold)).await;
        say("done", job.id)?;
        Ok(())
    }

    async fn post_start(&self, _cx: &worker::Context) -> Outcome {
        say("ready", 0)?;
        Ok(())
    }
}

/// Tells the test, in one write.
fn say(deed: &str, number: u64) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{deed} {number}\n").as_bytes())?;
    out.flush()
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["work", dsn] => Ok(microagent::app([Hands.agent()]).bus(dsn).broker(dsn).main()),
        ["send", dsn, first, count, hold] => {
            let (first, count) = (first.parse::<u64>()?, count.parse::<u64>()?);
            send(dsn, first..first + count, hold.parse()?)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err("work DSN, or send DSN FIRST COUNT HOLD".into()),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn send(dsn: &str, numbers: std::ops::Range<u64>, hold: u64) -> Result<(), Box<dyn Error>> {
    let broker = microagent::connect_broker(dsn).await?;
    for id in numbers {
        broker.send_jobs(Jobs { id, hold }).await?;
        sleep(Duration::from_millis(2)).await;
    }
    broker.close().await?;
    Ok(())
}
