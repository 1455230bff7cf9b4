//! Row 12: whatever a peer says on a subject, who listens goes on listening; and nobody answers in the name of others.

mod corpus;
mod forgers;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use microagent::bus::{Audience, BusBackend, Publication, Reach};
use microagent::message::Message;
use microagent::{Bus, Outcome, SendError, SendErrorKind, bus_over};
use scorecard::rpc::{
    Answering, How, Listening, News, RollCall, ScorecardRpcSenders, Work, listening,
};
use scorecard::support::{Answers, Counters, Stage, Wire, row_on_buses};
use tokio::time::sleep;

use self::corpus::{hostile_audiences, hostile_bodies};

const NEWS: &str = "scorecard.rpc.news";
const WORK: &str = "scorecard.rpc.work";
const ROLL_CALL: &str = "scorecard.rpc.roll_call";
const SECOND: Duration = Duration::from_secs(1);
const FLOOD: usize = 100_000;

/// Numbers of good messages begin here: some that a peer makes up can be read as well.
const GOOD: u64 = 1_000_000;

/// Notes the numbers of good news.
#[derive(Clone, Default)]
struct Listens(Arc<Mutex<BTreeSet<u64>>>);

impl Listens {
    fn heard(&self) -> BTreeSet<u64> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }
}

impl Listening for Listens {
    async fn on_news(&self, _cx: &listening::Context, news: News) -> Outcome {
        if news.number >= GOOD {
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            heard.insert(news.number);
        }
        Ok(())
    }
}

#[test]
fn hostile_peers_end_nothing_and_answer_nothing() {
    row_on_buses(12, hostile_peers);
}

async fn hostile_peers(stage: Stage) -> Counters {
    let counters = hostile_messages(&stage, Counters::new()).await;
    forgers::forged_answers(&stage.another().await, counters).await
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
        rounds += 1;
        everyone_hears(stage, &listens, rounds).await;
    }
    let mut raw = 0;
    if let Some(mut wire) = stage.wire().await {
        raw = hostile_words(&mut wire).await;
        rounds += 1;
        everyone_hears(stage, &listens, rounds).await;
    }
    let flood = stage.of(FLOOD, FLOOD / 10);
    for _ in 0..flood {
        let (subject, reply_to) = (NEWS.into(), None);
        let everyone = Audience::Everyone { subject, reply_to };
        publish(&**stage.bus(), everyone, "flood", b"{".to_vec()).await;
    }
    // What it filled is to have room again.
    sleep(SECOND).await;
    rounds += 1;
    everyone_hears(stage, &listens, rounds).await;
    let good = answers.begun().into_iter().filter(|it| *it >= GOOD).count();
    assert_eq!(good as u64, 2 * rounds);
    running.stop().await.expect("it stops in order");
    counters
        .and("hostile messages", said)
        .and("refused by the bus", said - taken)
        .and("past the bus", raw)
        .and("good ones between them", 3 * rounds)
        .and("heard", listens.heard().len() + good)
        .and("flood", flood)
        .and("subscriptions ended", 0)
}

/// A signal, a question and a call that keep their contract.
async fn everyone_hears(stage: &Stage, listens: &Listens, round: u64) {
    let number = GOOD + round;
    let bus = bus_over(stage.bus());
    bus.emit_news(News::new(number))
        .await
        .expect("it is emitted");
    stage.until_so(|| listens.heard().contains(&number)).await;
    let answer = bus.ask_roll_call(RollCall::new(number, How::Answer)).await;
    assert_eq!(answer.expect("it is answered"), number);
    assert_eq!(call(&bus, number).await, number);
}

/// As often as it takes until there is room: hostile calls wait before it.
async fn call(bus: &Bus, number: u64) -> u64 {
    loop {
        let called = bus.call_work(Work::new(number, How::Answer)).await;
        let full = |it: &SendError| it.kind() == SendErrorKind::Full;
        match called {
            Err(error) if error.send_error().is_some_and(full) => sleep(SECOND / 100).await,
            answered => {
                return answered
                    .expect("it is answered")
                    .expect("it is not refused");
            }
        }
    }
}

/// Channels, bodies and calls that no bus of ours would write.
async fn hostile_words(wire: &mut Wire) -> usize {
    let channels: Vec<Vec<u8>> = [
        &b""[..],
        b":",
        b"::",
        b":#",
        b"#",
        b"scorecard.rpc.news",
        b"scorecard.rpc.news:",
        b"scorecard.rpc.news:#",
        b"scorecard.rpc.news:a:b:c#d#e#",
        b"scorecard.rpc.news:\xff\xfe\x00\r\n",
        b"scorecard.rpc.news:x#\xff",
        b"scorecard.rpc.roll_call:x#",
        b"scorecard.rpc.roll_call:x#-",
        b"scorecard.rpc.roll_call:x#*-0000000000000001",
        b"response:",
        b"response:#-",
        b"error:",
        b"error:no such kind.x#-",
    ]
    .map(<[u8]>::to_vec)
    .into();
    let bodies: Vec<Vec<u8>> = [
        &b""[..],
        b"\x00",
        b"\xff\xfe\xfd",
        b"\r\n*1\r\n$4\r\nQUIT\r\n",
        b"{\"number\": \xff}",
        b"0000000000000000",
        b"9999999999999999[\"a\",\"b\"]\n",
        b"9999999999999999[\"a\"]\n{}",
        b"99999999999999990",
        b"-000000000000001[\"a\",\"b\"]\n{}",
        b"nan             [\"a\",\"b\"]\n\xff",
    ]
    .map(<[u8]>::to_vec)
    .into();
    let huge = [b"[".repeat(1_000_000), vec![0xff; 4 * 1024 * 1024]];
    let mut said = 0;
    for body in bodies.iter().chain(&huge) {
        for channel in &channels {
            wire.publish(channel, body).await;
            said += 1;
        }
        wire.push_call(WORK, body).await;
        said += 1;
    }
    said
}
