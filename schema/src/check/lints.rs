//! Lints: the schema is good, but something in it does nothing.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::resolve::draft::Bound;
use crate::resolve::draft::Draft;

/// Names that a file binds and never uses.
pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for (scope, place) in draft.scopes.iter().zip(draft.places) {
        if place.incomplete.is_some() {
            continue;
        }
        for name in &scope.order {
            let binding = &scope.bindings[name];
            if !binding.used.get() && binding.target != Bound::Broken {
                let diagnostic = Diagnostic::warning(
                    codes::UNUSED_USE,
                    binding.span,
                    format!("`{name}` is not used in this file"),
                )
                .help("take it out of the `use` line");
                found.push(diagnostic);
            }
        }
    }
    draft.diagnostics.append(&mut found);
}
