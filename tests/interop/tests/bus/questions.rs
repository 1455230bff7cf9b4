//! Questions in both directions: who answers, under which name, and what is no answer.

use std::collections::BTreeMap;

use interop::peers::{Charge, Counter, Listener, PeersSenders, Price, Refused, Twin};
use interop::signals::{CommentsCount, SignalsSenders};
use interop::skipped;
use microagent::{Bus, CallErrorKind};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::agents::Answers;
use super::{CONTRACT, Shared, parsed, sorted};

/// All answers until the deadline, and how often somebody failed.
async fn ask_all(bus: &Bus, about: Value) -> (Vec<Value>, usize) {
    let mut answers = bus.ask_all_comments_count(CommentsCount::new(about));
    let (mut given, mut failed) = (Vec::new(), 0);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(answer) => given.push(answer),
            Err(error) => {
                assert_eq!(error.kind(), CallErrorKind::Failed, "{error}");
                assert_eq!(error.receiver(), Some("Counter.answer_comments_count"));
                failed += 1;
            }
        }
    }
    (sorted(given), failed)
}

/// Asks about each at once, since only the deadline ends the wait for peers who may yet answer.
async fn all_answer(bus: &Bus, expected: Vec<(Value, Vec<Value>, usize)>) {
    let mut asking = JoinSet::new();
    for (about, given, failed) in expected {
        let bus = bus.clone();
        asking.spawn(async move {
            let answers = ask_all(&bus, about.clone()).await;
            assert_eq!(answers, (sorted(given), failed), "{about}");
        });
    }
    while let Some(asked) = asking.join_next().await {
        asked.expect("what it asserts holds");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_asks_and_agents_in_python_answer() {
    if skipped() {
        return;
    }
    let shared = Shared::new("asked-in-python");
    let _one = shared.python_agent(CONTRACT);
    let _other = shared.python_agent(CONTRACT);
    let bus = shared.bus().await;
    let first = bus.ask_comments_count(CommentsCount::new(json!("seven")));
    assert_eq!(first.await.unwrap(), "seven");
    // The library has no words for the last ones: a failure, None, and what is neither an integer nor a string.
    let expected = [
        (json!(7), vec![json!(7), json!(7), json!(14), json!(14)]),
        (json!("seven"), vec![json!("seven"), json!("seven")]),
        (json!(true), vec![json!(true), json!(true)]),
        (json!("hang"), vec![json!("hang"), json!("hang")]),
        (json!("fail"), Vec::new()),
        (json!(null), Vec::new()),
        (json!([1]), Vec::new()),
        (json!(0.5), Vec::new()),
    ];
    let expected = expected.into_iter().map(|(about, given)| (about, given, 0));
    all_answer(&bus, expected.collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_in_both_languages_answer_both() {
    if skipped() {
        return;
    }
    let shared = Shared::new("asked-in-both");
    let _python = shared.python_agent(CONTRACT);
    let agents = [
        Counter::agent(Answers),
        Twin::agent(Answers),
        Listener::agent(Answers),
    ];
    let _running = shared.rust(agents).await;
    let bus = shared.bus().await;
    let twin = json!("twin");
    let expected = vec![
        (
            json!(7),
            vec![json!(7), json!(14), json!(7), twin.clone()],
            0,
        ),
        (json!([1]), vec![json!([1]), twin.clone()], 0),
        (json!("fail"), vec![twin.clone()], 1),
    ];
    all_answer(&bus, expected).await;
    let expected = [
        (json!(7), json!(7), json!(7), json!(14)),
        (json!([1]), json!([1]), json!(null), json!(null)),
        (json!("fail"), json!(null), json!(null), json!(null)),
    ];
    // At once, since each waits to the end.
    let asking = expected.map(|(about, in_rust, in_python, twice)| {
        let step = json!(["waiter", "comments_count", {"user_id": about}, 3]);
        (
            shared.python_saying(&json!([step])),
            [in_rust, in_python, twice],
        )
    });
    for (asker, [in_rust, in_python, twice]) in asking {
        let [answers] = asker.told_to_the_end(&["answer"]);
        // One of each process, or of each agent of ours.
        assert_eq!(answers.len(), 4, "{answers:?}");
        let answers = parsed(&answers);
        let answers = answers.iter().filter_map(Value::as_object).flatten();
        let answers: BTreeMap<_, _> = answers.map(|(name, it)| (&**name, it)).collect();
        let expected = [
            ("CommentAgent.hear", &Value::Null),
            ("CommentAgent.late", &Value::Null),
            ("CommentAgent.same", &in_python),
            ("CommentAgent.twice", &twice),
            ("Counter.answer_comments_count", &in_rust),
            ("Listener.on_comments_count", &Value::Null),
            ("Twin.answer_comments_count", &twin),
        ];
        assert_eq!(answers, BTreeMap::from(expected));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_calls_and_takes_the_answer_by_its_name() {
    if skipped() {
        return;
    }
    let shared = Shared::new("called");
    let nobody = json!([["call", "comments_count", {"user_id": 1}, 0.5]]);
    assert_eq!(shared.python_says(&nobody), [json!({})]);
    let _running = shared.rust([Counter::agent(Answers)]).await;
    let answers = shared.python_says(&json!([
        ["call", "comments_count", {"user_id": {"any": ["thing"]}}, 30],
        ["call", "price", {"item": "tea", "count": 3}, 30],
        ["call", "price", {"item": "tea"}, 30],
        // The time of the one who answers is over first.
        ["call", "price", {"item": "hang"}, 30],
        // What can't be read is answered with nothing.
        ["call", "price", {"count": 3}, 30],
    ]));
    let expected = [
        json!({"Counter.answer_comments_count": {"any": ["thing"]}}),
        json!({"Counter.answer_price": 30}),
        json!({"Counter.answer_price": 10}),
        json!({"Counter.answer_price": null}),
        json!({"Counter.answer_price": null}),
    ];
    assert_eq!(answers, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mere_listener_in_python_is_no_answer() {
    if skipped() {
        return;
    }
    let shared = Shared::new("unanswered");
    let bus = shared.bus().await;
    let asked = bus.ask_price(Price::new("tea")).await.unwrap_err();
    assert_eq!(asked.kind(), CallErrorKind::NobodyListens);
    let mut python = shared.python_agent(CONTRACT);
    let asked = bus.ask_price(Price::new("tea")).await.unwrap_err();
    assert_eq!(asked.kind(), CallErrorKind::TimedOut);
    python.told("price", 1);
    let _running = shared.rust([Counter::agent(Answers)]).await;
    assert_eq!(bus.ask_price(Price::new("tea")).await.unwrap(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn errors_that_rust_declares_mean_nothing_to_python() {
    if skipped() {
        return;
    }
    let shared = Shared::new("declared");
    let mut python = shared.python_agent(CONTRACT);
    let _running = shared.rust([Counter::agent(Answers)]).await;
    let bus = shared.bus().await;
    let refused = bus.call_charge(Charge::new(0)).await.unwrap();
    assert_eq!(refused, Err(Refused::new("nothing to charge")));
    assert_eq!(bus.call_charge(Charge::new(5)).await.unwrap(), Ok(5));
    let failed = ask_all(&bus, json!("fail")).await;
    assert_eq!(failed, (Vec::new(), 1));
    bus.emit_started().await.unwrap();
    python.told("started", 1);
    // Of its own receiver, which failed as well, and of nothing else.
    let warned = python.told_so_far("warned");
    assert_eq!(warned, [r#""Call comments_count failed""#]);
}
