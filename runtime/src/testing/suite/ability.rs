//! What a case may need of a backend, how its capabilities tell, and what is declared to see that it is refused.

use std::fmt;
use std::time::Duration;

use crate::broker::{
    Binding, Capabilities, ExchangeDeclaration, ExchangeKind, MaxLength, Overflow,
    QueueDeclaration, Topology,
};
use crate::bus::BusCapabilities;

/// What a case may need of a backend, and its table has a line for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Ability {
    /// A broker at all.
    Broker,
    /// [`Capabilities::durable`].
    Durable,
    /// [`Capabilities::delayed`].
    Delayed,
    /// [`Capabilities::ordered`].
    Ordered,
    /// [`Capabilities::ordered_copies`].
    OrderedCopies,
    /// [`Capabilities::max_priority`] of 5 or more.
    Priorities,
    /// [`Capabilities::ttl`].
    Ttl,
    /// [`Capabilities::overflow_reject`].
    OverflowReject,
    /// [`Capabilities::overflow_drop_oldest`].
    OverflowDropOldest,
    /// [`Capabilities::fanout`].
    Fanout,
    /// [`Capabilities::topic`].
    Topic,
    /// [`Capabilities::headers`].
    Headers,
    /// [`Capabilities::counts_crashes`].
    CountsCrashes,
    /// [`Capabilities::uncounted_return`].
    UncountedReturn,
    /// [`Capabilities::lease`].
    Lease,
    /// [`BrokerBackend::inspect`](crate::broker::BrokerBackend::inspect).
    Inspect,
    /// A bus at all.
    Bus,
    /// [`BusCapabilities::calls`].
    Calls,
    /// [`BusCapabilities::headers`].
    BusHeaders,
    /// [`BusCapabilities::tells_nobody`].
    TellsNobody,
    /// [`Place::switch`](super::Place::switch): the place can cut connections.
    Switch,
}

/// What a place has, as it says itself.
#[derive(Debug, Default)]
pub(super) struct Offer {
    pub(super) broker: Option<Capabilities>,
    pub(super) inspect: bool,
    pub(super) bus: Option<BusCapabilities>,
    pub(super) switch: bool,
}

impl Ability {
    /// All of them, in the order of the table.
    pub(super) const ALL: [Self; 21] = [
        Self::Broker,
        Self::Durable,
        Self::Delayed,
        Self::Ordered,
        Self::OrderedCopies,
        Self::Priorities,
        Self::Ttl,
        Self::OverflowReject,
        Self::OverflowDropOldest,
        Self::Fanout,
        Self::Topic,
        Self::Headers,
        Self::CountsCrashes,
        Self::UncountedReturn,
        Self::Lease,
        Self::Inspect,
        Self::Bus,
        Self::Calls,
        Self::BusHeaders,
        Self::TellsNobody,
        Self::Switch,
    ];

    /// The line of the table.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Broker => "queues: competing consumers, attempts, retries, dead letters",
            Self::Durable => "messages outlive those who sent them",
            Self::Delayed => "delayed messages",
            Self::Ordered => "order by key",
            Self::OrderedCopies => "order by key behind an exchange",
            Self::Priorities => "priorities",
            Self::Ttl => "time to live",
            Self::OverflowReject => "bounded queues that reject",
            Self::OverflowDropOldest => "bounded queues that drop the oldest",
            Self::Fanout => "exchanges that copy to all",
            Self::Topic => "exchanges that route by pattern",
            Self::Headers => "ids, headers and traces with messages",
            Self::CountsCrashes => "a crash counts as an attempt",
            Self::UncountedReturn => "what is handed back counts no attempt and keeps its place",
            Self::Lease => "leases",
            Self::Inspect => "counts, dead letters and their redrive",
            Self::Bus => "signals, and answers of all who hear them",
            Self::Calls => "calls to one replica",
            Self::BusHeaders => "ids, headers and traces with signals",
            Self::TellsNobody => "who speaks to nobody is told so",
            Self::Switch => "comes back from lost connections",
        }
    }

    /// Whether the place says that it has it.
    pub(super) fn is_in(self, offer: &Offer) -> bool {
        let broker = |has: fn(&Capabilities) -> bool| offer.broker.as_ref().is_some_and(has);
        let bus = |has: fn(&BusCapabilities) -> bool| offer.bus.as_ref().is_some_and(has);
        match self {
            Self::Broker => broker(|_| true),
            Self::Durable => broker(|it| it.durable),
            Self::Delayed => broker(|it| it.delayed),
            Self::Ordered => broker(|it| it.ordered),
            Self::OrderedCopies => broker(|it| it.ordered_copies),
            Self::Priorities => broker(|it| it.max_priority >= 5),
            Self::Ttl => broker(|it| it.ttl),
            Self::OverflowReject => broker(|it| it.overflow_reject),
            Self::OverflowDropOldest => broker(|it| it.overflow_drop_oldest),
            Self::Fanout => broker(|it| it.fanout),
            Self::Topic => broker(|it| it.topic),
            Self::Headers => broker(|it| it.headers),
            Self::CountsCrashes => broker(|it| it.counts_crashes),
            Self::UncountedReturn => broker(|it| it.uncounted_return),
            Self::Lease => broker(|it| it.lease.is_some()),
            Self::Inspect => offer.inspect,
            Self::Bus => bus(|_| true),
            Self::Calls => bus(|it| it.calls),
            Self::BusHeaders => bus(|it| it.headers),
            Self::TellsNobody => bus(|it| it.tells_nobody),
            Self::Switch => offer.switch,
        }
    }

    /// What asks a broker for it, and the name that has to stand in the refusal; none for what is not declared. What is
    /// asked for beside it, the broker has.
    pub(super) fn asked_for(self, has: &Capabilities) -> Option<(Topology, &'static str)> {
        let queue = |change: fn(&mut QueueDeclaration)| {
            let mut queue = QueueDeclaration::new("asks");
            change(&mut queue);
            let topology = Topology {
                queues: vec![queue],
                ..Topology::default()
            };
            Some((topology, "asks"))
        };
        match self {
            Self::Ordered => queue(|it| it.partitions = Some(2)),
            Self::OrderedCopies if has.ordered && has.fanout => Some((ordered_copies(), "asks")),
            Self::Priorities => queue(|it| it.max_priority = 5),
            Self::Ttl => queue(|it| it.ttl = Some(Duration::from_mins(1))),
            Self::OverflowReject => queue(|it| it.max_length = limit(Overflow::Reject)),
            Self::OverflowDropOldest => queue(|it| it.max_length = limit(Overflow::DropOldest)),
            Self::Fanout => Some((exchange(ExchangeKind::Fanout), "exchange")),
            Self::Topic => Some((exchange(ExchangeKind::Topic), "exchange")),
            _ => None,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a declaration has it")]
fn limit(overflow: Overflow) -> Option<MaxLength> {
    Some(MaxLength {
        messages: 2,
        overflow,
    })
}

fn exchange(kind: ExchangeKind) -> Topology {
    Topology {
        exchanges: vec![ExchangeDeclaration {
            name: "exchange".into(),
            kind,
        }],
        ..Topology::default()
    }
}

fn ordered_copies() -> Topology {
    let mut queue = QueueDeclaration::new("asks");
    queue.partitions = Some(2);
    Topology {
        queues: vec![queue],
        bindings: vec![Binding {
            exchange: "exchange".into(),
            queue: "asks".into(),
            pattern: None,
        }],
        ..exchange(ExchangeKind::Fanout)
    }
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
