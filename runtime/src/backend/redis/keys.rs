//! Names of the keys. All keys of a queue have one hash tag, so that a cluster keeps them together and a script may touch
//! them all. Knows no commands.

/// The keys that every queue has, however it is kept.
#[derive(Debug, Clone)]
pub(super) struct QueueKeys {
    /// Its messages, under the name itself, so that `XADD name * body …` or `RPUSH name …` by hand sends to it.
    pub(super) queue: Box<str>,
    /// What waits for its time, in a sorted set by that time.
    pub(super) delayed: Box<str>,
    /// Dead letters, a stream.
    pub(super) dead: Box<str>,
    /// What was declared, and what is counted, in a hash.
    pub(super) declaration: Box<str>,
}

impl QueueKeys {
    pub(super) fn new(prefix: &str, queue: &str) -> Self {
        let queue = format!("{prefix}{queue}").into_boxed_str();
        Self {
            delayed: beside(&queue, "delayed"),
            dead: beside(&queue, "dead"),
            declaration: beside(&queue, "queue"),
            queue,
        }
    }

    /// A key that only one way to keep queues has.
    pub(super) fn beside(&self, what: &str) -> Box<str> {
        beside(&self.queue, what)
    }
}

fn beside(name: &str, what: &str) -> Box<str> {
    format!("{{{name}}}:{what}").into()
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
        let name = format!("{prefix}{exchange}");
        Self {
            exchange: beside(&name, "exchange"),
            bindings: beside(&name, "bindings"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_queue_share_the_tag_that_its_name_is() {
        let keys = QueueKeys::new("p.", "mailer");
        assert_eq!(&*keys.queue, "p.mailer");
        for key in [&keys.delayed, &keys.dead, &keys.declaration] {
            assert!(key.starts_with("{p.mailer}:"), "{key}");
        }
        assert_eq!(&*keys.beside("held"), "{p.mailer}:held");
    }
}
