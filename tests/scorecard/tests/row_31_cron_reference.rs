//! Row 31: the engine of the runtime and a naive reading of Vixie's rules agree on each instant of 600 expressions.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use microagent::schedule::cron::Schedule;
use microagent_schema::cron::parse;

use scorecard::cron::expressions::{CHOSEN, Random};
use scorecard::cron::fields;
use scorecard::cron::reference::{Clock, Reference};
use scorecard::support::{Counters, row_without_backend};

const EXPRESSIONS: usize = 600;
const EPISODES: usize = 20;
const INSTANTS_PER_EPISODE: usize = 100;
const DAY: i64 = 24 * 60;

const ZONES: &[&str] = &[
    "Africa/Cairo",
    "America/Caracas",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "UTC",
];

/// Where four days of comparison begin: in three of four cases there is a change of the clock on one of them.
fn episode_start(random: &mut Random, clock: &Clock) -> i64 {
    // Until 2035, so that what comes every 40 years still does so before the reference ends.
    let changes: Vec<i64> = clock.changes().filter(|at| *at < 65 * 365 * DAY).collect();
    let count = i64::try_from(changes.len()).expect("a zone has some hundred changes");
    if count > 0 && random.below(4) > 0 {
        let change = changes[usize::try_from(random.below(count)).expect("an index")];
        change - DAY - random.below(2 * DAY)
    } else {
        (20 * 365 + random.below(50 * 365)) * DAY + random.below(DAY)
    }
}

/// An instant of the episode: a run or just beside one as often as any other.
fn any_instant(random: &mut Random, start: i64, runs: &[DateTime<Utc>]) -> DateTime<Utc> {
    let count = i64::try_from(runs.len()).expect("some thousand runs");
    let instant = if count > 0 && random.below(2) == 0 {
        let run = runs[usize::try_from(random.below(count)).expect("an index")];
        run.clamp(at(start + 1), at(start + 4 * DAY - 1))
    } else {
        at(start + random.below(4 * DAY))
    };
    let beside = match random.below(4) {
        0 => TimeDelta::nanoseconds(1),
        1 => TimeDelta::milliseconds(-1),
        2 => TimeDelta::seconds(random.below(60)),
        _ => TimeDelta::zero(),
    };
    instant + beside
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(minute * 60, 0).expect("within the calendar")
}

/// Compares one expression in one zone; returns the number of instants compared and what differs.
fn compare(text: &str, zone: &str, clock: &Clock, random: &mut Random) -> (usize, Vec<String>) {
    let reference = Reference::new(text);
    let engine = Schedule::from_fields(fields(text), zone);
    let engine = engine.expect("the parser accepts what the runtime accepts");
    let (mut compared, mut differences) = (0, Vec::new());
    for _ in 0..EPISODES {
        let start = episode_start(random, clock);
        let runs = reference.runs(clock, start, start + 4 * DAY);
        let runs: Vec<DateTime<Utc>> = runs.into_iter().map(at).collect();
        for _ in 0..INSTANTS_PER_EPISODE {
            let instant = any_instant(random, start, &runs).max(at(start));
            let expected = runs[runs.partition_point(|run| *run <= instant)..]
                .first()
                .copied();
            let found = engine.next_after(instant);
            compared += 1;
            if found != expected {
                differences.push(format!(
                    "`{text}` in {zone} after {instant}: {found:?}, not {expected:?}"
                ));
            }
        }
        let mut last = at(start);
        for run in runs {
            let found = engine.next_after(last);
            if found != Some(run) {
                differences.push(format!(
                    "`{text}` in {zone} chained from {last}: {found:?}, not {run}",
                ));
            }
            last = run;
        }
    }
    (compared, differences)
}

/// The chosen expressions and as many random ones as are wanted. Both sides agree on which dates never come.
fn expressions(random: &mut Random) -> (Vec<String>, usize) {
    let mut expressions: Vec<String> = CHOSEN.iter().map(|text| (*text).to_owned()).collect();
    let mut never = 0;
    while expressions.len() < EXPRESSIONS {
        let text = random.expression();
        let comes = Reference::new(&text).ever_comes();
        match parse(&text) {
            Ok(_) => assert!(comes, "{text} never comes"),
            Err(problem) => assert!(!comes, "{text}: {problem:?}"),
        }
        if comes {
            expressions.push(text);
        } else {
            never += 1;
        }
    }
    (expressions, never)
}

#[test]
fn engine_and_reference_agree() {
    row_without_backend(31, agree);
}

fn agree() -> Counters {
    let mut random = Random(2026);
    let (expressions, never) = expressions(&mut random);
    let clocks: BTreeMap<&str, Clock> = ZONES
        .iter()
        .map(|zone| (*zone, Clock::new(zone.parse::<Tz>().expect("a known zone"))))
        .collect();
    let (mut compared, mut differences) = (0, Vec::new());
    for (text, zone) in expressions.iter().zip(ZONES.iter().cycle()) {
        let (instants, found) = compare(text, zone, &clocks[zone], &mut random);
        compared += instants;
        differences.extend(found);
    }
    assert!(expressions.len() >= 500 && compared >= 500 * 2_000);
    assert!(
        differences.is_empty(),
        "{}",
        differences[..differences.len().min(20)].join("\n")
    );
    Counters::new()
        .and("expressions", expressions.len())
        .and("instants each", EPISODES * INSTANTS_PER_EPISODE)
        .and("zones", ZONES.len())
        .and("compared", compared)
        .and("differences", differences.len())
        .and("refused by both", never)
}

/// Every day that some months don't have, in every month and pair of months, beside the three kinds of weekday fields.
#[test]
fn both_refuse_the_same_dates() {
    row_without_backend(31, refuse);
}

fn refuse() -> Counters {
    let months = (1..=12).flat_map(|one| (one..=12).map(move |other| format!("{one},{other}")));
    let dates = months.flat_map(|months| (28..=31).map(move |day| format!("{day} {months}")));
    let (mut refused, mut compared) = (0, 0);
    for date in dates {
        for weekday in ["*", "*/2", "1"] {
            let text = format!("0 0 {date} {weekday}");
            let found = parse(&text);
            let comes = Reference::new(&text).ever_comes();
            assert_eq!(found.is_ok(), comes, "{text}: {found:?}");
            compared += 1;
            refused += usize::from(!comes);
        }
    }
    assert!(refused > 20);
    Counters::new()
        .and("dates", compared)
        .and("never come, as both say", refused)
}
