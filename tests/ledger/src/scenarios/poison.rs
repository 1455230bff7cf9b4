//! Every message fails, each time.

use std::time::Duration;

use crate::Result;
use crate::account::Account;
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
    // The Python library tries once more, nine seconds after the fourth time.
    let limit = Duration::from_secs(30);
    let enough = |it: &Account| it.times(Deed::Began) > ATTEMPTS * messages;
    stage.until(stage.of(limit / 2, limit), enough).await?;
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
