//! A consumer is killed again and again with work in flight and waiting.

use std::time::Duration;

use crate::Result;
use crate::account::Account;
use crate::book::{Deed, now};
use crate::report::Report;
use crate::stage::Stage;

/// What a consumer with fifty slots holds at most.
const PREFETCH: usize = 256;
const MESSAGES: u64 = 1_000;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let kills = stage.of(5, 20);
    stage.server.start().await?;
    stage.send(MESSAGES, &[("hold", "50")]).await?;
    for kill in 1..=kills {
        let worker = stage.start("work", &[])?;
        // Each of them gets a part of the work done, where there is any left for it.
        let enough = kill * 500 / kills;
        let enough = |account: &Account| account.processed() >= enough;
        stage.until(Duration::from_secs(3), enough).await?;
        worker.kill()?;
    }
    let killed = now();
    let _worker = stage.start("work", &[])?;
    let lease = stage.lease();
    let mut report = stage.settle(lease * 2 + Duration::from_secs(10)).await?;
    let within = u64::try_from((lease + Duration::from_secs(5)).as_millis())?;
    let duplicated = report.account.duplicated();
    let deliveries = report.account.times(Deed::Began);
    report
        .fact("kills", kills)
        .fact("deliveries", deliveries)
        .check_nothing_lost()
        .check_done(killed, stage.within(within))
        .check(
            "duplicated <= prefetch x kills",
            duplicated <= PREFETCH * kills,
        );
    Ok(report)
}
