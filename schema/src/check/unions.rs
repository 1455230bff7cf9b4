//! What members of a union may carry: with the tag inside the object, only what has fields.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::draft::is_broken;
use crate::resolve::types;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for ty in &draft.model.types {
        if let TypeKind::Union(it) = &ty.kind
            && matches!(it.tagging, Tagging::Internal { .. })
        {
            let payloads = it
                .variants
                .iter()
                .filter_map(|variant| variant.payload.as_ref());
            found.extend(payloads.filter_map(|payload| problem(draft, payload)));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn problem(draft: &Draft<'_>, payload: &TypeRef) -> Option<Diagnostic> {
    if is_broken(payload) {
        return None;
    }
    if let (Shape::Named(id), false) = (&payload.shape, payload.optional)
        && let TypeKind::Struct(_) = draft.declaration(*id)?.kind
    {
        return None;
    }
    let message = format!(
        "`{}` has no fields to put beside the tag",
        types::described(draft, &payload.shape)
    );
    let help = "carry a struct or a body (`{ ..rest: {string: json} }` for any keys), or give payloads a key of their own: \
                `by \"type\", \"data\"`";
    Some(Diagnostic::error(codes::MEMBER_WITHOUT_FIELDS, payload.span, message).help(help))
}
