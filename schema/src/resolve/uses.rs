//! What the `use` lines bind: packages and types, one name each, per file. Knows nothing of what the names are used for.

use std::cell::Cell;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::PackageId;
use crate::resolve::draft::Binding;
use crate::resolve::draft::Bound;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::packages;
use crate::resolve::packages::Edge;
use crate::resolve::packages::joined;
use crate::span::Span;
use crate::suggest::suggest;

/// Binds the names of all files and reports cycles between packages.
pub(crate) fn bind(draft: &mut Draft<'_>) {
    let files = draft.files;
    let mut edges: Vec<Vec<Edge>> = vec![Vec::new(); draft.names.len()];
    for (index, file) in files.iter().enumerate() {
        let Some(package) = draft.package_of[index] else {
            continue;
        };
        let site = Site {
            package,
            file: index,
        };
        for line in &file.uses {
            if let Some(to) = bind_line(draft, site, line) {
                edges[package.0 as usize].push(Edge {
                    to,
                    span: line.path.span,
                });
                let uses = &mut draft.model.packages[package.0 as usize].uses;
                if !uses.contains(&to) {
                    uses.push(to);
                }
            }
        }
    }
    packages::check_cycles(draft, &edges);
}

/// Binds one line; gives the package it leads to.
fn bind_line<'a>(draft: &mut Draft<'a>, site: Site, line: &'a ast::Use) -> Option<PackageId> {
    let last = line.path.segments.last()?;
    if let Some(names) = &line.names {
        return bind_braces(draft, site, line, names);
    }
    let bound_name = line.alias.as_ref().unwrap_or(last);
    if let Some(&package) = draft.packages.get(&joined(&line.path)) {
        check_alias_case(draft, line.alias.as_ref(), crate::case::is_snake);
        let package = not_itself(draft, site, line, package)?;
        insert(draft, site, bound_name, Bound::Package(package));
        return Some(package);
    }
    let parent = &line.path.segments[..line.path.segments.len() - 1];
    let parent_name: Vec<&str> = parent.iter().map(|segment| segment.text.as_str()).collect();
    let Some(&package) = draft.packages.get(&parent_name.join(".")) else {
        unknown_package(draft, &line.path);
        insert(draft, site, bound_name, Bound::Broken);
        return None;
    };
    if !last
        .text
        .starts_with(|first: char| first.is_ascii_uppercase())
    {
        return channel_or_unknown(draft, site, line, package);
    }
    check_alias_case(draft, line.alias.as_ref(), crate::case::is_pascal);
    let package = not_itself(draft, site, line, package)?;
    bind_type(draft, site, package, (last, bound_name));
    Some(package)
}

fn bind_braces<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    line: &'a ast::Use,
    names: &'a [ast::UseName],
) -> Option<PackageId> {
    let Some(&package) = draft.packages.get(&joined(&line.path)) else {
        unknown_package(draft, &line.path);
        for name in names {
            insert(
                draft,
                site,
                name.alias.as_ref().unwrap_or(&name.name),
                Bound::Broken,
            );
        }
        return None;
    };
    let package = not_itself(draft, site, line, package)?;
    for name in names {
        check_alias_case(draft, name.alias.as_ref(), crate::case::is_pascal);
        bind_type(
            draft,
            site,
            package,
            (&name.name, name.alias.as_ref().unwrap_or(&name.name)),
        );
    }
    Some(package)
}

/// `(name in the package, name it is bound to)`
fn bind_type<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    package: PackageId,
    names: (&'a ast::Ident, &'a ast::Ident),
) {
    let (name, bound_name) = names;
    let types = &draft.names[package.0 as usize].types;
    let bound = if let Some(&ty) = types.get(name.text.as_str()) {
        Bound::Type(ty)
    } else {
        unknown_type_of_package(draft, package, name);
        Bound::Broken
    };
    insert(draft, site, bound_name, bound);
}

/// `use accounts.started;` where a package or type must stand.
fn channel_or_unknown<'a>(
    draft: &mut Draft<'a>,
    site: Site,
    line: &'a ast::Use,
    package: PackageId,
) -> Option<PackageId> {
    let last = line.path.segments.last()?;
    let bound_name = line.alias.as_ref().unwrap_or(last);
    if draft.names[package.0 as usize]
        .channels
        .contains_key(&last.text)
    {
        let name = draft.package_name(package).to_owned();
        let short = name.rsplit('.').next().unwrap_or("").to_owned();
        let message = format!("`{}` is no package and no type", last.text);
        let help = format!(
            "write `use {name};`, and `{short}.{}` where it is needed",
            last.text
        );
        draft.report(Diagnostic::error(codes::USE_OF_CHANNEL, last.span, message).help(help));
    } else {
        unknown_package(draft, &line.path);
    }
    insert(draft, site, bound_name, Bound::Broken);
    None
}

