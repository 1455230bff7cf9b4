use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::sleep;

use super::*;
use crate::agent::{CronLine, EveryLine};
use crate::clock::Clock;
use crate::schedule::Counts;
use crate::schedule::cron::CronFields;
use crate::stop::{Stopper, stop};

const ID: ScheduleId = ScheduleId::new("test.Agent", "line");

/// When each run began, in seconds from the start, with what the book says when 60 s have passed and all was drained.
async fn a_minute_of(line: EveryLine, takes: u64) -> (Vec<u64>, Counts) {
    let begun = Instant::now();
    let starts: Arc<Mutex<Vec<u64>>> = Arc::default();
    let log = Arc::clone(&starts);
    let run: Run = Arc::new(move |_cx, _tick| {
        log.lock().unwrap().push(begun.elapsed().as_secs());
        Box::pin(async move {
            sleep(Duration::from_secs(takes)).await;
            Ok(())
        })
    });
    let (book, left) = run_for(60, &[(Timing::Every(line), run)]).await;
    assert_eq!(left, 0);
    let starts = starts.lock().unwrap().clone();
    (starts, book.counts(ID))
}

async fn run_for(seconds: u64, lines: &[(Timing, Run)]) -> (Arc<Book>, usize) {
    let (stopper, stop) = stop();
    let stopper: Arc<Stopper> = Arc::new(stopper);
    let clock = Clock::starting_at("2024-01-01T00:00:00Z".parse().unwrap());
    let shared = Shared::detached(clock.clone(), &stop, &stopper);
    let book: Arc<Book> = Arc::default();
    let schedules = lines.iter().map(|(timing, run)| Schedule {
        timing: timing.clone(),
        run: Arc::clone(run),
    });
    let dues = lines.iter().map(|it| Due::new(&it.0, &clock).unwrap());
    let runner = Runner::new(schedules.collect(), dues.collect(), &shared, &book);
    let running = tokio::spawn(runner.run());
    sleep(Duration::from_secs(seconds)).await;
    stopper.drain(Duration::from_secs(25));
    (book, running.await.unwrap())
}

fn every_ten(overlap: Overlap) -> EveryLine {
    EveryLine::new(ID, Duration::from_secs(10))
        .start_after(Duration::from_secs(1))
        .overlap(overlap)
}

