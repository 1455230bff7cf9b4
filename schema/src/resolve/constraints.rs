//! What stands in parentheses behind a type: its encoding (`as:`) and constraints, each only where it applies, with
//! bounds that make sense. Values are checked against them in `values`.

use std::collections::HashMap;

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Format;
use crate::model::Shape;
use crate::model::TypeRef;
use crate::resolve::draft::BROKEN;
use crate::resolve::draft::Draft;
use crate::resolve::pattern;
use crate::resolve::types;
use crate::span::Span;

const ALL: [&str; 5] = ["as", "min", "max", "pattern", "format"];

/// The formats of strings, as written.
pub(crate) const FORMATS: [(&str, Format); 5] = [
    ("email", Format::Email),
    ("uri", Format::Uri),
    ("hostname", Format::Hostname),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
];

/// Which arguments a type takes.
fn taken_by(shape: &Shape) -> &'static [&'static str] {
    match shape {
        Shape::F32 | Shape::F64 | Shape::List(_) | Shape::Map(_) => &["min", "max"],
        Shape::String => &["min", "max", "pattern", "format"],
        Shape::Integer { .. } | Shape::Bytes(_) => &["as", "min", "max"],
        Shape::Timestamp(_) | Shape::Duration(_) | Shape::Decimal { .. } => &["as"],
        Shape::Bool | Shape::Uuid | Shape::Date | Shape::Json | Shape::Named(_) => &[],
    }
}

/// Applies all arguments of a type to its reference.
pub(crate) fn apply(draft: &mut Draft<'_>, ty: &mut TypeRef, arguments: &[ast::Argument]) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for argument in arguments {
        let name = argument.name.text.as_str();
        if let Some(first) = seen.insert(name, argument.name.span) {
            let diagnostic = Diagnostic::error(
                codes::REPEATED_ARGUMENT,
                argument.name.span,
                format!("`{name}` is given twice"),
            )
            .related(first, "first given here")
            .help("keep one of them");
            draft.report(diagnostic);
        } else if taken_by(&ty.shape).contains(&name) {
            apply_one(draft, ty, argument);
        } else {
            refuse(draft, ty, argument);
        }
    }
    check_order(draft, ty, arguments);
}

fn refuse(draft: &mut Draft<'_>, ty: &TypeRef, argument: &ast::Argument) {
    let name = argument.name.text.as_str();
    let called = types::described(draft, &ty.shape);
    let taken = taken_by(&ty.shape);
    let diagnostic = if !ALL.contains(&name) {
        let suggestion = draft.nearest(
            name,
            if taken.is_empty() {
                ALL.iter().copied()
            } else {
                taken.iter().copied()
            },
        );
        Diagnostic::error(
            codes::UNKNOWN_CONSTRAINT,
            argument.name.span,
            format!("there is no constraint `{name}`"),
        )
        .help("constraints are `min`, `max`, `pattern` and `format`; `as` picks an encoding")
        .suggest(suggestion)
    } else if ty.shape == Shape::Named(BROKEN) {
        return;
    } else if matches!(ty.shape, Shape::Named(_)) {
        Diagnostic::error(codes::NARROWED_NAMED_TYPE, argument.name.span, format!("`{called}` can't be narrowed where it is used"))
            .help(format!("declare a type of its own with the constraint, or put it on the declaration of `{called}`"))
    } else {
        let help = if taken.is_empty() {
            format!("`{called}` has no constraints")
        } else {
            format!("`{called}` takes `{}`", taken.join("`, `"))
        };
        Diagnostic::error(
            codes::CONSTRAINT_APPLIES_TO_NOTHING,
            argument.name.span,
            format!("`{name}` means nothing for `{called}`"),
        )
        .help(help)
    };
    draft.report(diagnostic);
}

fn apply_one(draft: &mut Draft<'_>, ty: &mut TypeRef, argument: &ast::Argument) {
    match argument.name.text.as_str() {
        "as" => apply_encoding(draft, ty, &argument.value),
        "min" => ty.constraints.min = bound(draft, &ty.shape, &argument.value),
        "max" => ty.constraints.max = bound(draft, &ty.shape, &argument.value),
        "pattern" => ty.constraints.pattern = pattern::read(draft, &argument.value),
        _ => ty.constraints.format = format(draft, &argument.value),
    }
}

/// The one word of a value, if it is one.
pub(crate) fn word(value: &ast::Value) -> Option<&str> {
    match &value.kind {
        ValueKind::Word(path) => match path.segments.as_slice() {
            [single] => Some(&single.text),
            _ => None,
        },
        _ => None,
    }
}

