//! Queues and exchanges through agents: the way of the newcomer's test, and what becomes of failures.

use std::sync::Arc;
use std::time::Duration;

use microagent::__private as __rt;
use microagent::backend::memory::Memory;
use microagent::broker::{BrokerBackend, Reason};
use microagent::message::{Address, BoxFuture, Message, Outgoing};
use microagent::testing::World;
use microagent::{Agent, Failure, Options, Outcome, Recorder, SendErrorKind};

use crate::accounts::{AccountsSenders, Mail, MailerSender, Push, PushKey, UserCreated, queues};
use crate::mail_service::MailAgent;
use crate::mails::Mails;

const SECOND: Duration = Duration::from_secs(1);

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_user_gets_a_mail() -> microagent::Result<()> {
    let mails = Mails::default();
    let log = mails.log.clone();
    let world = World::start([mails.agent()]).await?;
    let user = UserCreated {
        user_id: 7,
        email: "ada@example.org".into(),
    };
    world.broker().publish_users(user).await?;
    world.settle().await;
    assert_eq!(world.sent::<queues::Mailer>()[0].subject, "Welcome");
    assert!(log.take().contains(&"sent Welcome".to_owned()));
    world.stop().await
}

#[tokio::test(start_paused = true)]
async fn failures_are_tried_again_or_given_up() {
    let cases: &[(&str, u64, usize, Option<&str>)] = &[
        ("good", 0, 1, None),
        ("twice", 2, 2, None),
        ("later", 601, 2, None),
        ("never", 30, 4, Some("exhausted")),
        ("panic", 30, 4, Some("exhausted")),
        ("reject", 0, 1, Some("rejected")),
    ];
    for (subject, wait, attempts, dead) in cases {
        let mails = Mails::default();
        let log = mails.log.clone();
        let world = World::start([mails.agent()]).await.unwrap();
        world.broker().send_mailer(mail(subject)).await.unwrap();
        world.settle().await;
        world.advance(Duration::from_secs(*wait)).await;
        let log = log.take();
        let tried = log.iter().filter(|it| it.starts_with("mail ")).count();
        assert_eq!(tried, *attempts, "{subject}: {log:?}");
        let letters = world.dead_letters::<queues::Mailer>().await;
        let reason = letters.first().map(|it| it.cause.reason.as_str());
        assert_eq!(reason, *dead, "{subject}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_routed_message_comes_in_a_batch() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let world = World::start([mails.agent()]).await.unwrap();
    for (platform, text) in [("android", "a"), ("ios", "b"), ("android", "c")] {
        let key = PushKey {
            kind: "news".into(),
            platform: platform.into(),
        };
        let sent = world
            .broker()
            .publish_push(key, Push { text: text.into() })
            .await;
        match platform {
            "ios" => assert_eq!(sent.unwrap_err().kind(), SendErrorKind::Unroutable),
            _ => sent.unwrap(),
        }
    }
    world.settle().await;
    assert!(log.take().contains(&"batch a c".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn outcomes_that_are_too_few_acknowledge_nothing() {
    const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
    let hasty = Agent::new(META, (), |lines: &mut __rt::Lines<()>| {
        let line = __rt::ConsumeLine::new("consume_android").retries(0);
        let line = line.batch(10, Duration::from_millis(100));
        lines.consume_batch::<queues::Android, _>(line, |_, _, _| async { vec![Ok(())] });
    });
    let world = World::start([hasty]).await.unwrap();
    for text in ["a", "b"] {
        let key = PushKey {
            kind: "news".into(),
            platform: "android".into(),
        };
        let message = Push { text: text.into() };
        world.broker().publish_push(key, message).await.unwrap();
    }
    world.settle().await;
    let letters = world.dead_letters::<queues::Android>().await;
    assert_eq!(letters.len(), 2);
    let detail = &letters[0].cause.detail;
    assert_eq!(&**detail, "1 outcomes were returned for a batch of 2");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decoded_is_given_up_at_once_whatever_becomes_of_its_batch() {
    const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
    type Handler = fn() -> BoxFuture<'static, Vec<Outcome>>;
    let cases: [(&str, Handler); 5] = [
        ("", || {
            Box::pin(async { vec![Ok(()), Err(Failure::reject("b"))] })
        }),
        ("panicked", || Box::pin(async { panic!("all") })),
        ("panicked", || panic!("early")),
        ("took longer", || Box::pin(std::future::pending())),
        ("1 outcomes", || Box::pin(async { vec![Ok(())] })),
    ];
    for (why, handler) in cases {
        let lines = |lines: &mut __rt::Lines<Handler>| {
            let line = __rt::ConsumeLine::new("consume_android").batch(10, SECOND);
            let line = line.timeout(SECOND);
            lines.consume_batch::<queues::Android, _>(line, |handler, _, _| handler());
        };
        let memory = Memory::new();
        let app = microagent::app([Agent::new(META, handler, lines)]);
        let app = app.bus_backend(Arc::new(memory.clone()));
        let app = app.broker_backend(Arc::new(memory.clone()));
        let running = app.start().await.unwrap();
        let queue = Address::Queue("accounts.android".into());
        for body in ["", "{\"text\":\"a\"}", "[]", "{\"text\":\"b\"}", ""] {
            let mut outgoing = Outgoing::new(queue.clone(), Message::new(body));
            memory.send(std::slice::from_mut(&mut outgoing)).await;
            outgoing.result.unwrap().unwrap();
        }
        tokio::time::sleep(Duration::from_millis(2500)).await;
        let letters = memory.inspect().unwrap();
        let letters = letters.dead_letters("accounts.android", 10).await.unwrap();
        let mut letters: Vec<_> = letters
            .iter()
            .map(|it| (it.cause.reason, str::from_utf8(&it.message.body).unwrap()))
            .collect();
        letters.sort_unstable_by_key(|it| (it.0.as_str(), it.1));
        let mut expected = vec![
            (Reason::Undecodable, ""),
            (Reason::Undecodable, ""),
            (Reason::Undecodable, "[]"),
        ];
        if why.is_empty() {
            expected.insert(0, (Reason::Rejected, "{\"text\":\"b\"}"));
        }
        assert_eq!(letters, expected, "{why}");
        running.stop().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn options_hold_or_are_refused() {
    let world = World::start([]).await.unwrap();
    let refused = |options: Options| async {
        let sent = world.broker().with(options).send_mailer(mail("x")).await;
        sent.unwrap_err().kind()
    };
    assert_eq!(
        refused(Options::new().priority(10)).await,
        SendErrorKind::Invalid
    );
    assert_eq!(
        refused(Options::new().header("not a name", "x")).await,
        SendErrorKind::Invalid
    );
    let options = Options::new().priority(9).header("tenant", "acme");
    let broker = world.broker().with(options);
    broker.send_mailer(mail("x")).await.unwrap();
    assert_eq!(world.sent::<queues::Mailer>(), [mail("x")]);
}

async fn greet(cx: &impl MailerSender) -> Outcome {
    cx.send_mailer(mail("Hello")).await?;
    Ok(())
}

#[tokio::test]
async fn a_helper_runs_with_a_recorder() {
    let recorder = Recorder::new();
    greet(&recorder).await.unwrap();
    assert_eq!(recorder.sent::<queues::Mailer>(), [mail("Hello")]);
    let outgoing = &recorder.outgoing::<queues::Mailer>()[0];
    assert_eq!(
        outgoing.partition_key.as_deref(),
        Some(&b"ada@example.org"[..])
    );

    recorder.fail_sends::<queues::Mailer>(1, SendErrorKind::Full);
    let failure = greet(&recorder).await.unwrap_err();
    assert_eq!(failure.to_string(), "`accounts.mailer` is full");
}
