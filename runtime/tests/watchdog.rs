//! A handler that blocks its thread is told of, once, by a thread that nothing can hold up. In real time, with real
//! threads: here a thread sleeps.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "a test crate with code as it is generated"
)]

#[path = "agents/accounts.rs"]
mod accounts;

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::__private as __rt;
use microagent::Agent;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use crate::accounts::{AccountsSenders, Mail, queues};

/// The errors that are logged.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

const META: &__rt::AgentMeta = &__rt::AgentMeta::new("test", "Sleeper", 0);

/// Two slots: a mail of the subject `block` keeps its thread, any other gives it back.
fn sleeper(handled: tokio::sync::mpsc::UnboundedSender<String>) -> Agent {
    Agent::new(META, handled, |lines: &mut __rt::Lines<_>| {
        let line = __rt::ConsumeLine::new("consume_mailer").concurrency(2);
        lines.consume::<queues::Mailer, _>(line, |handled, _, mail| async move {
            match mail.subject.as_str() {
                "block" => std::thread::sleep(Duration::from_millis(400)),
                _ => tokio::time::sleep(Duration::from_millis(400)).await,
            }
            handled.send(mail.subject)?;
            Ok(())
        });
    })
}

fn mail(subject: &str) -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: subject.into(),
    }
}

#[test]
fn a_handler_that_blocks_is_told_of_once() {
    let errors = Errors::default();
    tracing::subscriber::set_global_default(errors.clone()).unwrap();
    let reactor = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .unwrap();
    let blocked = reactor.block_on(async {
        let (sender, mut handled) = tokio::sync::mpsc::unbounded_channel();
        let running = microagent::app([sleeper(sender)])
            .bus("memory:watchdog")
            .broker("memory:watchdog")
            .blocked_after(Duration::from_millis(50))
            .start()
            .await
            .unwrap();
        for subject in ["wait", "block"] {
            running.broker().send_mailer(mail(subject)).await.unwrap();
        }
        for _ in 0..2 {
            handled.recv().await.unwrap();
        }
        let blocked = running.blocked();
        assert_eq!(running.info()["blocked"], blocked);
        running.stop().await.unwrap();
        blocked
    });
    assert_eq!(blocked, 1);
    let errors = errors.0.lock().unwrap();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("agent=test.Sleeper"), "{errors:?}");
    assert!(errors[0].contains("consume_mailer"), "{errors:?}");
    assert!(errors[0].contains("blocked="), "{errors:?}");
}

#[test]
fn the_watchdog_ends_with_its_run() {
    let reactor = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
        let names =
            tasks.filter_map(|it| std::fs::read_to_string(it.ok()?.path().join("comm")).ok());
        names.filter(|it| it.starts_with("microagent-watc")).count()
    };
    // The other test has its own.
    for _ in 0..3 {
        reactor.block_on(async {
            let (sender, _handled) = tokio::sync::mpsc::unbounded_channel();
            let app = microagent::app([sleeper(sender)]);
            let app = app.bus("memory:paused").broker("memory:paused");
            let running = app.start().await.unwrap();
            tokio::time::sleep(Duration::from_hours(1)).await;
            assert_eq!(running.blocked(), 0);
            running.stop().await.unwrap();
        });
    }
    assert!(threads() <= 1, "{}", threads());
}
