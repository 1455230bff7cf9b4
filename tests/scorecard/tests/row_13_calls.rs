//! Row 13: each end of a question is told apart by its type, nothing of it stays behind, and each call is handled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use microagent::bus::{Answer, Audience, Form, Interest, Publication};
use microagent::message::Message;
use microagent::testing::rpc::{Asker, Unanswered};
use microagent::{Bus, CallError, CallErrorKind, Options, bus_over};
use scorecard::rpc::{Answering, How, Refused, RollCall, ScorecardRpcSenders, Work};
use scorecard::support::{Answers, Counters, LATE, Stage, row_on_buses};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

const CALLS: usize = 10_000;
const WORK: &str = "scorecard.rpc.work";
const SECOND: Duration = Duration::from_secs(1);
/// What the contract gives a handler.
const TIMEOUT: Duration = Duration::from_secs(3);
/// How long those wait whom a late answer does not reach, and those whom even the end of a handler's time does.
const BRIEF: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(5);
/// Calls at once, and as many replicas as have a slot for each: those that hang are not to keep others waiting.
const AT_ONCE: usize = 500;
const REPLICAS: usize = 32;

#[test]
fn each_end_is_told_apart_and_leaves_nothing() {
    ignore_canaries();
    row_on_buses(13, calls);
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
    // Each at a place of its own, all at once: most of their time is waiting.
    let (answered, unheard, foreign, (), ()) = tokio::join!(
        one_receiver(&stage),
        async { no_receiver(&stage.another().await).await },
        async { foreign_receiver(&stage.another().await).await },
        async { two_receivers(&stage.another().await).await },
        stopped_while_answering(&stage),
    );
    let ends: BTreeSet<_> = answered
        .into_iter()
        .chain(unheard)
        .chain([foreign])
        .collect();
    assert_eq!(ends.len(), 8, "{ends:?}");
    let ends: Vec<_> = ends.into_iter().collect();
    let counters = Counters::new().and("ends", ends.join(", "));
    let counters = nothing_leaks(&stage.another().await, counters).await;
    handled_once(&stage.another().await, counters).await
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
            assert_eq!(error.receiver(), Some("Answering.answer_work"));
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

/// That a call came to this end at this time.
fn check_end(stage: &Stage, (end, after): (&str, Duration), (told, began): (&str, Instant)) {
    let took = began.elapsed();
    assert_eq!(told, end, "after {took:?}");
    let most = stage.at_most(after + SECOND / 10);
    assert!((after..=most).contains(&took), "{end} after {took:?}");
}

async fn one_receiver(stage: &Stage) -> BTreeSet<String> {
    let running = stage.start([Answers::default().agent()]).await;
    let bus = bus_over(stage.bus());
    let now = Duration::ZERO;
    let expected = [
        (How::Answer, BRIEF, "answered", now),
        (How::Refuse, BRIEF, "declared error", now),
        (How::Fail, BRIEF, "failed", now),
        (How::Panic, BRIEF, "failed", now),
        (How::Hang, BRIEF, "TimedOut", BRIEF),
        (How::Hang, LONG, "failed", TIMEOUT),
        (How::Late, BRIEF, "TimedOut", BRIEF),
        (How::Late, LONG, "answered", LATE),
    ];
    let began = Instant::now();
    let mut calling = JoinSet::new();
    for (how, within, end, after) in expected {
        let bus = bus.clone();
        calling.spawn(async move {
            let told = call(&bus, how, within).await;
            (told, (end, after))
        });
    }
    let mut ends = BTreeSet::new();
    while let Some(ended) = calling.join_next().await {
        let (told, expected) = ended.expect("no caller panics");
        check_end(stage, expected, (&told, began));
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
    let nobody = call(&bus, How::Answer, BRIEF).await;
    assert_eq!(nobody, "NobodyListens");
    running.stop().await.expect("it stops in order");
    let closed = call(&bus, How::Answer, BRIEF).await;
    assert_eq!(closed, "not sent: Closed");
    [nobody, closed]
}

/// Answers by hand, with what is no answer.
async fn foreign_receiver(stage: &Stage) -> String {
    let interest = Interest::Calls(vec![WORK.into()]);
    let subscription = stage.bus().subscribe(interest, 1).await;
    let subscription = subscription.expect("it can listen");
    let bus = bus_over(stage.bus());
    let caller = spawn_call(&bus, How::Answer, LONG);
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
    assert_eq!(call(&bus, How::Answer, LONG).await, "answered");
    assert_eq!(begun(), 1);
    let first = bus.ask_roll_call(RollCall::new(7, How::Answer)).await;
    assert_eq!(first.expect("one answers"), 7);
    // The other one hears the question too.
    stage.until_so(|| begun() >= 3).await;
    let mut all = bus.ask_all_roll_call(RollCall::new(8, How::Answer));
    let mut answers = Vec::new();
    while let Some(answer) = all.next().await {
        answers.push(answer.expect("both answer"));
    }
    assert_eq!((answers, begun()), (vec![8, 8], 5));

    let cancelled = spawn_call(&bus, How::Late, LONG);
    let other = spawn_call(&bus, How::Late, LONG);
    stage.until_so(|| begun() == 7).await;
    cancelled.abort();
    assert!(cancelled.await.is_err());
    assert_eq!(other.await.expect("no caller panics"), "answered");
    let finished = || both.iter().map(Answers::finished).sum::<usize>();
    stage.until_so(|| finished() == 7).await;
    assert_eq!(begun(), 7);
    for running in [one, two] {
        running.stop().await.expect("it stops in order");
    }
}

async fn stopped_while_answering(stage: &Stage) {
    tokio::join!(
        stopped(stage, (How::Late, true), ("answered", LATE)),
        stopped(stage, (How::Hang, true), ("failed", TIMEOUT)),
        stopped(stage, (How::Hang, false), ("TimedOut", LONG)),
    );
}

/// The receiver stops, in order or not, while it answers in this way.
async fn stopped(stage: &Stage, (how, in_order): (How, bool), expected: (&str, Duration)) {
    let stage = &stage.another().await;
    let answers = Answers::default();
    let running = stage.start([answers.clone().agent()]).await;
    let began = Instant::now();
    let caller = spawn_call(&bus_over(stage.bus()), how, LONG);
    stage.until_so(|| !answers.begun().is_empty()).await;
    if in_order {
        running.stop().await.expect("it stops in order");
    } else {
        drop(running);
    }
    let told = caller.await.expect("no caller panics");
    check_end(stage, expected, (&told, began));
}

/// Of so many calls each ends in one of all ways, and a tenth is cancelled.
async fn nothing_leaks(stage: &Stage, counters: Counters) -> Counters {
    let answers = Answers::default();
    let running = stage
        .start((0..REPLICAS).map(|_| answers.clone().agent()))
        .await;
    let asker = Arc::new(Asker::new(Arc::clone(stage.bus()), "caller".into()));
    mixed_calls(&asker, AT_ONCE).await;
    handlers_ended(stage, &answers, AT_ONCE).await;
    let (tasks, memory, late) = (alive_tasks(), resident_bytes(), asker.stats().late);
    let calls = stage.of(CALLS, CALLS / 10);
    let tally = mixed_calls(&asker, calls).await;
    handlers_ended(stage, &answers, calls + AT_ONCE).await;
    stage.until_so(|| alive_tasks() <= tasks).await;
    let grown = resident_bytes().saturating_sub(memory);
    let stats = asker.stats();
    assert_eq!((stats.pending, stats.overflowed), (0, 0));
    assert!(grown <= 8 * 1024 * 1024, "{grown} bytes");
    let tenths = [
        ("answered", 5),
        ("cancelled", 1),
        ("declared error", 1),
        ("failed", 2),
        ("timed out", 1),
    ];
    assert_eq!(
        tally,
        tenths
            .map(|(end, tenths)| (end, calls / 10 * tenths))
            .into()
    );
    asker.close().await;
    running.stop().await.expect("it stops in order");
    let tally: Vec<_> = tally
        .iter()
        .map(|(end, count)| format!("{end} {count}"))
        .collect();
    counters
        .and("calls", calls)
        .and("of which", tally.join(", "))
        .and("late answers dropped", stats.late - late)
        .and("leaked questions", stats.pending)
        .and("leaked tasks", 0)
        .and("RSS grown by KiB", grown / 1024)
}

/// Waits until each of these calls was handled, and what hangs given up: of ten one hung and one panicked; nobody else's
/// handler was cancelled with its caller.
async fn handlers_ended(stage: &Stage, answers: &Answers, calls: usize) {
    let finished = calls / 10 * 8;
    stage.until_so(|| answers.finished() >= finished).await;
    sleep(TIMEOUT).await;
    assert_eq!(
        (answers.begun().len(), answers.finished()),
        (calls, finished)
    );
}

async fn mixed_calls(asker: &Arc<Asker>, calls: usize) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    let numbers: Vec<_> = (0..calls).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let spawn = |number: &usize| (number % 20, spawn_raw_call(asker, *number));
        let callers: Vec<_> = numbers.iter().map(spawn).collect();
        sleep(BRIEF / 2).await;
        // One that hangs and one that is late.
        for (_, caller) in callers.iter().filter(|(kind, _)| *kind < 2) {
            caller.abort();
        }
        for (_, caller) in callers {
            let end = caller.await.unwrap_or("cancelled");
            *tally.entry(end).or_default() += 1;
        }
    }
    tally
}

fn spawn_raw_call(asker: &Arc<Asker>, number: usize) -> JoinHandle<&'static str> {
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
        let calling = asker.call(WORK.into(), Message::new(body), BRIEF);
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
    let calls = stage.of(CALLS, CALLS / 5);
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
            for number in (first..calls as u64).step_by(100) {
                let patient = bus.with(Options::new().deadline(LONG));
                let answer = patient.call_work(Work::new(number, How::Answer)).await;
                let answer = answer.expect("it is answered");
                assert_eq!(answer.expect("it is not refused"), number);
            }
        });
    }
    callers.join_all().await;
    let shares: Vec<_> = replicas.iter().map(|it| it.begun().len()).collect();
    assert!(shares.iter().all(|it| *it > calls / 10), "{shares:?}");
    let mut handled: Vec<_> = replicas.iter().flat_map(Answers::begun).collect();
    handled.sort_unstable();
    assert!(handled.into_iter().eq(0..calls as u64));
    for running in running {
        running.stop().await.expect("it stops in order");
    }
    counters.and("of three replicas each handled", format!("{shares:?}"))
}
