//! A file of packages, and a package with all it declares.

use askama::Template;

use super::{Agent, Channels, Choice, Newtype, Object, PackageSenders, RoutingKey};

#[derive(Clone, Debug, Template)]
#[template(path = "rust/packages.rs.jinja", escape = "none")]
pub(crate) struct File {
    pub(crate) header: String,
    /// `::accounts as __dep_accounts`
    pub(crate) reexports: Vec<String>,
    pub(crate) packages: Vec<Package>,
}

#[derive(Clone, Debug, Template)]
#[template(path = "rust/package.rs.jinja", escape = "none")]
pub(crate) struct Package {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) module: String,
    /// Lints that the schema's own words and names would set off: whole attributes.
    pub(crate) allows: Vec<String>,
    /// As a literal.
    pub(crate) name: String,
    pub(crate) fingerprint: String,
    /// Whole statements: features that must be on, foreign contracts that must be the ones that were read.
    pub(crate) assertions: Vec<String>,
    /// Whether anything here needs the runtime.
    pub(crate) uses_runtime: bool,
    pub(crate) types: Vec<Type>,
    /// Markers of constraints: `MailSubject: max(200)`.
    pub(crate) rules: Vec<String>,
    pub(crate) channels: Vec<Channels>,
    pub(crate) routing_keys: Vec<RoutingKey>,
    pub(crate) senders: Option<PackageSenders>,
    pub(crate) agents: Vec<Agent>,
}

#[derive(Clone, Debug)]
pub(crate) enum Type {
    Object(Object),
    Choice(Choice),
    Newtype(Newtype),
}