#[tokio::test(start_paused = true)]
async fn runs_that_overlap_keep_to_the_rule() {
    for (overlap, expected, skipped) in [
        (Overlap::Skip, vec![1, 31], 4),
        // One waits; a second one that is due meanwhile is left out, and so is the one that waits at the end.
        (Overlap::Queue, vec![1, 25, 49], 3),
        (Overlap::Parallel, vec![1, 11, 21, 31, 41, 51], 0),
    ] {
        let (starts, counts) = a_minute_of(every_ten(overlap), 24).await;
        assert_eq!(starts, expected, "{overlap:?}");
        assert_eq!(counts.skipped, skipped, "{overlap:?}");
        assert_eq!(counts.failed, 0, "{overlap:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_takes_too_long_is_a_failed_one() {
    let line = every_ten(Overlap::Skip).timeout(Duration::from_secs(5));
    let (starts, counts) = a_minute_of(line, 3600).await;
    assert_eq!(starts, [1, 11, 21, 31, 41, 51]);
    assert_eq!((counts.runs, counts.failed, counts.skipped), (6, 6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_run_and_the_next_one_comes() {
    let run: Run = Arc::new(|_cx, _tick| Box::pin(async { panic!("as asked") }));
    let line = Timing::Every(every_ten(Overlap::Skip));
    let (book, left) = run_for(25, &[(line, run)]).await;
    let counts = book.counts(ID);
    assert_eq!((counts.runs, counts.failed, left), (3, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_with_the_grace_is_ended() {
    let run: Run = Arc::new(|_cx, _tick| Box::pin(std::future::pending()));
    let line = Timing::Every(every_ten(Overlap::Skip).timeout(Duration::from_hours(1)));
    let begun = Instant::now();
    let (_, left) = run_for(5, &[(line, run)]).await;
    assert_eq!((begun.elapsed().as_secs(), left), (30, 1));
}

#[tokio::test(start_paused = true)]
async fn once_per_fleet_is_once_in_a_process() {
    let run: Run = Arc::new(|_cx, _tick| Box::pin(async { Ok(()) }));
    for (once, expected) in [(false, 9), (true, 3)] {
        let mut line = CronLine::new(ID, "* * * * *", CronFields::EVERY_MINUTE, "UTC");
        if once {
            line = line.once_per_fleet();
        }
        let lines: Vec<_> = (0..3)
            .map(|_| (Timing::Cron(line.clone()), Arc::clone(&run)))
            .collect();
        let (book, _) = run_for(190, &lines).await;
        assert_eq!(book.counts(ID).runs, expected, "{once}");
    }
}

/// One starts each second and takes two minutes, but for the timeout: as many go on as may, and the others are left out.
#[tokio::test(start_paused = true)]
async fn parallel_runs_have_a_limit() {
    let line = EveryLine::new(ID, Duration::from_secs(1))
        .overlap(Overlap::Parallel)
        .timeout(Duration::from_secs(90));
    let (going, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let run: Run = {
        let most = Arc::clone(&most);
        Arc::new(move |_cx, _tick| {
            let now = going.fetch_add(1, Ordering::Relaxed) + 1;
            most.fetch_max(now, Ordering::Relaxed);
            let going = Arc::clone(&going);
            Box::pin(async move {
                sleep(Duration::from_secs(80)).await;
                going.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            })
        })
    };
    let (book, _) = run_for(79, &[(Timing::Every(line), run)]).await;
    let counts = book.counts(ID);
    assert_eq!(most.load(Ordering::Relaxed), 64);
    assert_eq!((counts.runs, counts.skipped, counts.failed), (64, 15, 0));
}

/// 10,000 beats of 7 ms, with handlers that take from nothing to 40 ms: each beat is a run at its time or left out, and the
/// last one is where the first one said.
#[tokio::test(start_paused = true)]
async fn intervals_do_not_drift() {
    const BEATS: u64 = 10_000;
    for overlap in [Overlap::Skip, Overlap::Queue, Overlap::Parallel] {
        let times: Arc<Mutex<Vec<(i64, u128)>>> = Arc::default();
        let (log, begun) = (Arc::clone(&times), Instant::now());
        let run: Run = Arc::new(move |_cx, tick| {
            let mut log = log.lock().unwrap();
            log.push((
                tick.scheduled.timestamp_micros(),
                begun.elapsed().as_millis(),
            ));
            let takes = Duration::from_millis(crate::random::random() % 41);
            Box::pin(async move {
                sleep(takes).await;
                Ok(())
            })
        });
        let line = EveryLine::new(ID, Duration::from_millis(7)).overlap(overlap);
        let (book, _) = run_for(7 * (BEATS - 1) / 1000, &[(Timing::Every(line), run)]).await;
        let (counts, times) = (book.counts(ID), times.lock().unwrap().clone());
        let beats = 7 * (BEATS - 1) / 1000 * 1000 / 7 + 1;
        assert_eq!(
            (counts.runs + counts.skipped, counts.missed),
            (beats, 0),
            "{overlap:?}"
        );
        let start = times[0].0;
        for (scheduled, began) in &times {
            let since = u128::try_from(scheduled - start).unwrap();
            assert_eq!(since % 7000, 0, "{overlap:?}");
            if overlap != Overlap::Queue {
                assert_eq!(since / 1000, *began, "{overlap:?}");
            }
        }
        assert_eq!(u64::try_from(times.len()).unwrap(), counts.runs);
    }
}

/// What waits for the run before it, and begins more than a second after its time, is late.
#[tokio::test(start_paused = true)]
async fn late_runs_are_counted_with_the_largest_lateness() {
    for (takes, late, latest) in [(9, 0, 0), (12, 4, 8), (24, 2, 18)] {
        let line = every_ten(Overlap::Queue);
        let (_, counts) = a_minute_of(line, takes).await;
        let found = (counts.late, counts.latest.as_secs());
        assert_eq!(found, (late, latest), "{takes} s each");
    }
}

#[tokio::test(start_paused = true)]
async fn every_due_time_is_a_run_or_skipped_or_missed() {
    for (overlap, takes) in [
        (Overlap::Skip, 3),
        (Overlap::Skip, 33),
        (Overlap::Queue, 13),
        (Overlap::Queue, 1000),
        (Overlap::Parallel, 33),
    ] {
        let (_, counts) =
            a_minute_of(every_ten(overlap).timeout(Duration::from_secs(30)), takes).await;
        let due = counts.runs + counts.skipped + counts.missed;
        assert_eq!(due, 6, "{overlap:?}, {takes} s each: {counts:?}");
    }
}
