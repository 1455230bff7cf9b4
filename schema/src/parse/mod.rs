//! From the text of one file to its tree. Never stops at the first problem: a broken member or item is reported and the
//! next one read. Knows no other file and no meaning of names; nothing outside of this module knows pest.

mod build;
mod expected;
mod forbidden;
mod grammar;
mod lex;
mod limit;
mod literal;
mod members;
pub mod names;
mod recover;
mod split;
mod strings;
mod trivia;

use crate::ast;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::limits::Limits;
use crate::parse::build::{Ctx, Top};
use crate::span::{FileId, SourceMap, Span};

/// The edition of the language that this parser reads.
pub const EDITION: u64 = 1;

/// Parses a file under the limits of the language.
#[must_use]
pub fn parse(source: &SourceMap, id: FileId) -> (ast::File, Vec<Diagnostic>) {
    parse_within(source, id, &Limits::default())
}

/// Parses a file under limits of the caller.
#[must_use]
pub fn parse_within(
    source: &SourceMap,
    id: FileId,
    limits: &Limits,
) -> (ast::File, Vec<Diagnostic>) {
    let file = source.file(id);
    let (tokens, diagnostics) = lex::lex(&file.text, file.start, limits);
    let mut cx = Ctx {
        text: &file.text,
        base: file.start,
        limits,
        tokens: &tokens,
        trivia: trivia::Cursor::new(&file.text, file.start, &tokens),
        diagnostics,
        broken: false,
    };
    let tops = recover::file(&mut cx);
    let mut tree = assemble(&mut cx, id, tops);
    tree.docs = cx.trivia.file_docs();
    let count = tokens.tokens.len();
    for span in cx.trivia.stray_docs() {
        cx.report(build::stray_doc(span));
    }
    tree.end = cx.trivia.before(count, count);
    check_file_docs(&mut cx, &tree);
    let mut diagnostics = std::mem::take(&mut cx.diagnostics);
    forgive_docs(&cx, &mut diagnostics);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    // A piece that was read twice, as a whole and in parts, was also reported twice.
    diagnostics.dedup();
    if diagnostics
        .iter()
        .any(|diagnostic| diagnostic.code == codes::NEWER_EDITION)
    {
        diagnostics.retain(|diagnostic| diagnostic.code == codes::NEWER_EDITION);
    }
    (tree, diagnostics)
}

/// Docs before something broken document nothing because of that; only those before the end of a body never could.
fn forgive_docs(cx: &Ctx<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if diagnostics
        .iter()
        .all(|diagnostic| diagnostic.code == codes::DANGLING_DOC)
    {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let end = diagnostic.primary.span.end - cx.base;
        let next = cx.tokens.tokens.partition_point(|token| token.start < end);
        diagnostic.code != codes::DANGLING_DOC || matches!(cx.source_at(next), None | Some("}"))
    });
}

fn assemble(cx: &mut Ctx<'_>, id: FileId, tops: Vec<Top>) -> ast::File {
    let length = u32::try_from(cx.text.len()).unwrap_or(u32::MAX);
    let mut file = ast::File {
        id,
        docs: Vec::new(),
        edition: None,
        package: None,
        uses: Vec::new(),
        items: Vec::new(),
        end: ast::Trivia::default(),
        span: Span::new(cx.base, cx.base + length),
    };
    for top in tops {
        match top {
            Top::Edition(edition) => {
                check_edition(cx, &file, &edition);
                file.edition.get_or_insert(edition);
            }
            Top::Package(package) => {
                if file.package.is_some() || !file.uses.is_empty() || !file.items.is_empty() {
                    let help = "one `package` line stands before all `use` lines and items";
                    misplaced(cx, package.span, "package", help);
                }
                file.package.get_or_insert(package);
            }
            Top::Use(line) => {
                if !file.items.is_empty() {
                    misplaced(cx, line.span, "use", "`use` lines stand before all items");
                }
                file.uses.push(line);
            }
            Top::Item(item) => {
                limit::members(cx, &item);
                file.items.push(*item);
            }
        }
    }
    check_package(cx, &file);
    file
}

/// A file without a `package` line that is otherwise good; where something is broken it may be that line.
fn check_package(cx: &mut Ctx<'_>, file: &ast::File) {
    if file.package.is_none() && cx.diagnostics.is_empty() {
        let end = cx.tokens.tokens.first().map_or(0, |token| token.end);
        let start = cx.tokens.tokens.first().map_or(0, |token| token.start);
        let span = Span::new(cx.base + start, cx.base + end);
        let help = "a file begins with the package it belongs to: `package accounts;`";
        cx.report(
            Diagnostic::error(codes::MISSING_PACKAGE, span, "the file names no package").help(help),
        );
    }
}

fn check_edition(cx: &mut Ctx<'_>, file: &ast::File, edition: &ast::Edition) {
    if file.edition.is_some()
        || file.package.is_some()
        || !file.uses.is_empty()
        || !file.items.is_empty()
    {
        misplaced(
            cx,
            edition.span,
            "mag",
            "the edition is the first line of the file, and there once",
        );
    }
    let number = edition.number;
    if number > EDITION {
        let message = format!("this file is written in edition {number} of the language");
        let help = format!(
            "this is version {} of the tool and knows edition {EDITION}; get the newest one with `cargo update -p \
             microagent-build` and `cargo install microagent-cli`",
            env!("CARGO_PKG_VERSION")
        );
        cx.report(Diagnostic::error(codes::NEWER_EDITION, edition.span, message).help(help));
    } else if number == 0 {
        let message = "there is no edition 0 of the language";
        cx.report(
            Diagnostic::error(codes::UNEXPECTED_TOKEN, edition.span, message)
                .help("write `mag 1;`"),
        );
    }
}

fn misplaced(cx: &mut Ctx<'_>, span: Span, word: &str, help: &str) {
    let message = format!("this `{word}` line stands too late");
    cx.report(Diagnostic::error(codes::MISPLACED_HEADER, span, message).help(help));
}

/// `//!` stands before the first `use` line and item.
fn check_file_docs(cx: &mut Ctx<'_>, tree: &ast::File) {
    let uses = tree.uses.iter().map(|line| line.span.start);
    let first = uses
        .chain(tree.items.iter().map(|item| item.span.start))
        .min();
    for doc in &cx.tokens.file_docs {
        let span = Span::new(cx.base + doc.start, cx.base + doc.end);
        if first.is_some_and(|first| first < span.start) {
            let message = "docs of the file stand at its beginning";
            let help = "move it before the first item, or write `///` for docs of the next one";
            cx.diagnostics
                .push(Diagnostic::error(codes::MISPLACED_FILE_DOC, span, message).help(help));
        }
    }
}
