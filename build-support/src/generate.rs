//! From include roots to generated files: loads, analyses, and says in which crate each foreign package lives. Shared by
//! build scripts and `mag`. Knows nothing of Cargo's environment, and writes nothing.

use std::collections::BTreeSet;

use microagent_codegen::{Files, RustOptions};
use microagent_schema::brokers::{self, Broker};
use microagent_schema::limits::Limits;
use microagent_schema::model::{Model, PackageId};
use microagent_schema::{Analysis, analyze};

use crate::error::{Error, ErrorKind, Result};
use crate::load::{Loaded, Root, load};
use crate::sharing::{Dependency, identifier};

/// The include root of generated code; those of dependencies follow.
pub(crate) const OWN: usize = 0;

/// A schema with everything that it uses, read and checked.
#[derive(Debug)]
pub struct Checked {
    /// What was read; its inputs have gone into the analysis.
    pub loaded: Loaded,
    /// The model and what is wrong with it.
    pub analysis: Analysis,
}

/// Reads and checks own folders together with the contracts that they may use. Dependency `n` is root `n + 1`.
#[must_use]
pub fn check(own: &[Root], dependencies: &[Dependency], limits: &Limits) -> Checked {
    let mut roots = own.to_vec();
    for (position, dependency) in dependencies.iter().enumerate() {
        let contract = &dependency.contract;
        roots.extend(contract.folders.iter().map(|folder| Root {
            shown: shown_folder(&contract.name, folder),
            folder: folder.clone(),
            index: position + 1,
        }));
    }
    let mut loaded = load(&roots, limits);
    let analysis = analyze(std::mem::take(&mut loaded.inputs), limits);
    Checked { loaded, analysis }
}

/// The brokers of these names.
///
/// # Errors
/// [`ErrorKind::Schema`] where one is unknown, naming those that are known.
pub fn brokers(names: &[String]) -> Result<Vec<&'static Broker>> {
    let found = names.iter().map(|name| brokers::named(name));
    found
        .collect::<std::result::Result<_, _>>()
        .map_err(|problem| Error::new(ErrorKind::Schema, problem))
}

/// `accounts/schema`: the crate and the last name of the folder, so that nothing depends on where it stands.
fn shown_folder(crate_name: &str, folder: &std::path::Path) -> String {
    match folder.file_name() {
        Some(name) => format!("{crate_name}/{}", name.to_string_lossy()),
        None => crate_name.to_owned(),
    }
}

/// The Rust code of the own packages; `source` is the folder of the schema as it is shown.
///
/// # Errors
/// [`ErrorKind::Generator`] where an alias is no name of a crate.
pub fn rust(model: &Model, source: &str, dependencies: &[Dependency]) -> Result<Files> {
    rust_as(model, &options(model, source, dependencies))
}

/// The Rust code of the own packages, as the options want it.
pub(crate) fn rust_as(model: &Model, options: &RustOptions) -> Result<Files> {
    microagent_codegen::rust(model, options)
        .map_err(|error| Error::new(ErrorKind::Generator, error.to_string()).caused_by(error))
}

/// How code is generated for a schema that uses these contracts.
pub(crate) fn options(model: &Model, source: &str, dependencies: &[Dependency]) -> RustOptions {
    let mut options = RustOptions {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        source: source.to_owned(),
        ..RustOptions::default()
    };
    for package in &model.packages {
        if let Some(dependency) = owner(package.root, dependencies)
            && !dependency.path.is_empty()
        {
            let path = dependency.path.clone();
            options.crates.insert(package.name.clone(), path);
        }
    }
    for dependency in used(model, dependencies) {
        let name = identifier(&dependency.contract.name);
        options.reexports.push((name, dependency.path.clone()));
    }
    options
}

/// The dependencies whose packages own ones use, directly or through others, in order of their names.
pub(crate) fn used<'a>(model: &Model, dependencies: &'a [Dependency]) -> Vec<&'a Dependency> {
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<PackageId> = Vec::new();
    for package in &model.packages {
        if package.root == OWN {
            waiting.extend(&package.uses);
        }
    }
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            waiting.extend(&model[id].uses);
        }
    }
    let roots: BTreeSet<usize> = seen.iter().map(|id| model[*id].root).collect();
    let owners = roots.iter().filter_map(|root| owner(*root, dependencies));
    owners.collect()
}

fn owner(root: usize, dependencies: &[Dependency]) -> Option<&Dependency> {
    dependencies.get(root.checked_sub(1)?)
}
