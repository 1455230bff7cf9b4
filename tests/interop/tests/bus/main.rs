//! Signals and questions between agents in Rust and the real library in Python, on one server: what each says the other hears,
//! whoever asks is answered, and what is no answer is told apart as far as it can be.

mod agents;
mod questions;
mod signals;

use std::collections::BTreeMap;

use interop::signals::Typed;
use interop::{Peer, fresh, place};
use microagent::{Agent, Bus, Running};
use serde_json::{Value, json};

/// What the library reads in these tests: what `mag gen` makes of this crate's schemas.
const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contract/exported.json");

/// Channels of its own for each test.
struct Shared {
    prefix: String,
    /// Option `channels` of the agents in Rust, and the whole prefix of the peers in Python.
    channels: Option<&'static str>,
}

impl Shared {
    fn new(what: &str) -> Self {
        Self {
            prefix: fresh(what),
            channels: None,
        }
    }

    fn dsn(&self) -> String {
        let channels = self.channels.map(|it| format!("&channels={it}"));
        let channels = channels.unwrap_or_default();
        format!("redis://{}?prefix={}{channels}", place(), self.prefix)
    }

    async fn rust(&self, agents: impl IntoIterator<Item = Agent>) -> Running {
        let app = microagent::app(agents).bus(self.dsn()).broker("memory:");
        app.start().await.expect("the server is there")
    }

    async fn bus(&self) -> Bus {
        let bus = microagent::connect_bus(&self.dsn()).await;
        bus.expect("the server is there")
    }

    fn python(&self, program: &str, rest: &[&str]) -> Peer {
        let dsn = format!("redis://{}", place());
        let prefix = format!("{}{}", self.prefix, self.channels.unwrap_or("PUBSUB"));
        Peer::python(program, &[&[&*dsn, &prefix], rest].concat())
    }

    /// Hears everything of a contract, and answers.
    fn python_agent(&self, contract: &str) -> Peer {
        let mut peer = self.python("hear", &[contract]);
        peer.told("ready", 1);
        peer
    }

    /// Takes these steps of its program.
    fn python_saying(&self, steps: &Value) -> Peer {
        self.python("say", &[CONTRACT, &steps.to_string()])
    }

    /// All answers that came to these steps.
    fn python_says(&self, steps: &Value) -> Vec<Value> {
        let [answers] = self.python_saying(steps).told_to_the_end(&["answer"]);
        parsed(&answers)
    }
}

fn parsed(told: &[String]) -> Vec<Value> {
    let parse = |it: &String| serde_json::from_str(it).expect("it tells JSON");
    told.iter().map(parse).collect()
}

/// In an order of their own: handlers run beside each other.
fn sorted(mut values: Vec<Value>) -> Vec<Value> {
    values.sort_by_cached_key(Value::to_string);
    values
}

/// One of each kind that JSON has.
fn any() -> Vec<Value> {
    vec![
        json!(7),
        json!(-9_007_199_254_740_993_i64),
        json!(0.5),
        json!("a \"text\" \u{1f600}\n"),
        json!(true),
        Value::Null,
        json!([1, ["two"], null]),
        json!({"key": {"of": [false]}}),
    ]
}

fn typed(code: Option<f64>) -> Typed {
    let extra = [("key".to_owned(), json!([null]))];
    Typed {
        code,
        ..Typed::new("one", false, any(), BTreeMap::from(extra))
    }
}

/// Its arguments as the library gives them to a receiver.
fn typed_json(code: Option<f64>) -> Value {
    json!({"uuid": "one", "code": code, "flag": false, "ids": any(), "extra": {"key": [null]}})
}
