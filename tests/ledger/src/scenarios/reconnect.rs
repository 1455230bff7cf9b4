//! Messages are sent at a steady rate while connections are cut and the server is killed.

use std::time::Duration;

use tokio::time::sleep;

use crate::Result;
use crate::book::Deed;
use crate::proxy::Proxy;
use crate::report::Report;
use crate::stage::Stage;

const RATE: u64 = 100;
/// What a send may take, in seconds.
const WITHIN: u64 = 5;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let seconds = stage.of(15, 60);
    stage.server.start().await?;
    let proxy = stage.proxy().await?;
    let _worker = stage.start("work", &[])?;
    let (count, rate, within) = (seconds * RATE, RATE.to_string(), WITHIN.to_string());
    let count = count.to_string();
    let options = [("count", &*count), ("rate", &*rate), ("within", &*within)];
    let sender = stage.start("send", &options)?;
    let part = Duration::from_secs(seconds) / 5;
    for trouble in 0..4 {
        sleep(part).await;
        strike(&mut stage, &proxy, trouble).await?;
    }
    let ended = sender
        .end(part + Duration::from_secs(WITHIN * 4))
        .await
        .is_ok();
    let limit = stage.lease() * 2 + Duration::from_secs(20);
    let mut report = stage.settle(limit).await?;
    let (longest, unanswered) = report.account.sends();
    let refused = report.account.times(Deed::Refused);
    report
        .fact("refused", refused)
        .fact("unanswered", unanswered)
        .fact("longest send", format!("{longest} ms"))
        .check_nothing_lost()
        .check("each send ends", ended && unanswered == 0)
        .check(
            "within its timeout",
            longest <= stage.within(WITHIN * 1000 + 500),
        );
    Ok(report)
}

/// First a cut, then silence, then deaths of the server.
async fn strike(stage: &mut Stage, proxy: &Proxy, trouble: usize) -> Result<()> {
    match trouble {
        0 => proxy.cut(),
        1 => proxy.silence(),
        _ => {
            stage.server.kill()?;
            sleep(Duration::from_secs(1)).await;
            stage.server.start().await?;
        }
    }
    Ok(())
}
