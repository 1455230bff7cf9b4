//! What a build script does, from its environment to lines for Cargo.

use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use microagent_codegen::{Files, RustOptions};
use microagent_schema::limits::Limits;
use microagent_schema::model::Model;

use crate::environment::{Environment, UPDATE};
use crate::error::{Error, ErrorKind, Result};
use crate::generate::{self, Checked, OWN};
use crate::instructions::Instructions;
use crate::load::Root;
use crate::report;
use crate::sharing::{self, Contract, Dependency};
use crate::write;

/// Made by [`configure`](crate::configure); generates when [`compile`](Builder::compile) is called.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    includes: Vec<PathBuf>,
    aliases: Vec<(String, String)>,
    private: bool,
    without_prelude: bool,
    out_dir: Option<PathBuf>,
    limits: Limits,
    brokers: Vec<String>,
}

impl Builder {
    /// One more folder of schemas that belong to no crate: `use` looks there, too, and code for what is found is
    /// generated here. Contracts of other crates need no word: a dependency in `Cargo.toml` is enough.
    #[must_use]
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.includes.push(folder.into());
        self
    }

    /// The contract crate `name` is renamed in `Cargo.toml`: `acc = { package = "accounts", … }` is
    /// `.contract("accounts", "acc")`. No build script can learn it in another way.
    #[must_use]
    pub fn contract(mut self, name: impl Into<String>, alias: impl Into<String>) -> Self {
        self.aliases.push((name.into(), alias.into()));
        self
    }

    /// Nobody shares the contracts of this crate, so that it needs no `links` key.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.private = true;
        self
    }

    /// The code is included where `#![no_implicit_prelude]` stands. There the compiler knows no attribute of a tool, so
    /// that what an agent may not send is refused without the words that say how to mend it.
    #[must_use]
    pub fn without_prelude(mut self) -> Self {
        self.without_prelude = true;
        self
    }

    /// The generated code is committed, in this folder of the crate. A build compares it with the schema and fails
    /// where they differ; with `MICROAGENT_UPDATE=1` it writes. A packaged crate takes the code as it is.
    /// The crate includes it by `include_schema!(accounts, in "src/generated")`.
    #[must_use]
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// A broker that the agents will run on, by the scheme of its DSN: `memory`, `redis`, `redis+list`. What the schema
    /// asks for and this broker can't give then fails the build, with its place, and not the start of an agent. To be
    /// called once for each of several; without it every schema builds.
    #[must_use]
    pub fn broker(mut self, scheme: impl Into<String>) -> Self {
        self.brokers.push(scheme.into());
        self
    }

    /// Other limits than those of the language.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Generates the code of all packages under the folder `schema`, as seen from the crate's `Cargo.toml`.
    ///
    /// # Errors
    /// An [`Error`] whose `Debug` shows every diagnostic in full: return it from `main`.
    pub fn compile(&self, schema: impl AsRef<Path>) -> Result {
        let instructions = self.run(schema, &Environment::from_process()?)?;
        let mut stdout = std::io::stdout().lock();
        write!(stdout, "{instructions}")
            .and_then(|()| stdout.flush())
            .map_err(|error| Error::io("write to", Path::new("standard output"), error))
    }

    /// The same in a given environment: generates and returns what to tell Cargo.
    ///
    /// # Errors
    /// As [`compile`](Builder::compile).
    pub fn run(&self, schema: impl AsRef<Path>, environment: &Environment) -> Result<Instructions> {
        let own = self.own_roots(schema.as_ref(), environment);
        if let Some(missing) = own.iter().find(|root| !root.folder.exists()) {
            return Err(no_folder(&missing.shown));
        }
        let dependencies = sharing::dependencies(&environment.dependencies, &self.aliases)?;
        let brokers = generate::brokers(&self.brokers)?;
        let mut checked = generate::check(&own, &dependencies, &self.limits);
        checked.analysis.require(&brokers);
        let Some(model) = &checked.analysis.model else {
            return Err(report::failure(&checked.analysis, &dependencies));
        };
        if !model.packages.iter().any(|package| package.root == OWN) {
            return Err(nothing_found(&own[0].shown));
        }
        let published = self.published(&own, model, &dependencies, environment)?;
        let options = RustOptions {
            without_prelude: self.without_prelude,
            ..generate::options(model, &own[0].shown, &dependencies)
        };
        let files = generate::rust_as(model, &options)?;
        let mut instructions = Instructions::default();
        self.deliver(&files, environment, &mut instructions)?;
        watch(&checked, environment, &mut instructions);
        for line in report::warnings(&checked.analysis) {
            instructions.warning(&line);
        }
        if let Some(published) = published {
            instructions.metadata(sharing::KEY, &published);
        }
        Ok(instructions)
    }

    fn own_roots(&self, schema: &Path, environment: &Environment) -> Vec<Root> {
        let folders = std::iter::once(schema).chain(self.includes.iter().map(PathBuf::as_path));
        let root = |folder: &Path| Root {
            folder: environment.manifest_dir.join(folder),
            shown: shown(folder, &environment.manifest_dir),
            index: OWN,
        };
        folders.map(root).collect()
    }

    /// Writes, or compares where the code is committed.
    fn deliver(
        &self,
        files: &Files,
        environment: &Environment,
        instructions: &mut Instructions,
    ) -> Result {
        let Some(committed) = &self.out_dir else {
            write::write(&environment.out_dir.join("microagent"), files)?;
            return Ok(());
        };
        let folder = environment.manifest_dir.join(committed);
        instructions.rerun_if_env_changed(UPDATE);
        instructions.rerun_if_changed(relative(&folder, environment));
        if environment.update {
            write::write(&folder, files)?;
            return Ok(());
        }
        // Cargo leaves this file in what it packages. Whoever builds that can't mend the difference that another
        // version of the generator makes, and needn't: the code was compared before it was packaged.
        if environment.manifest_dir.join("Cargo.toml.orig").exists() {
            return Ok(());
        }
        let changes = write::compare(&folder, files)?;
        if changes.is_empty() {
            return Ok(());
        }
        Err(write::drift(
            &shown(committed, &environment.manifest_dir),
            &changes,
        ))
    }

    /// What the dependants of this crate need to know; `None` where there are none.
    fn published(
        &self,
        own: &[Root],
        model: &Model,
        dependencies: &[Dependency],
        environment: &Environment,
    ) -> Result<Option<String>> {
        let expected = sharing::links(&environment.package);
        let has_agents = model
            .agents
            .iter()
            .any(|agent| model[agent.package].root == OWN);
        match &environment.links {
            _ if self.private => return Ok(None),
            Some(links) if *links == expected => {}
            None if has_agents => return Ok(None),
            found => return Err(missing_links(&environment.package, found.as_deref())),
        }
        let mut contracts = vec![Contract {
            name: environment.package.clone(),
            folders: own.iter().map(|root| root.folder.clone()).collect(),
            packages: fingerprints(model, OWN),
        }];
        let used = generate::used(model, dependencies);
        contracts.extend(
            used.into_iter()
                .map(|dependency| dependency.contract.clone()),
        );
        sharing::publish(&contracts).map(Some)
    }
}

