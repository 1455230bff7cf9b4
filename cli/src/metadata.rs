//! What Cargo knows of the current project: its own schemas, and those of the contract crates that it depends on. Asks
//! `cargo metadata`, so that it works where no build script has run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use microagent_build::sharing::{Contract, Dependency, identifier, reexport};
use serde_json::Value;

/// A crate with a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crate {
    pub(crate) schema: PathBuf,
    /// The contract crates that its schema can use.
    pub(crate) dependencies: Vec<Dependency>,
}

/// What Cargo knows here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) crates: Vec<Crate>,
    /// Why no dependencies are known, in Cargo's words.
    pub(crate) incomplete: Option<String>,
}

/// The crates of the current folder that have a schema: the package that it belongs to, or all members of a virtual
/// workspace. None of them where Cargo knows no project here.
pub(crate) fn known() -> Known {
    // Never from the network; a project that was never resolved still has its own schemas. Crates for other platforms
    // are not asked for, since nobody may have fetched them.
    let platform = host().map(|host| format!("--filter-platform={host}"));
    let platform = platform.iter().map(String::as_str);
    let (metadata, incomplete) = match cargo(platform) {
        Ok(metadata) => (metadata, None),
        Err(why) => match cargo(["--no-deps"]) {
            Ok(metadata) => (metadata, Some(why)),
            // Without a manifest it is no project of Cargo's, and that is all right.
            Err(_) => {
                return Known {
                    crates: Vec::new(),
                    incomplete: Path::new("Cargo.toml").exists().then_some(why),
                };
            }
        },
    };
    Known {
        crates: crates_of(&metadata),
        incomplete,
    }
}

/// The platform that `rustc` builds for.
fn host() -> Option<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let output = Command::new(rustc).arg("-vV").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "))?;
    Some(host.to_owned())
}

fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<Value, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn crates_of(metadata: &Value) -> Vec<Crate> {
    let members = || texts(&metadata["workspace_members"]);
    let root = metadata["resolve"]["root"].as_str();
    let own: Vec<&str> = match root.or_else(|| around(metadata, members())) {
        Some(root) => vec![root],
        None => members().collect(),
    };
    let crates = own.into_iter().filter_map(|id| {
        Some(Crate {
            schema: schema(package(metadata, id)?)?,
            dependencies: dependencies(metadata, id),
        })
    });
    crates.collect()
}

/// The member that the current folder belongs to; none in the folder of a virtual workspace.
fn around<'a>(metadata: &Value, members: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let current = env::current_dir().ok()?;
    let places = members.filter_map(|id| Some((folder(package(metadata, id)?)?, id)));
    let above = places.filter(|(folder, _)| current.starts_with(folder));
    let nearest = above.max_by_key(|(folder, _)| folder.components().count());
    nearest.map(|(_, id)| id)
}

/// The schema folder of a package: as it says under `[package.metadata.microagent]`, else the folder `schema` of one
/// that calls the generator.
fn schema(package: &Value) -> Option<PathBuf> {
    let folder = folder(package)?;
    if let Some(schema) = package["metadata"]["microagent"]["schema"].as_str() {
        return Some(folder.join(schema));
    }
    let mut dependencies = items(&package["dependencies"]);
    let calls_generator = dependencies.any(|dependency| dependency["name"] == "microagent-build");
    let folder = folder.join("schema");
    (calls_generator && folder.is_dir()).then_some(folder)
}

/// The contract crates that a package reaches by normal dependencies, direct ones first.
fn dependencies(metadata: &Value, id: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut waiting: Vec<(String, String)> = contracts_of(metadata, id, None);
    let mut next = 0;
    while let Some((id, path)) = waiting.get(next).cloned() {
        next += 1;
        let Some(dependency) = dependency(metadata, &id, path) else {
            continue;
        };
        let known = |one: &Dependency| one.contract == dependency.contract;
        if found.iter().any(known) {
            continue;
        }
        waiting.extend(contracts_of(metadata, &id, Some(&dependency.path)));
        found.push(dependency);
    }
    found.sort_by(|left, right| left.contract.name.cmp(&right.contract.name));
    found
}

fn dependency(metadata: &Value, id: &str, path: String) -> Option<Dependency> {
    let package = package(metadata, id)?;
    let contract = Contract {
        name: package["name"].as_str()?.to_owned(),
        folders: vec![schema(package)?],
        packages: Vec::new(),
    };
    Some(Dependency { contract, path })
}

