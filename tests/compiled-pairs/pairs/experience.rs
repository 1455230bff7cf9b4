//! The newcomer's service and its test, word by word: an agent made by an async constructor, options, helpers that
//! ask for what they send, failures with a say in what comes next, and contexts that hold what was declared.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::experience::experience as generated;
use generated::{
    Asker, CommentsCount, ExperienceSenders, Herald, Mail, MailAgent, MailerSender, UserCreated,
    UserDeleted, asker, herald, mail_agent, queues, signals,
};
use renamed_runtime as microagent;
use renamed_runtime::testing::World;
use renamed_runtime::{Failure, Options, Outcome, Recorder, SendErrorKind, Tick};

type Sent = Arc<Mutex<Vec<String>>>;

/// A mail server that keeps what it was given.
#[derive(Clone, Default)]
struct Smtp(Sent);

impl Smtp {
    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no test panics while it logs").clone()
    }

    fn note(&self, line: String) {
        let mut lines = self.0.lock().expect("no test panics while it logs");
        lines.push(line);
    }
}

struct Mails {
    smtp: Smtp,
}

impl Mails {
    async fn connect() -> Result<Self, std::io::Error> {
        tokio::task::yield_now().await;
        Ok(Self {
            smtp: Smtp::default(),
        })
    }

    async fn refused() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("no smtp".into())
    }
}

impl MailAgent for Mails {
    async fn consume_welcome(&self, cx: &mail_agent::Context, user: UserCreated) -> Outcome {
        let mail = Mail {
            body: "Hello".into(),
            ..Mail::new(user.email, "Welcome", "acme")
        };
        cx.with(Options::new().priority(5).header("tenant", "acme"))
            .send_mailer(mail)
            .await?;
        Ok(())
    }

    async fn consume_mailer(&self, cx: &mail_agent::Context, mail: Mail) -> Outcome {
        let (subject, attempt) = (&mail.subject, cx.message().attempt());
        let tenant = cx.message().headers().get("tenant").unwrap_or("nobody");
        self.smtp
            .note(format!("{subject} #{attempt} of {tenant} at {}", cx.now()));
        match subject.as_str() {
            "spam" => Err(Failure::reject("spam is not sent")),
            "greylisted" if attempt == 1 => {
                Err(Failure::retry_after(Duration::from_mins(10)).because("come back later"))
            }
            "misaddressed" => Ok(mail.to.parse::<u8>().map(drop)?),
            _ => Ok(()),
        }
    }

    async fn announce(&self, _cx: &mail_agent::Context, what: mail_agent::Announce) -> Outcome {
        self.smtp.note(match what {
            mail_agent::Announce::UserDeleted(user) => format!("deleted {}", user.user_id),
            mail_agent::Announce::Started => "started".to_owned(),
        });
        Ok(())
    }

    async fn answer_comments_count(
        &self,
        _cx: &mail_agent::Context,
        ask: CommentsCount,
    ) -> Outcome<u64> {
        Ok(ask.user_id + 1)
    }

    async fn send_report(&self, cx: &mail_agent::Context, _tick: Tick) -> Outcome {
        greet(cx).await
    }
}

/// Asks for exactly what it sends.
async fn greet(cx: &impl MailerSender) -> Outcome {
    cx.send_mailer(Mail::new("ada@example.org", "Report", "acme"))
        .await?;
    Ok(())
}

struct Cries;

impl Herald for Cries {
    async fn cry(&self, cx: &herald::Context, _tick: Tick) -> Outcome {
        cx.emit_comments_count(CommentsCount::new(1)).await?;
        Ok(())
    }
}

struct Wonders(Smtp);

impl Asker for Wonders {
    async fn wonder(&self, cx: &asker::Context, _tick: Tick) -> Outcome {
        let options = Options::new().deadline(Duration::from_secs(1));
        let count = cx
            .with(options)
            .ask_comments_count(CommentsCount::new(7))
            .await?;
        self.0.note(format!("counted {count}"));
        Ok(())
    }
}

async fn world() -> (World, Smtp) {
    let smtp = Smtp::default();
    let mails = Mails { smtp: smtp.clone() };
    let world = World::start([mails.agent()]).await;
    (world.expect("nothing is in its way"), smtp)
}

