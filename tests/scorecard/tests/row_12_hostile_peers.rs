//! Row 12: whatever a peer says on a subject, who listens goes on listening; and nobody answers in the name of others.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use microagent::bus::{Answer, Audience, BusBackend, Form, Interest, Publication, Reach, ReplyTo};
use microagent::message::Message;
use microagent::testing::rpc::{Asker, Reply, Unanswered};
use microagent::{Outcome, bus_over};
use scorecard::rpc::{
    Answering, How, Listening, News, RollCall, ScorecardRpcSenders, Work, listening,
};
use scorecard::support::{Answers, Counters, Stage, row_in_process};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;

const NEWS: &str = "scorecard.rpc.news";
const WORK: &str = "scorecard.rpc.work";
const ROLL_CALL: &str = "scorecard.rpc.roll_call";
const SECOND: Duration = Duration::from_secs(1);
/// Guesses of each kind that a forger makes, while so many questions wait.
const GUESSES: u64 = 100_000;
const QUESTIONS: usize = 500;
const FLOOD: usize = 100_000;

/// Numbers of good messages begin here: some that a peer makes up can be read as well.
const GOOD: u64 = 1_000_000;

/// Counts the good news.
#[derive(Clone, Default)]
struct Listens(Arc<AtomicUsize>);

