//! What contracts declare, as topologies that a broker is given: each queue and exchange with all that it refers to, so
//! that whoever comes first, sender or consumer, leaves nothing missing.

use microagent_contract::meta::{self, ExchangeMeta, QueueMeta};

use crate::broker::{
    Binding, ExchangeDeclaration, ExchangeKind, MaxLength, Overflow, QueueDeclaration, Topology,
};

/// An ordered queue whose contract does not say has so many partitions.
const PARTITIONS: u32 = 8;

/// A queue, the exchange it is bound to, and the queue of its dead letters.
pub(crate) fn of_queue(queue: &'static QueueMeta) -> Topology {
    let mut topology = Topology::default();
    add_queue(&mut topology, queue);
    topology
}

/// An exchange and the queues that its own declaration binds.
pub(crate) fn of_exchange(exchange: &'static ExchangeMeta) -> Topology {
    let mut topology = Topology::default();
    add_exchange(&mut topology, exchange);
    topology
}

/// Several queues, each thing once.
pub(crate) fn of_queues(queues: impl IntoIterator<Item = &'static QueueMeta>) -> Topology {
    let mut topology = Topology::default();
    for queue in queues {
        add_queue(&mut topology, queue);
    }
    topology
}

fn add_queue(topology: &mut Topology, queue: &'static QueueMeta) {
    if topology.queues.iter().any(|it| *it.name == *queue.wire()) {
        return;
    }
    topology.queues.push(declaration(queue));
    if let Some(dead) = queue.dead_letter() {
        add_queue(topology, dead);
    }
    if let Some(binding) = queue.binding() {
        add_exchange(topology, binding.exchange());
        topology.bindings.push(Binding {
            exchange: binding.exchange().wire().into(),
            queue: queue.wire().into(),
            pattern: binding.pattern().map(Into::into),
        });
    }
}

fn add_exchange(topology: &mut Topology, exchange: &'static ExchangeMeta) {
    let known = |it: &ExchangeDeclaration| *it.name == *exchange.wire();
    if topology.exchanges.iter().any(known) {
        return;
    }
    topology.exchanges.push(ExchangeDeclaration {
        name: exchange.wire().into(),
        kind: match exchange.routing() {
            Some(_) => ExchangeKind::Topic,
            None => ExchangeKind::Fanout,
        },
    });
    for queue in exchange.queues() {
        add_queue(topology, queue);
    }
}

fn declaration(queue: &'static QueueMeta) -> QueueDeclaration {
    QueueDeclaration {
        durable: queue.durable().unwrap_or(true),
        ttl: queue.ttl(),
        max_length: queue.max_length().map(|messages| MaxLength {
            messages: usize::try_from(messages).unwrap_or(usize::MAX),
            overflow: match queue.overflow() {
                meta::Overflow::DropOldest => Overflow::DropOldest,
                _ => Overflow::Reject,
            },
        }),
        max_priority: queue.max_priority().unwrap_or(0),
        dead_letter: queue.dead_letter().map(|it| it.wire().into()),
        key: queue.key().iter().copied().map(Into::into).collect(),
        partitions: queue
            .is_ordered()
            .then(|| queue.partitions().unwrap_or(PARTITIONS)),
        ..QueueDeclaration::new(queue.wire())
    }
}
