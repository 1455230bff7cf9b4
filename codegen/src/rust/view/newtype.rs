//! A type around another.

use askama::Template;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/newtype.rs.jinja", escape = "none")]
pub(crate) struct Newtype {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    /// Of the field inside: `pub `, or nothing where a constructor checks.
    pub(crate) visibility: &'static str,
    pub(crate) inner: String,
    /// `newtype` or `checked_newtype`.
    pub(crate) table: &'static str,
    /// The codec, and what a value must keep.
    pub(crate) rules: String,
    /// Whether its keys can stand in another object.
    pub(crate) is_object: bool,
}
