//! The server is not there when the consumer starts.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::Result;
use crate::book::{Deed, now};
use crate::report::Report;
use crate::stage::Stage;

pub(super) async fn run(mut stage: Stage) -> Result<Report> {
    let away = stage.of(Duration::from_secs(10), Duration::from_secs(20));
    let begun = Instant::now();
    let patient = stage.start("work", &[])?;
    sleep(away.saturating_sub(begun.elapsed())).await;
    stage.server.start().await?;
    let up = now();
    stage.send(100, &[]).await?;
    let mut report = stage.settle(Duration::from_secs(30)).await?;
    let first = report.account.first_since(Deed::Processed, up);
    drop(patient);
    stage.server.kill()?;
    let told = Instant::now();
    stage.also = "&connect_timeout=5";
    let hopeless = stage.start("work", &[])?;
    let code = hopeless
        .end(stage.patience(Duration::from_mins(1)))
        .await
        .ok()
        .and_then(|it| it.code());
    report
        .fact("away", format!("{away:?}"))
        .fact(
            "with a deadline of 5 s exit code",
            code.map_or("none".to_owned(), |it| it.to_string()),
        )
        .fact("after", format!("{:.1?}", told.elapsed()))
        .check_nothing_lost()
        .recovered(first.map(|it| it - up), stage.within(5_000))
        .check("exit code 69 where it never comes", code == Some(69));
    Ok(report)
}
