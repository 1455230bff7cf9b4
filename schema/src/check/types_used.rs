//! Uses of newtypes: no second `?` around an optional one, no endless chains of names.

use crate::check::graph;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Model;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    check_depth(draft, &mut found);
    for ty in &draft.model.types {
        for used in graph::references(&ty.kind) {
            check_use(draft, used, &mut found);
        }
        if let TypeKind::Struct(it) = &ty.kind {
            let asymmetric = it
                .fields
                .iter()
                .filter(|field| field.presence == Presence::Asymmetric);
            found.extend(asymmetric.filter_map(|field| hidden(draft, &field.ty)));
        }
    }
    for used in channel_types(&draft.model) {
        check_use(draft, used, &mut found);
    }
    draft.diagnostics.append(&mut found);
}

fn channel_types(model: &Model) -> Vec<&TypeRef> {
    let signals = model
        .signals
        .iter()
        .flat_map(|it| it.payload.iter().chain(&it.reply));
    let calls = model
        .calls
        .iter()
        .flat_map(|it| it.payload.iter().chain(&it.throws).chain([&it.reply]));
    let queues = model
        .queues
        .iter()
        .filter(|it| it.binding.is_none())
        .map(|it| &it.payload);
    let exchanges = model.exchanges.iter().map(|it| &it.payload);
    signals
        .chain(calls)
        .chain(queues)
        .chain(exchanges)
        .collect()
}

fn check_use(draft: &Draft<'_>, used: &TypeRef, found: &mut Vec<Diagnostic>) {
    let mut used = used;
    loop {
        if used.optional {
            found.extend(hidden(draft, used));
        }
        match &used.shape {
            Shape::List(inner) | Shape::Map(inner) => used = inner,
            _ => return,
        }
    }
}

/// An optional use of a newtype that is optional itself.
fn hidden(draft: &Draft<'_>, used: &TypeRef) -> Option<Diagnostic> {
    let Shape::Named(id) = used.shape else {
        return None;
    };
    let declaration = draft.declaration(id)?;
    let TypeKind::Newtype(inner) = &declaration.kind else {
        return None;
    };
    let optional = inner.optional || draft.behind_newtypes(inner)?.optional;
    optional.then(|| {
        let message = format!("`{}` is optional already", declaration.name);
        Diagnostic::error(codes::DOUBLY_OPTIONAL, used.span, message)
            .related(declaration.span, "declared as optional here")
            .help("JSON has one null: take one `?` away")
    })
}

/// Newtypes of newtypes, by following each chain until its depth is known.
fn check_depth(draft: &Draft<'_>, found: &mut Vec<Diagnostic>) {
    let types = &draft.model.types;
    let next = |node: usize| match &types[node].kind {
        TypeKind::Newtype(inner) => graph::held(inner)
            .map(|id| id.0 as usize)
            .filter(|&to| to < types.len()),
        _ => None,
    };
    let mut depth = vec![0_usize; types.len()];
    for start in 0..types.len() {
        let mut chain = Vec::new();
        let mut node = Some(start);
        while let Some(at) = node.filter(|&at| depth[at] == 0) {
            depth[at] = usize::MAX;
            chain.push(at);
            node = next(at);
        }
        let mut known = node.map_or(0, |at| depth[at]);
        for at in chain.into_iter().rev() {
            known = known.saturating_add(1);
            depth[at] = known;
            if known == draft.limits.nesting + 1 {
                let message = format!(
                    "names stand for one another over more than {} levels",
                    draft.limits.nesting
                );
                let diagnostic = Diagnostic::error(codes::CHAIN_TOO_LONG, types[at].span, message)
                    .help("name the type at the end of the chain");
                found.push(diagnostic);
            }
        }
    }
}
