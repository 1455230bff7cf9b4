//! Values of built-in types: their JSON kind, their text where they are strings, and the constraints on them. The same
//! rules as the codec's, at build time; knows nothing of declared types.

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::model::Shape;
use crate::model::TypeRef;
use crate::resolve::constraints;
use crate::resolve::formats;
use crate::resolve::pattern;
use crate::resolve::types;
use crate::resolve::values;

/// Boxed, since it is large and rare.
type Checked<T> = Result<T, Box<Diagnostic>>;

fn refused<T>(problem: Diagnostic) -> Checked<T> {
    Err(Box::new(problem))
}

fn mismatch(value: &ast::Value, wanted: &str) -> Box<Diagnostic> {
    Box::new(values::mismatch(value, wanted))
}

/// Bytes of a text that is matched at build time.
const LONGEST_MATCHED: usize = 4 * 1024;

/// The problem of a scalar value, if there is one.
pub(crate) fn check(value: &ast::Value, ty: &TypeRef) -> Option<Diagnostic> {
    let text_of = |wanted| match &value.kind {
        ValueKind::String { text, .. } => Ok(text.as_str()),
        _ => Err(mismatch(value, wanted)),
    };
    let result = match &ty.shape {
        Shape::Bool => match value.kind {
            ValueKind::Bool(_) => Ok(()),
            _ => Err(mismatch(value, "a boolean")),
        },
        Shape::Integer { text: true, .. } => {
            text_of("an integer in a string").and_then(|text| integer(value, ty, text))
        }
        Shape::Integer { .. } => match &value.kind {
            ValueKind::Integer(digits) => integer(value, ty, digits),
            _ => Err(mismatch(value, "an integer")),
        },
        Shape::F32 | Shape::F64 => number(value).and_then(|digits| float(value, ty, digits)),
        Shape::Decimal { number: true } => number(value).map(|_| ()),
        Shape::Timestamp(
            model::TimestampEncoding::UnixSeconds | model::TimestampEncoding::UnixMilliseconds,
        )
        | Shape::Duration(model::DurationEncoding::Seconds) => number(value).map(|_| ()),
        Shape::String => text_of("a string").and_then(|text| string(value, ty, text)),
        Shape::Bytes(encoding) => {
            text_of("a string").and_then(|text| bytes(value, ty, (text, *encoding)))
        }
        shape => text_of("a string").and_then(|text| written_form(value, shape, text)),
    };
    result.err().map(|problem| *problem)
}

fn number(value: &ast::Value) -> Checked<&str> {
    match &value.kind {
        ValueKind::Integer(digits) | ValueKind::Float(digits) => Ok(digits),
        _ => Err(mismatch(value, "a number")),
    }
}

fn integer(value: &ast::Value, ty: &TypeRef, digits: &str) -> Checked<()> {
    let Shape::Integer { kind, .. } = ty.shape else {
        return Ok(());
    };
    let (least, greatest) = types::integer_range(kind);
    match digits.parse::<i128>() {
        Ok(number) if (least..=greatest).contains(&number) => within(value, ty, digits),
        _ => {
            let name = types::integer_name(kind);
            let message = format!("this is no value of `{name}`");
            refused(
                Diagnostic::error(codes::VALUE_OUT_OF_RANGE, value.span, message)
                    .help(format!("write {least} to {greatest}")),
            )
        }
    }
}

fn float(value: &ast::Value, ty: &TypeRef, digits: &str) -> Checked<()> {
    match digits.parse::<f64>() {
        Ok(number) if constraints::fits_float(&ty.shape, number) => within(value, ty, digits),
        _ => refused(
            Diagnostic::error(
                codes::VALUE_OUT_OF_RANGE,
                value.span,
                "the type can't hold this number",
            )
            .help("`f32` ends at 3.4e38, `f64` at 1.8e308"),
        ),
    }
}

fn within(value: &ast::Value, ty: &TypeRef, digits: &str) -> Checked<()> {
    let below = ty
        .constraints
        .min
        .as_deref()
        .filter(|min| constraints::exceeds(min, digits));
    let above = ty
        .constraints
        .max
        .as_deref()
        .filter(|max| constraints::exceeds(digits, max));
    let Some((bound, name)) = below
        .map(|min| (min, "min"))
        .or(above.map(|max| (max, "max")))
    else {
        return Ok(());
    };
    refused(violation(
        value,
        format!("{digits} breaks `{name}: {bound}`"),
        ty,
    ))
}

