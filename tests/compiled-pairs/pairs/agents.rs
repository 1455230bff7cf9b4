//! Agents that talk: every kind of message, schedules, servers and hooks, in a world with a clock that tests move.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::agents::agents as generated;
use generated::{
    AgentsSenders, Charge, Count, Kind, Mail, MailerSender, Numbers, Platform, Refused,
    RefusedTooPoor, RoutedKey, Sender, SignedUp, Worker, sender, worker,
};
use renamed_runtime as microagent;
use renamed_runtime::testing::World;
use renamed_runtime::{Delivery, Failure, Outcome, Recorder, Tick};

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: impl Into<String>) -> Outcome {
        self.0
            .lock()
            .expect("no test panics while it logs")
            .push(line.into());
        Ok(())
    }

    /// The lines that begin with a word.
    fn of(&self, word: &str) -> Vec<String> {
        let lines = self.0.lock().expect("no test panics while it logs");
        lines
            .iter()
            .filter(|line| line.starts_with(word))
            .cloned()
            .collect()
    }
}

struct Sends(Log);

impl Sender for Sends {
    async fn pre_start(&self, _cx: &sender::Context) -> Outcome {
        self.0.add("hook pre_start")
    }

    async fn post_start(&self, _cx: &sender::Context) -> Outcome {
        self.0.add("hook post_start")
    }

    async fn pre_stop(&self, _cx: &sender::Context) -> Outcome {
        self.0.add("hook pre_stop")
    }

    async fn tick(&self, cx: &sender::Context, _tick: Tick) -> Outcome {
        cx.emit_started().await?;
        cx.emit_signed_up(SignedUp::new(7)).await?;
        let count = cx.ask_count(Count::new(7)).await?;
        self.0.add(format!("asked {count}"))?;
        let mut answers = cx.ask_all_count(Count::new(8));
        while let Some(answer) = answers.next().await {
            self.0.add(format!("asked all {}", answer?))?;
        }
        for cents in [5, 500] {
            let answer = cx.call_charge(Charge::new(cents)).await?;
            self.0.add(format!("called {answer:?}"))?;
        }
        greet(cx).await?;
        for n in 0..3 {
            cx.send_numbers(Numbers::new(n)).await?;
        }
        cx.publish_fanout(Mail::new("all", "fanout")).await?;
        let key = RoutedKey {
            kind: Kind::Alert,
            platform: Platform::Ios,
        };
        cx.publish_routed(key, Mail::new("some", "both")).await?;
        let key = RoutedKey {
            kind: Kind::Alert,
            platform: Platform::Android,
        };
        cx.publish_routed(key, Mail::new("some", "alert")).await?;
        Ok(())
    }

    async fn nightly(&self, cx: &sender::Context, _tick: Tick) -> Outcome {
        self.0.add(format!("nightly at {}", cx.now().to_rfc3339()))
    }

    async fn note(&self, _cx: &sender::Context, what: sender::Note) -> Outcome {
        match what {
            sender::Note::Started => self.0.add("noted started"),
            sender::Note::SignedUp(user) => self.0.add(format!("noted {}", user.user_id)),
        }
    }
}

/// Asks for exactly what it sends: a context, a handle and a recorder will do.
async fn greet(cx: &impl MailerSender) -> Outcome {
    cx.send_mailer(Mail::new("ada", "Welcome")).await?;
    Ok(())
}

struct Works(Log);

impl Worker for Works {
    async fn answer_count(&self, _cx: &worker::Context, asked: Count) -> Outcome<u64> {
        Ok(asked.user_id * 10)
    }

    async fn answer_charge(
        &self,
        _cx: &worker::Context,
        asked: Charge,
    ) -> Outcome<Result<u64, Refused>> {
        Ok(match asked.cents {
            0..100 => Ok(asked.cents),
            cents => Err(Refused::TooPoor(RefusedTooPoor::new(cents - 100))),
        })
    }

    async fn consume_mailer(&self, cx: &worker::Context, mail: Mail) -> Outcome {
        self.0.add(format!(
            "mail {} at attempt {}",
            mail.subject,
            cx.message().attempt()
        ))?;
        match mail.to.as_str() {
            "nobody" => Err(Failure::reject("there is nobody")),
            "broken" => Err(Failure::from("out of order")),
            _ => Ok(()),
        }
    }

    async fn consume_numbers(
        &self,
        _cx: &worker::Context,
        numbers: Vec<Delivery<Numbers>>,
    ) -> Vec<Outcome> {
        let texts: Vec<String> = numbers.iter().map(|it| it.payload.n.to_string()).collect();
        let logged = self.0.add(format!("numbers {}", texts.join(" ")));
        numbers
            .iter()
            .map(|_| {
                logged
                    .as_ref()
                    .map_or_else(|_| Err(Failure::from("log")), |()| Ok(()))
            })
            .collect()
    }

