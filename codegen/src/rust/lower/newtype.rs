//! `type Email = string(max: 254);`

use microagent_schema::model::{Shape, Tagging, TypeDecl, TypeKind, TypeRef};

use super::checks::{self, Checks};
use super::scope::Scope;
use super::{describe, head, types};
use crate::docs;
use crate::ident::ident;
use crate::rust::view;

pub(crate) fn lower(
    scope: &Scope<'_>,
    declaration: &TypeDecl,
    inner: &TypeRef,
    checks: &mut Checks,
) -> view::Newtype {
    let is_checked = !inner.constraints.is_empty();
    let codec = codec(scope, declaration, inner, checks);
    let rules = if is_checked {
        format!(
            "{codec}, {}",
            checks::rules(&inner.shape, &inner.constraints)
        )
    } else {
        codec
    };
    let text = describe::type_ref(scope.model, inner);
    let mut head = head::of(
        &declaration.meta,
        &docs::code(&format!("type {} = {text}", declaration.name)),
    );
    head.extend(head::derive(
        &["Clone", "Debug", "PartialEq"],
        &declaration.derives,
    ));
    view::Newtype {
        head,
        name: ident(&declaration.name),
        visibility: if is_checked { "" } else { "pub " },
        inner: types::rust_type(scope, inner),
        table: if is_checked {
            "checked_newtype"
        } else {
            "newtype"
        },
        rules,
        is_object: is_object(scope, inner),
    }
}

/// How the value inside is written, its own constraints aside.
fn codec(
    scope: &Scope<'_>,
    declaration: &TypeDecl,
    inner: &TypeRef,
    checks: &mut Checks,
) -> String {
    match types::shape_codec(scope, &inner.shape, &declaration.name, checks) {
        Some(codec) if inner.optional => format!("__rt::Nullable<{codec}>"),
        codec => types::plain_unless(codec),
    }
}

/// Whether it is written as an object whose keys can stand in another one.
fn is_object(scope: &Scope<'_>, inner: &TypeRef) -> bool {
    match types::behind_newtypes(scope, &inner.shape) {
        Shape::Map(_) => !inner.optional,
        Shape::Named(id) if !inner.optional => match &scope.model[*id].kind {
            TypeKind::Struct(_) => true,
            TypeKind::Union(union) => matches!(union.tagging, Tagging::Internal { .. }),
            TypeKind::Enum(_) | TypeKind::Newtype(_) => false,
        },
        _ => false,
    }
}
