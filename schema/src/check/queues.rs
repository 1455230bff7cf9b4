//! Options of queues that speak of the payload: `key` names its fields, `dead_letter` a queue of the same payload.

use std::collections::HashSet;

use crate::check::keys;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::TypeKind;
use crate::resolve::draft::Draft;
use crate::resolve::draft::QueuePlaces;
use crate::resolve::draft::is_broken;
use crate::resolve::types;
use crate::resolve::values::listed;
use crate::span::Span;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    let mut resolved = Vec::with_capacity(draft.model.queues.len());
    for (queue, places) in draft.model.queues.iter().zip(&draft.queue_places) {
        if is_broken(&queue.payload) {
            resolved.push(Vec::new());
            continue;
        }
        resolved.push(check_key(draft, queue, places, &mut found));
        found.extend(dead_letter(draft, queue, places));
    }
    draft.diagnostics.append(&mut found);
    for (queue, key) in draft.model.queues.iter_mut().zip(resolved) {
        queue.options.key = key;
    }
}

/// Gives the wire names of the fields.
fn check_key(
    draft: &Draft<'_>,
    queue: &model::Queue,
    places: &QueuePlaces,
    found: &mut Vec<Diagnostic>,
) -> Vec<String> {
    let Some((_, first)) = places.key.first() else {
        return Vec::new();
    };
    let Some(behind) = draft.behind_newtypes(&queue.payload) else {
        return Vec::new();
    };
    let Some(TypeKind::Struct(it)) = draft.kind_of(&queue.payload) else {
        let message = format!(
            "`{}` has no fields to take a key from",
            types::described(draft, &behind.shape)
        );
        found.push(
            Diagnostic::error(codes::BAD_KEY, *first, message)
                .help("`key` needs a payload with declared fields: a struct"),
        );
        return Vec::new();
    };
    if matches!(behind.shape, model::Shape::Named(id) if draft.finite(id).is_none()) {
        return Vec::new();
    }
    let known = keys::of_struct(draft, it);
    let mut key = Vec::new();
    let mut seen = HashSet::new();
    for (field, span) in &places.key {
        let Some(wire) = known.iter().find(|wire| *wire == field).copied() else {
            // A field with a wire name of its own is declared by that; the name in Rust leads to it.
            let of_rust = it.fields.iter().find(|known| known.name == *field);
            let mut problem = unknown_field(draft, (field, *span), &known);
            if let Some(meant) = of_rust.filter(|meant| !meant.wire.is_empty()) {
                problem = problem.suggest(Some(format!("\"{}\"", meant.wire)));
            }
            let lost = draft.may_be_lost(queue.package, field, problem.suggestion.as_ref());
            found.extend((!lost).then_some(problem));
            continue;
        };
        if !seen.insert(wire) {
            let message = format!("`{field}` is part of the key already");
            found.push(
                Diagnostic::error(codes::BAD_KEY, *span, message).help("name each field once"),
            );
        }
        key.push(wire.to_owned());
    }
    key
}

fn unknown_field(draft: &Draft<'_>, named: (&str, Span), known: &[&str]) -> Diagnostic {
    let (field, span) = named;
    let suggestion = draft.nearest(field, known.iter().copied());
    Diagnostic::error(
        codes::BAD_KEY,
        span,
        format!("the payload has no field `{field}`"),
    )
    .help(format!(
        "its fields are {}, as they were declared",
        listed(known.iter().copied())
    ))
    .suggest(suggestion)
}

fn dead_letter(
    draft: &Draft<'_>,
    queue: &model::Queue,
    places: &QueuePlaces,
) -> Option<Diagnostic> {
    let dead = &draft.model[queue.options.dead_letter?];
    if is_broken(&dead.payload) || same(&queue.payload, &dead.payload) {
        return None;
    }
    let message = format!(
        "`{}` carries another payload than `{}`",
        dead.name, queue.name
    );
    let diagnostic = Diagnostic::error(codes::BAD_DEAD_LETTER, places.dead_letter?, message)
        .related(dead.payload.span, "what dead letters go to")
        .related(queue.payload.span, "what this queue carries")
        .help("dead letters keep their payload: give both queues the same type");
    Some(diagnostic)
}

/// Equal but for where they stand.
fn same(left: &model::TypeRef, right: &model::TypeRef) -> bool {
    let shapes = match (&left.shape, &right.shape) {
        (model::Shape::List(left), model::Shape::List(right))
        | (model::Shape::Map(left), model::Shape::Map(right)) => same(left, right),
        (left, right) => left == right,
    };
    shapes && left.constraints == right.constraints && left.optional == right.optional
}
