//! What can be seen of a run while it lives, and which parts of it are left out.

use std::sync::Arc;
use std::time::Duration;

use microagent::__private as __rt;
use microagent::backend::memory::Memory;
use microagent::{Agent, Part, Running};
use serde_json::{Value, json};

use crate::accounts::{AccountsSenders, Mail};
use crate::mail_service::MailAgent;
use crate::mails::{Log, Mails};

async fn start(mails: Mails, memory: &Memory, without: &[Part]) -> Running {
    let app = without
        .iter()
        .fold(microagent::app([mails.agent()]), |app, part| {
            app.without(*part)
        });
    // 2024-01-01T00:00Z.
    let new_year = std::time::UNIX_EPOCH + Duration::from_hours(473_352);
    app.bus_backend(Arc::new(memory.clone()))
        .broker_backend(Arc::new(memory.clone()))
        .clock(new_year)
        .start()
        .await
        .unwrap()
}

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn ready_is_true_while_all_is_attached_and_the_run_goes_on() {
    let memory = Memory::new();
    let mails = Mails {
        takes: Duration::from_secs(5),
        ..Mails::default()
    };
    let log = mails.log.clone();
    let running = start(mails, &memory, &[]).await;
    assert!(running.is_ready());

    memory.lose_connection(Duration::from_secs(20));
    assert!(!running.is_ready());
    tokio::time::sleep(Duration::from_secs(19)).await;
    assert!(!running.is_ready());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(running.is_ready());

    // The handler asks for the end, and finds that its agent is not ready any more.
    running.broker().send_mailer(mail("stop")).await.unwrap();
    running.ended().await.unwrap();
    assert!(log.take().contains(&"ready: false".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn ready_waits_for_every_agent_and_its_post_start() {
    const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Agent", 0);
    let log = Log::default();
    let slow = Agent::new(META, log.clone(), |lines: &mut __rt::Lines<Log>| {
        lines.post_start(|log, cx| async move {
            tokio::time::sleep(Duration::from_secs(40)).await;
            log.add(format!("post_start {}", cx.is_ready()));
            Ok(())
        });
    });
    let quick = Agent::new(META, log.clone(), |lines: &mut __rt::Lines<Log>| {
        lines.serve("serve_http", |log, cx| async move {
            log.add(format!("serve {}", cx.is_ready()));
            cx.stopping().await;
            log.add(format!("stopping {}", cx.is_ready()));
            Ok(())
        });
    });
    let app = microagent::app([slow, quick]);
    let running = app.bus("memory:").broker("memory:").start().await.unwrap();
    assert!(running.is_ready());
    running.stop().await.unwrap();
    assert_eq!(
        log.take(),
        ["serve false", "post_start false", "stopping false"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_switched_off_is_not_attached_and_seen_to_be() {
    for part in Part::ALL {
        let mails = Mails::default();
        let log = mails.log.clone();
        let running = start(mails, &Memory::new(), &[part]).await;
        assert!(running.is_ready(), "{part}");
        running.broker().send_mailer(mail("x")).await.unwrap();
        running.bus().emit_started().await.unwrap();
        tokio::time::sleep(Duration::from_secs(4)).await;
        let info = running.info();
        running.stop().await.unwrap();

        let log = log.take();
        for (other, said) in [
            (Part::Schedules, "refresh"),
            (Part::Receiving, "Started"),
            (Part::Consuming, "mail x"),
            (Part::Servers, "serve"),
        ] {
            let happened = log.iter().any(|it| it.starts_with(said));
            assert_eq!(happened, part != other, "{part}, {said}: {log:?}");
        }
        assert_eq!(info["without"], json!([part.as_str()]));
        let agent = &info["agents"][0];
        for line in items(&agent["lines"]).chain(items(&agent["schedules"])) {
            let kinds: &[&str] = match part {
                Part::Schedules => &["every", "cron"],
                Part::Receiving => &["receive", "answer"],
                Part::Consuming => &["consume"],
                _ => &["serve"],
            };
            let off = kinds.iter().any(|it| line["kind"] == *it);
            assert_eq!(line["off"] == true, off, "{part}: {line}");
            if let Some(attached) = line["attached"].as_bool() {
                assert_eq!(attached, !off, "{part}: {line}");
            }
        }
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().unwrap().iter()
}

#[tokio::test(start_paused = true)]
async fn info_shows_agents_lines_schedules_and_backends() {
    let memory = Memory::new();
    let running = start(Mails::default(), &memory, &[]).await;
    for subject in ["x", "reject", "twice"] {
        running.broker().send_mailer(mail(subject)).await.unwrap();
    }
    running.bus().emit_started().await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let info = running.info();
    let text = serde_json::to_string_pretty(&info).unwrap() + "\n";
    let version = format!("\"microagent\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let text = text.replace(&version, "\"microagent\": \"VERSION\"");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/info.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap());
    running.stop().await.unwrap();
}

#[test]
fn info_says_what_each_of_its_fields_is() {
    let source = include_str!("../../src/run/running.rs");
    let docs = source.lines().map(str::trim);
    let docs: String = docs.filter(|it| it.starts_with("///")).collect();
    let info: Value = serde_json::from_str(include_str!("info.json")).unwrap();
    let mut rest = vec![&info];
    while let Some(value) = rest.pop() {
        rest.extend(value.as_array().into_iter().flatten());
        for (field, value) in value.as_object().into_iter().flatten() {
            let told =
                docs.contains(&format!("\"{field}\":")) || docs.contains(&format!("`{field}`"));
            assert!(told, "{field}");
            rest.push(value);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dsn_is_shown_without_its_secrets() {
    let running = microagent::app([])
        .bus("memory:?token=canary")
        .broker("memory:ada:canary@coop")
        .start()
        .await
        .unwrap();
    let info = running.info();
    assert_eq!(info["bus"]["at"], "memory:***");
    assert_eq!(info["broker"]["at"], "memory:***");
    assert!(!info.to_string().contains("canary"));
    running.stop().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_says_what_its_stop_left() {
    let memory = Memory::new();
    let mails = Mails {
        takes: Duration::from_secs(5),
        ..Mails::failing("pre_stop")
    };
    let running = start(mails, &memory, &[]).await;
    running.broker().send_mailer(mail("x")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = running.stop().await.unwrap_err();
    assert!(error.message().contains("`pre_stop`"), "{error}");
    let left = error.left().unwrap();
    assert_eq!(left.to_string(), "mail_service.MailAgent: finished 1");
    assert!(left.is_clean());
}
