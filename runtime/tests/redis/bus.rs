//! The bus, by its trait alone and under those who ask and answer.

use std::io::{Read, Write};

use microagent::backend::redis::RedisBus;
use microagent::bus::{
    Answer, Audience, BusBackend, Form, Interest, Publication, Reach, Received, ReplyTo,
    Subscription,
};
use microagent::testing::rpc::{Asker, Handle, ListenPolicy, Listening, attach};
use microagent::{Failure, Outcome};
use microagent_contract::RawAnswer;
use tokio::time::{Instant, sleep, timeout};

use super::outages::Server;
use super::*;

async fn bus(prefix: &str) -> RedisBus {
    let options = RedisOptions {
        prefix: prefix.into(),
        ..RedisOptions::default()
    };
    let dsn = dsn();
    timeout(SOON, RedisBus::connect(&dsn, options))
        .await
        .unwrap_or_else(|_| panic!("no redis at {dsn}: start one, or set MICROAGENT_TEST_REDIS"))
        .unwrap()
}

async fn publish(bus: &RedisBus, to: Audience, body: &str) -> Result<Reach, Error> {
    let mut batch = [Publication {
        to,
        sender: "tests".into(),
        message: Message::new(body.to_owned()).into(),
        result: None,
    }];
    bus.publish(&mut batch).await;
    let [Publication { result, .. }] = batch;
    result.unwrap()
}

fn everyone(subject: &str) -> Audience {
    Audience::Everyone {
        subject: subject.into(),
        reply_to: None,
    }
}

fn signals(subjects: &[&str]) -> Interest {
    Interest::Signals(subjects.iter().map(|it| Arc::from(*it)).collect())
}

async fn hear(subscription: &dyn Subscription, count: usize) -> Vec<Received> {
    let mut heard = Vec::new();
    while heard.len() < count {
        let next = subscription.next(count - heard.len(), &mut heard);
        timeout(SOON, next).await.unwrap().unwrap();
    }
    heard
}

fn texts(heard: &[Received]) -> Vec<&str> {
    heard
        .iter()
        .map(|it| std::str::from_utf8(&it.message.body).unwrap())
        .collect()
}

#[tokio::test]
async fn signals_reach_all_who_listen_in_order() {
    if skipped() {
        return;
    }
    let bus = bus(&fresh_prefix()).await;
    assert_eq!(
        publish(&bus, everyone("a"), "0").await.unwrap(),
        Reach::Nobody
    );
    let one = bus.subscribe(signals(&["a", "a.b"]), 9).await.unwrap();
    let other = bus.subscribe(signals(&["a"]), 2).await.unwrap();
    for (subject, body) in [("a", "1"), ("a.b", "2"), ("a", "3"), ("b", "4"), ("a", "5")] {
        publish(&bus, everyone(subject), body).await.unwrap();
    }
    let heard = hear(&*one, 4).await;
    assert_eq!(texts(&heard), ["1", "2", "3", "5"]);
    assert!(heard.iter().all(|it| &*it.sender == "tests"));
    assert!(matches!(&heard[1].form, Form::Signal { subject, .. } if &**subject == "a.b"));
    assert_eq!(texts(&hear(&*other, 2).await), ["1", "3"]);
    while other.lost().overflowed == 0 {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(other.lost().overflowed, 1);
    bus.close().await.unwrap();
    let ended = one.next(1, &mut Vec::new()).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Closed);
    let refused = publish(&bus, everyone("a"), "6").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Closed);
}

type Said = Outcome<Option<RawAnswer>>;
type Say = fn() -> Said;

async fn listen(
    bus: &Arc<dyn BusBackend>,
    interest: Interest,
    receiver: &str,
    say: impl Fn() -> Said + Send + Sync + 'static,
) -> Listening {
    let say = Arc::new(say);
    let handle: Handle = Arc::new(move |_| {
        let said = say();
        Box::pin(async move { said })
    });
    attach(
        bus,
        interest,
        receiver.into(),
        (ListenPolicy::default(), handle),
    )
    .await
    .unwrap()
    .start()
}

