//! The modules in which users see the packages.

use askama::Template;

#[derive(Clone, Debug, Template)]
#[template(path = "rust/root.rs.jinja", escape = "none")]
pub(crate) struct Root {
    pub(crate) header: String,
    pub(crate) modules: Vec<Module>,
}

/// The macro that tells packages by name.
#[derive(Clone, Debug, Template)]
#[template(path = "rust/roots.rs.jinja", escape = "none")]
pub(crate) struct Roots {
    pub(crate) header: String,
    pub(crate) named: Vec<NamedRoot>,
    /// What is said to whoever names another package, before its name and behind it.
    pub(crate) refusal: String,
    pub(crate) known: String,
}

/// A package that can be named, and its file.
#[derive(Clone, Debug)]
pub(crate) struct NamedRoot {
    pub(crate) segment: String,
    pub(crate) file: String,
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
