//! What can be spread: a struct, all other keys, or a union by tag. Knows nothing of the keys themselves.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::types;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for ty in &draft.model.types {
        if let TypeKind::Struct(it) = &ty.kind {
            let spreads = it
                .fields
                .iter()
                .filter(|field| field.presence == Presence::Spread);
            found.extend(spreads.filter_map(|field| problem(draft, &field.ty)));
        }
    }
    draft.diagnostics.append(&mut found);
}

fn problem(draft: &Draft<'_>, ty: &TypeRef) -> Option<Diagnostic> {
    let help = match &ty.shape {
        Shape::Map(_) => return None,
        Shape::Named(id) => match &draft.declaration(*id)?.kind {
            TypeKind::Struct(_) => return None,
            TypeKind::Union(it) if it.tagging != Tagging::External => return None,
            TypeKind::Union(_) => "give the union a tag: `union … by \"type\"`",
            TypeKind::Newtype(_) => "name the type behind it: a newtype is a value of its own",
            TypeKind::Enum(_) => "an enum has no fields: write it as a field, without the dots",
        },
        _ => "write it as a field, without the dots",
    };
    let message = format!("`{}` can't be spread", types::described(draft, &ty.shape));
    let help = format!("a spread takes a struct, a union by tag, or `{{string: T}}`; {help}");
    Some(Diagnostic::error(codes::BAD_SPREAD, ty.span, message).help(help))
}