fn apply_encoding(draft: &mut Draft<'_>, ty: &mut TypeRef, value: &ast::Value) {
    let written = word(value).unwrap_or("");
    let encodings: &[&str] = match ty.shape {
        Shape::Integer { .. } => &["string"],
        Shape::Bytes(_) => &["base64", "hex"],
        Shape::Timestamp(_) => &["rfc3339", "unix_s", "unix_ms"],
        Shape::Duration(_) => &["iso8601", "seconds"],
        _ => &["number"],
    };
    match (&mut ty.shape, written) {
        (Shape::Integer { text, .. }, "string") => *text = true,
        (Shape::Bytes(encoding), "hex") => *encoding = model::BytesEncoding::Hex,
        (Shape::Timestamp(encoding), "unix_s") => *encoding = model::TimestampEncoding::UnixSeconds,
        (Shape::Timestamp(encoding), "unix_ms") => {
            *encoding = model::TimestampEncoding::UnixMilliseconds;
        }
        (Shape::Duration(encoding), "seconds") => *encoding = model::DurationEncoding::Seconds,
        (Shape::Decimal { number }, "number") => *number = true,
        (Shape::Bytes(_), "base64")
        | (Shape::Timestamp(_), "rfc3339")
        | (Shape::Duration(_), "iso8601") => {}
        (shape, _) => {
            let called = types::described(draft, shape);
            let suggestion = draft.nearest(written, encodings.iter().copied());
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_ENCODING,
                value.span,
                format!("`{called}` has no such encoding"),
            )
            .help(format!(
                "it can be written `as: {}`",
                encodings.join("`, `as: ")
            ))
            .suggest(suggestion);
            draft.report(diagnostic);
        }
    }
}

fn format(draft: &mut Draft<'_>, value: &ast::Value) -> Option<Format> {
    let written = word(value).unwrap_or("");
    let found = FORMATS.iter().find(|(name, _)| *name == written);
    if found.is_none() {
        let suggestion = draft.nearest(written, FORMATS.iter().map(|(name, _)| *name));
        let diagnostic =
            Diagnostic::error(codes::UNKNOWN_FORMAT, value.span, "there is no such format")
                .help("formats are `email`, `uri`, `hostname`, `ipv4` and `ipv6`")
                .suggest(suggestion);
        draft.report(diagnostic);
    }
    found.map(|(_, format)| *format)
}

/// A bound as it was written, if it fits the type.
fn bound(draft: &mut Draft<'_>, shape: &Shape, value: &ast::Value) -> Option<String> {
    let wanted = match (shape, &value.kind) {
        (Shape::Integer { kind, .. }, ValueKind::Integer(digits)) => {
            let (least, greatest) = types::integer_range(*kind);
            match digits.parse::<i128>() {
                Ok(number) if (least..=greatest).contains(&number) => return Some(digits.clone()),
                _ => format!(
                    "a value of `{}`: {least} to {greatest}",
                    types::integer_name(*kind)
                ),
            }
        }
        (Shape::Integer { .. }, _) => "an integer".to_owned(),
        (Shape::F32 | Shape::F64, ValueKind::Integer(digits) | ValueKind::Float(digits)) => {
            match digits.parse::<f64>() {
                Ok(number) if fits_float(shape, number) => return Some(digits.clone()),
                _ => "a number that the type can hold".to_owned(),
            }
        }
        (Shape::F32 | Shape::F64, _) => "a number".to_owned(),
        (_, ValueKind::Integer(digits)) if digits.parse::<u32>().is_ok() => {
            return Some(digits.clone());
        }
        _ => "a length: an integer from 0 to 4294967295".to_owned(),
    };
    report_bound(draft, value.span, &wanted);
    None
}

pub(crate) fn fits_float(shape: &Shape, number: f64) -> bool {
    number.is_finite() && (*shape == Shape::F64 || number.abs() <= f64::from(f32::MAX))
}

fn report_bound(draft: &mut Draft<'_>, span: Span, wanted: &str) {
    let diagnostic = Diagnostic::error(codes::BAD_BOUND, span, "this is no bound of the type")
        .help(format!("write {wanted}"));
    draft.report(diagnostic);
}

fn check_order(draft: &mut Draft<'_>, ty: &TypeRef, arguments: &[ast::Argument]) {
    let (Some(min), Some(max)) = (&ty.constraints.min, &ty.constraints.max) else {
        return;
    };
    if !exceeds(min, max) {
        return;
    }
    let span_of = |name: &str| {
        let argument = arguments.iter().find(|argument| argument.name.text == name);
        argument.map_or(ty.span, |argument| argument.value.span)
    };
    let diagnostic = Diagnostic::error(
        codes::EMPTY_RANGE,
        span_of("min"),
        format!("`min: {min}` is greater than `max: {max}`"),
    )
    .related(span_of("max"), "the upper bound")
    .help("no value could ever be valid: swap them");
    draft.report(diagnostic);
}

/// Whether one number as written is greater than another.
pub(crate) fn exceeds(left: &str, right: &str) -> bool {
    match (left.parse::<i128>(), right.parse::<i128>()) {
        (Ok(left), Ok(right)) => left > right,
        _ => {
            matches!((left.parse::<f64>(), right.parse::<f64>()), (Ok(left), Ok(right)) if left > right)
        }
    }
}
