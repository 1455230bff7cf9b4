use chrono::{DateTime, Utc};
use tokio::time::{Instant, advance};

use super::*;
use crate::schedule::ScheduleId;
use crate::schedule::cron::CronFields;

const ID: ScheduleId = ScheduleId::new("test.Agent", "line");
const HOURLY: CronFields = CronFields {
    minutes: 1,
    ..CronFields::EVERY_MINUTE
};

fn clock() -> Clock {
    Clock::starting_at(time("2024-01-01T00:00:00Z"))
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn every(seconds: u64) -> EveryLine {
    EveryLine::new(ID, Duration::from_secs(seconds))
}

fn hourly(missed: Missed, clock: &Clock) -> Due {
    let line = CronLine::new(ID, "0 * * * *", HOURLY, "UTC").missed(missed);
    Due::new(&Timing::Cron(line), clock.clone()).unwrap()
}

async fn next(due: &mut Due) -> (Option<String>, u32) {
    due.wait().await;
    let (tick, missed) = due.take();
    (
        tick.map(|it| it.scheduled.format("%d %H:%M:%S").to_string()),
        missed,
    )
}

#[tokio::test(start_paused = true)]
async fn an_interval_keeps_its_beat_whatever_a_run_takes() {
    let mut due = Due::new(&Timing::Every(every(10)), clock()).unwrap();
    assert_eq!(next(&mut due).await, (Some("01 00:00:00".to_owned()), 0));
    advance(Duration::from_secs(3)).await;
    assert_eq!(next(&mut due).await, (Some("01 00:00:10".to_owned()), 0));
    // Three beats pass unseen; the one that is due by now comes late, and those after it on time.
    advance(Duration::from_secs(45)).await;
    assert_eq!(next(&mut due).await, (Some("01 00:00:50".to_owned()), 3));
    assert_eq!(next(&mut due).await, (Some("01 00:01:00".to_owned()), 0));
}

#[tokio::test(start_paused = true)]
async fn jitter_is_bounded_and_does_not_add_up() {
    let line = every(10).jitter(Duration::from_secs(4));
    let begun = Instant::now();
    let mut due = Due::new(&Timing::Every(line), clock()).unwrap();
    let mut delays = Vec::new();
    for beat in 0..1000_u64 {
        due.wait().await;
        let (tick, missed) = due.take();
        let nominal =
            time("2024-01-01T00:00:00Z") + TimeDelta::seconds(10) * i32::try_from(beat).unwrap();
        assert_eq!((tick.unwrap().scheduled, missed), (nominal, 0));
        delays.push(
            begun
                .elapsed()
                .saturating_sub(Duration::from_secs(10 * beat)),
        );
    }
    delays.sort();
    assert!(delays[0] < Duration::from_millis(200), "{:?}", delays[0]);
    assert!(
        delays[999] > Duration::from_millis(3800),
        "{:?}",
        delays[999]
    );
    assert!(
        delays[999] <= Duration::from_millis(4001),
        "{:?}",
        delays[999]
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_clock_jumps_over_is_left_out_or_made_up_for_once() {
    for (rule, expected) in [
        (Missed::Skip, (None, 3)),
        (Missed::Once, (Some("01 03:00:00".to_owned()), 2)),
    ] {
        let clock = clock();
        let mut due = hourly(rule, &clock);
        clock.set(3 * 3600 + 1800);
        assert_eq!(next(&mut due).await, expected, "{rule:?}");
        assert_eq!(
            next(&mut due).await,
            (Some("01 04:00:00".to_owned()), 0),
            "{rule:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_jump_is_seen_soon() {
    let clock = clock();
    let mut due = hourly(Missed::Once, &clock);
    let begun = Instant::now();
    tokio::join!(next(&mut due), async {
        advance(Duration::from_secs(1)).await;
        clock.set(3600);
    });
    assert!(begun.elapsed() <= Duration::from_secs(31), "{begun:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_set_back_a_little_runs_nothing_twice() {
    let clock = clock();
    let mut due = hourly(Missed::Skip, &clock);
    assert_eq!(next(&mut due).await, (Some("01 01:00:00".to_owned()), 0));
    clock.set(-1800);
    let begun = Instant::now();
    assert_eq!(next(&mut due).await, (Some("01 02:00:00".to_owned()), 0));
    assert_eq!(begun.elapsed().as_secs(), 5400);
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_wrong_is_believed_when_it_is_right() {
    let clock = clock();
    let mut due = hourly(Missed::Skip, &clock);
    assert_eq!(next(&mut due).await, (Some("01 01:00:00".to_owned()), 0));
    clock.set(-24 * 3600);
    assert_eq!(next(&mut due).await, (Some("31 02:00:00".to_owned()), 0));
}
