//! Intervals and cron under the world's clock.

use std::time::Duration;

use microagent::testing::World;

use crate::mail_service::{MailAgent, mail_agent};
use crate::mails::Mails;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test(start_paused = true)]
async fn four_hours_bring_one_report_and_sixteen_refreshs() {
    let world = World::start([Mails::default().agent()]).await.unwrap();
    assert_eq!(world.now().to_string(), "2024-01-01 00:00:00 UTC");
    assert_eq!(world.runs(mail_agent::SEND_REPORT), 0);
    world.advance(4 * HOUR).await;
    assert_eq!(world.runs(mail_agent::SEND_REPORT), 1);
    assert_eq!(world.runs(mail_agent::REFRESH), 16);
    world.advance(24 * HOUR).await;
    assert_eq!(world.runs(mail_agent::SEND_REPORT), 7);
}

#[tokio::test(start_paused = true)]
async fn intervals_start_late_and_do_not_drift() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let world = World::start([mails.agent()]).await.unwrap();
    world.advance(Duration::from_secs(1900)).await;
    let refreshes: Vec<_> = log
        .take()
        .into_iter()
        .filter(|it| it.starts_with("refresh"))
        .collect();
    assert_eq!(
        refreshes,
        [
            "refresh 2024-01-01 00:00:03 UTC",
            "refresh 2024-01-01 00:15:03 UTC",
            "refresh 2024-01-01 00:30:03 UTC",
        ]
    );
}

/// Nine hours are jumped over, with two reports in them; intervals do not notice.
#[tokio::test(start_paused = true)]
async fn cron_follows_a_clock_that_is_set_and_intervals_do_not() {
    let world = World::start([Mails::default().agent()]).await.unwrap();
    world.set_clock(world.now() + 9 * HOUR);
    world.settle().await;
    let reports = world.schedule(mail_agent::SEND_REPORT);
    assert_eq!((reports.runs, reports.missed, reports.skipped), (0, 2, 0));
    world.advance(4 * HOUR).await;
    world.set_clock(world.now() - 2 * HOUR);
    world.advance(2 * HOUR).await;
    let reports = world.schedule(mail_agent::SEND_REPORT);
    assert_eq!((reports.runs, reports.missed, reports.skipped), (1, 2, 0));
    let refreshes = world.schedule(mail_agent::REFRESH);
    assert_eq!(
        (refreshes.runs, refreshes.missed, refreshes.late),
        (24, 0, 0)
    );
}
