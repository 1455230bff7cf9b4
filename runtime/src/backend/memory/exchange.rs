//! Exchanges of the memory backend: which queues a message goes to. Knows patterns and bindings, not what queues do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::Cell;
use crate::broker::ExchangeKind;

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
        let words = words(key);
        let matches = |bound: &&Bound| {
            self.kind == ExchangeKind::Fanout || bound.patterns.iter().any(|it| it.matches(&words))
        };
        self.bindings
            .values()
            .filter(matches)
            .map(|bound| Arc::clone(&bound.cell))
            .collect()
    }
}

/// A pattern of a topic exchange: words between dots, `*` for one, `#` for any number of them.
#[derive(Debug, PartialEq, Eq)]
struct Pattern(Vec<Word>);

#[derive(Debug, PartialEq, Eq)]
enum Word {
    Exactly(Box<str>),
    One,
    Any,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let word = |it: &str| match it {
            "*" => Word::One,
            "#" => Word::Any,
            text => Word::Exactly(text.into()),
        };
        Self(words(text).into_iter().map(word).collect())
    }

    /// Tries each word in turn, and after a failure lets the last `#` take one word more: never exponential.
    fn matches(&self, key: &[&str]) -> bool {
        let (mut word, mut at) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.0.get(word) {
                Some(Word::Any) => {
                    retry = Some((word + 1, at));
                    word += 1;
                    continue;
                }
                Some(Word::One) if at < key.len() => {}
                Some(Word::Exactly(text)) if key.get(at).is_some_and(|it| **it == **text) => {}
                None if at == key.len() => return true,
                _ => match &mut retry {
                    Some((after, taken)) if *taken < key.len() => {
                        *taken += 1;
                        (word, at) = (*after, *taken);
                        continue;
                    }
                    _ => return false,
                },
            }
            word += 1;
            at += 1;
        }
    }
}

/// An empty key has no words, as in RabbitMQ.
fn words(text: &str) -> Vec<&str> {
    if text.is_empty() {
        return Vec::new();
    }
    text.split('.').collect()
}

#[cfg(test)]
mod tests {
    use super::{Pattern, words};

    #[test]
    fn patterns_match_as_amqp_says() {
        for (pattern, matching, other) in [
            ("a.b", &["a.b"][..], &["a", "a.b.c", "a.c", ""][..]),
            ("*", &["a", "b"], &["", "a.b"]),
            ("#", &["", "a", "a.b.c"], &[]),
            ("*.b", &["a.b", "x.b"], &["b", "a.b.c", "a.a.b"]),
            ("#.b", &["b", "a.b", "a.a.b", "b.b"], &["", "b.a"]),
            ("a.#", &["a", "a.b", "a.b.c"], &["", "b", "b.a"]),
            ("a.*.c", &["a.b.c"], &["a.c", "a.b.b.c"]),
            (
                "a.#.c",
                &["a.c", "a.b.c", "a.b.b.c", "a.c.c"],
                &["a", "a.c.b"],
            ),
            ("#.b.#", &["b", "a.b", "b.c", "a.b.c"], &["", "a.c"]),
            ("#.*", &["a", "a.b"], &[""]),
            ("*.#.b", &["a.b", "b.b", "a.c.b"], &["b"]),
            ("#.a.#.b", &["a.b", "x.a.x.b", "a.a.b.b"], &["b.a", "a"]),
            ("", &[""], &["a"]),
            ("a..b", &["a..b"], &["a.b"]),
        ] {
            let compiled = Pattern::new(pattern);
            for key in matching {
                assert!(compiled.matches(&words(key)), "{pattern} ~ {key}");
            }
            for key in other {
                assert!(!compiled.matches(&words(key)), "{pattern} !~ {key}");
            }
        }
    }
}
