//! An implementation of the agent for tests: it logs what happens, and fails where it is told to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use microagent::{Delivery, Failure, Outcome, Tick};

use crate::accounts::{Charge, ChargeError, CommentsCount, Mail, Push, Receipt, UserCreated};
use crate::mail_service::{MailAgent, mail_agent};

/// What happened, in order; shared with the test.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

/// Whether what happens is printed as well.
static ECHO: AtomicBool = AtomicBool::new(false);

impl Log {
    pub fn add(&self, what: impl Into<String>) {
        let what = what.into();
        if ECHO.load(Ordering::Relaxed) {
            println!("{what}");
        }
        self.0.lock().unwrap().push(what);
    }

    pub fn echo() {
        ECHO.store(true, Ordering::Relaxed);
    }

    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[derive(Clone, Default)]
pub struct Mails {
    pub log: Log,
    /// The hook, or the server, that fails.
    pub fails: &'static str,
    /// How long a mail takes.
    pub takes: Duration,
}

impl Mails {
    pub fn failing(fails: &'static str) -> Self {
        Self {
            fails,
            ..Self::default()
        }
    }

    pub async fn connect() -> Result<Self, std::io::Error> {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("no smtp"))
    }

    /// What no handler should do: nothing can cancel it.
    fn block(&self, what: &str) {
        self.log.add(what);
        std::thread::sleep(Duration::from_mins(1));
    }

    fn at(&self, what: &str) -> Outcome {
        self.log.add(what);
        if self.fails == what {
            return Err(Failure::new("as asked"));
        }
        Ok(())
    }
}

impl MailAgent for Mails {
    async fn consume_welcome(&self, cx: &mail_agent::Context, user: UserCreated) -> Outcome {
        let subject = "Welcome".into();
        cx.send_mailer(Mail {
            to: user.email,
            subject,
        })
        .await?;
        Ok(())
    }

    async fn consume_mailer(&self, cx: &mail_agent::Context, mail: Mail) -> Outcome {
        let attempt = cx.message().attempt();
        self.log.add(format!("mail {} #{attempt}", mail.subject));
        tokio::time::sleep(self.takes).await;
        match mail.subject.as_str() {
            "reject" => Err(Failure::reject("refused for good")),
            "later" if attempt == 1 => Err(Failure::retry_after(Duration::from_mins(10))),
            "twice" if attempt == 1 => Err("once more")?,
            "never" => Err("not today")?,
            "panic" => panic!("as asked"),
            "stop" => {
                cx.stop();
                self.log.add(format!("ready: {}", cx.is_ready()));
                Ok(())
            }
            subject => {
                self.log.add(format!("sent {subject}"));
                Ok(())
            }
        }
    }

    async fn consume_android(
        &self,
        _cx: &mail_agent::Context,
        messages: Vec<Delivery<Push>>,
    ) -> Vec<Outcome> {
        let texts: Vec<_> = messages.iter().map(|it| it.payload.text.as_str()).collect();
        self.log.add(format!("batch {}", texts.join(" ")));
        messages.iter().map(|_| Ok(())).collect()
    }

    async fn announce(&self, cx: &mail_agent::Context, what: mail_agent::Announce) -> Outcome {
        let sender = cx.message().sender().unwrap_or_default();
        self.log.add(format!("{what:?} from {sender}"));
        Ok(())
    }

    async fn answer_comments_count(
        &self,
        _cx: &mail_agent::Context,
        ask: CommentsCount,
    ) -> Outcome<u64> {
        if ask.user_id == 0 {
            return Err(Failure::new("nobody"));
        }
        Ok(ask.user_id + 1)
    }

    async fn answer_charge(
        &self,
        _cx: &mail_agent::Context,
        charge: Charge,
    ) -> Outcome<Result<Receipt, ChargeError>> {
        Ok(match charge.cents {
            0 => Err(ChargeError {
                reason: "nothing".into(),
            }),
            number => Ok(Receipt { number }),
        })
    }

    async fn refresh(&self, _cx: &mail_agent::Context, tick: Tick) -> Outcome {
        self.log.add(format!("refresh {}", tick.scheduled));
        Ok(())
    }

    async fn send_report(&self, cx: &mail_agent::Context, tick: Tick) -> Outcome {
        let late = cx.now() - tick.scheduled;
        self.log.add(format!("report {}", tick.scheduled));
        assert!(late.num_milliseconds() < 10, "{late}");
        Ok(())
    }

    async fn serve_http(&self, cx: &mail_agent::Context) -> Outcome {
        self.at("serve")?;
        if self.fails == "serve early" {
            return Ok(());
        }
        if self.fails == "ignore" {
            std::future::pending::<()>().await;
        }
        cx.stopping().await;
        if self.fails == "block in serve_http" {
            self.block("blocking");
        }
        if self.fails == "hang" {
            self.log.add("hanging");
            std::future::pending::<()>().await;
        }
        self.log.add("served");
        Ok(())
    }

    async fn pre_start(&self, _cx: &mail_agent::Context) -> Outcome {
        self.at("pre_start")?;
        if self.fails == "start slowly" {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn post_start(&self, cx: &mail_agent::Context) -> Outcome {
        if self.fails == "stop at once" {
            cx.stop();
        }
        self.at("post_start")
    }

    async fn pre_stop(&self, _cx: &mail_agent::Context) -> Outcome {
        if self.fails == "block in pre_stop" {
            self.block("blocking");
        }
        self.at("pre_stop")
    }
}