impl Listening for Listens {
    async fn on_news(&self, _cx: &listening::Context, news: News) -> Outcome {
        let good = usize::from(news.number >= GOOD);
        self.0.fetch_add(good, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn hostile_peers_end_nothing_and_answer_nothing() {
    row_in_process(12, hostile_peers);
}

async fn hostile_peers(stage: Stage) -> Counters {
    let counters = hostile_messages(&stage, Counters::new()).await;
    forged_answers(&stage, counters).await
}

/// Bodies that no contract allows.
fn hostile_bodies() -> Vec<Vec<u8>> {
    let texts = [
        "",
        " ",
        "null",
        "0",
        "[]",
        "{",
        "}",
        "nul",
        "\u{feff}{}",
        "{}",
        "{\"number\": 1",
        r#"{"number": "1"}"#,
        r#"{"number": -1}"#,
        r#"{"number": 1e999}"#,
        r#"{"number": 1.5}"#,
        r#"{"number": NaN}"#,
        r#"{"number": 18446744073709551616}"#,
        r#"{"number": null}"#,
        r#"{"number": 1, "number": 2}"#,
        r#"{"number": 1, "how": "shout"}"#,
        r#"{"number": [1], "how": "answer"}"#,
        r#"{"number": {"number": 1}}"#,
        "{\"number\": 1, \"text\": \"\u{0}\"",
        r#"{"number": 1, "text": "\ud800"}"#,
        r#"{"number": 1, "text": 7, "how": 7}"#,
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|it| it.as_bytes().to_vec()).collect();
    bodies.push(vec![0xff; 100]);
    bodies.push(b"{\"number\": \"\xc3\x28\"}".to_vec());
    for open in [
        "[",
        r#"{"a":"#,
        r#"{"number":"#,
        r#"{"number": 1, "text": ["#,
    ] {
        bodies.push(open.repeat(1_000_000 / open.len()).into_bytes());
    }
    let long = "x".repeat(1_000_000);
    bodies.push(format!(r#"{{"number": "{long}", "how": "{long}"}}"#).into_bytes());
    bodies.push(vec![b'x'; 16 * 1024 * 1024]);
    bodies
}

/// Ways to have a hostile body heard, with the names that it may bear.
fn hostile_audiences() -> Vec<(Audience, &'static str)> {
    let reply_to = |inbox: &str, number| ReplyTo {
        inbox: inbox.into(),
        number,
    };
    let mut audiences = Vec::new();
    let huge: &'static str = "x".repeat(4 * 1024 * 1024).leak();
    for (inbox, number, sender) in [
        ("", None, ""),
        ("", Some(0), "\u{0}\r\n"),
        ("no such inbox", Some(u64::MAX), "microagent"),
        ("../../*>\u{202e}", Some(1), "scorecard.rpc.Answering"),
        (huge, Some(1), "a huge inbox"),
        ("inbox", Some(1), huge),
    ] {
        for subject in [NEWS, ROLL_CALL] {
            for reply_to in [None, Some(reply_to(inbox, number))] {
                let subject = subject.into();
                audiences.push((Audience::Everyone { subject, reply_to }, sender));
            }
        }
        let (subject, reply_to) = (WORK.into(), reply_to(inbox, number));
        for within in [Duration::ZERO, SECOND, Duration::MAX] {
            let (subject, reply_to) = (Arc::clone(&subject), reply_to.clone());
            audiences.push((
                Audience::One {
                    subject,
                    reply_to,
                    within,
                },
                sender,
            ));
        }
    }
    audiences
}

/// Whether the bus took it.
async fn publish(bus: &dyn BusBackend, to: Audience, sender: &str, body: Vec<u8>) -> bool {
    let mut batch = [Publication {
        to,
        sender: sender.into(),
        message: Message::new(body).into(),
        result: None,
    }];
    bus.publish(&mut batch).await;
    let [publication] = batch;
    matches!(publication.result, Some(Ok(reach)) if reach != Reach::Nobody)
}

async fn hostile_messages(stage: &Stage, counters: Counters) -> Counters {
    let (listens, answers) = (Listens::default(), Answers::default());
    let running = stage
        .start([listens.clone().agent(), answers.clone().agent()])
        .await;
    let (mut said, mut taken, mut rounds) = (0, 0, 0);
    for (audience, sender) in hostile_audiences() {
        for body in hostile_bodies() {
            said += 1;
            taken += usize::from(publish(&**stage.bus(), audience.clone(), sender, body).await);
        }
        sleep(SECOND).await;
        rounds += 1;
        everyone_hears(stage, rounds).await;
    }
    assert_eq!(listens.0.load(Ordering::Relaxed), rounds);
    let good = answers.begun().into_iter().filter(|it| *it >= GOOD).count();
    assert_eq!(good, 2 * rounds);
    for _ in 0..FLOOD {
        let (subject, reply_to) = (NEWS.into(), None);
        let everyone = Audience::Everyone { subject, reply_to };
        publish(&**stage.bus(), everyone, "flood", b"{".to_vec()).await;
    }
    sleep(SECOND).await;
    everyone_hears(stage, rounds + 1).await;
    assert_eq!(listens.0.load(Ordering::Relaxed), rounds + 1);
    running.stop().await.expect("it stops in order");
    counters
        .and("hostile messages", said)
        .and("refused by the bus", said - taken)
        .and("good ones between them", 3 * rounds)
        .and("heard", 3 * rounds)
        .and("flood", FLOOD)
        .and("subscriptions ended", 0)
}

/// A signal, a question and a call that keep their contract.
async fn everyone_hears(stage: &Stage, round: usize) {
    let number = GOOD + round as u64;
    let bus = bus_over(stage.bus());
    bus.emit_news(News::new(number))
        .await
        .expect("it is emitted");
    let answer = bus.ask_roll_call(RollCall::new(number, How::Answer)).await;
    assert_eq!(answer.expect("it is answered"), number);
    let answer = bus.call_work(Work::new(number, How::Answer)).await;
    assert_eq!(answer.expect("it is answered"), Ok(number));
    sleep(SECOND).await;
}

fn ask(asker: &Arc<Asker>) -> JoinHandle<Result<Reply, Unanswered>> {
    let asker = Arc::clone(asker);
    tokio::spawn(async move {
        let question = Message::new(r#"{"number": 1, "how": "answer"}"#);
        asker.call("asked".into(), question, 3600 * SECOND).await
    })
}

/// Answers as whoever likes to could, by a guess.
async fn forge(bus: &dyn BusBackend, inbox: &str, number: Option<u64>, answer: Answer) {
    let reply_to = ReplyTo {
        inbox: inbox.into(),
        number,
    };
    publish(
        bus,
        Audience::Asker { reply_to, answer },
        "callee",
        b"666".to_vec(),
    )
    .await;
}

async fn forged_answers(stage: &Stage, counters: Counters) -> Counters {
    let bus = &**stage.bus();
    // Who answers listens by hand, and answers when the forger has had its time.
    let interest = Interest::Calls(vec!["asked".into()]);
    let callee = bus.subscribe(interest, QUESTIONS).await;
    let callee = callee.expect("it can listen");
    let asker = Arc::new(Asker::new(Arc::clone(stage.bus()), "asker".into()));
    let callers: Vec<_> = (0..QUESTIONS).map(|_| ask(&asker)).collect();
    let mut received = Vec::new();
    while received.len() < QUESTIONS {
        callee
            .next(QUESTIONS, &mut received)
            .await
            .expect("calls come");
    }
    let questions: Vec<ReplyTo> = received
        .into_iter()
        .map(|it| match it.form {
            Form::Call { reply_to, .. } => reply_to,
            other => panic!("{other:?}"),
        })
        .collect();
    let guesses = guess(stage, &questions[0].inbox, &questions).await;
    assert_eq!(asker.stats().pending, QUESTIONS);
    answer_all(bus, questions).await;
    let mut forged = 0;
    for caller in callers {
        let answered = caller.await.expect("no caller panics");
        let reply = answered.expect("it is answered");
        forged += usize::from(reply.message.body != "1");
    }
    assert_eq!((forged, asker.stats().pending), (0, 0));
    asker.close().await;
    counters
        .and("questions that waited", QUESTIONS)
        .and("forged answers", guesses)
        .and("accepted", forged)
}

/// Gives each question its true answer.
async fn answer_all(bus: &dyn BusBackend, questions: Vec<ReplyTo>) {
    for reply_to in questions {
        let answer = Answer::Reply;
        let to = Audience::Asker { reply_to, answer };
        assert!(publish(bus, to, "callee", b"1".to_vec()).await);
        yield_now().await;
    }
}

/// By names of inboxes, and by numbers where the name had leaked, by hand and by way of an honest receiver.
async fn guess(stage: &Stage, inbox: &str, asked: &[ReplyTo]) -> u64 {
    let bus = &**stage.bus();
    let numbers: Vec<_> = asked.iter().filter_map(|it| it.number).collect();
    let known: BTreeSet<_> = numbers.iter().copied().collect();
    let kinds = [
        Answer::Reply,
        Answer::Declared,
        Answer::Failed,
        Answer::Nothing,
    ];
    let mut guesses = 0;
    for (guess, answer) in (0..GUESSES).zip(kinds.iter().cycle()) {
        let name = format!("{:032x}", u128::from(guess) << (guess % 96));
        let near = format!("{}{:x}", &inbox[..31], guess % 16);
        let number = numbers[usize::try_from(guess).expect("it is small") % numbers.len()];
        for (inbox, number) in [
            (&*name, Some(number)),
            (&*near, Some(number)),
            (inbox, Some(guess)),
            (inbox, Some(number ^ (1 << (guess % 64)))),
            (inbox, Some(number.wrapping_add(guess + 1))),
            (inbox, None),
        ] {
            let is_right =
                inbox == &*asked[0].inbox && number.is_some_and(|it| known.contains(&it));
            if !is_right {
                forge(bus, inbox, number, *answer).await;
                guesses += 1;
            }
        }
        if guess % 500 == 0 {
            // As the inbox is read meanwhile.
            sleep(SECOND / 1000).await;
        }
    }
    guesses + reflect(stage, inbox, &numbers).await
}

/// Has an honest receiver answer to the inbox of another.
async fn reflect(stage: &Stage, inbox: &str, numbers: &[u64]) -> u64 {
    let running = stage.start([Answers::default().agent()]).await;
    for number in 0..1000 {
        let reply_to = Some(ReplyTo {
            inbox: inbox.into(),
            number: Some(numbers[0] ^ (number + 1)),
        });
        let subject = ROLL_CALL.into();
        let body = br#"{"number": 666, "how": "answer"}"#.to_vec();
        publish(
            &**stage.bus(),
            Audience::Everyone { subject, reply_to },
            "forger",
            body,
        )
        .await;
        yield_now().await;
    }
    sleep(SECOND).await;
    running.stop().await.expect("it stops in order");
    1000
}
