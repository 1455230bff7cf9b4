use chrono::TimeDelta;
use tokio::time::advance;

use super::*;
use crate::agent::{CronLine, EveryLine, Missed, Timing};
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

fn agenda(lines: &[Timing], clock: &Clock) -> Agenda {
    let dues = lines.iter().map(|it| Due::new(it, clock).unwrap());
    Agenda::new(dues.collect(), clock.clone())
}

fn hourly(missed: Missed) -> Timing {
    Timing::Cron(CronLine::new(ID, "0 * * * *", HOURLY, "UTC").missed(missed))
}

/// The next run, if what is due brings one, and how many due times passed unseen.
async fn next(agenda: &mut Agenda) -> (Option<String>, u32) {
    agenda.wait().await;
    let (_, taken) = agenda.take().unwrap();
    let scheduled = |tick: crate::Tick| tick.scheduled.format("%d %H:%M:%S").to_string();
    (taken.tick.map(scheduled), taken.missed)
}

fn on_time(text: &str) -> (Option<String>, u32) {
    (Some(text.to_owned()), 0)
}

#[tokio::test(start_paused = true)]
async fn an_interval_keeps_its_beat_whatever_a_run_takes() {
    let mut agenda = agenda(&[Timing::Every(every(10))], &clock());
    assert_eq!(next(&mut agenda).await, on_time("01 00:00:00"));
    advance(Duration::from_secs(3)).await;
    assert_eq!(next(&mut agenda).await, on_time("01 00:00:10"));
    // Three beats pass unseen; the one that is due by now comes late, and those after it on time.
    advance(Duration::from_secs(45)).await;
    let (late, missed) = next(&mut agenda).await;
    assert_eq!((late.as_deref(), missed), (Some("01 00:00:50"), 3));
    assert_eq!(next(&mut agenda).await, on_time("01 00:01:00"));
}

