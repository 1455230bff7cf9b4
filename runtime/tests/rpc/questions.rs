//! What each end of a question comes to.

use microagent::Error;
use microagent::bus::{BusCapabilities, Publication, Subscription};
use microagent::message::{BoxFuture, Wait};

use super::*;

#[tokio::test(start_paused = true)]
async fn every_receiver_hears_a_signal_once_and_no_other_subject() {
    let bus = bus();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut lines = Vec::new();
    for (receiver, subjects) in [
        ("a", &["s", "t"][..]),
        ("b", &["s"]),
        ("c", &["u"]),
        ("d", &["s", "s"]),
    ] {
        let interest = Interest::Signals(subjects.iter().map(|it| Arc::from(*it)).collect());
        let heard = Arc::clone(&heard);
        let name = receiver.to_owned();
        let handle = move |received: Received| {
            let Form::Signal { subject, reply_to } = received.form else {
                panic!("not a signal")
            };
            assert!(reply_to.is_none());
            assert_eq!(&*received.sender, "caller");
            heard.lock().unwrap().push(format!("{name} {subject}"));
            async { Ok(None) }
        };
        lines.push(listen(&bus, interest, receiver, handle).await);
    }
    let asker = asker(&bus);
    for (subject, reach) in [
        ("s", Reach::Subscriptions(3)),
        ("t", Reach::Subscriptions(1)),
        ("nobody", Reach::Nobody),
    ] {
        let reached = asker
            .emit(subject.into(), Message::new("{}"))
            .await
            .unwrap();
        assert_eq!(reached, reach);
    }
    sleep(SECOND).await;
    let mut heard = std::mem::take(&mut *heard.lock().unwrap());
    heard.sort();
    assert_eq!(heard, ["a s", "a t", "b s", "d s"]);
}

