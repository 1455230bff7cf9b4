//! 100,000 schedules in one process, 10,000 cron and 90,000 intervals of 100 agents:
//! `cargo bench -p microagent-tests --bench schedules`. Prints what they cost while nothing is due, how late runs begin at
//! 1,000 a second, and how late when 10,000 are due at once. Lines are added as generated code adds them.

#![expect(clippy::print_stdout, reason = "it prints its tables")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};
use std::{fs, mem};

use microagent::__private::{AgentMeta, CronFields, CronLine, EveryLine, Lines, ScheduleId, Tick};
use microagent::{Agent, Context, Outcome, Running};
use tokio::runtime::Builder;
use tokio::time::sleep;

const AGENTS: usize = 100;
const CRONS: usize = 10_000;
const INTERVALS: usize = 90_000;
const SECONDS: u64 = 10;
/// Of the clock's tick in `/proc`, on every Linux of today.
const TICKS_A_SECOND: u64 = 100;
/// 2026-03-02 12:00:57 UTC: three seconds before the minute.
const BEFORE_THE_MINUTE: Duration = Duration::from_secs(1_772_452_857);

static META: AgentMeta = AgentMeta::new("bench", "Scheduled", 0);
/// Agents that have their lines.
static MADE: AtomicUsize = AtomicUsize::new(0);
/// Names are constants in generated code.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = (0..CRONS + INTERVALS).map(|it| &*format!("line_{it}").leak());
    names.collect()
});
const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
];

/// Notes how late each run begins, in nanoseconds.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<u64>>>);

impl Times {
    fn note(&self, cx: &Context, tick: &Tick) {
        let late = (cx.now() - tick.scheduled).num_nanoseconds();
        let late = late.and_then(|it| u64::try_from(it).ok());
        let late = late.expect("a run begins after its time, and soon");
        self.0.lock().expect("nothing panics under it").push(late);
    }

    fn take(&self) -> Vec<u64> {
        let mut times = mem::take(&mut *self.0.lock().expect("nothing panics under it"));
        times.sort_unstable();
        times
    }
}

async fn run(times: Arc<Times>, cx: Context, tick: Tick) -> Outcome {
    times.note(&cx, &tick);
    Ok(())
}

fn main() {
    LazyLock::force(&NAMES);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the system gives threads");
    println!(
        "{CRONS} cron and {INTERVALS} intervals of {AGENTS} agents, 2 workers; lateness in milliseconds."
    );
    println!("| what | runs | CPU of a core | p50 | p99 | most |");
    println!("|---|---|---|---|---|---|");
    let bytes = runtime.block_on(rest());
    runtime.block_on(steady());
    for agents in [AGENTS, 1] {
        runtime.block_on(herd(agents));
    }
    println!("\nA schedule at rest keeps {bytes} bytes.");
}

/// Nothing is due. Comes back with what a schedule keeps.
async fn rest() -> u64 {
    let before = memory();
    let times = Times::default();
    let running = start(
        AGENTS,
        &times,
        |lines| add(lines, AGENTS, Pace::Hours),
        None,
    )
    .await;
    sleep(Duration::from_secs(1)).await;
    let bytes = (memory() - before) / (CRONS + INTERVALS) as u64;
    let cpu = cpu_for(SECONDS).await;
    row("at rest", &cpu, &times.take());
    stop(running, 0).await;
    bytes
}

/// One interval a millisecond, each of another agent than the one before.
async fn steady() {
    let times = Times::default();
    let running = start(
        AGENTS,
        &times,
        |lines| add(lines, AGENTS, Pace::Milliseconds),
        None,
    )
    .await;
    sleep(Duration::from_secs(4)).await;
    times.take();
    let cpu = cpu_for(SECONDS).await;
    row("1,000 runs/s", &cpu, &times.take());
    stop(running, 1).await;
}

/// All cron lines at the same minute.
async fn herd(agents: usize) {
    let times = Times::default();
    let add = if agents == 1 {
        |lines: &mut Lines<Times>| crons(lines, CRONS)
    } else {
        |lines: &mut Lines<Times>| crons(lines, CRONS / AGENTS)
    };
    let clock = SystemTime::UNIX_EPOCH + BEFORE_THE_MINUTE;
    let running = start(agents, &times, add, Some(clock)).await;
    let cpu = cpu_for(5).await;
    let what = format!("{CRONS} at once, {agents} agents");
    row(&what, &cpu, &times.take());
    stop(running, 1).await;
}