    async fn consume_left(&self, _cx: &worker::Context, mail: Mail) -> Outcome {
        self.0.add(format!("left {}", mail.subject))
    }

    async fn consume_right(&self, _cx: &worker::Context, mail: Mail) -> Outcome {
        self.0.add(format!("right {}", mail.subject))
    }

    async fn consume_alerts(&self, _cx: &worker::Context, mail: Mail) -> Outcome {
        self.0.add(format!("alerts {}", mail.subject))
    }

    async fn consume_ios(&self, _cx: &worker::Context, mail: Mail) -> Outcome {
        self.0.add(format!("ios {}", mail.subject))
    }

    async fn serve_door(&self, cx: &worker::Context) -> Outcome {
        self.0.add("door open")?;
        cx.stopping().await;
        self.0.add("door closed")
    }
}

async fn world(log: &Log) -> World {
    let agents = [Sends(log.clone()).agent(), Works(log.clone()).agent()];
    World::start(agents).await.expect("nothing is in its way")
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_message_arrives() {
    let log = Log::default();
    let world = world(&log).await;
    world.settle().await;
    assert_eq!(log.of("noted"), ["noted started", "noted 7"]);
    assert_eq!(log.of("asked"), ["asked 70", "asked all 80"]);
    assert_eq!(
        log.of("called"),
        [
            "called Ok(5)",
            "called Err(TooPoor(RefusedTooPoor { missing: 400 }))"
        ]
    );
    assert_eq!(log.of("mail"), ["mail Welcome at attempt 1"]);
    assert_eq!(log.of("numbers"), ["numbers 0 1 2"]);
    assert_eq!((log.of("left").len(), log.of("right").len()), (1, 1));
    assert_eq!(log.of("alerts"), ["alerts both", "alerts alert"]);
    assert_eq!(log.of("ios"), ["ios both"]);
    assert_eq!(
        world.sent::<generated::queues::Mailer>(),
        [Mail::new("ada", "Welcome")]
    );
    world.stop().await.expect("it stops");
    assert_eq!(
        log.of("hook"),
        ["hook pre_start", "hook post_start", "hook pre_stop"]
    );
    assert_eq!(log.of("door"), ["door open", "door closed"]);
}

#[tokio::test(start_paused = true)]
async fn schedules_run_when_they_are_due() {
    let log = Log::default();
    let world = world(&log).await;
    world.advance(Duration::from_secs(3 * 3600)).await;
    assert_eq!(
        world.runs(sender::TICK),
        4,
        "at the start and after each hour"
    );
    // The world begins at midnight in UTC: four o'clock in Berlin is in three hours.
    assert_eq!(world.runs(sender::NIGHTLY), 1);
    assert_eq!(log.of("nightly"), ["nightly at 2024-01-01T03:00:00+00:00"]);
    world.stop().await.expect("it stops");
}

#[tokio::test(start_paused = true)]
async fn failures_are_retried_and_end_in_the_dead_letters() {
    let log = Log::default();
    let world = world(&log).await;
    world
        .broker()
        .send_mailer(Mail::new("broken", "Retry"))
        .await
        .expect("it is sent");
    world
        .broker()
        .send_mailer(Mail::new("nobody", "Reject"))
        .await
        .expect("it is sent");
    world.advance(Duration::from_secs(60)).await;
    assert_eq!(log.of("mail Retry").len(), 3, "once and two retries");
    assert_eq!(log.of("mail Reject").len(), 1);
    assert_eq!(
        world
            .dead_letters::<generated::queues::Mailer>()
            .await
            .len(),
        2
    );
    world.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_helper_runs_with_a_recorder() {
    let recorder = Recorder::new();
    greet(&recorder).await.expect("a recorder takes anything");
    let sent = recorder.sent::<generated::queues::Mailer>();
    assert_eq!(sent, [Mail::new("ada", "Welcome")]);
}

#[tokio::test(start_paused = true)]
async fn handles_send_from_outside_of_agents() {
    let log = Log::default();
    let world = world(&log).await;
    let charged = world
        .bus()
        .call_charge(Charge::new(1))
        .await
        .expect("a worker answers");
    assert_eq!(charged, Ok(1));
    assert_eq!(
        world
            .bus()
            .ask_count(Count::new(3))
            .await
            .expect("a worker answers"),
        30
    );
    world.stop().await.expect("it stops");
    let unheard = microagent::connect_bus("memory:")
        .await
        .expect("memory is always there");
    assert!(
        unheard.ask_count(Count::new(3)).await.is_err(),
        "nobody listens"
    );
}
