//! Exchanges of the memory backend: which queues a message goes to. Knows bindings, not what queues do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::Cell;
use crate::broker::{ExchangeKind, Pattern};

/// An exchange with the queues bound to it.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) kind: ExchangeKind,
    /// Sorted, so that all senders lock queues in one order.
    bindings: BTreeMap<Arc<str>, Bound>,
}

#[derive(Debug)]
struct Bound {
    cell: Arc<Cell>,
    patterns: Vec<Pattern>,
}

impl Exchange {
    pub(super) fn new(kind: ExchangeKind) -> Self {
        Self {
            kind,
            bindings: BTreeMap::new(),
        }
    }

    /// Binds a queue; the same binding again changes nothing.
    pub(super) fn bind(&mut self, queue: &Arc<str>, cell: &Arc<Cell>, pattern: &str) {
        let bound = self
            .bindings
            .entry(Arc::clone(queue))
            .or_insert_with(|| Bound {
                cell: Arc::clone(cell),
                patterns: Vec::new(),
            });
        let pattern = Pattern::new(pattern);
        if !bound.patterns.contains(&pattern) {
            bound.patterns.push(pattern);
        }
    }

    /// The queues that get a message, each once.
    pub(super) fn route(&self, key: &str) -> Vec<Arc<Cell>> {
        let matches = |bound: &&Bound| {
            self.kind == ExchangeKind::Fanout || bound.patterns.iter().any(|it| it.matches(key))
        };
        self.bindings
            .values()
            .filter(matches)
            .map(|bound| Arc::clone(&bound.cell))
            .collect()
    }
}
