//! What signals, calls, queues and exchanges may carry: the payload of a signal or call is a JSON object, no payload can
//! be missing.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::types;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    let signals = draft
        .model
        .signals
        .iter()
        .filter_map(|it| it.payload.as_ref());
    let calls = draft
        .model
        .calls
        .iter()
        .filter_map(|it| it.payload.as_ref());
    for payload in signals.chain(calls) {
        found.extend(no_object(draft, payload));
    }
    let queues = draft
        .model
        .queues
        .iter()
        .filter(|it| it.binding.is_none())
        .map(|it| &it.payload);
    let exchanges = draft.model.exchanges.iter().map(|it| &it.payload);
    let throws = draft.model.calls.iter().filter_map(|it| it.throws.as_ref());
    for payload in queues.chain(exchanges).chain(throws) {
        found.extend(hidden_optional(draft, payload));
    }
    draft.diagnostics.append(&mut found);
}

fn no_object(draft: &Draft<'_>, payload: &TypeRef) -> Option<Diagnostic> {
    let behind = draft.behind_newtypes(payload)?;
    let why = match &behind.shape {
        _ if behind.optional => "it may be null",
        Shape::Map(_) => return None,
        Shape::Named(id) => match &draft.declaration(*id)?.kind {
            TypeKind::Struct(_) | TypeKind::Newtype(_) => return None,
            TypeKind::Union(it) if it.tagging != Tagging::External => return None,
            TypeKind::Union(it) => {
                it.variants
                    .iter()
                    .find(|variant| variant.payload.is_none())?;
                "a member without payload is a string"
            }
            TypeKind::Enum(_) => "an enum is a string or a number",
        },
        _ => "it is no object",
    };
    if payload.optional {
        return None;
    }
    let name = types::described(draft, &payload.shape);
    let message = format!("a signal or call carries a JSON object, and `{name}` is none: {why}");
    let help = "put it into a field: `{ value: T }`; queues and exchanges carry any type";
    Some(Diagnostic::error(codes::PAYLOAD_IS_NO_OBJECT, payload.span, message).help(help))
}

/// A newtype of an optional type; a `?` at the payload itself was reported where it stands.
fn hidden_optional(draft: &Draft<'_>, payload: &TypeRef) -> Option<Diagnostic> {
    let hidden = !payload.optional && draft.behind_newtypes(payload)?.optional;
    let name = types::described(draft, &payload.shape);
    hidden.then(|| {
        Diagnostic::error(
            codes::OPTIONAL_PAYLOAD,
            payload.span,
            format!("a payload can't be missing, and `{name}` can be null"),
        )
        .help("put it into a field of a struct")
    })
}
