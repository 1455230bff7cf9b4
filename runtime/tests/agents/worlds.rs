//! What a test can do in a world beside sending: canned answers, faults, crashes, restarts, dead letters, and waits that
//! end.

use std::task::Poll;
use std::time::Duration;

use microagent::__private as __rt;
use microagent::testing::{Canned, World};
use microagent::{Agent, CallErrorKind, SendErrorKind};

use crate::accounts::{
    AccountsSenders, Charge, ChargeError, CommentsCount, Mail, Receipt, UserDeleted, calls, queues,
    signals,
};
use crate::mail_service::{MailAgent, mail_agent};
use crate::mails::Mails;

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

/// What a future panics with.
async fn panic_of(future: impl Future) -> String {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|cx| {
        let poll = || future.as_mut().poll(cx).map(|_| ());
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => panic!("it came to its end"),
            Err(panic) => Poll::Ready(*panic.downcast::<String>().unwrap()),
        }
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_world_answers_what_no_agent_does() {
    let world = World::builder([])
        .answer::<calls::Charge>(|charge| match charge.cents {
            0 => Err(ChargeError {
                reason: "nothing".into(),
            }),
            number => Ok(Receipt { number }),
        })
        .answer_in_turn::<signals::CommentsCount>([
            Canned::Answer(3),
            Canned::Failure,
            Canned::Silence,
            Canned::Answer(4),
        ])
        .start()
        .await
        .unwrap();
    let call = |cents| world.bus().call_charge(Charge { cents });
    assert_eq!(call(7).await.unwrap(), Ok(Receipt { number: 7 }));
    assert_eq!(call(0).await.unwrap().unwrap_err().reason, "nothing");
    assert_eq!(world.called::<calls::Charge>().len(), 2);

    let ask = || async {
        let asked = world
            .bus()
            .ask_comments_count(CommentsCount { user_id: 7 })
            .await;
        asked.map_err(|it| it.kind())
    };
    assert_eq!(ask().await, Ok(3));
    assert_eq!(ask().await, Err(CallErrorKind::Failed));
    assert_eq!(ask().await, Err(CallErrorKind::TimedOut));
    assert_eq!((ask().await, ask().await), (Ok(4), Ok(4)));
    world.settle().await;
    world.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_canned_answer_that_panics_is_a_failure() {
    let world = World::builder([])
        .answer::<calls::Charge>(|_| panic!("as asked"))
        .start()
        .await
        .unwrap();
    let error = world.bus().call_charge(Charge { cents: 1 }).await;
    assert_eq!(error.unwrap_err().kind(), CallErrorKind::Failed);
}

#[tokio::test(start_paused = true)]
async fn sends_fail_as_the_test_asks() {
    let world = World::start([Mails::default().agent()]).await.unwrap();
    for kind in [
        SendErrorKind::Full,
        SendErrorKind::Unavailable,
        SendErrorKind::TimedOut,
    ] {
        world.fail_sends::<queues::Mailer>(1, kind);
        let refused = world.broker().send_mailer(mail("x")).await;
        assert_eq!(refused.unwrap_err().kind(), kind);
        world.broker().send_mailer(mail("x")).await.unwrap();
    }
    world.fail_sends::<signals::Started>(1, SendErrorKind::Unavailable);
    let refused = world.bus().emit_started().await.unwrap_err();
    assert_eq!(refused.kind(), SendErrorKind::Unavailable);
    world.settle().await;
    assert_eq!(world.sent::<queues::Mailer>().len(), 3);
    assert_eq!(world.attempts::<queues::Mailer>(), 3);
    assert!(world.emitted::<signals::Started>().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lost_broker_delivers_again() {
    let mails = Mails {
        takes: Duration::from_secs(2),
        ..Mails::default()
    };
    let world = World::start([mails.agent()]).await.unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    world.advance(Duration::from_millis(10)).await;
    world.broker().send_mailer(mail("y")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.lose_broker(Duration::from_secs(5));
    let refused = world.broker().send_mailer(mail("z")).await.unwrap_err();
    assert_eq!(refused.kind(), SendErrorKind::Unavailable);
    world.settle().await;
    let tries: Vec<_> = world
        .delivered::<queues::Mailer>()
        .into_iter()
        .map(|it| (it.payload.subject, it.number))
        .collect();
    assert_eq!(tries, [("x".into(), 1), ("y".into(), 1), ("y".into(), 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_bus_is_deaf_for_a_time() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let world = World::start([mails.agent()]).await.unwrap();
    log.take();
    let delete = |user_id| world.bus().emit_user_deleted(UserDeleted { user_id });
    world.lose_bus(Duration::from_secs(5));
    delete(1).await.unwrap();
    world.advance(Duration::from_secs(10)).await;
    delete(2).await.unwrap();
    world.settle().await;
    let mut heard = log.take();
    heard.retain(|it| it.starts_with("UserDeleted"));
    assert_eq!(
        heard,
        ["UserDeleted(UserDeleted { user_id: 2 }) from microagent"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_the_next_start_handles() {
    let slow = Mails {
        takes: Duration::from_mins(1),
        ..Mails::default()
    };
    let log = slow.log.clone();
    let mut world = World::start([slow.agent()]).await.unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.crash().await;
    assert!(!log.take().contains(&"pre_stop".to_owned()));
    world.settle().await;

    let next = Mails::default();
    let log = next.log.clone();
    world.restart([next.agent()]).await.unwrap();
    world.settle().await;
    assert!(log.take().contains(&"sent x".to_owned()));
    let numbers: Vec<_> = world
        .delivered::<queues::Mailer>()
        .iter()
        .map(|it| it.number)
        .collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(world.runs(mail_agent::SEND_REPORT), 0);
    world.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_process_takes_over() {
    let (one, two) = (Mails::default(), Mails::default());
    let logs = [one.log.clone(), two.log.clone()];
    let mut world = World::start([one.agent()]).await.unwrap();
    let process = world.join([two.agent()]).await.unwrap();
    world.crash().await;
    world.broker().send_mailer(mail("x")).await.unwrap();
    world.settle().await;
    let sent = |log: &crate::mails::Log| log.take().contains(&"sent x".to_owned());
    assert_eq!((sent(&logs[0]), sent(&logs[1])), (false, true));
    process.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_read_and_go_back() {
    let world = World::start([Mails::default().agent()]).await.unwrap();
    assert_eq!(world.dead_letters::<queues::Android>().await.len(), 0);
    world.broker().send_mailer(mail("never")).await.unwrap();
    let found = world.until(|it| it.attempts::<queues::Mailer>() == 4);
    found.await;
    world.settle().await;
    let letters = world.dead_letters::<queues::Mailer>().await;
    assert_eq!(letters[0].payload.as_ref().unwrap(), &mail("never"));
    assert_eq!(letters[0].attempts, 4);
    assert_eq!(&*letters[0].cause.detail, "not today");
    assert_eq!(world.redrive::<queues::Mailer>().await.unwrap(), 1);
    world.advance(Duration::from_mins(1)).await;
    assert_eq!(world.attempts::<queues::Mailer>(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_assertion_says_what_was_sent_instead() {
    let world = World::start([]).await.unwrap();
    world.bus().emit_started().await.unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    assert_eq!(world.only_sent::<queues::Mailer>(), mail("x"));
    let said = panic_of(async { world.only_called::<calls::Charge>() }).await;
    assert_eq!(
        said,
        "one message was expected on `accounts.charge`, and 0 came; in all there was:\n  \
         1 on `accounts.mailer`: {\"to\":\"ada@example.org\",\"subject\":\"x\"}\n  \
         1 on `accounts.started`: {}"
    );
}

/// Sends a mail for each mail, for ever.
fn ping_pong() -> Agent {
    const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "PingPong", 0);
    Agent::new(META, (), |lines: &mut __rt::Lines<()>| {
        let line = __rt::ConsumeLine::new("consume_mailer");
        lines.consume::<queues::Mailer, _>(line, |_, cx, mail| async move {
            __rt::send::<queues::Mailer>(&cx, mail).await?;
            Ok(())
        });
    })
}

#[tokio::test(start_paused = true)]
async fn agents_that_never_rest_end_the_wait() {
    let world = World::builder([ping_pong()]).most_at_once(1_000);
    let world = world.start().await.unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    let said = panic_of(world.settle()).await;
    assert!(said.starts_with("it did not settle"), "{said}");
    assert!(said.contains("messages on `accounts.mailer`"), "{said}");
    let said = panic_of(world.advance(Duration::from_secs(1))).await;
    assert!(said.starts_with("time did not pass"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_what_does_not_come_ends() {
    let mails = Mails {
        takes: Duration::from_secs(50),
        ..Mails::default()
    };
    let world = World::builder([mails.agent()]);
    let world = world
        .patience(Duration::from_secs(5))
        .start()
        .await
        .unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    let begun = tokio::time::Instant::now();
    let said = panic_of(world.settle()).await;
    assert_eq!(begun.elapsed().as_secs(), 5);
    let expected = "it did not settle; at 2024-01-01 00:00:05";
    assert!(said.starts_with(expected), "{said}");
    let expected = "\n  1 handlers or runs go on\n  queue `accounts.mailer`: 1 in flight";
    assert!(said.contains(expected), "{said}");
    let said = panic_of(world.until(|it| it.sent::<queues::Mailer>().len() > 1)).await;
    let expected = "what was waited for did not come; at 2024-01-01 00:00:10";
    assert!(said.starts_with(expected), "{said}");
}
