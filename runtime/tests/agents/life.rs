//! The phases of an agent's life: their order, and what each failure comes to.

use std::time::Duration;

use microagent::__private as __rt;
use microagent::testing::World;
use microagent::{Agent, ErrorKind};

use crate::accounts::{AccountsSenders, Mail, signals};
use crate::mail_service::MailAgent;
use crate::mails::{Log, Mails};

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn phases_come_in_order() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let world = World::start([mails.agent()]).await.unwrap();
    world.broker().send_mailer(mail("x")).await.unwrap();
    world.settle().await;
    world.stop().await.unwrap();
    assert_eq!(
        log.take(),
        [
            "pre_start",
            "post_start",
            "serve",
            "mail x #1",
            "sent x",
            "served",
            "pre_stop"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_not_made_is_an_error_with_its_cause() {
    let error = World::start([Mails::agent_with(Mails::connect)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "no smtp");
}

#[tokio::test(start_paused = true)]
async fn what_one_agent_says_first_is_heard_by_one_that_starts_slowly() {
    const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
    let log = Log::default();
    let ear = log.clone();
    let slowly = || async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        std::io::Result::Ok(ear)
    };
    let hears = Agent::with(META, slowly, |lines: &mut __rt::Lines<Log>| {
        let line = __rt::ReceiveLine::new("on_started");
        lines.receive::<signals::Started, _>(line, |log, _, _| async move {
            log.add("heard");
            Ok(())
        });
    });
    let says = Agent::new(META, (), |lines: &mut __rt::Lines<()>| {
        lines.post_start(|_, cx| async move {
            __rt::emit::<signals::Started>(&cx, __rt::Empty).await?;
            Ok(())
        });
    });
    let world = World::start([says, hears]).await.unwrap();
    world.settle().await;
    assert_eq!(log.take(), ["heard"]);
}

#[tokio::test(start_paused = true)]
async fn when_one_agent_fails_the_others_stop_in_order() {
    let (good, bad) = (Mails::default(), Mails::failing("serve"));
    let log = good.log.clone();
    let world = World::start([good.agent(), bad.agent()]).await.unwrap();
    world.settle().await;
    world.stop().await.unwrap_err();
    assert_eq!(
        log.take(),
        ["pre_start", "post_start", "serve", "served", "pre_stop"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_handlers_finish_and_hands_back_the_rest() {
    let takes = Duration::from_secs(10);
    let mails = Mails {
        takes,
        ..Mails::default()
    };
    let log = mails.log.clone();
    let running = start(mails.agent()).await;
    for _ in 0..20 {
        running.broker().send_mailer(mail("x")).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = tokio::time::Instant::now();
    let report = running.stop().await.unwrap();
    assert!(begun.elapsed() < takes);
    assert!(report.is_clean(), "{report:?}");
    let [agent] = &report.agents[..] else {
        panic!("{report:?}");
    };
    assert_eq!(agent.agent, "mail_service.MailAgent");
    assert_eq!((agent.finished, agent.returned), (16, 4));
    let log = log.take();
    let count = |what| log.iter().filter(|it| *it == what).count();
    assert_eq!((count("mail x #1"), count("sent x")), (16, 16));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_what_does_not_finish() {
    let mails = Mails {
        takes: Duration::from_hours(1),
        ..Mails::default()
    };
    let log: Log = mails.log.clone();
    let running = start(mails.agent()).await;
    running.broker().send_mailer(mail("x")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = tokio::time::Instant::now();
    let report = running.stop().await.unwrap();
    assert!(!report.is_clean(), "{report:?}");
    let agent = &report.agents[0];
    assert_eq!((agent.finished, agent.unfinished), (0, 1));
    assert!(begun.elapsed() >= Duration::from_secs(25), "{begun:?}");
    assert!(begun.elapsed() < Duration::from_secs(27), "{begun:?}");
    assert_eq!(log.take().last().map(String::as_str), Some("pre_stop"));
}

#[tokio::test(start_paused = true)]
async fn a_server_is_cancelled_unless_it_asks_for_the_end() {
    for (server, seconds) in [("ignore", 0), ("hang", 25)] {
        let mails = Mails::failing(server);
        let log = mails.log.clone();
        let running = start(mails.agent()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = tokio::time::Instant::now();
        running.stop().await.unwrap();
        assert_eq!(begun.elapsed().as_secs(), seconds, "{server}");
        assert_eq!(log.take().last().map(String::as_str), Some("pre_stop"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_can_end_the_run() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let running = start(mails.agent()).await;
    running.broker().send_mailer(mail("stop")).await.unwrap();
    running.ended().await.unwrap();
    assert_eq!(log.take().last().map(String::as_str), Some("pre_stop"));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_future_ends_the_run() {
    let mails = Mails::default();
    let log = mails.log.clone();
    let begun = tokio::time::Instant::now();
    microagent::app([mails.agent()])
        .bus("memory:shutdown")
        .broker("memory:shutdown")
        .shutdown(tokio::time::sleep(Duration::from_secs(2)))
        .run()
        .await
        .unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(log.take().last().map(String::as_str), Some("pre_stop"));
}

async fn start(agent: Agent) -> microagent::Running {
    // Each on a memory of its own: tests run beside each other.
    let name = format!("memory:{:?}", std::thread::current().id());
    microagent::app([agent])
        .bus(&name)
        .broker(&name)
        .start()
        .await
        .unwrap()
}
