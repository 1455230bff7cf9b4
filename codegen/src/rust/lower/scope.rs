//! Paths: what a name of the schema is called from where it is used. Owns the modules of packages and the crates of
//! foreign ones; knows nothing of what stands there.

use microagent_schema::model::{Model, Package, PackageId, TypeDecl, TypeId};

use crate::ident::{ident, package_module};
use crate::rust::RustOptions;
use crate::{Error, ErrorKind};

/// Where each package stands, as seen from the module of any own one.
#[derive(Debug)]
pub(crate) struct Places {
    /// By package: `super::people`, `::accounts::__mag::accounts`; for a foreign package that nobody uses, nothing.
    paths: Vec<String>,
    has_prelude: bool,
    /// By package: the types that it declares, so that many packages do not each look through all types.
    types: Vec<Vec<TypeId>>,
}

impl Places {
    pub(crate) fn new(model: &Model, options: &RustOptions) -> Result<Self, Error> {
        let used = used_packages(model);
        let mut paths = Vec::with_capacity(model.packages.len());
        for (package, used) in model.packages.iter().zip(used) {
            let module = package_module(&package.name);
            paths.push(match options.crates.get(&package.name) {
                _ if is_own(package) => format!("super::{module}"),
                Some(path) => format!("{}::__mag::{module}", checked(&package.name, path)?),
                None if used => {
                    let package = package.name.clone();
                    return Err(ErrorKind::UnknownCrate { package }.into());
                }
                None => String::new(),
            });
        }
        let mut types = vec![Vec::new(); model.packages.len()];
        for declaration in &model.types {
            types[declaration.package.0 as usize].push(declaration.id);
        }
        Ok(Self {
            types,
            paths,
            has_prelude: !options.without_prelude,
        })
    }
}

/// Whether code is generated for a package here.
pub(crate) fn is_own(package: &Package) -> bool {
    package.root == 0
}

/// By package: whether an own one uses it, or uses one that does.
fn used_packages(model: &Model) -> Vec<bool> {
    let mut used = vec![false; model.packages.len()];
    let mut pending: Vec<&Package> = model.packages.iter().filter(|it| is_own(it)).collect();
    while let Some(package) = pending.pop() {
        for id in &package.uses {
            if !std::mem::replace(&mut used[id.0 as usize], true) {
                pending.push(&model[*id]);
            }
        }
    }
    used
}

/// What stands behind `pub use` for each crate that is passed on.
pub(crate) fn reexports(options: &RustOptions) -> Result<Vec<String>, Error> {
    let reexports = options.reexports.iter();
    reexports
        .map(|(name, path)| {
            Ok(format!(
                "{} as {}",
                checked(name, path)?,
                checked(name, &format!("__dep_{name}"))?
            ))
        })
        .collect()
}

/// `path`, where it is one: identifiers between `::`.
fn checked<'a>(package: &str, path: &'a str) -> Result<&'a str, Error> {
    let is_segment = |it: &str| {
        it.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && it
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let segments = path.strip_prefix("::").unwrap_or(path);
    if segments
        .split("::")
        .all(|it| is_segment(it.strip_prefix("r#").unwrap_or(it)))
    {
        return Ok(path);
    }
    Err(ErrorKind::BadCratePath {
        package: package.to_owned(),
        path: path.to_owned(),
    }
    .into())
}

/// A place in the generated code: a package's module, or one directly in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) model: &'a Model,
    pub(crate) places: &'a Places,
    pub(crate) package: PackageId,
    /// Whether `diagnostic` attributes can be named.
    pub(crate) has_prelude: bool,
    /// How to get to the package's module: nothing, or `super::`.
    up: &'static str,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(model: &'a Model, places: &'a Places, package: PackageId) -> Self {
        Self {
            model,
            places,
            package,
            has_prelude: places.has_prelude,
            up: "",
        }
    }

    /// In a module of the package's.
    pub(crate) fn inside(self) -> Self {
        Self {
            up: "super::",
            ..self
        }
    }

    /// An item of a package.
    pub(crate) fn item(&self, package: PackageId, item: &str) -> String {
        if package == self.package {
            return format!("{}{item}", self.up);
        }
        let place = &self.places.paths[package.0 as usize];
        let up = if place.starts_with("super::") {
            self.up
        } else {
            ""
        };
        format!("{up}{place}::{item}")
    }

    pub(crate) fn ty(&self, id: TypeId) -> String {
        let declaration = &self.model[id];
        self.item(declaration.package, &ident(&declaration.name))
    }

    /// The types of a package, in their order.
    pub(crate) fn types_of(
        &self,
        package: PackageId,
    ) -> impl Iterator<Item = &'a TypeDecl> + use<'a> {
        let model = self.model;
        self.places.types[package.0 as usize]
            .iter()
            .map(move |it| &model[*it])
    }

    pub(crate) fn this(&self) -> &'a Package {
        &self.model[self.package]
    }
}
