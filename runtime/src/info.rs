//! What can be seen of a run while it lives: whether it is ready, and all of it as JSON. Keeps nothing of the agents
//! alive. The names of the fields are stable; [`Running::info`](crate::Running::info) documents them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use crate::agent::{Line, LineMonitor, Status, Timing};
use crate::broker::Capabilities;
use crate::bus::BusCapabilities;
use crate::clock::Clock;
use crate::connect::Backends;
use crate::delivery::DeliveryStats;
use crate::parts::Part;
use crate::rpc::{AskerStats, ListenStats};
use crate::schedule::{Book, upcoming};
use crate::stop::Stop;
use crate::watchdog::Board;

/// The format of messages between processes.
const WIRE: u32 = 1;
/// The format of the JSON made here.
const INFO: u32 = 1;
/// Next instants of a schedule that are told.
const NEXT: usize = 3;

/// What can be seen of a run.
#[derive(Debug)]
pub(crate) struct Overview {
    pub(crate) agents: Vec<Arc<Status>>,
    pub(crate) off: BTreeSet<Part>,
    pub(crate) book: Arc<Book>,
    pub(crate) board: Arc<Board>,
    clock: Clock,
    stop: Stop,
    bus: Value,
    broker: Value,
}

impl Overview {
    pub(crate) fn new(
        (agents, off): (Vec<Arc<Status>>, BTreeSet<Part>),
        backends: &Backends,
        clock: Clock,
        (stop, board): (Stop, Arc<Board>),
    ) -> Self {
        Self {
            agents,
            off,
            book: Arc::default(),
            board,
            clock,
            stop,
            bus: bus(backends.bus.capabilities(), &backends.bus_place),
            broker: broker(backends.broker.capabilities(), &backends.broker_place),
        }
    }

    /// Of a run without agents.
    #[cfg(test)]
    pub(crate) fn empty(stop: &Stop) -> Self {
        Self {
            agents: Vec::new(),
            off: BTreeSet::new(),
            book: Arc::default(),
            board: Arc::default(),
            clock: Clock::machine(),
            stop: stop.clone(),
            bus: Value::Null,
            broker: Value::Null,
        }
    }

    /// All agents handle messages, and all their lines are attached now.
    pub(crate) fn is_ready(&self) -> bool {
        !self.stop.is_draining() && self.agents.iter().all(|it| it.is_ready(&self.off))
    }

    /// All that can be seen.
    pub(crate) fn to_json(&self) -> Value {
        let agents = self.agents.iter().map(|it| self.agent(it));
        json!({
            "versions": {
                "microagent": env!("CARGO_PKG_VERSION"),
                "wire": WIRE,
                "info": INFO,
            },
            "ready": self.is_ready(),
            "blocked": self.board.blocked(),
            "without": self.off.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
            "bus": self.bus,
            "broker": self.broker,
            "agents": agents.collect::<Vec<_>>(),
        })
    }

    fn agent(&self, status: &Status) -> Value {
        let meta = status.meta;
        let lines = status.lines().iter().map(|it| self.line(it));
        let timings = status.timings().iter();
        let schedules = timings.map(|it| self.schedule(status, it));
        json!({
            "name": meta.name(),
            "package": meta.package(),
            "fingerprint": format!("{:016x}", meta.fingerprint()),
            "state": status.phase().as_str(),
            "ready": status.is_ready(&self.off) && !self.stop.is_draining(),
            "lines": lines.collect::<Vec<_>>(),
            "questions": asked(status.asked()),
            "schedules": schedules.collect::<Vec<_>>(),
        })
    }

    fn line(&self, line: &Line) -> Value {
        let mut fields = Map::new();
        fields.insert("kind".into(), line.kind.into());
        fields.insert("name".into(), line.name.into());
        if self.off.contains(&line.part) {
            fields.insert("off".into(), true.into());
        }
        if line.part == Part::Servers {
            return fields.into();
        }
        let monitor = line.monitor.get();
        let attached = monitor.is_some_and(LineMonitor::is_attached);
        fields.insert("takes".into(), json!(line.takes));
        fields.insert("attached".into(), attached.into());
        match monitor {
            Some(LineMonitor::Queue(monitor)) => {
                fields.insert("in_flight".into(), monitor.running().into());
                fields.insert("counts".into(), delivered(monitor.stats()));
            }
            Some(LineMonitor::Listener(monitor)) => {
                fields.insert("in_flight".into(), monitor.running().into());
                fields.insert("counts".into(), heard(monitor.stats()));
            }
            None => {}
        }
        fields.into()
    }

    fn schedule(&self, status: &Status, timing: &Timing) -> Value {
        let off = self.off.contains(&Part::Schedules);
        let mut fields = match timing {
            Timing::Every(line) => {
                json!({ "kind": "every", "period_ms": milliseconds(line.period) })
            }
            Timing::Cron(line) => {
                json!({ "kind": "cron", "expression": line.expression, "timezone": line.timezone })
            }
        };
        let began = status.began().filter(|_| !off);
        let next = began.map(|it| upcoming(timing, it, &self.clock, NEXT));
        let next = next.unwrap_or_default().into_iter().map(instant);
        let counts = self.book.counts(timing.id());
        fields["name"] = timing.id().name().into();
        fields["next"] = next.collect();
        fields["counts"] = json!({
            "runs": counts.runs,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "missed": counts.missed,
            "late": counts.late,
            "latest_ms": milliseconds(counts.latest),
        });
        if off {
            fields["off"] = true.into();
        }
        fields
    }
}

fn bus(capabilities: &BusCapabilities, place: &str) -> Value {
    json!({
        "name": capabilities.name,
        "at": place,
        "calls": capabilities.calls,
        "headers": capabilities.headers,
        "tells_nobody": capabilities.tells_nobody,
        "max_payload": capabilities.max_payload,
    })
}

fn broker(capabilities: &Capabilities, place: &str) -> Value {
    json!({
        "name": capabilities.name,
        "at": place,
        "durable": capabilities.durable,
        "delayed": capabilities.delayed,
        "ordered": capabilities.ordered,
        "max_priority": capabilities.max_priority,
        "ttl": capabilities.ttl,
        "fanout": capabilities.fanout,
        "topic": capabilities.topic,
        "headers": capabilities.headers,
        "counts_crashes": capabilities.counts_crashes,
        "lease_ms": capabilities.lease.map(milliseconds),
        "max_payload": capabilities.max_payload,
    })
}

fn delivered(stats: DeliveryStats) -> Value {
    json!({
        "succeeded": stats.succeeded,
        "failed": stats.failed,
        "panicked": stats.panicked,
        "timed_out": stats.timed_out,
        "undecodable": stats.undecodable,
        "retried": stats.retried,
        "dead_lettered": stats.dead_lettered,
        "deduplicated": stats.deduplicated,
        "returned": stats.returned,
        "late": stats.late,
    })
}

fn heard(stats: ListenStats) -> Value {
    json!({
        "succeeded": stats.succeeded,
        "failed": stats.failed,
        "panicked": stats.panicked,
        "timed_out": stats.timed_out,
        "overflowed": stats.overflowed,
        "late": stats.late,
        "gaps": stats.gaps,
        "unanswered": stats.unanswered,
    })
}

fn asked(stats: AskerStats) -> Value {
    json!({
        "pending": stats.pending,
        "late": stats.late,
        "overflowed": stats.overflowed,
        "inbox_overflowed": stats.inbox_overflowed,
        "gaps": stats.gaps,
    })
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