#[tokio::test]
async fn each_kind_of_answer_comes_to_whoever_asked() {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    let here: Arc<dyn BusBackend> = Arc::new(bus(&prefix).await);
    let there: Arc<dyn BusBackend> = Arc::new(bus(&prefix).await);
    let subject = || signals(&["who"]);
    let says: [(&str, Say); 5] = [
        ("a", || Ok(Some(RawAnswer::Reply("{\"n\":1}".into())))),
        ("b", || Ok(Some(RawAnswer::Thrown("\"no\"".into())))),
        ("c", || Err(Failure::new("broken"))),
        ("d", || Ok(None)),
        ("e", || Ok(Some(RawAnswer::Reply("null".into())))),
    ];
    let mut listening = Vec::new();
    for (name, say) in says {
        listening.push(listen(&there, subject(), name, say).await);
    }
    let asker = Asker::new(Arc::clone(&here), "asker".into());
    let within = Duration::from_secs(3);
    let mut replies = asker
        .ask("who".into(), Message::new("{}"), within)
        .await
        .unwrap();
    let mut answers = Vec::new();
    while answers.len() < 5
        && let Some(reply) = replies.next().await
    {
        let body = String::from_utf8(reply.message.body.to_vec()).unwrap();
        answers.push((reply.receiver.to_string(), reply.answer, body));
    }
    answers.sort_by(|one, other| one.0.cmp(&other.0));
    let answers: Vec<_> = answers.iter().map(|it| (&*it.0, it.1, &*it.2)).collect();
    let expected = [
        ("a", Answer::Reply, "{\"n\":1}"),
        ("b", Answer::Declared, "\"no\""),
        ("c", Answer::Failed, ""),
        ("d", Answer::Nothing, ""),
        ("e", Answer::Reply, "null"),
    ];
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn a_call_reaches_one_replica_and_nobody_is_told_at_once() {
    if skipped() {
        return;
    }
    let bus = bus(&fresh_prefix()).await;
    let reply_to = ReplyTo {
        inbox: "0123456789abcdef0123456789abcdef".into(),
        number: Some(7),
    };
    let call = |within| Audience::One {
        subject: "price".into(),
        reply_to: reply_to.clone(),
        within,
    };
    let reached = publish(&bus, call(SOON), "0").await.unwrap();
    assert_eq!(reached, Reach::Nobody);
    let interest = || Interest::Calls(vec!["price".into(), "other".into()]);
    let one = bus.subscribe(interest(), 2).await.unwrap();
    let other = bus.subscribe(interest(), 1).await.unwrap();
    for body in ["1", "2"] {
        publish(&bus, call(SOON), body).await.unwrap();
    }
    publish(&bus, call(Duration::from_millis(1)), "late")
        .await
        .unwrap();
    let full = publish(&bus, call(SOON), "4").await.unwrap_err();
    assert_eq!(full.kind(), ErrorKind::Full);
    sleep(Duration::from_millis(50)).await;
    let first = hear(&*one, 1).await;
    let second = hear(&*other, 1).await;
    assert_eq!([texts(&first)[0], texts(&second)[0]], ["1", "2"]);
    let Form::Call {
        reply_to: back,
        deadline,
        ..
    } = &first[0].form
    else {
        panic!("{first:?}")
    };
    assert_eq!(*back, reply_to);
    assert!(*deadline > Instant::now() && *deadline <= Instant::now() + SOON);
    other.stop();
    other.stop();
    let ended = other.next(1, &mut Vec::new()).await.unwrap_err();
    assert_eq!(ended.kind(), ErrorKind::Closed);
    let mut nothing = Vec::new();
    let waited = timeout(Duration::from_secs(2), one.next(9, &mut nothing)).await;
    assert!(waited.is_err(), "{nothing:?}");
    assert_eq!(one.lost().late + other.lost().late, 1);
}

/// What comes through a pattern of channels in the plainest words of the protocol, until all of this has come.
fn overhear(pattern: &str, parts: &[&str]) -> String {
    let client = ::redis::Client::open(dsn().expose()).unwrap();
    let place = client.get_connection_info().addr().to_string();
    let mut stream = std::net::TcpStream::connect(place).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
        .write_all(format!("PSUBSCRIBE {pattern}\r\n").as_bytes())
        .unwrap();
    let (mut heard, mut bytes) = (String::new(), [0; 1024]);
    while !parts.iter().all(|it| heard.contains(*it)) {
        let count = stream.read(&mut bytes).unwrap_or_default();
        assert!(count > 0, "{parts:?} in {heard}");
        heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    heard
}

#[tokio::test]
async fn a_dsn_names_the_channels() {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    for (option, channels) in [("", "PUBSUB"), ("&channels=MY%5BAPP%5D", "MY[APP]")] {
        let dsn = Dsn::parse(&format!("{}?prefix={prefix}{option}", dsn().expose())).unwrap();
        let options = RedisOptions::from_dsn(&dsn).unwrap();
        assert_eq!(&*options.channels, channels);
        let bus = RedisBus::connect(&dsn, options).await.unwrap();
        let subscription = bus.subscribe(signals(&["a"]), 9).await.unwrap();
        let channel = format!("{prefix}{channels}:a:tests");
        let pattern = channel.replace('[', "\\[").replace(']', "\\]");
        let tap = std::thread::spawn({
            let parts = [channel.clone(), "\"only here\"".to_owned()];
            move || overhear(&pattern, &[&parts[0], &parts[1]])
        });
        while !tap.is_finished() {
            publish(&bus, everyone("a"), "\"only here\"").await.unwrap();
            sleep(Duration::from_millis(10)).await;
        }
        tap.join().unwrap();
        let heard = hear(&*subscription, 1).await;
        assert_eq!(texts(&heard)[0], "\"only here\"");
    }
}

#[tokio::test]
async fn a_peer_in_python_asks_and_is_answered_in_its_own_words() {
    if skipped() {
        return;
    }
    let prefix = fresh_prefix();
    let bus: Arc<dyn BusBackend> = Arc::new(bus(&prefix).await);
    let says: [(&str, Say); 3] = [
        ("Shop.one", || Ok(Some(RawAnswer::Reply("1".into())))),
        ("Shop.declared", || Ok(Some(RawAnswer::Thrown("2".into())))),
        ("Shop.broken", || Err(Failure::new("broken"))),
    ];
    let mut listening = Vec::new();
    for (name, say) in says {
        listening.push(listen(&bus, signals(&["who"]), name, say).await);
    }
    let request = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    let expected = [
        r#"{"Shop.one":1}"#,
        r#"{"Shop.declared":null}"#,
        r#"{"Shop.broken":null}"#,
    ];
    let pattern = format!("{prefix}PUBSUB:response:*#{request}");
    let peer = tokio::task::spawn_blocking(move || overhear(&pattern, &expected));
    let client = ::redis::Client::open(dsn().expose()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    while !peer.is_finished() {
        let mut publish = ::redis::cmd("PUBLISH");
        publish
            .arg(format!("{prefix}PUBSUB:who:peer#{request}"))
            .arg("{}");
        let _: i64 = publish.query_async(&mut connection).await.unwrap();
        sleep(Duration::from_millis(100)).await;
    }
    peer.await.unwrap();
}

#[tokio::test]
async fn subscriptions_come_back_after_a_server_that_was_killed() {
    if skipped() {
        return;
    }
    let mut server = Server::start();
    let dsn = server.dsn();
    let connecting = RedisBus::connect(&dsn, RedisOptions::default());
    let bus = timeout(SOON, connecting).await.unwrap().unwrap();
    let subscription = bus.subscribe(signals(&["a"]), 9).await.unwrap();
    server.kill();
    while subscription.is_attached() {
        sleep(Duration::from_millis(10)).await;
    }
    server.start_again();
    let began = Instant::now();
    while !subscription.is_attached() {
        assert!(began.elapsed() < 3 * SOON);
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(subscription.lost().gaps, 1);
    while publish(&bus, everyone("a"), "1").await.is_err() {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(texts(&hear(&*subscription, 1).await), ["1"]);
}
