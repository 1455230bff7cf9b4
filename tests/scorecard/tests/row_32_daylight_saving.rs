//! Row 32: agents in ten zones for ten years, and around each change of a clock with the clock set forward and back at
//! random: nothing runs twice, early or unasked, and nothing is missed but what was counted.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use microagent::__private::{AgentMeta, CronLine, Lines, Missed, Tick};
use microagent::testing::World;
use microagent::{Agent, Context, ScheduleId};
use scorecard::cron::expressions::Random;
use scorecard::cron::fields;
use scorecard::support::{Counters, row_without_backend};
use tokio::runtime::Builder;

const ZONES: [&str; 10] = [
    "Africa/Cairo",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",
];
/// Ten years, in some or all of which each of the zones changes its clock both ways.
const START: &str = "2006-01-01T00:00:00Z";
const DAYS: i64 = 3_652;
/// Offsets of these zones in these years are multiples of it.
const STEP: TimeDelta = TimeDelta::minutes(30);

/// An expression, and what it means.
struct Expression {
    text: &'static str,
    times: Times,
}

enum Times {
    /// Hours and minutes of each day.
    Fixed(&'static [(u32, u32)]),
    /// Each so many hours, by elapsed time.
    Every(u32),
}

const EXPRESSIONS: [Expression; 5] = [
    Expression {
        text: "30 2 * * *",
        times: Times::Fixed(&[(2, 30)]),
    },
    Expression {
        text: "0 0 * * *",
        times: Times::Fixed(&[(0, 0)]),
    },
    Expression {
        text: "15 1,2 * * *",
        times: Times::Fixed(&[(1, 15), (2, 15)]),
    },
    Expression {
        text: "45 23 * * *",
        times: Times::Fixed(&[(23, 45)]),
    },
    Expression {
        text: "0 */8 * * *",
        times: Times::Every(8),
    },
];

const RULES: [Missed; 2] = [Missed::Skip, Missed::Once];

/// A line of the agents: an expression in a zone.
struct Line {
    id: ScheduleId,
    zone: &'static str,
    expression: &'static Expression,
    missed: Missed,
}

static META: AgentMeta = AgentMeta::new("row", "Clocks", 0);
static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let mut lines = Vec::new();
    for missed in RULES {
        for zone in ZONES {
            for expression in &EXPRESSIONS {
                let name = format!("{} in {zone}, {missed:?}", expression.text);
                let id = ScheduleId::new("row.Clocks", name.leak());
                lines.push(Line {
                    id,
                    zone,
                    expression,
                    missed,
                });
            }
        }
    }
    lines
});

/// Adds lines as generated code does.
fn add(lines: &mut Lines<Log>) {
    for (number, line) in LINES.iter().enumerate() {
        let (text, zone) = (line.expression.text, line.zone);
        let cron = CronLine::new(line.id, text, fields(text), zone).missed(line.missed);
        lines.cron(cron, move |log: Arc<Log>, cx, tick| {
            log.note(number, &cx, &tick);
            ready(Ok(()))
        });
    }
}

/// When a line was due, and what the clock showed when it ran.
type Run = (DateTime<Utc>, DateTime<Utc>);

/// The runs of each line, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<BTreeMap<usize, Vec<Run>>>>);

impl Log {
    fn note(&self, line: usize, cx: &Context, tick: &Tick) {
        let mut runs = self.0.lock().expect("nothing panics under it");
        let run = (tick.scheduled, cx.now());
        runs.entry(line).or_default().push(run);
    }

    fn of(&self, line: usize) -> Vec<Run> {
        let runs = self.0.lock().expect("nothing panics under it");
        runs.get(&line).cloned().unwrap_or_default()
    }
}

/// What the runs of some lines were, against what the rule says.
#[derive(Default)]
struct Found {
    runs: usize,
    double: usize,
    early: usize,
    /// Not by the rule.
    unasked: usize,
    /// Due, and neither run nor counted.
    lost: usize,
    /// Due, not run, and counted.
    missed: u64,
}

impl Found {
    /// Compares one line with what was due.
    fn add(&mut self, runs: &[Run], due: &BTreeSet<DateTime<Utc>>, missed: u64) {
        let ran: BTreeSet<_> = runs.iter().map(|(due, _)| *due).collect();
        self.runs += runs.len();
        self.double += runs.len() - ran.len();
        self.early += runs.iter().filter(|(due, shown)| shown < due).count();
        self.unasked += ran.difference(due).count();
        let left_out = due.difference(&ran).count();
        self.lost += left_out.abs_diff(usize::try_from(missed).expect("it is small"));
        self.missed += missed;
    }

    fn is_right(&self) -> bool {
        self.double + self.early + self.unasked + self.lost == 0
    }

    fn counters(&self, counters: Counters) -> Counters {
        counters
            .and("runs", self.runs)
            .and("double", self.double)
            .and("early", self.early)
            .and("unasked", self.unasked)
            .and("missed and counted", self.missed)
            .and("missed and not counted", self.lost)
    }
}

