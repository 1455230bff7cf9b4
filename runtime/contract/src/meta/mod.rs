//! What the runtime knows of a contract: names, options and bindings as constants that generated code states. Owns no
//! payload type and no behaviour. Fields are private and set by `const` builders, so that a later version can add one
//! without breaking code that was generated before.

mod agent;
mod queue;

use std::time::Duration;

pub use agent::AgentMeta;
pub use queue::{Overflow, QueueMeta};

/// How long an asker waits where the schema says nothing.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

/// A signal: who declared it and what it is called on the wire.
#[derive(Clone, Debug)]
pub struct SignalMeta {
    package: &'static str,
    name: &'static str,
    wire: &'static str,
    deadline: Duration,
}

impl SignalMeta {
    /// A signal `name` of `package`, called `wire` on the wire.
    pub const fn new(package: &'static str, name: &'static str, wire: &'static str) -> Self {
        Self {
            package,
            name,
            wire,
            deadline: DEFAULT_DEADLINE,
        }
    }

    /// How long an asker waits; 5 s unless said.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The package that declares it.
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// Its name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name on the wire, without the prefix of a deployment.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// How long an asker waits.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }
}

/// A call: who declared it and what it is called on the wire.
#[derive(Clone, Debug)]
pub struct CallMeta {
    package: &'static str,
    name: &'static str,
    wire: &'static str,
    deadline: Duration,
}

impl CallMeta {
    /// A call `name` of `package`, called `wire` on the wire.
    pub const fn new(package: &'static str, name: &'static str, wire: &'static str) -> Self {
        Self {
            package,
            name,
            wire,
            deadline: DEFAULT_DEADLINE,
        }
    }

    /// How long a caller waits; 5 s unless said.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The package that declares it.
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// Its name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name on the wire, without the prefix of a deployment.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// How long a caller waits.
    pub const fn deadline(&self) -> Duration {
        self.deadline
    }
}

/// An exchange: copies to every bound queue, or routes by key.
#[derive(Clone, Debug)]
pub struct ExchangeMeta {
    package: &'static str,
    name: &'static str,
    wire: &'static str,
    routing: Option<&'static str>,
    queues: fn() -> &'static [&'static QueueMeta],
}

impl ExchangeMeta {
    /// A fanout exchange `name` of `package`, called `wire` on the wire.
    pub const fn new(package: &'static str, name: &'static str, wire: &'static str) -> Self {
        Self {
            package,
            name,
            wire,
            routing: None,
            queues: || &[],
        }
    }

    /// Routed by a key of this template (`{kind: Kind}.{platform: Platform}`).
    #[must_use]
    pub const fn with_routing(mut self, template: &'static str) -> Self {
        self.routing = Some(template);
        self
    }

    /// The queues that its own declaration binds: whoever publishes declares them, so that no message is lost to a
    /// consumer that has never run. A function, since they refer to the exchange in turn.
    #[must_use]
    pub const fn with_queues(mut self, queues: fn() -> &'static [&'static QueueMeta]) -> Self {
        self.queues = queues;
        self
    }

    /// The package that declares it.
    pub const fn package(&self) -> &'static str {
        self.package
    }

    /// Its name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its name on the wire, without the prefix of a deployment.
    pub const fn wire(&self) -> &'static str {
        self.wire
    }

    /// The queues that its own declaration binds.
    pub fn queues(&self) -> &'static [&'static QueueMeta] {
        (self.queues)()
    }

    /// The template of its keys; none is a fanout.
    pub const fn routing(&self) -> Option<&'static str> {
        self.routing
    }
}

/// That a queue gets what is published to an exchange.
#[derive(Clone, Debug)]
pub struct BindingMeta {
    exchange: &'static ExchangeMeta,
    pattern: Option<&'static str>,
}

impl BindingMeta {
    /// Everything that is published to `exchange`.
    pub const fn new(exchange: &'static ExchangeMeta) -> Self {
        Self {
            exchange,
            pattern: None,
        }
    }

    /// Only what this pattern matches: `*` is one word, `#` any number.
    #[must_use]
    pub const fn with_pattern(mut self, pattern: &'static str) -> Self {
        self.pattern = Some(pattern);
        self
    }

    /// The exchange.
    pub const fn exchange(&self) -> &'static ExchangeMeta {
        self.exchange
    }

    /// The pattern; none on a fanout.
    pub const fn pattern(&self) -> Option<&'static str> {
        self.pattern
    }
}
