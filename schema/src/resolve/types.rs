//! Uses of types: the table of built-in types, their encodings and constraints, and where each applies. Knows nothing
//! of fields; defaults are checked later, in `values`.

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::IntegerKind;
use crate::model::Shape;
use crate::model::TypeRef;
use crate::resolve::constraints;
use crate::resolve::draft::Draft;
use crate::resolve::draft::Site;
use crate::resolve::draft::broken;
use crate::resolve::draft::reference;
use crate::span::Span;

/// All built-in types, in the order of the language reference.
pub(crate) const BUILTINS: &[&str] = &[
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "f32",
    "f64",
    "string",
    "bytes",
    "uuid",
    "timestamp",
    "date",
    "duration",
    "decimal",
    "json",
];

/// The shape of a built-in type in its default encoding.
pub(crate) fn builtin(name: &str) -> Option<Shape> {
    let integer = |kind| Shape::Integer { kind, text: false };
    Some(match name {
        "bool" => Shape::Bool,
        "i8" => integer(IntegerKind::I8),
        "i16" => integer(IntegerKind::I16),
        "i32" => integer(IntegerKind::I32),
        "i64" => integer(IntegerKind::I64),
        "u8" => integer(IntegerKind::U8),
        "u16" => integer(IntegerKind::U16),
        "u32" => integer(IntegerKind::U32),
        "u64" => integer(IntegerKind::U64),
        "f32" => Shape::F32,
        "f64" => Shape::F64,
        "string" => Shape::String,
        "bytes" => Shape::Bytes(model::BytesEncoding::Base64),
        "uuid" => Shape::Uuid,
        "timestamp" => Shape::Timestamp(model::TimestampEncoding::Rfc3339),
        "date" => Shape::Date,
        "duration" => Shape::Duration(model::DurationEncoding::Iso8601),
        "decimal" => Shape::Decimal { number: false },
        "json" => Shape::Json,
        _ => return None,
    })
}

/// Resolves a use of a type. What is wrong in it was reported, and the reference says broken.
pub(crate) fn resolve(draft: &mut Draft<'_>, site: Site, ty: &ast::Type) -> TypeRef {
    let mut resolved = match &ty.kind {
        ast::TypeKind::Path(path) => reference(resolve_path(draft, site, path), ty.span),
        ast::TypeKind::List(item) => {
            let item = resolve(draft, site, item);
            reference(Shape::List(Box::new(item)), ty.span)
        }
        ast::TypeKind::Map { key, value } => {
            check_map_key(draft, key);
            let value = resolve(draft, site, value);
            reference(Shape::Map(Box::new(value)), ty.span)
        }
    };
    resolved.optional = !ty.optional.is_empty();
    if let [_, second, ..] = ty.optional.as_slice() {
        report_doubly_optional(draft, *second);
    }
    constraints::apply(draft, &mut resolved, &ty.arguments);
    resolved
}

pub(crate) fn report_doubly_optional(draft: &mut Draft<'_>, span: Span) {
    let diagnostic =
        Diagnostic::error(codes::DOUBLY_OPTIONAL, span, "a type is optional only once")
            .help("JSON has one null: take one `?` away");
    draft.report(diagnostic);
}

fn resolve_path(draft: &mut Draft<'_>, site: Site, path: &ast::Path) -> Shape {
    if let [single] = path.segments.as_slice()
        && let Some(shape) = builtin(&single.text)
    {
        return shape;
    }
    match draft.type_by_path(site, path) {
        Some(id) => Shape::Named(id),
        None => broken(path.span).shape,
    }
}

fn check_map_key(draft: &mut Draft<'_>, key: &ast::Path) {
    if matches!(key.segments.as_slice(), [single] if single.text == "string") {
        return;
    }
    let suggestion = key
        .segments
        .first()
        .and_then(|segment| draft.nearest(&segment.text, ["string"]));
    let diagnostic = Diagnostic::error(codes::MAP_KEY, key.span, "the key of a map is a `string`")
        .help("write `{string: T}`; JSON knows no other keys")
        .suggest(suggestion);
    draft.report(diagnostic);
}

/// As it is called in messages: `string`, `[…]`, or the declared name.
pub(crate) fn described(draft: &Draft<'_>, shape: &Shape) -> String {
    let name = match shape {
        Shape::Bool => "bool",
        Shape::Integer { kind, .. } => integer_name(*kind),
        Shape::F32 => "f32",
        Shape::F64 => "f64",
        Shape::String => "string",
        Shape::Bytes(_) => "bytes",
        Shape::Uuid => "uuid",
        Shape::Timestamp(_) => "timestamp",
        Shape::Date => "date",
        Shape::Duration(_) => "duration",
        Shape::Decimal { .. } => "decimal",
        Shape::Json => "json",
        Shape::List(_) => "[T]",
        Shape::Map(_) => "{string: T}",
        Shape::Named(id) => draft
            .declaration(*id)
            .map_or("?", |declaration| &declaration.name),
    };
    name.to_owned()
}

pub(crate) fn integer_name(kind: IntegerKind) -> &'static str {
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

/// The least and greatest value.
pub(crate) fn integer_range(kind: IntegerKind) -> (i128, i128) {
    match kind {
        IntegerKind::I8 => (i8::MIN.into(), i8::MAX.into()),
        IntegerKind::I16 => (i16::MIN.into(), i16::MAX.into()),
        IntegerKind::I32 => (i32::MIN.into(), i32::MAX.into()),
        IntegerKind::I64 => (i64::MIN.into(), i64::MAX.into()),
        IntegerKind::U8 => (0, u8::MAX.into()),
        IntegerKind::U16 => (0, u16::MAX.into()),
        IntegerKind::U32 => (0, u32::MAX.into()),
        IntegerKind::U64 => (0, u64::MAX.into()),
    }
}
