//! What sender methods do between a payload and a port: encode, check, hand over, and read what comes back.

#![allow(
    missing_debug_implementations,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    reason = "a test crate with code as it is generated"
)]

#[path = "../../tests/agents/accounts.rs"]
mod accounts;

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use microagent_contract::meta::{CallMeta, SignalMeta};
use microagent_contract::{
    AnswerStream, BoxFuture, Bus, BusPort, CallError, CallErrorKind, Canned, Options, Outgoing,
    RawAnswer, Recorder, SendError, SendErrorKind,
};

use crate::accounts::{
    AccountsSenders, Charge, ChargeError, CommentsCount, Mail, Push, PushKey, Receipt, UserDeleted,
    calls, exchanges, queues, signals,
};

/// Polls what never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn mail() -> Mail {
    Mail {
        to: "ada@example.org".into(),
        subject: "Hello".into(),
    }
}

/// A bus that gives these answers to every question.
#[derive(Debug)]
struct Oracle(Mutex<Vec<Result<RawAnswer, CallError>>>);

struct Given(std::vec::IntoIter<Result<RawAnswer, CallError>>);

impl AnswerStream for Given {
    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<RawAnswer, CallError>>> {
        Poll::Ready(self.0.next())
    }
}

impl BusPort for Oracle {
    fn emit(&self, _: &'static SignalMeta, _: Outgoing) -> BoxFuture<'_, Result<(), SendError>> {
        Box::pin(async { Ok(()) })
    }

    fn ask(&self, _: &'static SignalMeta, _: Outgoing) -> Pin<Box<dyn AnswerStream>> {
        let answers = std::mem::take(&mut *self.0.lock().unwrap());
        Box::pin(Given(answers.into_iter()))
    }

    fn call(
        &self,
        _: &'static CallMeta,
        _: Outgoing,
    ) -> BoxFuture<'_, Result<RawAnswer, CallError>> {
        let answer = self.0.lock().unwrap().remove(0);
        Box::pin(async { answer })
    }
}

fn oracle(answers: Vec<Result<RawAnswer, CallError>>) -> Bus {
    Bus::new(Arc::new(Oracle(Mutex::new(answers))))
}

fn reply(body: &'static str) -> RawAnswer {
    RawAnswer::Reply(body.as_bytes().into())
}

fn failed() -> CallError {
    CallError::failed("accounts.comments_count", "blog.Comments")
}

#[test]
fn the_first_answer_is_the_first_that_can_be_read() {
    let unreadable = || Ok(reply("\"x\""));
    let cases = [
        (vec![Ok(reply("3")), Ok(reply("4"))], Ok(3)),
        (vec![Err(failed()), Ok(reply("4"))], Ok(4)),
        (vec![unreadable(), Ok(reply("4"))], Ok(4)),
        (
            vec![unreadable(), Err(failed())],
            Err(CallErrorKind::Failed),
        ),
        (
            vec![Err(failed()), unreadable()],
            Err(CallErrorKind::Undecodable),
        ),
        (vec![], Err(CallErrorKind::TimedOut)),
    ];
    for (answers, expected) in cases {
        let shown = format!("{answers:?}");
        let bus = oracle(answers);
        let answer = now(bus.ask_comments_count(CommentsCount { user_id: 7 }));
        assert_eq!(answer.map_err(|it| it.kind()), expected, "{shown}");
    }
}

#[test]
fn all_answers_come_one_by_one_and_end() {
    let bus = oracle(vec![Ok(reply("3")), Err(failed()), Ok(reply("4"))]);
    let mut answers = bus.ask_all_comments_count(CommentsCount { user_id: 7 });
    let mut seen = Vec::new();
    while let Some(answer) = now(answers.next()) {
        seen.push(answer.map_err(|it| it.receiver().map(str::to_owned)));
    }
    assert_eq!(seen, [Ok(3), Err(Some("blog.Comments".to_owned())), Ok(4)]);
    assert!(now(answers.next()).is_none());
}

