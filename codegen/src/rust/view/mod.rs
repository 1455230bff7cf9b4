//! What templates see: structs of final strings, one file per kind of declaration. Knows nothing of the model; whatever
//! is decided about the output is decided before these are made.
//!
//! Invariants: fields are strings, lists of them, or views; a line has no newline; indentation is the templates', except
//! where a list of lines goes on (attributes, signatures), which is relative to its first line.

mod agent;
mod channel;
mod newtype;
mod object;
mod package;
mod root;
mod senders;
mod variants;

pub(crate) use agent::{Agent, Constant, Union};
pub(crate) use channel::{Channels, Marker, RoutingKey};
pub(crate) use newtype::Newtype;
pub(crate) use object::{Constructor, Object};
pub(crate) use package::{File, Package, Type};
pub(crate) use root::{Module, NamedRoot, Root, Roots};
pub(crate) use senders::{PackageSenders, Sender};
pub(crate) use variants::Choice;

/// A method of a trait or a context.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    /// `fn send_mailer(&self, message: Mail) -> __rt::Sending<'_>`, with what ends its line.
    pub(crate) signature: Vec<String>,
    /// Nothing where users write it.
    pub(crate) body: Vec<String>,
}

/// A field of a struct, or a variant of an enum, with all that stands before it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    /// `pub to: Email,`, `Free,`, `Postal(Address),`
    pub(crate) text: Vec<String>,
}
