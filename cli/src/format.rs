//! `mag fmt`: schemas in the one layout. A file that can't be parsed stays as it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use microagent_build::load::{Root, load};
use microagent_schema::diagnostic::{Diagnostic, Severity};
use microagent_schema::format::format;
use microagent_schema::limits::Limits;
use microagent_schema::parse::parse;
use microagent_schema::span::SourceMap;

use crate::arguments::{Fmt, Sources};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::project::projects;
use crate::source;

pub(crate) fn run(arguments: &Fmt, output: &mut Output) -> Result<Exit, Failure> {
    let stdin = Path::new("-");
    if arguments.paths.iter().any(|path| path == stdin) {
        if arguments.paths.len() > 1 {
            return Err(Failure::new(Exit::Usage, "`-` stands alone"));
        }
        return from_stdin(arguments.check, output);
    }
    let mut exit = Exit::Good;
    for path in files(&arguments.paths)? {
        if !format_file(&path, arguments.check, output)? {
            exit = Exit::Data;
        }
    }
    Ok(exit)
}

fn from_stdin(only_check: bool, output: &mut Output) -> Result<Exit, Failure> {
    let text = source::text(io::stdin().lock(), Path::new("-"))?;
    let Some(formatted) = formatted("standard input", &text, output)? else {
        return Ok(Exit::Data);
    };
    if !only_check {
        output.answer(&formatted)?;
        return Ok(Exit::Good);
    }
    if formatted == text {
        return Ok(Exit::Good);
    }
    output.answer("standard input\n")?;
    Ok(Exit::Data)
}

/// Whether the file is in its layout now, or was before.
fn format_file(path: &Path, only_check: bool, output: &mut Output) -> Result<bool, Failure> {
    let text = source::read(path)?;
    let shown = source::shown(path);
    let Some(formatted) = formatted(&shown, &text, output)? else {
        return Ok(false);
    };
    if formatted == text {
        return Ok(true);
    }
    if only_check {
        output.answer(&format!("{shown}\n"))?;
        return Ok(false);
    }
    fs::write(path, formatted).map_err(|error| Failure::io("write", path, &error))?;
    Ok(true)
}

/// The text in its layout; `None`, with the reasons said, where it can't be parsed.
fn formatted(shown: &str, text: &str, output: &mut Output) -> Result<Option<String>, Failure> {
    let mut sources = SourceMap::default();
    let id = sources.add(shown, text);
    let (file, diagnostics) = parse(&sources, id);
    let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if diagnostics.iter().any(is_error) {
        output.diagnostics(&diagnostics, &sources)?;
        return Ok(None);
    }
    Ok(Some(format(&file)))
}

/// The files that are meant, those of folders in the order of the loader.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    if paths.is_empty() {
        let nothing_named = Sources {
            paths: Vec::new(),
            includes: Vec::new(),
        };
        for project in projects(&nothing_named)? {
            let folders = project.own.iter().map(|root| &root.folder);
            folders.map(|folder| below(folder)).try_for_each(|found| {
                files.extend(found?);
                Ok(())
            })?;
        }
        return Ok(files);
    }
    for path in paths {
        if path.is_dir() {
            files.extend(below(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let root = Root {
        folder: folder.to_owned(),
        shown: source::shown(folder),
        index: 0,
    };
    let loaded = load(&[root], &Limits::default());
    if let Some(input) = loaded.inputs.iter().find(|input| input.text.is_err()) {
        let message = format!("can't read `{}`: `mag check` says why", input.shown);
        return Err(Failure::new(Exit::Io, message));
    }
    Ok(loaded.files)
}
