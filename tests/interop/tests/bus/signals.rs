//! Signals in both directions: each type of JSON, names, arguments that one side does not know, and channels apart.

use std::time::{Duration, Instant};

use interop::peers::Teller;
use interop::signals::{CommentsCount, SignalsSenders, UserCreated};
use interop::{SOON, fresh, skipped};
use microagent::CallErrorKind;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::agents::{Answers, ears, hear};
use super::{CONTRACT, Shared, any, parsed, sorted, typed, typed_json};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rust_emits_python_hears() {
    if skipped() {
        return;
    }
    let shared = Shared::new("heard-in-python");
    let mut python = shared.python_agent(CONTRACT);
    let bus = shared.bus().await;
    bus.emit_started().await.unwrap();
    for value in any() {
        bus.emit_user_created(UserCreated::new(value))
            .await
            .unwrap();
    }
    for code in [Some(0.5), None] {
        bus.emit_typed(typed(code)).await.unwrap();
    }
    let arguments = |told: Vec<String>| -> Vec<Value> {
        parsed(&told).iter_mut().map(|it| it[1].take()).collect()
    };
    assert_eq!(arguments(python.told("started", 1)), [json!({})]);
    let users = any().into_iter().map(|it| json!({"user_id": it}));
    assert_eq!(
        arguments(python.told("user_created", any().len())),
        users.collect::<Vec<_>>()
    );
    let types = [typed_json(Some(0.5)), typed_json(None)];
    assert_eq!(arguments(python.told("typed", 2)), types);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_python_sends_rust_hears() {
    if skipped() {
        return;
    }
    let shared = Shared::new("heard-in-rust");
    let (agent, heard) = ears();
    let _running = shared.rust([agent]).await;
    let mut steps = vec![json!(["send", "started", {}])];
    let mut expected = vec![json!(["python", "started"])];
    for value in any() {
        steps.push(json!(["send", "user_created", {"user_id": value}]));
        expected.push(json!(["python", ["user", value]]));
    }
    for code in [Some(0.5), Some(3.0), None] {
        steps.push(json!(["send", "typed", typed_json(code)]));
        expected.push(json!(["python", typed_json(code)]));
    }
    shared.python_says(&json!(steps));
    assert_eq!(sorted(hear(&heard, steps.len())), sorted(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_heard_under_its_name() {
    if skipped() {
        return;
    }
    let shared = Shared::new("names");
    let mut python = shared.python_agent(CONTRACT);
    let _running = shared.rust([Teller::agent(Answers)]).await;
    shared.python_says(&json!([["send", "started", {}]]));
    assert_eq!(parsed(&python.told("started", 1)), [json!(["python", {}])]);
    let expected = [json!(["peers.Teller", typed_json(None)])];
    assert_eq!(parsed(&python.told("typed", 1)), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_that_are_missing_or_unknown_end_nothing_in_rust() {
    if skipped() {
        return;
    }
    let shared = Shared::new("arguments-in-rust");
    let (agent, heard) = ears();
    let running = shared.rust([agent]).await;
    shared.python_says(&json!([
        ["send", "user_created", {}],
        ["send", "user_created", {"email": "a@example.org"}],
        ["send", "user_created", {"user_id": 1, "email": "a@example.org"}],
        ["send", "typed", {"uuid": "one"}],
        ["send", "typed", {"uuid": 1, "flag": "no", "ids": {}, "extra": []}],
        ["send", "started", {"by": "hand"}],
    ]));
    let expected = vec![json!(["python", ["user", 1]]), json!(["python", "started"])];
    assert_eq!(sorted(hear(&heard, 2)), sorted(expected));
    let failed = || running.info()["agents"][0]["lines"][0]["counts"]["failed"].clone();
    let began = Instant::now();
    while failed() != 4 {
        assert!(began.elapsed() < SOON, "{}", running.info());
        sleep(Duration::from_millis(10)).await;
    }
    let report = running.stop().await.expect("it stops in order");
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(heard.try_iter().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_that_are_missing_or_unknown_are_warned_of_in_python() {
    if skipped() {
        return;
    }
    let shared = Shared::new("arguments-in-python");
    let other = json!({"version": 2, "signals": [
        {"name": "user_created", "providing_args": ["email"]},
        {"name": "comments_count", "providing_args": ["user_id"]},
    ]});
    let contract = format!("{}/other.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&contract, other.to_string()).unwrap();
    let mut python = shared.python_agent(&contract);
    let bus = shared.bus().await;
    bus.emit_user_created(UserCreated::new(json!(1)))
        .await
        .unwrap();
    let [heard] = &parsed(&python.told("user_created", 1))[..] else {
        panic!("it was said once")
    };
    assert_eq!(heard[1], json!({"user_id": 1}));
    let warned = python.told("warned", 1).concat();
    for name in ["mismatch", "user_id", "email"] {
        assert!(warned.contains(name), "{warned}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_of_another_name_are_apart() {
    if skipped() {
        return;
    }
    let named = |prefix: &str, channels| Shared {
        prefix: prefix.to_owned(),
        channels,
    };
    let prefix = fresh("channels");
    let (usual, own) = (named(&prefix, None), named(&prefix, Some("MYAPP")));
    let ((in_usual, usual_heard), (in_own, own_heard)) = (ears(), ears());
    let _usual = usual.rust([in_usual]).await;
    let _own = own.rust([in_own]).await;
    let mut python = own.python_agent(CONTRACT);
    for (shared, number) in [(&usual, 1), (&own, 2), (&usual, 3), (&own, 4)] {
        shared.python_says(&json!([["send", "user_created", {"user_id": number}]]));
    }
    let users = |numbers: [u64; 2]| numbers.map(|it| json!(["python", ["user", it]]));
    assert_eq!(hear(&usual_heard, 2), users([1, 3]));
    assert_eq!(hear(&own_heard, 2), users([2, 4]));
    let heard = parsed(&python.told("user_created", 2));
    assert_eq!(heard, [2, 4].map(|it| json!(["python", {"user_id": it}])));
    let own = own.bus().await;
    let answer = own.ask_comments_count(CommentsCount::new(json!("own")));
    assert_eq!(answer.await.unwrap(), "own");
    let usual = usual.bus().await;
    let answer = usual.ask_comments_count(CommentsCount::new(json!("usual")));
    assert_eq!(
        answer.await.unwrap_err().kind(),
        CallErrorKind::NobodyListens
    );
}
