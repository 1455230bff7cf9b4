//! Which package each file belongs to, whether it stands where that package must stand, and which packages use one
//! another. Knows paths only as text; reading folders is done elsewhere.

use std::collections::BTreeMap;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::PackageId;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Names;
use crate::resolve::draft::id;
use crate::span::Span;

/// Fills the table of packages, in order of their names.
pub(crate) fn collect(draft: &mut Draft<'_>) {
    let files = draft.files;
    let mut found: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        found
            .entry(name_of(draft, index, file))
            .or_default()
            .push(index);
        check_place(draft, index, file);
    }
    for (name, members) in found {
        add(draft, name, &members);
    }
}

/// The declared name; without one (the parser said so), the one its place asks for.
fn name_of(draft: &Draft<'_>, index: usize, file: &ast::File) -> String {
    match &file.package {
        Some(package) => joined(&package.path),
        None => draft.places[index]
            .path
            .trim_end_matches(".mag")
            .replace('/', "."),
    }
}

pub(crate) fn joined(path: &ast::Path) -> String {
    let segments: Vec<&str> = path
        .segments
        .iter()
        .map(|segment| segment.text.as_str())
        .collect();
    segments.join(".")
}

fn check_place(draft: &mut Draft<'_>, index: usize, file: &ast::File) {
    let Some(package) = &file.package else {
        return;
    };
    let folder = joined(&package.path).replace('.', "/");
    let path = &draft.places[index].path;
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    if *path == format!("{folder}.mag") || parent == folder {
        return;
    }
    let message = format!(
        "package `{}` can't be in the file `{path}`",
        joined(&package.path)
    );
    let help = format!(
        "move it to `{folder}.mag`, or into the folder `{folder}/`, or change the package line"
    );
    draft
        .report(Diagnostic::error(codes::MISPLACED_PACKAGE, package.path.span, message).help(help));
}

fn add(draft: &mut Draft<'_>, name: String, members: &[usize]) {
    let first = members[0];
    let root = members
        .iter()
        .map(|&file| draft.places[file].root)
        .min()
        .unwrap_or(0);
    let own = PackageId(id(draft.model.packages.len()));
    let mut names = Names::default();
    let mut package = model::Package {
        name: name.clone(),
        docs: model::Docs::default(),
        root,
        files: Vec::new(),
        flat: false,
        uses: Vec::new(),
        fingerprint: 0,
        span: package_span(&draft.files[first]),
    };
    for &file in members {
        if draft.places[file].root != root {
            report_two_roots(draft, file, package.span);
            continue;
        }
        draft.package_of[file] = Some(own);
        names.files.push(file);
        names.incomplete |= draft.places[file].incomplete.is_some();
        package.files.push(draft.places[file].shown.clone());
        let docs = draft.files[file].docs.iter().map(|line| line.text.clone());
        package.docs.0.extend(docs);
    }
    draft.packages.insert(name, own);
    draft.names.push(names);
    draft.model.packages.push(package);
}

fn package_span(file: &ast::File) -> Span {
    file.package
        .as_ref()
        .map_or(Span::new(file.span.start, file.span.start), |package| {
            package.path.span
        })
}

fn report_two_roots(draft: &mut Draft<'_>, file: usize, first: Span) {
    let span = package_span(&draft.files[file]);
    let name = name_of(draft, file, &draft.files[file]);
    let message = format!("package `{name}` stands under two include roots");
    let diagnostic = Diagnostic::error(codes::PACKAGE_IN_TWO_ROOTS, span, message)
        .related(first, "it stands here as well")
        .help("a package has one home: rename one of the two, or leave one root out");
    draft.report(diagnostic);
}

/// Where one package uses another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge {
    pub(crate) to: PackageId,
    pub(crate) span: Span,
}

/// Reports cycles between packages and chains that are too long.
pub(crate) fn check_cycles(draft: &mut Draft<'_>, edges: &[Vec<Edge>]) {
    let mut state = vec![Mark::New; edges.len()];
    let mut depth = vec![1_usize; edges.len()];
    for start in 0..edges.len() {
        if state[start] == Mark::New {
            visit(draft, edges, start, (&mut state, &mut depth));
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Depth-first with its own stack: (package, next edge).
fn visit(
    draft: &mut Draft<'_>,
    edges: &[Vec<Edge>],
    start: usize,
    tables: (&mut [Mark], &mut [usize]),
) {
    let (state, depth) = tables;
    let mut stack = vec![(start, 0)];
    state[start] = Mark::Open;
    while let Some((package, next)) = stack.pop() {
        let Some(&edge) = edges[package].get(next) else {
            state[package] = Mark::Done;
            continue;
        };
        let to = edge.to.0 as usize;
        match state[to] {
            Mark::New => {
                stack.push((package, next));
                state[to] = Mark::Open;
                stack.push((to, 0));
            }
            Mark::Open => {
                stack.push((package, next + 1));
                report_cycle(draft, edges, &stack, edge);
            }
            Mark::Done => {
                depth[package] = depth[package].max(depth[to] + 1);
                if depth[package] == draft.limits.import_levels + 1 {
                    report_depth(draft, edge.span);
                }
                stack.push((package, next + 1));
            }
        }
    }
}

fn report_cycle(
    draft: &mut Draft<'_>,
    edges: &[Vec<Edge>],
    stack: &[(usize, usize)],
    closing: Edge,
) {
    let start = stack
        .iter()
        .position(|&(package, _)| package == closing.to.0 as usize)
        .unwrap_or(0);
    let cycle = &stack[start..];
    let mut names: Vec<&str> = cycle
        .iter()
        .map(|&(package, _)| draft.model.packages[package].name.as_str())
        .collect();
    names.push(names[0]);
    let message = format!("packages use each other: {}", names.join(" -> "));
    let mut diagnostic = Diagnostic::error(codes::PACKAGE_CYCLE, closing.span, message)
        .labelled("closes the cycle")
        .help("move what both need into a package of its own");
    for &(package, next) in &cycle[..cycle.len() - 1] {
        let edge = edges[package][next];
        let text = format!(
            "`{}` uses `{}`",
            draft.model.packages[package].name,
            draft.package_name(edge.to)
        );
        diagnostic = diagnostic.related(edge.span, text);
    }
    draft.report(diagnostic);
}

fn report_depth(draft: &mut Draft<'_>, span: Span) {
    let message = format!(
        "packages use one another over more than {} levels",
        draft.limits.import_levels
    );
    let diagnostic = Diagnostic::error(codes::TOO_MANY_LEVELS, span, message)
        .help("use the packages that are needed directly, or raise the limit in the build script");
    draft.report(diagnostic);
}
