//! Draws diagnostics for people, as rustc does, and writes them as JSON for tools. Sees only spans and diagnostics.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::span::{FileId, SourceMap, Span};

/// The version of the shape that [`json`] writes.
pub const JSON_VERSION: u32 = 1;

/// How many diagnostics are drawn: a person mends the first ones first, and drawing each costs as much as its line is long.
pub const DRAWN: usize = 100;

/// The diagnostics as text, each with its source lines; with colours of the terminal if wanted. Of more than [`DRAWN`], the
/// rest is counted.
#[must_use]
pub fn render(source: &SourceMap, diagnostics: &[Diagnostic], color: bool) -> String {
    let lines = Lines::of(source, diagnostics);
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(DRAWN) {
        out.push_str(&renderer.render(&[group(source, &lines, diagnostic)]));
        out.push_str("\n\n");
    }
    let more = diagnostics.len().saturating_sub(DRAWN);
    if more > 0 {
        let _ = write!(out, "and {more} more\n\n");
    }
    out
}

fn group<'a>(source: &'a SourceMap, lines: &Lines, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.to_string());
    let mut group = title.elements(snippets(source, lines, diagnostic));
    if let Some(suggestion) = &diagnostic.suggestion {
        group = group.element(Level::HELP.message(format!("did you mean `{suggestion}`?")));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// One snippet per file that the diagnostic points into, the file of the primary label first.
fn snippets<'a>(
    source: &'a SourceMap,
    lines: &Lines,
    diagnostic: &'a Diagnostic,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let primary = source.file_at(diagnostic.primary.span.start);
    let mut files: Vec<FileId> = primary.into_iter().collect();
    for label in &diagnostic.related {
        files.extend(
            source
                .file_at(label.span.start)
                .filter(|file| !files.contains(file)),
        );
    }
    let snippet = |file: FileId| {
        let in_file = |label: &&Label| source.file_at(label.span.start) == Some(file);
        let related = diagnostic
            .related
            .iter()
            .filter(in_file)
            .map(|label| (AnnotationKind::Context, label));
        let labels = Some((AnnotationKind::Primary, &diagnostic.primary))
            .into_iter()
            .filter(|(_, label)| in_file(label));
        excerpt(source, lines, file, labels.chain(related).collect())
    };
    files.into_iter().map(snippet).collect()
}

/// The lines that the labels stand on, and the labels.
fn excerpt<'a>(
    source: &'a SourceMap,
    lines: &Lines,
    id: FileId,
    labels: Vec<(AnnotationKind, &'a Label)>,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let file = source.file(id);
    let starts = lines.starts(id);
    let ranges: Vec<Range<usize>> = labels
        .iter()
        .map(|(_, label)| range(source, id, label.span))
        .collect();
    let first = ranges.iter().map(|range| range.start).min().unwrap_or(0);
    let last = ranges.iter().map(|range| range.end).max().unwrap_or(0);
    let line = starts
        .partition_point(|start| *start <= first)
        .saturating_sub(1);
    let from = starts.get(line).copied().unwrap_or(0);
    let to = file.text[last..]
        .find('\n')
        .map_or(file.text.len(), |end| last + end);
    let annotations = labels
        .into_iter()
        .zip(ranges)
        .map(|((kind, label), range)| {
            let annotation = kind.span(range.start - from..range.end - from);
            if label.text.is_empty() {
                annotation
            } else {
                annotation.label(label.text.as_str())
            }
        });
    Snippet::source(&file.text[from..to])
        .path(file.path.as_str())
        .line_start(line + 1)
        .annotations(annotations)
}

/// Where the lines of the files begin that diagnostics point into, found once for all of them.
struct Lines(BTreeMap<FileId, Vec<usize>>);

impl Lines {
    fn of(source: &SourceMap, diagnostics: &[Diagnostic]) -> Self {
        let mut files = BTreeMap::new();
        let labels = diagnostics.iter().flat_map(|diagnostic| {
            Some(&diagnostic.primary)
                .into_iter()
                .chain(&diagnostic.related)
        });
        for id in labels.filter_map(|label| source.file_at(label.span.start)) {
            files.entry(id).or_insert_with(|| {
                let newlines = source
                    .file(id)
                    .text
                    .match_indices('\n')
                    .map(|(index, _)| index + 1);
                Some(0).into_iter().chain(newlines).collect()
            });
        }
        Self(files)
    }

    fn starts(&self, id: FileId) -> &[usize] {
        self.0.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Line and column, both from 1, the column in Unicode scalars.
    fn line_column(&self, source: &SourceMap, id: FileId, offset: usize) -> (usize, usize) {
        let starts = self.starts(id);
        let line = starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|index| starts.get(index))
            .copied()
            .unwrap_or(0);
        (
            line.max(1),
            source.file(id).text[start..offset].chars().count() + 1,
        )
    }
}

/// The bytes of a span in its file, on the borders of characters.
fn range(source: &SourceMap, id: FileId, span: Span) -> Range<usize> {
    let file = source.file(id);
    let inside = |position: u32| {
        let offset = (position.saturating_sub(file.start) as usize).min(file.text.len());
        (0..=offset)
            .rev()
            .find(|at| file.text.is_char_boundary(*at))
            .unwrap_or(0)
    };
    let start = inside(span.start);
    start..inside(span.end).max(start)
}

/// The diagnostics as one JSON document: `{"version": 1, "diagnostics": […]}`. Lines and columns begin at 1, columns
/// count Unicode scalars, offsets are bytes of the file.
#[must_use]
pub fn json(source: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let lines = Lines::of(source, diagnostics);
    let entries: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| entry(source, &lines, diagnostic))
        .collect();
    format!(
        "{{\"version\":{JSON_VERSION},\"diagnostics\":[{}]}}\n",
        entries.join(",")
    )
}

fn entry(source: &SourceMap, lines: &Lines, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let related: Vec<String> = diagnostic
        .related
        .iter()
        .map(|label| format!("{{{}}}", place(source, lines, label)))
        .collect();
    format!(
        "{{\"code\":\"{}\",\"severity\":\"{severity}\",\"message\":{},{},\"related\":[{}],\"help\":{},\"suggestion\":{}}}",
        diagnostic.code,
        text(&diagnostic.message),
        place(source, lines, &diagnostic.primary),
        related.join(","),
        optional(diagnostic.help.as_deref()),
        optional(diagnostic.suggestion.as_deref()),
    )
}

fn place(source: &SourceMap, lines: &Lines, label: &Label) -> String {
    let Some(id) = source.file_at(label.span.start) else {
        return format!("\"file\":null,\"label\":{}", text(&label.text));
    };
    let range = range(source, id, label.span);
    let (line, column) = lines.line_column(source, id, range.start);
    let (end_line, end_column) = lines.line_column(source, id, range.end);
    format!(
        "\"file\":{},\"line\":{line},\"column\":{column},\"end_line\":{end_line},\"end_column\":{end_column},\
         \"start\":{},\"end\":{},\"label\":{}",
        text(&source.file(id).path),
        range.start,
        range.end,
        text(&label.text),
    )
}

fn optional(value: Option<&str>) -> String {
    value.map_or_else(|| "null".to_owned(), text)
}

/// A JSON string.
fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
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
