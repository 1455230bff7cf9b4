//! Defaults as expressions of Rust: simple values as literals, all others as JSON that the codec reads.

use microagent_schema::model::{Constraints, Json, Shape, TypeKind, TypeRef};

use super::checks::Checks;
use super::describe;
use super::scope::Scope;
use super::types;
use crate::ident::ident;
use crate::literal;

/// An expression of the type of `ty` (a value that is there) that is `value`.
pub(crate) fn default(scope: &Scope<'_>, ty: &TypeRef, value: &Json, name: &str) -> String {
    simple(scope, &ty.shape, value).unwrap_or_else(|| decoded(scope, ty, value, name))
}

fn simple(scope: &Scope<'_>, shape: &Shape, value: &Json) -> Option<String> {
    match (shape, value) {
        (Shape::Bool, Json::Bool(value)) => Some(value.to_string()),
        (Shape::Integer { text: false, .. }, Json::Number(digits))
        | (Shape::Integer { text: true, .. }, Json::String(digits)) => {
            Some(literal::integer(digits.parse().ok()?))
        }
        (Shape::F32 | Shape::F64, Json::Number(digits)) => float(digits),
        (Shape::String, Json::String(text)) if text.is_empty() => {
            Some(format!("{}::new()", types::STRING))
        }
        (Shape::String, Json::String(text)) => Some(format!(
            "::std::borrow::ToOwned::to_owned({})",
            literal::string(text)
        )),
        (Shape::List(_), Json::List(entries)) if entries.is_empty() => {
            Some("::std::vec::Vec::new()".to_owned())
        }
        (Shape::Map(_), Json::Object(entries)) if entries.is_empty() => {
            Some("__rt::BTreeMap::new()".to_owned())
        }
        (Shape::Named(id), Json::String(wire) | Json::Number(wire)) => {
            let TypeKind::Enum(declaration) = &scope.model[*id].kind else {
                return None;
            };
            let value = declaration.values.iter().find(|it| it.wire == *wire)?;
            Some(format!("{}::{}", scope.ty(*id), ident(&value.name)))
        }
        _ => None,
    }
}

fn float(digits: &str) -> Option<String> {
    let value: f64 = digits.parse().ok()?;
    value.is_finite().then(|| literal::float(value))
}

fn decoded(scope: &Scope<'_>, ty: &TypeRef, value: &Json, name: &str) -> String {
    let mut json = String::new();
    describe::json(value, &mut json);
    let ty = TypeRef {
        optional: false,
        constraints: Constraints::default(),
        ..ty.clone()
    };
    // Entries may have constraints of their own; the checker has applied them, and the default needs no marker.
    let codec = types::codec(scope, &unchecked(&ty), name, &mut Checks::default());
    let rust = types::rust_type(scope, &ty);
    format!(
        "__rt::default_value::<{codec}, {rust}>({})",
        literal::string(&json)
    )
}

/// The same type without constraints at any depth.
fn unchecked(ty: &TypeRef) -> TypeRef {
    let shape = match &ty.shape {
        Shape::List(entry) => Shape::List(Box::new(unchecked(entry))),
        Shape::Map(entry) => Shape::Map(Box::new(unchecked(entry))),
        shape => shape.clone(),
    };
    TypeRef {
        shape,
        constraints: Constraints::default(),
        ..ty.clone()
    }
}
