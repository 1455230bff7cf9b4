//! Markers of signals, calls, queues and exchanges, and the keys of routed exchanges.

use askama::Template;

use super::Member;

/// The markers of one kind.
#[derive(Clone, Debug, Template)]
#[template(path = "rust/channels.rs.jinja", escape = "none")]
pub(crate) struct Channels {
    /// `signals`, the module and the macro alike.
    pub(crate) kind: &'static str,
    /// The line that documents the module.
    pub(crate) docs: String,
    pub(crate) markers: Vec<Marker>,
}

#[derive(Clone, Debug)]
pub(crate) struct Marker {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    /// `Mailer: super::Mail as __rt::Plain`
    pub(crate) text: String,
    /// `__rt::QueueMeta::new("accounts", "mailer", "accounts.mailer")`
    pub(crate) meta: String,
    /// `.with_ttl(…)`
    pub(crate) options: Vec<String>,
}

/// What a routed exchange routes by.
#[derive(Clone, Debug, Template)]
#[template(path = "rust/routing_key.rs.jinja", escape = "none")]
pub(crate) struct RoutingKey {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    /// The exchange, as a literal.
    pub(crate) wire: String,
    pub(crate) parameters: Vec<Member>,
    /// `value(kind), literal("news")`
    pub(crate) words: String,
}
