//! An enum: one of strings, of integers, or a union with payloads.

use askama::Template;

use super::Member;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/variants.rs.jinja", escape = "none")]
pub(crate) struct Choice {
    /// Docs and attributes.
    pub(crate) head: Vec<String>,
    pub(crate) name: String,
    pub(crate) variants: Vec<Member>,
    /// The macro of the codec: `string_enum`, `union_external`, …
    pub(crate) table: &'static str,
    /// ` by "type"`, with a space before it, or nothing.
    pub(crate) tagging: String,
    /// What the codec is told of each variant.
    pub(crate) rows: Vec<String>,
}