/// When a line is due after `start` and until `end`, by the words of the language's manual.
fn due(line: &Line, start: DateTime<Utc>, end: DateTime<Utc>) -> BTreeSet<DateTime<Utc>> {
    let zone: Tz = line.zone.parse().expect("a known zone");
    let due = |at: &DateTime<Utc>| start < *at && *at <= end;
    match line.expression.times {
        Times::Fixed(times) => {
            let first = (start - TimeDelta::days(2)).date_naive();
            let dates = first
                .iter_days()
                .take_while(|it| *it <= end.date_naive() + TimeDelta::days(2));
            let wanted = dates.flat_map(|date| {
                times
                    .iter()
                    .filter_map(move |(hour, minute)| date.and_hms_opt(*hour, *minute, 0))
            });
            wanted.map(|it| first_shown(zone, it)).filter(due).collect()
        }
        Times::Every(hours) => {
            let mut at = start.with_minute(0).expect("each hour has it");
            let mut all = BTreeSet::new();
            while at <= end {
                let shown = at.with_timezone(&zone);
                if shown.hour().is_multiple_of(hours) && shown.minute() == 0 {
                    all.insert(at);
                }
                at += STEP;
            }
            all.into_iter().filter(due).collect()
        }
    }
}

/// When the clock first reaches a local time or passes it.
fn first_shown(zone: Tz, mut wanted: NaiveDateTime) -> DateTime<Utc> {
    loop {
        match zone.from_local_datetime(&wanted) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => return at.to_utc(),
            LocalResult::None => wanted += TimeDelta::minutes(1),
        }
    }
}

/// When the clocks of a zone were changed in these years, to the hour.
fn changes(zone: &str) -> Vec<DateTime<Utc>> {
    let zone: Tz = zone.parse().expect("a known zone");
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let hours = (0..DAYS * 24).map(|hour| instant(START) + TimeDelta::hours(hour));
    hours
        .filter(|at| offset(*at) != offset(*at - TimeDelta::hours(1)))
        .collect()
}

/// A world whose clock shows this.
async fn world_at(start: DateTime<Utc>) -> (World, Log) {
    let log = Log::default();
    let world = World::start([Agent::new(&META, log.clone(), add)]).await;
    let world = world.expect("the agent starts");
    world.set_clock(start);
    (world, log)
}

#[test]
fn ten_years_in_ten_zones() {
    row_without_backend(32, || paused(ten_years()));
}

async fn ten_years() -> Counters {
    let start = instant(START);
    let (world, log) = world_at(start).await;
    for _ in 0..DAYS {
        world.advance(Duration::from_hours(24)).await;
    }
    let mut found = Found::default();
    for (number, line) in LINES.iter().enumerate() {
        let due = due(line, start, world.now());
        found.add(&log.of(number), &due, world.schedule(line.id).missed);
    }
    let counters = Counters::new().and("zones", ZONES.len()).and("days", DAYS);
    let counters = found.counters(counters);
    assert!(found.is_right() && found.missed == 0, "{counters:?}");
    counters
}

#[test]
fn clocks_that_are_set_while_they_change() {
    row_without_backend(32, || paused(set_at_random()));
}

async fn set_at_random() -> Counters {
    let mut random = Random(32);
    let (mut found, mut windows, mut jumps) = (Found::default(), 0, 0);
    for zone in ZONES {
        for change in changes(zone) {
            windows += 1;
            let start = change - TimeDelta::hours(36);
            let (world, log) = world_at(start).await;
            let (latest, set) = set_until(&world, change + TimeDelta::hours(36), &mut random).await;
            jumps += set;
            for (number, line) in LINES.iter().enumerate().filter(|(_, it)| it.zone == zone) {
                let due = due(line, start, latest);
                found.add(&log.of(number), &due, world.schedule(line.id).missed);
            }
        }
    }
    let counters = Counters::new().and("changes", windows).and("jumps", jumps);
    let counters = found.counters(counters);
    assert!(found.is_right() && windows > 100, "{counters:?}");
    counters
}

/// Lets time pass, and sets the clock again and again: forward over less than a minute or over hours, back by seconds as
/// if a timer had been early, or by hours. Comes back with the latest time that it showed, and how often it was set.
async fn set_until(world: &World, end: DateTime<Utc>, random: &mut Random) -> (DateTime<Utc>, u32) {
    let (mut latest, mut jumps) = (world.now(), 0);
    while world.now() < end {
        let passes = u64::try_from(random.below(6 * 3600)).expect("it is positive");
        world.advance(Duration::from_secs(passes)).await;
        latest = latest.max(world.now());
        let by = match random.below(4) {
            0 => random.below(55),
            1 => random.below(8 * 3600),
            2 => -random.below(5),
            _ => -random.below(10_000),
        };
        world.set_clock(world.now() + TimeDelta::seconds(by));
        world.settle().await;
        latest = latest.max(world.now());
        jumps += 1;
    }
    (latest, jumps)
}

fn paused<T>(test: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime
        .expect("the system gives an event queue")
        .block_on(test)
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("it is an instant")
}