fn mail(subject: &str) -> Mail {
    Mail::new("ada@example.org", subject, "acme")
}

#[tokio::test(start_paused = true)]
async fn a_new_user_gets_a_mail() -> microagent::Result<()> {
    let world = World::start([Mails::agent_with(Mails::connect)]).await?;
    let user = UserCreated {
        user_id: 7,
        email: "ada@example.org".into(),
    };
    world.broker().publish_users(user).await?;
    world.settle().await;
    assert_eq!(world.sent::<queues::Mailer>()[0].subject, "Welcome");
    world.advance(Duration::from_hours(4)).await;
    assert_eq!(world.runs(mail_agent::SEND_REPORT), 1);
    assert_eq!(world.sent::<queues::Mailer>()[1].subject, "Report");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_can_not_be_made_says_which_and_why() {
    let error = World::start([Mails::agent_with(Mails::refused)])
        .await
        .expect_err("there is no smtp");
    assert!(
        error.message().contains("`experience.MailAgent`"),
        "{error}"
    );
    let cause = std::error::Error::source(&error).expect("it has a cause");
    assert_eq!(cause.to_string(), "no smtp");
}

#[tokio::test(start_paused = true)]
async fn options_hold_on_their_way() -> microagent::Result<()> {
    let (world, smtp) = world().await;
    let broker = world.broker();
    let later = Options::new()
        .after(Duration::from_mins(10))
        .header("tenant", "later");
    broker.with(later).send_mailer(mail("c")).await?;
    // All wait while the first is handled, and the urgent one comes before the others.
    for (subject, priority) in [("first", 0), ("a", 1), ("b", 9)] {
        let options = Options::new().priority(priority);
        broker.with(options).send_mailer(mail(subject)).await?;
    }
    world.settle().await;
    let order: Vec<String> = smtp.lines();
    let place = |subject: &str| order.iter().position(|it| it.starts_with(subject));
    assert!(place("b #1") < place("a #1"), "{order:?}");
    assert_eq!(place("c #1"), None, "{order:?}");
    world.advance(Duration::from_mins(10)).await;
    let lines = smtp.lines();
    let late = lines.last().expect("it came");
    assert!(
        late.starts_with("c #1 of later at 2024-01-01 00:10:00"),
        "{late}"
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn options_that_mean_nothing_are_refused() {
    let (world, _smtp) = world().await;
    let priority = Options::new().priority(10);
    let refused = world.broker().with(priority).send_mailer(mail("x")).await;
    let error = refused.expect_err("the queue has nine priorities");
    assert_eq!(error.kind(), SendErrorKind::Invalid);
    let after = Options::new().after(Duration::from_secs(1));
    let refused = world.bus().with(after).emit_started().await;
    let error = refused.expect_err("a bus keeps nothing");
    assert_eq!(error.kind(), SendErrorKind::Unsupported);
    let incomplete = Mail {
        tenant: None,
        ..mail("x")
    };
    let refused = world.broker().send_mailer(incomplete).await;
    let error = refused.expect_err("a sender gives what is asymmetric");
    assert_eq!(error.kind(), SendErrorKind::Invalid);
    assert_eq!(world.sent::<queues::Mailer>(), []);
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_what_becomes_of_its_message() -> microagent::Result<()> {
    for (subject, tries, seconds, reason, detail) in [
        ("spam", 1, 0, Some("rejected"), "spam is not sent"),
        ("greylisted", 2, 600, None, ""),
        (
            "misaddressed",
            3,
            60,
            Some("exhausted"),
            "invalid digit found in string",
        ),
    ] {
        let (world, smtp) = world().await;
        world.broker().send_mailer(mail(subject)).await?;
        world.settle().await;
        world.advance(Duration::from_secs(seconds)).await;
        assert_eq!(smtp.lines().len(), tries, "{subject}");
        let letters = world.dead_letters::<queues::Mailer>().await;
        let letter = letters.first();
        let cause = letter.map(|it| it.cause.reason.as_str());
        assert_eq!(cause, reason, "{subject}");
        let said = letter.map_or("", |it| &it.cause.detail);
        assert_eq!(said, detail, "{subject}");
        let tried = letter.map(|it| it.attempts as usize);
        assert_eq!(tried, reason.map(|_| tries), "{subject}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn handles_say_and_ask_outside_of_agents() -> microagent::Result<()> {
    let (world, smtp) = world().await;
    world.bus().emit_started().await?;
    world.bus().emit_user_deleted(UserDeleted::new(7)).await?;
    let asked = CommentsCount { user_id: 7 };
    assert_eq!(world.bus().ask_comments_count(asked).await?, 8);
    world.settle().await;
    assert_eq!(smtp.lines(), ["started", "deleted 7"]);

    let bus = microagent::connect_bus("memory:experience").await?;
    bus.emit_started().await?;
    let broker = microagent::connect_broker("memory:experience").await?;
    greet(&broker).await.expect("a handle may send");
    Ok(())
}

#[tokio::test]
async fn one_helper_runs_with_a_recorder_and_with_options() {
    let recorder = Recorder::new();
    greet(&recorder).await.expect("a recorder takes anything");
    let options = Options::new().priority(3);
    greet(&recorder.with(options.clone()))
        .await
        .expect("and with options");
    let sent = recorder.sent::<queues::Mailer>();
    assert_eq!(sent, [mail("Report"), mail("Report")]);
    let outgoing = recorder.outgoing::<queues::Mailer>();
    assert_eq!(outgoing[1].options, options);
}

#[tokio::test(start_paused = true)]
async fn what_one_agent_says_another_asks() {
    let smtp = Smtp::default();
    let agents = [
        Mails::agent_with(Mails::connect),
        Cries.agent(),
        Wonders(smtp.clone()).agent(),
    ];
    let world = World::start(agents).await.expect("nothing is in its way");
    world.settle().await;
    let mut said = world.emitted::<signals::CommentsCount>();
    said.sort_by_key(|it| it.user_id);
    assert_eq!(said, [CommentsCount::new(1), CommentsCount::new(7)]);
    assert_eq!(smtp.lines(), ["counted 8"]);
}

/// What a context can't do by itself: methods of its own go before these, and the package's senders are out of sight.
mod exact {
    use super::{asker, herald};

    pub(super) trait Absent {
        fn emit_comments_count(&self, _message: ()) -> &'static str {
            "absent"
        }

        fn ask_comments_count(&self, _message: ()) -> &'static str {
            "absent"
        }

        fn ask_all_comments_count(&self, _message: ()) -> &'static str {
            "absent"
        }

        fn send_mailer(&self, _message: ()) -> &'static str {
            "absent"
        }
    }

    impl Absent for herald::Context {}
    impl Absent for herald::With<'_> {}
    impl Absent for asker::Context {}
    impl Absent for asker::With<'_> {}

    /// Compiles as long as the contexts have none of these.
    pub(super) fn of_herald(cx: &herald::Context, with: &herald::With<'_>) -> [&'static str; 6] {
        [
            cx.ask_comments_count(()),
            cx.ask_all_comments_count(()),
            cx.send_mailer(()),
            with.ask_comments_count(()),
            with.ask_all_comments_count(()),
            with.send_mailer(()),
        ]
    }

    /// As above.
    pub(super) fn of_asker(cx: &asker::Context, with: &asker::With<'_>) -> [&'static str; 4] {
        [
            cx.emit_comments_count(()),
            cx.send_mailer(()),
            with.emit_comments_count(()),
            with.send_mailer(()),
        ]
    }
}

struct Lacks(Smtp);

impl Herald for Lacks {
    async fn cry(&self, cx: &herald::Context, _tick: Tick) -> Outcome {
        let with = cx.with(Options::new());
        self.0.note(exact::of_herald(cx, &with).join(" "));
        Ok(())
    }
}

impl Asker for Lacks {
    async fn wonder(&self, cx: &asker::Context, _tick: Tick) -> Outcome {
        let with = cx.with(Options::new());
        self.0.note(exact::of_asker(cx, &with).join(" "));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_context_has_what_its_agent_declared_and_nothing_else() {
    let smtp = Smtp::default();
    let agents = [
        Herald::agent(Lacks(smtp.clone())),
        Asker::agent(Lacks(smtp.clone())),
    ];
    let world = World::start(agents).await.expect("nothing is in its way");
    world.settle().await;
    let words: Vec<String> = smtp.lines();
    assert_eq!(words.join(" "), ["absent"; 10].join(" "));
}