/// The ids of a package's normal dependencies, with the path by which generated code reaches each: its name there, or
/// what the crate `through` hands on.
fn contracts_of(metadata: &Value, id: &str, through: Option<&str>) -> Vec<(String, String)> {
    let normal = if metadata["resolve"].is_null() {
        declared(metadata, id)
    } else {
        resolved(metadata, id)
    };
    let with_path = normal.into_iter().filter_map(|(id, seen_as)| {
        let path = match through {
            None => format!("::{}", identifier(seen_as)),
            Some(through) => {
                let name = package(metadata, id)?["name"].as_str()?;
                let crate_name = through.split("::__mag").next().unwrap_or(through);
                format!("{crate_name}::__mag::{}", reexport(name))
            }
        };
        Some((id.to_owned(), path))
    });
    with_path.collect()
}

/// The normal dependencies as Cargo resolved them: ids, and the names under which they are seen.
fn resolved<'a>(metadata: &'a Value, id: &str) -> Vec<(&'a str, &'a str)> {
    let mut nodes = items(&metadata["resolve"]["nodes"]);
    let Some(node) = nodes.find(|node| node["id"] == id) else {
        return Vec::new();
    };
    let normal = items(&node["deps"])
        .filter(|dependency| items(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()));
    let named = normal
        .filter_map(|dependency| Some((dependency["pkg"].as_str()?, dependency["name"].as_str()?)));
    named.collect()
}

/// The same without resolution: those that the manifest names by path and that are members of the workspace.
fn declared<'a>(metadata: &'a Value, id: &str) -> Vec<(&'a str, &'a str)> {
    let Some(package) = package(metadata, id) else {
        return Vec::new();
    };
    let normal = items(&package["dependencies"]).filter(|dependency| dependency["kind"].is_null());
    let named = normal.filter_map(|dependency| {
        let place = Path::new(dependency["path"].as_str()?);
        let mut packages = items(&metadata["packages"]);
        let found = packages.find(|package| folder(package) == Some(place))?;
        let renamed = dependency["rename"].as_str();
        let seen_as = renamed.or_else(|| dependency["name"].as_str());
        Some((found["id"].as_str()?, seen_as?))
    });
    named.collect()
}

/// Where the manifest of a package stands.
fn folder(package: &Value) -> Option<&Path> {
    Path::new(package["manifest_path"].as_str()?).parent()
}

fn package<'a>(metadata: &'a Value, id: &str) -> Option<&'a Value> {
    items(&metadata["packages"]).find(|package| package["id"] == id)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    items(value).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &Value) -> Value {
        json!({
            "name": name,
            "id": name,
            "manifest_path": format!("/{name}/Cargo.toml"),
            "metadata": { "microagent": { "schema": "schema" } },
            "dependencies": dependencies,
        })
    }

    fn paths(metadata: &Value) -> Vec<String> {
        let found = dependencies(metadata, "service");
        found.into_iter().map(|found| found.path).collect()
    }

    /// `service` sees `billing` as `bill`, and `accounts` through it.
    #[test]
    fn contracts_are_found_with_and_without_resolution() {
        let packages = json!([
            package(
                "service",
                &json!([{ "name": "billing", "rename": "bill", "kind": null, "path": "/billing" }]),
            ),
            package(
                "billing",
                &json!([
                    { "name": "accounts", "rename": null, "kind": null, "path": "/accounts" },
                    { "name": "catalog", "rename": null, "kind": "dev", "path": "/catalog" },
                ]),
            ),
            package("accounts", &json!([])),
            package("catalog", &json!([])),
        ]);
        let dependency = |name: &str, id: &str, kind: Option<&str>| json!({ "name": name, "pkg": id, "dep_kinds": [{ "kind": kind }] });
        let resolve = json!({ "nodes": [
            { "id": "service", "deps": [dependency("bill", "billing", None)] },
            { "id": "billing", "deps": [
                dependency("accounts", "accounts", None),
                dependency("catalog", "catalog", Some("dev")),
            ] },
            { "id": "accounts", "deps": [] },
        ] });
        let expected = ["::bill::__mag::__dep_accounts", "::bill"];
        assert_eq!(
            paths(&json!({ "packages": packages, "resolve": resolve })),
            expected
        );
        assert_eq!(
            paths(&json!({ "packages": packages, "resolve": null })),
            expected
        );
    }
}
