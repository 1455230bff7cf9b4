//! Names of channels and the text of what goes through them, as peers in Python know it: `PUBSUB:signal:sender`, with
//! `#request` behind a question, and answers in `PUBSUB:response:receiver#request`. What such a peer has no words for goes
//! through `PUBSUB:error:`, where it does not listen. Knows no connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::backend::redis::RedisOptions;
use crate::bus::{Answer, Form, Interest, Publication, Received, ReplyTo};
use crate::deadline;
use crate::message::Message;
use crate::random::random;

const ANSWERS: [(Answer, &str); 4] = [
    (Answer::Reply, "reply"),
    (Answer::Declared, "declared"),
    (Answer::Failed, "failed"),
    (Answer::Nothing, "nothing"),
];

/// The names of a deployment.
#[derive(Debug)]
pub(super) struct Channels {
    prefix: Box<str>,
    /// This process, among those who answer.
    own: Box<str>,
}

impl Channels {
    pub(super) fn new(options: &RedisOptions) -> Self {
        Self {
            prefix: format!("{}{}", options.prefix, options.channels).into(),
            own: format!("{:016x}", random()).into(),
        }
    }

    pub(super) fn signal(&self, subject: &str, sender: &str, reply_to: Option<&ReplyTo>) -> String {
        let request = reply_to.map(|it| format!("#{}", request(it)));
        format!(
            "{}:{subject}:{sender}{}",
            self.prefix,
            request.unwrap_or_default()
        )
    }

    /// Where an answer goes. A foreign asker, whose question has no number of ours, hears all in one channel.
    pub(super) fn answer(&self, to: &ReplyTo, answer: Answer, is_null: bool) -> String {
        let (prefix, own, request) = (&self.prefix, &self.own, request(to));
        let plain = answer == Answer::Reply && !is_null;
        if plain || to.number.is_none() {
            return format!("{prefix}:response:{own}#{request}");
        }
        let kind = ANSWERS.iter().find(|(it, _)| *it == answer);
        let kind = kind.map_or("nothing", |(_, text)| text);
        format!("{prefix}:error:{kind}.{own}#{request}")
    }

    /// The list of a subject's calls, and the set of those who answer it.
    pub(super) fn calls(&self, subject: &str) -> (String, String) {
        let calls = format!("{{{}}}:{subject}:calls", self.prefix);
        let answering = format!("{{{}}}:{subject}:answering", self.prefix);
        (calls, answering)
    }

    /// What to subscribe to; nothing for calls.
    pub(super) fn patterns(&self, interest: &Interest) -> Vec<String> {
        let prefix = escaped(&self.prefix);
        match interest {
            Interest::Signals(subjects) => subjects
                .iter()
                .map(|it| format!("{prefix}:{}:*", escaped(it)))
                .collect(),
            Interest::Inbox(name) => ["response", "error"]
                .map(|it| format!("{prefix}:{it}:*#{}-*", escaped(name)))
                .into(),
            Interest::Calls(_) => Vec::new(),
        }
    }

    /// What came through a channel; nothing where it can't be read.
    pub(super) fn read(&self, channel: &str, body: Vec<u8>) -> Vec<Received> {
        self.try_read(channel, body).unwrap_or_default()
    }

    fn try_read(&self, channel: &str, body: Vec<u8>) -> Option<Vec<Received>> {
        let rest = channel.strip_prefix(&*self.prefix)?.strip_prefix(':')?;
        let (subject, rest) = rest.split_once(':')?;
        let (sender, request) = match rest.split_once('#') {
            Some((sender, request)) => (sender, Some(request)),
            None => (rest, None),
        };
        if subject == "response" || subject == "error" {
            return answers(subject, sender, request?, &body);
        }
        let form = Form::Signal {
            subject: subject.into(),
            reply_to: request.map(reply_to),
        };
        Some(vec![Received {
            form,
            sender: sender.into(),
            message: Message::new(body).into(),
        }])
    }
}

/// Each receiver of the process that answers has a key of its own.
fn answers(channel: &str, sender: &str, request: &str, body: &[u8]) -> Option<Vec<Received>> {
    let number = reply_to(request).number?;
    let kind = sender.split_once('.').map_or("", |(kind, _)| kind);
    let said = ANSWERS.iter().find(|(_, text)| *text == kind);
    let values: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let received = values.into_iter().map(|(receiver, value)| {
        let answer = match (channel, value.get()) {
            ("error", _) => said.map_or(Answer::Nothing, |(answer, _)| *answer),
            // A failure, None, or a mere listener: nobody can tell.
            (_, "null") => Answer::Nothing,
            _ => Answer::Reply,
        };
        let body = match answer {
            Answer::Reply | Answer::Declared => value.get(),
            Answer::Failed | Answer::Nothing => "",
        };
        Received {
            form: Form::Answer { number, answer },
            sender: receiver.into(),
            message: Message::new(body.to_owned()).into(),
        }
    });
    Some(received.collect())
}

/// What stands for a question on the wire.
fn request(reply_to: &ReplyTo) -> String {
    match reply_to.number {
        Some(number) => format!("{}-{number:016x}", reply_to.inbox),
        None => reply_to.inbox.to_string(),
    }
}

/// What [`request`] wrote; a foreign peer's is kept as it stands.
fn reply_to(request: &str) -> ReplyTo {
    let own = request.rsplit_once('-').and_then(|(inbox, number)| {
        let number = u64::from_str_radix(number, 16)
            .ok()
            .filter(|_| number.len() == 16)?;
        Some((inbox, number))
    });
    match own {
        // Ours are 128 random bits in hex; a UUID of a foreign peer has hyphens within.
        Some((inbox, number)) if inbox.len() == 32 => ReplyTo {
            inbox: inbox.into(),
            number: Some(number),
        },
        _ => ReplyTo {
            inbox: request.into(),
            number: None,
        },
    }
}

/// A call behind its deadline: a line of JSON, then the body.
pub(super) fn write_call(publication: &Publication, reply_to: &ReplyTo) -> Vec<u8> {
    let line = serde_json::json!([&*publication.sender, request(reply_to)]);
    let mut bytes = line.to_string().into_bytes();
    bytes.push(b'\n');
    bytes.extend_from_slice(&publication.message.body);
    bytes
}

/// A call with its deadline, by the server's time now; nothing where it can't be read.
pub(super) fn read_call(subject: &Arc<str>, bytes: &[u8], now: u64) -> Option<(Received, bool)> {
    let (until, rest) = bytes.split_at_checked(16)?;
    let until: u64 = std::str::from_utf8(until).ok()?.parse().ok()?;
    let end = rest.iter().position(|it| *it == b'\n')?;
    let (sender, request): (String, String) = serde_json::from_slice(&rest[..end]).ok()?;
    let left = Duration::from_millis(until.saturating_sub(now));
    let deadline: Instant = deadline::after(left);
    let form = Form::Call {
        subject: Arc::clone(subject),
        reply_to: reply_to(&request),
        deadline,
    };
    let received = Received {
        form,
        sender: sender.into(),
        message: Message::new(rest[end + 1..].to_vec()).into(),
    };
    Some((received, until <= now))
}

/// A name in which no character means more than itself.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for it in name.chars() {
        if matches!(it, '*' | '?' | '[' | ']' | '\\' | '^') {
            text.push('\\');
        }
        text.push(it);
    }
    text
}
