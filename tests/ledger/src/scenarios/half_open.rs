//! A connection goes silent at each point of the protocol, while both its ends stay open.

use std::time::Duration;

use crate::Result;
use crate::backend::Point;
use crate::book::{Deed, now};
use crate::proxy::Proxy;
use crate::report::Report;
use crate::stage::Stage;

const DETECTED: u64 = 30_000;
/// Messages that must come through again before the next point.
const AGAIN: usize = 40;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    stage.server.start().await?;
    let proxy = stage.proxy().await?;
    let _worker = stage.start("work", &[])?;
    let options = [("count", "1000000"), ("rate", "20"), ("insist", "")];
    let sender = stage.start("send", &options)?;
    stage
        .until(Duration::from_secs(20), |it| it.processed() >= AGAIN)
        .await?;
    let (mut longest, mut told) = (Some(0), Vec::new());
    for point in stage.points() {
        let gap = silence(&stage, &proxy, *point).await?;
        longest = longest.zip(gap).map(|(longest, gap)| longest.max(gap));
        let Some(gap) = gap else {
            told.push(format!("{} never", point.0));
            break;
        };
        told.push(format!("{} {gap} ms", point.0));
    }
    sender.kill()?;
    let mut report = stage
        .settle(stage.lease() * 2 + Duration::from_secs(10))
        .await?;
    report
        .fact("silent at", told.join(", "))
        .check_nothing_lost()
        .recovered(longest, stage.within(DETECTED));
    Ok(report)
}

/// Has a connection go silent at this point, and says for how long nothing was processed; none where that did not end.
async fn silence(stage: &Stage, proxy: &Proxy, (point, trap): Point) -> Result<Option<u64>> {
    let before = proxy.sprung();
    proxy.set(trap);
    if trap.sees.is_empty() {
        proxy.cut();
    }
    let soon = stage.patience(Duration::from_secs(20));
    if !proxy.springs(before, soon).await {
        return Err(format!("nobody came to `{point}`").into());
    }
    let sprung = now();
    let enough = stage.account()?.sent() + AGAIN;
    let limit = stage.patience(Duration::from_millis(DETECTED) + stage.lease());
    let recovered = stage.until(limit, |it| it.processed() >= enough).await?;
    let gap = stage.account()?.longest_gap(Deed::Processed, sprung, now());
    Ok(recovered.then_some(gap))
}
