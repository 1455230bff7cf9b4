//! What a command reads: the include roots of its command line, or those of the project in the current folder.

use std::path::{Path, PathBuf};

use microagent_build::generate::{self, Checked};
use microagent_build::load::Root;
use microagent_build::sharing::{Contract, Dependency, identifier};
use microagent_schema::limits::Limits;
use microagent_schema::parse::parse;
use microagent_schema::span::SourceMap;

use crate::arguments::Sources;
use crate::exit::{Exit, Failure};
use crate::metadata;
use crate::source;

/// The packages of one crate, and what they may use.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) own: Vec<Root>,
    pub(crate) dependencies: Vec<Dependency>,
    /// Why the contracts of dependencies are not among them.
    pub(crate) incomplete: Option<String>,
}

impl Project {
    pub(crate) fn check(&self) -> Checked {
        generate::check(&self.own, &self.dependencies, &Limits::default())
    }
}

/// What the command line names, else what Cargo knows, else the folder `schema`.
pub(crate) fn projects(sources: &Sources) -> Result<Vec<Project>, Failure> {
    let mut projects = if sources.paths.is_empty() {
        from_folder()?
    } else {
        vec![Project {
            own: named(&sources.paths)?,
            dependencies: Vec::new(),
            incomplete: None,
        }]
    };
    for include in &sources.includes {
        let include = dependency(include)?;
        for project in &mut projects {
            project.dependencies.push(include.clone());
        }
    }
    Ok(projects)
}

fn from_folder() -> Result<Vec<Project>, Failure> {
    let known = metadata::known();
    if known.crates.is_empty() {
        let folder = Path::new("schema");
        // A crate may be called so, too.
        if !folder.is_dir() || folder.join("Cargo.toml").exists() {
            return Err(nothing_here(known.incomplete.as_deref()));
        }
        return Ok(vec![Project {
            own: vec![own(folder)],
            dependencies: Vec::new(),
            incomplete: known.incomplete,
        }]);
    }
    let projects = known.crates.into_iter().map(|one| Project {
        own: vec![own(&one.schema)],
        dependencies: one.dependencies,
        incomplete: known.incomplete.clone(),
    });
    Ok(projects.collect())
}

fn nothing_here(cargo_says: Option<&str>) -> Failure {
    let note = match cargo_says {
        Some(why) => format!("\n  note: `cargo metadata` failed:\n{why}"),
        None => String::new(),
    };
    Failure::new(
        Exit::NoInput,
        format!(
            "there is no schema here\n  help: name a folder of `.mag` files, or write \
             `[package.metadata.microagent] schema = \"…\"` into Cargo.toml{note}"
        ),
    )
}

/// The roots of paths; a file stands for the root that its package says.
fn named(paths: &[PathBuf]) -> Result<Vec<Root>, Failure> {
    let mut roots: Vec<Root> = Vec::new();
    for path in paths {
        present(path)?;
        let root = if path.is_dir() {
            own(path)
        } else {
            own(&root_of(path)?)
        };
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    Ok(roots)
}

fn present(path: &Path) -> Result<(), Failure> {
    match path.metadata() {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

fn own(folder: &Path) -> Root {
    Root {
        folder: folder.to_owned(),
        shown: source::shown(folder),
        index: 0,
    }
}

/// `accounts=../accounts/schema`: a folder whose packages are those of a crate; without a name they are nobody's.
fn dependency(include: &str) -> Result<Dependency, Failure> {
    let (name, folder) = match include.split_once('=') {
        Some((name, folder)) if !name.is_empty() => (Some(name), Path::new(folder)),
        _ => (None, Path::new(include)),
    };
    present(folder)?;
    let path = name.map(|name| format!("::{}", identifier(name)));
    Ok(Dependency {
        path: path.unwrap_or_default(),
        contract: Contract {
            name: name.map_or_else(|| source::shown(folder), str::to_owned),
            folders: vec![folder.to_owned()],
            packages: Vec::new(),
        },
    })
}

/// The include root of a file: the folder above the names of its package.
fn root_of(file: &Path) -> Result<PathBuf, Failure> {
    let mut sources = SourceMap::default();
    let id = sources.add(source::shown(file), source::read(file)?);
    let (parsed, _) = parse(&sources, id);
    let names: Vec<String> = parsed.package.map_or_else(Vec::new, |package| {
        let segments = package.path.segments.into_iter();
        segments.map(|segment| segment.text).collect()
    });
    let folder = file.parent().unwrap_or(Path::new(""));
    let module = file.with_extension("");
    let root = above(&module, &names).or_else(|| above(folder, &names));
    let root = root.unwrap_or(folder);
    let is_current = root.as_os_str().is_empty();
    Ok(if is_current { Path::new(".") } else { root }.to_owned())
}

/// The folder that a path stands in by these names: `x` for `x/a/b` and `a.b`.
fn above<'a>(path: &'a Path, names: &[String]) -> Option<&'a Path> {
    let ends = |path: &Path, name: &str| path.file_name().is_some_and(|last| last == name);
    let root = names.iter().rev().try_fold(path, |path, name| {
        ends(path, name).then(|| path.parent()).flatten()
    });
    root.filter(|_| !names.is_empty())
}
