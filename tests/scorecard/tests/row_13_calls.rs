//! Row 13: each end of a question is told apart by its type, nothing of it stays behind, and each call is handled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use microagent::bus::{Answer, Audience, Form, Interest, Publication};
use microagent::message::Message;
use microagent::testing::rpc::{Asker, Unanswered};
use microagent::{Bus, CallError, CallErrorKind, Options, bus_over};
use scorecard::rpc::{Answering, How, Refused, RollCall, ScorecardRpcSenders, Work};
use scorecard::support::{Answers, Counters, Stage, row_in_process};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

const CALLS: u64 = 10_000;
const WORK: &str = "scorecard.rpc.work";
const SECOND: Duration = Duration::from_secs(1);

#[test]
fn each_end_is_told_apart_and_leaves_nothing() {
    ignore_canaries();
    row_in_process(13, calls);
}

/// The panics that a row asks for fill no output, and no memory of the harness.
fn ignore_canaries() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some("canary") {
            usual(panic);
        }
    }));
}

async fn calls(stage: Stage) -> Counters {
    let mut ends = one_receiver(&stage).await;
    ends.extend(no_receiver(&stage).await);
    ends.insert(foreign_receiver(&stage).await);
    two_receivers(&stage).await;
    stopped_while_answering(&stage).await;
    let counters = Counters::new().and("ends", ends.iter().cloned().collect::<Vec<_>>().join(", "));
    assert_eq!(ends.len(), 8, "{ends:?}");
    let counters = nothing_leaks(&stage, counters).await;
    handled_once(&stage, counters).await
}

/// What came of a call, in words.
fn told(result: Result<Result<u64, Refused>, CallError>) -> String {
    let error = match result {
        Ok(Ok(_)) => return "answered".to_owned(),
        Ok(Err(Refused::TooMuch(_))) => return "declared error".to_owned(),
        Ok(Err(other)) => panic!("{other:?}"),
        Err(error) => error,
    };
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    match error.kind() {
        CallErrorKind::Failed => {
            assert_eq!(error.receiver(), Some("scorecard.rpc.Answering"));
            "failed".to_owned()
        }
        CallErrorKind::Send => {
            let unsent = error.send_error().expect("it says why");
            format!("not sent: {:?}", unsent.kind())
        }
        kind => format!("{kind:?}"),
    }
}

async fn call(bus: &Bus, how: How, within: Duration) -> String {
    let bus = bus.with(Options::new().deadline(within));
    told(bus.call_work(Work::new(1, how)).await)
}

fn spawn_call(bus: &Bus, how: How, within: Duration) -> JoinHandle<String> {
    let bus = bus.clone();
    tokio::spawn(async move { call(&bus, how, within).await })
}

async fn one_receiver(stage: &Stage) -> BTreeSet<String> {
    let running = stage.start([Answers::default().agent()]).await;
    let bus = bus_over(stage.bus());
    let mut ends = BTreeSet::new();
    for (how, within, end, after) in [
        (How::Answer, 5, "answered", 0),
        (How::Refuse, 5, "declared error", 0),
        (How::Fail, 5, "failed", 0),
        (How::Panic, 5, "failed", 0),
        (How::Hang, 5, "TimedOut", 5),
        (How::Hang, 20, "failed", 10),
        (How::Late, 5, "TimedOut", 5),
        (How::Late, 20, "answered", 6),
    ] {
        let began = Instant::now();
        let told = call(&bus, how, within * SECOND).await;
        assert_eq!((&*told, began.elapsed().as_secs()), (end, after));
        ends.insert(told);
    }
    let mut large = Work::new(1, How::Answer);
    large.note = "x".repeat(2 * 1024 * 1024);
    let unsent = told(bus.call_work(large).await);
    assert_eq!(unsent, "not sent: TooLarge");
    ends.insert(unsent);
    running.stop().await.expect("it stops in order");
    ends
}

async fn no_receiver(stage: &Stage) -> [String; 2] {
    let running = stage.start([]).await;
    let bus = running.bus().clone();
    let nobody = call(&bus, How::Answer, 5 * SECOND).await;
    assert_eq!(nobody, "NobodyListens");
    running.stop().await.expect("it stops in order");
    let closed = call(&bus, How::Answer, 5 * SECOND).await;
    assert_eq!(closed, "not sent: Closed");
    [nobody, closed]
}

