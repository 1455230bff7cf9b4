//! The trait with all that can be sent of a package, and the marker traits that say who may.

use askama::Template;

use super::Method;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/senders.rs.jinja", escape = "none")]
pub(crate) struct PackageSenders {
    /// The line that documents the trait.
    pub(crate) docs: String,
    /// `AccountsSenders`
    pub(crate) name: String,
    pub(crate) senders: Vec<Sender>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// `MailerSender`
    pub(crate) name: String,
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    /// The handle that may always send it: `Broker`.
    pub(crate) handle: &'static str,
    pub(crate) methods: Vec<Method>,
}
