//! Defaults and examples: written as the JSON of the wire, and checked against their type once all types are known.
//! Knows nothing of where a value stands.

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Json;
use crate::model::Shape;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::objects;
use crate::resolve::scalars;

/// A value as JSON; what is no JSON was reported.
pub(crate) fn json(draft: &mut Draft<'_>, value: &ast::Value) -> Option<Json> {
    Some(match &value.kind {
        ValueKind::Null => Json::Null,
        ValueKind::Bool(it) => Json::Bool(*it),
        ValueKind::Integer(digits) | ValueKind::Float(digits) => Json::Number(digits.clone()),
        ValueKind::String { text, .. } => Json::String(text.clone()),
        ValueKind::List(items) => {
            let items: Vec<Option<Json>> = items.iter().map(|item| json(draft, item)).collect();
            Json::List(items.into_iter().collect::<Option<_>>()?)
        }
        ValueKind::Object(entries) => object(draft, entries)?,
        ValueKind::Word(path) => {
            let written = crate::resolve::packages::joined(path);
            return not_json(
                draft,
                value,
                format!("write `\"{written}\"` in quotes, as it goes on the wire"),
            );
        }
        ValueKind::Duration(_) => {
            return not_json(
                draft,
                value,
                "write it as it goes on the wire: `\"PT1H\"`, or seconds with `as: seconds`"
                    .to_owned(),
            );
        }
        ValueKind::Size { bytes, .. } => {
            return not_json(draft, value, format!("write the number: `{bytes}`"));
        }
        ValueKind::Range(..) => return not_json(draft, value, "JSON has no ranges".to_owned()),
    })
}

fn object(draft: &mut Draft<'_>, entries: &[(ast::Name, ast::Value)]) -> Option<Json> {
    let mut object: Vec<(String, Json)> = Vec::new();
    let mut seen = std::collections::HashMap::new();
    let mut whole = true;
    for (name, value) in entries {
        let key = crate::resolve::rust_name::wire(name);
        if let Some(first) = seen.insert(key, name.span) {
            let diagnostic = Diagnostic::error(
                codes::DUPLICATE_KEY,
                name.span,
                format!("the key \"{key}\" stands here twice"),
            )
            .related(first, "first given here")
            .help("keep one of them");
            draft.report(diagnostic);
        }
        match json(draft, value) {
            Some(value) => object.push((key.to_owned(), value)),
            None => whole = false,
        }
    }
    whole.then_some(Json::Object(object))
}

fn not_json(draft: &mut Draft<'_>, value: &ast::Value, help: String) -> Option<Json> {
    let diagnostic = Diagnostic::error(
        codes::VALUE_IS_NOT_JSON,
        value.span,
        "defaults and examples are written as JSON",
    )
    .help(help);
    draft.report(diagnostic);
    None
}

/// Checks all defaults and examples against their types.
pub(crate) fn check_pending(draft: &mut Draft<'_>) {
    let pending = std::mem::take(&mut draft.pending);
    let mut problems = Vec::new();
    for pending in &pending {
        check(draft, pending.value, &pending.ty, &mut problems);
    }
    draft.diagnostics.append(&mut problems);
}

/// Checks one value, and what is inside of it.
pub(crate) fn check(
    draft: &Draft<'_>,
    value: &ast::Value,
    ty: &TypeRef,
    problems: &mut Vec<Diagnostic>,
) {
    let no_json = matches!(
        value.kind,
        ValueKind::Word(_) | ValueKind::Duration(_) | ValueKind::Size { .. } | ValueKind::Range(..)
    );
    let none = value.kind == ValueKind::Null && (ty.optional || ty.shape == Shape::Json);
    if no_json || none {
        return;
    }
    match &ty.shape {
        Shape::Json => {}
        Shape::List(item) => check_list(draft, value, (ty, item), problems),
        Shape::Map(item) => check_map(draft, value, (ty, item), problems),
        Shape::Named(id) => {
            if let Some(declaration) = draft.finite(*id) {
                check_named(draft, value, declaration, problems);
            }
        }
        _ => problems.extend(scalars::check(value, ty)),
    }
}

fn check_list(
    draft: &Draft<'_>,
    value: &ast::Value,
    types: (&TypeRef, &TypeRef),
    problems: &mut Vec<Diagnostic>,
) {
    let ValueKind::List(items) = &value.kind else {
        problems.push(mismatch(value, "a list"));
        return;
    };
    problems.extend(scalars::check_length(
        value,
        types.0,
        (items.len(), "entries"),
    ));
    for item in items {
        check(draft, item, types.1, problems);
    }
}

fn check_map(
    draft: &Draft<'_>,
    value: &ast::Value,
    types: (&TypeRef, &TypeRef),
    problems: &mut Vec<Diagnostic>,
) {
    let ValueKind::Object(entries) = &value.kind else {
        problems.push(mismatch(value, "an object"));
        return;
    };
    problems.extend(scalars::check_length(
        value,
        types.0,
        (entries.len(), "entries"),
    ));
    for (_, item) in entries {
        check(draft, item, types.1, problems);
    }
}

fn check_named(
    draft: &Draft<'_>,
    value: &ast::Value,
    declaration: &model::TypeDecl,
    problems: &mut Vec<Diagnostic>,
) {
    match &declaration.kind {
        TypeKind::Newtype(inner) => check(draft, value, inner, problems),
        TypeKind::Enum(it) => check_enum(draft, value, (&declaration.name, it), problems),
        TypeKind::Struct(_) | TypeKind::Union(_) => {
            objects::check(draft, value, declaration, problems);
        }
    }
}

fn check_enum(
    draft: &Draft<'_>,
    value: &ast::Value,
    named: (&str, &model::Enum),
    problems: &mut Vec<Diagnostic>,
) {
    let (name, it) = named;
    let written = match &value.kind {
        ValueKind::String { text, .. } if !it.integer => text,
        ValueKind::Integer(digits) if it.integer => digits,
        _ => {
            problems.push(mismatch(
                value,
                if it.integer { "an integer" } else { "a string" },
            ));
            return;
        }
    };
    if it.values.iter().any(|known| known.wire == *written) {
        return;
    }
    let known = it.values.iter().map(|known| known.wire.as_str());
    let suggestion = draft.nearest(written, known);
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_ENUM_VALUE,
        value.span,
        format!("`{name}` has no value \"{written}\""),
    )
    .help(format!(
        "its values are {}",
        listed(it.values.iter().map(|known| known.wire.as_str()))
    ))
    .suggest(suggestion);
    problems.push(diagnostic);
}

/// The first few of some names, in backticks.
pub(crate) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.take(9).collect();
    let more = names.len() == 9;
    names.truncate(8);
    let mut text = format!("`{}`", names.join("`, `"));
    if more {
        text.push_str(" and others");
    }
    text
}

/// A value of the wrong JSON kind.
pub(crate) fn mismatch(value: &ast::Value, wanted: &str) -> Diagnostic {
    let found = match &value.kind {
        ValueKind::Null => "null",
        ValueKind::Bool(_) => "a boolean",
        ValueKind::Integer(_) => "an integer",
        ValueKind::Float(_) => "a number with a fraction",
        ValueKind::String { .. } => "a string",
        ValueKind::List(_) => "a list",
        ValueKind::Object(_) => "an object",
        _ => "no JSON",
    };
    Diagnostic::error(
        codes::VALUE_OF_WRONG_KIND,
        value.span,
        format!("this is {found}, the type wants {wanted}"),
    )
    .help(format!("write {wanted}, as it goes on the wire"))
}
