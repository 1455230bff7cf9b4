//! A connection to a bus and a subscription on it, as cases use them.

use std::sync::Arc;
use std::time::Duration;

use super::{PATIENCE, becomes};
use crate::bus::{
    Audience, BusBackend, Interest, Publication, Reach, Received, ReplyTo, Subscription,
};
use crate::error::{Error, ErrorKind};
use crate::message::Message;
use crate::random::random;

/// A connection.
#[derive(Clone)]
pub(crate) struct Bus(pub(in crate::testing::suite) Arc<dyn BusBackend>);

impl Bus {
    pub(super) fn new(backend: Arc<dyn BusBackend>) -> Self {
        Self(backend)
    }

    pub(crate) async fn listen(&self, interest: Interest, buffer: usize) -> Ear {
        let listening = self.0.subscribe(interest, buffer).await;
        Ear(listening.expect("it subscribes"))
    }

    pub(crate) async fn publish(&self, to: Audience, message: Message) -> Result<Reach, Error> {
        let mut batch = [publication(to, message)];
        self.0.publish(&mut batch).await;
        let [published] = batch;
        published.result.expect("what was published has a result")
    }

    /// A text, and the kind of the error for comparisons.
    pub(crate) async fn say(&self, to: Audience, text: &str) -> Result<Reach, ErrorKind> {
        let said = self.publish(to, Message::new(text.to_owned())).await;
        said.map_err(|it| it.kind())
    }

    /// A signal that has to go out.
    pub(crate) async fn emit(&self, subject: &str, text: &str) -> Reach {
        self.say(everyone(subject), text)
            .await
            .expect("a signal goes out")
    }

    pub(crate) async fn close(&self) {
        self.0.close().await.expect("it closes");
    }
}

/// A subscription.
pub(crate) struct Ear(pub(in crate::testing::suite) Box<dyn Subscription>);

impl Ear {
    /// The next so many, however they come.
    pub(crate) async fn hear(&self, count: usize) -> Vec<Received> {
        let mut heard = Vec::new();
        while heard.len() < count {
            let next = self.0.next(count - heard.len(), &mut heard);
            let Ok(next) = tokio::time::timeout(PATIENCE, next).await else {
                panic!("{} of {count} were heard", heard.len());
            };
            next.expect("the subscription goes on");
        }
        assert_eq!(heard.len(), count, "no more than asked for");
        heard
    }

    pub(crate) async fn hear_one(&self) -> Received {
        self.hear(1).await.remove(0)
    }

    pub(crate) async fn nothing_comes(&self, within: Duration) {
        let mut heard = Vec::new();
        let next = tokio::time::timeout(within, self.0.next(9, &mut heard)).await;
        assert!(next.is_err(), "nothing should come: {heard:?}");
    }

    /// Nothing comes any more, and the reason is that.
    pub(crate) async fn has_ended(&self) {
        let ended = tokio::time::timeout(PATIENCE, self.0.next(1, &mut Vec::new())).await;
        let ended = ended.expect("it ends without a wait");
        let kind = ended.expect_err("it has ended").kind();
        assert_eq!(kind, ErrorKind::Closed);
    }

    pub(crate) async fn is_attached_again(&self) {
        becomes("the subscription attaches again", async || {
            self.0.is_attached()
        })
        .await;
    }
}

pub(crate) fn publication(to: Audience, message: Message) -> Publication {
    Publication {
        to,
        sender: "suite".into(),
        message: message.into(),
        result: None,
    }
}

pub(crate) fn everyone(subject: &str) -> Audience {
    Audience::Everyone {
        subject: subject.into(),
        reply_to: None,
    }
}

/// A call that may wait for so long.
pub(crate) fn one(subject: &str, within: Duration) -> Audience {
    Audience::One {
        subject: subject.into(),
        reply_to: ReplyTo {
            inbox: fresh_inbox(),
            number: Some(random()),
        },
        within,
    }
}

/// As an asker names its own: 128 random bits.
pub(crate) fn fresh_inbox() -> Arc<str> {
    format!("{:016x}{:016x}", random(), random()).into()
}

pub(crate) fn signals(subjects: &[&str]) -> Interest {
    Interest::Signals(subjects.iter().map(|it| Arc::from(*it)).collect())
}

pub(crate) fn calls(subjects: &[&str]) -> Interest {
    Interest::Calls(subjects.iter().map(|it| Arc::from(*it)).collect())
}

pub(crate) fn text(heard: &Received) -> &str {
    std::str::from_utf8(&heard.message.body).expect("a body of the case is text")
}

pub(crate) fn texts(heard: &[Received]) -> Vec<&str> {
    heard.iter().map(text).collect()
}
