//! Names of the keys. All keys of a queue have one hash tag, so that a cluster keeps them together and a script may touch
//! them all. Knows no commands.

/// The keys of one queue.
#[derive(Debug, Clone)]
pub(super) struct QueueKeys {
    /// Its entries, under the name itself, so that `XADD name * body …` by hand sends to it.
    pub(super) stream: Box<str>,
    /// What waits for its time, in a sorted set by that time.
    pub(super) delayed: Box<str>,
    /// Dead letters, a stream.
    pub(super) dead: Box<str>,
    /// What was declared, and what is counted, in a hash.
    pub(super) declaration: Box<str>,
}

impl QueueKeys {
    pub(super) fn new(prefix: &str, queue: &str) -> Self {
        let of = |what: &str| format!("{{{prefix}{queue}}}:{what}").into_boxed_str();
        Self {
            stream: format!("{prefix}{queue}").into(),
            delayed: of("delayed"),
            dead: of("dead"),
            declaration: of("queue"),
        }
    }
}

/// The keys of one exchange.
#[derive(Debug, Clone)]
pub(super) struct ExchangeKeys {
    /// Its kind, and a version that each new binding raises, in a hash.
    pub(super) exchange: Box<str>,
    /// Its bindings, in a set: queue and pattern.
    pub(super) bindings: Box<str>,
}

impl ExchangeKeys {
    pub(super) fn new(prefix: &str, exchange: &str) -> Self {
        let of = |what: &str| format!("{{{prefix}{exchange}}}:{what}").into_boxed_str();
        Self {
            exchange: of("exchange"),
            bindings: of("bindings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_queue_share_the_tag_that_its_name_is() {
        let keys = QueueKeys::new("p.", "mailer");
        assert_eq!(&*keys.stream, "p.mailer");
        for key in [&keys.delayed, &keys.dead, &keys.declaration] {
            assert!(key.starts_with("{p.mailer}:"), "{key}");
        }
    }
}
