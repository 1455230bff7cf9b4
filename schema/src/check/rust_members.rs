//! Members of one type have names of their own in Rust, also after case conversion and where a keyword gets an
//! underscore. Knows nothing of the wire.

use std::collections::HashMap;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::TypeKind;
use crate::resolve::draft::Draft;
use crate::span::Span;

/// What generated code calls a value that a newer peer sent.
const UNKNOWN: &str = "Unrecognised";

struct Member<'m> {
    name: &'m str,
    wire: &'m str,
    span: Span,
}

pub(crate) fn check(draft: &mut Draft<'_>) {
    let mut found = Vec::new();
    for ty in &draft.model.types {
        let (members, open): (Vec<Member<'_>>, bool) = match &ty.kind {
            TypeKind::Struct(it) => (
                it.fields
                    .iter()
                    .map(|it| member(&it.name, &it.wire, it.span))
                    .collect(),
                false,
            ),
            TypeKind::Enum(it) => (
                it.values
                    .iter()
                    .map(|it| member(&it.name, &it.wire, it.span))
                    .collect(),
                !it.closed,
            ),
            TypeKind::Union(it) => (
                it.variants
                    .iter()
                    .map(|it| member(&it.name, &it.wire, it.span))
                    .collect(),
                !it.closed,
            ),
            TypeKind::Newtype(_) => continue,
        };
        check_members(&members, &mut found);
        if open {
            found.extend(
                members
                    .iter()
                    .find(|member| member.name == UNKNOWN)
                    .map(taken),
            );
        }
    }
    draft.diagnostics.append(&mut found);
}

fn member<'m>(name: &'m str, wire: &'m str, span: Span) -> Member<'m> {
    Member { name, wire, span }
}

fn check_members(members: &[Member<'_>], found: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, &Member<'_>> = HashMap::with_capacity(members.len());
    for member in members {
        let Some(first) = seen.insert(member.name.trim_end_matches('_'), member) else {
            continue;
        };
        // The same text twice was reported as that; spreads have none.
        if first.wire != member.wire || member.wire.is_empty() {
            let diagnostic = Diagnostic::error(
                codes::NAME_CLASH,
                member.span,
                format!("two members would be called `{}` in Rust", member.name),
            )
            .related(first.span, "the first")
            .help("name one of them for Rust: `\"…\" as other_name`");
            found.push(diagnostic);
        }
    }
}

fn taken(member: &Member<'_>) -> Diagnostic {
    Diagnostic::error(
        codes::NAME_CLASH,
        member.span,
        format!("`{UNKNOWN}` holds what a newer sender knows"),
    )
    .help(format!(
        "name it for Rust: `\"{}\" as other_name`",
        member.wire
    ))
}
