//! What the log is told of losses: never nothing, and never a line for each.

use std::fmt::Write as _;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;

/// Warnings as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test(start_paused = true)]
async fn overflow_is_told_at_once_and_then_every_ten_seconds_with_its_count() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let bus = bus();
    let policy = ListenPolicy {
        concurrency: 1,
        buffer: 1,
        timeout: 3600 * SECOND,
        ..ListenPolicy::default()
    };
    let interest = Interest::Signals(vec!["s".into(), "t".into()]);
    let line = listen_with(&bus, interest, "slow", policy, |_| std::future::pending()).await;
    let asker = asker(&bus);
    let flood = async |count: usize| {
        for _ in 0..count {
            asker.emit("s".into(), Message::new("x")).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    flood(12).await;
    assert_eq!(line.stats().overflowed, 10);
    let told =
        "message=messages found the buffer full receiver=\"slow\" signals=\"s, t\" overflowed=";
    assert_eq!(log.take(), [format!("{told}10 ")]);
    for _ in 0..4 {
        flood(5).await;
        sleep(2 * SECOND).await;
    }
    assert_eq!(log.take(), [""; 0]);
    sleep(3 * SECOND).await;
    assert_eq!(log.take(), [format!("{told}20 ")]);
    flood(3).await;
    assert_eq!(line.monitor().stats().overflowed, 33);
    line.drain(Instant::now()).await;
    assert_eq!(log.take()[0], format!("{told}3 "));
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_told_once() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let memory = Memory::new();
    let bus: Arc<dyn BusBackend> = Arc::new(memory.clone());
    let away = Arc::new(memory);
    let bus_away: Arc<dyn BusBackend> = Arc::clone(&away) as _;
    let line = listen(&bus_away, signals("s"), "one", |_| async { Ok(None) }).await;
    away.lose_bus_connection(SECOND);
    assert!(!line.is_attached());
    sleep(2 * SECOND).await;
    let asker = asker(&bus);
    for _ in 0..3 {
        asker.emit("s".into(), Message::new("x")).await.unwrap();
        sleep(20 * SECOND).await;
    }
    assert_eq!((line.stats().gaps, line.stats().succeeded), (1, 3));
    let lines = log.take();
    assert!(
        matches!(&lines[..], [line] if line.contains("gaps=1")),
        "{lines:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn handlers_that_fail_in_a_flood_are_a_few_lines_with_their_number() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let bus = bus();
    let line = listen(&bus, signals("s"), "one", |_| async {
        Err(Failure::new("as asked"))
    })
    .await;
    let asker = asker(&bus);
    for _ in 0..500 {
        asker.emit("s".into(), Message::new("x")).await.unwrap();
    }
    sleep(SECOND).await;
    let first = log.take();
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].contains("failure=as asked times=1"), "{first:?}");
    // Nothing more fails, and the log hears of the others all the same.
    sleep(11 * SECOND).await;
    let told = "message=handlers failed receiver=\"one\" times=";
    assert_eq!(log.take(), [format!("{told}499 ")]);
    asker.emit("s".into(), Message::new("x")).await.unwrap();
    line.drain(Instant::now() + SECOND).await;
    sleep(SECOND).await;
    assert_eq!(log.take(), [format!("{told}1 ")]);
}