#[tokio::test(start_paused = true)]
async fn each_end_of_a_call_is_told_apart() {
    let bus = bus();
    let handle = |received: Received| async move {
        match &received.message.body[..] {
            b"reply" => reply("42"),
            b"declared" => Ok(Some(RawAnswer::Thrown("broke".into()))),
            b"fail" => Err(Failure::new("the password is canary")),
            b"panic" => panic!("canary"),
            b"hang" => std::future::pending().await,
            b"late" => {
                sleep(6 * SECOND).await;
                reply("late")
            }
            other => panic!("{other:?}"),
        }
    };
    let policy = ListenPolicy {
        timeout: 10 * SECOND,
        ..ListenPolicy::default()
    };
    let line = listen_with(&bus, calls("charge"), "Billing.charge", policy, handle).await;
    let asker = asker(&bus);
    for (subject, question, within, expected, took) in [
        ("charge", "reply", 5, "Reply 42", 0),
        ("charge", "declared", 5, "Declared broke", 0),
        ("charge", "fail", 5, "receiver `Billing.charge` failed", 0),
        ("charge", "panic", 5, "receiver `Billing.charge` failed", 0),
        ("charge", "hang", 5, "no answer came in time", 5),
        ("charge", "hang", 20, "receiver `Billing.charge` failed", 10),
        ("charge", "late", 5, "no answer came in time", 5),
        ("nothing", "reply", 5, "nobody listens", 0),
    ] {
        let began = Instant::now();
        let answer = asker
            .call(subject.into(), Message::new(question), within * SECOND)
            .await;
        let told = match &answer {
            Ok(reply) => {
                let (receiver, answer, body) = text(reply);
                assert_eq!(receiver, "Billing.charge");
                format!("{answer:?} {body}")
            }
            Err(unanswered) => unanswered.to_string(),
        };
        assert_eq!(told, expected, "{question}");
        assert_eq!(began.elapsed().as_secs(), took, "{question}");
        assert!(!format!("{answer:?}").contains("canary"));
    }
    sleep(20 * SECOND).await;
    let stats = asker.stats();
    assert_eq!((stats.pending, stats.late, stats.overflowed), (0, 2, 0));
    let stats = line.stats();
    assert_eq!((stats.succeeded, stats.failed), (3, 4));
    assert_eq!((stats.panicked, stats.timed_out), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn all_answers_come_until_everyone_has_answered_or_the_deadline() {
    for (slowest, ends_after) in [(2, 2), (60, 5)] {
        let bus = bus();
        let mut lines = Vec::new();
        for (receiver, waits) in [("a", 1), ("b", slowest), ("c", 0), ("d", 1), ("e", 0)] {
            let handle = move |_| async move {
                sleep(waits * SECOND).await;
                match receiver {
                    "c" => Err(Failure::new("no")),
                    "d" => Ok(None),
                    "e" => Ok(Some(RawAnswer::Thrown("e".into()))),
                    _ => reply(receiver),
                }
            };
            lines.push(listen(&bus, signals("count"), receiver, handle).await);
        }
        let asker = asker(&bus);
        let began = Instant::now();
        let mut replies = asker
            .ask("count".into(), Message::new("{}"), 5 * SECOND)
            .await
            .unwrap();
        let mut said = Vec::new();
        while let Some(reply) = replies.next().await {
            let (receiver, answer, body) = text(&reply);
            said.push(format!("{receiver} {answer:?} {body}"));
        }
        assert!(replies.next().await.is_none());
        assert_eq!(began.elapsed(), ends_after * SECOND);
        said.sort();
        let mut expected = vec!["a Reply a", "c Failed ", "d Nothing ", "e Declared e"];
        if slowest < 5 {
            expected.insert(1, "b Reply b");
        }
        assert_eq!(said, expected);
        drop(replies);
        assert_eq!(asker.stats().pending, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_deadline_has_passed_is_not_begun() {
    let bus = bus();
    let handled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&handled);
    let policy = ListenPolicy {
        concurrency: 1,
        ..ListenPolicy::default()
    };
    let handle = move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        async {
            sleep(3 * SECOND).await;
            reply("done")
        }
    };
    let line = listen_with(&bus, calls("charge"), "slow", policy, handle).await;
    let asker = asker(&bus);
    let call = || asker.call("charge".into(), Message::new("{}"), 2 * SECOND);
    let (one, other) = tokio::join!(call(), call());
    assert!(matches!(one, Err(Unanswered::TimedOut)));
    assert!(matches!(other, Err(Unanswered::TimedOut)));
    sleep(10 * SECOND).await;
    assert_eq!(handled.load(Ordering::Relaxed), 1);
    assert!(
        asker
            .call("charge".into(), Message::new("{}"), 5 * SECOND)
            .await
            .is_ok()
    );
    assert_eq!(line.stats().late, 1);
}

#[tokio::test(start_paused = true)]
async fn cancelled_callers_leave_nothing_and_harm_no_one() {
    let bus = bus();
    let finished = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&finished);
    let policy = ListenPolicy {
        concurrency: 100,
        ..ListenPolicy::default()
    };
    let handle = move |_| {
        let count = Arc::clone(&count);
        async move {
            sleep(SECOND).await;
            count.fetch_add(1, Ordering::Relaxed);
            reply("done")
        }
    };
    let line = listen_with(&bus, calls("charge"), "callee", policy, handle).await;
    let asker = Arc::new(asker(&bus));
    for _ in 0..100 {
        let mut callers = Vec::new();
        for _ in 0..100 {
            let asker = Arc::clone(&asker);
            callers.push(tokio::spawn(async move {
                let question = Message::new("{}");
                asker.call("charge".into(), question, 60 * SECOND).await
            }));
        }
        sleep(SECOND / 2).await;
        assert_eq!(asker.stats().pending, 100);
        for caller in callers {
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        assert_eq!(asker.stats().pending, 0);
        sleep(SECOND).await;
    }
    assert_eq!(finished.load(Ordering::Relaxed), 10_000);
    assert_eq!(asker.stats().late, 10_000);
    assert_eq!(line.stats().succeeded, 10_000);
}

/// A memory bus that says it has no calls.
#[derive(Debug)]
struct Callless(Memory, BusCapabilities);

impl BusBackend for Callless {
    fn capabilities(&self) -> &BusCapabilities {
        &self.1
    }

    fn publish<'a>(&'a self, batch: &'a mut [Publication]) -> Wait<'a, ()> {
        self.0.publish(batch)
    }

    fn subscribe(
        &self,
        interest: Interest,
        buffer: usize,
    ) -> BoxFuture<'_, Result<Box<dyn Subscription>, Error>> {
        self.0.subscribe(interest, buffer)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), Error>> {
        BusBackend::close(&self.0)
    }
}

#[tokio::test(start_paused = true)]
async fn calls_are_refused_where_the_bus_has_none() {
    let capabilities = BusCapabilities {
        name: "plain",
        max_payload: 1024,
        ..BusCapabilities::default()
    };
    let bus: Arc<dyn BusBackend> = Arc::new(Callless(Memory::new(), capabilities));
    let handle: Handle = Arc::new(|_| Box::pin(async { reply("yes") }));
    let line = (ListenPolicy::default(), handle);
    let refused = attach(&bus, calls("c"), "one".into(), line).await;
    let refused = refused.unwrap_err();
    let called = asker(&bus)
        .call("c".into(), Message::new("x"), SECOND)
        .await;
    let Err(Unanswered::Unsent(unsent)) = called else {
        panic!("{called:?}");
    };
    for error in [refused, unsent] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(text.contains("`c`") && text.contains("plain"), "{text}");
    }
}
