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
