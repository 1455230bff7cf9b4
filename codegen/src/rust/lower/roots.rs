//! The modules in which users see the packages: one file per first segment, with that package where the file stands,
//! and one with all packages as modules.

use std::collections::{BTreeMap, BTreeSet};

use microagent_schema::model::{Model, Package};

use super::head;
use super::scope::is_own;
use crate::docs;
use crate::ident::{ident, package_module};
use crate::literal;
use crate::rust::view::{Module, NamedRoot, Roots};

/// Packages by segment of their names.
#[derive(Default)]
struct Tree<'a> {
    package: Option<&'a Package>,
    children: BTreeMap<&'a str, Tree<'a>>,
}

/// The files by path, each with what it holds.
pub(crate) fn lower(model: &Model) -> Vec<(String, Vec<Module>)> {
    let mut tree = Tree::default();
    for package in model.packages.iter().filter(|it| is_own(it)) {
        let mut node = &mut tree;
        for segment in package.name.split('.') {
            node = node.children.entry(segment).or_default();
        }
        node.package = Some(package);
    }
    let mut files: Vec<(String, Vec<Module>)> = tree
        .children
        .keys()
        .map(|&first| (format!("root.{first}.rs"), rooted_at(&tree, first)))
        .collect();
    files.push(("root.rs".to_owned(), modules(&tree, 0)));
    files
}

/// The macro that takes the file of the package that `include_schema!` names, and names those that exist where it is
/// none of them.
pub(crate) fn by_name(model: &Model, header: String) -> Roots {
    let own = model.packages.iter().filter(|it| is_own(it));
    let firsts: BTreeSet<&str> = own.filter_map(|it| it.name.split('.').next()).collect();
    let known: Vec<String> = firsts.iter().map(|it| format!("`{it}`")).collect();
    let known = match known.as_slice() {
        [] => "no package at all".to_owned(),
        known => known.join(", "),
    };
    Roots {
        header,
        named: firsts.iter().map(|first| named(first)).collect(),
        refusal: literal::string(
            "the schemas of this crate have no package whose name begins with `",
        ),
        known: literal::string(&format!("`; they have {known}")),
    }
}

fn named(first: &str) -> NamedRoot {
    NamedRoot {
        segment: first.to_owned(),
        file: literal::string(&format!("/root.{first}.rs")),
    }
}

/// The package of this first segment in the place itself, all others in modules.
fn rooted_at(tree: &Tree<'_>, first: &str) -> Vec<Module> {
    let mut roots = Vec::new();
    if let Some(child) = tree.children.get(first) {
        roots.extend(child.package.map(|it| Module {
            reexports: reexports(it, 0),
            ..Module::default()
        }));
        roots.extend(modules(child, 0));
    }
    let others = tree
        .children
        .iter()
        .filter(|(segment, _)| **segment != first);
    roots.extend(others.map(|(segment, child)| module(segment, child, 0)));
    roots
}

fn modules(tree: &Tree<'_>, depth: usize) -> Vec<Module> {
    tree.children
        .iter()
        .map(|(segment, child)| module(segment, child, depth))
        .collect()
}

fn module(segment: &str, tree: &Tree<'_>, depth: usize) -> Module {
    let docs = tree.package.map_or(&[] as &[String], |it| &it.docs.0);
    let fallback = if tree.package.is_some() {
        "Package"
    } else {
        "Packages of"
    };
    let mut head = if docs.is_empty() {
        vec![docs::line(&format!("{fallback} `{segment}`."))]
    } else {
        docs::lines(docs)
    };
    if docs::looks_like_code(docs) {
        head.extend(head::allow(
            "clippy::doc_markdown",
            "the docs are the schema's",
        ));
    }
    Module {
        head,
        indent: "    ".repeat(depth),
        name: ident(segment),
        reexports: tree
            .package
            .map_or_else(String::new, |it| reexports(it, depth + 1)),
        modules: modules(tree, depth + 1),
    }
}

/// The items of a package, as seen from a module at `depth` below the one that includes the file.
fn reexports(package: &Package, depth: usize) -> String {
    let up = if depth == 0 {
        "self::".to_owned()
    } else {
        "super::".repeat(depth)
    };
    format!("{up}__mag::{}::*", package_module(&package.name))
}