#[tokio::test(start_paused = true)]
async fn jitter_is_bounded_and_does_not_add_up() {
    let begun = Instant::now();
    let line = every(10).jitter(Duration::from_secs(4));
    let mut agenda = agenda(&[Timing::Every(line)], &clock());
    let mut delays = Vec::new();
    for beat in 0..1000_u64 {
        agenda.wait().await;
        let (_, taken) = agenda.take().unwrap();
        let nominal =
            time("2024-01-01T00:00:00Z") + TimeDelta::seconds(10) * i32::try_from(beat).unwrap();
        assert_eq!(taken.tick.unwrap().scheduled, nominal);
        assert_eq!((taken.missed, taken.lateness.as_millis()), (0, 0));
        delays.push(
            begun
                .elapsed()
                .saturating_sub(Duration::from_secs(10 * beat)),
        );
    }
    delays.sort();
    let (least, most) = (delays[0], delays[999]);
    assert!(least < Duration::from_millis(200), "{least:?}");
    let bound = Duration::from_millis(3800)..=Duration::from_millis(4001);
    assert!(bound.contains(&most), "{most:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_due_comes_in_order_of_time_and_then_of_declaration() {
    let lines = [
        hourly(Missed::Skip),
        Timing::Every(every(1800)),
        Timing::Every(every(2400).start_after(Duration::from_mins(20))),
        hourly(Missed::Skip),
    ];
    let mut agenda = agenda(&lines, &clock());
    let mut order = Vec::new();
    while order.len() < 8 {
        agenda.wait().await;
        while let Some((line, taken)) = agenda.take() {
            let scheduled = taken.tick.unwrap().scheduled;
            order.push(format!("{} {line}", scheduled.format("%H:%M")));
        }
    }
    let expected = [
        "00:00 1", "00:20 2", "00:30 1", "01:00 1", "01:00 2", "01:00 0", "01:00 3", "01:30 1",
    ];
    assert_eq!(order, expected);
}

/// When the clock is set, by how much, and what an hourly schedule makes of it: the runs it begins within six hours, as
/// "shown by the clock: due time, if it is another, and how many were missed before it", and how many it missed in all.
struct Jump {
    what: &'static str,
    rule: Missed,
    /// Minutes since the start, and minutes by which it is set.
    set: &'static [(u64, i64)],
    runs: &'static str,
    missed: u32,
}

#[rustfmt::skip] // One case a line can be read as a table.
const JUMPS: &[Jump] = &[
    Jump { what: "none", rule: Missed::Skip, set: &[], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 0 },
    Jump { what: "to before a due time", rule: Missed::Skip, set: &[(70, 30)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 0 },
    Jump { what: "onto one", rule: Missed::Skip, set: &[(59, 1)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 0 },
    Jump { what: "over one", rule: Missed::Skip, set: &[(30, 60)], runs: "02:00, 03:00, 04:00, 05:00, 06:00, 07:00", missed: 1 },
    Jump { what: "over one", rule: Missed::Once, set: &[(30, 60)], runs: "01:30 for 01:00, 02:00, 03:00, 04:00, 05:00, 06:00, 07:00", missed: 0 },
    Jump { what: "over three", rule: Missed::Skip, set: &[(30, 180)], runs: "04:00, 05:00, 06:00, 07:00, 08:00, 09:00", missed: 3 },
    Jump { what: "over three", rule: Missed::Once, set: &[(30, 180)], runs: "03:30 for 03:00 after 2, 04:00, 05:00, 06:00, 07:00, 08:00, 09:00", missed: 2 },
    Jump { what: "onto one over two", rule: Missed::Skip, set: &[(30, 150)], runs: "03:00 after 2, 04:00, 05:00, 06:00, 07:00, 08:00", missed: 2 },
    Jump { what: "by three days", rule: Missed::Skip, set: &[(30, 3 * 1440)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 25 },
    Jump { what: "by three days", rule: Missed::Once, set: &[(30, 3 * 1440)], runs: "00:30 for 00:00 after 24, 01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 24 },
    Jump { what: "a second back, as a slow clock", rule: Missed::Skip, set: &[(61, -2)], runs: "01:00, 02:00, 03:00, 04:00, 05:00", missed: 0 },
    Jump { what: "back over two", rule: Missed::Skip, set: &[(130, -125)], runs: "01:00, 02:00, 03:00", missed: 0 },
    Jump { what: "back by as much as runs nothing twice", rule: Missed::Once, set: &[(185, -180)], runs: "01:00, 02:00, 03:00", missed: 0 },
    Jump { what: "back over two and forward again", rule: Missed::Once, set: &[(130, -125), (140, 125)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 0 },
    Jump { what: "back to yesterday", rule: Missed::Skip, set: &[(130, -1440)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 0 },
    Jump { what: "ahead and back to what is right", rule: Missed::Skip, set: &[(30, 1440), (90, -1440)], runs: "01:00, 02:00, 03:00, 04:00, 05:00, 06:00", missed: 24 },
];

fn shown(tick: &crate::Tick, clock: &Clock) -> String {
    let [now, due] = [clock.now(), tick.scheduled].map(|it| it.format("%H:%M").to_string());
    let due = if due == now {
        String::new()
    } else {
        format!(" for {due}")
    };
    match tick.missed {
        0 => format!("{now}{due}"),
        missed => format!("{now}{due} after {missed}"),
    }
}

#[tokio::test(start_paused = true)]
async fn cron_follows_a_clock_that_is_set() {
    for case in JUMPS {
        let clock = clock();
        let mut agenda = agenda(&[hourly(case.rule)], &clock);
        let begun = Instant::now();
        let set = async {
            for (minutes, by) in case.set {
                tokio::time::sleep_until(begun + Duration::from_mins(*minutes)).await;
                clock.set(TimeDelta::minutes(*by));
            }
            tokio::time::sleep_until(begun + Duration::from_secs(6 * 3600 + 1)).await;
        };
        let (mut runs, mut missed) = (Vec::new(), 0);
        let follow = async {
            loop {
                agenda.wait().await;
                let (_, taken) = agenda.take().unwrap();
                missed += taken.missed;
                runs.extend(taken.tick.map(|it| shown(&it, &clock)));
            }
        };
        tokio::select! {
            biased;
            () = set => {}
            () = follow => {}
        }
        let found = (runs.join(", "), missed);
        let expected = (case.runs.to_owned(), case.missed);
        assert_eq!(found, expected, "{}, {:?}", case.what, case.rule);
    }
}

#[tokio::test(start_paused = true)]
async fn intervals_do_not_follow_a_clock_that_is_set() {
    for hours in [-48, -2, 2, 48] {
        let clock = clock();
        let mut agenda = agenda(&[Timing::Every(every(60))], &clock);
        let begun = Instant::now();
        for beat in 0..10 {
            agenda.wait().await;
            let (_, taken) = agenda.take().unwrap();
            assert_eq!((begun.elapsed().as_secs(), taken.missed), (60 * beat, 0));
            assert_eq!(taken.tick.unwrap().scheduled, clock.now());
            clock.set(TimeDelta::hours(hours));
        }
    }
}

/// A timer on the monotonic clock is early where the clock of the day goes slower; what is due waits for the rest.
#[tokio::test(start_paused = true)]
async fn an_early_wake_runs_nothing_early_or_twice() {
    let clock = clock();
    let mut agenda = agenda(&[hourly(Missed::Skip)], &clock);
    for hour in 1..24 {
        for _ in 0..5 {
            let left = clock.until(time("2024-01-01T00:00:00Z") + TimeDelta::hours(hour));
            advance(left.saturating_sub(Duration::from_millis(1))).await;
            clock.set(TimeDelta::seconds(-1));
            assert_eq!(agenda.take(), None, "before hour {hour}");
        }
        let expected = on_time(&format!("01 {hour:02}:00:00"));
        assert_eq!(next(&mut agenda).await, expected);
        assert_eq!(
            clock.now().format("%H:%M:%S").to_string(),
            format!("{hour:02}:00:00")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_the_machine_is_looked_at_every_five_seconds() {
    let yearly = CronFields {
        hours: 1,
        days: 1 << 1,
        months: 1 << 1,
        hour_star: false,
        day_star: false,
        ..HOURLY
    };
    let line = CronLine::new(ID, "0 0 1 1 *", yearly, "UTC");
    let agenda = agenda(&[Timing::Cron(line)], &Clock::machine());
    assert!(agenda.left() <= Duration::from_secs(5), "{agenda:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_due_where_there_is_nothing() {
    let mut agenda = agenda(&[], &clock());
    let wait = tokio::time::timeout(Duration::from_hours(10_000), agenda.wait());
    assert!(wait.await.is_err());
    assert_eq!(agenda.take(), None);
}
