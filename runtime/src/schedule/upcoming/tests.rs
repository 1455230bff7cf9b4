use tokio::time::advance;

use super::*;
use crate::agent::{CronLine, EveryLine};
use crate::schedule::ScheduleId;
use crate::schedule::cron::CronFields;

const ID: ScheduleId = ScheduleId::new("test.Agent", "line");

/// Seconds since the start, a schedule, and what is upcoming then.
#[tokio::test(start_paused = true)]
async fn what_is_upcoming_is_what_comes() {
    let every = EveryLine::new(ID, Duration::from_secs(7)).start_after(Duration::from_secs(3));
    let cron = CronLine::new(ID, "* * * * *", CronFields::EVERY_MINUTE, "Europe/Berlin");
    let (every, cron) = (Timing::Every(every), Timing::Cron(cron));
    let table = [
        (0, &every, ["00:00:03", "00:00:10", "00:00:17"]),
        (10, &every, ["00:00:17", "00:00:24", "00:00:31"]),
        (119, &every, ["00:02:02", "00:02:09", "00:02:16"]),
        (0, &cron, ["00:01:00", "00:02:00", "00:03:00"]),
        (119, &cron, ["00:02:00", "00:03:00", "00:04:00"]),
    ];
    for (after, timing, expected) in table {
        let clock = Clock::starting_at("2024-01-01T00:00:00Z".parse().unwrap());
        let began = Instant::now();
        advance(Duration::from_secs(after)).await;
        let upcoming = upcoming(timing, began, &clock, 3);
        let shown = upcoming.iter().map(|it| it.format("%T").to_string());
        let shown: Vec<_> = shown.collect();
        assert_eq!(shown, expected, "{} after {after} s", timing.describe());
    }
}