#[test]
fn a_declared_error_is_an_answer_and_an_unreadable_one_is_not() {
    let call = |answer| now(oracle(vec![answer]).call_charge(Charge { cents: 1 }));
    let number = 7;
    let answer = call(Ok(reply(r#"{"number":7}"#))).unwrap();
    assert_eq!(answer, Ok(Receipt { number }));
    let thrown = Ok(RawAnswer::Thrown(r#"{"reason":"broke"}"#.into()));
    let reason = "broke".into();
    assert_eq!(call(thrown).unwrap(), Err(ChargeError { reason }));
    let error = call(Ok(reply("[]"))).unwrap_err();
    assert_eq!(error.kind(), CallErrorKind::Undecodable);
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn nothing_is_sent_before_it_is_awaited() {
    let recorder = Recorder::new();
    drop(recorder.send_mailer(mail()));
    assert!(recorder.sent::<queues::Mailer>().is_empty());
    now(recorder.send_mailer(mail())).unwrap();
    assert_eq!(recorder.sent::<queues::Mailer>(), [mail()]);
}

#[test]
fn options_travel_and_those_that_mean_nothing_are_refused() {
    let recorder = Recorder::new();
    let options = Options::new()
        .priority(5)
        .after(Duration::from_mins(10))
        .header("tenant", "acme");
    now(recorder.with(options.clone()).send_mailer(mail())).unwrap();
    assert_eq!(recorder.outgoing::<queues::Mailer>()[0].options, options);

    for options in [
        Options::new().priority(1),
        Options::new().after(Duration::ZERO),
    ] {
        let with = recorder.with(options);
        let emitted = now(with.emit_started()).unwrap_err();
        assert_eq!(emitted.kind(), SendErrorKind::Unsupported);
        let called = now(with.call_charge(Charge { cents: 1 })).unwrap_err();
        assert_eq!(called.kind(), CallErrorKind::Send);
        let sending = called.send_error().unwrap();
        assert_eq!(sending.kind(), SendErrorKind::Unsupported);
    }
    assert!(recorder.emitted::<signals::Started>().is_empty());
}

#[test]
fn routing_keys_and_partition_keys_are_of_the_message() {
    let recorder = Recorder::new();
    let key = |kind: &str| PushKey {
        kind: kind.into(),
        platform: "ios".into(),
    };
    let text = || Push { text: "x".into() };
    now(recorder.publish_push(key("news"), text())).unwrap();
    let sent = recorder.outgoing::<exchanges::Push>();
    assert_eq!(sent[0].routing_key.as_deref(), Some("news.ios"));
    let error = now(recorder.publish_push(key("a.b"), text())).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Invalid);
    assert_eq!(recorder.published::<exchanges::Push>(), [text()]);

    now(recorder.send_mailer(mail())).unwrap();
    let sent = recorder.outgoing::<queues::Mailer>();
    let key = sent[0].partition_key.as_deref();
    assert_eq!(key, Some(&b"ada@example.org"[..]));
}

#[test]
fn a_recorder_answers_what_it_was_told_to() {
    let recorder = Recorder::new();
    let ask = || now(recorder.ask_comments_count(CommentsCount { user_id: 7 }));
    let call = |cents| now(recorder.call_charge(Charge { cents }));
    assert_eq!(ask().unwrap_err().kind(), CallErrorKind::NobodyListens);

    recorder.answer_in_turn::<signals::CommentsCount>([
        Canned::Answer(3),
        Canned::Silence,
        Canned::Failure,
        Canned::Answer(4),
    ]);
    assert_eq!(ask().unwrap(), 3);
    assert_eq!(ask().unwrap_err().kind(), CallErrorKind::TimedOut);
    assert_eq!(ask().unwrap_err().kind(), CallErrorKind::Failed);
    assert_eq!((ask().unwrap(), ask().unwrap()), (4, 4));
    recorder.answer_with::<signals::CommentsCount>(|ask| Canned::Answer(ask.user_id));
    assert_eq!(ask().unwrap(), 7);

    recorder.answer::<calls::Charge>(|charge| {
        let number = charge.cents;
        (number < 100).then_some(Receipt { number }).ok_or_else(|| {
            let reason = "too much".into();
            ChargeError { reason }
        })
    });
    assert_eq!(call(1).unwrap(), Ok(Receipt { number: 1 }));
    assert_eq!(call(100).unwrap().unwrap_err().reason, "too much");
    let called = [Charge { cents: 1 }, Charge { cents: 100 }];
    assert_eq!(recorder.called::<calls::Charge>(), called);
}

#[test]
fn a_recorder_refuses_what_it_was_told_to() {
    let recorder = Recorder::new();
    recorder.fail_sends::<queues::Mailer>(2, SendErrorKind::Full);
    recorder.fail_sends::<calls::Charge>(1, SendErrorKind::Unavailable);
    let sent = || now(recorder.send_mailer(mail())).map_err(|it| it.kind());
    assert_eq!(
        [sent(), sent(), sent()],
        [Err(SendErrorKind::Full), Err(SendErrorKind::Full), Ok(())]
    );
    let called = now(recorder.call_charge(Charge { cents: 1 })).unwrap_err();
    let unsent = called.send_error().map(SendError::kind);
    assert_eq!(unsent, Some(SendErrorKind::Unavailable));
    assert_eq!(recorder.only_sent::<queues::Mailer>(), mail());
}

#[test]
fn a_recorder_says_what_was_sent_instead() {
    let recorder = Recorder::new();
    let said = || {
        let only = || recorder.only_sent::<queues::Mailer>();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(only)).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    assert_eq!(
        said(),
        "one message was expected on `accounts.mailer`, and 0 came; in all there was: nothing"
    );
    now(recorder.emit_user_deleted(UserDeleted { user_id: 7 })).unwrap();
    now(recorder.send_mailer(mail())).unwrap();
    now(recorder.send_mailer(mail())).unwrap();
    let mail = r#"{"to":"ada@example.org","subject":"Hello"}"#;
    assert_eq!(
        said(),
        format!(
            "one message was expected on `accounts.mailer`, and 2 came; in all there was:\n  \
             2 on `accounts.mailer`: {mail} {mail}\n  \
             1 on `accounts.user_deleted`: {{\"user_id\":7}}"
        )
    );
}

#[test]
fn errors_say_what_was_meant_and_why() {
    let error = SendError::new(SendErrorKind::Full, "accounts.mailer").with_source("at 10");
    assert_eq!(error.to_string(), "`accounts.mailer` is full");
    let error = CallError::from(error);
    assert_eq!(error.to_string(), "`accounts.mailer` could not be asked");
    assert_eq!(error.send_error().unwrap().kind(), SendErrorKind::Full);
    let error = CallError::failed("a.b", "c.D");
    assert_eq!(error.to_string(), "`c.D` failed to answer `a.b`");
}
