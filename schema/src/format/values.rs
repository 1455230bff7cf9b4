//! Lays out what stands inside of one line where it fits: names, types, values, annotations.

use std::fmt::Write;

use crate::ast::{self, TypeKind, ValueKind, Written};
use crate::format::lines::Doc;

pub(super) fn path(path: &ast::Path) -> String {
    path.segments
        .iter()
        .map(|segment| segment.text.as_str())
        .collect::<Vec<_>>()
        .join(".")
}

pub(super) fn alias(alias: Option<&ast::Ident>) -> String {
    alias.map_or_else(String::new, |alias| format!(" as {}", alias.text))
}

pub(super) fn name(name: &ast::Name) -> String {
    let written = match &name.written {
        Written::Word(word) => word.clone(),
        Written::Quoted(text) => quoted(text),
        Written::Integer(digits) => digits.clone(),
    };
    format!("{written}{}", alias(name.alias.as_ref()))
}

pub(super) fn target(target: &ast::Target) -> String {
    format!("{}{}", path(&target.path), alias(target.alias.as_ref()))
}

/// A string literal; what JSON must escape is escaped, all else stands as it is.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if control.is_control() => {
                write!(out, "\\u{:04x}", u32::from(control))
                    .expect("writing to a string cannot fail");
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Brackets around texts.
pub(super) fn group(open: &'static str, parts: Vec<String>, close: &'static str) -> Doc {
    Doc::Group {
        open,
        parts: parts.into_iter().map(Doc::Text).collect(),
        close,
        padded: false,
    }
}

pub(super) fn type_(ty: &ast::Type) -> Doc {
    let mut row = Vec::new();
    match &ty.kind {
        TypeKind::Path(name) => row.push(Doc::Text(path(name))),
        TypeKind::List(inner) => {
            row.extend([Doc::Text("[".into()), type_(inner), Doc::Text("]".into())]);
        }
        TypeKind::Map { key, value } => {
            row.extend([
                Doc::Text(format!("{{{}: ", path(key))),
                type_(value),
                Doc::Text("}".into()),
            ]);
        }
    }
    if !ty.arguments.is_empty() {
        let parts = ty
            .arguments
            .iter()
            .map(|argument| keyed(&argument.name.text, &argument.value))
            .collect();
        row.push(Doc::Group {
            open: "(",
            parts,
            close: ")",
            padded: false,
        });
    }
    row.push(Doc::Text("?".repeat(ty.optional.len())));
    Doc::Row(row)
}

fn keyed(key: &str, content: &ast::Value) -> Doc {
    Doc::Row(vec![Doc::Text(format!("{key}: ")), value(content)])
}

pub(super) fn value(value: &ast::Value) -> Doc {
    let text = match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(true) => "true".to_owned(),
        ValueKind::Bool(false) => "false".to_owned(),
        ValueKind::Integer(digits) => grouped(digits),
        ValueKind::Float(digits) => digits.clone(),
        ValueKind::String { text, raw: true } => format!("r\"{text}\""),
        ValueKind::String { text, raw: false } => quoted(text),
        ValueKind::Duration(duration) => duration.text.clone(),
        ValueKind::Size { text, .. } => text.clone(),
        ValueKind::Word(word) => path(word),
        ValueKind::Range(from, to) => {
            format!("{}..{}", self::value(from).flat(), self::value(to).flat())
        }
        ValueKind::List(items) => {
            return Doc::Group {
                open: "[",
                parts: items.iter().map(self::value).collect(),
                close: "]",
                padded: false,
            };
        }
        ValueKind::Object(entries) => {
            let parts = entries
                .iter()
                .map(|(key, value)| keyed(&name(key), value))
                .collect();
            return Doc::Group {
                open: "{",
                parts,
                close: "}",
                padded: false,
            };
        }
    };
    Doc::Text(text)
}

/// Digits in groups of three from five digits on: `10_000`.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits), |digits| ("-", digits));
    if digits.len() < 5 {
        return format!("{sign}{digits}");
    }
    let mut out = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

pub(super) fn annotation(annotation: &ast::Annotation) -> Doc {
    let head = Doc::Text(format!("@{}", annotation.name.text));
    if annotation.arguments.is_empty() {
        return head;
    }
    let parts = annotation.arguments.iter().map(value).collect();
    Doc::Row(vec![
        head,
        Doc::Group {
            open: "(",
            parts,
            close: ")",
            padded: false,
        },
    ])
}

pub(super) fn option(option: &ast::OptionEntry) -> Doc {
    keyed(&option.name.text, &option.value)
}
