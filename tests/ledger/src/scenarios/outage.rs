//! The server is away for long, and comes back.

use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::account::Account;
use crate::book::{Deed, now};
use crate::report::Report;
use crate::stage::Stage;

const RESUMED: u64 = 20_000;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let outage = stage.of(Duration::from_secs(20), Duration::from_mins(5));
    stage.server.start().await?;
    let mut worker = stage.start("work", &[])?;
    let many = ("count", "1000000");
    let sender = stage.start("send", &[many, ("rate", "10"), ("within", "5")])?;
    let beats = stage.start("send", &[many, ("rate", "5"), ("beats", "")])?;
    let both = |it: &Account, since| {
        let first = |deed| it.first_since(deed, since);
        first(Deed::Processed).zip(first(Deed::Heard))
    };
    stage
        .until(Duration::from_secs(20), |it| both(it, 0).is_some())
        .await?;

    stage.server.kill()?;
    let killed = now();
    sleep(outage).await;
    let unready = stage.account()?.first_since(Deed::Unready, killed);
    stage.server.start().await?;
    let back = now();
    let limit = stage.patience(Duration::from_millis(2 * RESUMED));
    stage.until(limit, |it| both(it, back).is_some()).await?;
    let alive = worker.ended()?.is_none();
    sender.kill()?;
    beats.kill()?;
    let mut report = stage.settle(stage.lease() * 2).await?;
    report
        .fact("outage", format!("{outage:?}"))
        .check_nothing_lost()
        .check("the process lives", alive)
        .check("not ready meanwhile", unready.is_some());
    tell_return(&mut report, back, stage.within(RESUMED));
    Ok(report)
}

/// When each came back.
fn tell_return(report: &mut Report, back: u64, within: u64) {
    let after = |deed| report.account.first_since(deed, back).map(|it| it - back);
    let (queue, signals) = (after(Deed::Processed), after(Deed::Heard));
    let ready = after(Deed::Ready);
    let both = queue
        .zip(signals)
        .map(|(queue, signals)| queue.max(signals));
    report
        .fact("queue", told(queue))
        .fact("signals", told(signals))
        .fact("ready", told(ready))
        .recovered(both, within);
}

fn told(passed: Option<u64>) -> String {
    passed.map_or("never".to_owned(), |it| format!("after {it} ms"))
}
