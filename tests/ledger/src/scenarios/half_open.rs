//! A connection goes silent at each point of the protocol, while both its ends stay open.

use std::time::Duration;

use crate::Result;
use crate::book::{Deed, now};
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
    for (point, trap) in stage.points() {
        let before = proxy.sprung();
        proxy.set(*trap);
        if trap.sees.is_empty() {
            proxy.cut();
        }
        if !proxy
            .springs(before, stage.patience(Duration::from_secs(20)))
            .await
        {
            return Err(format!("nobody came to `{point}`").into());
        }
        let sprung = now();
        let sent = stage.account()?.sent();
        let limit = stage.patience(Duration::from_millis(DETECTED) + stage.lease());
        let recovered = stage
            .until(limit, |it| it.processed() >= sent + AGAIN)
            .await?;
        if !recovered {
            told.push(format!("{point} never"));
            longest = None;
            break;
        }
        let gap = stage.account()?.longest_gap(Deed::Processed, sprung, now());
        told.push(format!("{point} {gap} ms"));
        longest = longest.map(|it| it.max(gap));
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
