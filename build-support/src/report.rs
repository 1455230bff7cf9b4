//! Diagnostics as a failed build shows them, and lints as Cargo does. Drawing one is `schema`'s part.

use microagent_schema::Analysis;
use microagent_schema::codes;
use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::render::render;

use crate::error::{Error, ErrorKind};
use crate::sharing::Dependency;

/// All diagnostics in full, with where packages were looked up.
pub(crate) fn failure(analysis: &Analysis, dependencies: &[Dependency]) -> Error {
    let rendered = render(&analysis.sources, &analysis.diagnostics, false);
    let errors = analysis.diagnostics.iter().filter(|one| is_error(one));
    let count = match errors.count() {
        1 => "1 error".to_owned(),
        count => format!("{count} errors"),
    };
    let rendered = rendered.trim_end();
    let mut text = format!("{rendered}\n\n{count} in the schema");
    let mut diagnostics = analysis.diagnostics.iter();
    if diagnostics.any(|diagnostic| diagnostic.code == codes::UNKNOWN_PACKAGE) {
        text.push_str(&looked_up(dependencies));
    }
    Error::new(ErrorKind::Schema, text)
}

/// Where packages of others came from: the usual reason for an unknown one is a missing dependency.
fn looked_up(dependencies: &[Dependency]) -> String {
    let names: Vec<String> = dependencies
        .iter()
        .map(|dependency| format!("`{}`", dependency.contract.name))
        .collect();
    let found = match names.as_slice() {
        [] => "none of them shares one".to_owned(),
        names => format!("those found are of {}", names.join(", ")),
    };
    format!(
        "\n  help: packages of others are found through contract crates under `[dependencies]` of Cargo.toml; {found}"
    )
}

/// One line for each lint, since Cargo takes no more.
pub(crate) fn warnings(analysis: &Analysis) -> Vec<String> {
    let diagnostics = analysis.diagnostics.iter().filter(|one| !is_error(one));
    diagnostics.map(|lint| line(lint, analysis)).collect()
}

fn line(diagnostic: &Diagnostic, analysis: &Analysis) -> String {
    let start = diagnostic.primary.span.start;
    let place = analysis
        .sources
        .file_at(start)
        .map_or_else(String::new, |id| {
            let (line, column) = analysis.sources.line_column(start);
            format!("{}:{line}:{column}: ", analysis.sources.file(id).path)
        });
    let help = match &diagnostic.help {
        Some(help) => format!(" (help: {help})"),
        None => String::new(),
    };
    format!("{place}{} [{}]{help}", diagnostic.message, diagnostic.code)
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

#[cfg(test)]
mod tests {
    use microagent_schema::codes::Code;
    use microagent_schema::span::{SourceMap, Span};

    use super::*;
    use crate::instructions::Instructions;

    #[test]
    fn a_lint_is_a_warning_of_one_line() {
        let mut sources = SourceMap::default();
        sources.add("schema/a.mag", "package a;\nsignal old;\n");
        let span = Span::new(18, 21);
        let lint = Diagnostic::warning(Code(901), span, "`old` is\nunused").help("remove it");
        let analysis = Analysis {
            sources,
            files: Vec::new(),
            model: None,
            diagnostics: vec![Diagnostic::error(Code(1), span, "not a lint"), lint],
        };
        let mut instructions = Instructions::default();
        for line in warnings(&analysis) {
            instructions.warning(&line);
        }
        assert_eq!(
            instructions.to_string(),
            "cargo::warning=schema/a.mag:2:8: `old` is unused [MAG0901] (help: remove it)\n"
        );
    }
}