async fn start(
    agents: usize,
    times: &Times,
    lines: fn(&mut Lines<Times>),
    clock: Option<SystemTime>,
) -> Running {
    MADE.store(0, Ordering::Relaxed);
    let agents = (0..agents).map(|_| Agent::new(&META, times.clone(), lines));
    let mut app = microagent::app(agents).bus("memory:").broker("memory:");
    if let Some(clock) = clock {
        app = app.clock(clock);
    }
    app.start().await.expect("the agents start")
}

/// Each schedule ran at most so often, and none was left out.
async fn stop(running: Running, runs: u64) {
    for (id, counts) in running.schedules() {
        let lost = counts.skipped + counts.missed + counts.failed;
        assert!(lost == 0 && counts.runs <= runs, "{id}: {counts:?}");
    }
    running.stop().await.expect("it stops in order");
}

#[derive(Clone, Copy)]
enum Pace {
    /// The first in an hour, and no two at once.
    Hours,
    /// The first in three seconds, and then one each millisecond; each again when all had their turn.
    Milliseconds,
}

fn add(lines: &mut Lines<Times>, agents: usize, pace: Pace) {
    let agent = MADE.fetch_add(1, Ordering::Relaxed);
    for number in (agent..CRONS).step_by(agents) {
        let fields = CronFields {
            minutes: 1 << (number % 60),
            hours: 1 << (number % 24),
            days: 1 << (1 + number % 28),
            months: 1 << 5,
            hour_star: false,
            day_star: false,
            ..CronFields::EVERY_MINUTE
        };
        let id = ScheduleId::new("bench.Scheduled", NAMES[number]);
        let line = CronLine::new(id, "in May", fields, ZONES[number % ZONES.len()]);
        lines.cron(line, run);
    }
    for number in (agent..INTERVALS).step_by(agents) {
        let id = ScheduleId::new("bench.Scheduled", NAMES[CRONS + number]);
        let turn = Duration::from_millis(number as u64);
        let line = match pace {
            Pace::Hours => {
                let hour = Duration::from_hours(1);
                EveryLine::new(id, hour).start_after(hour + turn)
            }
            Pace::Milliseconds => {
                let all = Duration::from_millis(INTERVALS as u64);
                EveryLine::new(id, all).start_after(Duration::from_secs(3) + turn)
            }
        };
        lines.every(line, run);
    }
}

fn crons(lines: &mut Lines<Times>, count: usize) {
    let agent = MADE.fetch_add(1, Ordering::Relaxed);
    for name in &NAMES[agent * count..(agent + 1) * count] {
        let id = ScheduleId::new("bench.Scheduled", name);
        let line = CronLine::new(id, "* * * * *", CronFields::EVERY_MINUTE, "Europe/Berlin");
        lines.cron(line, run);
    }
}

fn row(what: &str, cpu: &str, times: &[u64]) {
    let at = |permille: usize| match times.len() {
        0 => "-".to_owned(),
        count => {
            let microseconds = times[(count - 1) * permille / 1_000] / 1_000;
            format!("{}.{:03}", microseconds / 1_000, microseconds % 1_000)
        }
    };
    let runs = times.len();
    println!(
        "| {what} | {runs} | {cpu} | {} | {} | {} |",
        at(500),
        at(990),
        at(1_000)
    );
}

/// The share of a core that this process takes while so many seconds pass, in percent.
async fn cpu_for(seconds: u64) -> String {
    let before = ticks();
    sleep(Duration::from_secs(seconds)).await;
    let permille = (ticks() - before) * 1_000 / (seconds * TICKS_A_SECOND);
    format!("{}.{} %", permille / 10, permille % 10)
}

/// What this process has taken of all cores.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let (_, after_name) = stat.rsplit_once(')').expect("the name stands in brackets");
    let fields = after_name.split_whitespace().skip(11).take(2);
    fields
        .map(|it| it.parse::<u64>().expect("it is a number"))
        .sum()
}

/// What this process keeps, in bytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells it");
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|it| it.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes
        .and_then(|it| it.parse().ok())
        .expect("Linux tells it");
    1_024 * kibibytes
}
