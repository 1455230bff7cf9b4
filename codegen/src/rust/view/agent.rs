//! An agent: the context with what it may send, its lines, and the trait that users implement.

use askama::Template;

use super::{Member, Method};

#[derive(Clone, Debug, Template)]
#[template(path = "rust/agent.rs.jinja", escape = "none")]
pub(crate) struct Agent {
    pub(crate) name: String,
    /// Docs and attributes of the trait.
    pub(crate) head: Vec<String>,
    /// Docs and attributes of the module.
    pub(crate) module_head: Vec<String>,
    /// `mail_agent`
    pub(crate) module: String,
    /// What the runtime knows of it: a constant.
    pub(crate) meta: Vec<String>,
    /// The constants that name its schedules.
    pub(crate) schedules: Vec<Constant>,
    /// What is received by one method for several signals.
    pub(crate) unions: Vec<Union>,
    /// The traits of what it may send.
    pub(crate) markers: Vec<String>,
    pub(crate) senders: Vec<Method>,
    /// What the runtime is told of each line.
    pub(crate) lines: Vec<String>,
    /// `pub trait MailAgent: …`
    pub(crate) declaration: Vec<String>,
    /// The methods that users write.
    pub(crate) handlers: Vec<Method>,
    /// The methods that users may write.
    pub(crate) hooks: Vec<Method>,
}

#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub(crate) docs: String,
    pub(crate) text: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Union {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    pub(crate) variants: Vec<Member>,
}
