use std::sync::Mutex;

use tokio::time::{Instant, sleep};

use super::*;
use crate::agent::{CronLine, EveryLine};
use crate::clock::Clock;
use crate::schedule::book::Counts;
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
    let book: Arc<Book> = Arc::default();
    let mut tasks = JoinSet::new();
    for (timing, run) in lines {
        let due = Due::new(timing, clock.clone()).unwrap();
        let runner = Runner {
            timing: timing.clone(),
            run: Arc::clone(run),
            shared: Shared::detached(clock.clone(), &stop, &stopper),
            book: Arc::clone(&book),
        };
        tasks.spawn(super::run(runner, due));
    }
    sleep(Duration::from_secs(seconds)).await;
    stopper.drain(Duration::from_secs(25));
    let left = tasks.join_all().await.into_iter().sum();
    (book, left)
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
        // One waits; a second one that is due meanwhile is left out.
        (Overlap::Queue, vec![1, 25, 49], 2),
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
