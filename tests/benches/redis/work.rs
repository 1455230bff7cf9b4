//! What all sides do: the same messages, sent in the same manner, with the same number on their way, and what it took.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Messages on their way at most.
const WINDOW: u64 = 512;
/// So often senders that wait for room are told of it.
const TOLD: u64 = 64;
/// Handed over at once where messages are batched.
pub(crate) const BATCH: u64 = 100;

/// Through what messages go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Signal,
    Call,
    Stream,
}

/// How they are sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One after the other, each awaited.
    Awaited,
    /// By 64 senders, each of which awaits its own.
    Concurrent,
    /// [`BATCH`] at once, then the next.
    Batched,
}

#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) way: Way,
    pub(crate) mode: Mode,
}

impl Load {
    /// All rows of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        [Way::Signal, Way::Call, Way::Stream]
            .into_iter()
            .flat_map(|way| {
                [Mode::Awaited, Mode::Concurrent, Mode::Batched].map(|mode| Self { way, mode })
            })
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {}", self.way, self.mode)
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signal => "signal, pub/sub",
            Self::Call => "call",
            Self::Stream => "queue, stream",
        })
    }
}

impl Mode {
    fn senders(self) -> u64 {
        match self {
            Self::Awaited | Self::Batched => 1,
            Self::Concurrent => 64,
        }
    }

    fn at_once(self) -> u64 {
        match self {
            Self::Awaited | Self::Concurrent => 1,
            Self::Batched => BATCH,
        }
    }

    /// A multiple of what is sent at once by all senders.
    pub(crate) fn messages(self) -> u64 {
        match self {
            Self::Awaited => 5_000,
            Self::Concurrent => 19_200,
            Self::Batched => 30_000,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Awaited => "one by one",
            Self::Concurrent => "64 senders",
            Self::Batched => "100 at once",
        })
    }
}

/// Sends so many messages, each with the time it is sent as its id, and waits until they are confirmed.
pub(crate) trait Send: Clone + std::marker::Send + Sync + 'static {
    fn send(&self, ids: Vec<u64>) -> impl Future<Output = ()> + std::marker::Send;
}

/// What was handled, and how long after it was sent.
pub(crate) struct Seen {
    begun: Instant,
    handled: AtomicU64,
    taken: Mutex<Vec<u64>>,
    moved: Notify,
}

impl Seen {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Instant::now(),
            handled: AtomicU64::new(0),
            taken: Mutex::default(),
            moved: Notify::new(),
        })
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).expect("it takes no centuries")
    }

    /// A message that was sent at this time has been handled.
    pub(crate) fn note(&self, sent: u64) {
        let taken = self.now().saturating_sub(sent);
        let mut all = self.taken.lock().expect("nothing panics under it");
        all.push(taken);
        drop(all);
        let handled = self.handled.fetch_add(1, Ordering::Relaxed) + 1;
        if handled.is_multiple_of(TOLD) {
            self.moved.notify_waiters();
        }
    }

    pub(crate) fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    /// Ready when as many were handled, to a few less.
    async fn reaches(&self, count: u64) {
        let count = count / TOLD * TOLD;
        while self.handled() < count {
            let moved = self.moved.notified();
            if self.handled() < count {
                moved.await;
            }
        }
    }
}

/// Sends all there is to send and waits until it is handled.
pub(crate) async fn drive(sender: impl Send, mode: Mode, seen: &Arc<Seen>) -> Figures {
    let messages = mode.messages();
    let begun = Instant::now();
    let mut sending = JoinSet::new();
    for _ in 0..mode.senders() {
        sending.spawn(send_all(sender.clone(), mode, Arc::clone(seen)));
    }
    sending.join_all().await;
    while seen.handled() < messages {
        tokio::task::yield_now().await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let mut taken = seen.taken.lock().expect("nothing panics under it").clone();
    taken.sort_unstable();
    Figures {
        a_second: share(messages) / seconds,
        p50: at(&taken, 500),
        p99: at(&taken, 990),
        own: 0.0,
        server: 0.0,
    }
}

async fn send_all(sender: impl Send, mode: Mode, seen: Arc<Seen>) {
    let each = mode.messages() / mode.senders();
    let mut sent = 0;
    while sent < each {
        let by_all = sent * mode.senders();
        seen.reaches((by_all + mode.at_once()).saturating_sub(WINDOW))
            .await;
        let now = seen.now();
        let ids = (0..mode.at_once()).map(|_| now).collect();
        sender.send(ids).await;
        sent += mode.at_once();
    }
}

/// What a run took; latencies in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) a_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Microseconds on a processor, of this process and of the server.
    pub(crate) own: f64,
    pub(crate) server: f64,
}

impl Figures {
    pub(crate) const WORST: Self = Self {
        a_second: 0.0,
        p50: f64::MAX,
        p99: f64::MAX,
        own: 0.0,
        server: 0.0,
    };

    pub(crate) fn better(self, other: Self) -> Self {
        Self {
            a_second: self.a_second.max(other.a_second),
            p50: self.p50.min(other.p50),
            p99: self.p99.min(other.p99),
            own: self.own + other.own,
            server: self.server + other.server,
        }
    }

    /// What it cost for each of so many messages.
    pub(crate) fn per_message(self, messages: u64) -> Self {
        Self {
            own: self.own / share(messages),
            server: self.server / share(messages),
            ..self
        }
    }
}

pub(crate) const HEADING: &str = "| what | sent | by hand/s | agents/s | ratio | by hand p50, p99 µs | agents p50, p99 µs | \
     by hand CPU µs here, server | agents CPU µs here, server |\n|---|---|---|---|---|---|---|---|---|";

pub(crate) fn row(load: Load, bare: Figures, agents: Figures) -> String {
    let latency = |it: Figures| format!("{:.0}, {:.0}", it.p50, it.p99);
    let cost = |it: Figures| format!("{:.1}, {:.1}", it.own, it.server);
    format!(
        "| {load} | {:.0} | {:.0} | {:.2} | {} | {} | {} | {} |",
        bare.a_second,
        agents.a_second,
        agents.a_second / bare.a_second,
        latency(bare),
        latency(agents),
        cost(bare),
        cost(agents),
    )
}

fn at(sorted: &[u64], permille: usize) -> f64 {
    let place = (sorted.len() - 1) * permille / 1_000;
    share(sorted[place]) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn share(count: u64) -> f64 {
    count as f64
}
