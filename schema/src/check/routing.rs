//! Parameters of routing keys: strings, integers, booleans and enums, since each is one word of text.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::RoutingWord;
use crate::model::Shape;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::draft::is_broken;
use crate::resolve::types;

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    let routings = draft
        .model
        .exchanges
        .iter()
        .filter_map(|exchange| exchange.routing.as_ref());
    for word in routings.flat_map(|routing| &routing.words) {
        if let RoutingWord::Parameter { ty, .. } = word
            && !is_broken(ty)
            && !fits(draft, ty)
        {
            let name = types::described(draft, &ty.shape);
            let diagnostic = Diagnostic::error(
                codes::ROUTING_TYPE,
                ty.span,
                format!("`{name}` can't be a word of a routing key"),
            )
            .help("parameters are `string`, integers, `bool` and enums");
            found.push(diagnostic);
        }
    }
    draft.diagnostics.append(&mut found);
}

fn fits(draft: &Draft<'_>, ty: &TypeRef) -> bool {
    match &ty.shape {
        Shape::String | Shape::Integer { .. } | Shape::Bool => true,
        Shape::Named(id) => {
            let kind = draft.declaration(*id).map(|declaration| &declaration.kind);
            matches!(kind, Some(TypeKind::Enum(_)))
        }
        _ => false,
    }
}
