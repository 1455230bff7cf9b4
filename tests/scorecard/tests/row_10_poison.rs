//! Row 10: whatever stands in a queue, what can't be read goes to the dead letters at once, with its cause and its raw bytes,
//! and the next good message is handled as if nothing had been.

use std::sync::Arc;
use std::time::Duration;

use microagent::broker::Reason;
use microagent::message::Message;
use microagent::{Agent, Delivery, Outcome};
use scorecard::support::{Counters, Ledger, Stage, Watched, row};
use scorecard::{BatchReader, Intake, Reader, batch_reader, reader};
use tokio::time::Instant;

const QUEUE: &str = "scorecard.intake";
/// The largest message that the readers' broker says there can be.
const MAX_PAYLOAD: usize = 512 * 1024;
const SOON: Duration = Duration::from_millis(100);

/// What is wrong, the bytes, and what the cause says of it.
type Poison = (&'static str, Vec<u8>, &'static str);

/// A value of 100,000 levels.
fn deep() -> String {
    "[".repeat(100_000) + &"]".repeat(100_000)
}

fn corpus() -> Vec<Poison> {
    let anything = format!(r#"{{"number":1,"anything":{}}}"#, deep());
    let large = format!(r#"{{"number":1,"unknown":"{}"}}"#, "x".repeat(MAX_PAYLOAD));
    let utf16 = "{\"number\":1}".encode_utf16().flat_map(u16::to_le_bytes);
    let texts: [(&str, &[u8], &str); 20] = [
        ("an empty body", b"", "empty"),
        ("a missing field", b"{}", "number"),
        ("no JSON", b"hello", "expected value"),
        ("half an object", br#"{"number":1"#, "EOF"),
        ("a list", b"[]", "found a list"),
        ("null", b"null", "found null"),
        ("a wrong type", br#"{"number":"1"}"#, "number"),
        (
            "null where a value must be",
            br#"{"number":null}"#,
            "number",
        ),
        ("a negative number", br#"{"number":-1}"#, "number"),
        (
            "a number beyond 64 bits",
            br#"{"number":18446744073709551616}"#,
            "number",
        ),
        (
            "a number beyond any float",
            br#"{"number":1,"ratio":1e999}"#,
            "range",
        ),
        ("NaN", br#"{"number":1,"ratio":NaN}"#, "expected"),
        (
            "a key that stands twice",
            br#"{"number":1,"number":1}"#,
            "number",
        ),
        (
            "a lone surrogate",
            br#"{"number":1,"text":"\ud800"}"#,
            "hex escape",
        ),
        (
            "invalid UTF-8",
            b"{\"number\":1,\"text\":\"\xff\"}",
            "no UTF-8",
        ),
        (
            "a control character",
            b"{\"number\":1,\"text\":\"\x01\"}",
            "control",
        ),
        (
            "a byte order mark",
            b"\xef\xbb\xbf{\"number\":1}",
            "expected value",
        ),
        ("trailing garbage", br#"{"number":1} x"#, "trailing"),
        (
            "an unknown member of a closed enum",
            br#"{"number":1,"level":"high!"}"#,
            "level",
        ),
        (
            "bytes that are no base64",
            br#"{"number":1,"digest":"*"}"#,
            "digest",
        ),
    ];
    let texts = texts.map(|(what, bytes, cause)| (what, bytes.to_vec(), cause));
    let made = [
        ("100,000 levels", anything.into(), "recursion"),
        (
            "two objects",
            br#"{"number":1}{"number":2}"#.to_vec(),
            "trailing",
        ),
        ("a body over the limit", large.into(), "524288"),
        ("UTF-16", utf16.collect(), "key"),
    ];
    texts.into_iter().chain(made).collect()
}

#[derive(Clone, Default)]
struct Reading(Ledger);

impl Reader for Reading {
    async fn consume_intake(&self, cx: &reader::Context, it: Intake) -> Outcome {
        self.0.note(cx, it.number);
        Ok(())
    }
}

#[test]
fn poison_is_set_aside_at_once() {
    row(10, async |stage| {
        let reading = Reading::default();
        poison(stage, reading.clone().agent(), &reading.0, "one by one").await
    });
}

async fn poison(stage: Stage, agent: Agent, ledger: &Ledger, read: &str) -> Counters {
    let broker = Watched::new(stage.connect().await).with_max_payload(MAX_PAYLOAD);
    let running = stage.start_watched([agent], Arc::new(broker)).await;
    let corpus = corpus();
    let mut slowest = Duration::ZERO;
    for (number, (what, bytes, _)) in (100..).zip(&corpus) {
        stage.send_raw(QUEUE, Message::new(bytes.clone())).await;
        // What no field claims is passed over, however deep it is.
        let good = format!(r#"{{"number":{number},"unknown":{}}}"#, deep());
        let sent = Instant::now();
        stage.send_raw(QUEUE, Message::new(good)).await;
        stage.drained(QUEUE).await;
        let calls = ledger.by_number();
        let handled = calls.get(&number).map(|it| it[0].at - sent);
        let waited = handled.unwrap_or_else(|| panic!("{what}: the next one is not handled"));
        assert!(waited <= stage.at_most(SOON), "{what}: {waited:?}");
        slowest = slowest.max(waited);
    }
    let letters = stage.dead_letters(QUEUE).await;
    assert_eq!(letters.len(), corpus.len());
    for (letter, (what, bytes, cause)) in letters.iter().zip(&corpus) {
        assert_eq!(letter.cause.reason, Reason::Undecodable, "{what}");
        assert!(
            letter.cause.detail.contains(cause),
            "{what}: {:?}",
            letter.cause
        );
        assert!(
            letter.message.body == bytes[..],
            "{what}: the bytes are others"
        );
        assert_eq!(letter.attempts, 1, "{what}");
    }
    assert_eq!(ledger.count(), corpus.len(), "only good ones are handled");
    running.stop().await.expect("it stops in order");
    Counters::new()
        .and("read", read)
        .and("poison", corpus.len())
        .and("dead with cause and bytes", letters.len())
        .and("deliveries of each", 1)
        .and(
            "good, each beside 100,000 levels in an unknown field",
            ledger.count(),
        )
        .and("the slowest after", format!("{slowest:?}"))
}

/// The same, which arrives by the batch: what can't be read spoils nothing for the others of its batch.
#[derive(Clone, Default)]
struct Batches(Ledger);

impl BatchReader for Batches {
    async fn consume_intake(
        &self,
        _cx: &batch_reader::Context,
        messages: Vec<Delivery<Intake>>,
    ) -> Vec<Outcome> {
        let handled = messages.iter().map(|it| {
            self.0.note_message(it.message(), it.payload.number);
            Ok(())
        });
        handled.collect()
    }
}

#[test]
fn poison_in_a_batch_is_set_aside_alone() {
    row(10, async |stage| {
        let batches = Batches::default();
        poison(stage, batches.clone().agent(), &batches.0, "by the batch").await
    });
}