fn fingerprints(model: &Model, root: usize) -> Vec<(String, u64)> {
    let own = model.packages.iter().filter(|package| package.root == root);
    own.map(|package| (package.name.clone(), package.fingerprint))
        .collect()
}

/// Everything that a change of would change the result. Cargo looks at all that stands in a folder.
fn watch(checked: &Checked, environment: &Environment, instructions: &mut Instructions) {
    let loaded = &checked.loaded;
    for path in loaded.folders.iter().chain(&loaded.files) {
        instructions.rerun_if_changed(relative(path, environment));
    }
}

/// As seen from the crate, so that a moved checkout is not built anew for its place alone.
fn relative<'a>(path: &'a Path, environment: &Environment) -> &'a Path {
    match path.strip_prefix(&environment.manifest_dir) {
        Ok(relative) if !relative.as_os_str().is_empty() => relative,
        _ => path,
    }
}

/// A folder as its user wrote it; of an absolute one only what says nothing of this machine.
fn shown(folder: &Path, manifest_dir: &Path) -> String {
    let below = folder.strip_prefix(manifest_dir).unwrap_or(folder);
    let below = match below.file_name() {
        Some(name) if below.is_absolute() => Path::new(name),
        _ => below,
    };
    let mut names = Vec::new();
    for component in below.components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy()),
            Component::ParentDir => names.push("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    names.join("/")
}

fn no_folder(shown: &str) -> Error {
    Error::new(
        ErrorKind::Schema,
        format!(
            "there is no folder `{shown}` beside Cargo.toml\n  help: make it and put the `.mag` files there, or name \
             the right one in build.rs: `microagent_build::compile(\"..\")`"
        ),
    )
}

fn nothing_found(shown: &str) -> Error {
    Error::new(
        ErrorKind::Schema,
        format!(
            "no `.mag` file in `{shown}`\n  help: package `accounts` is the file `{shown}/accounts.mag`, and begins \
             with `package accounts;`"
        ),
    )
}

fn missing_links(package: &str, found: Option<&str>) -> Error {
    let expected = sharing::links(package);
    let problem = match found {
        None => format!("contract crate `{package}` has no `links` key in its Cargo.toml"),
        Some(found) => {
            format!("contract crate `{package}` has `links = \"{found}\"` in its Cargo.toml")
        }
    };
    Error::new(
        ErrorKind::Links,
        format!(
            "{problem}, so Cargo would not tell its dependants where its schema is\n  help: under `[package]` of \
             Cargo.toml, write:\n\n      links = \"{expected}\"\n\n  note: a schema without an agent is a contract for \
             others; if nobody shares it, call \
             `microagent_build::configure().private().compile(..)` in build.rs"
        ),
    )
}
