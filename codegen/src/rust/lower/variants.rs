//! Enums of strings or integers, and unions.

use microagent_schema::model::{Enum, Shape, Tagging, TypeDecl, Union, Variant};

use super::checks::Checks;
use super::scope::Scope;
use super::{head, types};
use crate::docs;
use crate::ident::ident;
use crate::literal;
use crate::rust::lower::layout;
use crate::rust::view;

pub(crate) fn lower_enum(scope: &Scope<'_>, declaration: &TypeDecl, values: &Enum) -> view::Choice {
    let mut variants = Vec::with_capacity(values.values.len() + 1);
    let mut rows = Vec::with_capacity(values.values.len() + 1);
    for value in &values.values {
        let name = ident(&value.name);
        let wire = if values.integer {
            value.wire.clone()
        } else {
            literal::string(&value.wire)
        };
        rows.push(format!("{name} = {},", integer_or(&wire, values.integer)));
        variants.push(view::Member {
            head: head::of(&value.meta, &on_the_wire(&value.wire)),
            text: layout::variant(layout::MEMBER, &name, None),
        });
    }
    push_unrecognised(values.closed, "_ => Unrecognised", &mut variants, &mut rows);
    let derives: &[&str] = if values.closed {
        &["Clone", "Copy", "Debug", "PartialEq", "Eq", "Hash"]
    } else {
        &["Clone", "Debug", "PartialEq", "Eq", "Hash"]
    };
    let mut head = head_of(scope, declaration, "Enum");
    head.extend(head::derive(derives, &declaration.derives));
    view::Choice {
        head,
        name: ident(&declaration.name),
        variants,
        table: if values.integer {
            "integer_enum"
        } else {
            "string_enum"
        },
        tagging: String::new(),
        rows: layout::filled(8, rows),
    }
}

fn integer_or(wire: &str, is_integer: bool) -> String {
    match wire.parse() {
        Ok(value) if is_integer => literal::integer(value),
        _ => wire.to_owned(),
    }
}

fn head_of(scope: &Scope<'_>, declaration: &TypeDecl, kind: &str) -> Vec<String> {
    let package = &scope.this().name;
    head::of(
        &declaration.meta,
        &format!("{kind} `{}` of package `{package}`.", declaration.name),
    )
}

fn on_the_wire(wire: &str) -> String {
    format!("{} on the wire.", docs::code(wire))
}

/// What an open type keeps of a value that it does not know.
fn push_unrecognised(
    closed: bool,
    row: &str,
    variants: &mut Vec<view::Member>,
    rows: &mut Vec<String>,
) {
    if closed {
        return;
    }
    rows.push(row.to_owned());
    variants.push(view::Member {
        head: vec!["/// What a newer contract says; written back as it was read.".to_owned()],
        text: layout::variant(layout::MEMBER, "Unrecognised", Some("__rt::Unrecognised")),
    });
}

pub(crate) fn lower_union(
    scope: &Scope<'_>,
    declaration: &TypeDecl,
    union: &Union,
    checks: &mut Checks,
) -> view::Choice {
    let mut variants = Vec::with_capacity(union.variants.len() + 1);
    let mut rows = Vec::with_capacity(union.variants.len() + 1);
    for variant in &union.variants {
        let name = format!("{}{}", declaration.name, variant.name);
        rows.push(union_row(scope, &union.tagging, variant, (&name, checks)));
        variants.push(view::Member {
            head: head::of(&variant.meta, &on_the_wire(&variant.wire)),
            text: layout::variant(
                layout::MEMBER,
                &ident(&variant.name),
                variant_type(scope, variant).as_deref(),
            ),
        });
    }
    push_unrecognised(union.closed, "else Unrecognised", &mut variants, &mut rows);
    let mut head = head_of(scope, declaration, "Union");
    if union.variants.iter().any(is_struct) {
        head.extend(head::allow(
            "clippy::large_enum_variant",
            "a variant is as large as what it says",
        ));
    }
    head.extend(head::derive(
        &["Clone", "Debug", "PartialEq"],
        &declaration.derives,
    ));
    let (table, tagging) = tagging(&union.tagging);
    view::Choice {
        head,
        name: ident(&declaration.name),
        variants,
        table,
        tagging,
        rows: layout::filled(8, rows),
    }
}

fn is_struct(variant: &Variant) -> bool {
    let payload = variant.payload.as_ref();
    !variant.boxed && payload.is_some_and(|it| matches!(it.shape, Shape::Named(_)))
}

fn with_payload(name: &str, payload: Option<String>) -> String {
    match payload {
        Some(payload) => format!("{}({payload})", ident(name)),
        None => ident(name),
    }
}

fn variant_type(scope: &Scope<'_>, variant: &Variant) -> Option<String> {
    let payload = types::rust_type(scope, variant.payload.as_ref()?);
    Some(if variant.boxed {
        types::boxed(&payload)
    } else {
        payload
    })
}

/// `"email" => Email(__rt::Plain),`
fn union_row(
    scope: &Scope<'_>,
    tagging: &Tagging,
    variant: &Variant,
    (name, checks): (&str, &mut Checks),
) -> String {
    let payload = variant.payload.as_ref().map(|payload| match tagging {
        Tagging::Internal { .. } => match &payload.shape {
            Shape::Map(entry) => format!("__rt::Map<{}>", types::codec(scope, entry, name, checks)),
            shape => types::inner_type(scope, shape),
        },
        Tagging::External | Tagging::Adjacent { .. } => types::codec(scope, payload, name, checks),
    });
    format!(
        "{} => {},",
        literal::string(&variant.wire),
        with_payload(&variant.name, payload)
    )
}

/// The macro of the codec, and what it is told of the tag.
fn tagging(tagging: &Tagging) -> (&'static str, String) {
    match tagging {
        Tagging::External => ("union_external", String::new()),
        Tagging::Internal { tag } => ("union_internal", format!(" by {}", literal::string(tag))),
        Tagging::Adjacent { tag, content } => {
            let tagging = format!(" by {}, {}", literal::string(tag), literal::string(content));
            ("union_adjacent", tagging)
        }
    }
}