fn violation(value: &ast::Value, message: String, ty: &TypeRef) -> Diagnostic {
    Diagnostic::error(codes::VALUE_BREAKS_CONSTRAINT, value.span, message)
        .related(ty.span, "the type with its constraints")
        .help("change the value or the constraint")
}

/// Checks a length in the unit that the type counts.
pub(crate) fn check_length(
    value: &ast::Value,
    ty: &TypeRef,
    counted: (usize, &str),
) -> Option<Diagnostic> {
    let (length, unit) = counted;
    let bound_of = |bound: &Option<String>| {
        bound
            .as_deref()
            .and_then(|bound| bound.parse::<usize>().ok())
    };
    let below = bound_of(&ty.constraints.min).filter(|min| length < *min);
    let above = bound_of(&ty.constraints.max).filter(|max| length > *max);
    let (bound, name) = below
        .map(|min| (min, "min"))
        .or(above.map(|max| (max, "max")))?;
    Some(violation(
        value,
        format!("{length} {unit} break `{name}: {bound}`"),
        ty,
    ))
}

fn string(value: &ast::Value, ty: &TypeRef, text: &str) -> Checked<()> {
    if let Some(problem) = check_length(value, ty, (text.chars().count(), "characters")) {
        return Err(problem.into());
    }
    // Matching takes time in proportion to pattern times text; a long default is checked when it is sent.
    if let Some(pattern) = &ty.constraints.pattern
        && text.len() <= LONGEST_MATCHED
        && let Ok(compiled) = pattern::compile(pattern)
        && !compiled.is_match(text)
    {
        return refused(violation(
            value,
            format!("the text does not match `{pattern}`"),
            ty,
        ));
    }
    match ty.constraints.format {
        Some(format) if !formats::fits(format, text) => {
            let name = constraints::FORMATS
                .iter()
                .find(|(_, known)| *known == format);
            let name = name.map_or("format", |(name, _)| name);
            refused(violation(
                value,
                format!("the text has not the format `{name}`"),
                ty,
            ))
        }
        _ => Ok(()),
    }
}

fn bytes(value: &ast::Value, ty: &TypeRef, written: (&str, model::BytesEncoding)) -> Checked<()> {
    let (text, encoding) = written;
    let (length, name) = match encoding {
        model::BytesEncoding::Hex => (formats::hex_length(text), "hex"),
        model::BytesEncoding::Base64 => (formats::base64_length(text), "base64 with padding"),
    };
    match length {
        Some(length) => {
            check_length(value, ty, (length, "bytes")).map_or(Ok(()), |problem| Err(problem.into()))
        }
        None => refused(bad_form(value, &format!("the text is not {name}"), name)),
    }
}

fn bad_form(value: &ast::Value, message: &str, form: &str) -> Diagnostic {
    Diagnostic::error(codes::VALUE_OF_WRONG_FORM, value.span, message)
        .help(format!("write it as {form}"))
}

fn written_form(value: &ast::Value, shape: &Shape, text: &str) -> Checked<()> {
    let (fits, form): (fn(&str) -> bool, &str) = match shape {
        Shape::Uuid => (
            formats::is_uuid,
            "`\"67e55044-10b1-426f-9247-bb680e5fe0c8\"`",
        ),
        Shape::Timestamp(_) => (
            formats::is_timestamp,
            "RFC 3339: `\"2024-01-31T10:00:00Z\"`",
        ),
        Shape::Date => (formats::is_date, "`\"2024-01-31\"`"),
        Shape::Duration(_) => (formats::is_duration, "ISO 8601: `\"PT1H30M\"`"),
        Shape::Decimal { .. } => (formats::is_decimal, "digits: `\"12.50\"`"),
        _ => return Ok(()),
    };
    if fits(text) {
        Ok(())
    } else {
        refused(bad_form(value, "the text is no value of the type", form))
    }
}
