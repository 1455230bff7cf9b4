//! The server is killed and restarted twice while messages are sent and handled.

use std::time::Duration;

use crate::Result;
use crate::account::Account;
use crate::book::{Deed, now};
use crate::report::Report;
use crate::server::Keeping;
use crate::stage::Stage;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let messages = stage.of(2_000, 10_000);
    stage.server.start().await?;
    let _worker = stage.start("work", &[])?;
    let (count, rate) = (messages.to_string(), stage.of("500", "1000"));
    let options = [("count", &*count), ("rate", rate), ("insist", "")];
    let sender = stage.start("send", &options)?;
    let mut back: Option<u64> = Some(0);
    for part in [messages / 3, messages / 2] {
        let limit = Duration::from_mins(2);
        stage
            .until(stage.patience(limit), |it| it.processed() >= part)
            .await?;
        stage.server.kill()?;
        stage.server.start().await?;
        let restarted = now();
        let again = Duration::from_secs(30);
        let processed = |it: &Account| it.first_since(Deed::Processed, restarted);
        stage
            .until(stage.patience(again), |it| processed(it).is_some())
            .await?;
        let first = processed(&stage.account()?).map(|it| it - restarted);
        back = back.zip(first).map(|(before, first)| before.max(first));
    }
    sender.end(Duration::from_mins(2)).await?;
    let mut report = stage
        .settle(stage.lease() * 2 + Duration::from_secs(30))
        .await?;
    report.fact("kills", 2).recovered(back, stage.within(5_000));
    // A kill leaves to the operating system what was written; only where that dies too is a second lost.
    if stage.server.place.keeping == Keeping::Always {
        report.check_nothing_lost();
    }
    let all = report.account.confirmed() == messages;
    report.check("all confirmed", all);
    Ok(report)
}
