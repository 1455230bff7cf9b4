//! Values of structs and unions: which key belongs to which field, over spreads and tags. Knows nothing of scalars.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Presence;
use crate::model::Shape;
use crate::model::Tagging;
use crate::model::TypeDecl;
use crate::model::TypeKind;
use crate::model::TypeRef;
use crate::resolve::draft::Draft;
use crate::resolve::rust_name::wire;
use crate::resolve::values;
use crate::resolve::values::listed;

/// More spreads than any object has; that these are too many is said where they are declared.
const MOST_VISITS: usize = 10_000;

/// The keys of one written object and which were claimed by a field.
struct Object<'v> {
    value: &'v ast::Value,
    entries: HashMap<&'v str, (&'v ast::Name, &'v ast::Value)>,
    claimed: HashSet<&'v str>,
    known: Vec<String>,
    /// Types that were looked at; spreads of spreads can be very many.
    visits: usize,
    /// The type of all other keys, of a spread map.
    others: Option<TypeRef>,
}

/// Checks a value of a struct or union.
pub(crate) fn check(
    draft: &Draft<'_>,
    value: &ast::Value,
    declaration: &TypeDecl,
    problems: &mut Vec<Diagnostic>,
) {
    if let TypeKind::Union(union) = &declaration.kind
        && union.tagging == Tagging::External
    {
        check_external(draft, value, union, problems);
        return;
    }
    let ValueKind::Object(entries) = &value.kind else {
        problems.push(values::mismatch(value, "an object"));
        return;
    };
    let mut object = Object {
        value,
        entries: entries
            .iter()
            .map(|(name, value)| (wire(name), (name, value)))
            .collect(),
        claimed: HashSet::new(),
        known: Vec::new(),
        visits: 0,
        others: None,
    };
    claim(draft, &mut object, declaration, problems);
    let others = object.others.clone();
    for (name, value) in entries {
        if object.claimed.contains(wire(name)) {
            continue;
        }
        match &others {
            Some(ty) => values::check(draft, value, ty, problems),
            None => problems.push(unknown_key(draft, name, &object.known)),
        }
    }
}

fn unknown_key(draft: &Draft<'_>, name: &ast::Name, known: &[String]) -> Diagnostic {
    let key = wire(name);
    let suggestion = draft.nearest(key, known.iter().map(String::as_str));
    Diagnostic::error(
        codes::UNKNOWN_KEY_IN_VALUE,
        name.span,
        format!("the type has no field \"{key}\""),
    )
    .help(format!(
        "its fields are {}",
        listed(known.iter().map(String::as_str))
    ))
    .suggest(suggestion)
}

fn claim(
    draft: &Draft<'_>,
    object: &mut Object<'_>,
    declaration: &TypeDecl,
    problems: &mut Vec<Diagnostic>,
) {
    object.visits += 1;
    if object.visits > MOST_VISITS {
        return;
    }
    match &declaration.kind {
        TypeKind::Struct(it) => {
            for field in &it.fields {
                claim_field(draft, object, field, problems);
            }
        }
        TypeKind::Union(it) => claim_union(draft, object, it, problems),
        TypeKind::Enum(_) | TypeKind::Newtype(_) => {}
    }
}

fn claim_field(
    draft: &Draft<'_>,
    object: &mut Object<'_>,
    field: &model::Field,
    problems: &mut Vec<Diagnostic>,
) {
    if field.presence == Presence::Spread {
        match &field.ty.shape {
            Shape::Map(item) => object.others = Some((**item).clone()),
            Shape::Named(id) => {
                if let Some(declaration) = draft.finite(*id) {
                    claim(draft, object, declaration, problems);
                }
            }
            _ => {}
        }
        return;
    }
    object.known.push(field.wire.clone());
    match take(object, &field.wire) {
        Some(value)
            if value.kind == ValueKind::Null && matches!(field.presence, Presence::Default(_)) => {}
        Some(value) => values::check(draft, value, &field.ty, problems),
        None if matches!(field.presence, Presence::Required | Presence::Asymmetric) => {
            problems.push(missing(object.value, &field.wire));
        }
        None => {}
    }
}

