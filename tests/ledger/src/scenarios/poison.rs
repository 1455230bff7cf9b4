//! Every message fails, each time.

use std::time::Duration;

use crate::Result;
use crate::book::Deed;
use crate::report::Report;
use crate::stage::Stage;

/// What everyone has who says nothing.
const ATTEMPTS: usize = 4;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let messages: usize = stage.of(300, 1_000);
    stage.server.start().await?;
    stage.send(messages as u64, &[("deed", "fail")]).await?;
    let _worker = stage.start("work", &[("agent", "careful")])?;
    // Where failures are tried again after longer than anyone waits here, they are counted as far as they came.
    let limit = Duration::from_mins(1);
    let enough = |it: &crate::account::Account| it.times(Deed::Began) >= ATTEMPTS * messages;
    stage
        .until(limit.min(Duration::from_secs(30)), enough)
        .await?;
    let rest = stage.until_rest(limit, 0, messages).await?;
    let mut report = Report::new(stage.account()?, rest);
    let deliveries = report.account.times(Deed::Began);
    let dead = report.rest.dead.len();
    report
        .fact("deliveries", deliveries)
        .check_nothing_lost()
        .check(
            "deliveries <= attempts x messages",
            deliveries <= ATTEMPTS * messages,
        )
        .check("all are dead letters", dead == messages);
    Ok(report)
}
