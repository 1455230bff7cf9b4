//! Uses of types: what they are in Rust, how they are written on the wire, and what a constructor takes.

use microagent_schema::model::{
    BytesEncoding, DurationEncoding, IntegerKind, Shape, TimestampEncoding, TypeKind, TypeRef,
};

use super::checks::Checks;
use super::scope::Scope;

pub(crate) const STRING: &str = "::std::string::String";

/// The type of a value, `Option` included.
pub(crate) fn rust_type(scope: &Scope<'_>, ty: &TypeRef) -> String {
    let inner = inner_type(scope, &ty.shape);
    if ty.optional { optional(&inner) } else { inner }
}

pub(crate) fn optional(ty: &str) -> String {
    format!("::core::option::Option<{ty}>")
}

pub(crate) fn boxed(ty: &str) -> String {
    format!("::std::boxed::Box<{ty}>")
}

/// The type of a value that is there.
pub(crate) fn inner_type(scope: &Scope<'_>, shape: &Shape) -> String {
    match shape {
        Shape::List(entry) => format!("::std::vec::Vec<{}>", rust_type(scope, entry)),
        Shape::Map(entry) => format!("__rt::BTreeMap<{STRING}, {}>", rust_type(scope, entry)),
        Shape::Named(id) => scope.ty(*id),
        Shape::Bool => "bool".to_owned(),
        Shape::Integer { kind, .. } => integer(*kind).to_owned(),
        Shape::F32 => "f32".to_owned(),
        Shape::F64 => "f64".to_owned(),
        Shape::String => STRING.to_owned(),
        Shape::Bytes(_) => "__rt::Bytes".to_owned(),
        Shape::Uuid => "__rt::Uuid".to_owned(),
        Shape::Timestamp(_) => "__rt::Timestamp".to_owned(),
        Shape::Date => "__rt::Date".to_owned(),
        Shape::Duration(_) => "__rt::Duration".to_owned(),
        Shape::Decimal { .. } => "__rt::Decimal".to_owned(),
        Shape::Json => "__rt::Json".to_owned(),
    }
}

fn integer(kind: IntegerKind) -> &'static str {
    match kind {
        IntegerKind::I8 => "i8",
        IntegerKind::I16 => "i16",
        IntegerKind::I32 => "i32",
        IntegerKind::I64 => "i64",
        IntegerKind::U8 => "u8",
        IntegerKind::U16 => "u16",
        IntegerKind::U32 => "u32",
        IntegerKind::U64 => "u64",
    }
}

/// The codec of a value, `Option` included; `__rt::Plain` where it is the usual one. `name` is what the marker of a
/// constraint is called after.
pub(crate) fn codec(scope: &Scope<'_>, ty: &TypeRef, name: &str, checks: &mut Checks) -> String {
    plain_unless(value_codec(scope, ty, name, checks))
}

pub(crate) fn plain_unless(codec: Option<String>) -> String {
    codec.unwrap_or_else(|| "__rt::Plain".to_owned())
}

fn value_codec(scope: &Scope<'_>, ty: &TypeRef, name: &str, checks: &mut Checks) -> Option<String> {
    let codec = inner_codec(scope, ty, name, checks)?;
    Some(if ty.optional {
        format!("__rt::Nullable<{codec}>")
    } else {
        codec
    })
}

/// The codec of a value that is there, with its constraints; none is the usual one.
pub(crate) fn inner_codec(
    scope: &Scope<'_>,
    ty: &TypeRef,
    name: &str,
    checks: &mut Checks,
) -> Option<String> {
    let codec = shape_codec(scope, &ty.shape, name, checks);
    if ty.constraints.is_empty() {
        return codec;
    }
    let marker = checks.marker(name, ty);
    let path = scope.item(scope.package, &format!("__checks::{marker}"));
    Some(format!("__rt::Checked<{path}, {}>", plain_unless(codec)))
}

/// The codec without constraints of its own.
pub(crate) fn shape_codec(
    scope: &Scope<'_>,
    shape: &Shape,
    name: &str,
    checks: &mut Checks,
) -> Option<String> {
    let codec = match shape {
        Shape::Integer { text: true, .. } => "__rt::AsText",
        Shape::Bytes(BytesEncoding::Hex) => "__rt::Hex",
        Shape::Timestamp(TimestampEncoding::UnixSeconds) => "__rt::UnixSeconds",
        Shape::Timestamp(TimestampEncoding::UnixMilliseconds) => "__rt::UnixMillis",
        Shape::Duration(DurationEncoding::Seconds) => "__rt::Seconds",
        Shape::Decimal { number: true } => "__rt::AsNumber",
        Shape::List(entry) => {
            let codec = value_codec(scope, entry, &format!("{name}Entry"), checks)?;
            return Some(format!("__rt::List<{codec}>"));
        }
        Shape::Map(entry) => {
            let codec = value_codec(scope, entry, &format!("{name}Entry"), checks)?;
            return Some(format!("__rt::Map<{codec}>"));
        }
        _ => return None,
    };
    Some(codec.to_owned())
}

/// The shape behind any chain of newtypes.
pub(crate) fn behind_newtypes<'a>(scope: &Scope<'a>, shape: &'a Shape) -> &'a Shape {
    let mut shape = shape;
    // A chain is shorter than the list of types: the checker refuses circles.
    for _ in 0..scope.model.types.len() {
        let Shape::Named(id) = shape else {
            break;
        };
        let TypeKind::Newtype(inner) = &scope.model[*id].kind else {
            break;
        };
        shape = &inner.shape;
    }
    shape
}
