//! A message ends the process of whoever handles it; whoever watches the process starts it again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Result;
use crate::report::Report;
use crate::stage::Stage;

const POISON: u64 = 1_000_000;
/// What everyone has who says nothing.
const ATTEMPTS: usize = 4;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    stage.server.start().await?;
    stage.send(100, &[("hold", "20")]).await?;
    stage
        .send(1, &[("first", &POISON.to_string()), ("deed", "abort")])
        .await?;
    stage
        .send(100, &[("first", "1000"), ("hold", "20")])
        .await?;
    let limit = stage.patience(stage.lease() * 8 + Duration::from_secs(20));
    let begun = Instant::now();
    let mut crashes = 0;
    let mut worker = stage.start("work", &[("agent", "careful")])?;
    while begun.elapsed() < limit {
        if worker.ended()?.is_some() {
            crashes += 1;
            worker = stage.start("work", &[("agent", "careful")])?;
        }
        let rest = stage.rest().await?;
        if rest.waiting == 0 && rest.dead.contains(&POISON) {
            break;
        }
        sleep(Duration::from_millis(200)).await;
    }
    let mut report = Report::new(stage.account()?, stage.rest().await?);
    let (processed, dead) = (report.account.processed(), report.rest.dead.len());
    let given_up = report.rest.dead.contains(&POISON);
    report
        .fact("crashes", crashes)
        .check_nothing_lost()
        .check("the poison is a dead letter", given_up && dead == 1)
        .check("after its attempts", crashes == ATTEMPTS)
        .check("the others are processed", processed == 200);
    Ok(report)
}
