//! The real library loads the contract files of this crate, and knows what they say: the one that was written for it, from which
//! package `signals` was imported, and the one that `mag gen` exports. That both are what `mag` makes is tested with `mag`.

use interop::{Peer, skipped};
use serde_json::{Value, json};

/// What it knows when it has loaded a file of the folder `contract`: signals, then queues.
fn loaded(name: &str) -> (Vec<Value>, Vec<Value>) {
    let file = format!("{}/contract/{name}", env!("CARGO_MANIFEST_DIR"));
    let told = Peer::python("load", &[&file]).told_to_the_end(&["signal", "queue"]);
    let parse = |it: &String| serde_json::from_str(it).expect("it tells JSON");
    let [signals, queues] = told.map(|it| it.iter().map(parse).collect());
    (signals, queues)
}

#[test]
fn the_library_loads_what_was_imported() {
    if skipped() {
        return;
    }
    assert_eq!(loaded("signals.json"), (signals(), queues()));
}

#[test]
fn the_library_loads_what_was_exported() {
    if skipped() {
        return;
    }
    let price = json!(["price", ["item", "count"], {"item": ["str"], "count": ["int"]}]);
    let own = [vec![price], signals()].concat();
    let queues = [vec![json!(["jobs", "", []])], queues()].concat();
    assert_eq!(loaded("exported.json"), (own, queues));
}

fn signals() -> Vec<Value> {
    let types = json!({
        "uuid": ["str"], "code": ["int", "NoneType"], "flag": ["bool"], "ids": ["list"], "extra": ["dict"],
    });
    vec![
        json!(["started", [], null]),
        json!(["user_created", ["user_id"], null]),
        json!(["comments_count", ["user_id"], null]),
        json!(["typed", ["uuid", "code", "flag", "ids", "extra"], types]),
    ]
}

fn queues() -> Vec<Value> {
    vec![
        json!(["mailer", "", []]),
        json!(["pusher1", "push", []]),
        json!(["pusher2", "push", []]),
        json!(["create_event", "logs", ["*.created"]]),
        json!(["all_events", "logs", ["#"]]),
    ]
}
