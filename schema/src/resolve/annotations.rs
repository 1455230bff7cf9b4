//! Annotations: which exist, where each applies, and what it takes. Examples are handed on to be checked against their
//! type; knows nothing of what the others do to the generated code.

use std::collections::HashMap;

use crate::ast;
use crate::ast::ValueKind;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model;
use crate::resolve::draft::Draft;
use crate::resolve::draft::PendingValue;
use crate::resolve::values;
use crate::span::Span;

const ALL: [&str; 6] = [
    "sensitive",
    "alias",
    "emit",
    "deprecated",
    "derive",
    "example",
];

/// Something that can be annotated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carrier {
    /// `a field`
    pub(crate) called: &'static str,
    pub(crate) takes: &'static [&'static str],
}

pub(crate) const FIELD: Carrier = Carrier {
    called: "a field",
    takes: &["sensitive", "alias", "emit", "deprecated", "example"],
};
pub(crate) const SPREAD: Carrier = Carrier {
    called: "a spread",
    takes: &["sensitive", "deprecated"],
};
pub(crate) const RESERVED: Carrier = Carrier {
    called: "a list of reserved names",
    takes: &[],
};
pub(crate) const TYPE: Carrier = Carrier {
    called: "a type",
    takes: &["deprecated", "derive", "example"],
};
pub(crate) const VALUE: Carrier = Carrier {
    called: "a value of an enum",
    takes: &["deprecated"],
};
pub(crate) const VARIANT: Carrier = Carrier {
    called: "a member of a union",
    takes: &["deprecated", "example"],
};
pub(crate) const VARIANT_WITH_BODY: Carrier = Carrier {
    called: "a member of a union",
    takes: &["deprecated", "example", "derive"],
};
pub(crate) const CHANNEL: Carrier = Carrier {
    called: "this declaration",
    takes: &["deprecated", "example"],
};
pub(crate) const CHANNEL_WITH_BODY: Carrier = Carrier {
    called: "this declaration",
    takes: &["deprecated", "example", "derive"],
};
pub(crate) const AGENT: Carrier = Carrier {
    called: "an agent",
    takes: &["deprecated"],
};
pub(crate) const LINE: Carrier = Carrier {
    called: "a line of an agent",
    takes: &["deprecated"],
};

/// What was read; the examples are still to be given their type by [`examples`].
#[derive(Debug, Default)]
pub(crate) struct Annotations<'a> {
    pub(crate) meta: model::Meta,
    pub(crate) sensitive: bool,
    pub(crate) aliases: Vec<String>,
    pub(crate) emits: Vec<String>,
    pub(crate) derives: Vec<String>,
    pub(crate) examples: Vec<&'a ast::Value>,
}

/// Reads docs and annotations of something, and refuses those that mean nothing there.
pub(crate) fn read<'a>(
    draft: &mut Draft<'_>,
    attributes: &'a ast::Attributes,
    carrier: Carrier,
) -> Annotations<'a> {
    let mut read = Annotations::default();
    read.meta.docs.0 = attributes
        .docs
        .iter()
        .map(|line| line.text.clone())
        .collect();
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for annotation in &attributes.annotations {
        let name = annotation.name.text.as_str();
        let first = seen.insert(name, annotation.span);
        if !carrier.takes.contains(&name) {
            refuse(draft, annotation, carrier);
        } else if let Some(first) = first.filter(|_| matches!(name, "sensitive" | "deprecated")) {
            let diagnostic = Diagnostic::error(
                codes::REPEATED_ANNOTATION,
                annotation.span,
                format!("`@{name}` stands here twice"),
            )
            .related(first, "first given here")
            .help("keep one of them");
            draft.report(diagnostic);
        } else {
            apply(draft, &mut read, annotation);
        }
    }
    read
}

fn refuse(draft: &mut Draft<'_>, annotation: &ast::Annotation, carrier: Carrier) {
    let name = annotation.name.text.as_str();
    let diagnostic = if ALL.contains(&name) {
        let help = if carrier.takes.is_empty() {
            format!("{} takes no annotations", carrier.called)
        } else {
            format!(
                "{} takes `@{}`",
                carrier.called,
                carrier.takes.join("`, `@")
            )
        };
        let message = format!("`@{name}` means nothing on {}", carrier.called);
        Diagnostic::error(
            codes::ANNOTATION_APPLIES_TO_NOTHING,
            annotation.span,
            message,
        )
        .help(help)
    } else {
        let suggestion = draft.nearest(name, ALL);
        let message = format!("there is no annotation `@{name}`");
        Diagnostic::error(codes::UNKNOWN_ANNOTATION, annotation.name.span, message)
            .help("annotations are `@sensitive`, `@alias`, `@emit`, `@deprecated`, `@derive` and `@example`")
            .suggest(suggestion)
    };
    draft.report(diagnostic);
}

