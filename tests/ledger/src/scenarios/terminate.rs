//! A consumer is told to end with work in flight and waiting: first with handlers that finish in time, then with some that
//! don't.

use std::time::Duration;

use tokio::time::Instant;

use crate::Result;
use crate::book::Deed;
use crate::report::Report;
use crate::stage::Stage;

const QUEUED: u64 = 1_000;
const IN_FLIGHT: usize = 50;
/// What a consumer has for its end, in seconds.
const DEADLINE: u64 = 2;

/// How an end went.
struct End {
    took: Duration,
    code: Option<i32>,
}

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    stage.server.start().await?;
    stage.send(QUEUED, &[("hold", "500")]).await?;
    let orderly = terminate(&mut stage, IN_FLIGHT).await?;
    let stopped = stage.account()?.times(Deed::Stopping);
    let interrupted = stage.account()?.processed();

    let worker = stage.start("work", &[])?;
    stage.settle(Duration::from_mins(1)).await?;
    worker.signal("TERM")?;
    worker.end(Duration::from_secs(20)).await?;
    let duplicated = stage.account()?.duplicated();

    // Each takes longer than the deadline.
    stage
        .send(IN_FLIGHT as u64, &[("first", "10000"), ("hold", "4000")])
        .await?;
    let began = stage.account()?.times(Deed::Began);
    let hasty = terminate(&mut stage, began + IN_FLIGHT).await?;
    let _worker = stage.start("work", &[])?;
    let mut report = stage.settle(Duration::from_mins(1)).await?;
    let limit = Duration::from_millis(stage.within((DEADLINE + 1) * 1000));
    report
        .fact("processed when it had ended", interrupted)
        .fact(
            "ended after",
            format!("{:.1?} and {:.1?}", orderly.took, hasty.took),
        )
        .check_nothing_lost()
        .check("duplicated 0", duplicated == 0)
        .check("exit code 0", [orderly.code, hasty.code] == [Some(0); 2])
        .check(
            "ended within deadline + 1 s",
            orderly.took.max(hasty.took) <= limit,
        )
        .check("`pre_stop` once", stopped == 1);
    Ok(report)
}

/// Starts a consumer, and ends it when this many handlers have begun.
async fn terminate(stage: &mut Stage, began: usize) -> Result<End> {
    let worker = stage.start("work", &[("deadline", &DEADLINE.to_string())])?;
    let within = Duration::from_secs(20);
    stage
        .until(within, |it| it.times(Deed::Began) >= began)
        .await?;
    let told = Instant::now();
    worker.signal("TERM")?;
    let status = worker.end(within).await?;
    Ok(End {
        took: told.elapsed(),
        code: status.code(),
    })
}
