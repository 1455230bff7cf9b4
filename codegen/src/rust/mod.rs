//! Rust: payload types, markers, senders and agents. Owns the list of files; what stands in them is made in `lower`
//! and laid out by the templates.

mod lower;
mod view;

use std::collections::BTreeMap;

use askama::Template;
use microagent_schema::model::Model;

use crate::{Error, Files};

/// What the model does not say.
#[derive(Clone, Debug, Default)]
pub struct RustOptions {
    /// The version of the generator, for the first line of each file.
    pub version: String,
    /// Where the schema stands, as shown to people: `schema`.
    pub source: String,
    /// The crates that own the packages of other include roots, by package: `accounts` → `::accounts`.
    pub crates: BTreeMap<String, String>,
    /// The crates of all contracts that own packages reach, by name, each with the path it is seen by: `billing` →
    /// `::accounts::__mag::__dep_billing`. They are passed on under `__mag::__dep_<name>`, so that whoever depends on
    /// this crate can name types that it sees only through it.
    pub reexports: Vec<(String, String)>,
    /// Whether the code stands where `#![no_implicit_prelude]` holds. There rustc finds no `diagnostic` attribute, and
    /// an undeclared send gets rustc's own words.
    pub without_prelude: bool,
}

/// The Rust of all packages of include root 0: `packages.rs` with a module per package, `root.rs` with the modules that
/// users see, and `root.<first>.rs` for each first segment, with that package at the root itself;
/// `roots.rs` has the macro that chooses between these.
///
/// # Errors
/// Where a package of another include root is used that `options` gives no crate for.
pub fn rust(model: &Model, options: &RustOptions) -> Result<Files, Error> {
    let header = lower::header(options);
    let mut files = Files::default();
    let packages = lower::packages(model, options)?;
    let packages = view::File {
        header: header.clone(),
        reexports: lower::reexports(options)?,
        packages,
    };
    files.push("packages.rs", rendered(&packages)?);
    for (path, modules) in lower::roots(model) {
        let header = header.clone();
        files.push(path, rendered(&view::Root { header, modules })?);
    }
    let roots = lower::roots_by_name(model, header);
    files.push("roots.rs", rendered(&roots)?);
    Ok(files)
}

/// The text of a template, with the newline that its last line lacks.
fn rendered(template: &impl Template) -> Result<String, Error> {
    let mut text = String::new();
    template.render_into(&mut text)?;
    text.push('\n');
    Ok(text)
}
