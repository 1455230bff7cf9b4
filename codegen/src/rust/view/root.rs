//! The modules in which users see the packages.

use askama::Template;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/root.rs.jinja", escape = "none")]
pub(crate) struct Root {
    pub(crate) header: String,
    pub(crate) modules: Vec<Module>,
}

/// A module, or the place itself where the name is empty.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "rust/module.rs.jinja", escape = "none")]
pub(crate) struct Module {
    pub(crate) head: Vec<String>,
    pub(crate) indent: String,
    pub(crate) name: String,
    /// The path whose items stand here; empty where there are none.
    pub(crate) reexports: String,
    pub(crate) modules: Vec<Module>,
}
