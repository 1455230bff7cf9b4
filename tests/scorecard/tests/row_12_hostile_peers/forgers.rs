//! Answers in the name of others: by guesses, by hand and by way of an honest receiver, and past the bus where there is a
//! server in between.

use std::collections::BTreeSet;
use std::sync::Arc;

use microagent::bus::{Answer, Audience, BusBackend, Form, Interest, ReplyTo};
use microagent::message::Message;
use microagent::testing::rpc::{Asker, Reply, Unanswered};
use scorecard::rpc::Answering;
use scorecard::support::{Answers, Counters, Stage, Wire};
use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;

use super::{ROLL_CALL, SECOND, publish};

/// Guesses of each kind that a forger makes, while so many questions wait.
const GUESSES: u64 = 100_000;
const QUESTIONS: usize = 500;

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

pub(super) async fn forged_answers(stage: &Stage, counters: Counters) -> Counters {
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
    let mut guesses = guess(stage, &questions[0].inbox, &questions).await;
    if let Some(mut wire) = stage.wire().await {
        guesses += guess_on_the_wire(stage, &mut wire, &questions[0].inbox).await;
    }
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
    for (guess, answer) in (0..stage.of(GUESSES, GUESSES / 100)).zip(kinds.iter().cycle()) {
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

/// Past the bus: in the words of the server, where an answer need not be one.
async fn guess_on_the_wire(stage: &Stage, wire: &mut Wire, inbox: &str) -> u64 {
    let bodies: [&[u8]; 6] = [
        br#"{"callee": 666}"#,
        br#"{"callee": null}"#,
        b"{}",
        b"[666]",
        b"",
        b"\xff\x00\r\n",
    ];
    let guesses = stage.of(GUESSES, GUESSES / 100);
    let mut said = 0;
    for (guess, body) in (0..guesses).zip(bodies.iter().cycle()) {
        let name = format!("{:032x}", u128::from(guess) << (guess % 96));
        for request in [
            format!("{name}-{guess:016x}"),
            format!("{inbox}-{:016x}", u64::MAX - guess),
            format!("{inbox}-{guess:x}"),
            format!("{inbox}-"),
            format!("{inbox}#{guess}-{inbox}"),
        ] {
            for sender in [
                "response:forger",
                "error:declared.forger",
                "error:",
                "response:",
            ] {
                let channel = format!("{sender}#{request}");
                wire.publish(channel.as_bytes(), body).await;
                said += 1;
            }
        }
    }
    said
}
