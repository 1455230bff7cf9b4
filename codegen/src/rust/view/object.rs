//! A struct with named fields.

use askama::Template;

use super::Member;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/object.rs.jinja", escape = "none")]
pub(crate) struct Object {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    pub(crate) fields: Vec<Member>,
    /// What the codec is told of each field.
    pub(crate) rows: Vec<String>,
    pub(crate) constructor: Constructor,
    /// `to: shown` of all fields, where one must not be shown.
    pub(crate) redacted: String,
}

/// How `new` makes a value.
#[derive(Clone, Debug)]
pub(crate) struct Constructor {
    /// Whether `Default` is as good.
    pub(crate) is_default: bool,
    /// What must be given.
    pub(crate) parameters: Vec<String>,
    /// What all other fields are, with commas.
    pub(crate) values: Vec<String>,
}
