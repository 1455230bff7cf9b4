//! Every type has a value that ends: a required field of a struct's own type has none. Knows nothing of boxes.

use crate::check::graph;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::span::Span;

/// Reports types without a finite value, one report for each cycle, and marks them for the rules behind this one.
pub(crate) fn check(draft: &mut Draft<'_>) {
    let endless = endless(&draft.model);
    let edges: Vec<Vec<(usize, Span)>> = (0..draft.model.types.len())
        .map(|node| {
            if endless[node] {
                needed(&draft.model, node)
            } else {
                Vec::new()
            }
        })
        .collect();
    let targets: Vec<Vec<usize>> = edges
        .iter()
        .map(|edges| {
            edges
                .iter()
                .map(|(to, _)| *to)
                .filter(|&to| endless[to])
                .collect()
        })
        .collect();
    let mut found = Vec::new();
    for component in graph::components(targets.len(), &targets) {
        let first = component[0];
        if component.len() > 1 || targets[first].contains(&first) {
            found.push(diagnose(&draft.model, &component, &edges));
        }
    }
    draft.diagnostics.append(&mut found);
    draft.endless = endless;
}

/// The types whose every value would hold another one of the kind, by counting down what each still needs.
fn endless(model: &Model) -> Vec<bool> {
    let count = model.types.len();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waits: Vec<usize> = Vec::with_capacity(count);
    let mut ready = Vec::new();
    for node in 0..count {
        let needed = needed(model, node);
        for &(to, _) in &needed {
            users[to].push(node);
        }
        let waiting = match model.types[node].kind {
            TypeKind::Union(_) => usize::from(!needed.is_empty()),
            _ => needed.len(),
        };
        waits.push(waiting);
        if waiting == 0 {
            ready.push(node);
        }
    }
    let mut endless = vec![true; count];
    while let Some(node) = ready.pop() {
        endless[node] = false;
        for &user in &users[node] {
            waits[user] = waits[user].saturating_sub(1);
            if waits[user] == 0 && endless[user] {
                ready.push(user);
            }
        }
    }
    endless
}

/// The types that every value of a type holds. A union needs one of its members, and none at all if one holds nothing.
fn needed(model: &Model, node: usize) -> Vec<(usize, Span)> {
    let held = |ty: &TypeRef, span: Span| {
        let id = graph::held(ty).filter(|id| !ty.optional && (id.0 as usize) < model.types.len());
        id.map(|id| (id.0 as usize, span))
    };
    match &model.types[node].kind {
        TypeKind::Struct(it) => {
            let fields = it.fields.iter().filter(|field| graph::always_holds(field));
            fields
                .filter_map(|field| held(&field.ty, field.span))
                .collect()
        }
        TypeKind::Union(it) => {
            let members: Vec<_> = it
                .variants
                .iter()
                .map(|variant| {
                    variant
                        .payload
                        .as_ref()
                        .and_then(|payload| held(payload, variant.span))
                })
                .collect();
            members
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .unwrap_or_default()
        }
        TypeKind::Newtype(ty) => held(ty, ty.span).into_iter().collect(),
        TypeKind::Enum(_) => Vec::new(),
    }
}

fn diagnose(model: &Model, component: &[usize], edges: &[Vec<(usize, Span)>]) -> Diagnostic {
    let first = component[0];
    let inside = |node: usize| edges[node].iter().find(|(to, _)| component.contains(to));
    let span = inside(first).map_or(model.types[first].span, |edge| edge.1);
    let message = format!("a value of `{}` would never end", model.types[first].name);
    let mut diagnostic = Diagnostic::error(codes::ENDLESS_TYPE, span, message)
        .labelled(format!(
            "always holds another `{}`",
            model.types[first].name
        ))
        .help("make a field on the way optional (`T?`), or put it into a list or map");
    for &node in component.iter().skip(1).take(8) {
        if let Some((to, span)) = inside(node) {
            let text = format!(
                "`{}` always holds a `{}`",
                model.types[node].name, model.types[*to].name
            );
            diagnostic = diagnostic.related(*span, text);
        }
    }
    diagnostic
}