/// Answers by hand, with what is no answer.
async fn foreign_receiver(stage: &Stage) -> String {
    let interest = Interest::Calls(vec![WORK.into()]);
    let subscription = stage.bus().subscribe(interest, 1).await;
    let subscription = subscription.expect("it can listen");
    let bus = bus_over(stage.bus());
    let caller = spawn_call(&bus, How::Answer, 5 * SECOND);
    let mut received = Vec::new();
    let next = subscription.next(1, &mut received).await;
    next.expect("the call comes");
    let Form::Call { reply_to, .. } = received.remove(0).form else {
        panic!("it is a call")
    };
    let mut batch = [Publication {
        to: Audience::Asker {
            reply_to,
            answer: Answer::Reply,
        },
        sender: "foreign".into(),
        message: Message::new(r#"{"not": "a number"}"#).into(),
        result: None,
    }];
    stage.bus().publish(&mut batch).await;
    let told = caller.await.expect("no caller panics");
    assert_eq!(told, "Undecodable");
    told
}

async fn two_receivers(stage: &Stage) {
    let both = [Answers::default(), Answers::default()];
    let one = stage.start([both[0].clone().agent()]).await;
    let two = stage.start([both[1].clone().agent()]).await;
    let begun = || both.iter().map(|it| it.begun().len()).sum::<usize>();
    let bus = bus_over(stage.bus());
    assert_eq!(call(&bus, How::Answer, SECOND).await, "answered");
    assert_eq!(begun(), 1);
    let first = bus.ask_roll_call(RollCall::new(7, How::Answer)).await;
    assert_eq!(first.expect("one answers"), 7);
    sleep(SECOND).await;
    assert_eq!(begun(), 3);
    let mut all = bus.ask_all_roll_call(RollCall::new(8, How::Answer));
    let mut answers = Vec::new();
    while let Some(answer) = all.next().await {
        answers.push(answer.expect("both answer"));
    }
    assert_eq!((answers, begun()), (vec![8, 8], 5));

    let cancelled = spawn_call(&bus, How::Late, 20 * SECOND);
    let other = spawn_call(&bus, How::Late, 20 * SECOND);
    sleep(SECOND).await;
    cancelled.abort();
    assert!(cancelled.await.is_err());
    assert_eq!(other.await.expect("no caller panics"), "answered");
    sleep(SECOND).await;
    let finished: usize = both.iter().map(Answers::finished).sum();
    assert_eq!((begun(), finished), (7, 7));
    for running in [one, two] {
        running.stop().await.expect("it stops in order");
    }
}

async fn stopped_while_answering(stage: &Stage) {
    for (how, in_order, end, after) in [
        (How::Late, true, "answered", 6),
        (How::Hang, true, "failed", 10),
        (How::Hang, false, "TimedOut", 20),
    ] {
        let running = stage.start([Answers::default().agent()]).await;
        let bus = bus_over(stage.bus());
        let began = Instant::now();
        let caller = spawn_call(&bus, how, 20 * SECOND);
        sleep(SECOND).await;
        if in_order {
            running.stop().await.expect("it stops in order");
        } else {
            drop(running);
        }
        let told = caller.await.expect("no caller panics");
        assert_eq!((&*told, began.elapsed().as_secs()), (end, after));
    }
}

/// Of so many calls each ends in one of all ways, and a tenth is cancelled.
async fn nothing_leaks(stage: &Stage, counters: Counters) -> Counters {
    let answers = Answers::default();
    let running = stage.start([answers.clone().agent()]).await;
    let asker = Arc::new(Asker::new(Arc::clone(stage.bus()), "caller".into()));
    let mut tally = BTreeMap::new();
    mixed_calls(&asker, 0..1000, &mut tally).await;
    let (tasks, memory) = (alive_tasks(), resident_bytes());
    let late = asker.stats().late;
    tally.clear();
    mixed_calls(&asker, 0..CALLS, &mut tally).await;
    let grown = resident_bytes().saturating_sub(memory);
    let leaked_tasks = alive_tasks() - tasks;
    let (stats, calls) = (asker.stats(), usize::try_from(CALLS).expect("it is small"));
    assert_eq!((stats.pending, leaked_tasks, stats.overflowed), (0, 0, 0));
    assert!(grown <= 8 * 1024 * 1024, "{grown} bytes");
    assert_eq!(tally.values().sum::<usize>(), calls);
    assert_eq!(tally["cancelled"], calls / 10);
    // Of ten that were begun one hung, and one panicked; nobody else's handler was cancelled.
    let begun = answers.begun().len();
    assert_eq!(
        (begun, answers.finished()),
        (calls + 1000, (calls + 1000) / 10 * 8)
    );
    asker.close().await;
    running.stop().await.expect("it stops in order");
    let tally: Vec<_> = tally
        .iter()
        .map(|(end, count)| format!("{end} {count}"))
        .collect();
    counters
        .and("calls", CALLS)
        .and("of which", tally.join(", "))
        .and("late answers dropped", stats.late - late)
        .and("leaked questions", stats.pending)
        .and("leaked tasks", leaked_tasks)
        .and("RSS grown by KiB", grown / 1024)
}

async fn mixed_calls(
    asker: &Arc<Asker>,
    numbers: std::ops::Range<u64>,
    tally: &mut BTreeMap<&'static str, usize>,
) {
    let numbers: Vec<_> = numbers.collect();
    for numbers in numbers.chunks(50) {
        let callers: Vec<_> = numbers
            .iter()
            .map(|number| (number % 20, spawn_raw_call(asker, *number)))
            .collect();
        sleep(SECOND).await;
        for (_, caller) in callers.iter().filter(|(kind, _)| *kind < 2) {
            caller.abort();
        }
        for (_, caller) in callers {
            let end = caller.await.unwrap_or("cancelled");
            *tally.entry(end).or_default() += 1;
        }
        sleep(12 * SECOND).await;
    }
}

fn spawn_raw_call(asker: &Arc<Asker>, number: u64) -> JoinHandle<&'static str> {
    let how = match number % 10 {
        0 => "hang",
        1 => "late",
        2 => "refuse",
        3 => "fail",
        4 => "panic",
        _ => "answer",
    };
    let body = format!(r#"{{"number": {number}, "how": "{how}"}}"#);
    let asker = Arc::clone(asker);
    tokio::spawn(async move {
        let calling = asker.call(WORK.into(), Message::new(body), 5 * SECOND);
        match calling.await {
            Ok(reply) if reply.answer == Answer::Declared => "declared error",
            Ok(_) => "answered",
            Err(Unanswered::Failed(_)) => "failed",
            Err(Unanswered::TimedOut) => "timed out",
            Err(other) => panic!("{other:?}"),
        }
    })
}

fn alive_tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// What the process holds of real memory; nothing where the system does not say.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse::<u64>().ok());
    pages.unwrap_or_default() * 4096
}

async fn handled_once(stage: &Stage, counters: Counters) -> Counters {
    let replicas = [Answers::default(), Answers::default(), Answers::default()];
    let mut running = Vec::new();
    for replica in &replicas {
        running.push(stage.start([replica.clone().agent()]).await);
    }
    let bus = bus_over(stage.bus());
    let mut callers = JoinSet::new();
    for first in 0..100 {
        let bus = bus.clone();
        callers.spawn(async move {
            for number in (first..CALLS).step_by(100) {
                let answer = bus.call_work(Work::new(number, How::Answer)).await;
                let answer = answer.expect("it is answered");
                assert_eq!(answer.expect("it is not refused"), number);
            }
        });
    }
    callers.join_all().await;
    let shares: Vec<_> = replicas.iter().map(|it| it.begun().len()).collect();
    assert!(shares.iter().all(|it| *it > 1000), "{shares:?}");
    let mut handled: Vec<_> = replicas.iter().flat_map(Answers::begun).collect();
    handled.sort_unstable();
    assert!(handled.into_iter().eq(0..CALLS));
    for running in running {
        running.stop().await.expect("it stops in order");
    }
    counters.and("of three replicas each handled", format!("{shares:?}"))
}
