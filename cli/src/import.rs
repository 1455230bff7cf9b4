//! `mag import`: the `signals.json` of the Python library as a `.mag` package. Reads one file and writes one; the modules
//! below are pure.

mod contract;
mod json;
mod text;
mod topics;

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use microagent_schema::case;
use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::format::format;
use microagent_schema::limits::Limits;
use microagent_schema::span::{SourceMap, Span};
use microagent_schema::{Analysis, Input, analyze};

use self::text::{Lines, Said};
use crate::arguments::Import;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::source;

pub(crate) fn run(arguments: &Import, output: &mut Output) -> Result<Exit, Failure> {
    let path = &arguments.file;
    refuse_url(path)?;
    let package = package(arguments)?;
    let json = if path == Path::new("-") {
        source::text(io::stdin().lock(), path)?
    } else {
        source::read(path)?
    };
    let replies = arguments.replies.iter().cloned().collect();
    let said = Said {
        package: &package,
        replies: &replies,
    };
    let mut sources = SourceMap::default();
    sources.add(source::shown(path), json);
    let (mag, problems) = import(&sources, &said);
    output.diagnostics(&problems, &sources)?;
    match (mag, &arguments.out) {
        (None, _) => Ok(Exit::Data),
        (Some(mag), None) => output.answer(&mag).map(|()| Exit::Good),
        (Some(mag), Some(folder)) => create(folder, &package, &mag, output),
    }
}

/// Contracts come from files: what a build or a check sees must not change by itself.
fn refuse_url(path: &Path) -> Result<(), Failure> {
    let text = path.to_string_lossy();
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(());
    };
    let help = if scheme == "file" {
        format!("name the file: `mag import {rest}`")
    } else {
        "fetch it first: `curl -fsS URL | mag import -`".to_owned()
    };
    let message = format!("nothing is read from a URL\n  help: {help}");
    Err(Failure::new(Exit::Usage, message))
}

/// What was asked for, else the name of the file where a package can be called so.
fn package(arguments: &Import) -> Result<String, Failure> {
    let legal = |name: &str| name.split('.').all(case::is_snake);
    match &arguments.package {
        Some(name) if legal(name) => Ok(name.clone()),
        Some(name) => Err(Failure::new(
            Exit::Usage,
            format!(
                "`{name}` is no name of a package\n  help: such as `accounts` or `accounts.v2`"
            ),
        )),
        None => {
            let stem = arguments.file.file_stem().unwrap_or_default();
            let name = case::snake(&stem.to_string_lossy());
            Ok(if legal(&name) {
                name
            } else {
                "signals".to_owned()
            })
        }
    }
}

/// Never over a file that exists: it may hold what was written by hand since.
fn create(folder: &Path, package: &str, mag: &str, output: &mut Output) -> Result<Exit, Failure> {
    let path = folder.join(file(package));
    let within = path.parent().unwrap_or(folder);
    fs::create_dir_all(within).map_err(|error| Failure::create(within, &error))?;
    let mut file = fs::File::create_new(&path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::create(&path, &"it exists already"),
        _ => Failure::create(&path, &error),
    })?;
    file.write_all(mag.as_bytes())
        .map_err(|error| Failure::create(&path, &error))?;
    output.answer(&format!("wrote {}\n", path.display()))?;
    Ok(Exit::Good)
}

/// The place of a package under its include root.
fn file(package: &str) -> String {
    format!("{}.mag", package.replace('.', "/"))
}

/// The `.mag` text of the JSON that is the only source, unless there is an error, and all problems in order.
fn import(sources: &SourceMap, said: &Said<'_>) -> (Option<String>, Vec<Diagnostic>) {
    let file = &sources.files()[0];
    let document = match json::parse(&file.text, file.start) {
        Ok(document) => document,
        Err(problem) => return (None, vec![*problem]),
    };
    let (contract, mut problems) = contract::read(document);
    let (exchanges, found) = topics::exchanges(&contract.queues);
    problems.extend(found);
    let top = Span::new(document.span().start, document.span().start);
    problems.extend(text::unknown_replies(&contract, said, top));
    problems.extend(text::wide_numbers(&contract));
    let lines = text::lines(&contract, &exchanges, said, top);
    let analysis = analyzed(&lines, said.package);
    if !problems.iter().any(is_error) {
        problems.extend(told(&analysis, &lines));
    }
    problems.sort_by_key(|it| (it.primary.span, it.code));
    let good = !problems.iter().any(is_error);
    (good.then(|| format(&analysis.files[0])), problems)
}

fn analyzed(lines: &Lines, package: &str) -> Analysis {
    let input = Input {
        root: 0,
        path: file(package),
        shown: file(package),
        text: Ok(lines.text().into_bytes()),
    };
    analyze(vec![input], &Limits::default())
}

/// What the language says about the text, told about the JSON.
fn told(analysis: &Analysis, lines: &Lines) -> Vec<Diagnostic> {
    let place = |span: Span| {
        let (line, _) = analysis.sources.line_column(span.start);
        let line = lines.0.get(line - 1).or(lines.0.last());
        line.map_or_else(Span::default, |(_, place)| *place)
    };
    let mut found = analysis.diagnostics.clone();
    for diagnostic in &mut found {
        diagnostic.primary.span = place(diagnostic.primary.span);
        for related in &mut diagnostic.related {
            related.span = place(related.span);
        }
    }
    found
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}

#[cfg(test)]
mod tests;
