//! A consumer is stopped in its tracks for longer than its lease, and goes on after its message went to another.

use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::book::{Deed, now};
use crate::report::Report;
use crate::stage::Stage;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let soon = Duration::from_secs(20);
    stage.server.start().await?;
    let first = stage.start("work", &[])?;
    stage.until(soon, |it| it.times(Deed::Ready) > 0).await?;
    stage.send(1, &[("hold", "1000")]).await?;
    stage.until(soon, |it| it.times(Deed::Began) > 0).await?;
    first.signal("STOP")?;
    let stopped = now();
    let _second = stage.start("work", &[])?;
    sleep(stage.lease() * 2).await;
    let taken = stage.account()?.times(Deed::Processed);
    first.signal("CONT")?;
    stage
        .until(soon.min(stage.patience(soon)), |it| {
            it.times(Deed::Late) > 0
        })
        .await?;
    let mut report = stage.settle(soon).await?;
    let late = report.account.times(Deed::Late);
    let deliveries = report.account.times(Deed::Began);
    let within = u64::try_from(stage.lease().as_millis())? * 2;
    let taken_at = report.account.first_since(Deed::Processed, stopped);
    report
        .fact("deliveries", deliveries)
        .fact("refused acknowledgements", late)
        .check_nothing_lost()
        .recovered(taken_at.map(|it| it - stopped), within)
        .check("another took it", taken == 1)
        .check("redelivered once", deliveries == 2)
        .check("the late acknowledgement is refused", late == 1);
    Ok(report)
}