fn apply<'a>(draft: &mut Draft<'_>, read: &mut Annotations<'a>, annotation: &'a ast::Annotation) {
    match annotation.name.text.as_str() {
        "sensitive" if annotation.arguments.is_empty() => read.sensitive = true,
        "deprecated" => match annotation.arguments.as_slice() {
            [] => read.meta.deprecated = Some(String::new()),
            [
                ast::Value {
                    kind: ValueKind::String { text, .. },
                    ..
                },
            ] => read.meta.deprecated = Some(text.clone()),
            _ => bad_arguments(draft, annotation, "write `@deprecated(\"why\")`"),
        },
        "alias" => read.aliases.extend(keys(draft, annotation)),
        "emit" => read.emits.extend(keys(draft, annotation)),
        "derive" => read.derives.extend(derives(draft, annotation)),
        "example" if !annotation.arguments.is_empty() => {
            read.examples.extend(&annotation.arguments);
        }
        "example" => bad_arguments(
            draft,
            annotation,
            "write the value as JSON: `@example({\"id\": 1})`",
        ),
        _ => bad_arguments(draft, annotation, "write `@sensitive` alone"),
    }
}

fn bad_arguments(draft: &mut Draft<'_>, annotation: &ast::Annotation, help: &str) {
    let message = format!("`@{}` does not take this", annotation.name.text);
    draft.report(
        Diagnostic::error(codes::ANNOTATION_ARGUMENTS, annotation.span, message).help(help),
    );
}

fn keys(draft: &mut Draft<'_>, annotation: &ast::Annotation) -> Vec<String> {
    let keys: Vec<String> = annotation
        .arguments
        .iter()
        .filter_map(|argument| match &argument.kind {
            ValueKind::String { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    if keys.is_empty() || keys.len() < annotation.arguments.len() {
        let help = format!(
            "write the key in quotes: `@{}(\"old_name\")`",
            annotation.name.text
        );
        bad_arguments(draft, annotation, &help);
    }
    keys
}

/// Paths of Rust derives: `Hash`, `schemars.JsonSchema` or `"schemars::JsonSchema"`.
fn derives(draft: &mut Draft<'_>, annotation: &ast::Annotation) -> Vec<String> {
    let paths: Vec<String> = annotation
        .arguments
        .iter()
        .filter_map(derive_path)
        .collect();
    if paths.is_empty() || paths.len() < annotation.arguments.len() {
        bad_arguments(
            draft,
            annotation,
            "write names of derives: `@derive(Hash, \"some_crate::Derive\")`",
        );
    }
    paths
}

fn derive_path(value: &ast::Value) -> Option<String> {
    let path = match &value.kind {
        ValueKind::Word(path) => {
            let segments: Vec<&str> = path
                .segments
                .iter()
                .map(|segment| segment.text.as_str())
                .collect();
            segments.join("::")
        }
        ValueKind::String { text, .. } => text.clone(),
        _ => return None,
    };
    let relative = path.strip_prefix("::").unwrap_or(&path);
    relative.split("::").all(is_path_segment).then_some(path)
}

/// A Rust identifier that is no keyword.
fn is_path_segment(segment: &str) -> bool {
    const KEYWORDS: [&str; 38] = [
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
        "extern", "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod",
        "move", "mut", "pub", "ref", "return", "self", "Self", "static", "struct", "super",
        "trait", "true", "type", "unsafe", "use", "where",
    ];
    segment.starts_with(|first: char| first.is_ascii_alphabetic())
        && segment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&segment)
        && segment != "while"
}

/// Gives the examples their type: they are kept as JSON, and checked when all types are known.
pub(crate) fn examples<'a>(draft: &mut Draft<'a>, read: &mut Annotations<'a>, ty: &model::TypeRef) {
    for value in &read.examples {
        if let Some(json) = values::json(draft, value) {
            read.meta.examples.push(json);
            draft.pending.push(PendingValue {
                value,
                ty: ty.clone(),
            });
        }
    }
}

/// Refuses examples of something that carries nothing.
pub(crate) fn no_examples(draft: &mut Draft<'_>, read: &Annotations<'_>) {
    for value in &read.examples {
        let diagnostic = Diagnostic::error(
            codes::ANNOTATION_APPLIES_TO_NOTHING,
            value.span,
            "there is no payload to give an example of",
        )
        .help("take `@example` out, or give the declaration a payload");
        draft.report(diagnostic);
    }
}
