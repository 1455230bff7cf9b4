//! What both sides do: the same message, counted in the same way, and its price.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use compiled_load::Jobs;
use tokio::sync::Notify;

/// Messages on their way at most.
pub(crate) const WINDOW: u64 = 1_024;
/// So often senders that wait for room are told of it.
const TOLD: u64 = 128;

/// How much is sent, by how many tasks at once.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) senders: u64,
    pub(crate) messages: u64,
}

/// The same message for the bare loop.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Job {
    pub(crate) id: u64,
    amount: i64,
    customer: String,
    state: State,
    count: u32,
    weight: f64,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    urgent: bool,
    labels: BTreeMap<String, String>,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Open,
    Paid,
    Shipped,
}

impl Job {
    pub(crate) fn new(id: u64) -> Self {
        let message = jobs(id);
        Self {
            id,
            amount: message.amount,
            customer: message.customer,
            state: match message.state {
                compiled_load::State::Open => State::Open,
                compiled_load::State::Paid => State::Paid,
                compiled_load::State::Shipped => State::Shipped,
            },
            count: message.count,
            weight: message.weight,
            tags: message.tags,
            note: message.note,
            urgent: message.urgent,
            labels: message.labels,
        }
    }
}

/// The message of the agents. A sender makes each anew, as senders do; so does that of the bare loop.
pub(crate) fn jobs(id: u64) -> Jobs {
    let labels = [("country", "GB"), ("channel", "web")];
    Jobs {
        id,
        amount: -123_450,
        customer: "Ada Lovelace, Ockham Park".into(),
        state: compiled_load::State::Paid,
        count: 12,
        weight: 1.25,
        tags: vec!["gift".into(), "fragile".into()],
        note: Some("leave it at the door".into()),
        urgent: false,
        labels: labels
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
    }
}

/// Counts what was handled.
#[derive(Default)]
pub(crate) struct Count {
    handled: AtomicU64,
    moved: Notify,
}

impl Count {
    pub(crate) fn add(&self) {
        let handled = self.handled.fetch_add(1, Ordering::Relaxed) + 1;
        if handled.is_multiple_of(TOLD) {
            self.moved.notify_waiters();
        }
    }

    /// Ready when as many were handled; a multiple of [`TOLD`], or less than it.
    pub(crate) async fn reaches(&self, count: u64) {
        let count = count / TOLD * TOLD;
        while self.handled.load(Ordering::Relaxed) < count {
            let moved = self.moved.notified();
            if self.handled.load(Ordering::Relaxed) < count {
                moved.await;
            }
        }
    }
}

/// The price of one message.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) nanoseconds: f64,
    pub(crate) cpu: f64,
}

impl Cost {
    pub(crate) const WORST: Self = Self {
        nanoseconds: f64::MAX,
        cpu: f64::MAX,
    };

    pub(crate) fn min(self, other: Self) -> Self {
        Self {
            nanoseconds: self.nanoseconds.min(other.nanoseconds),
            cpu: self.cpu.min(other.cpu),
        }
    }
}

/// Measures until all are handled.
pub(crate) struct Meter {
    begun: Instant,
    cpu: u64,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self {
            cpu: cpu_nanoseconds(),
            begun: Instant::now(),
        }
    }

    pub(crate) async fn stop(self, count: &Arc<Count>, messages: u64) -> Cost {
        count.reaches(messages).await;
        let nanoseconds = self.begun.elapsed().as_nanos();
        Cost {
            nanoseconds: share(
                u64::try_from(nanoseconds).expect("it takes no centuries"),
                messages,
            ),
            cpu: share(cpu_nanoseconds() - self.cpu, messages),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn share(total: u64, parts: u64) -> f64 {
    total as f64 / parts as f64
}

/// What all threads of this process have run, where the system tells.
fn cpu_nanoseconds() -> u64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let ran = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    ran.sum()
}
