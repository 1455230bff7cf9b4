//! Schema text of members, for the docs of what the schema does not document itself.

use std::fmt::Write;

use microagent_schema::model::{
    BytesEncoding, Constraints, DurationEncoding, Field, Format, Json, Model, Presence, Shape,
    TimestampEncoding, TypeRef,
};

use crate::docs::code;

/// `` `subject: string(max: 200)` ``
pub(crate) fn field(model: &Model, field: &Field) -> String {
    let mut text = match field.presence {
        Presence::Spread => format!("..{}", field.name),
        _ if field.wire == field.name => field.name.clone(),
        _ => format!("{:?}", field.wire),
    };
    text.push_str(": ");
    text.push_str(&inner(model, &field.ty));
    match &field.presence {
        Presence::Optional => text.push('?'),
        Presence::Nullable => text.push_str("? = null"),
        Presence::Default(value) => {
            text.push_str(" = ");
            json(value, &mut text);
        }
        Presence::Asymmetric => text.insert_str(0, "asymmetric "),
        Presence::Required | Presence::Spread => {}
    }
    code(&text)
}

/// The schema's text of a type.
pub(crate) fn type_ref(model: &Model, ty: &TypeRef) -> String {
    let mut text = inner(model, ty);
    if ty.optional {
        text.push('?');
    }
    text
}

fn inner(model: &Model, ty: &TypeRef) -> String {
    let (mut text, encoding) = match &ty.shape {
        Shape::List(entry) => (format!("[{}]", type_ref(model, entry)), None),
        Shape::Map(entry) => (format!("{{string: {}}}", type_ref(model, entry)), None),
        Shape::Named(id) => (model[*id].name.clone(), None),
        shape => {
            let (name, encoding) = scalar(shape);
            (name, encoding)
        }
    };
    let arguments = arguments(&ty.constraints, encoding);
    if !arguments.is_empty() {
        text.push('(');
        text.push_str(&arguments.join(", "));
        text.push(')');
    }
    text
}

/// A scalar's name, and what stands behind `as:`.
fn scalar(shape: &Shape) -> (String, Option<&'static str>) {
    let (name, encoding) = match shape {
        Shape::Integer { kind, text } => {
            let name = format!("{kind:?}").to_ascii_lowercase();
            return (name, text.then_some("string"));
        }
        Shape::Bytes(BytesEncoding::Hex) => ("bytes", Some("hex")),
        Shape::Bytes(BytesEncoding::Base64) => ("bytes", None),
        Shape::Timestamp(TimestampEncoding::UnixSeconds) => ("timestamp", Some("unix_s")),
        Shape::Timestamp(TimestampEncoding::UnixMilliseconds) => ("timestamp", Some("unix_ms")),
        Shape::Timestamp(TimestampEncoding::Rfc3339) => ("timestamp", None),
        Shape::Duration(DurationEncoding::Seconds) => ("duration", Some("seconds")),
        Shape::Duration(DurationEncoding::Iso8601) => ("duration", None),
        Shape::Decimal { number } => ("decimal", number.then_some("number")),
        Shape::Bool => ("bool", None),
        Shape::F32 => ("f32", None),
        Shape::F64 => ("f64", None),
        Shape::String => ("string", None),
        Shape::Uuid => ("uuid", None),
        Shape::Date => ("date", None),
        Shape::Json | Shape::List(_) | Shape::Map(_) | Shape::Named(_) => ("json", None),
    };
    (name.to_owned(), encoding)
}

fn arguments(constraints: &Constraints, encoding: Option<&str>) -> Vec<String> {
    let mut arguments = Vec::new();
    arguments.extend(encoding.map(|it| format!("as: {it}")));
    arguments.extend(constraints.min.as_ref().map(|it| format!("min: {it}")));
    arguments.extend(constraints.max.as_ref().map(|it| format!("max: {it}")));
    arguments.extend(
        constraints
            .pattern
            .as_ref()
            .map(|it| format!("pattern: {it:?}")),
    );
    arguments.extend(
        constraints
            .format
            .map(|it| format!("format: {}", format_name(it))),
    );
    arguments
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::Email => "email",
        Format::Uri => "uri",
        Format::Hostname => "hostname",
        Format::Ipv4 => "ipv4",
        Format::Ipv6 => "ipv6",
    }
}

/// A value as JSON on one line.
pub(crate) fn json(value: &Json, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Json::Number(digits) => text.push_str(digits),
        Json::String(value) => json_string(value, text),
        Json::List(entries) => {
            text.push('[');
            for (index, entry) in entries.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                json(entry, text);
            }
            text.push(']');
        }
        Json::Object(entries) => {
            text.push('{');
            for (index, (key, entry)) in entries.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                json_string(key, text);
                text.push_str(": ");
                json(entry, text);
            }
            text.push('}');
        }
    }
}

fn json_string(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{:04x}", control as u32);
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