fn take<'v>(object: &mut Object<'v>, key: &str) -> Option<&'v ast::Value> {
    let (&key, &(_, value)) = object.entries.get_key_value(key)?;
    object.claimed.insert(key);
    Some(value)
}

fn missing(value: &ast::Value, key: &str) -> Diagnostic {
    Diagnostic::error(
        codes::MISSING_KEY_IN_VALUE,
        value.span,
        format!("the field \"{key}\" is missing"),
    )
    .help("a required field must be given")
}

fn claim_union(
    draft: &Draft<'_>,
    object: &mut Object<'_>,
    union: &model::Union,
    problems: &mut Vec<Diagnostic>,
) {
    let (tag, content) = match &union.tagging {
        Tagging::External => return,
        Tagging::Internal { tag } => (tag, None),
        Tagging::Adjacent { tag, content } => (tag, Some(content)),
    };
    object.known.push(tag.clone());
    object.known.extend(content.cloned());
    let Some(value) = take(object, tag) else {
        problems.push(missing(object.value, tag));
        return;
    };
    let Some(variant) = variant_of(draft, union, value, problems) else {
        return;
    };
    match (content, &variant.payload) {
        (Some(content), Some(payload)) => match take(object, content) {
            Some(value) => values::check(draft, value, payload, problems),
            None => problems.push(missing(object.value, content)),
        },
        (
            None,
            Some(TypeRef {
                shape: Shape::Named(id),
                ..
            }),
        ) => {
            if let Some(declaration) = draft.finite(*id) {
                claim(draft, object, declaration, problems);
            }
        }
        _ => {}
    }
}

/// The member that a tag or a string names.
fn variant_of<'d>(
    draft: &Draft<'_>,
    union: &'d model::Union,
    value: &ast::Value,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'d model::Variant> {
    let ValueKind::String { text, .. } = &value.kind else {
        problems.push(values::mismatch(value, "a string"));
        return None;
    };
    let found = union.variants.iter().find(|variant| variant.wire == *text);
    if found.is_none() {
        problems.push(unknown_member(draft, union, (text, value.span)));
    }
    found
}

fn unknown_member(
    draft: &Draft<'_>,
    union: &model::Union,
    written: (&str, crate::span::Span),
) -> Diagnostic {
    let names = || union.variants.iter().map(|variant| variant.wire.as_str());
    Diagnostic::error(
        codes::UNKNOWN_ENUM_VALUE,
        written.1,
        format!("the union has no member \"{}\"", written.0),
    )
    .help(format!("its members are {}", listed(names())))
    .suggest(draft.nearest(written.0, names()))
}

fn check_external(
    draft: &Draft<'_>,
    value: &ast::Value,
    union: &model::Union,
    problems: &mut Vec<Diagnostic>,
) {
    match &value.kind {
        ValueKind::String { .. } => {
            let variant = variant_of(draft, union, value, problems);
            if variant.is_some_and(|variant| variant.payload.is_some()) {
                problems.push(values::mismatch(
                    value,
                    "an object with the member as its one key",
                ));
            }
        }
        ValueKind::Object(entries) if entries.len() == 1 => {
            let (name, inner) = &entries[0];
            let variant = union
                .variants
                .iter()
                .find(|variant| variant.wire == wire(name));
            match variant.map(|variant| &variant.payload) {
                Some(Some(payload)) => values::check(draft, inner, payload, problems),
                Some(None) => problems.push(values::mismatch(
                    value,
                    "a member without payload as a string",
                )),
                None => problems.push(unknown_member(draft, union, (wire(name), name.span))),
            }
        }
        _ => problems.push(values::mismatch(
            value,
            "an object with one key, the member",
        )),
    }
}