fn not_itself(
    draft: &mut Draft<'_>,
    site: Site,
    line: &ast::Use,
    package: PackageId,
) -> Option<PackageId> {
    if package != site.package {
        return Some(package);
    }
    let diagnostic = Diagnostic::error(
        codes::USE_OF_ITSELF,
        line.path.span,
        "a package needs no `use` of itself",
    )
    .help("take the line out; names of the package are known in all of its files");
    draft.report(diagnostic);
    None
}

fn check_alias_case(draft: &mut Draft<'_>, alias: Option<&ast::Ident>, fits: fn(&str) -> bool) {
    if let Some(alias) = alias.filter(|alias| !fits(&alias.text)) {
        let message = format!("`{}` is written in the wrong case", alias.text);
        let help = "packages are `snake_case`, types are `PascalCase`";
        draft.report(Diagnostic::error(codes::USE_ALIAS_CASE, alias.span, message).help(help));
    }
}

fn insert<'a>(draft: &mut Draft<'a>, site: Site, name: &'a ast::Ident, target: Bound) {
    let own = draft.names[site.package.0 as usize]
        .types
        .get(name.text.as_str())
        .copied();
    let own = own
        .and_then(|id| draft.declaration(id))
        .map(|declaration| declaration.span);
    let scope = &draft.scopes[site.file];
    let earlier = scope
        .bindings
        .get(name.text.as_str())
        .map(|binding| binding.span);
    if let Some(earlier) = earlier.or(own) {
        report_twice(draft, name, earlier);
        return;
    }
    let binding = Binding {
        target,
        span: name.span,
        used: Cell::new(false),
    };
    let scope = &mut draft.scopes[site.file];
    scope.bindings.insert(&name.text, binding);
    scope.order.push(&name.text);
}

fn report_twice(draft: &mut Draft<'_>, name: &ast::Ident, earlier: Span) {
    let message = format!("`{}` is already the name of something else here", name.text);
    let diagnostic = Diagnostic::error(codes::USE_BINDS_TWICE, name.span, message)
        .related(earlier, "the name is given here")
        .help(format!(
            "give one of them another name: `use … as other_{}`",
            crate::case::snake(&name.text)
        ));
    draft.report(diagnostic);
}

fn unknown_package(draft: &mut Draft<'_>, path: &ast::Path) {
    let written = joined(path);
    let suggestion = suggest(
        &written,
        draft
            .model
            .packages
            .iter()
            .map(|package| package.name.as_str()),
    );
    let nearest: Option<Vec<String>> = suggestion
        .as_deref()
        .map(|name| name.split('.').map(str::to_owned).collect());
    let misspelled = nearest
        .filter(|nearest| nearest.len() == path.segments.len())
        .and_then(|nearest| {
            let mut pairs = path.segments.iter().zip(nearest);
            pairs.find(|(written, meant)| written.text != *meant)
        });
    let (span, suggestion) = match misspelled {
        Some((segment, meant)) => (segment.span, Some(meant)),
        None => (path.span, suggestion),
    };
    let help = format!(
        "package `{written}` must be the file `{0}.mag` or files in the folder `{0}/`, under one of the include roots",
        written.replace('.', "/")
    );
    let message = format!("there is no package `{written}`");
    draft.report(
        Diagnostic::error(codes::UNKNOWN_PACKAGE, span, message)
            .help(help)
            .suggest(suggestion),
    );
}

/// A type that a package does not declare.
pub(crate) fn unknown_type_of_package(
    draft: &mut Draft<'_>,
    package: PackageId,
    name: &ast::Ident,
) {
    let declared = draft.model.types.iter().filter(|ty| ty.package == package);
    let suggestion = suggest(&name.text, declared.map(|ty| ty.name.as_str()));
    if draft.may_be_lost(package, &name.text, suggestion.as_ref()) {
        return;
    }
    let message = format!(
        "package `{}` has no type `{}`",
        draft.package_name(package),
        name.text
    );
    let files = draft.model[package].files.join("`, `");
    let diagnostic = Diagnostic::error(codes::UNKNOWN_TYPE, name.span, message)
        .help(format!(
            "declare it in `{files}`, or use the name of a type that is declared there"
        ))
        .suggest(suggestion);
    draft.report(diagnostic);
}
